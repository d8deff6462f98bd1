/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_KIT_COUNTERS_H
#define BARO_KIT_COUNTERS_H

/*
 * Whole-counter equality: these counters moved by so much, and no other moved at all.
 *
 *	struct counters before = counters_of(&env);
 *	... something happens ...
 *	expect_counters(&before, &env, DROPPED(DROP_IP_SHORT, 1), COUNTED(STAT_RX_PACKETS, 1));
 *	expect_no_counter(&before, &env);
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"

struct counters {
	uint64_t drops[DROP_COUNT];
	uint64_t stats[STAT_COUNT];
};

struct counter_move {
	bool is_drop;
	unsigned which;
	uint64_t by; /* 0 ends the list */
};

#define DROPPED(reason, n)      \
	{                       \
		true, reason, n \
	}
#define COUNTED(stat, n)       \
	{                      \
		false, stat, n \
	}

struct counters
counters_of(const struct env *env);

/** Fails the test, naming every counter that moved otherwise, and the line. */
void
counters_compare(const struct counters *before, const struct env *env,
	const struct counter_move *moves, const char *file, unsigned line);

#define expect_counters(before, env, ...)                                                        \
	counters_compare(before, env, (const struct counter_move[]){ __VA_ARGS__, { .by = 0 } }, \
		__FILE__, __LINE__)

#define expect_no_counter(before, env) \
	counters_compare(before, env, &(const struct counter_move){ .by = 0 }, __FILE__, __LINE__)

#endif
