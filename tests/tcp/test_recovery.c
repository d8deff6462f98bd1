/* SPDX-License-Identifier: BSD-3-Clause */
/* Congestion window and loss recovery of NewReno: RFC 5681, RFC 6582, RFC 3042. */

#include "peer.h"
#include "tcp/recover.h"

enum { MSS = 1460 };

/** Segment @i of the pattern, counted from 0. */
#define FULL(i)     SEG(ACK, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS)
#define FULL_PSH(i) SEG(PSH, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS)

/** The peer has the first @n segments. */
#define GOT(n) SEG(ACK, .seq = 1, .ack = 1 + (n)*MSS)

/** An established connection with @n segments queued, of which the first ten are in flight. */
static void
ten_in_flight(struct lab *l, uint32_t n)
{
	story_begin(l, &(struct baro_config){ .tcp.snd_buf = 1 << 20 }, LAB_PLAIN);
	lab_write(l, n * MSS);
	for (uint32_t i = 0; i < 10; i++)
		lab_sends(l, i + 1 == n ? FULL_PSH(i) : FULL(i));
	lab_sends_nothing(l);
}

static void
end_unfinished(struct lab *l)
{
	lab_dropped_nothing(l);
	story_end_clean(l);
}

/* L01 */
Test(tcp_recovery, initial_window_is_ten_segments)
{
	struct lab l;

	ten_in_flight(&l, 40);
	end_unfinished(&l);
}

/* L01 */
Test(tcp_recovery, initial_window_is_a_setting)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.initial_window = 2 }, LAB_PLAIN);
	lab_write(&l, 5 * MSS);
	lab_sends(&l, FULL(0));
	lab_sends(&l, FULL(1));
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L02 */
Test(tcp_recovery, slow_start_adds_a_segment_for_each_acknowledged)
{
	struct lab l;

	ten_in_flight(&l, 40);
	for (uint32_t i = 1; i <= 5; i++) {
		lab_recv(&l, GOT(i));
		lab_sends(&l, FULL(8 + 2 * i));
		lab_sends(&l, FULL(9 + 2 * i));
		lab_sends_nothing(&l);
	}
	lab_recv(&l, GOT(9)); /* four in one: two more than they were, RFC 3465 */
	for (uint32_t i = 20; i < 26; i++)
		lab_sends(&l, FULL(i));
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L02 */
Test(tcp_recovery, congestion_avoidance_adds_a_segment_a_round_trip)
{
	struct lab l;

	ten_in_flight(&l, 60);
	lab_tcp(&l)->ssthresh = 10 * MSS;
	for (uint32_t i = 1; i <= 9; i++) {
		lab_recv(&l, GOT(i));
		lab_sends(&l, FULL(9 + i));
		lab_sends_nothing(&l);
	}
	lab_recv(&l, GOT(10));
	lab_sends(&l, FULL(19));
	lab_sends(&l, FULL(20));
	lab_sends_nothing(&l);
	for (uint32_t i = 11; i <= 20; i++) {
		lab_recv(&l, GOT(i));
		lab_sends(&l, FULL(10 + i));
		lab_sends_nothing(&l);
	}
	lab_recv(&l, GOT(21));
	lab_sends(&l, FULL(31));
	lab_sends(&l, FULL(32));
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L03: RFC 5681 §4.1 */
Test(tcp_recovery, idle_connection_starts_again_from_the_initial_window)
{
	struct lab l;

	ten_in_flight(&l, 10);
	lab_recv(&l, GOT(10));
	lab_tcp(&l)->cwnd = 40 * MSS;
	lab_run_ms(&l, 150); /* not longer than the time-out */
	lab_write(&l, 30 * MSS);
	cr_assert_eq(lab_pending(&l), 30);
	lab_skip_all(&l);
	lab_recv(&l, GOT(40));
	lab_run_ms(&l, 2000);
	lab_write(&l, 30 * MSS);
	cr_assert_eq(lab_pending(&l), 10);
	lab_skip_all(&l);
	end_unfinished(&l);
}

/* L03: RFC 7661, a window that is not used says nothing */
Test(tcp_recovery, sender_short_of_text_does_not_grow_its_window)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	for (uint32_t i = 1; i < 100; i++) {
		lab_write(&l, MSS);
		lab_recv(&l, GOT(i));
	}
	cr_assert_eq(lab_tcp(&l)->cwnd, 10 * MSS);
	lab_skip_all(&l);
	end_unfinished(&l);
}

/* L04 L06: RFC 3042; what it has sent does not count for ssthresh (RFC 5681 §3.2 step 2) */
Test(tcp_recovery, third_duplicate_sends_the_lost_segment_again)
{
	struct lab l;

	ten_in_flight(&l, 40);
	lab_recv(&l, GOT(0));
	lab_sends(&l, FULL(10));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT(0));
	lab_sends(&l, FULL(11));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT(0));
	lab_sends(&l, FULL(0));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	/* L10: ssthresh is half of the flight, so every second one lets a segment out: RFC 9937 */
	lab_recv(&l, GOT(0));
	lab_recv(&l, GOT(0));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT(0));
	lab_sends(&l, FULL(12));
	lab_recv(&l, GOT(0));
	lab_recv(&l, GOT(0));
	lab_sends_nothing(&l);
	cr_assert_eq(tcp_pipe(lab_tcp(&l)), 5 * MSS);
	for (uint32_t i = 13; i < 16; i++) { /* and then each one does */
		lab_recv(&l, GOT(0));
		lab_sends(&l, FULL(i));
		lab_sends_nothing(&l);
	}
	cr_assert_eq(tcp_pipe(lab_tcp(&l)), 5 * MSS);
	lab_skip_all(&l);
	end_unfinished(&l);
}

