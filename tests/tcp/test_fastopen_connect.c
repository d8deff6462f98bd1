/* SPDX-License-Identifier: BSD-3-Clause */

/* Connects that send text on their SYN, and what they remember of servers: RFC 7413 §4.1.3, §4.2. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "kit/lab.h"
#include "runtime/core.h"

extern const struct baro_conn_ops lab_ops;

static const struct tcp_cookie cookie = { 8, { 1, 2, 3, 4, 5, 6, 7, 8 } };

/** A connect with Fast Open and @len octets of the pattern to send; its SYN has not been looked at. */
static void
connect_with(struct lab *l, size_t len)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };

	lab_forget(l);
	l->uses_ts = false;
	cr_assert_eq(baro_connect(l->core, &remote, NULL, &lab_ops, l, &l->conn), 0);
	cr_assert_eq(baro_conn_set(l->conn, BARO_TCP_FASTOPEN_CONNECT, 1), 0);
	lab_write(l, len);
}

static void
finish(struct lab *l)
{
	baro_conn_abort(l->conn);
	l->conn = NULL;
	lab_poll(l);
	lab_skip_all(l);
}

/** A connect that brings home a cookie, and is gone again. */
static void
learn_cookie(struct lab *l, uint16_t mss)
{
	connect_with(l, 0);
	lab_sends(l, SEG(SYN, .seq = 0, .has_fastopen = true));
	cr_assert_eq(l->last.cookie.len, 0);
	lab_recv(l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = mss, .has_fastopen = true,
			    .cookie = cookie));
	lab_sends(l, SEG(ACK, .seq = 1, .ack = 1));
	finish(l);
}

/* G19 */
Test(tcp_fastopen_connect, cookie_is_asked_for_and_text_goes_as_usual)
{
	struct lab l;
	int value;

	lab_open(&l, NULL);
	connect_with(&l, 100);
	lab_sends(&l, SEG(SYN, .seq = 0, .has_fastopen = true));
	cr_expect_eq(l.last.cookie.len, 0);
	cr_assert_eq(baro_conn_get(l.conn, BARO_TCP_FASTOPEN_CONNECT, &value), 0);
	cr_expect_eq(value, 1);
	cr_expect_eq(baro_conn_set(l.conn, BARO_TCP_FASTOPEN_CONNECT, 0), -EINVAL); /* too late */
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .has_fastopen = true,
			     .cookie = cookie));
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_sends_nothing(&l);
	cr_expect_eq(l.app.n_opened, 1);
	lab_close(&l);
}

/* G19 */
Test(tcp_fastopen_connect, text_leaves_with_the_syn_that_has_a_cookie)
{
	struct baro_tcp_info info;
	struct lab l;

	lab_open(&l, NULL);
	learn_cookie(&l, 1460);
	connect_with(&l, 100);
	lab_sends(&l, SEG(SYN, .seq = 0, .len = 100, .has_fastopen = true, .cookie = cookie));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 101, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 1));
	lab_sends_nothing(&l);
	cr_expect_eq(baro_conn_send_queued(l.conn), 0);
	baro_conn_info(l.conn, &info);
	cr_expect(info.has_fastopen);
	cr_expect_eq(info.octets_acked, 100);
	cr_expect_eq(info.cwnd, 10 * 1460u);
	cr_expect_eq(lab_stat(&l, STAT_TCP_FASTOPEN_ACTIVE), 1);
	lab_write(&l, 50);
	lab_sends(&l, SEG(PSH, .seq = 101, .ack = 1, .len = 50));
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G19: §4.1.3, §4.2.1: no more than the MSS that the server told the last time lets */
Test(tcp_fastopen_connect, rest_of_the_text_follows_when_it_is_open)
{
	uint32_t on_syn;
	struct lab l;

	lab_open(&l, NULL);
	learn_cookie(&l, 600);
	connect_with(&l, 2000);
	lab_sends(&l, SEG(SYN, .seq = 0, .len = 600 - 32, .has_fastopen = true, .cookie = cookie));
	on_syn = l.last.len;
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1 + on_syn, .mss = 600));
	lab_sends(&l, SEG(ACK, .seq = 1 + on_syn, .ack = 1, .len = 600));
	lab_sends(&l, SEG(ACK, .seq = 601 + on_syn, .ack = 1, .len = 600));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1201 + on_syn));
	lab_sends(&l, SEG(PSH, .seq = 1201 + on_syn, .ack = 1, .len = 2000 - 1200 - on_syn));
	lab_close(&l);
}

