/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * BBR (draft-ietf-ccwg-bbr-06) by its formulas: one sample a round trip, of a way whose rate and
 * round trip the test sets. On the simulated wire: tests/sim/test_bbr.c.
 */

#include <criterion/criterion.h>

#include "base/env.h"
#include "base/slab.h"
#include "tcp/bbr.h"
#include "tcp/cc_change.h"
#include "tcp/cc_window.h"
#include "tcp/sent.h"
#include "tcp/tcp.h"

enum { MSS = 1000 };

#define RATE   UINT64_C(1000000) /* octets a second */
#define RTT    (100 * NS_PER_MS)
#define BDP    (100 * MSS)
#define MARGIN 99 / 100 /* PacingMarginPercent */

static struct {
	struct env env;
	struct tcp tcp;
	struct tcp_conn c;
	uint64_t now_ns;
	uint32_t lost; /* octets, of the round */
	bool is_app_limited;
	bool is_cwnd_limited;
} l;

static struct bbr *
bbr(void)
{
	return l.c.cc_state.block;
}

static void
set_flight(uint32_t octets)
{
	l.c.snd_nxt = seq_add(l.c.snd_una, octets);
}

static void
setup(void)
{
	memset(&l, 0, sizeof(l));
	l.now_ns = 1000 * NS_PER_SEC;
	rand_seed(&l.env.rand, 1);
	cr_assert_eq(slab_init(&l.tcp.cc_blocks, TCP_CC_BLOCK, 1, NULL), 0);
	l.tcp.common.env = &l.env;
	l.tcp.common.cc_blocks = &l.tcp.cc_blocks;
	l.tcp.common.initial_window = 10;
	l.c.tcp = &l.tcp;
	l.c.cc = tcp_cc_find("bbr");
	l.c.flags = TCP_F_SACK;
	l.c.mss = MSS;
	l.c.cwnd = 10 * MSS;
	l.c.ssthresh = UINT32_MAX;
	l.c.srtt_ns = RTT;
	tcp_cc_begin(&l.c, l.now_ns);
	cr_assert_not_null(bbr());
}

static void
teardown(void)
{
	tcp_cc_end(&l.c);
	cr_assert_eq(l.tcp.cc_blocks.n_used, 0);
	slab_fini(&l.tcp.cc_blocks);
}

TestSuite(tcp_bbr, .init = setup, .fini = teardown);

/** Within a thousandth, or the octet that integers cost. */
static void
is_about(uint64_t got, uint64_t want, const char *what)
{
	uint64_t off = got > want ? got - want : want - got;

	cr_assert_leq(off, want / 1000 + 2, "%s is %lu, not %lu", what, got, want);
}

static void
rate_is(uint64_t want)
{
	is_about(l.c.pace_rate, want, "pacing rate");
}

static void
cwnd_is(uint64_t want)
{
	is_about(l.c.cwnd, want, "cwnd");
}

/** A round trip of @rtt_ns in which @rate was delivered ends; @flight is the pipe then. */
static void
round_trip(uint64_t rate, uint64_t rtt_ns, uint32_t flight)
{
	uint32_t acked = (uint32_t)(rate * rtt_ns / NS_PER_SEC);
	struct tcp_cc_sample s = { .acked = acked,
		.rate = rate,
		.rtt_ns = rtt_ns,
		.flight = flight,
		.lost = l.lost,
		.prior_lost = l.lost,
		.prior_flight = acked + l.lost,
		.prior_delivered = l.c.delivered,
		.is_app_limited = l.is_app_limited,
		.is_cwnd_limited = l.is_cwnd_limited };

	l.now_ns += rtt_ns;
	s.now_ns = l.now_ns;
	l.c.delivered += acked;
	l.c.rate_octets = acked;
	set_flight(flight);
	l.c.cc->sampled(&l.c, &s);
	l.lost = 0;
}

/** A segment is found lost that had left with @flight in flight, itself included. */
static void
lose(uint32_t flight)
{
	const struct tcp_sent s = { .seq = seq_add(l.c.snd_una, 2 * l.c.found_lost),
		.len = MSS,
		.rate = { .found_lost = l.c.found_lost - l.lost, .flight = flight } };

	l.lost += MSS;
	l.c.found_lost += MSS;
	l.c.cc->segment_lost(&l.c, &s);
}

