/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* baro_poll(): a handful of descriptors, ours and the host's. */

#include <baro/socket.h>
#include <errno.h>

#include "socket/sock.h"
#include "socket/wait.h"

static const uint64_t HOST_NS = 20 * NS_PER_US;     /* how often the host is asked: a system call */
static const uint64_t HOST_REST_NS = 1 * NS_PER_MS; /* nothing of the host's ends a sleep */

struct polled {
	struct pollfd *fds;
	nfds_t n;
	int n_ready;
	bool has_hosts;
	uint64_t host_ns; /* when the host was asked last; 0: not yet */
};

/** What @fd of ours tells. */
static short
look(const struct pollfd *fd)
{
	const int asked = fd->events | POLLERR | POLLHUP;
	struct sock *s;

	if (sock_find(fd->fd, &s) != 0 || s->class->ready == NULL)
		return POLLNVAL;
	return (short)((int)s->class->ready(s) & asked);
}

static void
ask_host(struct polled *p, uint64_t now_ns)
{
	if (!p->has_hosts || (p->host_ns != 0 && now_ns - p->host_ns < HOST_NS))
		return;
	p->host_ns = now_ns;
	if (poll(p->fds, p->n, 0) >= 0) /* it finds ours invalid; they are looked at next */
		return;
	for (nfds_t i = 0; i < p->n; i++)
		p->fds[i].revents = 0;
}

static bool
look_at_all(struct stack *stack, void *arg)
{
	struct polled *p = arg;

	ask_host(p, stack != NULL ? stack->now_ns : 0);
	p->n_ready = 0;
	for (nfds_t i = 0; i < p->n; i++) {
		if (baro_is_socket(p->fds[i].fd))
			p->fds[i].revents = look(&p->fds[i]);
		p->n_ready += p->fds[i].revents != 0;
	}
	return p->n_ready != 0;
}

int
baro_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct stack *stack = sock_stack();
	struct polled p = { .fds = fds, .n = n };
	struct wait wait = {
		.is_over = look_at_all, .arg = &p, .timeout_ns = TIME_NEVER, .host_fd = -1
	};
	int rc = -EAGAIN;

	if (timeout_ms >= 0)
		wait.timeout_ns = (uint64_t)timeout_ms * NS_PER_MS;
	for (nfds_t i = 0; i < n; i++) {
		fds[i].revents = 0;
		p.has_hosts |= fds[i].fd >= 0 && !baro_is_socket(fds[i].fd);
	}
	if (p.has_hosts)
		wait.rest_ns = HOST_REST_NS;
	if (stack != NULL && wait_is_possible(stack))
		rc = wait_turns(stack, &wait);
	else
		look_at_all(stack, &p);
	if (p.n_ready != 0 || rc != -EINTR)
		return p.n_ready;
	errno = EINTR;
	return -1;
}
