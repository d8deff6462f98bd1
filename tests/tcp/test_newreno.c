/* SPDX-License-Identifier: BSD-3-Clause */
/* NewReno, and what all algorithms that go by losses share. */

#include "growth.h"
#include "tcp/cc_window.h"

/* L01: RFC 6928: ten segments, but not ten large ones */
Test(tcp_newreno, initial_window_is_fourteen_thousand_octets_or_two_segments)
{
	static const struct {
		uint16_t mss;
		uint32_t setting;
		uint32_t want;
	} rows[] = { { 536, 10, 5360 }, { 1460, 10, 14600 }, { 4000, 10, 14600 },
		{ 8948, 10, 17896 }, { 1460, 2, 2920 }, { 8948, 1, 8948 }, { 1460, 32, 46720 } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cc_lab *l = cc_lab("newreno", 10 * MSS, 50 * NS_PER_MS);

		l->c.mss = rows[i].mss;
		l->tcp.common.initial_window = rows[i].setting;
		cr_assert_eq(cc_initial_window(&l->c), rows[i].want, "row %u", i);
	}
}

/* L02: RFC 5681 §3.1 */
Test(tcp_newreno, window_doubles_then_grows_by_a_segment_a_round_trip)
{
	struct cc_lab *l = cc_lab("newreno", 10 * MSS, 50 * NS_PER_MS);

	l->c.ssthresh = 80 * MSS;
	for (uint32_t cwnd = 20; cwnd <= 80; cwnd *= 2) {
		cc_round(l);
		cr_assert_eq(l->c.cwnd, cwnd * MSS);
	}
	for (uint32_t n = 1; n <= 10; n++) {
		cc_round(l);
		cr_assert_leq(l->c.cwnd, (80 + n) * MSS);
		cr_assert_geq(l->c.cwnd, (79 + n) * MSS);
	}
}

/* L02: RFC 3465 §2.3 counts two segments; receivers that put segments together acknowledge many at once */
Test(tcp_newreno, an_acknowledgement_counts_for_what_it_covers)
{
	static const struct {
		bool with_hystart;
		bool is_after_timeout;
		uint32_t want;
	} rows[] = { { false, false, 2 }, { false, true, 1 }, { true, false, 30 },
		{ true, true, 1 } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cc_lab *l = cc_lab("newreno", 50 * MSS, 50 * NS_PER_MS);

		l->tcp.common.with_hystart = rows[i].with_hystart;
		l->c.flags = rows[i].is_after_timeout ? TCP_F_LOSS : 0;
		cc_ack(l, 30 * MSS);
		cr_assert_eq(l->c.cwnd, (50 + rows[i].want) * MSS, "row %u", i);
	}
}

/* L18: RFC 3465 §2: an acknowledgement in many pieces is worth as much as in one */
Test(tcp_newreno, division_of_acknowledgements_earns_nothing)
{
	static const char *const names[] = { "newreno", "cubic" };

	for (int i = 0; i < 4; i++) {
		uint32_t ssthresh = i / 2 == 0 ? UINT32_MAX : 20 * MSS;
		uint32_t cwnd[2];

		for (int is_divided = 0; is_divided < 2; is_divided++) {
			struct cc_lab *l = cc_lab(names[i % 2], 20 * MSS, 50 * NS_PER_MS);

			l->c.ssthresh = ssthresh;
			for (int n = 0; n < (is_divided ? 20 * 10 : 20); n++)
				cc_ack(l, is_divided ? MSS / 10 : MSS);
			cwnd[is_divided] = l->c.cwnd;
		}
		cr_assert_leq(cwnd[1], cwnd[0], "%s", names[i % 2]);
	}
}

/* L04: RFC 5681 §3.1 equation 4, and §3.5: a time-out leaves one segment */
Test(tcp_newreno, a_loss_halves)
{
	struct cc_lab *l = cc_lab("newreno", 100 * MSS, 50 * NS_PER_MS);

	cc_lose(l);
	cr_assert_eq(l->c.cwnd, 50 * MSS);
	l->c.cc->timed_out(&l->c, 50 * MSS, true, l->now_ns);
	cr_assert_eq(l->c.cwnd, MSS);
	cr_assert_eq(l->c.ssthresh, 25 * MSS);
	l->c.cwnd = 40 * MSS;
	l->tcp.common.with_abe = true;
	l->c.cc->marked(&l->c, 40 * MSS, l->now_ns);
	cr_assert_eq(l->c.cwnd, 32 * MSS, "RFC 8511 §3.1");
}

