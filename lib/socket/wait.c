/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Turning the core while a call waits. */

#include "socket/wait.h"

#include <errno.h>

int
wait_turns(struct stack *stack, const struct wait *wait)
{
	const struct sock_driver *driver = &stack->socks.driver;
	struct baro_core *core = core_of(stack);
	uint64_t until_ns = 0;
	int n;

	if (!wait_is_possible(stack))
		return -EAGAIN;
	for (;;) {
		n = driver->turn(core, driver->user);
		if (until_ns == 0) /* now_ns is that of the turn before the call, until now */
			until_ns = wait->timeout_ns < TIME_NEVER - stack->now_ns
					   ? stack->now_ns + wait->timeout_ns
					   : TIME_NEVER;
		if (wait->is_over(stack, wait->arg))
			return 0;
		if (n < 0)
			return n;
		if (stack->now_ns >= until_ns)
			return -EAGAIN;
		if (n == 0)
			driver->rest(core,
				wait->rest_ns == 0
					? until_ns
					: min_u64(until_ns, stack->now_ns + wait->rest_ns),
				wait->host_fd, driver->user);
	}
}

struct one {
	uint32_t number;
	uint32_t events;
	bool is_gone;
};

static bool
is_ready(struct stack *stack, void *arg)
{
	struct one *one = arg;
	const struct sock *s = fdtab_find(&stack->socks.fds, one->number);

	one->is_gone = s == NULL;
	return s == NULL || (s->class->ready(s) & one->events) != 0;
}

int
wait_sock(struct sock *s, uint32_t events, uint64_t timeout_ns)
{
	struct one one = { .number = s->number, .events = events };
	int rc = wait_turns(
		s->stack, &(struct wait){ .is_over = is_ready,
				  .arg = &one,
				  .timeout_ns = timeout_ns != 0 ? timeout_ns : TIME_NEVER,
				  .host_fd = -1 });

	return one.is_gone ? -EBADF : rc;
}
