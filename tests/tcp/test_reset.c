/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RST, both ways: RFC 9293 §3.5.2, §3.5.3, §3.10.5; blind attacks, RFC 5961. The answers of every
 * state are in test_states.c.
 */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/lab.h"
#include "tcp/ack.h"

/** States in which the application has a connection. */
static const enum tcp_state open_states[] = { TCP_ST_ESTABLISHED, TCP_ST_FIN_WAIT_1,
	TCP_ST_FIN_WAIT_2, TCP_ST_CLOSE_WAIT, TCP_ST_CLOSING, TCP_ST_LAST_ACK };

#define FOR_EACH_OPEN(state, l)                                                                    \
	for (unsigned i = 0; i < sizeof(open_states) / sizeof(open_states[0]); i++)                \
		if ((state) = open_states[i], lab_open(l, NULL), (l)->row = tcp_state_name(state), \
			lab_enter(l, state), true)

/* N01: one octet beside is not enough; the exact one is */
Test(tcp_reset, rst_counts_at_rcv_nxt_only)
{
	static const uint32_t window = 262144;
	enum tcp_state state;
	struct lab l;

	FOR_EACH_OPEN(state, &l)
	{
		uint32_t at = lab_peer_next(state);
		uint32_t ours = lab_our_next(state);

		lab_recv(&l, SEG(RST, .seq = at + 1));
		lab_sends(&l, SEG(ACK, .seq = ours, .ack = at));
		lab_recv(&l, SEG(RST, .seq = at + 60000));
		lab_sends(&l, SEG(ACK, .seq = ours, .ack = at));
		lab_recv(&l, SEG(RST, .seq = at - 1));
		lab_recv(&l, SEG(RST, .seq = at + window));
		lab_recv(&l, SEG(RST, .seq = at + 0x80000000));
		lab_sends_nothing(&l);
		lab_dropped(&l, DROPPED(DROP_TCP_RST, 5));
		lab_flow_is(&l, state);
		lab_recv(&l, SEG(RST, .seq = at));
		lab_sends_nothing(&l);
		lab_flow_is(&l, TCP_ST_CLOSED);
		cr_expect_eq(l.app.err, -ECONNRESET);
		lab_holds(&l, 0, 0);
		lab_dropped_nothing(&l);
		lab_close(&l);
	}
}

/* N01: a peer that means it answers our challenge by the exact RST */
Test(tcp_reset, challenged_peer_resets_with_the_number_that_we_told)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(RST, .seq = 500));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(RST, .seq = l.last.ack));
	cr_expect_eq(l.app.err, -ECONNRESET);
	lab_dropped(&l, DROPPED(DROP_TCP_RST, 1));
	lab_close(&l);
}

/* N01: text that waits behind a hole does not make its end the exact number */
Test(tcp_reset, rst_behind_a_hole_is_challenged)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(RST, .seq = 21));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_dropped(&l, DROPPED(DROP_TCP_RST, 1));
	lab_close(&l);
}

/* N01: with a closed window too */
Test(tcp_reset, rst_counts_at_the_edge_of_a_closed_window)
{
	struct baro_config config = { .tcp.rcv_buf = 4096 };
	struct lab l;

	lab_open(&l, &config);
	l.app.reads = false;
	lab_establish(&l, LAB_PLAIN);
	for (uint32_t seq = 1; seq < 4097; seq += 1024)
		lab_queue(&l, SEG(PSH, .seq = seq, .ack = 1, .len = 1024));
	lab_poll(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd_is_zero = true));
	lab_recv(&l, SEG(RST, .seq = 4098));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(RST, .seq = 4097));
	cr_expect_eq(l.app.err, -ECONNRESET);
	lab_dropped(&l, DROPPED(DROP_TCP_RST, 1));
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* N02 */
Test(tcp_reset, syn_is_challenged_wherever_it_stands)
{
	static const uint32_t off[] = { 0, 1, 1000, 0x40000000, 0x80000000, 0xffffffff };
	enum tcp_state state;
	struct lab l;

	FOR_EACH_OPEN(state, &l)
	{
		for (unsigned k = 0; k < 6; k++) {
			lab_recv(&l, SEG(SYN, .seq = lab_peer_next(state) + off[k], .len = k));
			lab_sends(&l,
				SEG(ACK, .seq = lab_our_next(state), .ack = lab_peer_next(state)));
		}
		lab_sends_nothing(&l);
		lab_dropped(&l, DROPPED(DROP_TCP_SYN, 6));
		lab_flow_is(&l, state);
		lab_close(&l);
	}
}