/** Startup and Drain are over; the queue is drained, so it does not stay in ProbeBW_DOWN. */
static void
fill_pipe(void)
{
	for (unsigned i = 0; bbr()->state != BBR_DRAIN && i < 20; i++)
		round_trip(RATE, RTT, 2 * BDP);
	cr_assert_eq(bbr()->state, BBR_DRAIN);
	round_trip(RATE, RTT, BDP);
	cr_assert_eq(bbr()->state, BBR_CRUISE);
}

static void
go_on_until(enum bbr_state state, uint32_t flight)
{
	for (unsigned i = 0; bbr()->state != state && i < 100; i++)
		round_trip(RATE, RTT, bbr()->state == BBR_PROBE_RTT ? BDP / 2 : flight);
	cr_assert_eq(bbr()->state, state, "it is in %d", bbr()->state);
}

/* L20: §5.6.2, §5.3.1 */
Test(tcp_bbr, startup_doubles_until_the_rate_grows_no_more)
{
	rate_is(277 * 10 * MSS / 100 * 10); /* cwnd a round trip */
	for (uint64_t rate = 110 * MSS; rate < RATE; rate *= 2) {
		uint32_t was = l.c.cwnd;

		round_trip(rate, RTT, l.c.cwnd);
		rate_is(rate * 277 / 100 * MARGIN);
		cr_assert_eq(l.c.cwnd, was + rate / 10);
		cr_assert_eq(l.c.ssthresh, UINT32_MAX);
	}
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(bbr()->state, BBR_STARTUP);
		round_trip(RATE, RTT, 2 * BDP);
	}
	cr_assert_eq(bbr()->state, BBR_DRAIN);
	rate_is(RATE / 2 * MARGIN);
	cr_assert_leq(l.c.cwnd, 2 * BDP + BDP);
	cr_assert_eq(l.c.ssthresh, l.c.cwnd);
}

Test(tcp_bbr, growth_by_a_quarter_is_growth)
{
	for (uint64_t rate = 100 * MSS; rate < 100 * RATE; rate += rate * 26 / 100)
		round_trip(rate, RTT, BDP);
	cr_assert_eq(bbr()->state, BBR_STARTUP);
}

/* §5.5.4: what the application holds back says nothing */
Test(tcp_bbr, application_limited_rounds_neither_fill_the_pipe_nor_slow_down)
{
	round_trip(RATE, RTT, BDP);
	l.is_app_limited = true;
	for (int i = 0; i < 10; i++)
		round_trip(RATE / 10, RTT, BDP / 10);
	cr_assert_eq(bbr()->state, BBR_STARTUP);
	cr_assert_eq(bbr()->bw, RATE);
	rate_is(RATE * 277 / 100 * MARGIN);
	round_trip(2 * RATE, RTT, BDP);
	cr_assert_eq(bbr()->bw, 2 * RATE, "more than was known is known now");
}

/* §5.3.2: or three rounds, if it does not drain */
Test(tcp_bbr, drain_ends_with_the_queue)
{
	for (int i = 0; i < 4; i++)
		round_trip(RATE, RTT, 2 * BDP);
	cr_assert_eq(bbr()->state, BBR_DRAIN);
	round_trip(RATE, RTT, BDP + 1);
	cr_assert_eq(bbr()->state, BBR_DRAIN);
	round_trip(RATE, RTT, BDP);
	cr_assert_eq(bbr()->state, BBR_CRUISE);
	teardown();
	setup();
	for (int i = 0; i < 7; i++)
		round_trip(RATE, RTT, 2 * BDP);
	cr_assert_eq(bbr()->state, BBR_DRAIN);
	round_trip(RATE, RTT, 2 * BDP);
	cr_assert_eq(bbr()->state, BBR_DOWN);
}

