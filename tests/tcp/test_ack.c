/* SPDX-License-Identifier: BSD-3-Clause */
/* Acknowledgements, sent and received: RFC 9293 §3.8.6.3, §3.10.7.4 fifth step. */

#include "peer.h"

enum { MSS = 1460 };

/* I02: slow start of the peer is not held up */
Test(tcp_ack, first_segments_of_a_connection_are_acknowledged_at_once)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	for (uint32_t i = 0; i < 16; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1 + 10 * i, .ack = 1, .len = 10));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11 + 10 * i));
	}
	lab_recv(&l, SEG(ACK, .seq = 161, .ack = 1, .len = 10));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 171));
	story_end(&l);
}

/* tcp.quick_acks */
Test(tcp_ack, how_many_of_them_is_a_setting)
{
	struct lab l;

	lab_open(&l, &(struct baro_config){ .tcp.quick_acks = 2 });
	lab_establish(&l, LAB_PLAIN);
	for (uint32_t i = 0; i < 2; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1 + 10 * i, .ack = 1, .len = 10));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11 + 10 * i));
	}
	lab_recv(&l, SEG(ACK, .seq = 21, .ack = 1, .len = 10));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 31));
	story_end(&l);
}

/* I02: a frame that a port has put together is many segments, and is acknowledged as they would be */
Test(tcp_ack, a_long_frame_is_acknowledged_at_once)
{
	struct lab l;

	enum { SHORT = 300 };

	story_begin(&l, NULL, LAB_PLAIN);
	lab_tcp(&l)->our_mss = SHORT;
	for (uint32_t i = 0; i < 3; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1 + 4 * SHORT * i, .ack = 1, .len = 4 * SHORT));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1 + 4 * SHORT * (i + 1)));
	}
	cr_assert_leq(lab_tcp(&l)->rcv_mss, SHORT);
	story_end(&l);
}

/* I02 I03: many small ones share the delay of the first */
Test(tcp_ack, delay_counts_from_the_first_segment)
{
	struct lab l;
	uint64_t since;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS)); /* what a full one is */
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1461));
	lab_recv(&l, SEG(ACK, .seq = 1461, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1471));
	since = l.now_ns;
	for (uint32_t i = 0; i < 10; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1471 + 10 * i, .ack = 1, .len = 10));
		lab_run_ms(&l, 3);
	}
	lab_sends_nothing(&l);
	lab_run_ms(&l, 11);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1571));
	cr_assert_leq(l.last_at_ns - since, 41 * NS_PER_MS);
	lab_run_ms(&l, 100);
	story_end(&l);
}

/* I02: who asks now and then would be acknowledged by a timer each time, and waits for it if Nagle holds his second piece */
Test(tcp_ack, a_segment_after_a_silence_is_acknowledged_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10)); /* the first: nothing is known yet */
	lab_sends_nothing(&l);
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	for (uint32_t i = 1; i < 10; i++) {
		lab_run_ms(&l, 41);
		lab_recv(&l, SEG(PSH, .seq = 1 + 10 * i, .ack = 1, .len = 10));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11 + 10 * i));
	}
	lab_run_ms(&l, 4);
	lab_recv(&l, SEG(PSH, .seq = 101, .ack = 1, .len = 10)); /* soon: more may follow */
	lab_sends_nothing(&l);
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 111));
	story_end(&l);
}

/* I02: what we asked for before the answer is no reason to wait: the next question is far */
Test(tcp_ack, answers_to_rare_questions_of_ours_are_acknowledged_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	for (uint32_t i = 0; i < 5; i++) {
		lab_write(&l, 20);
		lab_sends(&l, SEG(PSH, .seq = 1 + 20 * i, .ack = 1 + 10 * i, .len = 20));
		lab_recv(&l, SEG(PSH, .seq = 1 + 10 * i, .ack = 21 + 20 * i, .len = 10));
		if (i == 0) { /* nothing is known yet */
			lab_sends_nothing(&l);
			lab_run_ms(&l, 41);
		}
		lab_sends(&l, SEG(ACK, .seq = 21 + 20 * i, .ack = 11 + 10 * i));
		lab_run_ms(&l, 100);
	}
	story_end(&l);
}

/* I02: an application that takes a moment to answer has its answers carry the acknowledgements, however rare they are */
Test(tcp_ack, where_an_answer_followed_soon_the_next_one_is_waited_for)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	for (uint32_t i = 0; i < 5; i++) {
		lab_recv(&l, SEG(PSH, .seq = 1 + 10 * i, .ack = 1 + 20 * i, .len = 10));
		lab_sends_nothing(&l);
		lab_run_ms(&l, 4);
		lab_write(&l, 20);
		lab_sends(&l, SEG(PSH, .seq = 1 + 20 * i, .ack = 11 + 10 * i, .len = 20));
		lab_recv(&l, SEG(ACK, .seq = 11 + 10 * i, .ack = 21 + 20 * i));
		lab_run_ms(&l, 1000);
	}
	story_end(&l);
}

/* I02: if it takes longer, the peer's text and buffers are not kept waiting for the sake of a packet */
Test(tcp_ack, where_an_answer_followed_late_the_next_one_is_not_waited_for)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	for (uint32_t i = 0; i < 5; i++) {
		lab_recv(&l, SEG(PSH, .seq = 1 + 10 * i, .ack = 1 + 20 * i, .len = 10));
		if (i != 0) /* nothing is known yet */
			lab_sends(&l, SEG(ACK, .seq = 1 + 20 * i, .ack = 11 + 10 * i));
		lab_run_ms(&l, 6);
		lab_write(&l, 20);
		lab_sends(&l, SEG(PSH, .seq = 1 + 20 * i, .ack = 11 + 10 * i, .len = 20));
		lab_recv(&l, SEG(ACK, .seq = 11 + 10 * i, .ack = 21 + 20 * i));
		lab_run_ms(&l, 6);
	}
	story_end(&l);
}

