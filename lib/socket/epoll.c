/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Watching many descriptors (baro/socket.h): ours by lists of watches, the host's by an epoll of the host's. */

#include <baro/socket.h>
#include <errno.h>
#include <unistd.h>

#include "socket/sock.h"
#include "socket/wait.h"

enum {
	ASKED = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLRDNORM | EPOLLWRNORM |
		EPOLLRDBAND | EPOLLWRBAND | EPOLLMSG | WATCH_ALWAYS,
	MODES = EPOLLONESHOT | EPOLLWAKEUP, /* and EPOLLET, which is no int */
};

/* How often the host is asked while there is other work, or while the core polls: a system call. */
static const uint64_t HOST_NS = 20 * NS_PER_US;

static int
result(int rc)
{
	if (rc >= 0)
		return rc;
	errno = -rc;
	return -1;
}

/* Making and ending */

static int
init_epoll(struct sock *s)
{
	list_init(&s->epoll.watches);
	list_init(&s->epoll.ready);
	s->epoll.host_fd = -1;
	return 0;
}

static void
close_epoll(struct sock *s)
{
	struct list *node;

	while ((node = list_first(&s->epoll.watches)) != NULL)
		watch_end(&s->stack->socks.watches, holder_of(node, struct watch, by_epoll));
	if (s->epoll.host_fd >= 0)
		close(s->epoll.host_fd);
	sock_free(s);
}

const struct sock_class sock_epoll_class = {
	.init = init_epoll,
	.close = close_epoll,
};

int
baro_epoll_create1(int flags)
{
	struct sock *s;
	int rc;

	if ((flags & ~EPOLL_CLOEXEC) != 0)
		return result(-EINVAL);
	if (sock_stack() == NULL)
		return result(-EXDEV);
	rc = sock_make(sock_stack(), &sock_epoll_class, &s);
	return result(rc == 0 ? sock_fd(s) : rc);
}

int
baro_epoll_create(int size)
{
	return size > 0 ? baro_epoll_create1(0) : result(-EINVAL);
}

static int
find_epoll(int fd, struct sock **out)
{
	int rc = sock_find(fd, out);

	return rc == 0 && (*out)->class != &sock_epoll_class ? -EINVAL : rc;
}

/* Watching */

/** Has it something to tell already? */
static void
look(struct watch *w)
{
	watch_notice(w, w->sock->class->ready(w->sock));
}

/** The watch of @e on @s; NULL: there is none. */
static struct watch *
find_watch(const struct sock *e, struct sock *s)
{
	for (struct list *at = s->watchers.next; at != &s->watchers; at = at->next) {
		struct watch *w = holder_of(at, struct watch, by_sock);

		if (w->readies == &e->epoll.ready)
			return w;
	}
	return NULL;
}

static int
add_watch(struct sock *e, struct sock *s, struct watch **out)
{
	struct watch *w;
	uint32_t index;

	w = slab_get(&s->stack->socks.watches, &index);
	if (w == NULL)
		return slab_is_full(&s->stack->socks.watches) ? -ENOSPC : -ENOMEM;
	w->index = index;
	w->sock = s;
	w->readies = &e->epoll.ready;
	list_init(&w->ready);
	list_init(&w->by_sock);
	list_init(&w->by_epoll);
	list_add(&s->watchers, &w->by_sock);
	list_add(&e->epoll.watches, &w->by_epoll);
	*out = w;
	return 0;
}

static int
change(struct sock *e, int op, struct sock *s, const struct epoll_event *event)
{
	struct watch *w = find_watch(e, s);
	int rc = 0;

	if (op == EPOLL_CTL_ADD)
		rc = w == NULL ? add_watch(e, s, &w) : -EEXIST;
	else if (w == NULL)
		rc = -ENOENT;
	if (rc != 0)
		return rc;
	if (op == EPOLL_CTL_DEL) {
		watch_end(&s->stack->socks.watches, w);
		return 0;
	}
	w->events = event->events | WATCH_ALWAYS;
	w->data = event->data;
	list_remove(&w->ready);
	look(w);
	return 0;
}

/** The host's descriptors are watched by the host; what it tells bears the application's data. */
static int
change_host(struct sock *e, int op, int fd, struct epoll_event *event)
{
	if (e->epoll.host_fd < 0)
		e->epoll.host_fd = epoll_create1(EPOLL_CLOEXEC);
	if (e->epoll.host_fd < 0)
		return -errno;
	e->epoll.host_ns = 0; /* ask soon */
	return epoll_ctl(e->epoll.host_fd, op, fd, event) == 0 ? 0 : -errno;
}

