/* SPDX-License-Identifier: BSD-3-Clause */
/* RACK, RFC 8985 §6: losses by time. */

#include "peer.h"

enum { MSS = 1460, RTT_MS = 40 };

#define FULL(i) SEG(ACK, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS)
#define AT(i)   (1 + (i)*MSS)
#define HAS(i, j)            \
	{                    \
		AT(i), AT(j) \
	}
#define GOT(n, ...) \
	SEG(ACK, .seq = 1, .ack = AT(n), .n_sack = N_BLOCKS(__VA_ARGS__), .sack = { __VA_ARGS__ })
#define N_BLOCKS(...) (sizeof((uint32_t[][2]){ __VA_ARGS__ }) / sizeof(uint32_t[2]))

/** The round trip is known to be RTT_MS; segments 0 to @n - 1 are in flight, sent just now. */
static void
in_flight(struct lab *l, uint32_t n)
{
	const struct baro_config config = {
		.tcp = { .snd_buf = 1 << 20, .initial_window = 30, .rto_min_ns = NS_PER_SEC }
	};

	story_begin(l, &config, LAB_WITH_SACK);
	story_round_trip(l, RTT_MS, 1000);
	lab_write(l, n * MSS);
	cr_assert_eq(lab_pending(l), n);
	lab_skip_all(l);
}

/** The way has been seen to reorder. */
static void
reorders(struct lab *l)
{
	lab_tcp(l)->loss.is_reordering_seen = true;
}

static void
end_unfinished(struct lab *l)
{
	lab_skip_all(l);
	lab_dropped_nothing(l);
	story_end_clean(l);
}

/** The next segment leaves after @ms, and not before. */
static void
sends_after(struct lab *l, uint32_t ms, const struct lab_seg *seg)
{
	lab_run_ms(l, ms - 1);
	lab_sends_nothing(l);
	lab_run_ms(l, 2);
	lab_sends(l, seg);
	lab_sends_nothing(l);
}

/* L11: one later segment delivered, a quarter of min_rtt waited: no three duplicates are needed */
Test(tcp_rack, hole_is_lost_when_the_reordering_window_has_passed)
{
	struct lab l;

	in_flight(&l, 2);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(1, 2)));
	lab_sends_nothing(&l);
	sends_after(&l, RTT_MS / 4, FULL(0));
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	end_unfinished(&l);
}

/* L13: what arrives within the window was only late; and the way is known to reorder then */
Test(tcp_rack, late_segment_is_not_sent_again)
{
	struct lab l;

	in_flight(&l, 10);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(1, 2)));
	lab_recv(&l, GOT(0, HAS(1, 3)));
	lab_run_ms(&l, RTT_MS / 4 - 1);
	lab_recv(&l, GOT(4));
	lab_run_ms(&l, RTT_MS);
	lab_sends_nothing(&l);
	cr_assert(lab_tcp(&l)->loss.is_reordering_seen);
	cr_assert_eq(lab_tcp(&l)->loss.reordering, 2);
	cr_assert_eq(lab_tcp(&l)->cwnd, 30 * MSS);
	lab_recv(&l, GOT(10));
	end_unfinished(&l);
}

/* L13: on such a way three duplicates are no proof, time is */
Test(tcp_rack, duplicates_are_no_proof_where_segments_are_reordered)
{
	struct lab l;

	in_flight(&l, 10);
	reorders(&l);
	lab_run_ms(&l, RTT_MS);
	for (uint32_t i = 2; i <= 8; i++)
		lab_recv(&l, GOT(0, HAS(1, i)));
	lab_sends_nothing(&l);
	sends_after(&l, RTT_MS / 4, FULL(0));
	end_unfinished(&l);
}

/* L04 L11: RFC 8985 §6.2 step 4, RFC 6675's rule as long as nothing was reordered */
Test(tcp_rack, three_segments_from_behind_a_hole_are_proof_elsewhere)
{
	struct lab l;

	in_flight(&l, 10);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(1, 2)));
	lab_recv(&l, GOT(0, HAS(1, 3)));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT(0, HAS(1, 4)));
	lab_sends(&l, FULL(0));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	end_unfinished(&l);
}

