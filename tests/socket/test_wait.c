/* SPDX-License-Identifier: BSD-3-Clause */

/* Calls that wait, on virtual time: what they wait for, how long, and what ends it. */

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include "sock_kit.h"
#include "socket/stack.h"

static struct lab l;
static int listener;

/** What happens while a call waits: a step each time that the core comes to rest; NULL: only time passes. */
static void (*const *steps)(void);
static unsigned n_turns, n_rests;
static bool is_interrupted;
static int host_fd; /* that would end the rest */

static int
turn(struct baro_core *core, void *user)
{
	(void)core;
	(void)user;
	n_turns++;
	if (is_interrupted)
		return -EINTR;
	lab_poll(&l);
	return 0;
}

static void
rest(struct baro_core *core, uint64_t until_ns, int fd, void *user)
{
	uint64_t next = baro_core_next_deadline(core);

	(void)user;
	n_rests++;
	host_fd = fd;
	if (steps != NULL && *steps != NULL) {
		(*steps++)();
		return;
	}
	cr_assert(next != TIME_NEVER || until_ns != TIME_NEVER, "it waits for ever");
	l.now_ns = next < until_ns ? next : until_ns;
}

static void
setup(void)
{
	int off = 0;

	sock_lab_open(&l, NULL);
	listener = sock_listener(4);
	cr_assert_eq(baro_sock_ioctl(listener, FIONBIO, &off), 0);
	stack_of(l.core)->socks.driver = (struct sock_driver){ .turn = turn, .rest = rest };
	is_interrupted = false;
	steps = NULL;
	n_turns = n_rests = 0;
}

static void
teardown(void)
{
	lab_skip_all(&l);
	lab_close(&l);
}

TestSuite(wait, .init = setup, .fini = teardown, .timeout = 30);

#define STEPS(...)                \
	(void (*const[])(void))   \
	{                         \
		__VA_ARGS__, NULL \
	}

/** A connection that the peer has opened, whose calls wait. */
static int
accepted(void)
{
	int fd = sock_accepted(&l, listener);
	int off = 0;

	cr_assert_eq(baro_sock_ioctl(fd, FIONBIO, &off), 0);
	return fd;
}

static void
set_timeout(int fd, int name, uint32_t ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	cr_assert_eq(baro_sock_setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv)), 0);
}

/** The call fails with @error after exactly so long. */
#define fails_after(ms, call, error)                                         \
	do {                                                                 \
		uint64_t called_ns = l.now_ns;                               \
		fails(call, error);                                          \
		cr_expect_eq(l.now_ns - called_ns, (ms)*NS_PER_MS, "%lu ns", \
			(unsigned long)(l.now_ns - called_ns));              \
	} while (0)

/* The peer's part */

static void
says_abc(void)
{
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "abc"));
}

static void
says_de(void)
{
	lab_recv(&l, SEG(PSH, .seq = 4, .ack = 1, .data = "de"));
}

static void
ends(void)
{
	lab_recv(&l, SEG(FIN, .seq = 4, .ack = 1));
}

static void
resets(void)
{
	lab_recv(&l, SEG(RST, .seq = 4));
}

static void
connects(void)
{
	peer_connects(&l, 40001);
}

static void
connects_too(void)
{
	peer_connects(&l, 40002);
}

static void
lets_in(void)
{
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
}

static void
refuses(void)
{
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 1));
}

static void
interrupts(void)
{
	is_interrupted = true;
}

/* Receiving */

Test(wait, recv_waits_for_the_first_octets)
{
	char b[8];
	int fd = accepted();

	steps = STEPS(says_abc);
	cr_expect_eq(baro_sock_recv(fd, b, sizeof(b), 0), 3);
	fails(baro_sock_recv(fd, b, sizeof(b), MSG_DONTWAIT), EAGAIN);
	cr_expect_eq(n_rests, 1, "MSG_DONTWAIT does not wait");
	steps = STEPS(ends);
	cr_expect_eq(baro_sock_recv(fd, b, sizeof(b), 0), 0);
}

Test(wait, waitall_waits_for_all)
{
	char b[8];
	int fd = accepted();

	steps = STEPS(says_abc, says_de);
	cr_expect_eq(baro_sock_recv(fd, b, 5, MSG_WAITALL), 5);
	cr_expect_eq(memcmp(b, "abcde", 5), 0);
}

Test(wait, the_end_ends_waitall)
{
	char b[8];
	int fd = accepted();

	steps = STEPS(says_abc, ends);
	cr_expect_eq(baro_sock_recv(fd, b, 5, MSG_WAITALL), 3);
	cr_expect_eq(baro_sock_recv(fd, b, 5, MSG_WAITALL), 0);
}

Test(wait, an_error_ends_waitall_behind_what_came_before)
{
	char b[8];
	int fd = accepted();

	steps = STEPS(says_abc, resets);
	cr_expect_eq(baro_sock_recv(fd, b, 5, MSG_WAITALL), 3);
	fails(baro_sock_recv(fd, b, 5, MSG_WAITALL), ECONNRESET);
}

