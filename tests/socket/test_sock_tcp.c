/* SPDX-License-Identifier: BSD-3-Clause */

/* Stream sockets: baro/socket.h on virtual time. */

#include "sock_kit.h"

static struct lab l;
static int listener;

static void
setup(void)
{
	sock_lab_open(&l, NULL);
	listener = sock_listener(2);
}

static void
teardown(void)
{
	lab_skip_all(&l);
	lab_close(&l);
}

TestSuite(sock_tcp, .init = setup, .fini = teardown);

/* Descriptors */

Test(sock_tcp, descriptors_are_none_of_the_hosts_and_do_not_come_again)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);
	int other;

	cr_expect_geq(fd, 1 << 30);
	cr_expect(baro_is_socket(fd));
	cr_expect_not(baro_is_socket(2));
	cr_expect_not(baro_is_socket(-1));
	cr_expect_eq(baro_sock_close(fd), 0);
	other = baro_socket(AF_INET, SOCK_STREAM, 0);
	cr_expect_neq(other, fd);
	fails(baro_sock_close(fd), EBADF);
	fails(baro_sock_send(fd, "x", 1, 0), EBADF);
	fails(baro_sock_close(3), EBADF);
}

Test(sock_tcp, another_cores_descriptor_is_refused)
{
	struct lab *other = calloc(1, sizeof(*other));
	int theirs;

	sock_lab_open(other, NULL);
	cr_expect_eq(baro_core_current(), other->core);
	theirs = baro_socket(AF_INET, SOCK_STREAM, 0);
	fails(baro_sock_listen(listener, 1), EXDEV);
	baro_core_enter(l.core);
	cr_expect_eq(baro_sock_listen(listener, 2), 0);
	fails(baro_sock_close(theirs), EXDEV);
	baro_core_enter(NULL);
	fails(baro_sock_close(theirs), EXDEV);
	fails(baro_socket(AF_INET, SOCK_STREAM, 0), EXDEV);
	lab_close(other);
	free(other);
	baro_core_enter(l.core);
}

Test(sock_tcp, socket_refuses_what_it_does_not_know)
{
	static const struct {
		int domain, type, protocol, error;
	} rows[] = {
		{ AF_INET6, SOCK_STREAM, 0, EAFNOSUPPORT },
		{ AF_UNIX, SOCK_STREAM, 0, EAFNOSUPPORT },
		{ AF_INET, SOCK_RAW, 0, EINVAL },
		{ AF_INET, SOCK_STREAM, IPPROTO_UDP, EPROTONOSUPPORT },
		{ AF_INET, SOCK_STREAM, 132, EPROTONOSUPPORT },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		fails(baro_socket(rows[i].domain, rows[i].type, rows[i].protocol), rows[i].error);
	cr_expect_geq(baro_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP), 0);
}

/* Names */

Test(sock_tcp, bind_and_names)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);

	cr_expect_eq(baro_sock_getsockname(fd, (struct sockaddr *)&in, &len), 0);
	cr_expect_eq(in.sin_family, AF_INET);
	cr_expect_eq(in.sin_port, 0);
	fails(baro_sock_bind(fd, ADDR(LAB_PEER, 99)), EADDRNOTAVAIL);
	fails(baro_sock_bind(fd, ADDR(INADDR_ANY, LAB_PORT)), EADDRINUSE);
	fails(baro_sock_bind(fd, (struct sockaddr *)&in, 8), EINVAL);
	fails(baro_sock_bind(fd, NULL, 0), EFAULT);
	in.sin_family = AF_INET6;
	fails(baro_sock_bind(fd, (struct sockaddr *)&in, sizeof(in)), EAFNOSUPPORT);
	cr_expect_eq(baro_sock_bind(fd, ADDR(LAB_ADDR, 0)), 0);
	fails(baro_sock_bind(fd, ADDR(LAB_ADDR, 99)), EINVAL);
	len = sizeof(in);
	cr_expect_eq(baro_sock_getsockname(fd, (struct sockaddr *)&in, &len), 0);
	cr_expect_eq(ntohl(in.sin_addr.s_addr), LAB_ADDR);
	cr_expect_geq(ntohs(in.sin_port), 1024);
	fails(baro_sock_getpeername(fd, (struct sockaddr *)&in, &len), ENOTCONN);
	fails(baro_sock_getsockname(fd, NULL, &len), EFAULT);
}

