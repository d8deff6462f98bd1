/* SPDX-License-Identifier: BSD-3-Clause */
/* How connections end when both sides want it: RFC 9293 §3.6, §3.10.4. */

#include <criterion/criterion.h>
#include <errno.h>

#include "story.h"

/** The application closes; the handle is gone. */
static void
close_it(struct lab *l)
{
	baro_conn_close(l->conn);
	l->conn = NULL;
	lab_poll(l);
}

/* O01 O05 */
Test(tcp_close, active_close_goes_by_both_waits_to_time_wait)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	close_it(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_flow_is(&l, TCP_ST_FIN_WAIT_1);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
	lab_flow_is(&l, TCP_ST_FIN_WAIT_2);
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_holds(&l, 0, 1);
	cr_expect_eq(l.app.n_closed, 0);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O01 */
Test(tcp_close, passive_close_goes_by_last_ack_to_closed)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 2));
	cr_expect(l.app.is_eof);
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	close_it(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_flow_is(&l, TCP_ST_LAST_ACK);
	lab_recv(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_holds(&l, 0, 0);
	cr_expect_eq(l.app.n_closed, 0);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O04 */
Test(tcp_close, fins_cross)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	close_it(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(&l, TCP_ST_CLOSING);
	lab_recv(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_sends_nothing(&l);
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_holds(&l, 0, 1);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O04 O01: our FIN was lost on the way across */
Test(tcp_close, fin_is_resent_in_closing)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_CLOSING);
	lab_run_ms(&l, 250);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_recv(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, 0);
	lab_close(&l);
}

/* O01: FIN rides on the last octet */
Test(tcp_close, queued_text_goes_before_the_fin)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, 1000);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 1000));
	lab_write(&l, 500); /* waits: Nagle */
	lab_sends_nothing(&l);
	close_it(&l);
	lab_sends(&l, SEG(PSH_FIN, .seq = 1001, .ack = 1, .len = 500));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1502));
	lab_flow_is(&l, TCP_ST_FIN_WAIT_2);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O01: the peer's window holds it up */
Test(tcp_close, fin_waits_for_the_window)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 1000));
	lab_write(&l, 1500);
	close_it(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1001, .wnd = 1000));
	lab_sends(&l, SEG(PSH_FIN, .seq = 1001, .ack = 1, .len = 500));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1502));
	lab_sends(&l, SEG(ACK, .seq = 1502, .ack = 2));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O01: 100 KB and the FIN, whatever is lost */
Test(tcp_close, everything_arrives_before_the_fin)
{
	struct lab l;
	uint32_t next = 1;
	bool has_fin = false;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, 100000);
	close_it(&l);
	while (!has_fin) {
		cr_assert_neq(lab_pending(&l), 0, "it stops at %u", next);
		while (lab_pending(&l) != 0) {
			struct tcp_hdr h;
			const struct lab_frame *f = lab_next_frame(&l);
			uint32_t len = f->len - ETH_HDR_LEN - 20 - TCP_HDR_LEN;

			cr_assert_eq(tcp_read(f->octets + ETH_HDR_LEN + 20,
					     f->len - ETH_HDR_LEN - 20, &h),
				DROP_NONE);
			cr_assert(!has_fin);
			cr_assert_eq(h.seq.n - l.our_iss, next);
			has_fin = (h.flags & TCP_FIN) != 0;
			next += len + has_fin;
		}
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = next));
	}
	cr_expect_eq(next, 100002);
	lab_flow_is(&l, TCP_ST_FIN_WAIT_2);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O01 */
Test(tcp_close, lost_fin_is_resent)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	close_it(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_run_ms(&l, 250);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_run_ms(&l, 450);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
	lab_flow_is(&l, TCP_ST_FIN_WAIT_2);
	lab_run_ms(&l, 5000);
	lab_sends_nothing(&l);
	lab_close(&l);
}