/* L20: §5.6.1: the gains of the cycle, in its order */
Test(tcp_bbr, it_probes_down_cruises_refills_and_probes_up)
{
	uint64_t begin_ns;

	fill_pipe();
	begin_ns = l.now_ns;
	rate_is(RATE * MARGIN);
	go_on_until(BBR_REFILL, BDP);
	cr_assert_geq(l.now_ns - begin_ns, 2 * NS_PER_SEC);
	cr_assert_leq(l.now_ns - begin_ns, 3 * NS_PER_SEC + RTT);
	rate_is(RATE * MARGIN);
	round_trip(RATE, RTT, BDP);
	cr_assert_eq(bbr()->state, BBR_UP);
	rate_is(RATE * 125 / 100 * MARGIN);
	cr_assert_leq(l.c.cwnd, BDP * 225 / 100 + BDP + 2 * MSS);
	for (int i = 0; i < 3; i++)
		round_trip(RATE, RTT, BDP * 5 / 4);
	cr_assert_eq(bbr()->state, BBR_DOWN, "three rounds without more");
	cr_assert_eq(bbr()->inflight_longterm, BBR_INFINITE);
	rate_is(RATE * 90 / 100 * MARGIN);
	round_trip(RATE, RTT, BDP + 1);
	cr_assert_eq(bbr()->state, BBR_DOWN);
	round_trip(RATE, RTT, BDP);
	cr_assert_eq(bbr()->state, BBR_CRUISE);
}

/* §5.5.2: a lower rate is believed after two cycles, of which Startup is the first */
Test(tcp_bbr, the_rate_of_two_cycles_ago_is_forgotten)
{
	fill_pipe();
	while (bbr()->state != BBR_UP)
		round_trip(RATE / 2, RTT, BDP / 4);
	while (bbr()->state == BBR_UP) {
		cr_assert_eq(bbr_max_bw(bbr()), RATE);
		round_trip(RATE / 2, RTT, BDP / 4);
	}
	round_trip(RATE / 2, RTT, BDP / 4);
	cr_assert_eq(bbr_max_bw(bbr()), RATE / 2);
}

/* §5.3.3.8.2: where the way is short, as often as Reno would lose one */
Test(tcp_bbr, small_flows_probe_as_reno_does)
{
	unsigned rounds = 0;

	for (int i = 0; i < 4; i++)
		round_trip(10 * MSS * 100, NS_PER_SEC / 100, 20 * MSS); /* 10 segments a round */
	for (; bbr()->state != BBR_REFILL; rounds++) {
		cr_assert_leq(rounds, 20);
		round_trip(10 * MSS * 100, NS_PER_SEC / 100, 10 * MSS);
	}
	cr_assert_geq(rounds, 9);
	cr_assert_leq(rounds, 13);
}

/* L20: §5.5.10.3 */
Test(tcp_bbr, losses_lower_the_bounds_until_the_next_probe)
{
	uint64_t was;

	fill_pipe();
	lose(BDP);
	round_trip(RATE * 9 / 10, RTT, BDP);
	round_trip(RATE * 9 / 10, RTT, BDP); /* at the end of the round that lost */
	cr_assert_eq(bbr()->bw_shortterm, RATE, "the round had a higher rate, too");
	lose(BDP);
	round_trip(RATE / 2, RTT, BDP);
	round_trip(RATE / 2, RTT, BDP);
	is_about(bbr()->bw_shortterm, RATE * 9 / 10, "bw_shortterm");
	was = bbr()->inflight_shortterm;
	lose(BDP);
	round_trip(RATE / 2, RTT, BDP);
	round_trip(RATE / 2, RTT, BDP);
	is_about(bbr()->bw_shortterm, RATE * 9 / 10 * 7 / 10, "bw_shortterm, by beta at most");
	is_about(bbr()->inflight_shortterm, was * 7 / 10, "inflight_shortterm");
	rate_is(RATE * 63 / 100 * MARGIN);
	cr_assert_leq(l.c.cwnd, bbr()->inflight_shortterm);
	go_on_until(BBR_REFILL, BDP / 2);
	cr_assert_eq(bbr()->bw_shortterm, BBR_INFINITE_RATE);
	cr_assert_eq(bbr()->inflight_shortterm, BBR_INFINITE);
	rate_is(RATE * MARGIN);
}

static void
probe_up(void)
{
	fill_pipe();
	go_on_until(BBR_UP, BDP);
}