/* L06: no more than two, and not beyond the peer's window */
Test(tcp_recovery, limited_transmit_obeys_the_peers_window)
{
	struct lab l;

	ten_in_flight(&l, 40);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 11 * MSS)); /* a window update */
	lab_sends_nothing(&l);
	for (int i = 0; i < 2; i++)
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 11 * MSS));
	lab_sends(&l, FULL(10));
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L05: RFC 5681 §2 */
Test(tcp_recovery, what_is_no_duplicate_does_not_count)
{
	struct lab l;

	ten_in_flight(&l, 10);
	for (uint32_t i = 0; i < 5; i++) /* with text */
		lab_recv(&l, SEG(ACK, .seq = 1 + 10 * i, .ack = 1, .len = 10));
	for (uint32_t i = 0; i < 5; i++) /* another window */
		lab_recv(&l, SEG(ACK, .seq = 51, .ack = 1, .wnd = 60000 + i));
	lab_run_ms(&l, 50);
	for (struct lab_seg s; lab_next(&l, &s);)
		cr_assert_eq(s.len, 0, "nothing is sent again");
	cr_assert_eq(lab_tcp(&l)->dupacks, 0);
	lab_recv(&l, SEG(ACK, .seq = 51, .ack = 1 + 10 * MSS, .wnd = 60000));
	for (uint32_t i = 0; i < 5; i++) /* nothing in flight */
		lab_recv(&l, SEG(ACK, .seq = 51, .ack = 1 + 10 * MSS, .wnd = 60000));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_tcp(&l)->dupacks, 0);
	story_end(&l);
}

/* L05: nor text that has to be cut off, at a closed window of ours */
Test(tcp_recovery, probes_of_the_peer_are_no_duplicates)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.rcv_buf = 4096 }, LAB_PLAIN);
	l.app.reads = false;
	for (uint32_t at = 1; at < 4097; at += 1024)
		lab_recv(&l, SEG(ACK, .seq = at, .ack = 1, .len = 1024));
	lab_write(&l, 5 * MSS);
	lab_skip_all(&l);
	for (int i = 0; i < 5; i++) {
		lab_recv(&l, SEG(ACK, .seq = 4097, .ack = 1, .len = 1));
		lab_sends(&l, SEG(ACK, .seq = 1 + 5 * MSS, .ack = 4097, .wnd_is_zero = true));
		lab_sends_nothing(&l);
	}
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	end_unfinished(&l);
}

