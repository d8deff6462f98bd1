/* SPDX-License-Identifier: BSD-3-Clause */

/* Datagram sockets: baro/socket.h on virtual time. */

#include "sock_kit.h"

#include "wire/cksum.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

static struct lab l;
static int fd;

enum { PORT = 5000 };

static void
setup(void)
{
	sock_lab_open(&l, NULL);
	fd = baro_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	cr_assert_geq(fd, 0);
	cr_assert_eq(baro_sock_bind(fd, ADDR(INADDR_ANY, PORT)), 0);
}

static void
teardown(void)
{
	lab_skip_all(&l);
	lab_close(&l);
}

TestSuite(sock_udp, .init = setup, .fini = teardown);

/** A datagram from the peer's @port. */
static void
arrives(uint16_t port, const char *text)
{
	uint8_t b[UDP_HDR_LEN + 1500];
	struct udp_hdr h = {
		.src_port = port, .dst_port = PORT, .len = (uint16_t)(UDP_HDR_LEN + strlen(text))
	};

	udp_write(b, &h);
	memcpy(b + UDP_HDR_LEN, text, strlen(text));
	lab_recv_ip(&l, LAB_PEER, LAB_ADDR, IP_PROTO_UDP, b, h.len);
}

/** The next frame is a datagram with this text. */
static void
leaves(const char *text)
{
	const struct lab_frame *f;

	lab_poll(&l);
	f = lab_next_frame(&l);
	cr_expect_eq(
		memcmp(f->octets + ETH_HDR_LEN + IPV4_HDR_LEN + UDP_HDR_LEN, text, strlen(text)),
		0);
}

/* E10, E03 */
Test(sock_udp, boundaries_and_addresses_are_kept)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	char b[16];
	int n;

	fails(baro_sock_recv(fd, b, 16, 0), EAGAIN);
	arrives(1001, "one");
	arrives(1002, "");
	arrives(1003, "three");
	cr_expect_eq(baro_sock_ioctl(fd, FIONREAD, &n), 0);
	cr_expect_eq(n, 3);
	cr_expect_eq(baro_sock_recvfrom(fd, b, 16, MSG_PEEK, NULL, NULL), 3);
	cr_expect_eq(baro_sock_recvfrom(fd, b, 16, 0, (struct sockaddr *)&in, &len), 3);
	cr_expect_eq(memcmp(b, "one", 3), 0);
	cr_expect_eq(ntohs(in.sin_port), 1001);
	cr_expect_eq(ntohl(in.sin_addr.s_addr), LAB_PEER);
	cr_expect_eq(baro_sock_recv(fd, b, 16, 0), 0);
	cr_expect_eq(baro_sock_recv(fd, b, 16, 0), 5);
	fails(baro_sock_recv(fd, b, 16, 0), EAGAIN);
	fails(baro_sock_listen(fd, 1), EOPNOTSUPP);
	fails(baro_sock_accept(fd, NULL, NULL), EOPNOTSUPP);
}

