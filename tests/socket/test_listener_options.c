/* SPDX-License-Identifier: BSD-3-Clause */

/* What is set of a listener, its connections begin with, and its SYN|ACK says so far as it can. */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/lab.h"
#include "runtime/core.h"
#include "wire/ipv4.h"

static struct lab l;

static void
setup(void)
{
	lab_open(&l, NULL);
	lab_listen(&l);
}

static void
teardown(void)
{
	lab_close(&l);
}

TestSuite(listener_options, .init = setup, .fini = teardown);

static void
set(enum baro_conn_option option, int value)
{
	cr_assert_eq(baro_listener_set(l.listener, option, value), 0, "option %d", option);
}

static void
establish(void)
{
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_assert_eq(l.app.n_opened, 1);
}

static const struct {
	enum baro_conn_option option;
	int value;
} rows[] = {
	{ BARO_TCP_NODELAY, 1 },
	{ BARO_TCP_CORK, 1 },
	{ BARO_TCP_SNDBUF, 30000 },
	{ BARO_TCP_RCVBUF, 20000 },
	{ BARO_TCP_NOTSENT_LOWAT, 4096 },
	{ BARO_TCP_WINDOW_CLAMP, 10000 },
	{ BARO_TCP_MAXSEG, 700 },
	{ BARO_TCP_QUICKACK, 1 },
	{ BARO_TCP_MAX_PACING_RATE, 123456 },
	{ BARO_IP_TOS, 0x20 },
	{ BARO_IP_TTL, 33 },
	{ BARO_TCP_KEEPALIVE, 1 },
	{ BARO_TCP_KEEPIDLE, 11 },
	{ BARO_TCP_KEEPINTVL, 12 },
	{ BARO_TCP_KEEPCNT, 13 },
	{ BARO_TCP_USER_TIMEOUT, 14000 },
	{ BARO_TCP_SYNCNT, 3 },
	{ BARO_TCP_LINGER, 15 },
	{ BARO_TCP_LINGER2, 16 },
};

Test(listener_options, each_is_handed_down)
{
	int value;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		set(rows[i].option, rows[i].value);
		cr_assert_eq(baro_listener_get(l.listener, rows[i].option, &value), 0);
		cr_expect_eq(
			value, rows[i].value, "listener's option %d is %d", rows[i].option, value);
	}
	establish();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_assert_eq(baro_conn_get(l.conn, rows[i].option, &value), 0);
		cr_expect_eq(value, rows[i].value, "option %d is %d", rows[i].option, value);
	}
}

Test(listener_options, only_of_later_connections_and_each_its_own)
{
	struct baro_conn *first;
	int value;

	establish();
	first = l.conn;
	set(BARO_TCP_KEEPCNT, 5);
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .src_port = 5000));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .src_port = 5000));
	cr_assert_eq(baro_conn_get(l.conn, BARO_TCP_KEEPCNT, &value), 0);
	cr_expect_eq(value, 5);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_KEEPCNT, 6), 0);
	cr_assert_eq(baro_listener_get(l.listener, BARO_TCP_KEEPCNT, &value), 0);
	cr_expect_eq(value, 5);
	cr_assert_eq(baro_conn_get(first, BARO_TCP_KEEPCNT, &value), 0);
	cr_expect_eq(value, 9);
}

/** The IPv4 header of the next frame. */
static struct ipv4_hdr
next_ip(void)
{
	const struct lab_frame *f = lab_next_frame(&l);
	struct ipv4_hdr ip;

	cr_assert_eq(ipv4_read(f->octets + ETH_HDR_LEN, f->len - ETH_HDR_LEN, f->len - ETH_HDR_LEN,
			     false, &ip),
		DROP_NONE);
	return ip;
}

Test(listener_options, syn_ack_says_what_they_are)
{
	struct ipv4_hdr ip;

	set(BARO_TCP_MAXSEG, 700);
	set(BARO_TCP_RCVBUF, 20000);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 700, .wnd = 20000));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 700));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 701));
	lab_write(&l, 1000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 701, .len = 700));
	lab_recv(&l, SEG(ACK, .seq = 701, .ack = 701));
	lab_sends(&l, SEG(PSH, .seq = 701, .ack = 701, .len = 300));
	lab_recv(&l, SEG(RST, .seq = 701));
	lab_forget(&l);
	set(BARO_IP_TOS, 0x48);
	set(BARO_IP_TTL, 9);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	ip = next_ip();
	cr_expect_eq(ip.tos, 0x48);
	cr_expect_eq(ip.ttl, 9);
}

/* SYN cookies: the SYN|ACK of nobody is that of the listener, too */
Test(listener_options_of_cookies, syn_ack_says_them_and_the_connection_has_them)
{
	struct baro_config config = { .core.seed = 1, .tcp.syncookies = BARO_ON };
	int value;

	lab_open(&l, &config);
	lab_listen(&l);
	set(BARO_TCP_RCVBUF, 20000);
	set(BARO_TCP_MAXSEG, 700);
	set(BARO_TCP_NODELAY, 1);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 700, .wnd = 20000));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_assert_eq(baro_conn_get(l.conn, BARO_TCP_NODELAY, &value), 0);
	cr_expect_eq(value, 1);
	lab_close(&l);
}

Test(listener_options, what_cannot_be_set_is_an_error)
{
	struct baro_conn *c;
	int value;

	cr_expect_eq(baro_listener_set(l.listener, BARO_TCP_FASTOPEN_CONNECT, 1), -ENOPROTOOPT);
	cr_expect_eq(
		baro_listener_get(l.listener, BARO_TCP_FASTOPEN_CONNECT, &value), -ENOPROTOOPT);
	cr_expect_eq(baro_listener_set(l.listener, (enum baro_conn_option)999, 1), -ENOPROTOOPT);
	cr_expect_eq(baro_listener_set(l.listener, BARO_IP_TTL, 0), -EINVAL);
	cr_expect_eq(baro_listener_set(l.listener, BARO_TCP_FASTOPEN, 65536), -EINVAL);
	set(BARO_TCP_FASTOPEN, 7);
	cr_assert_eq(baro_listener_get(l.listener, BARO_TCP_FASTOPEN, &value), 0);
	cr_expect_eq(value, 7);
	establish();
	c = l.conn;
	cr_expect_eq(baro_conn_set(c, BARO_TCP_FASTOPEN, 1), -ENOPROTOOPT);
	cr_expect_eq(baro_conn_get(c, BARO_TCP_FASTOPEN, &value), -ENOPROTOOPT);
	cr_expect_eq(baro_conn_set(c, BARO_TCP_FASTOPEN_CONNECT, 1), -EINVAL);
}