/* O01: the text before it arrived, the FIN on it too: acknowledged in two steps */
Test(tcp_close, fin_is_resent_alone_when_its_text_has_arrived)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	cr_assert_eq(baro_conn_send(l.conn, "\0\1\2\3\4", 5), 5);
	close_it(&l);
	lab_sends(&l, SEG(PSH_FIN, .seq = 1, .ack = 1, .len = 5));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 6)); /* it trimmed the FIN off */
	lab_sends_nothing(&l);
	lab_flow_is(&l, TCP_ST_FIN_WAIT_1);
	lab_run_ms(&l, 500);
	lab_sends(&l, SEG(FIN, .seq = 6, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 7));
	lab_flow_is(&l, TCP_ST_FIN_WAIT_2);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O02 */
Test(tcp_close, half_closed_connection_still_sends)
{
	struct lab l;
	uint32_t at = 1;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 2));
	cr_expect(l.app.is_eof);
	cr_expect_eq(baro_conn_recv(l.conn, l.app.data, 10), 0);
	for (unsigned i = 0; i < 10; i++) {
		lab_run_ms(&l, 600 * 1000); /* for as long as we like */
		lab_write(&l, 100);
		lab_sends(&l, SEG(PSH, .seq = at, .ack = 2, .len = 100));
		lab_recv(&l, SEG(ACK, .seq = 2, .ack = at += 100));
	}
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	cr_expect_eq(l.app.n_closed, 0);
	close_it(&l);
	lab_sends(&l, SEG(FIN, .seq = at, .ack = 2));
	lab_recv(&l, SEG(ACK, .seq = 2, .ack = at + 1));
	lab_holds(&l, 0, 0);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O03 */
Test(tcp_close, after_shutdown_text_is_still_received)
{
	struct lab l;
	uint32_t at = 1;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	cr_expect_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	cr_expect_eq(baro_conn_shutdown(l.conn), -EPIPE);
	cr_expect_eq(baro_conn_send(l.conn, "x", 1), -EPIPE);
	cr_expect_null(baro_conn_reserve(l.conn, &(size_t){ 0 }));
	cr_expect_eq(baro_conn_send_room(l.conn), 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
	for (unsigned i = 0; i < 5; i++, at += 100) {
		lab_run_ms(&l, 600 * 1000); /* nobody bounds FIN-WAIT-2 while there is a reader */
		lab_recv(&l, SEG(PSH, .seq = at, .ack = 2, .len = 100));
		lab_sends(&l, SEG(ACK, .seq = 2, .ack = at + 100));
	}
	lab_has_read(&l, 500);
	lab_state_is(&l, TCP_ST_FIN_WAIT_2);
	lab_recv(&l, SEG(FIN, .seq = at, .ack = 2));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = at + 1));
	cr_expect(l.app.is_eof);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, 0);
	lab_holds(&l, 0, 1);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O03: the end is told after the last octet was read, however late */
Test(tcp_close, end_is_told_when_all_has_been_read)
{
	struct lab l;

	lab_open(&l, NULL);
	l.app.reads = false;
	lab_establish(&l, LAB_PLAIN);
	cr_expect_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(PSH_FIN, .seq = 1, .ack = 2, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 12));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	cr_expect_eq(l.app.n_closed, 0);
	cr_expect(!baro_conn_is_eof(l.conn));
	lab_run_ms(&l, 60000);
	lab_holds(&l, 1, 0);
	cr_expect_eq(baro_conn_recv(l.conn, l.app.data, 10), 10);
	cr_expect(baro_conn_is_eof(l.conn));
	lab_poll(&l);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, 0);
	lab_holds(&l, 0, 0);
	lab_sends_nothing(&l);
	lab_close(&l);
}

/* O03: and closing instead of reading is allowed as well; nobody is reset, all is over */
Test(tcp_close, close_with_unread_text_when_all_is_over_is_silent)
{
	struct lab l;

	lab_open(&l, NULL);
	l.app.reads = false;
	lab_establish(&l, LAB_PLAIN);
	cr_expect_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(PSH_FIN, .seq = 1, .ack = 2, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 12));
	close_it(&l);
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 1);
	cr_expect_eq(l.app.n_closed, 0);
	lab_close(&l);
}