/* I03: a full one and a small one behind it are the end of what the peer had to say */
Test(tcp_ack, more_than_a_full_segment_is_acknowledged_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(PSH, .seq = 1461, .ack = 1, .len = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1462));
	story_end(&l);
}

/* I03 */
Test(tcp_ack, burst_of_one_turn_gets_one_acknowledgement)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	for (uint32_t i = 0; i < 20; i++)
		lab_queue(&l, SEG(ACK, .seq = 1 + MSS * i, .ack = 1, .len = MSS));
	lab_poll(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1 + 20 * MSS));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 100);
	lab_sends_nothing(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_IN_FAST), 20);
	story_end(&l);
}

/* I02: text takes it along */
Test(tcp_ack, answer_carries_the_acknowledgement)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	l.app.echoes = true;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 11, .len = 10));
	lab_run_ms(&l, 100);
	lab_sends_nothing(&l);
	story_end(&l);
}

/* J08 N03 */
Test(tcp_ack, of_what_was_never_sent_is_answered_and_dropped)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 100);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 102, .len = 10, .wnd = 77));
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_BAD_ACK, 1));
	lab_has_read(&l, 0);
	cr_assert_eq(lab_tcp(&l)->snd_wnd, LAB_WND);
	cr_assert_eq(lab_tcp(&l)->snd_una.n, l.our_iss + 1);
	story_end(&l);
}

/* J09 */
Test(tcp_ack, older_one_does_not_move_the_window)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 200);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101, .wnd = 5000));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 51, .wnd = 9000)); /* overtaken */
	cr_assert_eq(lab_tcp(&l)->snd_wnd, 5000);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101, .len = 10, .wnd = 4000));
	cr_assert_eq(lab_tcp(&l)->snd_wnd, 4000);
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 101, .wnd = 3000));
	cr_assert_eq(lab_tcp(&l)->snd_wnd, 3000);
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 101, .wnd = 6000)); /* as new: an update */
	cr_assert_eq(lab_tcp(&l)->snd_wnd, 6000);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	story_end(&l);
}

/* J09: text that a bare acknowledgement has overtaken is taken, its window is not */
Test(tcp_ack, overtaken_text_does_not_move_the_window)
{
	static const enum lab_options options[] = { LAB_PLAIN, LAB_WITH_ALL };

	for (unsigned i = 0; i < 2; i++) {
		struct lab l;
		uint32_t wnd;

		story_begin(&l, NULL, options[i]);
		lab_recv(&l, SEG(ACK, .seq = 11, .ack = 1, .wnd = 9000));
		wnd = lab_tcp(&l)->snd_wnd;
		cr_assert_eq(wnd, 9000u << lab_tcp(&l)->snd_wscale);
		lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10, .wnd = 5));
		lab_has_read(&l, 10);
		cr_assert_eq(lab_tcp(&l)->snd_wnd, wnd);
		lab_recv(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10, .wnd = 5));
		cr_assert_eq(lab_tcp(&l)->snd_wnd, 5u << lab_tcp(&l)->snd_wscale);
		lab_run_ms(&l, 41);
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 21));
		story_end(&l);
	}
}

/* J10 */
Test(tcp_ack, missing_for_100_seconds_ends_the_connection)
{
	struct lab l;
	unsigned n = 0;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 100);
	lab_run_ms(&l, 99900);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	for (struct lab_seg s; lab_next(&l, &s); n++)
		cr_assert_eq(s.seq, 1);
	cr_assert_geq(n, 8);
	lab_run_ms(&l, 3000);
	cr_assert_eq(l.app.n_closed, 1);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	lab_skip_all(&l);
	story_end(&l);
}

/* J10 */
Test(tcp_ack, user_timeout_is_a_setting)
{
	struct lab l;

	story_begin(
		&l, &(struct baro_config){ .tcp.user_timeout_ns = 1000 * NS_PER_MS }, LAB_PLAIN);
	lab_run_ms(&l, 5000);
	lab_write(&l, 100);
	lab_run_ms(&l, 990);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_run_ms(&l, 500);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	lab_skip_all(&l);
	story_end(&l);
}

/* J10: progress sets it back */
Test(tcp_ack, each_one_sets_the_user_timeout_back)
{
	struct lab l;

	story_begin(
		&l, &(struct baro_config){ .tcp.user_timeout_ns = 1000 * NS_PER_MS }, LAB_PLAIN);
	lab_write(&l, 10 * MSS);
	for (uint32_t i = 1; i < 10; i++) {
		lab_run_ms(&l, 900);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS * i));
		lab_state_is(&l, TCP_ST_ESTABLISHED);
	}
	lab_skip_all(&l);
	story_end(&l);
}

/* L18: RFC 3465, octets count and not acknowledgements */
Test(tcp_ack, division_gains_nothing)
{
	struct lab l;
	uint32_t cwnd;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 10 * MSS);
	lab_skip_all(&l);
	cwnd = lab_tcp(&l)->cwnd;
	for (uint32_t i = 1; i <= 100; i++)
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 10 * i));
	cr_assert_leq(lab_tcp(&l)->cwnd, cwnd + 1000);
	story_end(&l);
}
