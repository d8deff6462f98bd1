/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TESTS_SOCK_KIT_H
#define BARO_TESTS_SOCK_KIT_H

/* Sockets in the lab: the test is the program, and its thread is the core's. */

#include <arpa/inet.h>
#include <asm/fcntl.h> /* <fcntl.h> has a struct stat, which is not our enum */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "kit/lab.h"

/** A call that fails, with this errno. */
#define fails(call, error)                                                                  \
	do {                                                                                \
		errno = 0;                                                                  \
		cr_expect_eq((call), -1, "%s does not fail", #call);                        \
		cr_expect_eq(errno, (error), "%s: %s, expected %s", #call, strerror(errno), \
			strerror(error));                                                   \
	} while (0)

#define NONBLOCK SOCK_NONBLOCK

static inline struct sockaddr_in
sockaddr_of(uint32_t addr, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	in.sin_addr.s_addr = htonl(addr);
	return in;
}

/** &in as the calls want it, and its length: two arguments. */
#define ADDR(addr, port)                                                    \
	(const struct sockaddr *)(const void *)&(const struct sockaddr_in){ \
		.sin_family = AF_INET,                                      \
		.sin_port = htons(port),                                    \
		.sin_addr.s_addr = htonl(addr),                             \
	},                                                                  \
		sizeof(struct sockaddr_in)

static inline void
sock_lab_open(struct lab *l, const struct baro_config *config)
{
	lab_open(l, config);
	baro_core_enter(l->core);
}

/** A listener on LAB_PORT, which does not wait. */
static inline int
sock_listener(int backlog)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(baro_sock_bind(fd, ADDR(INADDR_ANY, LAB_PORT)), 0);
	cr_assert_eq(baro_sock_listen(fd, backlog), 0);
	return fd;
}

/** The peer connects from @port. */
static inline void
peer_connects(struct lab *l, uint16_t port)
{
	lab_forget(l);
	lab_recv(l, SEG(SYN, .seq = 0, .mss = 1460, .src_port = port));
	lab_sends(l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(l, SEG(ACK, .seq = 1, .ack = 1, .src_port = port));
	lab_sends_nothing(l);
}

/** A connection that the peer has opened, which does not wait. */
static inline int
sock_accepted(struct lab *l, int listener)
{
	int fd;

	peer_connects(l, LAB_PEER_PORT);
	fd = baro_sock_accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	cr_assert_geq(fd, 0, "%s", strerror(errno));
	return fd;
}

/** One that we have opened. */
static inline int
sock_connected(struct lab *l)
{
	int fd = baro_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	fails(baro_sock_connect(fd, ADDR(LAB_PEER, LAB_PEER_PORT)), EINPROGRESS);
	lab_poll(l);
	lab_sends(l, SEG(SYN, .seq = 0));
	lab_recv(l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(l, SEG(ACK, .seq = 1, .ack = 1));
	return fd;
}

#endif