/* G19: bad cookie: the text leaves again at once, and the cookie is the new one */
Test(tcp_fastopen_connect, text_that_is_refused_leaves_with_the_third_ack)
{
	const struct tcp_cookie fresh = { 6, { 9, 9, 9, 9, 9, 9 } };
	struct baro_tcp_info info;
	struct lab l;

	lab_open(&l, NULL);
	learn_cookie(&l, 1460);
	connect_with(&l, 100);
	lab_sends(&l, SEG(SYN, .seq = 0, .len = 100, .has_fastopen = true, .cookie = cookie));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .has_fastopen = true,
			     .cookie = fresh));
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_sends_nothing(&l);
	baro_conn_info(l.conn, &info);
	cr_expect_not(info.has_fastopen);
	cr_expect_eq(info.cwnd, 10 * 1460u); /* nothing was lost by congestion */
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	cr_expect_eq(baro_conn_send_queued(l.conn), 0);
	finish(&l);
	connect_with(&l, 10);
	lab_sends(&l, SEG(SYN, .seq = 0, .len = 10, .has_fastopen = true, .cookie = fresh));
	lab_close(&l);
}

/* G19: a part of it is taken */
Test(tcp_fastopen_connect, what_syn_ack_does_not_acknowledge_leaves_again)
{
	struct lab l;

	lab_open(&l, NULL);
	learn_cookie(&l, 1460);
	connect_with(&l, 100);
	lab_sends(&l, SEG(SYN, .seq = 0, .len = 100, .has_fastopen = true, .cookie = cookie));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 41, .mss = 1460));
	lab_sends(&l, SEG(PSH, .seq = 41, .ack = 1, .len = 60));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	lab_sends_nothing(&l);
	cr_expect_eq(baro_conn_send_queued(l.conn), 0);
	lab_close(&l);
}

/* G19: §4.1.3.1: a black hole: the SYN again is plain, and so are connects of the next time */
Test(tcp_fastopen_connect, lost_syn_is_sent_again_plain_and_the_host_left_alone)
{
	uint64_t hold_ms = 60000;
	struct lab l;

	lab_open(&l, NULL);
	learn_cookie(&l, 1460);
	for (int i = 0; i < 3; i++, hold_ms *= 2) {
		connect_with(&l, 100);
		lab_sends(
			&l, SEG(SYN, .seq = 0, .len = 100, .has_fastopen = true, .cookie = cookie));
		lab_run_ms(&l, 1100);
		lab_sends(&l, SEG(SYN, .seq = 0, .no_fastopen = true));
		lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
		lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
		lab_sends_nothing(&l);
		cr_expect_eq(baro_conn_send_queued(l.conn), 0);
		finish(&l);
		for (int k = 0; k < 2; k++) {
			connect_with(&l, 10);
			lab_sends(&l, SEG(SYN, .seq = 0, .no_fastopen = true));
			finish(&l);
			lab_run_ms(&l, k == 0 ? hold_ms - 500 : 600);
		}
	}
	cr_expect_eq(lab_stat(&l, STAT_TCP_FASTOPEN_HELD), 3);
	lab_close(&l);
}

/* G19: SYN|ACK was lost, not the SYN: what was taken is not sent again */
Test(tcp_fastopen_connect, answer_to_the_plain_syn_may_acknowledge_the_text_of_the_first)
{
	struct lab l;

	lab_open(&l, NULL);
	learn_cookie(&l, 1460);
	connect_with(&l, 100);
	lab_sends(&l, SEG(SYN, .seq = 0, .len = 100, .has_fastopen = true, .cookie = cookie));
	lab_run_ms(&l, 3100);
	lab_sends(&l, SEG(SYN, .seq = 0, .no_fastopen = true));
	lab_sends(&l, SEG(SYN, .seq = 0, .no_fastopen = true));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 101, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 1));
	lab_sends_nothing(&l);
	cr_expect_eq(baro_conn_send_queued(l.conn), 0);
	finish(&l);
	connect_with(&l, 10); /* it works */
	lab_sends(&l, SEG(SYN, .seq = 0, .len = 10, .has_fastopen = true, .cookie = cookie));
	lab_close(&l);
}