/* N02 G09: the peer has forgotten us; our challenge makes it reset, its next SYN opens anew */
Test(tcp_reset, restarted_peer_gets_through_after_a_challenge)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(SYN, .seq = 0x5000000, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(RST, .seq = 1));
	cr_expect_eq(l.app.err, -ECONNRESET);
	lab_dropped(&l, DROPPED(DROP_TCP_SYN, 1));
	lab_forget(&l);
	l.peer_iss += 0x5000000;
	lab_establish(&l, LAB_PLAIN);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* N03 */
Test(tcp_reset, ack_out_of_range_is_challenged_and_its_text_not_taken)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, 100);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 102, .len = 10)); /* beyond SND.NXT */
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 1));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 0u - LAB_WND, .len = 10)); /* below the window */
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 1));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 102));
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_BAD_ACK, 3));
	lab_has_read(&l, 0);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1u - LAB_WND, .len = 10)); /* just in range */
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 11));
	lab_has_read(&l, 10);
	lab_dropped_nothing(&l);
	cr_expect_eq(baro_conn_send_queued(l.conn), 100);
	lab_close(&l);
}

/** Challenges that 100 RSTs out of place provoke at once on the connection with the peer's @port. */
static unsigned
provoke(struct lab *l, uint16_t port)
{
	unsigned n;

	for (unsigned i = 0; i < 100; i++)
		lab_recv(l, SEG(RST, .seq = 100 + i, .src_port = port));
	n = lab_pending(l);
	lab_skip_all(l);
	return n;
}

/** A second connection, from @port. */
static void
establish_from(struct lab *l, uint16_t port)
{
	lab_forget(l);
	lab_recv(l, SEG(SYN, .seq = 0, .src_port = port));
	lab_sends(l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(l, SEG(ACK, .seq = 1, .ack = 1, .src_port = port));
}

/* N04 N07 */
Test(tcp_reset, challenges_are_limited_for_each_connection_by_itself)
{
	struct lab l;
	uint32_t iss;
	unsigned n;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	iss = l.our_iss;
	n = provoke(&l, LAB_PEER_PORT);
	cr_expect(n >= 5 && n < 15, "%u", n);
	cr_expect_eq(lab_stat(&l, STAT_TCP_CHALLENGE_ACKS), n);
	cr_expect_eq(provoke(&l, LAB_PEER_PORT), 0);
	/* another connection has a limit of its own: nothing is learnt from it (CVE-2016-5696) */
	establish_from(&l, 5000);
	cr_expect_geq(provoke(&l, 5000), 5);
	/* a second later the first one answers again */
	l.our_iss = iss;
	lab_run_ms(&l, 1001);
	lab_recv(&l, SEG(RST, .seq = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_RST, 301));
	lab_close(&l);
}

/* N04: nobody can tell by the answers he got how many of them somebody else has had */
Test(tcp_reset, limit_on_challenges_cannot_be_guessed)
{
	unsigned seen[15] = { 0 };
	unsigned n_kinds = 0;
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	for (unsigned second = 0; second < 200; second++) {
		unsigned n = provoke(&l, LAB_PEER_PORT);

		cr_assert(n >= 5 && n < 15, "%u", n);
		seen[n]++;
		lab_run_ms(&l, 1001);
	}
	for (unsigned n = 5; n < 15; n++) {
		n_kinds += seen[n] != 0;
		cr_expect_leq(seen[n], 50, "%u times %u", seen[n], n);
	}
	cr_expect_eq(n_kinds, 10);
	for (uint16_t port = 5000; port < 5100; port++) { /* from the first second on */
		establish_from(&l, port);
		seen[provoke(&l, port)] = 0;
	}
	for (unsigned n = 5; n < 15; n++)
		cr_expect_eq(seen[n], 0, "no fresh connection had %u", n);
	lab_close(&l);
}

/* N04: nor before the third ACK has come */
Test(tcp_reset, limit_on_challenges_of_syn_received_cannot_be_guessed)
{
	unsigned seen[15] = { 0 };
	unsigned n_kinds = 0;
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	for (uint16_t port = 5000; port < 5100; port++) {
		lab_forget(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = port));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		seen[provoke(&l, port) % 15]++;
	}
	for (unsigned n = 5; n < 15; n++)
		n_kinds += seen[n] != 0;
	cr_expect_eq(n_kinds, 10);
	lab_close(&l);
}

