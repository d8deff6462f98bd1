/* SPDX-License-Identifier: BSD-3-Clause */
/* Pacing: octets in any interval, wake-ups, rates that follow the window. */

#include "story.h"
#include "tcp/pace.h"

enum { MSS = 1460, N_SENT = 4000 };

#define TICK (UINT64_C(1) << WHEEL_TICK_BITS)

struct greedy {
	struct tcp tcp; /* settings; all else is 0 */
	struct tcp_cc cc;
	struct tcp_conn c;
	uint64_t at_ns[N_SENT];
};

static struct greedy *
greedy(bool is_paced)
{
	static struct greedy g;

	memset(&g, 0, sizeof(g));
	g.tcp.common.with_pacing = is_paced;
	g.c.tcp = &g.tcp;
	g.c.cc = &g.cc;
	g.c.mss = MSS;
	g.c.cwnd = 100 * MSS;
	g.c.ssthresh = UINT32_MAX;
	return &g;
}

static uint64_t
quantum(uint64_t rate)
{
	uint64_t most = min_u64(rate / 1000, 64 * 1024);

	return max_u64(max_u64(most, rate * 2 * TICK / NS_PER_SEC), 2 * MSS);
}

/** It sends all that it may, and is woken up to a tick late, now and then much later. */
static void
send_greedily(struct greedy *g, uint64_t seed, bool has_pauses)
{
	struct rand r;
	uint64_t now = NS_PER_SEC;

	rand_seed(&r, seed);
	for (int i = 0; i < N_SENT; i++) {
		while (!pace_lets(&g->c, now)) {
			now = pace_due_ns(&g->c) + rand_below(&r, TICK);
			if (has_pauses && rand_below(&r, 50) == 0)
				now += rand_below(&r, 50000000);
		}
		pace_sent(&g->c, MSS, now);
		g->at_ns[i] = now;
	}
}

/** The claim of pace.h, for every interval that begins and ends with a segment. */
static void
check_intervals(const struct greedy *g, uint64_t rate)
{
	for (int i = 0; i < N_SENT; i++) {
		for (int j = i + 1; j < N_SENT; j += 1 + (j - i) / 16) {
			uint64_t octets = (uint64_t)(j - i + 1) * MSS;
			uint64_t t = g->at_ns[j] - g->at_ns[i];

			cr_assert_leq(octets,
				(uint64_t)((double)rate * (double)t / 1e9) + quantum(rate) + MSS +
					1,
				"%lu octets in %lu ns at %lu", octets, t, rate);
		}
	}
}

Test(tcp_pace, no_interval_has_more_than_rate_and_quantum)
{
	static const uint64_t rates[] = { 2000, 125000, 12500000, 125000000, 1250000000,
		12500000000 };

	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		for (int has_pauses = 0; has_pauses < 2; has_pauses++) {
			struct greedy *g = greedy(false);

			pace_limit(&g->c, rates[i]);
			send_greedily(g, i + 1, has_pauses);
			check_intervals(g, rates[i]);
		}
	}
}

/* late timers cost no rate: the quantum takes them up */
Test(tcp_pace, rate_is_reached_though_timers_are_late)
{
	static const uint64_t rates[] = { 125000, 12500000, 125000000, 1250000000, 12500000000 };

	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct greedy *g = greedy(false);
		uint64_t span;
		double got;

		pace_limit(&g->c, rates[i]);
		send_greedily(g, i + 1, false);
		span = g->at_ns[N_SENT - 1] - g->at_ns[0];
		got = (double)N_SENT * MSS * 1e9 / (double)span;
		cr_assert_geq(got, 0.99 * (double)rates[i], "%.0f of %lu", got, rates[i]);
	}
}

Test(tcp_pace, a_pause_earns_no_more_than_the_quantum)
{
	struct greedy *g = greedy(false);
	unsigned n = 0;

	pace_limit(&g->c, 12500000); /* 100 Mbit/s: 12500 octets a millisecond */
	pace_sent(&g->c, MSS, NS_PER_SEC);
	for (; pace_lets(&g->c, 3600 * NS_PER_SEC); n++)
		pace_sent(&g->c, MSS, 3600 * NS_PER_SEC);
	cr_assert_eq(n, 12500 / MSS + 1);
}