Test(sock_tcp, a_port_that_is_bound_is_not_bound_again)
{
	int first = baro_socket(AF_INET, SOCK_STREAM, 0);
	int second = baro_socket(AF_INET, SOCK_STREAM, 0);

	cr_expect_eq(baro_sock_bind(first, ADDR(INADDR_ANY, 5000)), 0);
	fails(baro_sock_bind(second, ADDR(INADDR_ANY, 5000)), EADDRINUSE);
	fails(baro_sock_bind(second, ADDR(LAB_ADDR, 5000)), EADDRINUSE);
	cr_expect_eq(baro_sock_close(first), 0);
	cr_expect_eq(baro_sock_bind(second, ADDR(LAB_ADDR, 5000)), 0);
}

/* Accepting */

Test(sock_tcp, accept_gives_each_connection_once_with_its_address)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	int fd;

	fails(baro_sock_accept(listener, NULL, NULL), EAGAIN);
	peer_connects(&l, 40001);
	peer_connects(&l, 40002);
	fd = baro_sock_accept(listener, (struct sockaddr *)&in, &len);
	cr_expect_geq(fd, 0);
	cr_expect_eq(ntohs(in.sin_port), 40001);
	cr_expect_eq(ntohl(in.sin_addr.s_addr), LAB_PEER);
	cr_expect_eq(len, sizeof(in));
	len = 4; /* cut */
	cr_expect_eq(baro_sock_getpeername(fd, (struct sockaddr *)&in, &len), 0);
	cr_expect_eq(len, sizeof(in));
	fd = baro_sock_accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	cr_expect_eq(baro_sock_fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	fails(baro_sock_accept(listener, NULL, NULL), EAGAIN);
	fails(baro_sock_accept(fd, NULL, NULL), EINVAL);
	fails(baro_sock_accept4(listener, NULL, NULL, 1), EINVAL);
}

/* G14 */
Test(sock_tcp, a_full_queue_takes_no_more)
{
	peer_connects(&l, 40001);
	peer_connects(&l, 40002);
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .src_port = 40003));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_ACCEPT_FULL, 1));
	cr_expect_geq(baro_sock_accept(listener, NULL, NULL), 0);
	peer_connects(&l, 40003);
}

/* G18 */
Test(sock_tcp, closing_a_listener_resets_who_was_not_accepted)
{
	int fd = sock_accepted(&l, listener);

	peer_connects(&l, 40001);
	cr_expect_eq(baro_sock_close(listener), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_expect_eq(baro_sock_send(fd, "x", 1, 0), 1);
	lab_poll(&l);
	lab_skip_all(&l);
}

Test(sock_tcp, who_resets_before_accept_is_forgotten)
{
	peer_connects(&l, 40001);
	lab_recv(&l, SEG(RST, .seq = 1, .src_port = 40001));
	fails(baro_sock_accept(listener, NULL, NULL), EAGAIN);
	peer_connects(&l, 40002); /* there is room for two again */
	peer_connects(&l, 40003);
}

/* Connecting */

Test(sock_tcp, connect_is_in_progress_then_already_then_done)
{
	int fd = sock_connected(&l);
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EISCONN);
	cr_expect_eq(baro_sock_getpeername(fd, (struct sockaddr *)&in, &len), 0);
	cr_expect_eq(ntohs(in.sin_port), LAB_PEER_PORT);
	fd = baro_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	fails(baro_sock_send(fd, "x", 1, 0), ENOTCONN);
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, 7)), EINPROGRESS);
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, 7)), EALREADY);
	fails(baro_sock_send(fd, "x", 1, 0), EAGAIN);
	fails(baro_sock_recv(fd, &in, 1, 0), EAGAIN);
	fails(baro_sock_getpeername(fd, (struct sockaddr *)&in, &len), ENOTCONN);
	fails(baro_sock_connect(listener, ADDR(LAB_PEER, 7)), EISCONN);
	fails(baro_sock_listen(fd, 1), EINVAL);
	lab_poll(&l);
	lab_skip_all(&l);
}

/* G07 */
Test(sock_tcp, a_refusal_is_told_once_and_connect_may_be_tried_again)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EINPROGRESS);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 1));
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), ECONNREFUSED);
	fails(baro_sock_recv(fd, &(char){ 0 }, 1, 0), ENOTCONN);
	lab_forget(&l);
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EINPROGRESS);
	lab_poll(&l);
	lab_skip_all(&l);
}

