/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/clock.h"

/* A machine of 2 GHz: half a ns a tick. */
static struct clock
started(void)
{
	return (struct clock){
		.base_tsc = 1000000,
		.base_ns = 5 * NS_PER_SEC,
		.rate = UINT64_C(1) << 31,
		.due_ns = 6 * NS_PER_SEC,
		.last_ns = 5 * NS_PER_SEC,
		.mark = { .tsc = 1000000, .mono_ns = 5 * NS_PER_SEC },
	};
}

/* What both clocks say @ticks later when the TSC is off by @ppm. */
static struct clock_mark
later(uint64_t ticks, int64_t ppm)
{
	int64_t ns = (int64_t)(ticks / 2);

	return (struct clock_mark){
		.tsc = 1000000 + ticks,
		.mono_ns = 5 * NS_PER_SEC + (uint64_t)(ns + ns / 1000000 * ppm),
	};
}

Test(clock, counts_ticks)
{
	struct clock c = started();

	cr_assert_eq(clock_at(&c, 1000000), 5 * NS_PER_SEC);
	cr_assert_eq(clock_at(&c, 1000000 + 2000), 5 * NS_PER_SEC + 1000);
	/* an hour: the product has more than 64 bits */
	cr_assert_eq(clock_at(&c, 1000000 + UINT64_C(7200000000000)), 3605 * NS_PER_SEC);
}

Test(clock, leans_towards_the_kernel)
{
	for (int64_t ppm = -2000; ppm <= 2000; ppm += 500) {
		struct clock c = started();
		uint64_t ticks = 0;
		int64_t error_ns = 0;

		for (int i = 0; i < 5; i++) {
			struct clock_mark mark;
			uint64_t before;

			ticks += 2 * NS_PER_SEC;
			mark = later(ticks, ppm);
			before = clock_at(&c, mark.tsc);
			c.last_ns = before;
			error_ns = (int64_t)(mark.mono_ns - before);
			clock_follow(&c, &mark);
			cr_assert_geq(clock_at(&c, mark.tsc), before, "went back");
		}
		/* the first comparison finds 2 ms at most, the last next to nothing */
		cr_expect_lt(llabs(error_ns), 20000, "%ld ppm: %ld ns off", ppm, error_ns);
	}
}

Test(clock, steps_forward_when_far_behind)
{
	struct clock c = started();
	struct clock_mark mark = later(2 * NS_PER_SEC, 0);

	mark.mono_ns += 3600 * NS_PER_SEC;
	clock_follow(&c, &mark);
	cr_assert_eq(clock_at(&c, mark.tsc), mark.mono_ns);
}

Test(clock, slows_down_when_far_ahead)
{
	struct clock c = started();
	struct clock_mark mark = later(2 * NS_PER_SEC, 0);
	uint64_t before = clock_at(&c, mark.tsc);

	mark.mono_ns -= NS_PER_SEC / 2;
	clock_follow(&c, &mark);
	cr_assert_eq(clock_at(&c, mark.tsc), before);
	cr_assert_lt(c.rate, UINT64_C(1) << 31);
	cr_assert_gt(c.rate, 0);
}

Test(clock, survives_a_tsc_that_was_set_back)
{
	struct clock c = started();
	struct clock_mark mark = { .tsc = 10, .mono_ns = 7 * NS_PER_SEC };

	c.last_ns = 6 * NS_PER_SEC;
	clock_follow(&c, &mark);
	cr_assert_eq(clock_at(&c, 10), 7 * NS_PER_SEC);
	cr_assert_eq(clock_at(&c, 10 + 2000), 7 * NS_PER_SEC + 1000);
}

Test(clock, real_time_goes_by)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	struct clock_mark begin, end;
	struct clock c;
	uint64_t last = 0;

	clock_mark_take(&begin);
	nanosleep(&pause, NULL);
	clock_start(&c, &begin);
	/* two seconds and a bit: comparisons included */
	do {
		uint64_t now = clock_now(&c);

		cr_assert_geq(now, last);
		last = now;
	} while (last - begin.mono_ns < 2200000000);
	clock_mark_take(&end);
	cr_assert_lt(llabs((int64_t)(clock_at(&c, end.tsc) - end.mono_ns)), 1000000);
}