/* E09 */
Test(sock_udp, what_does_not_fit_is_cut_and_flagged)
{
	char b[4];
	struct iovec iov = { b, sizeof(b) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	arrives(1001, "abcdef");
	arrives(1001, "gh");
	arrives(1001, "ijklmn");
	cr_expect_eq(baro_sock_recvmsg(fd, &msg, 0), 4);
	cr_expect_eq(msg.msg_flags, MSG_TRUNC);
	cr_expect_eq(baro_sock_recvmsg(fd, &msg, 0), 2);
	cr_expect_eq(msg.msg_flags, 0);
	cr_expect_eq(memcmp(b, "gh", 2), 0);
	cr_expect_eq(baro_sock_recvmsg(fd, &msg, MSG_TRUNC), 6); /* its whole length */
}

Test(sock_udp, sendto_and_a_message_of_pieces)
{
	struct sockaddr_in to = sockaddr_of(LAB_PEER, 53);
	struct iovec iov[2] = { { (char *)"ab", 2 }, { (char *)"cd", 2 } };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = iov, .msg_iovlen = 2
	};
	static char large[65508];

	fails(baro_sock_send(fd, "x", 1, 0), EDESTADDRREQ);
	cr_expect_eq(baro_sock_sendto(fd, "hello", 5, 0, ADDR(LAB_PEER, 53)), 5);
	leaves("hello");
	cr_expect_eq(baro_sock_sendmsg(fd, &msg, MSG_NOSIGNAL), 4);
	leaves("abcd");
	fails(baro_sock_sendto(fd, large, sizeof(large), 0, ADDR(LAB_PEER, 53)), EMSGSIZE);
	fails(baro_sock_sendto(fd, "x", 1, MSG_MORE, ADDR(LAB_PEER, 53)), EOPNOTSUPP);
	fails(baro_sock_sendto(fd, "x", 1, 0, ADDR(INADDR_BROADCAST, 53)), EACCES);
	to.sin_family = AF_INET6;
	fails(baro_sock_sendmsg(fd, &msg, 0), EAFNOSUPPORT);
}

/* E07 */
Test(sock_udp, a_connected_socket_hears_its_peer_alone)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	char b[8];

	fails(baro_sock_getpeername(fd, (struct sockaddr *)&in, &len), ENOTCONN);
	fails(baro_sock_shutdown(fd, SHUT_RD), ENOTCONN);
	cr_expect_eq(baro_sock_connect(fd, ADDR(LAB_PEER, 1001)), 0);
	cr_expect_eq(baro_sock_getpeername(fd, (struct sockaddr *)&in, &len), 0);
	cr_expect_eq(ntohs(in.sin_port), 1001);
	cr_expect_eq(baro_sock_getsockname(fd, (struct sockaddr *)&in, &len), 0);
	cr_expect_eq(ntohl(in.sin_addr.s_addr), LAB_ADDR);
	arrives(1002, "no");
	fails(baro_sock_recv(fd, b, 8, 0), EAGAIN);
	lab_skip_all(&l); /* port unreachable */
	arrives(1001, "yes");
	cr_expect_eq(baro_sock_read(fd, b, 8), 3);
	cr_expect_eq(baro_sock_write(fd, "pong", 4), 4);
	leaves("pong");
	in.sin_family = AF_UNSPEC;
	cr_expect_eq(baro_sock_connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	fails(baro_sock_send(fd, "x", 1, 0), EDESTADDRREQ);
	arrives(1002, "now");
	cr_expect_eq(baro_sock_read(fd, b, 8), 3);
}

/* E05 */
Test(sock_udp, a_refusal_is_told_once)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = baro_epoll_create1(0);
	uint8_t quote[8 + IPV4_HDR_LEN + 8] = { 0 };
	const struct lab_frame *f;
	uint16_t sum;
	char b[8];

	cr_expect_eq(baro_sock_connect(fd, ADDR(LAB_PEER, 1001)), 0);
	cr_expect_eq(baro_sock_send(fd, "ping", 4, 0), 4);
	lab_poll(&l);
	f = lab_next_frame(&l);
	quote[0] = 3; /* unreachable: port */
	quote[1] = 3;
	memcpy(quote + 8, f->octets + ETH_HDR_LEN, IPV4_HDR_LEN + 8);
	sum = cksum_fold(cksum_add(0, quote, sizeof(quote)));
	memcpy(quote + 2, &sum, sizeof(sum));
	lab_recv_ip(&l, LAB_PEER, LAB_ADDR, IP_PROTO_ICMP, quote, sizeof(quote));
	cr_expect_eq(baro_epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 1);
	cr_expect_eq(e.events, EPOLLIN | EPOLLERR);
	fails(baro_sock_recv(fd, b, 8, 0), ECONNREFUSED);
	fails(baro_sock_recv(fd, b, 8, 0), EAGAIN);
	cr_expect_eq(baro_sock_send(fd, "ping", 4, 0), 4);
	leaves("ping");
}

