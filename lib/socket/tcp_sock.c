/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Stream sockets: a connection, or a listener and those that wait for accept(). */

#include "socket/tcp_sock.h"

#include <errno.h>
#include <stdlib.h>

#include "ip/ip.h"
#include "tcp/table.h"

static struct sock *
sock_of(const struct baro_conn *c)
{
	return baro_conn_user(c);
}

/* What connections tell */

static void
opened(struct baro_conn *c)
{
	struct sock *s = sock_of(c);

	s->tcp.stage = SOCK_OPEN;
	sock_wake(s, EPOLLOUT);
}

static void
readable(struct baro_conn *c)
{
	sock_wake(sock_of(c), EPOLLIN | EPOLLRDHUP);
}

static void
writable(struct baro_conn *c)
{
	sock_wake(sock_of(c), EPOLLOUT);
}

/** Nobody will accept it any more. */
static void
leave_queue(struct sock *s)
{
	struct tcp_listener *l = (struct tcp_listener *)s->tcp.acceptor->tcp.listener;

	list_remove(&s->tcp.queue);
	l->n_unaccepted--;
	s->tcp.acceptor = NULL;
}

/**
 * The connection is over. One that was open stays readable until the application closes the socket; one
 * that waits for accept() is forgotten, as nobody has heard of it.
 */
static void
closed(struct baro_conn *c, int err)
{
	struct sock *s = sock_of(c);

	if (s->tcp.acceptor != NULL) {
		leave_queue(s);
		tcp_mark(tcp_of(c), TCP_F_ORPHAN);
		sock_free(s);
		return;
	}
	s->err = -err;
	if (s->tcp.stage == SOCK_CONNECTING) { /* may be tried again */
		tcp_mark(tcp_of(c), TCP_F_ORPHAN);
		s->tcp.conn = NULL;
		s->tcp.stage = SOCK_FRESH;
	}
	s->tcp.is_ended = true;
	sock_wake(s, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLERR | EPOLLHUP);
}

const struct baro_conn_ops sock_conn_ops = {
	.opened = opened,
	.readable = readable,
	.writable = writable,
	.closed = closed,
};

/* Names */

static int
init_tcp(struct sock *s)
{
	list_init(&s->tcp.by_port);
	list_init(&s->tcp.queue);
	s->tcp.fast_limit = -1;
	return 0;
}

/** Somebody else may not bind there as well; @may_reuse: only who listens keeps others out. */
static bool
is_taken(const struct stack *stack, const struct baro_endpoint *want, bool may_reuse)
{
	uint32_t addr = baro_addr_to_v4(&want->addr);
	const struct tcp_listener *l = tcp_find_listener(&stack->tcp, addr, want->port);

	if (l != NULL && (l->laddr == addr || !may_reuse))
		return true;
	for (struct list *at = stack->socks.bound.next; at != &stack->socks.bound; at = at->next) {
		const struct sock *other = holder_of(at, struct sock, tcp.by_port);
		uint32_t its = baro_addr_to_v4(&other->tcp.bound.addr);

		if (other->tcp.bound.port != want->port || (may_reuse && other->reuses_addr))
			continue;
		if (its == addr || its == 0 || addr == 0)
			return true;
	}
	return false;
}

/** RFC 6056 §3.3.1: a random one, and from there the next that is free. 0: none left. */
static uint16_t
choose_port(struct stack *stack, struct baro_endpoint want)
{
	enum { FIRST = 16384, COUNT = 65536 - FIRST };
	uint64_t nonce = rand_u64(&stack->env.rand);
	uint32_t first = (uint32_t)(siphash24(&stack->env.secret, &nonce, sizeof(nonce)) % COUNT);

	for (uint32_t i = 0; i < COUNT; i++) {
		want.port = (uint16_t)(FIRST + (first + i) % COUNT);
		if (!is_taken(stack, &want, false))
			return want.port;
	}
	return 0;
}

