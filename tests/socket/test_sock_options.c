/* SPDX-License-Identifier: BSD-3-Clause */

/* getsockopt() and setsockopt(): a row for each option. */

#include <baro/tcp_info.h>
#include <sys/time.h>

#include "sock_kit.h"

#include <linux/tcp.h> /* TCP_NODELAY, ... */

static struct lab l;
static int listener;
static int udp;

static void
setup(void)
{
	sock_lab_open(&l, NULL);
	listener = sock_listener(4);
	udp = baro_socket(AF_INET, SOCK_DGRAM, 0);
}

static void
teardown(void)
{
	lab_skip_all(&l);
	lab_close(&l);
}

TestSuite(sock_options, .init = setup, .fini = teardown);

static int
set(int fd, int level, int name, int value)
{
	return baro_sock_setsockopt(fd, level, name, &value, sizeof(value));
}

/** -99: it cannot be read. */
static int
get(int fd, int level, int name)
{
	int value = -98;
	socklen_t len = sizeof(value);

	return baro_sock_getsockopt(fd, level, name, &value, &len) == 0 ? value : -99;
}

enum { BOTH, STREAM, DGRAM };

static const struct row {
	const char *what;
	int level;
	int name;
	int kinds;
	int value; /* that it takes, */
	int reads; /* and reads as then */
	int bad;   /* that it does not take; -77: takes any */
} rows[] = {
	{ "reuseaddr", SOL_SOCKET, SO_REUSEADDR, BOTH, 5, 1, -77 },
	{ "broadcast", SOL_SOCKET, SO_BROADCAST, DGRAM, 1, 1, -77 },
	{ "keepalive", SOL_SOCKET, SO_KEEPALIVE, STREAM, 7, 1, -77 },
	{ "send buffer", SOL_SOCKET, SO_SNDBUF, STREAM, 5000, 5000, 0 },
	{ "receive buffer", SOL_SOCKET, SO_RCVBUF, BOTH, 1 << 20, 1 << 20, 0 },
	{ "lowat", SOL_SOCKET, SO_RCVLOWAT, STREAM, 0, 1, -1 },
	{ "lowat", SOL_SOCKET, SO_RCVLOWAT, STREAM, 100, 100, -1 },
	{ "pacing", SOL_SOCKET, SO_MAX_PACING_RATE, STREAM, 100000, 100000, -2 },
	{ "no pacing", SOL_SOCKET, SO_MAX_PACING_RATE, STREAM, -1, -1, -2 },
	{ "nodelay", IPPROTO_TCP, TCP_NODELAY, STREAM, 1, 1, -77 },
	{ "nodelay off", IPPROTO_TCP, TCP_NODELAY, STREAM, 0, 0, -77 },
	{ "cork", IPPROTO_TCP, TCP_CORK, STREAM, 1, 1, -77 },
	{ "maxseg", IPPROTO_TCP, TCP_MAXSEG, STREAM, 600, 600, 10 },
	{ "keepidle", IPPROTO_TCP, TCP_KEEPIDLE, STREAM, 10, 10, 0 },
	{ "keepintvl", IPPROTO_TCP, TCP_KEEPINTVL, STREAM, 10, 10, 0 },
	{ "keepcnt", IPPROTO_TCP, TCP_KEEPCNT, STREAM, 3, 3, 128 },
	{ "syncnt", IPPROTO_TCP, TCP_SYNCNT, STREAM, 3, 3, 128 },
	{ "linger2", IPPROTO_TCP, TCP_LINGER2, STREAM, 3, 3, 0 },
	{ "defer accept", IPPROTO_TCP, TCP_DEFER_ACCEPT, STREAM, 3, 3, -1 },
	{ "window clamp", IPPROTO_TCP, TCP_WINDOW_CLAMP, STREAM, 9000, 9000, -1 },
	{ "quickack", IPPROTO_TCP, TCP_QUICKACK, STREAM, 1, 1, -77 },
	{ "user timeout", IPPROTO_TCP, TCP_USER_TIMEOUT, STREAM, 3000, 3000, -1 },
	{ "notsent lowat", IPPROTO_TCP, TCP_NOTSENT_LOWAT, STREAM, 3000, 3000, -1 },
	{ "tos", IPPROTO_IP, IP_TOS, BOTH, 0x20, 0x20, 256 },
	{ "ttl", IPPROTO_IP, IP_TTL, BOTH, 9, 9, 256 },
	{ "mtu discovery", IPPROTO_IP, IP_MTU_DISCOVER, BOTH, IP_PMTUDISC_WANT, IP_PMTUDISC_WANT,
		9 },
	{ "pktinfo", IPPROTO_IP, IP_PKTINFO, DGRAM, 1, 1, -77 },
	{ "recvttl", IPPROTO_IP, IP_RECVTTL, DGRAM, 1, 1, -77 },
	{ "recvtos", IPPROTO_IP, IP_RECVTOS, DGRAM, 1, 1, -77 },
	{ "group ttl", IPPROTO_IP, IP_MULTICAST_TTL, DGRAM, 30, 30, 256 },
	{ "group ttl unset", IPPROTO_IP, IP_MULTICAST_TTL, DGRAM, -1, 1, -2 },
	{ "group ttl of none", IPPROTO_IP, IP_MULTICAST_TTL, DGRAM, 0, 0, -2 },
	{ "group loop", IPPROTO_IP, IP_MULTICAST_LOOP, DGRAM, 0, 0, -77 },
};

