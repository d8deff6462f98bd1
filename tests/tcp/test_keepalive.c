/* SPDX-License-Identifier: BSD-3-Clause */

/* Keepalive, RFC 9293 §3.8.4: when a silent peer is asked, what ends the connection, what does not. */

#include <errno.h>

#include "story.h"

#define SECONDS(n) ((n)*UINT64_C(1000))

/** Established, silent, with keepalive: idle 100 s, every 10 s, three times. */
static void
begin(struct lab *l, enum lab_options options)
{
	story_begin(l, NULL, options);
	cr_assert_eq(baro_conn_set(l->conn, BARO_TCP_KEEPIDLE, 100), 0);
	cr_assert_eq(baro_conn_set(l->conn, BARO_TCP_KEEPINTVL, 10), 0);
	cr_assert_eq(baro_conn_set(l->conn, BARO_TCP_KEEPCNT, 3), 0);
	cr_assert_eq(baro_conn_set(l->conn, BARO_TCP_KEEPALIVE, 1), 0);
}

/* J11 */
Test(tcp_keepalive, is_off_by_default)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_run_ms(&l, SECONDS(24 * 3600));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	story_end(&l);
}

/* J11: defaults of RFC 9293 §3.8.4: two hours; then every 75 s, nine times */
Test(tcp_keepalive, defaults_are_two_hours_and_nine_probes)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.keepalive = BARO_ON }, LAB_PLAIN);
	lab_run_ms(&l, SECONDS(7199));
	lab_sends_nothing(&l);
	lab_run_ms(&l, SECONDS(2));
	for (int i = 0; i < 9; i++) {
		lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
		lab_sends_nothing(&l);
		lab_run_ms(&l, SECONDS(75));
	}
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_assert_eq(l.app.n_closed, 1);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	cr_assert_eq(lab_stat(&l, STAT_TCP_KEEPALIVES), 9);
	lab_holds(&l, 0, 0);
	story_end(&l);
}

/* J11: tcp.keepalive_idle, _wait and _count */
Test(tcp_keepalive, times_and_number_are_settings)
{
	const struct baro_config config = { .tcp = { .keepalive = BARO_ON,
						    .keepalive_idle_ns = 5 * NS_PER_SEC,
						    .keepalive_wait_ns = 2 * NS_PER_SEC,
						    .keepalive_count = 2 } };
	struct lab l;

	story_begin(&l, &config, LAB_PLAIN);
	lab_run_ms(&l, 4990);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 20);
	lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
	lab_run_ms(&l, 2000);
	lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
	lab_run_ms(&l, 2000);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	story_end(&l);
}

/* J11: one lost probe, or two, do not kill; the count begins anew with every answer */
Test(tcp_keepalive, answers_keep_it_alive)
{
	struct lab l;

	begin(&l, LAB_PLAIN);
	for (int i = 0; i < 5; i++) {
		lab_run_ms(&l, SECONDS(100) + 1);
		lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
		lab_run_ms(&l, SECONDS(20));
		lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
		lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
		lab_sends_nothing(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		lab_sends_nothing(&l);
	}
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	story_end(&l);
}

/* J11: every segment sets the silence back, without a timer being moved for it */
Test(tcp_keepalive, silence_begins_with_the_last_segment)
{
	uint64_t deadline_ns;
	struct lab l;

	begin(&l, LAB_PLAIN);
	lab_run_ms(&l, SECONDS(60));
	deadline_ns = lab_tcp(&l)->timer.deadline_ns;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 1));
	cr_assert_eq(lab_tcp(&l)->idle_ns, deadline_ns);
	lab_run_ms(&l, SECONDS(99));
	lab_sends_nothing(&l);
	lab_run_ms(&l, SECONDS(1) + 1);
	lab_sends(&l, SEG(ACK, .seq = 0, .ack = 11));
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 1));
	story_end(&l);
}

/* J11: text in flight is its own probe */
Test(tcp_keepalive, none_while_text_is_in_flight)
{
	struct lab l;

	story_begin(
		&l, &(struct baro_config){ .tcp.user_timeout_ns = 3600 * NS_PER_SEC }, LAB_PLAIN);
	baro_conn_set(l.conn, BARO_TCP_KEEPIDLE, 1);
	baro_conn_set(l.conn, BARO_TCP_KEEPCNT, 1);
	baro_conn_set(l.conn, BARO_TCP_KEEPINTVL, 1);
	baro_conn_set(l.conn, BARO_TCP_KEEPALIVE, 1);
	lab_write(&l, 10);
	lab_run_ms(&l, SECONDS(300));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_assert_eq(lab_stat(&l, STAT_TCP_KEEPALIVES), 0);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_run_ms(&l, 1100);
	lab_sends(&l, SEG(ACK, .seq = 10, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 11));
	story_end(&l);
}

