/* SPDX-License-Identifier: BSD-3-Clause */

/* baro_epoll_*() and baro_poll() on virtual time; sockets.sh has them in a program. */

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sock_kit.h"

static struct lab l;
static int listener;
static int ep;
static struct epoll_event got[8];

static void
setup(void)
{
	sock_lab_open(&l, NULL);
	listener = sock_listener(4);
	ep = baro_epoll_create1(EPOLL_CLOEXEC);
	cr_assert(baro_is_socket(ep));
}

static void
teardown(void)
{
	lab_skip_all(&l);
	lab_close(&l);
}

TestSuite(epoll, .init = setup, .fini = teardown);

static int
watch(int op, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	return baro_epoll_ctl(ep, op, fd, &e);
}

/** One descriptor is ready, with exactly these events. */
static void
tells(int fd, uint32_t events)
{
	cr_expect_eq(baro_epoll_wait(ep, got, 8, 0), 1);
	cr_expect_eq(got[0].data.fd, fd);
	cr_expect_eq(got[0].events, events, "%x, expected %x", got[0].events, events);
}

static void
tells_nothing(void)
{
	cr_expect_eq(baro_epoll_wait(ep, got, 8, 0), 0);
}

Test(epoll, a_listener_is_readable_while_somebody_waits)
{
	cr_expect_eq(watch(EPOLL_CTL_ADD, listener, EPOLLIN), 0);
	tells_nothing();
	peer_connects(&l, 40001);
	peer_connects(&l, 40002);
	tells(listener, EPOLLIN);
	cr_expect_geq(baro_sock_accept(listener, NULL, NULL), 0);
	tells(listener, EPOLLIN);
	cr_expect_geq(baro_sock_accept(listener, NULL, NULL), 0);
	tells_nothing();
}

Test(epoll, level_triggered_tells_until_all_is_read)
{
	char b[8];
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(watch(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP), 0);
	tells_nothing();
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abc"));
	tells(fd, EPOLLIN);
	cr_expect_eq(baro_sock_read(fd, b, 2), 2);
	tells(fd, EPOLLIN);
	cr_expect_eq(baro_sock_read(fd, b, 2), 1);
	tells_nothing();
	lab_recv(&l, SEG(FIN, .seq = 4, .ack = 1));
	tells(fd, EPOLLIN | EPOLLRDHUP);
	tells(fd, EPOLLIN | EPOLLRDHUP);
	cr_expect_eq(baro_sock_shutdown(fd, SHUT_WR), 0);
	tells(fd, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
}

Test(epoll, edge_triggered_tells_once_for_each_arrival)
{
	char b[8];
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(watch(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLET), 0);
	tells(fd, EPOLLOUT); /* it was so when it was added */
	tells_nothing();
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abc"));
	tells(fd, EPOLLIN | EPOLLOUT);
	tells_nothing();
	lab_recv(&l, SEG(PSH, .seq = 4, .ack = 1, .data = "def"));
	tells(fd, EPOLLIN | EPOLLOUT);
	lab_recv(&l, SEG(PSH, .seq = 7, .ack = 1, .data = "g"));
	cr_expect_eq(baro_sock_read(fd, b, 8), 7);
	tells(fd, EPOLLOUT);
	tells_nothing();
}

/* J13 */
Test(epoll, a_full_queue_is_not_writable_until_there_is_room)
{
	static char text[1 << 20];
	int fd = sock_accepted(&l, listener);
	uint32_t acked = 1;
	struct lab_seg seg;

	cr_expect_eq(watch(EPOLL_CTL_ADD, fd, EPOLLOUT), 0);
	tells(fd, EPOLLOUT);
	while (baro_sock_send(fd, text, sizeof(text), 0) > 0)
		;
	cr_expect_eq(errno, EAGAIN);
	tells_nothing();
	for (int i = 0; i < 1000 && baro_epoll_wait(ep, got, 8, 0) == 0; i++) {
		lab_poll(&l);
		while (lab_pending(&l) != 0) {
			struct lab_frame f = *lab_next_frame(&l);

			acked += f.len - ETH_HDR_LEN - 40;
		}
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = acked));
	}
	(void)seg;
	tells(fd, EPOLLOUT);
	cr_expect_gt(baro_sock_send(fd, text, 1000, 0), 0);
	lab_poll(&l);
	lab_skip_all(&l);
}