/** It is set and read, or not there. */
static void
try_row(const struct row *r, int fd, bool is_there)
{
	if (!is_there) {
		fails(set(fd, r->level, r->name, r->value), ENOPROTOOPT);
		cr_expect_eq(get(fd, r->level, r->name), -99, "%s", r->what);
		return;
	}
	cr_expect_eq(set(fd, r->level, r->name, r->value), 0, "%s: %s", r->what, strerror(errno));
	cr_expect_eq(get(fd, r->level, r->name), r->reads, "%s: %d", r->what,
		get(fd, r->level, r->name));
	if (r->bad != -77)
		fails(set(fd, r->level, r->name, r->bad), EINVAL);
	fails(baro_sock_setsockopt(fd, r->level, r->name, &r->value, 0), EINVAL);
	if (r->level != IPPROTO_IP)
		fails(baro_sock_setsockopt(fd, r->level, r->name, &r->value, 3), EINVAL);
}

Test(sock_options, every_row_on_every_kind_of_socket)
{
	int connected = sock_accepted(&l, listener);
	int fresh = baro_socket(AF_INET, SOCK_STREAM, 0);

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		l.row = rows[i].what;
		try_row(&rows[i], connected, rows[i].kinds != DGRAM);
		try_row(&rows[i], fresh, rows[i].kinds != DGRAM);
		try_row(&rows[i], udp, rows[i].kinds != STREAM);
	}
}

Test(sock_options, what_is_not_known_is_never_taken)
{
	fails(set(listener, SOL_SOCKET, 9999, 1), ENOPROTOOPT);
	fails(set(listener, 9999, 1, 1), ENOPROTOOPT);
	fails(set(listener, SOL_SOCKET, SO_REUSEPORT, 1), ENOPROTOOPT);
	fails(set(listener, SOL_SOCKET, SO_TYPE, 1), ENOPROTOOPT);
	fails(set(listener, IPPROTO_TCP, TCP_INFO, 1), ENOPROTOOPT);
	fails(set(listener, IPPROTO_IP, IP_MTU, 1), ENOPROTOOPT);
	fails(baro_sock_setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, NULL, 4), EFAULT);
	fails(baro_sock_getsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, NULL, NULL), EFAULT);
	fails(set(baro_epoll_create1(0), SOL_SOCKET, SO_KEEPALIVE, 1), ENOTSOCK);
	fails(set(3, SOL_SOCKET, SO_KEEPALIVE, 1), EBADF);
}

/* As on Linux, for the sake of programs that were written for BSD */
Test(sock_options, options_of_ip_take_an_octet_too)
{
	uint8_t octets[4] = { 33, 0xff, 0xff, 0xff };
	socklen_t len = 2;

	cr_expect_eq(baro_sock_setsockopt(udp, IPPROTO_IP, IP_TTL, octets, 1), 0);
	cr_expect_eq(get(udp, IPPROTO_IP, IP_TTL), 33);
	cr_expect_eq(baro_sock_getsockopt(udp, IPPROTO_IP, IP_TTL, octets, &len), 0);
	cr_expect_eq(len, 1);
	cr_expect_eq(octets[0], 33);
	cr_expect_eq(octets[1], 0xff, "untouched");
}