/* The congestion window a round trip, twice in slow start: then it doubles in that time. */
Test(tcp_pace, rate_follows_the_window_if_wanted)
{
	struct greedy *g = greedy(true);

	pace_follow(&g->c);
	cr_assert_eq(g->c.pace_rate, 0, "no round trip yet");
	g->c.srtt_ns = 100 * NS_PER_MS;
	pace_follow(&g->c);
	cr_assert_eq(g->c.pace_rate, 2 * 10 * 100 * MSS);
	g->c.ssthresh = g->c.cwnd;
	pace_follow(&g->c);
	cr_assert_eq(g->c.pace_rate, 12 * 100 * MSS);
	g->cc.wants_pacing = true;
	g->c.cwnd = 5 * MSS;
	pace_follow(&g->c);
	cr_assert_eq(g->c.pace_rate, 12 * 100 * MSS, "the algorithm's own matter");
	g = greedy(false);
	g->c.srtt_ns = 100 * NS_PER_MS;
	pace_follow(&g->c);
	cr_assert_eq(g->c.pace_rate, 0);
}

Test(tcp_pace, application_may_limit_the_rate)
{
	struct greedy *g = greedy(true);

	g->c.srtt_ns = 100 * NS_PER_MS;
	pace_limit(&g->c, 1000000);
	cr_assert_eq(g->c.pace_rate, 1000000, "less than cwnd would make");
	pace_limit(&g->c, 100000000);
	cr_assert_eq(g->c.pace_rate, 2 * 10 * 100 * MSS, "cwnd makes less");
	pace_limit(&g->c, 0);
	cr_assert_eq(g->c.pace_rate, 2 * 10 * 100 * MSS);
	g = greedy(false);
	pace_limit(&g->c, 1000000);
	pace_follow(&g->c);
	cr_assert_eq(g->c.pace_rate, 1000000);
	pace_limit(&g->c, 0);
	cr_assert_eq(g->c.pace_rate, 0, "as fast as it likes again");
	g->cc.wants_pacing = true;
	pace_limit(&g->c, 1000000);
	pace_set(&g->c, 5000000);
	cr_assert_eq(g->c.pace_rate, 1000000, "whoever asks");
	pace_set(&g->c, 1);
	cr_assert_geq(g->c.pace_rate, 100, "a segment in finite time");
}

/** A connection in which a round trip takes 100 ms, cwnd is ten segments, and all is paced. */
static void
begin_paced(struct lab *l)
{
	story_begin(l, &(struct baro_config){ .tcp.pacing = BARO_ON, .tcp.snd_buf = 1 << 20 },
		LAB_PLAIN);
	lab_tcp(l)->srtt_ns = 100 * NS_PER_MS;
	lab_tcp(l)->ssthresh = 10 * MSS;
	pace_follow(lab_tcp(l));
	cr_assert_eq(lab_tcp(l)->pace_rate, 12 * 10 * MSS);
}

/* 120 segments a second: three at once, the next after 8.33 ms each */
Test(tcp_pace, timer_wakes_the_sender_when_a_segment_may_leave)
{
	const uint64_t gap = NS_PER_SEC / 120;
	uint64_t first;
	struct lab l;

	begin_paced(&l);
	lab_write(&l, 8 * MSS);
	first = l.now_ns;
	cr_assert_eq(lab_pending(&l), 3, "two, and the one that ends their time");
	for (unsigned i = 0; i < 3; i++)
		lab_sends(&l, SEG(ACK, .seq = 1 + i * MSS, .ack = 1, .len = MSS));
	lab_run_ms(&l, 100);
	for (unsigned i = 3; i < 8; i++) {
		if (i < 7)
			lab_sends(&l, SEG(ACK, .seq = 1 + i * MSS, .ack = 1, .len = MSS));
		else
			lab_sends(&l, SEG(PSH, .seq = 1 + i * MSS, .ack = 1, .len = MSS));
		cr_assert_geq(l.last_at_ns - first, (i - 2) * gap - 100);
		cr_assert_leq(l.last_at_ns - first, (i - 2) * gap + TICK);
	}
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 8 * MSS));
	lab_run_ms(&l, 1000);
	story_end(&l);
}

/* What is sent again keeps to the rate, too. */
Test(tcp_pace, retransmissions_are_paced)
{
	struct lab l;

	begin_paced(&l);
	lab_write(&l, 8 * MSS);
	lab_run_ms(&l, 100);
	lab_skip_all(&l);
	sent_mark_all_lost(lab_tcp(&l));
	lab_poll(&l);
	tcp_ready(&l.core->stack.tcp, lab_tcp(&l));
	lab_poll(&l);
	cr_assert_eq(lab_pending(&l), 3);
	lab_run_ms(&l, 9);
	cr_assert_eq(lab_pending(&l), 4);
	lab_skip_all(&l);
	story_end_clean(&l);
}