/* G19: negative answers: no cookie for who asks, no acknowledgement, no answer at all, RST */
Test(tcp_fastopen_connect, server_that_knows_nothing_of_it_is_not_asked_again_soon)
{
	struct lab l;

	for (int i = 0; i < 4; i++) {
		lab_open(&l, NULL);
		if (i == 1)
			learn_cookie(&l, 1460);
		connect_with(&l, 10);
		lab_sends(&l, SEG(SYN, .seq = 0, .len = i == 1 ? 10 : 0, .has_fastopen = true));
		if (i < 2) {
			lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
			lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
			finish(&l);
		} else if (i == 2) {
			lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 1));
			cr_expect_eq(l.app.err, -ECONNREFUSED);
		} else {
			while (l.conn != NULL)
				lab_run_ms(&l, 1000);
			cr_expect_eq(l.app.err, -ETIMEDOUT);
			lab_skip_all(&l);
		}
		connect_with(&l, 10);
		lab_sends(&l, SEG(SYN, .seq = 0, .no_fastopen = true));
		finish(&l);
		lab_run_ms(&l, 61000);
		connect_with(&l, 10);
		lab_sends(&l, SEG(SYN, .seq = 0, .len = i == 1 ? 10 : 0, .has_fastopen = true));
		lab_close(&l);
	}
}

/* What we gave up ourselves says nothing about the server. */
Test(tcp_fastopen_connect, abort_before_the_answer_is_no_failure)
{
	struct lab l;

	lab_open(&l, NULL);
	connect_with(&l, 10);
	lab_sends(&l, SEG(SYN, .seq = 0, .has_fastopen = true));
	finish(&l);
	connect_with(&l, 10);
	lab_sends(&l, SEG(SYN, .seq = 0, .has_fastopen = true));
	lab_close(&l);
}

/* G12 G19: text and FIN on a SYN|ACK are taken */
Test(tcp_fastopen_connect, text_on_syn_ack_is_delivered_at_once)
{
	struct lab l;

	lab_open(&l, NULL);
	connect_with(&l, 0);
	lab_sends(&l, SEG(SYN, .seq = 0, .has_fastopen = true));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .len = 200));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 201));
	lab_has_read(&l, 200);
	lab_close(&l);
}

/* tcp.fastopen off: the application need not know */
Test(tcp_fastopen_connect, where_it_is_off_text_waits_for_the_handshake)
{
	struct baro_config config = { .core.seed = 1, .tcp.fastopen = BARO_OFF };
	struct lab l;

	lab_open(&l, &config);
	connect_with(&l, 10);
	lab_sends(&l, SEG(SYN, .seq = 0, .no_fastopen = true));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	finish(&l);
	connect_with(&l, 0);
	lab_skip_all(&l);
	lab_close(&l);
}

Test(tcp_fastopen_connect, it_can_be_taken_back_before_the_syn_leaves)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };
	struct lab l;

	lab_open(&l, NULL);
	cr_assert_eq(baro_connect(l.core, &remote, NULL, &lab_ops, &l, &l.conn), 0);
	cr_expect_eq(baro_conn_send(l.conn, "x", 1), -ENOTCONN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_FASTOPEN_CONNECT, 1), 0);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_FASTOPEN_CONNECT, 0), 0);
	cr_expect_eq(baro_conn_send(l.conn, "x", 1), -ENOTCONN);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0, .no_fastopen = true));
	lab_close(&l);
}

/* Simultaneous open: the peer, who has not seen our text on a SYN of its own, gets it when it is open. */
Test(tcp_fastopen_connect, crossing_syns)
{
	struct lab l;

	lab_open(&l, NULL);
	learn_cookie(&l, 1460);
	connect_with(&l, 100);
	lab_sends(&l, SEG(SYN, .seq = 0, .len = 100, .has_fastopen = true, .cookie = cookie));
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .no_fastopen = true));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	cr_expect_eq(baro_conn_send_queued(l.conn), 0);
	lab_close(&l);
}