Test(wait, rcvtimeo_ends_recv_and_accept)
{
	char b[8];
	int fd = accepted();

	set_timeout(fd, SO_RCVTIMEO, 1500);
	fails_after(1500, baro_sock_recv(fd, b, sizeof(b), 0), EAGAIN);
	steps = STEPS(says_abc);
	cr_expect_eq(baro_sock_recv(fd, b, 5, MSG_WAITALL), 3, "what there is when time is up");
	set_timeout(listener, SO_RCVTIMEO, 20);
	fails_after(20, baro_sock_accept(listener, NULL, NULL), EAGAIN);
}

Test(wait, a_datagram_is_waited_for)
{
	uint8_t datagram[9] = { 0, 9, 0x13, 0x88, 0, 9, 0, 0, 'x' };
	char b[8];
	int fd = baro_socket(AF_INET, SOCK_DGRAM, 0);

	cr_assert_eq(baro_sock_bind(fd, ADDR(INADDR_ANY, 5000)), 0);
	set_timeout(fd, SO_RCVTIMEO, 30);
	fails_after(30, baro_sock_recv(fd, b, sizeof(b), MSG_WAITALL), EAGAIN);
	lab_recv_ip(&l, LAB_PEER, LAB_ADDR, IPPROTO_UDP, datagram, sizeof(datagram));
	cr_expect_eq(baro_sock_recv(fd, b, sizeof(b), MSG_WAITALL), 1, "one is all");
}

/* Opening */

Test(wait, accept_waits_for_a_connection)
{
	steps = STEPS(connects);
	cr_expect_geq(baro_sock_accept(listener, NULL, NULL), 0);
}

Test(wait, connect_waits_for_the_answer)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);

	steps = STEPS(lets_in);
	cr_expect_eq(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), 0);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	fd = baro_socket(AF_INET, SOCK_STREAM, 0);
	lab_forget(&l);
	steps = STEPS(refuses);
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), ECONNREFUSED);
}

Test(wait, connect_gives_up_in_time_or_when_nobody_answers)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);

	set_timeout(fd, SO_SNDTIMEO, 40);
	fails_after(40, baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EINPROGRESS);
	fails_after(40, baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EINPROGRESS);
	fd = baro_socket(AF_INET, SOCK_STREAM, 0);
	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT + 1)), ETIMEDOUT);
}

/* Sending */

enum { LONG = 1 << 20 };

static char text[LONG];

static uint32_t acked;

/** All that has been sent. */
static void
acknowledges(void)
{
	for (; lab_pending(&l) != 0;)
		acked += lab_next_frame(&l)->len - ETH_HDR_LEN - 40;
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = acked));
}

Test(wait, send_waits_until_all_is_taken)
{
	static void (*all[2000])(void);
	const int few = 20000;
	int fd = accepted();

	for (unsigned i = 0; i + 1 < ARRAY_LEN(all); i++)
		all[i] = acknowledges;
	cr_assert_eq(baro_sock_setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &few, sizeof(few)), 0);
	steps = all;
	acked = 1;
	cr_expect_eq(baro_sock_send(fd, text, sizeof(text), 0), LONG);
	cr_expect_gt(n_rests, 2);
	lab_skip_all(&l);
}

Test(wait, sndtimeo_ends_send_with_what_was_taken)
{
	const int few = 20000;
	uint64_t begin_ns = l.now_ns;
	ssize_t n;
	int fd = accepted();

	cr_assert_eq(baro_sock_setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &few, sizeof(few)), 0);
	set_timeout(fd, SO_SNDTIMEO, 50);
	n = baro_sock_send(fd, text, sizeof(text), 0);
	cr_expect(n > 0 && n < LONG, "%zd", n);
	cr_expect_geq(l.now_ns - begin_ns, 50 * NS_PER_MS);
	fails_after(50, baro_sock_send(fd, text, 1, 0), EAGAIN);
	fails(baro_sock_send(fd, text, 1, MSG_DONTWAIT), EAGAIN);
}

/* What ends every wait */

Test(wait, the_program_s_end_interrupts)
{
	struct epoll_event e;
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int fd = accepted();
	int fresh = baro_socket(AF_INET, SOCK_STREAM, 0);
	int ep = baro_epoll_create1(0);

	steps = STEPS(interrupts);
	fails(baro_sock_recv(fd, &e, 1, 0), EINTR);
	fails(baro_sock_accept(listener, NULL, NULL), EINTR);
	fails(baro_sock_connect(fresh, ADDR(LAB_PEER, LAB_PEER_PORT)), EINTR);
	fails(baro_epoll_wait(ep, &e, 1, -1), EINTR);
	fails(baro_poll(&p, 1, -1), EINTR);
	cr_expect_eq(n_rests, 1, "nobody rests any more");
}

Test(wait, what_there_is_comes_before_the_interruption)
{
	char b[8];
	int fd = accepted();

	steps = STEPS(says_abc, interrupts);
	cr_expect_eq(baro_sock_recv(fd, b, 5, MSG_WAITALL), 3);
	fails(baro_sock_recv(fd, b, 5, MSG_WAITALL), EINTR);
}