/* N07: two ends that disagree about where they are */
Test(tcp_reset, empty_segments_out_of_place_are_not_answered_for_ever)
{
	const unsigned most = ACK_CHALLENGES / 2 + ACK_CHALLENGES - 1;
	static const enum tcp_state states[] = { TCP_ST_SYN_RECEIVED, TCP_ST_ESTABLISHED,
		TCP_ST_FIN_WAIT_1, TCP_ST_FIN_WAIT_2, TCP_ST_CLOSE_WAIT, TCP_ST_CLOSING,
		TCP_ST_LAST_ACK, TCP_ST_TIME_WAIT };

	for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct lab l;

		lab_open(&l, NULL);
		l.row = tcp_state_name(states[i]);
		lab_enter(&l, states[i]);
		for (unsigned k = 0; k < 200; k++)
			lab_recv(&l, SEG(ACK, .seq = 0x3000000, .ack = 1));
		cr_expect_leq(lab_pending(&l), most, "%s: %u answers", l.row, lab_pending(&l));
		for (unsigned k = 0; k < 200; k++)
			lab_recv(&l, SEG(ACK, .seq = lab_peer_next(states[i]), .ack = 0x3000000));
		/* SYN-RECEIVED answers a wrong ACK by RST: nobody answers that */
		if (states[i] != TCP_ST_SYN_RECEIVED)
			cr_expect_leq(
				lab_pending(&l), most, "%s: %u answers", l.row, lab_pending(&l));
		lab_skip_all(&l);
		lab_close(&l);
	}
}

/* N07: each has the other's FIN and lacks text before it */
Test(tcp_reset, acknowledgements_behind_a_hole_are_not_answered)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_WITH_ALL);
	lab_recv(&l, SEG(FIN, .seq = 11, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 12, .ack = 1));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 12));
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	lab_has_read(&l, 10);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* N07: every state, every place, with and without ACK, text, FIN */
Test(tcp_reset, no_rst_answers_a_rst)
{
	static const uint32_t off[] = { 0, 1, 1000, 0x7000000, 0x80000000, 0xffffffff };
	static const uint8_t with[] = { 0, TCP_ACK, TCP_SYN, TCP_FIN, TCP_FIN | TCP_ACK,
		TCP_SYN | TCP_ACK, TCP_PSH | TCP_ACK | TCP_URG };

	for (enum tcp_state state = TCP_ST_CLOSED; state < TCP_ST_COUNT; state++) {
		for (unsigned i = 0; i < 6 * sizeof(with); i++) {
			struct lab_seg rst = { .flags = TCP_RST | with[i / 6], .ack = off[i % 6] };
			struct lab l;

			lab_open(&l, NULL);
			l.row = tcp_state_name(state);
			lab_enter(&l, state);
			for (unsigned k = 0; k < 6; k++) {
				rst.seq = off[k] + lab_peer_next(state);
				rst.len = k;
				lab_recv(&l, &rst);
			}
			cr_expect_eq(lab_stat(&l, STAT_TCP_OUT_RSTS), 0, "%s", l.row);
			lab_skip_all(&l);
			lab_close(&l);
		}
	}
}

/* N05: in every state that has something to abort */
Test(tcp_reset, abort_sends_rst_and_forgets_both_queues)
{
	enum tcp_state state;
	struct lab l;

	FOR_EACH_OPEN(state, &l)
	{
		lab_recv(&l, SEG(ACK, .seq = lab_peer_next(state), .ack = 1));
		baro_conn_abort(l.conn);
		l.conn = NULL;
		lab_poll(&l);
		lab_sends(
			&l, SEG(RST_ACK, .seq = lab_our_next(state), .ack = lab_peer_next(state)));
		lab_sends_nothing(&l);
		lab_holds(&l, 0, 0);
		cr_expect_eq(l.app.n_closed, 0);
		lab_run_ms(&l, 5000);
		lab_sends_nothing(&l);
		lab_dropped_nothing(&l);
		lab_close(&l);
	}
}

/* N05 */
Test(tcp_reset, abort_with_full_queues_leaks_nothing)
{
	struct lab l;
	struct baro_usage use[2];

	lab_open(&l, NULL);
	lab_listen(&l);
	l.app.reads = false;
	baro_usage_read(l.core, &use[0]);
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, 100000);
	lab_skip_all(&l);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 1000));
	lab_recv(&l, SEG(PSH, .seq = 5001, .ack = 1, .len = 1000));
	lab_skip_all(&l);
	baro_conn_abort(l.conn);
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 14601, .ack = 1001));
	lab_sends_nothing(&l);
	baro_usage_read(l.core, &use[1]);
	cr_expect_eq(use[1].mbufs, use[0].mbufs);
	cr_expect_eq(use[1].sent, 0);
	cr_expect_eq(use[1].timers, use[0].timers);
	lab_holds(&l, 0, 0);
	lab_recv(&l, SEG(PSH, .seq = 1001, .ack = 1, .len = 10)); /* the peer has not noticed yet */
	lab_sends(&l, SEG(RST, .seq = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_LISTEN_ACK, 1));
	lab_close(&l);
}

