/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
#ifndef BARO_SOCKET_WAIT_H
#define BARO_SOCKET_WAIT_H

/* Calls that wait: the core's loop runs on meanwhile. */

#include "socket/sock.h"

/** What somebody waits for. */
struct wait {
	bool (*is_over)(struct stack *stack, void *arg);
	void *arg;
	uint64_t timeout_ns; /* TIME_NEVER: none. 0: one turn is made all the same */
	uint64_t rest_ns;    /* longest sleep; 0: no limit */
	int host_fd;         /* whose readiness ends a sleep, too; -1: none */
};

/** Somebody turns the core when it is to be waited: not so in a callback, nor where the caller does. */
static inline bool
wait_is_possible(const struct stack *stack)
{
	return stack->socks.driver.turn != NULL && !stack->is_turning;
}

/**
 * Turn the core until it is over.
 *
 * @return 0, -EAGAIN (the time is up, or waiting is not possible), -EINTR (the program is to end)
 */
int
wait_turns(struct stack *stack, const struct wait *wait);

/** Until one of @events is so on @s. @return as wait_turns(), -EBADF (somebody has closed it meanwhile) */
int
wait_sock(struct sock *s, uint32_t events, uint64_t timeout_ns);

#endif