static int
bind_tcp(struct sock *s, const struct baro_endpoint *local)
{
	uint32_t addr = baro_addr_to_v4(&local->addr);

	if (s->tcp.stage != SOCK_FRESH || s->tcp.bound.port != 0)
		return -EINVAL;
	if (addr != 0 && !ip_is_local(&s->stack->ip, addr))
		return -EADDRNOTAVAIL;
	if (local->port != 0 && is_taken(s->stack, local, s->reuses_addr))
		return -EADDRINUSE;
	s->tcp.bound = *local;
	if (local->port == 0)
		s->tcp.bound.port = choose_port(s->stack, *local);
	if (s->tcp.bound.port == 0)
		return -EADDRINUSE;
	list_add(&s->stack->socks.bound, &s->tcp.by_port);
	return 0;
}

static void
local_of(const struct sock *s, struct baro_endpoint *ep)
{
	if (s->tcp.conn != NULL)
		baro_conn_local(s->tcp.conn, ep);
	else
		*ep = s->tcp.bound;
}

static int
remote_of(const struct sock *s, struct baro_endpoint *ep)
{
	if (s->tcp.stage != SOCK_OPEN || s->tcp.is_ended)
		return -ENOTCONN;
	baro_conn_remote(s->tcp.conn, ep);
	return 0;
}

/* Options */

int
sock_tcp_set(struct sock *s, enum baro_conn_option id, int value)
{
	int rc;

	if (s->tcp.conn != NULL)
		return baro_conn_set(s->tcp.conn, id, value);
	rc = conn_option_check(id, value);
	if (rc != 0)
		return rc;
	if (s->tcp.wishes == NULL)
		s->tcp.wishes = calloc(1, sizeof(*s->tcp.wishes));
	if (s->tcp.wishes == NULL)
		return -ENOMEM;
	s->tcp.wishes->has |= UINT64_C(1) << id;
	s->tcp.wishes->value[id] = value;
	return 0;
}

int
sock_tcp_get(const struct sock *s, enum baro_conn_option id, int *value)
{
	const struct sock_wishes *wishes = s->tcp.wishes;

	if (s->tcp.conn != NULL)
		return baro_conn_get(s->tcp.conn, id, value);
	if (wishes == NULL || (wishes->has >> id & 1) == 0)
		return conn_option_default(s->stack, id, value);
	*value = wishes->value[id];
	return 0;
}

/** There is a connection now. */
static void
grant(const struct sock_wishes *wishes, struct baro_conn *c)
{
	for (unsigned id = 0; wishes != NULL && wishes->has >> id != 0; id++)
		if ((wishes->has >> id & 1) != 0)
			baro_conn_set(c, (enum baro_conn_option)id, wishes->value[id]);
}

int
sock_tcp_set_cc(struct sock *s, const char *name)
{
	const struct tcp_cc *cc = tcp_cc_find(name);

	if (cc == NULL)
		return -ENOENT;
	s->tcp.cc = cc->name;
	if (s->tcp.conn != NULL)
		return baro_conn_set_cc(s->tcp.conn, name);
	return s->tcp.listener != NULL ? baro_listener_set_cc(s->tcp.listener, name) : 0;
}

const char *
sock_tcp_get_cc(const struct sock *s)
{
	if (s->tcp.conn != NULL)
		return baro_conn_get_cc(s->tcp.conn);
	return s->tcp.cc != NULL ? s->tcp.cc : s->stack->tcp.common.cc->name;
}

void
sock_tcp_defer(struct sock *s, uint32_t seconds)
{
	s->tcp.defer_s = seconds;
	if (s->tcp.stage == SOCK_LISTENING)
		((struct tcp_listener *)s->tcp.listener)->defer_ns = seconds * NS_PER_SEC;
}