/* L07 L10 L08: segments 0, 3 and 6 of ten are lost */
Test(tcp_recovery, partial_acknowledgement_sends_the_next_hole)
{
	struct lab l;

	ten_in_flight(&l, 10);
	for (int i = 0; i < 7; i++)
		lab_recv(&l, GOT(0));
	lab_sends(&l, FULL(0));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT(3));
	lab_sends(&l, FULL(3));
	lab_sends_nothing(&l);
	cr_assert(tcp_is(lab_tcp(&l), TCP_F_RECOVERY));
	lab_recv(&l, GOT(6));
	lab_sends(&l, FULL(6));
	lab_sends_nothing(&l);
	cr_assert(tcp_is(lab_tcp(&l), TCP_F_RECOVERY));
	lab_recv(&l, GOT(10));
	lab_sends_nothing(&l);
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_RECOVERY));
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	story_end(&l);
}

/* L07: recovery lasts to what had been sent when it began, not to what is sent in it */
Test(tcp_recovery, ends_at_the_recovery_point)
{
	struct lab l;

	ten_in_flight(&l, 40);
	for (int i = 0; i < 9; i++)
		lab_recv(&l, GOT(0));
	lab_skip_all(&l);
	cr_assert_gt(seq_len(lab_tcp(&l)->recover, lab_tcp(&l)->snd_nxt), 0);
	lab_recv(&l, GOT(11));
	cr_assert(tcp_is(lab_tcp(&l), TCP_F_RECOVERY));
	lab_skip_all(&l);
	lab_recv(&l, GOT(12)); /* ten, and two of limited transmit */
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_RECOVERY));
	lab_skip_all(&l);
	end_unfinished(&l);
}

/* L10: RFC 6582 §3.2 step 3 */
Test(tcp_recovery, its_end_causes_no_burst)
{
	struct lab l;

	ten_in_flight(&l, 40);
	for (int i = 0; i < 9; i++)
		lab_recv(&l, GOT(0));
	lab_skip_all(&l);
	lab_recv(&l, GOT(12));
	cr_assert_leq(lab_pending(&l), 2);
	cr_assert_leq(lab_tcp(&l)->cwnd, 5 * MSS);
	cr_assert_leq(tcp_flight(lab_tcp(&l)), lab_tcp(&l)->cwnd);
	lab_skip_all(&l);
	end_unfinished(&l);
}

/* L04: RFC 6582 §3.2 step 1 */
Test(tcp_recovery, duplicates_of_its_end_do_not_begin_another)
{
	struct lab l;

	ten_in_flight(&l, 11);
	lab_recv(&l, GOT(1));
	lab_sends(&l, FULL_PSH(10));
	lab_run_ms(&l, 201); /* all but the first are sent again, needlessly */
	lab_sends(&l, FULL(1));
	lab_recv(&l, GOT(11));
	lab_sends_nothing(&l);
	lab_write(&l, 20 * MSS);
	lab_skip_all(&l);
	for (int i = 0; i < 5; i++)
		lab_recv(&l, GOT(11));
	for (struct lab_seg s; lab_next(&l, &s);)
		cr_assert_geq(s.seq, 1 + 12 * MSS, "nothing is sent again");
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	/* a later loss is found again */
	lab_recv(&l, GOT(12));
	lab_skip_all(&l);
	for (int i = 0; i < 3; i++)
		lab_recv(&l, GOT(12));
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	lab_skip_all(&l);
	end_unfinished(&l);
}

/* L04: a recovery point left behind by 2 GiB must not look as if it lay ahead */
Test(tcp_recovery, old_recovery_point_is_forgotten)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_tcp(&l)->recover = seq_sub(lab_tcp(&l)->snd_una, 0x7fffff00);
	lab_write(&l, MSS);
	lab_recv(&l, GOT(1));
	lab_write(&l, 5 * MSS);
	lab_skip_all(&l);
	for (int i = 0; i < 3; i++)
		lab_recv(&l, GOT(1));
	lab_sends(&l, FULL(1));
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	end_unfinished(&l);
}

/* L04 K05: what is lost twice waits for the timer */
Test(tcp_recovery, lost_retransmission_waits_for_the_timer)
{
	struct lab l;

	ten_in_flight(&l, 10);
	for (int i = 0; i < 9; i++)
		lab_recv(&l, GOT(0));
	lab_sends(&l, FULL(0));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 201);
	lab_sends(&l, FULL(0));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	cr_assert_eq(lab_tcp(&l)->cwnd, MSS);
	lab_recv(&l, GOT(10));
	lab_sends_nothing(&l);
	lab_write(&l, 2 * MSS);
	lab_sends(&l, FULL(10));
	lab_skip_all(&l);
	cr_assert_eq(lab_tcp(&l)->lost, 0);
	cr_assert_eq(lab_tcp(&l)->sacked, 0);
	end_unfinished(&l);
}