/* O02 O03: the text of a FIN behind a hole waits with it */
Test(tcp_close, fin_behind_a_hole_ends_when_the_hole_is_filled)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(PSH_FIN, .seq = 11, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect(!l.app.is_eof);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_skip_all(&l);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 22));
	lab_has_read(&l, 20);
	cr_expect(l.app.is_eof);
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* O09: in each state that has the peer's FIN */
Test(tcp_close, what_follows_the_fin_is_acknowledged_and_ignored)
{
	static const enum tcp_state states[] = { TCP_ST_CLOSE_WAIT, TCP_ST_CLOSING,
		TCP_ST_LAST_ACK };

	for (unsigned i = 0; i < 3; i++) {
		uint32_t ours = lab_our_next(states[i]);
		struct lab l;

		lab_open(&l, NULL);
		l.row = tcp_state_name(states[i]);
		lab_enter(&l, states[i]);
		lab_recv(&l, SEG(PSH, .seq = 2, .ack = 1, .len = 10));
		lab_sends(&l, SEG(ACK, .seq = ours, .ack = 2));
		lab_recv(&l, SEG(PSH, .seq = 100, .ack = 1, .len = 10));
		lab_sends(&l, SEG(ACK, .seq = ours, .ack = 2));
		lab_recv(&l, SEG(PSH_FIN, .seq = 2, .ack = 1, .len = 10));
		lab_sends(&l, SEG(ACK, .seq = ours, .ack = 2));
		lab_recv(&l, SEG(FIN, .seq = 2, .ack = 1));
		lab_sends(&l, SEG(ACK, .seq = ours, .ack = 2));
		lab_dropped(&l, DROPPED(DROP_TCP_AFTER_FIN, 4));
		lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1));
		lab_sends(&l, SEG(ACK, .seq = ours, .ack = 2));
		lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
		lab_flow_is(&l, states[i]);
		lab_has_read(&l, 0);
		lab_close(&l);
	}
}

/* I13 O09: whatever claims to follow the FIN is no text, also if it came before it */
Test(tcp_close, what_waited_beyond_the_fin_is_thrown_away)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_WITH_SACK);
	lab_recv(&l, SEG(ACK, .seq = 8, .ack = 1, .len = 10)); /* 8..17, FIN will stand at 11 */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 1, .sack = { { 8, 18 } }));
	lab_recv(&l, SEG(ACK, .seq = 20, .ack = 1, .len = 5));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 2, .sack = { { 20, 25 }, { 8, 18 } }));
	lab_recv(&l, SEG(FIN, .seq = 11, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 1, .sack = { { 8, 12 } }));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 7));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 12, .no_sack = true));
	lab_has_read(&l, 10);
	cr_expect(l.app.is_eof);
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

/* I06: a FIN behind a hole is held as text is, and told of: its sender would send it again */
Test(tcp_close, a_fin_that_waits_is_reported)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_WITH_SACK);
	lab_recv(&l, SEG(ACK, .seq = 101, .ack = 1, .len = 50));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 1, .sack = { { 101, 151 } }));
	lab_recv(&l, SEG(FIN, .seq = 201, .ack = 1, .len = 100));
	lab_sends(&l,
		SEG(ACK, .seq = 1, .ack = 1, .n_sack = 2, .sack = { { 201, 302 }, { 101, 151 } }));
	lab_recv(&l, SEG(ACK, .seq = 151, .ack = 1, .len = 50));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 1, .sack = { { 101, 302 } }));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 302, .no_sack = true));
	lab_has_read(&l, 300);
	cr_expect(l.app.is_eof);
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