/* J11: with timestamps a probe carries them, and a peer like us answers it */
Test(tcp_keepalive, probe_is_answered_at_once)
{
	struct lab l;

	begin(&l, LAB_WITH_TS);
	lab_run_ms(&l, SECONDS(100) + 1);
	lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1, .has_ts = true));
	lab_recv(&l, SEG(ACK, .seq = 0, .ack = 1)); /* and here is the peer's own */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_SEQ, 1));
	lab_run_ms(&l, SECONDS(99));
	lab_sends_nothing(&l);
	story_end(&l);
}

/* J11 */
Test(tcp_keepalive, can_be_switched_off_again)
{
	struct lab l;

	begin(&l, LAB_PLAIN);
	lab_run_ms(&l, SECONDS(105));
	lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_KEEPALIVE, 0), 0);
	lab_run_ms(&l, SECONDS(1000));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	story_end(&l);
}

/* J11: asked for before the connection is open it begins with it */
Test(tcp_keepalive, asked_for_while_connecting)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	baro_conn_set(l.conn, BARO_TCP_KEEPIDLE, 1);
	baro_conn_set(l.conn, BARO_TCP_KEEPALIVE, 1);
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	story_end(&l);
}

/* J11 J10: a user timeout takes the place of the number of probes */
Test(tcp_keepalive, user_timeout_ends_it)
{
	struct lab l;

	begin(&l, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_USER_TIMEOUT, 155000), 0);
	lab_run_ms(&l, SECONDS(159));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	for (int i = 0; i < 6; i++)
		lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
	lab_run_ms(&l, SECONDS(2));
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	story_end(&l);
}

/* J11 J10: but a probe it is given, however short that timeout */
Test(tcp_keepalive, user_timeout_lets_one_probe_out)
{
	struct lab l;

	begin(&l, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_USER_TIMEOUT, 5000), 0);
	lab_run_ms(&l, SECONDS(100) + 1);
	lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
	lab_run_ms(&l, SECONDS(10));
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	story_end(&l);
}

/* J11 O02: half closed, in either direction, it is still asked for */
Test(tcp_keepalive, goes_on_when_half_closed)
{
	struct lab l;

	lab_open(&l, &(struct baro_config){ .tcp.keepalive = BARO_ON });
	lab_enter(&l, TCP_ST_FIN_WAIT_2);
	baro_conn_set(l.conn, BARO_TCP_KEEPIDLE, 100);
	lab_run_ms(&l, SECONDS(100) + 1);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
	story_end(&l);
}

/* O08: but not for a connection that has no application: its own limits hold */
Test(tcp_keepalive, ends_with_the_application)
{
	struct lab l;

	begin(&l, LAB_PLAIN);
	baro_conn_set(l.conn, BARO_TCP_KEEPIDLE, 2);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_run_ms(&l, 5000);
	lab_holds(&l, 1, 0);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
	lab_run_ms(&l, SECONDS(61)); /* FIN-WAIT-2 */
	lab_holds(&l, 0, 0);
	cr_assert_eq(lab_stat(&l, STAT_TCP_KEEPALIVES), 0);
	story_end(&l);
}

/* J11: a probe waits for a buffer like everything else */
Test(tcp_keepalive, probe_without_a_buffer_waits)
{
	struct rte_mbuf *held[8192];
	struct rte_mempool *heads;
	unsigned n = 0;
	struct lab l;

	begin(&l, LAB_PLAIN);
	heads = l.core->stack.pool.head;
	while (n < ARRAY_LEN(held) && (held[n] = rte_pktmbuf_alloc(heads)) != NULL)
		n++;
	lab_run_ms(&l, SECONDS(99));
	l.now_ns += 2 * NS_PER_SEC;
	baro_core_poll(l.core, l.now_ns);
	lab_sends_nothing(&l);
	while (n != 0)
		rte_pktmbuf_free(held[--n]);
	lab_run_ms(&l, 1);
	lab_sends(&l, SEG(ACK, .seq = 0, .ack = 1));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_dropped(&l, DROPPED(DROP_NO_MBUF, 1));
	story_end(&l);
}