/* §5.5.10.2: two percent, and no less */
Test(tcp_bbr, a_probe_that_loses_too_much_is_a_bound)
{
	probe_up();
	for (int i = 0; i < 2; i++) {
		lose(BDP);
		round_trip(RATE, RTT, BDP);
	}
	cr_assert_eq(bbr()->inflight_longterm, BBR_INFINITE, "one of a hundred is borne");
	cr_assert_eq(bbr()->state, BBR_UP);
	for (int i = 0; i < 3; i++)
		lose(BDP + 20 * MSS);
	round_trip(RATE, RTT, BDP + 1);
	cr_assert_eq(bbr()->state, BBR_DOWN);
	/* of 119,000 before it, 2 % are 2,380; 2,000 were lost: 380 / 0.98 more are too many */
	is_about(bbr()->inflight_longterm, 119 * MSS + 387, "inflight_longterm");
	go_on_until(BBR_CRUISE, BDP);
	round_trip(RATE, RTT, BDP);
	cwnd_is(bbr()->inflight_longterm * UINT64_C(85) / 100);
}

/* the bound is never below beta times what is needed */
Test(tcp_bbr, early_losses_of_a_probe_cost_no_more_than_cubics)
{
	probe_up();
	for (int i = 0; i < 3; i++)
		lose(10 * MSS);
	round_trip(RATE, RTT, BDP);
	is_about(bbr()->inflight_longterm, BDP * 7 / 10, "inflight_longterm");
}

/** A probe has found a bound of 120 segments. */
static void
find_bound(void)
{
	probe_up();
	for (int i = 0; i < 3; i++)
		lose(BDP + 20 * MSS);
	round_trip(RATE, RTT, BDP + 1);
	cr_assert_eq(bbr()->state, BBR_DOWN);
}

/* §5.3.3.6: the next probe goes to the bound and waits for word, the one after that beyond */
Test(tcp_bbr, after_a_loss_probes_are_cautious)
{
	uint32_t bound;

	find_bound();
	bound = bbr()->inflight_longterm;
	go_on_until(BBR_UP, BDP);
	round_trip(RATE, RTT, bound);
	cr_assert_eq(bbr()->state, BBR_DOWN);
	round_trip(RATE, RTT, BDP); /* no loss came of it */
	cr_assert_eq(bbr()->state, BBR_REFILL);
	round_trip(RATE, RTT, BDP);
	cr_assert_eq(bbr()->state, BBR_UP);
	round_trip(RATE, RTT, bound);
	cr_assert_eq(bbr()->state, BBR_UP);
}

/* §5.3.3.5: 1, 2, 4, ... segments a round, where the bound is what limits */
Test(tcp_bbr, the_bound_grows_faster_and_faster)
{
	uint32_t was;

	find_bound();
	go_on_until(BBR_UP, BDP);
	round_trip(RATE, RTT, bbr()->inflight_longterm);
	go_on_until(BBR_UP, BDP);
	was = bbr()->inflight_longterm;
	for (uint32_t grown = 0, step = 1; step <= 16; step *= 2) {
		l.is_cwnd_limited = true;
		l.c.cwnd = bbr()->inflight_longterm;
		bbr_reset_full_bw(bbr()); /* as the acknowledgements in between would */
		/* a round is a window acknowledged */
		round_trip(bbr()->inflight_longterm * UINT64_C(10), RTT, BDP);
		grown += step;
		cr_assert_geq(bbr()->inflight_longterm, was + (grown - 1) * MSS);
		cr_assert_leq(bbr()->inflight_longterm, was + 2 * grown * MSS);
		cr_assert_eq(bbr()->state, BBR_UP);
	}
	l.is_cwnd_limited = false;
	was = bbr()->inflight_longterm;
	round_trip(RATE, RTT, BDP);
	cr_assert_eq(bbr()->inflight_longterm, was, "only where it limits");
}

