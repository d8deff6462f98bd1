/* SPDX-License-Identifier: BSD-3-Clause */

/* How long a connection waits for a peer: user timeout (RFC 5482), orphans, lingering, SYNs. */

#include <errno.h>

#include "story.h"

/** Run until the connection has ended. @return milliseconds that took, @most at most */
static uint64_t
ms_until_gone(struct lab *l, uint64_t most)
{
	uint64_t begun_ns = l->now_ns;

	while (l->core->stack.tcp.conns.n_used != 0 && l->now_ns - begun_ns < most * NS_PER_MS)
		lab_run_ms(l, 1);
	return (l->now_ns - begun_ns) / NS_PER_MS;
}

/* J10: RFC 5482; the time-out is kept to the tick, not to the next retransmission */
Test(tcp_patience, user_timeout_of_a_connection)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_USER_TIMEOUT, 5000), 0);
	lab_write(&l, 100);
	lab_run_ms(&l, 4990);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_run_ms(&l, 20);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	lab_skip_all(&l);
	story_end(&l);
}

/* J10: longer than the configuration's, too */
Test(tcp_patience, user_timeout_may_be_longer)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_USER_TIMEOUT, 1000 * 1000), 0);
	lab_write(&l, 100);
	lab_run_ms(&l, 999 * 1000);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_run_ms(&l, 2000);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	lab_skip_all(&l);
	story_end(&l);
}

/* J10: tcp.data_retries: RFC 9293 §3.8.3's R2 as a number of retransmissions */
Test(tcp_patience, so_many_retries_and_no_more)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.data_retries = 3 }, LAB_PLAIN);
	lab_write(&l, 100);
	ms_until_gone(&l, 100 * 1000);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	cr_assert_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 3);
	lab_skip_all(&l);
	story_end(&l);
}

/* J10: a closed window is no time-out */
Test(tcp_patience, retries_do_not_count_against_a_closed_window)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.data_retries = 3 }, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 100);
	for (int i = 0; i < 20; i++) {
		lab_run_ms(&l, 30 * 1000);
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	}
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* J10: every acknowledgement of something new sets it back */
Test(tcp_patience, user_timeout_begins_with_the_last_progress)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_USER_TIMEOUT, 5000), 0);
	lab_write(&l, 1460 * 3);
	lab_run_ms(&l, 4000);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1461));
	lab_run_ms(&l, 4900);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_run_ms(&l, 200);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	lab_skip_all(&l);
	story_end(&l);
}

/* J03 J10: a window that stays closed is no time-out, whatever the user timeout */
Test(tcp_patience, user_timeout_does_not_count_against_a_closed_window)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_USER_TIMEOUT, 3000), 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 100);
	for (int i = 0; i < 100; i++) {
		lab_run_ms(&l, 1000);
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	}
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2)); /* a probe was taken */
	lab_sends(&l, SEG(PSH, .seq = 2, .ack = 1, .len = 99));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	story_end(&l);
}

/* O08: what a closed connection left behind has a limit of its own: tcp.orphan_timeout */
Test(tcp_patience, orphans_are_given_up_sooner)
{
	const struct baro_config config = { .tcp.orphan_timeout_ns = 7 * NS_PER_SEC };
	struct lab l;

	story_begin(&l, &config, LAB_PLAIN);
	baro_conn_set(l.conn, BARO_TCP_USER_TIMEOUT, 1000 * 1000);
	lab_write(&l, 100);
	baro_conn_close(l.conn);
	l.conn = NULL;
	cr_assert_eq(ms_until_gone(&l, 60000), 7001);
	lab_skip_all(&l);
	story_end(&l);
}

/* O08: LAST-ACK, FIN-WAIT-1 and CLOSING end, too, when nobody answers */
Test(tcp_patience, every_state_of_an_orphan_is_bounded)
{
	static const enum tcp_state states[] = { TCP_ST_FIN_WAIT_1, TCP_ST_CLOSING,
		TCP_ST_LAST_ACK };

	for (unsigned i = 0; i < ARRAY_LEN(states); i++) {
		struct lab l;

		lab_open(&l, NULL);
		lab_enter(&l, states[i]);
		baro_conn_close(l.conn);
		l.conn = NULL;
		cr_assert_leq(ms_until_gone(&l, 200000), 100001, "%s", tcp_state_name(states[i]));
		lab_skip_all(&l);
		story_end(&l);
	}
}

/* N05 O01: linger 0 */
Test(tcp_patience, linger_0_resets)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_LINGER, 0), 0);
	lab_write(&l, 100);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 101, .ack = 1));
	lab_holds(&l, 0, 0);
	story_end(&l);
}

/* O01 N05: linger for 3 s: the rest is tried so long, then the peer is told that it is not whole */
Test(tcp_patience, linger_bounds_what_is_tried)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_LINGER, 3), 0);
	lab_write(&l, 100);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_sends(&l, SEG(FIN, .seq = 101, .ack = 1));
	lab_run_ms(&l, 2999);
	lab_holds(&l, 1, 0);
	lab_skip_all(&l);
	lab_run_ms(&l, 2);
	lab_sends(&l, SEG(RST_ACK, .seq = 102, .ack = 1));
	lab_holds(&l, 0, 0);
	story_end(&l);
}

/* O01: and a peer that takes it all in time sees nothing of that */
Test(tcp_patience, linger_does_not_hurt_who_acknowledges)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_LINGER, 3), 0);
	lab_write(&l, 100);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 102));
	lab_run_ms(&l, 10000); /* FIN-WAIT-2 has its own limit */
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 102));
	lab_sends(&l, SEG(ACK, .seq = 102, .ack = 2));
	lab_holds(&l, 0, 1);
	story_end(&l);
}

/* O08 */
Test(tcp_patience, fin_wait_2_of_a_connection)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_LINGER2, 2), 0);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
	cr_assert_eq(ms_until_gone(&l, 60000), 2001);
	story_end(&l);
}

/* G05: SYNs are sent so often and no more */
Test(tcp_patience, syn_count)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_SYNCNT, 2), 0);
	lab_run_ms(&l, 6990); /* 1 s, 2 s; then 4 s for an answer to the last */
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_sends_nothing(&l);
	cr_assert_eq(l.app.n_closed, 0);
	lab_run_ms(&l, 20);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	story_end(&l);
}