/* L04 O01: a FIN counts as what it is */
Test(tcp_recovery, lost_fin_is_sent_again)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 100);
	cr_assert_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_sends(&l, SEG(FIN, .seq = 101, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 201);
	lab_sends(&l, SEG(FIN, .seq = 101, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 102));
	lab_state_is(&l, TCP_ST_FIN_WAIT_2);
	lab_run_ms(&l, 10000);
	story_end(&l);
}

/* L09: pipe <= cwnd, in recovery and out of it; L07: and all arrives */
Test(tcp_recovery, bulk_over_a_lossy_way_keeps_its_books)
{
	struct lab l;

	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct peer *p;

		lab_open(&l, &(struct baro_config){ .tcp.snd_buf = 1 << 20 });
		lab_establish(&l, LAB_PLAIN);
		p = peer_of(&l, seed);
		p->loss_percent = (uint32_t)seed;
		peer_gets(p, 400000);
		cr_assert_gt(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 0);
		lab_dropped_nothing(&l);
		story_end_clean(&l);
	}
}

/* L04: one loss in a hundred is repaired without waiting for the timer, nearly always */
Test(tcp_recovery, single_losses_cost_no_timeouts)
{
	struct peer *p;
	struct lab l;

	lab_open(&l, &(struct baro_config){ .tcp.snd_buf = 1 << 20 });
	lab_establish(&l, LAB_PLAIN);
	p = peer_of(&l, 5);
	p->way_ms = 30;
	p->loss_percent = 1;
	peer_gets(p, 1000000);
	cr_assert_gt(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 2);
	cr_assert_leq(lab_stat(&l, STAT_TCP_TIMEOUTS), 2);
	cr_assert_leq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 20);
	story_end_clean(&l);
}

/* RFC 3168 §6.1.2: once a window */
Test(tcp_recovery, a_mark_of_the_network_halves_the_window_once_a_round_trip)
{
	struct tcp_conn *c;
	struct lab l;

	ten_in_flight(&l, 60);
	c = lab_tcp(&l);
	cr_assert(recover_marked(c, l.now_ns));
	cr_assert_eq(c->cwnd, 5 * MSS);
	cr_assert_eq(c->ssthresh, 5 * MSS);
	cr_assert(tcp_is(c, TCP_F_CWR));
	lab_recv(&l, GOT(5)); /* of the same window */
	cr_assert(!recover_marked(c, l.now_ns));
	cr_assert_eq(c->ssthresh, 5 * MSS);
	lab_recv(&l, GOT(10)); /* so is this: what bears CWR has not been acknowledged yet */
	cr_assert(!recover_marked(c, l.now_ns));
	lab_recv(&l, GOT(11));
	lab_skip_all(&l);
	cr_assert(recover_marked(c, l.now_ns));
	cr_assert_lt(c->ssthresh, 5 * MSS);
	lab_recv(&l, GOT(12)); /* a window that wraps may not be taken for this one */
	lab_skip_all(&l);
	c->loss.cwr_end = seq_sub(c->snd_una, 0x7fffff00);
	cr_assert(recover_marked(c, l.now_ns));
	end_unfinished(&l);
}

/* RFC 3168 §6.1.2: a mark and a loss in one window reduce it once */
Test(tcp_recovery, a_mark_and_a_loss_of_one_window_count_as_one)
{
	struct lab l;

	ten_in_flight(&l, 60);
	cr_assert(recover_marked(lab_tcp(&l), l.now_ns));
	for (int i = 0; i < 3; i++)
		lab_recv(&l, GOT(0));
	lab_sends(&l, FULL(0));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	cr_assert(!recover_marked(lab_tcp(&l), l.now_ns));
	end_unfinished(&l);

	ten_in_flight(&l, 60);
	for (int i = 0; i < 3; i++)
		lab_recv(&l, GOT(0));
	cr_assert(tcp_is(lab_tcp(&l), TCP_F_CWR));
	cr_assert(!recover_marked(lab_tcp(&l), l.now_ns));
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	lab_skip_all(&l);
	end_unfinished(&l);
}