Test(sock_options, what_a_socket_is)
{
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(get(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
	cr_expect_eq(get(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	cr_expect_eq(get(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	cr_expect_eq(get(udp, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
	cr_expect_eq(get(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
	cr_expect_eq(get(udp, SOL_SOCKET, SO_PROTOCOL), IPPROTO_UDP);
	cr_expect_eq(get(udp, SOL_SOCKET, SO_DOMAIN), AF_INET);
	cr_expect_eq(get(fd, SOL_SOCKET, SO_ERROR), 0);
	cr_expect_eq(set(udp, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO), 0);
	cr_expect_eq(get(udp, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_DO);
	fails(set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO), EINVAL);
	cr_expect_eq(get(fd, IPPROTO_IP, IP_MTU), 1500);
	cr_expect_eq(get(listener, IPPROTO_IP, IP_MTU), -99);
	cr_expect_gt(get(listener, SOL_SOCKET, SO_SNDBUF), 1000);
	cr_expect_eq(get(listener, IPPROTO_TCP, TCP_KEEPIDLE), 7200);
}

Test(sock_options, linger_and_timeouts_are_structures)
{
	struct linger linger = { 1, 5 };
	struct timeval tv = { 1, 500000 };
	socklen_t len = sizeof(linger);
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);

	cr_expect_eq(baro_sock_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, len), 0);
	linger = (struct linger){ 0, 0 };
	cr_expect_eq(baro_sock_getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len), 0);
	cr_expect_eq(linger.l_onoff, 1);
	cr_expect_eq(linger.l_linger, 5);
	fails(baro_sock_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, 4), EINVAL);
	fails(baro_sock_setsockopt(udp, SOL_SOCKET, SO_LINGER, &linger, 8), ENOPROTOOPT);
	for (int name = SO_RCVTIMEO; name <= SO_SNDTIMEO; name++) {
		struct timeval out = { 0, 0 };

		len = sizeof(out);
		cr_expect_eq(baro_sock_setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv)), 0);
		cr_expect_eq(baro_sock_getsockopt(fd, SOL_SOCKET, name, &out, &len), 0);
		cr_expect_eq(out.tv_sec, 1);
		cr_expect_eq(out.tv_usec, 500000);
	}
	tv.tv_usec = 1000000;
	fails(baro_sock_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), EDOM);
}

/* N05 */
Test(sock_options, linger_of_no_time_resets)
{
	struct linger linger = { 1, 0 };
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(baro_sock_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	cr_expect_eq(baro_sock_send(fd, "abc", 3, 0), 3);
	cr_expect_eq(baro_sock_close(fd), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
}

Test(sock_options, a_listeners_options_are_those_of_its_connections)
{
	int fd;

	cr_expect_eq(set(listener, IPPROTO_TCP, TCP_NODELAY, 1), 0);
	cr_expect_eq(set(listener, IPPROTO_IP, IP_TTL, 33), 0);
	fd = sock_accepted(&l, listener);
	cr_expect_eq(get(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	cr_expect_eq(get(fd, IPPROTO_IP, IP_TTL), 33);
}

Test(sock_options, what_is_set_before_connecting_holds_for_the_syn)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	cr_expect_eq(set(fd, IPPROTO_TCP, TCP_MAXSEG, 600), 0);
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EINPROGRESS);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0, .mss = 600));
}

Test(sock_options, lowat_keeps_a_few_octets_from_being_told)
{
	int ep = baro_epoll_create1(0);
	int fd = sock_accepted(&l, listener);
	struct epoll_event e = { .events = EPOLLIN };

	cr_expect_eq(set(fd, SOL_SOCKET, SO_RCVLOWAT, 5), 0);
	cr_expect_eq(baro_epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abc"));
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 0);
	lab_recv(&l, SEG(PSH, .seq = 4, .ack = 1, .data = "de"));
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 1);
}

Test(sock_options, deferred_accept_waits_for_text)
{
	cr_expect_eq(set(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5), 0);
	peer_connects(&l, 40001);
	fails(baro_sock_accept(listener, NULL, NULL), EAGAIN);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abc", .src_port = 40001));
	cr_expect_geq(baro_sock_accept(listener, NULL, NULL), 0);
}

Test(sock_options, congestion_control_goes_by_its_name)
{
	char name[16] = "newreno";
	socklen_t len = sizeof(name);
	int fresh = baro_socket(AF_INET, SOCK_STREAM, 0);
	int fd;

	cr_expect_eq(baro_sock_setsockopt(listener, IPPROTO_TCP, TCP_CONGESTION, name, 7), 0);
	cr_expect_eq(baro_sock_setsockopt(fresh, IPPROTO_TCP, TCP_CONGESTION, name, 8), 0);
	fails(baro_sock_setsockopt(fresh, IPPROTO_TCP, TCP_CONGESTION, "tahoe", 5), ENOENT);
	fd = sock_accepted(&l, listener);
	memset(name, 0, sizeof(name));
	cr_expect_eq(baro_sock_getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len), 0);
	cr_expect_str_eq(name, "newreno");
	len = sizeof(name);
	cr_expect_eq(baro_sock_getsockopt(fresh, IPPROTO_TCP, TCP_CONGESTION, name, &len), 0);
	cr_expect_str_eq(name, "newreno");
}

Test(sock_options, tcp_info_is_ours)
{
	struct baro_tcp_info info;
	socklen_t len = sizeof(info);
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(baro_sock_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	cr_expect_eq(len, sizeof(info));
	cr_expect_str_eq(info.state, "ESTABLISHED");
	cr_expect_eq(baro_sock_getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &len), -1);
}