/* L12: something sent after the retransmission has arrived, it has not */
Test(tcp_rack, lost_retransmission_is_found_without_a_timeout)
{
	struct lab l;

	in_flight(&l, 8);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(1, 8)));
	lab_sends(&l, FULL(0));
	lab_write(&l, 2 * MSS); /* leave behind it */
	lab_sends(&l, FULL(8));
	lab_skip_all(&l);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(1, 9)));
	lab_sends(&l, FULL(0));
	lab_skip_all(&l);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(10));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L12: RFC 8985 §6.2 step 2, an answer faster than any round trip is not the retransmission's */
Test(tcp_rack, answer_to_the_first_copy_proves_nothing_of_the_second)
{
	struct lab l;

	in_flight(&l, 10);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(2, 7))); /* 0 and 1 are missing */
	lab_sends(&l, FULL(0));
	lab_sends(&l, FULL(1));
	lab_run_ms(&l, 1);
	lab_recv(&l, GOT(0, HAS(1, 7))); /* the first copy of 1: it is not younger than 7 to 9 */
	lab_run_ms(&l, RTT_MS / 2);
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L11 K06: RFC 8985 §6.3: what has left within a round trip may still arrive */
Test(tcp_rack, time_out_does_not_make_lost_what_has_just_left)
{
	struct lab l;

	in_flight(&l, 2);
	lab_run_ms(&l, 2 * RTT_MS + 1);
	lab_sends(&l, FULL(1)); /* the tail's probe */
	lab_run_ms(&l, 990);
	lab_write(&l, MSS);
	lab_skip_all(&l);
	lab_run_ms(&l, 11);
	lab_sends(&l, FULL(0));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	cr_assert_eq(lab_tcp(&l)->lost, MSS, "the second, not the third");
	end_unfinished(&l);
}

/* L13: RFC 8985 §6.2 step 4, and after sixteen recoveries the window is as it was */
Test(tcp_rack, duplicates_reported_widen_the_window)
{
	struct tcp_conn *c;
	struct lab l;

	in_flight(&l, 10);
	c = lab_tcp(&l);
	reorders(&l);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(1, 2)));
	sends_after(&l, RTT_MS / 4, FULL(0));
	lab_recv(&l, GOT(2, HAS(0, 1))); /* needlessly: it has arrived twice */
	cr_assert_eq(c->loss.reo_wnd_mult, 2);
	lab_run_ms(&l, RTT_MS);
	c->srtt_ns = RTT_MS * NS_PER_MS;
	lab_recv(&l, GOT(2, HAS(3, 4)));
	lab_sends_nothing(&l);
	for (int i = 0; i < 40 && lab_pending(&l) == 0; i++)
		lab_run_ms(&l, 1);
	cr_assert_eq(c->loss.reo_wnd_mult, 2);
	lab_skip_all(&l);
	lab_recv(&l, GOT(10));
	for (uint32_t i = 10; i < 25; i++) {
		cr_assert_eq(c->loss.reo_wnd_mult, 2, "after %u", i);
		lab_write(&l, 2 * MSS);
		lab_run_ms(&l, RTT_MS);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = AT(10) + (i - 10) * 2 * MSS, .n_sack = 1,
				     .sack = { { AT(11) + (i - 10) * 2 * MSS,
					     AT(12) + (i - 10) * 2 * MSS } }));
		lab_run_ms(&l, RTT_MS);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = AT(12) + (i - 10) * 2 * MSS));
		lab_skip_all(&l);
	}
	cr_assert_eq(c->loss.reo_wnd_mult, 1);
	end_unfinished(&l);
}

/* L13: RFC 8985 §6.2 step 4: the window is a round trip at most */
Test(tcp_rack, window_never_exceeds_the_round_trip)
{
	struct lab l;

	in_flight(&l, 10);
	reorders(&l);
	lab_tcp(&l)->loss.reo_wnd_mult = 10;
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(1, 2)));
	sends_after(&l, RTT_MS, FULL(0));
	end_unfinished(&l);
}