/* §5.3.4 */
Test(tcp_bbr, every_five_seconds_the_flight_shrinks_to_measure_the_round_trip)
{
	uint64_t begin_ns;

	fill_pipe();
	begin_ns = l.now_ns;
	while (bbr()->state != BBR_PROBE_RTT) {
		cr_assert_leq(l.now_ns - begin_ns, 5 * NS_PER_SEC + RTT);
		round_trip(RATE, RTT + 10 * NS_PER_MS, BDP);
	}
	cwnd_is(BDP / 2);
	rate_is(RATE * MARGIN);
	round_trip(RATE, RTT + 10 * NS_PER_MS, BDP); /* the flight is not there yet */
	cr_assert_eq(bbr()->probe_rtt_done_ns, 0);
	round_trip(RATE / 2, RTT + 5 * NS_PER_MS, BDP / 2);
	begin_ns = l.now_ns;
	while (bbr()->state == BBR_PROBE_RTT)
		round_trip(RATE / 2, RTT + 5 * NS_PER_MS, BDP / 2);
	cr_assert_gt(l.now_ns - begin_ns, 200 * NS_PER_MS);
	cr_assert_leq(l.now_ns - begin_ns, 200 * NS_PER_MS + 2 * RTT);
	cr_assert_eq(bbr()->state, BBR_CRUISE);
	cr_assert_eq(bbr()->bw, RATE, "slow samples were on purpose");
	cr_assert_neq(l.c.app_limited, 0);
	/* §5.5.7.2: what has grown longer is believed after 10 s */
	cr_assert_eq(bbr()->min_rtt_ns, RTT);
	begin_ns = l.now_ns;
	while (l.now_ns - begin_ns < 10 * NS_PER_SEC)
		round_trip(RATE, RTT + 10 * NS_PER_MS, BDP / 2);
	cr_assert_gt(bbr()->min_rtt_ns, RTT);
}

/* §5.5.9 */
Test(tcp_bbr, bunches_of_acknowledgements_widen_the_window)
{
	fill_pipe();
	for (int i = 0; i < 20; i++) {
		bool is_bunch = i % 2 != 0;

		/* nothing for a while, then all at once */
		l.now_ns += is_bunch ? 0 : 20 * NS_PER_MS;
		round_trip(RATE, is_bunch ? RTT : 60 * NS_PER_MS, BDP / 2);
	}
	cr_assert_gt(bbr_extra_acked(bbr()), 0);
	cwnd_is(2 * BDP * 6 / 10 + bbr_extra_acked(bbr()));
}

/* §5.6.4.4 */
Test(tcp_bbr, after_recovery_the_window_is_as_it_was)
{
	uint32_t was;

	fill_pipe();
	cr_assert_geq(l.c.cwnd, 2 * BDP - 1);
	l.c.flags |= TCP_F_LOSS;
	l.c.cc->timed_out(&l.c, BDP, true, l.now_ns);
	cr_assert_eq(l.c.cwnd, MSS);
	round_trip(RATE / 100, RTT, MSS);
	cr_assert_leq(l.c.cwnd, 5 * MSS);
	l.c.flags &= ~TCP_F_LOSS;
	round_trip(RATE / 100, RTT, MSS);
	cr_assert_geq(l.c.cwnd, 2 * BDP - 1);
	was = l.c.cwnd;
	l.c.cc->lost(&l.c, BDP, l.now_ns);
	l.c.cwnd = 10 * MSS;
	l.c.cc->recovered(&l.c, l.now_ns);
	cr_assert_eq(l.c.cwnd, was);
}

/* RFC 3168 §6.1.2: a mark is answered like a loss */
Test(tcp_bbr, a_mark_lowers_the_window)
{
	uint32_t was;

	fill_pipe();
	was = l.c.cwnd;
	l.c.cc->marked(&l.c, BDP, l.now_ns);
	cwnd_is(was * UINT64_C(7) / 10);
	round_trip(RATE, RTT, BDP);
	rate_is(RATE * 7 / 10 * MARGIN);
	teardown();
	setup();
	probe_up();
	l.c.cc->marked(&l.c, BDP * 5 / 4, l.now_ns);
	cr_assert_eq(bbr()->state, BBR_DOWN);
	is_about(bbr()->inflight_longterm, BDP * 5 / 4 * 7 / 10, "inflight_longterm");
	teardown();
	setup();
	round_trip(RATE, RTT, BDP);
	l.c.cc->marked(&l.c, BDP, l.now_ns);
	round_trip(RATE, RTT, 2 * BDP);
	cr_assert_eq(bbr()->state, BBR_DRAIN);
}

/* §5.3.1.3: six holes, and more than two percent */
Test(tcp_bbr, startup_ends_when_the_queue_overflows)
{
	for (int holes = 5; holes <= 6; holes++) {
		round_trip(RATE, RTT, 2 * BDP);
		l.c.flags |= TCP_F_RECOVERY;
		for (int i = 0; i < holes; i++)
			lose(2 * BDP);
		round_trip(2 * RATE, RTT, 2 * BDP);
		round_trip(4 * RATE, RTT, 2 * BDP);
		cr_assert_eq(bbr()->state == BBR_STARTUP, holes == 5);
		if (holes == 5) {
			teardown();
			setup();
		}
	}
	cr_assert_neq(bbr()->inflight_longterm, BBR_INFINITE);
}