int
sock_tcp_set_fast_limit(struct sock *s, int limit)
{
	if (s->tcp.stage != SOCK_FRESH && s->tcp.stage != SOCK_LISTENING)
		return -EINVAL;
	if (limit < 0 || limit > UINT16_MAX)
		return -EINVAL;
	s->tcp.fast_limit = limit;
	if (s->tcp.stage == SOCK_LISTENING)
		return baro_listener_set(s->tcp.listener, BARO_TCP_FASTOPEN, limit);
	return 0;
}

int
sock_tcp_fast_limit(const struct sock *s)
{
	int asked = s->tcp.fast_limit;

	return asked >= 0 ? asked : (int)s->stack->tcp.common.fastopen_queue;
}

/* Opening */

/** A listener has a new connection: it gets its socket, its options and its place in the queue. */
static void
arrived(struct baro_conn *c)
{
	struct stack *stack = stack_of_conn(c);
	struct sock *l = fdtab_find(&stack->socks.fds, (uint32_t)(uintptr_t)baro_conn_user(c));
	struct sock *s;

	if (l == NULL || sock_make(stack, &sock_tcp_class, &s) != 0) {
		if (l != NULL)
			((struct tcp_listener *)l->tcp.listener)->n_unaccepted--;
		baro_conn_abort(
			c); /* the listener has been closed meanwhile, or there is no room */
		return;
	}
	s->tcp.stage = SOCK_OPEN;
	s->tcp.conn = c;
	s->tcp.acceptor = l;
	s->tcp.is_corked = l->tcp.is_corked;
	s->rcv_lowat = l->rcv_lowat;
	s->rcv_timeout_ns = l->rcv_timeout_ns;
	s->snd_timeout_ns = l->snd_timeout_ns;
	grant(l->tcp.wishes, c);
	list_add(&l->tcp.queue, &s->tcp.queue);
	baro_conn_set_user(c, s);
	baro_conn_set_ops(c, &sock_conn_ops);
	sock_wake(l, EPOLLIN);
}

static const struct baro_conn_ops listener_ops = { .opened = arrived };

/** TCP_FASTOPEN_CONNECT was set, and the peer has given us a cookie: text goes with the SYN. */
static bool
may_send_early(const struct baro_conn *c)
{
	return tcp_of(c)->fast.is_early && tcp_of(c)->fast.cookie.len != 0;
}

static int
connect_tcp(struct sock *s, const struct baro_endpoint *remote)
{
	struct baro_core *core = core_of(s->stack);
	const struct baro_endpoint *local = s->tcp.bound.port != 0 ? &s->tcp.bound : NULL;
	int err;

	switch (s->tcp.stage) {
	case SOCK_LISTENING:
	case SOCK_OPEN:
		return -EISCONN;
	case SOCK_CONNECTING:
		return s->tcp.is_early ? -EISCONN : -EALREADY;
	case SOCK_FRESH:
		break;
	}
	if (s->err != 0)
		return sock_take_error(s);
	err = baro_connect(core, remote, local, &sock_conn_ops, s, &s->tcp.conn);
	if (err != 0)
		return err;
	grant(s->tcp.wishes, s->tcp.conn);
	if (s->tcp.cc != NULL)
		baro_conn_set_cc(s->tcp.conn, s->tcp.cc);
	s->tcp.stage = SOCK_CONNECTING;
	s->tcp.is_early = may_send_early(s->tcp.conn);
	s->tcp.is_ended = false;
	list_remove(&s->tcp.by_port);
	return s->tcp.is_early ? 0 : -EINPROGRESS;
}

