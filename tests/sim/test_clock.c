/* SPDX-License-Identifier: BSD-3-Clause */

/* Virtual time: it jumps, it is exact, and a run ends. */

#include <time.h>

#include "sim/pair.h"

static struct pair p;

/* A timer that counts. */
struct ticker {
	struct baro_timer timer; /* first */
	struct baro_core *core;
	uint64_t every_ns;
	uint64_t n;
	uint64_t last_ns;
};

static void
tick(struct baro_timer *t, uint64_t now_ns)
{
	struct ticker *ticker = (struct ticker *)t;

	ticker->n++;
	ticker->last_ns = now_ns;
	if (ticker->every_ns != TIME_NEVER)
		baro_timer_start(ticker->core, t, now_ns + ticker->every_ns);
}

Test(sim_clock, a_run_reaches_its_end_and_takes_both_cores_along)
{
	struct ticker t = { .timer = { .fire = tick }, .every_ns = NS_PER_SEC };

	pair_open(&p, NULL, 1);
	t.core = p.core[0];
	baro_timer_start(t.core, &t.timer, NS_PER_SEC);
	cr_expect_eq(baro_sim_run(p.sim, 0, 10 * NS_PER_SEC + 123), 10 * NS_PER_SEC + 123);
	cr_expect_geq(t.n, 9);
	cr_expect_eq(baro_core_now(p.core[0]), 10 * NS_PER_SEC + 123);
	cr_expect_eq(baro_core_now(p.core[1]), 10 * NS_PER_SEC + 123);
	baro_timer_stop(t.core, &t.timer);
	pair_close(&p);
}

Test(sim_clock, a_run_ends_early_when_nothing_is_left)
{
	struct ticker t = { .timer = { .fire = tick }, .every_ns = TIME_NEVER };
	uint64_t end_ns;

	pair_open(&p, NULL, 1);
	end_ns = baro_sim_run(p.sim, 5, 3600 * NS_PER_SEC);
	cr_expect_lt(end_ns, 3600 * NS_PER_SEC);
	cr_expect_eq(p.n_frames[0], 2, "the address announced twice (RFC 5227 §1.1)");
	cr_expect_eq(p.n_frames[1], 2);
	baro_timer_start(p.core[1], &t.timer, end_ns + 77 * NS_PER_MS);
	end_ns = baro_sim_run(p.sim, end_ns, end_ns + 3600 * NS_PER_SEC);
	cr_expect_eq(t.n, 1);
	cr_expect_geq(end_ns, t.last_ns);
	pair_close(&p);
}

Test(sim_clock, an_hour_costs_next_to_nothing)
{
	struct ticker t = { .timer = { .fire = tick }, .every_ns = 10 * NS_PER_SEC };
	struct timespec begin;
	struct timespec end;

	pair_open(&p, NULL, 1);
	t.core = p.core[0];
	baro_timer_start(t.core, &t.timer, 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	pair_run(&p, 3600 * NS_PER_SEC);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	cr_expect_geq(t.n, 359);
	cr_expect_leq(t.n, 361);
	cr_expect_lt((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000,
		100, "ms of CPU");
	baro_timer_stop(t.core, &t.timer);
	pair_close(&p);
}

Test(sim_clock, a_core_that_is_never_done_does_not_stop_time)
{
	struct ticker t = { .timer = { .fire = tick }, .every_ns = 0 };

	pair_open(&p, NULL, 1);
	t.core = p.core[0];
	baro_timer_start(t.core, &t.timer, 0);
	pair_run(&p, NS_PER_SEC);
	cr_expect_gt(t.n, 1000);
	cr_expect_eq(baro_core_now(p.core[1]), NS_PER_SEC);
	baro_timer_stop(t.core, &t.timer);
	pair_close(&p);
}

static uint64_t n_returned;

static void
return_datagram(struct baro_udp *u, const struct baro_datagram *d)
{
	n_returned++;
	baro_udp_send(u, &d->from, &d->to, d->data, d->len);
}

Test(sim_clock, two_cores_that_answer_each_other_without_delay_do_not_stop_time)
{
	struct baro_endpoint ep = { .port = 7 };
	struct baro_udp *u[2];

	pair_open(&p, NULL, 1);
	for (int end = 0; end < 2; end++)
		cr_assert_eq(baro_udp_open(p.core[end], &ep, return_datagram, NULL, &u[end]), 0);
	ep.addr = p.addr[1];
	cr_assert_eq(baro_udp_send(u[0], &ep, NULL, "ball", 4), 0);
	pair_run(&p, 100 * NS_PER_MS);
	cr_expect_gt(n_returned, 1000);
	baro_udp_close(u[0]);
	baro_udp_close(u[1]);
	pair_run(&p, NS_PER_MS);
	pair_close(&p);
}