Test(sock_udp, epoll_tells_each_arrival)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int ep = baro_epoll_create1(0);
	char b[8];

	cr_expect_eq(baro_epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 0);
	arrives(1001, "a");
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 1);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 0);
	arrives(1001, "b");
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 1);
	cr_expect_eq(baro_sock_read(fd, b, 8), 1);
	cr_expect_eq(baro_sock_read(fd, b, 8), 1);
}

/* E04 */
Test(sock_udp, pktinfo_tells_where_it_came_to_and_says_where_it_leaves_from)
{
	char control[128];
	char b[8];
	struct iovec iov = { b, sizeof(b) };
	struct sockaddr_in peer;
	struct msghdr msg = { .msg_name = &peer,
		.msg_namelen = sizeof(peer),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	const int one = 1;
	struct cmsghdr *c;
	struct in_pktinfo info;

	cr_expect_eq(baro_sock_setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one)), 0);
	cr_expect_eq(baro_sock_setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &one, sizeof(one)), 0);
	arrives(1001, "a");
	cr_expect_eq(baro_sock_recvmsg(fd, &msg, 0), 1);
	c = CMSG_FIRSTHDR(&msg);
	cr_assert_not_null(c);
	cr_expect_eq(c->cmsg_type, IP_PKTINFO);
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	cr_expect_eq(ntohl(info.ipi_addr.s_addr), LAB_ADDR);
	cr_expect_eq(info.ipi_ifindex, 1);
	c = CMSG_NXTHDR(&msg, c);
	cr_assert_not_null(c);
	cr_expect_eq(c->cmsg_type, IP_TTL);
	cr_expect_eq(baro_sock_sendmsg(fd, &msg, 0), 8); /* the same message goes back */
	lab_poll(&l);
	cr_expect_eq(lab_pending(&l), 1);
	arrives(1001, "b");
	msg.msg_controllen = 4;
	cr_expect_eq(baro_sock_recvmsg(fd, &msg, 0), 1);
	cr_expect_eq(msg.msg_flags, MSG_CTRUNC);
}

Test(sock_udp, several_messages_in_a_call)
{
	char b[3][8];
	struct iovec iov[3] = { { b[0], 8 }, { b[1], 8 }, { b[2], 8 } };
	struct mmsghdr msg[3];
	struct sockaddr_in peer[3];

	for (int i = 0; i < 3; i++)
		msg[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &peer[i],
						   .msg_namelen = sizeof(peer[i]),
						   .msg_iov = &iov[i],
						   .msg_iovlen = 1 } };
	fails(baro_sock_recvmmsg(fd, msg, 3, 0, NULL), EAGAIN);
	arrives(1001, "a");
	arrives(1002, "bc");
	cr_expect_eq(baro_sock_recvmmsg(fd, msg, 3, MSG_WAITFORONE, NULL), 2);
	cr_expect_eq(msg[1].msg_len, 2);
	cr_expect_eq(ntohs(peer[1].sin_port), 1002);
	iov[0].iov_len = 1;
	iov[1].iov_len = 2;
	cr_expect_eq(baro_sock_sendmmsg(fd, msg, 2, 0), 2);
	leaves("a");
	leaves("bc");
	fails(baro_sock_recvmmsg(fd, msg, 1, 0, &(struct timespec){ 0 }), EOPNOTSUPP);
}

Test(sock_udp, shutdown_of_both_directions)
{
	char b[8];

	cr_expect_eq(baro_sock_connect(fd, ADDR(LAB_PEER, 1001)), 0);
	cr_expect_eq(baro_sock_shutdown(fd, SHUT_WR), 0);
	fails(baro_sock_send(fd, "x", 1, 0), EPIPE);
	fails(baro_sock_recv(fd, b, 8, 0), EAGAIN);
	cr_expect_eq(baro_sock_shutdown(fd, SHUT_RD), 0);
	cr_expect_eq(baro_sock_recv(fd, b, 8, 0), 0);
}
