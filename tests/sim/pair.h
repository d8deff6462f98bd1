/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_SIM_PAIR_H
#define TESTS_SIM_PAIR_H

/*
 * Two cores joined by a simulated wire: 198.18.0.1 at end 0, 198.18.0.2 at end 1. What
 * enters the wire is counted and hashed, times included: equal hashes are equal runs.
 */

#include <baro/baro.h>
#include <criterion/criterion.h>

#include "base/check.h"
#include "base/time.h"

struct pair {
	struct baro_sim *sim;
	struct baro_core *core[2];
	struct baro_port *port[2];
	struct baro_addr addr[2];
	uint64_t now_ns;

	uint64_t n_frames[2]; /* that entered the wire at this end */
	uint64_t n_octets[2];
	uint64_t last_ns[2]; /* when the last one did */
	uint64_t trace;
};

/** Both ways @fault (NULL: none); both cores seeded with @seed, 1 at least. */
void
pair_open(struct pair *p, const struct baro_fault_config *fault, uint64_t seed);

/** The same with a configuration of the cores. */
void
pair_open_with(
	struct pair *p, const struct baro_fault_config *fault, const struct baro_config *config);

/** Fails the test if buffers or connections are still in use. */
void
pair_close(struct pair *p);

/** Run on for so long; the time is in p->now_ns. */
void
pair_run(struct pair *p, uint64_t for_ns);

/** Run until *@flag is not 0, at most for so long. @return whether it became so */
bool
pair_run_until(struct pair *p, const int *flag, uint64_t for_ns);

/** The counter named so, of a core. */
uint64_t
pair_count(const struct pair *p, int end, const char *name);

#endif