static int doomed;

static void
closes_it(void)
{
	cr_assert_eq(baro_sock_close(doomed), 0);
}

Test(wait, a_socket_closed_meanwhile_is_no_socket)
{
	doomed = accepted();
	steps = STEPS(closes_it);
	fails(baro_sock_recv(doomed, &(char){ 0 }, 1, 0), EBADF);
	doomed = baro_epoll_create1(0);
	steps = STEPS(closes_it);
	fails(baro_epoll_wait(doomed, &(struct epoll_event){ 0 }, 1, -1), EBADF);
}

static int waits_in_vain;

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u;
	(void)d;
	n_turns = 0;
	fails(baro_sock_accept(listener, NULL, NULL), EAGAIN);
	fails(baro_sock_recv(waits_in_vain, &(char){ 0 }, 1, 0), EAGAIN);
	cr_expect_eq(n_turns, 0);
}

Test(wait, nothing_waits_in_a_callback)
{
	const struct baro_endpoint local = { .port = 5000 };
	uint8_t datagram[9] = { 0, 9, 0x13, 0x88, 0, 9, 0, 0, 'x' };
	struct baro_udp *u;

	waits_in_vain = accepted();
	n_turns = 1;
	cr_assert_eq(baro_udp_open(l.core, &local, received, NULL, &u), 0);
	lab_recv_ip(&l, LAB_PEER, LAB_ADDR, IPPROTO_UDP, datagram, sizeof(datagram));
	cr_expect_eq(n_turns, 0, "it was called");
	baro_udp_close(u);
}

/* Many at a time */

static int
watch(int ep, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	return baro_epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

Test(wait, epoll_and_poll_keep_their_time)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int ep = baro_epoll_create1(0);
	uint64_t begin_ns = l.now_ns;
	struct epoll_event e;

	cr_assert_eq(watch(ep, listener), 0);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 250), 0);
	cr_expect_eq(l.now_ns - begin_ns, 250 * NS_PER_MS);
	cr_expect_eq(baro_poll(&p, 1, 100), 0);
	cr_expect_eq(l.now_ns - begin_ns, 350 * NS_PER_MS);
	n_turns = n_rests = 0;
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 0), 0);
	cr_expect_eq(baro_poll(&p, 1, 0), 0);
	cr_expect_eq(n_turns, 2, "a turn each");
	cr_expect_eq(n_rests, 0);
}

Test(wait, epoll_and_poll_end_with_the_first_event)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int ep = baro_epoll_create1(0);
	struct epoll_event e;

	cr_assert_eq(watch(ep, listener), 0);
	steps = STEPS(connects);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, -1), 1);
	cr_expect_eq(e.data.fd, listener);
	cr_expect_geq(baro_sock_accept(listener, NULL, NULL), 0);
	steps = STEPS(connects_too);
	cr_expect_eq(baro_poll(&p, 1, 1000), 1);
	cr_expect_eq(p.revents, POLLIN);
}

static int event;

static void
raises(void)
{
	cr_assert_eq(write(event, &(uint64_t){ 1 }, 8), 8);
	cr_expect_eq(poll(&(struct pollfd){ .fd = host_fd, .events = POLLIN }, 1, 0), 1,
		"a core that sleeps on it is woken");
	l.now_ns += NS_PER_MS;
}

Test(wait, an_eventfd_ends_the_core_s_sleep)
{
	int ep = baro_epoll_create1(0);
	struct epoll_event e;

	event = eventfd(0, EFD_NONBLOCK);
	cr_assert_eq(watch(ep, event), 0);
	steps = STEPS(raises);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, -1), 1);
	cr_expect_eq(e.data.fd, event);
	close(event);
}

/* Each core's epoll has its own, and none is touched from another core. */
Test(wait, epolls_of_two_cores)
{
	struct lab *other = calloc(1, sizeof(*other));
	int ep = baro_epoll_create1(0);
	struct epoll_event e;
	int theirs, their_listener;

	cr_assert_eq(watch(ep, listener), 0);
	sock_lab_open(other, NULL);
	theirs = baro_epoll_create1(0);
	their_listener = sock_listener(4);
	cr_assert_eq(watch(theirs, their_listener), 0);
	fails(watch(theirs, listener), EXDEV);
	fails(watch(ep, their_listener), EXDEV);
	fails(baro_epoll_wait(ep, &e, 1, 0), EXDEV);
	peer_connects(other, 40001);
	cr_expect_eq(baro_epoll_wait(theirs, &e, 1, 0), 1);
	cr_expect_eq(e.data.fd, their_listener);
	baro_core_enter(l.core);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 10), 0);
	connects();
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 10), 1);
	cr_expect_eq(e.data.fd, listener);
	fails(baro_epoll_wait(theirs, &e, 1, 0), EXDEV);
	baro_core_enter(other->core);
	lab_skip_all(other);
	lab_close(other);
	free(other);
	baro_core_enter(l.core);
}