/* L03: RFC 2861 §3.2: what was not used for a time-out's length goes by halves, not below IW */
Test(tcp_newreno, unused_window_shrinks)
{
	struct cc_lab *l = cc_lab("newreno", 100 * MSS, 50 * NS_PER_MS);

	l->c.ssthresh = 90 * MSS;
	l->is_idle = true;
	for (int i = 0; i < 4; i++) {
		l->now_ns += 45 * NS_PER_MS;
		cc_ack(l, MSS);
	}
	cr_assert_eq(l->c.cwnd, 100 * MSS, "not yet");
	l->now_ns += 50 * NS_PER_MS;
	cc_ack(l, MSS);
	cr_assert_eq(l->c.cwnd, 55 * MSS, "halfway to the initial window");
	cr_assert_eq(l->c.ssthresh, 90 * MSS);
	for (int i = 0; i < 500; i++) {
		l->now_ns += 50 * NS_PER_MS;
		cc_ack(l, MSS);
	}
	cr_assert_leq(l->c.cwnd, 11 * MSS);
	cr_assert_geq(l->c.cwnd, 10 * MSS);
}

Test(tcp_newreno, a_window_in_use_does_not_shrink)
{
	struct cc_lab *l = cc_lab("newreno", 100 * MSS, 50 * NS_PER_MS);

	for (int i = 0; i < 100; i++) {
		l->now_ns += 50 * NS_PER_MS;
		l->is_idle = i % 4 != 0;
		l->c.ssthresh = l->c.cwnd;
		cc_ack(l, MSS);
	}
	cr_assert_geq(l->c.cwnd, 100 * MSS);
}

/* L03: RFC 5681 §4.1, RFC 2861 §3.2 */
Test(tcp_newreno, a_pause_leads_back_to_the_initial_window)
{
	struct cc_lab *l = cc_lab("newreno", 100 * MSS, 50 * NS_PER_MS);

	l->c.ssthresh = 50 * MSS;
	l->c.cc->idle(&l->c, 199 * NS_PER_MS);
	cr_assert_eq(l->c.cwnd, 100 * MSS);
	l->c.cc->idle(&l->c, 201 * NS_PER_MS);
	cr_assert_eq(l->c.cwnd, 10 * MSS);
	cr_assert_eq(l->c.ssthresh, 75 * MSS, "slow start goes most of the way");
	l->c.cwnd = 3 * MSS;
	l->c.cc->idle(&l->c, 201 * NS_PER_MS);
	cr_assert_eq(l->c.cwnd, 3 * MSS, "it gives nothing");
}

/* L02: RFC 9406: slow start ends before the queue overflows, slowly at first */
Test(tcp_newreno, slow_start_ends_when_round_trips_grow)
{
	static const char *const names[] = { "newreno", "cubic" };

	for (int i = 0; i < 2; i++) {
		struct cc_lab *l = cc_lab(names[i], 10 * MSS, 50 * NS_PER_MS);
		uint32_t was;

		l->tcp.common.with_hystart = true;
		cc_rounds(l, 4);
		cr_assert_eq(l->c.cwnd, 160 * MSS);
		l->rtt_ns = 60 * NS_PER_MS;
		for (int round = 0; round < 6; round++) { /* a first one finds out */
			was = l->c.cwnd;
			cc_round(l);
			cr_assert_eq(l->c.ssthresh == UINT32_MAX, round < 5);
			if (round > 1)
				cr_assert_leq(l->c.cwnd, was + was / 4);
		}
		was = l->c.cwnd;
		cr_assert_geq(was, 300 * MSS);
		cc_round(l);
		cr_assert_leq(l->c.cwnd, was + 2 * MSS, "congestion avoidance");
		l = cc_lab(names[i], 10 * MSS, 50 * NS_PER_MS);
		cc_rounds(l, 4);
		l->rtt_ns = 60 * NS_PER_MS;
		cc_rounds(l, 5);
		cr_assert_eq(l->c.cwnd, 5120 * MSS, "not if it is not wanted");
	}
}