/* L13: RFC 8985 §6.2 step 4: once a round trip, however many are reported in it */
Test(tcp_rack, duplicates_of_one_round_trip_widen_the_window_once)
{
	struct tcp_conn *c;
	struct lab l;

	in_flight(&l, 10);
	c = lab_tcp(&l);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(2, 8)));
	lab_sends(&l, FULL(0));
	lab_sends(&l, FULL(1));
	lab_recv(&l, GOT(8, HAS(0, 1)));
	lab_recv(&l, GOT(8, HAS(1, 2)));
	cr_assert_eq(c->loss.reo_wnd_mult, 2);
	end_unfinished(&l);
}

/* L13: duplicates that the network made are none of our doing */
Test(tcp_rack, duplicates_of_what_was_sent_once_mean_nothing)
{
	struct lab l;

	in_flight(&l, 10);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(2, HAS(0, 1)));
	lab_recv(&l, GOT(3, HAS(2, 3)));
	cr_assert_eq(lab_tcp(&l)->loss.reo_wnd_mult, 1);
	end_unfinished(&l);
}

/* L11: the timer is set when it is due to be, and not for what is not late */
Test(tcp_rack, what_left_after_the_delivered_is_not_suspected)
{
	struct lab l;

	in_flight(&l, 3);
	lab_run_ms(&l, RTT_MS / 2);
	lab_write(&l, 5 * MSS);
	lab_skip_all(&l);
	lab_run_ms(&l, RTT_MS / 2);
	lab_recv(&l, GOT(1, HAS(2, 3)));
	sends_after(&l, RTT_MS / 4, FULL(1));
	lab_run_ms(&l, RTT_MS);
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L10 L09: RFC 9937, one segment out for two delivered while the window halves */
Test(tcp_rack, reduction_is_spread_over_the_round_trip)
{
	uint32_t sent = 0;
	struct lab l;

	in_flight(&l, 20);
	lab_tcp(&l)->cwnd = 20 * MSS;
	lab_write(&l, 20 * MSS);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(1, 2)));
	lab_recv(&l, GOT(0, HAS(1, 3))); /* limited transmit: L06 */
	lab_sends(&l, FULL(20));
	lab_sends(&l, FULL(21));
	for (uint32_t i = 4; i <= 20; i++) {
		lab_recv(&l, GOT(0, HAS(1, i)));
		cr_assert_leq(lab_pending(&l), 1);
		sent += lab_pending(&l);
		lab_skip_all(&l);
		cr_assert_leq(tcp_pipe(lab_tcp(&l)), 20 * MSS);
	}
	cr_assert_eq(sent, 8); /* of 17 */
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(20, HAS(20, 22)));
	lab_recv(&l, GOT(22));
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_RECOVERY));
	cr_assert_leq(lab_pending(&l), 3);
	cr_assert_leq(lab_tcp(&l)->cwnd, 10 * MSS);
	cr_assert_geq(lab_tcp(&l)->cwnd, 8 * MSS);
	end_unfinished(&l);
}

