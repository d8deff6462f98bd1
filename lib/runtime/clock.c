/* SPDX-License-Identifier: BSD-3-Clause */

/* The time of one core: measured rate, and the second-by-second comparison. */

#include "runtime/clock.h"

#include <time.h>

enum { READINGS = 5 };

static const uint64_t PERIOD_NS = NS_PER_SEC; /* between comparisons */
static const int64_t STEP_NS = 10000000;      /* behind by more: step forward */

uint64_t
clock_monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* The tightest of a few readings: an interrupt in between would spoil one. */
void
clock_mark_take(struct clock_mark *mark)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < READINGS; i++) {
		uint64_t before = rte_rdtsc();
		uint64_t mono_ns = clock_monotonic_ns();
		uint64_t took = rte_rdtsc() - before;

		if (took < best) {
			best = took;
			*mark = (struct clock_mark){ .tsc = before + took / 2, .mono_ns = mono_ns };
		}
	}
}

/* ns a tick between two marks, times 2^32; 0 when they are too close. */
static uint64_t
measured_rate(const struct clock_mark *from, const struct clock_mark *to)
{
	__extension__ typedef unsigned __int128 wide;
	uint64_t ticks = to->tsc - from->tsc;

	if (to->tsc <= from->tsc || to->mono_ns <= from->mono_ns)
		return 0;
	return (uint64_t)(((wide)(to->mono_ns - from->mono_ns) << 32) / ticks);
}

void
clock_start(struct clock *c, const struct clock_mark *since)
{
	struct clock_mark mark;
	uint64_t rate;

	clock_mark_take(&mark);
	rate = measured_rate(since, &mark);
	if (rate == 0)
		rate = (NS_PER_SEC << 32) / rte_get_tsc_hz();
	*c = (struct clock){
		.base_tsc = mark.tsc,
		.base_ns = mark.mono_ns,
		.rate = rate,
		.due_ns = mark.mono_ns + PERIOD_NS,
		.mark = mark,
	};
}

/*
 * The error is to be gone when the next comparison is due. Within a step's size that changes
 * the rate by 1 %; who is ahead by more (the machine slept, or moved) goes at half speed
 * until the rest has caught up.
 */
static uint64_t
leaning_rate(uint64_t rate, int64_t error_ns)
{
	int64_t lean;

	if (error_ns < -STEP_NS)
		return rate / 2;
	/* a slow TSC of 1 MHz makes a rate of 2^42; errors stay below 2^24 */
	lean = (int64_t)rate / 1024 * error_ns / (int64_t)(PERIOD_NS / 1024);
	return rate + (uint64_t)lean;
}

void
clock_follow(struct clock *c, const struct clock_mark *mark)
{
	uint64_t rate = measured_rate(&c->mark, mark);
	uint64_t now_ns = c->last_ns;
	int64_t error_ns;

	if (rate == 0)
		rate = c->rate;
	/* some machines set the TSC back when they wake up */
	if (mark->tsc >= c->base_tsc)
		now_ns = max_u64(now_ns, clock_at(c, mark->tsc));
	error_ns = (int64_t)(mark->mono_ns - now_ns);
	if (error_ns > STEP_NS) {
		now_ns = mark->mono_ns;
		error_ns = 0;
	}
	c->base_tsc = mark->tsc;
	c->base_ns = now_ns;
	c->rate = leaning_rate(rate, error_ns);
	c->due_ns = now_ns + PERIOD_NS;
	c->mark = *mark;
}