static int
check_event(int op, const struct epoll_event *event)
{
	const uint32_t known = (uint32_t)ASKED | (uint32_t)MODES | EPOLLET;

	if (op != EPOLL_CTL_ADD && op != EPOLL_CTL_MOD && op != EPOLL_CTL_DEL)
		return -EINVAL;
	if (op == EPOLL_CTL_DEL)
		return 0;
	if (event == NULL)
		return -EFAULT;
	return (event->events & ~known) == 0 ? 0 : -EINVAL; /* EPOLLEXCLUSIVE among them */
}

static int
control(int epfd, int op, int fd, struct epoll_event *event)
{
	struct sock *e;
	struct sock *s;
	int rc = find_epoll(epfd, &e);

	if (rc == 0)
		rc = check_event(op, event);
	if (rc != 0)
		return rc;
	if (!baro_is_socket(fd))
		return change_host(e, op, fd, event);
	rc = sock_find(fd, &s);
	if (rc == 0 && s->class == &sock_epoll_class)
		rc = s == e ? -EINVAL : -ELOOP;
	return rc == 0 ? change(e, op, s, event) : rc;
}

int
baro_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	return result(control(epfd, op, fd, event));
}

/* Waiting */

struct collection {
	uint32_t epoll; /* its number: it may be closed meanwhile */
	struct epoll_event *events;
	int max;
	int n;
	bool is_gone;
};

/**
 * What @w tells now. A level-triggered one stays on the list, at its end, so that those behind it have their
 * turn when @max is small; it leaves when it has nothing to tell any more.
 */
static bool
tell(struct watch *w, struct list *readies, struct epoll_event *event)
{
	uint32_t events = w->sock->class->ready(w->sock) & w->events;

	list_remove(&w->ready);
	if (events == 0)
		return false;
	*event = (struct epoll_event){ .events = events, .data = w->data };
	if ((w->events & EPOLLONESHOT) != 0)
		w->events = 0;
	else if ((w->events & EPOLLET) == 0)
		list_add(readies, &w->ready);
	return true;
}

static void
collect_ours(struct sock *e, struct collection *c)
{
	struct list todo;
	struct list *node;

	list_init(&todo);
	list_splice(&todo, &e->epoll.ready);
	while (c->n < c->max && (node = list_first(&todo)) != NULL)
		if (tell(holder_of(node, struct watch, ready), &e->epoll.ready, &c->events[c->n]))
			c->n++;
	list_splice(&todo, &e->epoll.ready); /* those not asked yet come first next time */
	list_splice(&e->epoll.ready, &todo);
}

/** Half of the room is for the host's, if they need it. */
static void
collect_hosts(struct sock *e, struct collection *c)
{
	uint64_t now_ns = e->stack->now_ns;
	int n;

	if (e->epoll.host_fd < 0 || (e->epoll.host_ns != 0 && now_ns - e->epoll.host_ns < HOST_NS))
		return;
	e->epoll.host_ns = now_ns;
	n = epoll_wait(e->epoll.host_fd, c->events, (c->max + 1) / 2, 0);
	if (n > 0) {
		c->n = n;
		e->epoll.host_ns = 0; /* there may be more */
	}
}

static bool
collect(struct stack *stack, void *arg)
{
	struct collection *c = arg;
	struct sock *e = fdtab_find(&stack->socks.fds, c->epoll);

	c->is_gone = e == NULL;
	if (e == NULL)
		return true;
	c->n = 0;
	collect_hosts(e, c);
	collect_ours(e, c);
	return c->n != 0;
}

static int
wait_for(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
	struct collection c = { .events = events, .max = max };
	struct wait wait = { .is_over = collect, .arg = &c, .timeout_ns = TIME_NEVER };
	struct sock *e;
	int rc = find_epoll(epfd, &e);

	if (rc != 0)
		return rc;
	if (max <= 0)
		return -EINVAL;
	c.epoll = e->number;
	wait.host_fd = e->epoll.host_fd;
	if (timeout_ms >= 0)
		wait.timeout_ns = (uint64_t)timeout_ms * NS_PER_MS;
	if (wait_is_possible(e->stack)) {
		rc = wait_turns(e->stack, &wait);
	} else {
		e->epoll.host_ns = 0;
		collect(e->stack, &c);
	}
	if (c.is_gone)
		return -EBADF;
	return c.n == 0 && rc == -EINTR ? rc : c.n;
}

int
baro_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
	return result(wait_for(epfd, events, max, timeout_ms));
}