/* N06 */
Test(tcp_reset, close_with_unread_text_sends_rst)
{
	struct lab l;

	lab_open(&l, NULL);
	l.app.reads = false;
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	cr_expect_eq(baro_conn_recv_queued(l.conn), 10);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 11));
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 0);
	cr_expect_eq(l.app.n_closed, 0);
	lab_close(&l);
}

/* N06: text that waits behind a hole is unread too */
Test(tcp_reset, close_with_text_behind_a_hole_sends_rst)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	baro_conn_close(l.conn);
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* N06: text after close(), before and after our FIN was acknowledged */
Test(tcp_reset, text_for_a_closed_application_is_answered_by_rst)
{
	for (unsigned acked = 0; acked < 2; acked++) {
		struct lab l;

		lab_open(&l, NULL);
		lab_establish(&l, LAB_PLAIN);
		baro_conn_close(l.conn);
		l.conn = NULL;
		lab_poll(&l);
		lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
		if (acked)
			lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
		lab_sends_nothing(&l);
		lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1 + acked, .len = 10));
		lab_sends(&l, SEG(RST, .seq = 2));
		lab_sends_nothing(&l);
		lab_dropped(&l, DROPPED(DROP_TCP_AFTER_CLOSE, 1));
		lab_holds(&l, 0, 0);
		cr_expect_eq(l.app.n_closed, 0);
		lab_close(&l);
	}
}

/* N06: old text after close() is only an ACK that was lost */
Test(tcp_reset, repeated_text_for_a_closed_application_is_acknowledged)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 11));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 11));
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
	lab_flow_is(&l, TCP_ST_FIN_WAIT_1);
	lab_close(&l);
}

/* N08: everything goes at once */
Test(tcp_reset, rst_frees_what_a_connection_holds)
{
	struct lab l;
	struct baro_usage use[2];

	lab_open(&l, NULL);
	lab_listen(&l);
	l.app.reads = false;
	baro_usage_read(l.core, &use[0]);
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, 50000);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 1000));
	lab_recv(&l, SEG(PSH, .seq = 5001, .ack = 1, .len = 1000));
	lab_skip_all(&l);
	lab_recv(&l, SEG(RST, .seq = 1001));
	baro_usage_read(l.core, &use[1]);
	cr_expect_eq(use[1].mbufs, use[0].mbufs);
	cr_expect_eq(use[1].sent, 0);
	cr_expect_eq(use[1].timers, use[0].timers);
	lab_holds(&l, 0, 0);
	cr_expect_eq(l.app.err, -ECONNRESET);
	lab_close(&l);
}

/* N08: what comes behind a RST in the same burst belongs to nobody */
Test(tcp_reset, nothing_is_delivered_behind_a_rst)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_queue(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_queue(&l, SEG(RST, .seq = 11));
	lab_queue(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10));
	lab_queue(&l, SEG(FIN, .seq = 21, .ack = 1));
	lab_poll(&l);
	lab_sends(&l, SEG(RST, .seq = 1));
	lab_sends(&l, SEG(RST, .seq = 1));
	lab_sends_nothing(&l);
	lab_has_read(&l, 10);
	cr_expect(!l.app.is_eof);
	cr_expect_eq(l.app.err, -ECONNRESET);
	cr_expect_eq(l.app.n_closed, 1);
	lab_dropped(&l, DROPPED(DROP_TCP_LISTEN_ACK, 2));
	lab_close(&l);
}

/* N08: nor is a SYN of the same burst lost on the dead connection */
Test(tcp_reset, syn_behind_a_rst_opens_a_connection)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_queue(&l, SEG(RST, .seq = 1));
	lab_queue(&l, SEG(SYN, .seq = 1000, .mss = 1460));
	lab_forget(&l);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1001));
	lab_flow_is(&l, TCP_ST_SYN_RECEIVED);
	lab_holds(&l, 1, 0);
	lab_recv(&l, SEG(ACK, .seq = 1001, .ack = 1));
	cr_expect_eq(l.app.n_opened, 2);
	cr_expect_eq(l.app.n_closed, 1);
	lab_dropped_nothing(&l);
	lab_close(&l);
}