/* L10 K08: RFC 9937 §6.2: the first hole leaves at once, be it not the oldest: that has left a moment ago */
Test(tcp_rack, reduction_does_not_hold_up_the_first_hole)
{
	struct lab l;

	in_flight(&l, 10);
	lab_tcp(&l)->cwnd = 10 * MSS;
	lab_write(&l, 10 * MSS);
	lab_run_ms(&l, 2 * RTT_MS + 1);
	lab_sends(&l, FULL(10)); /* the tail's probe */
	lab_run_ms(&l, 1001);
	lab_sends(&l, FULL(0));
	lab_recv(&l, GOT(0, HAS(1, 2)));
	cr_assert_eq(lab_stat(&l, STAT_TCP_SPURIOUS_TIMEOUTS), 1);
	lab_recv(&l, GOT(0, HAS(1, 2), HAS(4, 5)));
	lab_sends(&l, FULL(11));
	lab_recv(&l, GOT(0, HAS(1, 2), HAS(4, 6)));
	lab_sends(&l, FULL(2));
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L04 K04: what is sent again at last has a round trip's time before the time-out */
Test(tcp_rack, first_hole_sent_again_sets_the_time_out_back)
{
	struct lab l;

	in_flight(&l, 10);
	lab_run_ms(&l, 2 * RTT_MS + 1);
	lab_sends(&l, FULL(9)); /* the tail's probe */
	lab_run_ms(&l, 960);
	lab_recv(&l, GOT(0, HAS(9, 10)));
	lab_sends(&l, FULL(0));
	lab_run_ms(&l, 500);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	end_unfinished(&l);
}

/* L10 L09: RFC 9937 §6.2: where more was lost than that, two for each that moves the edge, up to ssthresh */
Test(tcp_rack, what_was_lost_beyond_the_reduction_is_made_up_for_as_in_slow_start)
{
	struct lab l;

	in_flight(&l, 20);
	lab_tcp(&l)->cwnd = 20 * MSS;
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(16, 20)));
	for (uint32_t i = 0; i < 4; i++)
		lab_sends(&l, FULL(i));
	lab_sends_nothing(&l);
	lab_run_ms(&l, RTT_MS);
	for (uint32_t i = 1; i <= 4; i++) {
		lab_recv(&l, GOT(i, HAS(16, 20)));
		lab_sends(&l, FULL(2 + 2 * i));
		lab_sends(&l, FULL(3 + 2 * i));
		lab_sends_nothing(&l);
	}
	cr_assert_leq(tcp_pipe(lab_tcp(&l)), lab_tcp(&l)->ssthresh);
	end_unfinished(&l);
}

/* L10 L11: nor do holes that time alone tells of leave in a burst: two were delivered, two may leave */
Test(tcp_rack, holes_that_time_tells_of_leave_as_segments_are_delivered)
{
	struct lab l;

	in_flight(&l, 20);
	reorders(&l);
	lab_tcp(&l)->cwnd = 20 * MSS;
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(0, HAS(18, 20)));
	lab_sends_nothing(&l);
	lab_run_ms(&l, RTT_MS / 4 + 1);
	cr_assert_eq(lab_tcp(&l)->lost, 16 * MSS);
	lab_sends(&l, FULL(0));
	lab_sends(&l, FULL(1));
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L06 L09: what limited transmit would have sent for each is not lost when they arrive together */
Test(tcp_rack, acknowledgements_of_one_turn_are_answered_as_if_they_came_singly)
{
	struct lab l;

	in_flight(&l, 4);
	lab_tcp(&l)->cwnd = 4 * MSS;
	lab_write(&l, 20 * MSS);
	lab_sends_nothing(&l);
	lab_run_ms(&l, RTT_MS);
	for (uint32_t i = 2; i <= 4; i++)
		lab_queue(&l, GOT(0, HAS(1, i)));
	lab_poll(&l);
	cr_assert_eq(lab_tcp(&l)->ssthresh, 2 * MSS);
	lab_sends(&l, FULL(0));
	lab_sends(&l, FULL(4)); /* so that something tells if that is lost again */
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L13: duplicates leave cwnd alone, unless segments are known to overtake each other: what SACK reports counts then, once */
Test(tcp_rack, deliveries_out_of_order_grow_the_window_where_they_are_usual)
{
	for (uint32_t usual = 0; usual < 2; usual++) {
		struct lab l;

		in_flight(&l, 30);
		if (usual)
			reorders(&l);
		lab_run_ms(&l, RTT_MS);
		lab_recv(&l, GOT(0, HAS(1, 3)));
		cr_assert_eq(lab_tcp(&l)->cwnd, (30 + 2 * usual) * MSS);
		lab_recv(&l, GOT(4));
		cr_assert_eq(lab_tcp(&l)->cwnd, (32 + 2 * usual) * MSS);
		end_unfinished(&l);
	}
}
