/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_FAULT_H
#define BARO_DEV_FAULT_H

/*
 * Faults on purpose, in one direction: loss, duplication, corruption, reordering, delay
 * and a rate with a queue, all from a seed. Frames go in at one time and come out
 * at another. The simulated wire is made of two of these; a real port may have one each way.
 */

#include <baro/config.h>
#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

struct env;
struct fault;

/** @env counts what is lost here (PORT_FAULT); @copies come from @pool. @return 0, -ENOMEM */
int
fault_create(const struct baro_fault_config *config, struct env *env, struct rte_mempool *pool,
	struct fault **out);
void
fault_destroy(struct fault *f);

/** Change what happens to frames that enter from now on. */
void
fault_set(struct fault *f, const struct baro_fault_config *config);

/** A frame enters; it belongs to the fault now. */
void
fault_push(struct fault *f, struct rte_mbuf *m, uint64_t now_ns);

/** Frames that are due, in order of their time. @return number, at most @n */
uint16_t
fault_pop(struct fault *f, struct rte_mbuf **pkts, uint16_t n, uint64_t now_ns);

/** When the next frame is due; TIME_NEVER with none. */
uint64_t
fault_next(const struct fault *f);

/** True if the configuration does anything at all. */
bool
fault_is_wanted(const struct baro_fault_config *config);

#endif