/* Sending */

Test(sock_tcp, send_takes_what_there_is_room_for_then_again)
{
	static char text[1 << 20];
	int fd = sock_accepted(&l, listener);
	ssize_t n = baro_sock_send(fd, text, sizeof(text), MSG_NOSIGNAL);

	cr_expect_gt(n, 0);
	cr_expect_lt(n, (ssize_t)sizeof(text));
	fails(baro_sock_send(fd, text, 1, 0), EAGAIN);
	lab_poll(&l);
	lab_skip_all(&l);
}

Test(sock_tcp, writev_and_sendmsg_send_all_pieces)
{
	struct iovec iov[3] = { { (char *)"ab", 2 }, { NULL, 0 }, { (char *)"cde", 3 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(baro_sock_writev(fd, iov, 3), 5);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abcde"));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 6));
	cr_expect_eq(baro_sock_sendmsg(fd, &msg, 0), 5);
	cr_expect_eq(baro_sock_sendto(fd, "f", 1, 0, NULL, 0), 1);
	cr_expect_eq(baro_sock_write(fd, "g", 1), 1);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH, .seq = 6, .ack = 1, .data = "abcdefg"));
	cr_expect_eq(baro_sock_send(fd, NULL, 0, 0), 0);
	fails(baro_sock_writev(fd, iov, -1), EINVAL);
	msg.msg_iovlen = 1025;
	fails(baro_sock_sendmsg(fd, &msg, 0), EMSGSIZE);
	fails(baro_sock_send(fd, "x", 1, MSG_OOB), EOPNOTSUPP);
	fails(baro_sock_send(fd, "x", 1, 1 << 30), EOPNOTSUPP);
}

Test(sock_tcp, more_holds_back_until_the_last_piece)
{
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(baro_sock_send(fd, "head", 4, MSG_MORE), 4);
	lab_poll(&l);
	lab_sends_nothing(&l);
	cr_expect_eq(baro_sock_send(fd, "body", 4, 0), 4);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "headbody"));
}

/* Receiving */

Test(sock_tcp, recv_peeks_scatters_throws_away_and_ends)
{
	char a[3] = "";
	char b[8] = "";
	struct iovec iov[2] = { { a, 2 }, { b, 8 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2, .msg_namelen = 9 };
	int fd = sock_accepted(&l, listener);
	int n = -1;

	fails(baro_sock_recv(fd, a, 1, 0), EAGAIN);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abcde"));
	cr_expect_eq(baro_sock_ioctl(fd, FIONREAD, &n), 0);
	cr_expect_eq(n, 5);
	cr_expect_eq(baro_sock_recv(fd, b, 8, MSG_PEEK), 5);
	cr_expect_str_eq(b, "abcde");
	cr_expect_eq(baro_sock_recv(fd, NULL, 0, 0), 0);
	cr_expect_eq(baro_sock_recvmsg(fd, &msg, 0), 5);
	cr_expect_eq(memcmp(a, "ab", 2), 0);
	cr_expect_eq(memcmp(b, "cde", 3), 0);
	cr_expect_eq(msg.msg_namelen, 0);
	lab_recv(&l, SEG(PSH_FIN, .seq = 6, .ack = 1, .data = "fgh"));
	cr_expect_eq(baro_sock_recv(fd, NULL, 2, MSG_TRUNC), 2);
	iov[0].iov_len = 0;
	cr_expect_eq(baro_sock_readv(fd, iov, 2), 1);
	cr_expect_eq(b[0], 'h');
	cr_expect_eq(baro_sock_recvfrom(fd, b, 8, 0, NULL, NULL), 0);
	cr_expect_eq(baro_sock_read(fd, b, 8), 0);
	cr_expect_eq(baro_sock_read(fd, b, 8), 0);
	fails(baro_sock_recv(fd, b, 1, MSG_OOB), EOPNOTSUPP);
	fails(baro_sock_recv(listener, b, 1, 0), ENOTCONN);
}

/* N01 */
Test(sock_tcp, a_reset_is_told_once_after_what_was_received_before)
{
	char b[8];
	int fd = sock_accepted(&l, listener);

	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abc"));
	lab_recv(&l, SEG(RST, .seq = 4));
	cr_expect_eq(baro_sock_recv(fd, b, 8, 0), 3);
	fails(baro_sock_recv(fd, b, 8, 0), ECONNRESET);
	cr_expect_eq(baro_sock_recv(fd, b, 8, 0), 0);
	fails(baro_sock_send(fd, b, 8, 0), EPIPE);
	fails(baro_sock_shutdown(fd, SHUT_WR), ENOTCONN);
	fails(baro_sock_getpeername(fd, NULL, NULL), ENOTCONN);
	lab_skip_all(&l);
	cr_expect_eq(baro_sock_close(fd), 0);
	lab_poll(&l);
	lab_holds(&l, 0, 0);
}

/* Ending */

/* O02, O03 */
Test(sock_tcp, shutdown_ends_one_direction)
{
	char b[8];
	int fd = sock_accepted(&l, listener);

	fails(baro_sock_shutdown(fd, 9), EINVAL);
	cr_expect_eq(baro_sock_shutdown(fd, SHUT_WR), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	fails(baro_sock_send(fd, "x", 1, 0), EPIPE);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 2, .data = "abc"));
	cr_expect_eq(baro_sock_recv(fd, b, 8, 0), 3);
	cr_expect_eq(baro_sock_shutdown(fd, SHUT_WR), 0);
	cr_expect_eq(baro_sock_shutdown(fd, SHUT_RD), 0);
	cr_expect_eq(baro_sock_recv(fd, b, 8, 0), 0);
	fails(baro_sock_shutdown(listener, SHUT_RDWR), ENOTCONN);
}