/* O08: 60 s, and a setting */
Test(tcp_close, orphan_in_fin_wait_2_is_bounded)
{
	static const uint64_t settings_ms[] = { 0, 5000 };

	for (unsigned i = 0; i < 2; i++) {
		struct baro_config config = { .tcp.fin_wait_2_ns = settings_ms[i] * NS_PER_MS };
		uint64_t bound_ms = settings_ms[i] != 0 ? settings_ms[i] : 60000;
		struct lab l;

		lab_open(&l, &config);
		lab_establish(&l, LAB_PLAIN);
		close_it(&l);
		lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
		lab_run_ms(&l, bound_ms - 1);
		lab_flow_is(&l, TCP_ST_FIN_WAIT_2);
		lab_run_ms(&l, 2);
		lab_holds(&l, 0, 0);
		lab_sends_nothing(&l);
		cr_expect_eq(l.app.n_closed, 0);
		lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2)); /* too late */
		lab_sends(&l, SEG(RST, .seq = 2));
		lab_dropped(&l, DROPPED(DROP_TCP_LISTEN_ACK, 1));
		lab_close(&l);
	}
}

/* O08: close() where the FIN was acknowledged already */
Test(tcp_close, close_in_fin_wait_2_begins_the_bound)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_FIN_WAIT_2);
	lab_run_ms(&l, 500 * 1000);
	lab_flow_is(&l, TCP_ST_FIN_WAIT_2);
	close_it(&l);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 59999);
	lab_flow_is(&l, TCP_ST_FIN_WAIT_2);
	lab_run_ms(&l, 2);
	lab_holds(&l, 0, 0);
	lab_sends_nothing(&l);
	lab_close(&l);
}

/* O08 J03: a peer that never opens its window holds a connection that nobody needs, for R2 at most */
Test(tcp_close, orphan_with_text_for_a_closed_window_is_bounded)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 100);
	close_it(&l);
	for (unsigned s = 0; s < 200; s++) {
		lab_run_ms(&l, 1000);
		if (lab_pending(&l) == 0)
			continue;
		lab_skip_all(&l); /* a probe, which is answered */
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	}
	lab_skip_all(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* O08: nobody acknowledges our FIN */
Test(tcp_close, unacknowledged_fin_is_given_up)
{
	static const enum tcp_state states[] = { TCP_ST_FIN_WAIT_1, TCP_ST_CLOSING,
		TCP_ST_LAST_ACK };

	for (unsigned orphan = 0; orphan < 2; orphan++) {
		for (unsigned i = 0; i < 3; i++) {
			struct lab l;

			lab_open(&l, NULL);
			l.row = tcp_state_name(states[i]);
			lab_enter(&l, states[i]);
			if (orphan)
				close_it(&l);
			lab_run_ms(&l, 99 * 1000);
			lab_flow_is(&l, states[i]);
			cr_expect_geq(lab_pending(&l), 5, "%s: %u tries", l.row, lab_pending(&l));
			lab_run_ms(&l, 130 * 1000);
			lab_skip_all(&l);
			lab_holds(&l, 0, 0);
			cr_expect_eq(l.app.n_closed, !orphan, "%s", l.row);
			cr_expect_eq(l.app.err, orphan ? 0 : -ETIMEDOUT, "%s", l.row);
			lab_dropped_nothing(&l);
			lab_close(&l);
		}
	}
}

/* O11 */
Test(tcp_close, fin_is_sent_once_whatever_the_application_calls)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	cr_expect_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	cr_expect_eq(baro_conn_shutdown(l.conn), -EPIPE);
	close_it(&l);
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_holds(&l, 0, 1);
	lab_close(&l);
}

/* O04 O07: FIN and RST in one burst: TIME-WAIT has begun between them (RFC 1337) */
Test(tcp_close, rst_behind_the_last_fin_of_a_burst_is_ignored)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_FIN_WAIT_2);
	lab_queue(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_queue(&l, SEG(RST, .seq = 2));
	lab_poll(&l);
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, 0);
	lab_dropped(&l, DROPPED(DROP_TCP_TIME_WAIT, 1));
	lab_close(&l);
}