int
sock_tcp_listen(struct sock *s, int backlog)
{
	uint32_t most = backlog > 0 ? (uint32_t)backlog : 1;
	const struct baro_endpoint any = { .port = 0 };
	struct tcp_listener *l;
	int err = 0;

	if (s->tcp.stage != SOCK_FRESH && s->tcp.stage != SOCK_LISTENING)
		return -EINVAL;
	if (s->tcp.bound.port == 0)
		err = bind_tcp(s, &any);
	if (err == 0 && s->tcp.stage == SOCK_FRESH)
		err = baro_listen(core_of(s->stack), &s->tcp.bound, NULL, &listener_ops,
			(void *)(uintptr_t)s->number, &s->tcp.listener);
	if (err != 0)
		return err;
	l = (struct tcp_listener *)s->tcp.listener;
	l->max_unaccepted = most;
	s->tcp.stage = SOCK_LISTENING;
	sock_tcp_defer(s, s->tcp.defer_s);
	if (s->tcp.fast_limit >= 0)
		baro_listener_set(s->tcp.listener, BARO_TCP_FASTOPEN, s->tcp.fast_limit);
	if (s->tcp.cc != NULL)
		baro_listener_set_cc(s->tcp.listener, s->tcp.cc);
	return 0;
}

int
sock_tcp_accept(struct sock *l, struct sock **out)
{
	struct list *node;

	if (l->tcp.stage != SOCK_LISTENING)
		return -EINVAL;
	node = list_first(&l->tcp.queue);
	if (node == NULL)
		return -EAGAIN;
	*out = holder_of(node, struct sock, tcp.queue);
	leave_queue(*out);
	return 0;
}

/* Sending */

/** MSG_MORE, as a cork for one call; TCP_CORK stays until it is taken off. */
static void
cork(struct sock *s, bool has_more)
{
	if (has_more == s->tcp.has_more)
		return;
	s->tcp.has_more = has_more;
	baro_conn_set(s->tcp.conn, BARO_TCP_CORK, has_more || s->tcp.is_corked);
}

static ssize_t
send_tcp(struct sock *s, struct sock_io *io)
{
	size_t done = 0;
	ssize_t n = 0;

	if (s->err != 0)
		return sock_take_error(s);
	if (s->tcp.stage == SOCK_CONNECTING && !s->tcp.is_early)
		return -EAGAIN;
	if (s->tcp.stage != SOCK_OPEN && s->tcp.stage != SOCK_CONNECTING)
		return -ENOTCONN;
	cork(s, (io->flags & MSG_MORE) != 0);
	while (io->left != 0) {
		struct iovec piece = sock_io_next(io);

		n = baro_conn_send(s->tcp.conn, piece.iov_base, piece.iov_len);
		if (n <= 0)
			break;
		sock_io_done(io, (size_t)n);
		done += (size_t)n;
	}
	return done != 0 ? (ssize_t)done : n;
}

/* Receiving */

/** Text that waits, into @io. MSG_PEEK leaves it where it is, MSG_TRUNC copies nothing (as on Linux). */
static size_t
take_text(struct baro_conn *c, struct sock_io *io)
{
	const struct tcp_conn *conn = tcp_awake(c);
	const struct text *t;
	size_t done = 0;

	if (conn == NULL || conn->rcv_queued == 0)
		return 0;
	t = conn->rcv_head;

	if ((io->flags & MSG_TRUNC) != 0) {
		done = io->left < conn->rcv_queued ? io->left : conn->rcv_queued;
		io->left -= done;
		t = NULL;
	}
	for (; io->left != 0 && t != NULL; t = t->next)
		done += sock_io_put(io, t->data, t->len);
	if ((io->flags & MSG_PEEK) == 0 && done != 0)
		baro_conn_consume(c, done);
	return done;
}

/** Nothing more will come. */
static bool
is_at_end(const struct sock *s)
{
	return s->tcp.is_ended || s->tcp.is_rd_shut || baro_conn_is_eof(s->tcp.conn);
}

static ssize_t
recv_tcp(struct sock *s, struct sock_io *io)
{
	size_t n;

	io->msg->msg_namelen = 0;
	if (s->tcp.stage == SOCK_CONNECTING)
		return -EAGAIN;
	if (s->tcp.stage != SOCK_OPEN)
		return s->err != 0 ? sock_take_error(s) : -ENOTCONN;
	n = take_text(s->tcp.conn, io);
	if (n != 0)
		return (ssize_t)n;
	if (s->err != 0)
		return sock_take_error(s);
	return is_at_end(s) ? 0 : -EAGAIN;
}

