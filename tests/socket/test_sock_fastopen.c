/* SPDX-License-Identifier: BSD-3-Clause */

/* TCP Fast Open by TCP_FASTOPEN and TCP_FASTOPEN_CONNECT: RFC 7413, tcp(7). */

#include "sock_kit.h"

#include <linux/tcp.h> /* TCP_FASTOPEN, ... */

static const struct tcp_cookie cookie = { 8, { 1, 2, 3, 4, 5, 6, 7, 8 } };

static struct lab l;

static void
setup(void)
{
	sock_lab_open(&l, NULL);
	l.uses_ts = false;
}

static void
teardown(void)
{
	lab_skip_all(&l);
	lab_close(&l);
}

TestSuite(sock_fastopen, .init = setup, .fini = teardown);

static int
set(int fd, int name, int value)
{
	return baro_sock_setsockopt(fd, IPPROTO_TCP, name, &value, sizeof(value));
}

static int
get(int fd, int name)
{
	int value = -99;
	socklen_t len = sizeof(value);

	cr_expect_eq(baro_sock_getsockopt(fd, IPPROTO_TCP, name, &value, &len), 0);
	return value;
}

/** One that asks for it, and what connect() says. */
static int
connect_fast(int *error)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	lab_forget(&l);
	cr_assert_eq(set(fd, TCP_FASTOPEN_CONNECT, 1), 0);
	cr_expect_eq(get(fd, TCP_FASTOPEN_CONNECT), 1);
	*error = baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)) == 0 ? 0 : errno;
	return fd;
}

/** The first connection has no cookie: it is opened as usual, and brings one home. */
static int
learn_cookie(void)
{
	int error;
	int fd = connect_fast(&error);

	cr_expect_eq(error, EINPROGRESS);
	fails(baro_sock_send(fd, "x", 1, 0), EAGAIN);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0, .has_fastopen = true));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .has_fastopen = true,
			     .cookie = cookie));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	return fd;
}

/* G19 */
Test(sock_fastopen, with_a_cookie_text_goes_on_the_syn)
{
	int error;
	int first = learn_cookie();
	int fd;

	fails(set(first, TCP_FASTOPEN_CONNECT, 1), EINVAL); /* too late */
	fd = connect_fast(&error);
	cr_expect_eq(error, 0);
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EISCONN);
	cr_expect_eq(baro_sock_send(fd, "hello", 5, 0), 5);
	fails(baro_sock_recv(fd, &(char){ 0 }, 1, 0), EAGAIN);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0, .data = "hello", .has_fastopen = true, .cookie = cookie));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 6, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 6, .ack = 1));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 6, .data = "z"));
	cr_expect_eq(baro_sock_recv(fd, &(char){ 0 }, 1, 0), 1);
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EISCONN);
}

Test(sock_fastopen, epoll_tells_that_text_is_taken)
{
	struct epoll_event e = { .events = EPOLLOUT | EPOLLIN };
	int ep = baro_epoll_create1(0);
	int error;
	int fd;

	learn_cookie();
	fd = connect_fast(&error);
	cr_expect_eq(baro_epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 1);
	cr_expect_eq(e.events, EPOLLOUT);
	lab_forget(&l);
}

Test(sock_fastopen, a_refusal_is_told_by_the_next_call)
{
	int error;
	int fd;

	learn_cookie();
	fd = connect_fast(&error);
	cr_expect_eq(baro_sock_send(fd, "hello", 5, 0), 5);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0, .data = "hello", .has_fastopen = true, .cookie = cookie));
	lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 6));
	fails(baro_sock_send(fd, "x", 1, 0), ECONNREFUSED);
	fails(baro_sock_send(fd, "x", 1, 0), ENOTCONN);
}

/* G19: §4.2 */
Test(sock_fastopen, a_listener_opens_at_once_for_a_good_cookie)
{
	struct tcp_cookie given;
	char b[8];
	int listener = sock_listener(4);
	int fd;

	cr_expect_eq(get(listener, TCP_FASTOPEN), 0);
	cr_expect_eq(set(listener, TCP_FASTOPEN, 5), 0);
	cr_expect_eq(get(listener, TCP_FASTOPEN), 5);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .src_port = 999));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_fastopen = true));
	given = l.last.cookie;
	lab_recv(&l, SEG(RST, .seq = 1, .src_port = 999));
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = given,
			     .data = "abc"));
	fd = baro_sock_accept(listener, NULL, NULL);
	cr_assert_geq(fd, 0);
	cr_expect_eq(baro_sock_recv(fd, b, sizeof(b), 0), 3);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 4));
	fails(set(fd, TCP_FASTOPEN, 5), EINVAL);
}

Test(sock_fastopen, a_limit_set_before_listening_holds_then)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);

	fails(set(fd, TCP_FASTOPEN, -1), EINVAL);
	fails(set(fd, TCP_FASTOPEN, 65536), EINVAL);
	cr_expect_eq(set(fd, TCP_FASTOPEN, 3), 0);
	cr_expect_eq(get(fd, TCP_FASTOPEN), 3);
	cr_expect_eq(baro_sock_bind(fd, ADDR(INADDR_ANY, LAB_PORT)), 0);
	cr_expect_eq(baro_sock_listen(fd, 4), 0);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_fastopen = true));
	cr_expect_eq(l.last.cookie.len, 8);
}