/* §5.5.11.2: nothing was lost after all */
Test(tcp_bbr, needless_reductions_are_taken_back)
{
	find_bound();
	l.c.cc->undone(&l.c, l.now_ns);
	cr_assert_eq(bbr()->inflight_longterm, BBR_INFINITE);
	cr_assert_eq(bbr()->state, BBR_REFILL, "the probe begins again");
}

/* §5.4.1 */
Test(tcp_bbr, after_a_pause_it_goes_on_at_the_rate_it_had)
{
	probe_up();
	go_on_until(BBR_DOWN, BDP * 5 / 4);
	rate_is(RATE * 90 / 100 * MARGIN);
	l.c.last_sent_ns = l.now_ns;
	l.now_ns += 60 * NS_PER_SEC;
	l.c.cc->idle(&l.c, 60 * NS_PER_SEC);
	rate_is(RATE * MARGIN);
	round_trip(RATE, RTT, BDP);
	cr_assert_neq(bbr()->state, BBR_PROBE_RTT, "the pause has drained the queue");
}

/* §5.6.4.3 */
Test(tcp_bbr, four_segments_are_always_allowed)
{
	for (int i = 0; i < 20; i++)
		round_trip(100, RTT, MSS);
	cr_assert_geq(l.c.cwnd, 4 * MSS);
}

/* One that finds no memory is NewReno's. */
Test(tcp_bbr, without_memory_newreno_takes_its_place)
{
	struct tcp_conn other = { .tcp = &l.tcp, .cc = l.c.cc, .mss = MSS };
	uint32_t index;

	while (slab_get(&l.tcp.cc_blocks, &index) != NULL)
		;
	tcp_cc_begin(&other, l.now_ns);
	cr_assert_str_eq(other.cc->name, "newreno");
	l.tcp.cc_blocks.n_used = 1; /* the others vanish with the slab */
}

/* Whoever takes over a recovery has an ssthresh to end it at. */
Test(tcp_bbr, algorithms_change_in_the_middle)
{
	fill_pipe();
	l.c.state = TCP_ST_ESTABLISHED;
	l.c.rto_ns = NS_PER_SEC;
	l.c.flags |= TCP_F_RECOVERY;
	l.c.cwnd = BDP;
	set_flight(BDP);
	tcp_cc_change(&l.c, tcp_cc_find("cubic"), l.now_ns);
	cr_assert_eq(l.tcp.cc_blocks.n_used, 0);
	cr_assert_eq(l.c.ssthresh, BDP * 7 / 10);
	cr_assert_eq(l.c.pace_rate, 0, "pacing was BBR's");
	l.c.flags &= ~TCP_F_RECOVERY;
	tcp_cc_change(&l.c, tcp_cc_find("bbr"), l.now_ns);
	cr_assert_eq(bbr()->state, BBR_STARTUP);
	cr_assert_neq(l.c.pace_rate, 0);
	go_on_until(BBR_DRAIN, 2 * BDP);
	tcp_cc_change(&l.c, tcp_cc_find("newreno"), l.now_ns);
	cr_assert_eq(l.c.ssthresh, l.c.cwnd, "it begins with congestion avoidance");
	tcp_cc_change(&l.c, tcp_cc_find("newreno"), l.now_ns);
	l.c.cc = tcp_cc_find("bbr");
	l.c.cc_state.block = NULL;
}

/* Nor does a connection that is over keep anything for the algorithm it had, or begin with another. */
Test(tcp_bbr, algorithms_change_when_all_is_over)
{
	l.c.state = TCP_ST_CLOSED;
	tcp_cc_change(&l.c, tcp_cc_find("newreno"), l.now_ns);
	cr_assert_eq(l.tcp.cc_blocks.n_used, 0);
	l.c.cc_state.newreno.acked = MSS;
	tcp_cc_change(&l.c, tcp_cc_find("bbr"), l.now_ns);
	cr_assert_null(bbr());
}