/* What is so now */

static uint32_t
ready_conn(const struct sock *s)
{
	struct tcp_conn copy;
	const struct tcp_conn *t = tcp_look(s->tcp.conn, &copy);
	bool is_end_seen = tcp_is(t, TCP_F_FIN_TAKEN) || s->tcp.is_rd_shut;
	uint32_t lowat = min_u32(s->rcv_lowat, t->rcv_buf);
	uint32_t events = 0;

	if (t->rcv_queued >= lowat || is_end_seen)
		events |= EPOLLIN | EPOLLRDNORM;
	if (is_end_seen)
		events |= EPOLLRDHUP;
	if (!tcp_may_send(t) || !tcp_is(t, TCP_F_FULL))
		events |= EPOLLOUT | EPOLLWRNORM;
	if (is_end_seen && tcp_is(t, TCP_F_FIN_QUEUED))
		events |= EPOLLHUP;
	return events;
}

static uint32_t
ready_tcp(const struct sock *s)
{
	const uint32_t over =
		EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM | EPOLLRDHUP | EPOLLHUP;
	uint32_t events = s->err != 0 ? EPOLLERR : 0;

	switch (s->tcp.stage) {
	case SOCK_FRESH:
		return events | (s->tcp.is_ended ? over : EPOLLOUT | EPOLLWRNORM | EPOLLHUP);
	case SOCK_LISTENING:
		return list_is_empty(&s->tcp.queue) ? 0 : EPOLLIN | EPOLLRDNORM;
	case SOCK_CONNECTING:
		return s->tcp.is_early ? ready_conn(s) : 0;
	case SOCK_OPEN:
		break;
	}
	return events | (s->tcp.is_ended ? over : ready_conn(s));
}

static size_t
queued_of(const struct sock *s)
{
	return s->tcp.conn != NULL ? baro_conn_recv_queued(s->tcp.conn) : 0;
}

static size_t
unsent_of(const struct sock *s)
{
	return s->tcp.conn != NULL ? baro_conn_send_queued(s->tcp.conn) : 0;
}

/* Ending */

static int
shutdown_tcp(struct sock *s, int how)
{
	int err = 0;

	if (s->tcp.stage != SOCK_OPEN || s->tcp.is_ended)
		return -ENOTCONN;
	if (how == SHUT_WR || how == SHUT_RDWR)
		err = baro_conn_shutdown(s->tcp.conn);
	if (how == SHUT_RD || how == SHUT_RDWR)
		s->tcp.is_rd_shut = true;
	sock_wake(s, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP);
	return err == -EPIPE ? 0 : err; /* was done before */
}

/** RFC 9293 §3.10.4: its connections end, by RST. */
static void
close_listener(struct sock *l)
{
	struct list *node;

	while ((node = list_first(&l->tcp.queue)) != NULL) {
		struct sock *s = holder_of(node, struct sock, tcp.queue);

		leave_queue(s);
		baro_conn_abort(s->tcp.conn);
		sock_free(s);
	}
	baro_listener_close(l->tcp.listener);
}

static void
close_tcp(struct sock *s)
{
	if (s->tcp.stage == SOCK_LISTENING)
		close_listener(s);
	else if (s->tcp.conn != NULL)
		baro_conn_close(s->tcp.conn);
	list_remove(&s->tcp.by_port);
	free(s->tcp.wishes);
	sock_free(s);
}

const struct sock_class sock_tcp_class = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_TCP,
	.init = init_tcp,
	.bind = bind_tcp,
	.connect = connect_tcp,
	.send = send_tcp,
	.recv = recv_tcp,
	.shutdown = shutdown_tcp,
	.ready = ready_tcp,
	.local = local_of,
	.remote = remote_of,
	.queued = queued_of,
	.unsent = unsent_of,
	.close = close_tcp,
};