Test(epoll, one_shot_is_silent_until_it_is_armed_again)
{
	int fd = sock_accepted(&l, listener);

	cr_expect_eq(watch(EPOLL_CTL_ADD, fd, EPOLLOUT | EPOLLONESHOT), 0);
	tells(fd, EPOLLOUT);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abc"));
	tells_nothing();
	cr_expect_eq(watch(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT), 0);
	tells(fd, EPOLLIN);
	tells_nothing();
}

Test(epoll, errors_are_told_unasked)
{
	int fd = sock_connected(&l);
	int error = 0;
	socklen_t len = sizeof(error);

	cr_expect_eq(watch(EPOLL_CTL_ADD, fd, 0), 0);
	tells_nothing();
	lab_recv(&l, SEG(RST, .seq = 1));
	tells(fd, EPOLLERR | EPOLLHUP);
	cr_expect_eq(baro_sock_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	cr_expect_eq(error, ECONNRESET);
	cr_expect_eq(baro_sock_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	cr_expect_eq(error, 0);
	tells(fd, EPOLLHUP);
}

Test(epoll, a_connect_ends_with_writable)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	cr_expect_eq(watch(EPOLL_CTL_ADD, fd, EPOLLOUT | EPOLLIN), 0);
	tells(fd, EPOLLOUT | EPOLLHUP); /* as on Linux */
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EINPROGRESS);
	tells_nothing();
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	tells(fd, EPOLLOUT);
}

Test(epoll, ctl_refuses_what_cannot_be)
{
	struct epoll_event e = { .events = EPOLLIN };
	int other = baro_epoll_create(1);

	fails(watch(EPOLL_CTL_MOD, listener, EPOLLIN), ENOENT);
	fails(watch(EPOLL_CTL_DEL, listener, EPOLLIN), ENOENT);
	cr_expect_eq(watch(EPOLL_CTL_ADD, listener, EPOLLIN), 0);
	fails(watch(EPOLL_CTL_ADD, listener, EPOLLIN), EEXIST);
	fails(watch(EPOLL_CTL_MOD, listener, EPOLLIN | EPOLLEXCLUSIVE), EINVAL);
	fails(watch(77, listener, EPOLLIN), EINVAL);
	fails(watch(EPOLL_CTL_ADD, ep, EPOLLIN), EINVAL);
	fails(watch(EPOLL_CTL_ADD, other, EPOLLIN), ELOOP);
	fails(watch(EPOLL_CTL_ADD, 1 << 30 | 99, EPOLLIN), EBADF);
	fails(watch(EPOLL_CTL_ADD, 1234567, EPOLLIN), EBADF);
	fails(baro_epoll_ctl(ep, EPOLL_CTL_MOD, listener, NULL), EFAULT);
	fails(baro_epoll_ctl(listener, EPOLL_CTL_ADD, ep, &e), EINVAL);
	fails(baro_epoll_wait(listener, got, 8, 0), EINVAL);
	fails(baro_epoll_wait(ep, got, 0, 0), EINVAL);
	fails(baro_epoll_create(0), EINVAL);
	fails(baro_epoll_create1(1), EINVAL);
	fails(baro_sock_bind(ep, ADDR(0, 1)), ENOTSOCK);
	fails(baro_sock_send(ep, "x", 1, 0), ENOTSOCK);
	cr_expect_eq(watch(EPOLL_CTL_DEL, listener, 0), 0);
	peer_connects(&l, 40001);
	tells_nothing();
	cr_expect_eq(baro_sock_close(ep), 0);
	fails(baro_epoll_wait(ep, got, 8, 0), EBADF);
	fails(baro_sock_recv(other, got, 1, 0), ENOTSOCK);
}

