/* SPDX-License-Identifier: BSD-3-Clause */

/* What BBR is for, on the simulated wire: rate in spite of losses, short queues, a fair share. */

#include <criterion/criterion.h>

#include "base/time.h"
#include "sim/transfer.h"

#define MBIT UINT64_C(1000000)

/** 100 Mbit/s, 20 ms there and back: 166 frames fill it. */
static struct transfer_plan
plan(const char *congestion, uint32_t queue)
{
	return (struct transfer_plan){
		.congestion = congestion,
		.wire = { .rate_bps = 100 * MBIT,
			.delay_ns = 10 * NS_PER_MS,
			.queue_frames = queue,
			.seed = 1 },
		.within_ns = 8 * NS_PER_SEC,
		.warm_ns = 2 * NS_PER_SEC,
	};
}

static struct transfer_result
run(const struct transfer_plan *p)
{
	struct transfer_result r;

	cr_assert_eq(transfer_run(p, &r), 0);
	cr_assert(!r.is_wrong);
	return r;
}

static double
mbits(const struct transfer_plan *p, uint64_t octets)
{
	return (double)octets * 8 / ((double)(p->within_ns - p->warm_ns) / 1e9) / 1e6;
}

static double
mbits_of_first(const struct transfer_plan *p)
{
	struct transfer_result r = run(p);

	return mbits(p, r.share[0]);
}

/* L20: losses that mean nothing, and a queue of an eighth of what is in flight. */
Test(sim_bbr, one_percent_of_loss_costs_it_little)
{
	struct transfer_plan bbr = plan("bbr", 20);
	struct transfer_plan cubic = plan("cubic", 20);
	double got;

	bbr.wire.loss_ppm = cubic.wire.loss_ppm = 10000;
	got = mbits_of_first(&bbr);
	cr_assert_geq(got, 65, "%.1f Mbit/s", got);
	got = mbits_of_first(&cubic);
	cr_assert_leq(got, 25, "%.1f Mbit/s: the test shows nothing", got);
}

/* L20: a queue that holds 120 ms is CUBIC's to fill. */
Test(sim_bbr, a_long_queue_stays_short)
{
	struct transfer_plan bbr = plan("bbr", 1000);
	struct transfer_plan cubic = plan("cubic", 1000);
	struct transfer_result r = run(&bbr);

	cr_assert_leq(r.rtt_ns, 25 * NS_PER_MS, "%lu us", r.rtt_ns / NS_PER_US);
	cr_assert_geq(mbits(&bbr, r.share[0]), 90);
	r = run(&cubic);
	cr_assert_geq(
		r.rtt_ns, 60 * NS_PER_MS, "%lu us: the test shows nothing", r.rtt_ns / NS_PER_US);
}

Test(sim_bbr, two_flows_share_fairly)
{
	struct transfer_plan p = plan("bbr", 170);
	struct transfer_result r;

	p.n_flows = 2;
	p.stagger_ns = NS_PER_SEC;
	p.within_ns = 30 * NS_PER_SEC;
	p.warm_ns = 10 * NS_PER_SEC;
	r = run(&p);
	cr_assert_geq(transfer_fairness(&r, 2), 0.9);
	cr_assert_geq(mbits(&p, r.share[0] + r.share[1]), 85);
}

/* L17 L20: neither starves the other, whose queue is a round trip long */
Test(sim_bbr, it_lives_with_cubic)
{
	struct transfer_plan p = plan("cubic", 170);
	struct transfer_result r;
	double cubic;
	double bbr;

	p.other = "bbr";
	p.n_flows = 2;
	p.stagger_ns = NS_PER_SEC;
	p.within_ns = 40 * NS_PER_SEC;
	p.warm_ns = 10 * NS_PER_SEC;
	r = run(&p);
	cubic = mbits(&p, r.share[0]);
	bbr = mbits(&p, r.share[1]);
	cr_assert_geq(cubic, 20, "%.1f of CUBIC, %.1f of BBR", cubic, bbr);
	cr_assert_geq(bbr, 20, "%.1f of CUBIC, %.1f of BBR", cubic, bbr);
	cr_assert_geq(cubic + bbr, 85);
}