Test(sock_tcp, a_connection_that_both_have_ended_is_held_until_it_is_closed)
{
	char b[8];
	int fd = sock_accepted(&l, listener);

	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_skip_all(&l);
	cr_expect_eq(baro_sock_shutdown(fd, SHUT_WR), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_recv(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_holds(&l, 1, 0);
	cr_expect_eq(baro_sock_recv(fd, b, 8, 0), 0);
	cr_expect_eq(baro_sock_close(fd), 0);
	lab_poll(&l);
	lab_holds(&l, 0, 0);
}

/* O01 */
Test(sock_tcp, close_sends_what_is_queued_first)
{
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(baro_sock_send(fd, "abc", 3, 0), 3);
	cr_expect_eq(baro_sock_close(fd), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH_FIN, .seq = 1, .ack = 1, .data = "abc"));
}

/* N06 */
Test(sock_tcp, close_with_text_unread_resets)
{
	int fd = sock_accepted(&l, listener);

	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abc"));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4));
	cr_expect_eq(baro_sock_close(fd), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 4));
}

/* Modes */

Test(sock_tcp, modes)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);
	int n = 1;

	cr_expect_eq(baro_sock_fcntl(fd, F_GETFL), O_RDWR);
	cr_expect_eq(baro_sock_fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	cr_expect_eq(baro_sock_fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	n = 0;
	cr_expect_eq(baro_sock_ioctl(fd, FIONBIO, &n), 0);
	cr_expect_eq(baro_sock_fcntl(fd, F_GETFL), O_RDWR);
	cr_expect_eq(baro_sock_fcntl(fd, F_GETFD), FD_CLOEXEC);
	cr_expect_eq(baro_sock_fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	fails(baro_sock_fcntl(fd, F_SETFD, 0), EINVAL);
	fails(baro_sock_fcntl(fd, F_DUPFD, 0), EINVAL);
	fails(baro_sock_ioctl(fd, TCGETS, &n), ENOTTY);
	fd = sock_accepted(&l, listener);
	cr_expect_eq(baro_sock_send(fd, "abc", 3, 0), 3);
	cr_expect_eq(baro_sock_ioctl(fd, TIOCOUTQ, &n), 0);
	cr_expect_eq(n, 3);
	lab_poll(&l);
	lab_skip_all(&l);
}

Test(sock_tcp, nobody_waits_where_the_test_turns_the_core)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);

	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EINPROGRESS);
	fails(baro_sock_recv(fd, &(char){ 0 }, 1, 0), EAGAIN);
	fd = 0;
	cr_expect_eq(baro_sock_ioctl(listener, FIONBIO, &fd), 0);
	fails(baro_sock_accept(listener, NULL, NULL), EAGAIN);
	lab_poll(&l);
	lab_skip_all(&l);
}