Test(epoll, what_is_closed_is_watched_no_more)
{
	int fd = sock_accepted(&l, listener);
	int other = baro_epoll_create1(0);
	struct epoll_event e = { .events = EPOLLOUT };

	cr_expect_eq(watch(EPOLL_CTL_ADD, fd, EPOLLOUT), 0);
	cr_expect_eq(baro_epoll_ctl(other, EPOLL_CTL_ADD, fd, &e), 0);
	tells(fd, EPOLLOUT);
	cr_expect_eq(baro_sock_close(other), 0);
	tells(fd, EPOLLOUT);
	cr_expect_eq(baro_sock_close(fd), 0);
	tells_nothing();
	lab_poll(&l);
	lab_skip_all(&l);
}

Test(epoll, each_has_its_turn_when_there_is_room_for_few)
{
	int fd[3];
	unsigned seen = 0;

	for (int i = 0; i < 3; i++) {
		peer_connects(&l, (uint16_t)(40001 + i));
		fd[i] = baro_sock_accept(listener, NULL, NULL);
		cr_expect_eq(watch(EPOLL_CTL_ADD, fd[i], EPOLLOUT), 0);
	}
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(baro_epoll_wait(ep, got, 1, 0), 1);
		for (int k = 0; k < 3; k++)
			seen |= got[0].data.fd == fd[k] ? 1u << k : 0;
	}
	cr_expect_eq(seen, 7);
}

Test(epoll, the_hosts_descriptors_are_watched_too)
{
	int event = eventfd(0, EFD_NONBLOCK);
	uint64_t n = 1;

	cr_expect_not(baro_is_socket(event));
	cr_expect_eq(watch(EPOLL_CTL_ADD, event, EPOLLIN), 0);
	fails(watch(EPOLL_CTL_ADD, event, EPOLLIN), EEXIST);
	cr_expect_eq(watch(EPOLL_CTL_ADD, listener, EPOLLIN), 0);
	tells_nothing();
	cr_expect_eq(write(event, &n, sizeof(n)), sizeof(n));
	tells(event, EPOLLIN);
	peer_connects(&l, 40001);
	cr_expect_eq(baro_epoll_wait(ep, got, 8, 0), 2);
	cr_expect_eq(read(event, &n, sizeof(n)), sizeof(n));
	tells(listener, EPOLLIN);
	cr_expect_eq(watch(EPOLL_CTL_DEL, event, 0), 0);
	close(event);
}

Test(epoll, wait_does_not_wait_where_the_test_turns_the_core)
{
	cr_expect_eq(watch(EPOLL_CTL_ADD, listener, EPOLLIN), 0);
	cr_expect_eq(baro_epoll_wait(ep, got, 8, -1), 0);
	cr_expect_eq(baro_poll(&(struct pollfd){ .fd = listener, .events = POLLIN }, 1, -1), 0);
}

Test(epoll, poll_looks_at_ours_and_the_hosts)
{
	int event = eventfd(1, EFD_NONBLOCK);
	struct pollfd fds[] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = event, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
		{ .fd = 1 << 30 | 99, .events = POLLIN },
	};

	cr_expect_eq(baro_poll(fds, 3, 0), 1);
	cr_expect_eq(fds[0].revents, 0);
	cr_expect_eq(fds[1].revents, POLLIN);
	peer_connects(&l, 40001);
	cr_expect_eq(baro_poll(fds, 4, 0), 3);
	cr_expect_eq(fds[0].revents, POLLIN);
	cr_expect_eq(fds[2].revents, 0);
	cr_expect_eq(fds[3].revents, POLLNVAL);
	close(event);
}
