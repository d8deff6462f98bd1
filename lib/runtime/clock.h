/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_CLOCK_H
#define BARO_RUNTIME_CLOCK_H

/*
 * The time of one core: CLOCK_MONOTONIC by way of the TSC, which costs half as much. The TSC's
 * rate is measured, not believed (rte_get_tsc_hz() is rounded, here 0.15 % off), and
 * followed: every second the clock compares itself with the kernel's and leans towards it.
 * It never goes back.
 */

#include <rte_cycles.h>
#include <stdint.h>

#include "base/check.h"
#include "base/time.h"

/** A reading of both clocks at one moment. */
struct clock_mark {
	uint64_t tsc;
	uint64_t mono_ns;
};

struct clock {
	/* now = base_ns + (tsc - base_tsc) * rate / 2^32 */
	uint64_t base_tsc;
	uint64_t base_ns;
	uint64_t rate;    /* ns a tick, times 2^32 */
	uint64_t due_ns;  /* when to compare again */
	uint64_t last_ns; /* what clock_now() said last */
	struct clock_mark mark;
};

/** CLOCK_MONOTONIC, by the kernel; for any thread. */
uint64_t
clock_monotonic_ns(void);

void
clock_mark_take(struct clock_mark *mark);

/** @since  taken some time ago: the longer, the better the first rate; 10 ms are enough */
void
clock_start(struct clock *c, const struct clock_mark *since);

/** Lean towards CLOCK_MONOTONIC, read in @mark. clock_now() does it by itself. */
void
clock_follow(struct clock *c, const struct clock_mark *mark);

static inline uint64_t
clock_at(const struct clock *c, uint64_t tsc)
{
	__extension__ typedef unsigned __int128 wide;

	return c->base_ns + (uint64_t)(((wide)(tsc - c->base_tsc) * c->rate) >> 32);
}

/** CLOCK_MONOTONIC in ns, never less than the last time. */
static inline uint64_t
clock_now(struct clock *c)
{
	uint64_t tsc = rte_rdtsc();
	uint64_t now_ns = clock_at(c, tsc);
	struct clock_mark mark;

	if (unlikely(now_ns >= c->due_ns || tsc < c->base_tsc)) {
		clock_mark_take(&mark);
		clock_follow(c, &mark);
		now_ns = c->base_ns;
	}
	c->last_ns = now_ns;
	return now_ns;
}

#endif
