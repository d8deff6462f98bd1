/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
/* Connections by callbacks (baro/conn.h): the public names over tcp/. */

#include <baro/conn.h>
#include <errno.h>
#include <string.h>

#include "socket/stack.h"
#include "tcp/ack.h"
#include "tcp/quiet.h"
#include "tcp/sndq.h"

enum {
	CONNS_A_TURN = 4096, /* looked at in one turn: applications that wake each other end here */
};

static struct baro_conn *
conn_of(struct tcp_conn *c)
{
	return (struct baro_conn *)c->rest;
}

static const struct baro_conn_ops *
ops_of(const struct tcp_conn *c)
{
	return c->rest->ops;
}

/* Telling the application */

/** The end is told once everything that came before it has been read, unless it is an error. */
static bool
is_end_held(const struct tcp_conn *c)
{
	return c->err == 0 && c->rcv_queued != 0;
}

static void
tell_closed(struct tcp_conn *c)
{
	if (is_end_held(c)) {
		c->events |= TCP_EV_CLOSED;
		return;
	}
	if (ops_of(c) != &sock_conn_ops)
		tcp_mark(c, TCP_F_ORPHAN);
	if (ops_of(c)->closed != NULL)
		ops_of(c)->closed(conn_of(c), c->err);
}

/** One callback, if the application has it, and has not let go in the one before. */
static void
call(struct tcp_conn *c, void (*callback)(struct baro_conn *c))
{
	if (callback != NULL && !tcp_is(c, TCP_F_ORPHAN))
		callback(conn_of(c));
}

static void
tell(struct tcp_conn *c)
{
	uint8_t events = c->events;

	c->events = 0;
	if (tcp_is(c, TCP_F_ORPHAN))
		return;
	if ((events & TCP_EV_OPENED) != 0) {
		tcp_mark(c, TCP_F_KNOWN);
		call(c, ops_of(c)->opened);
	}
	if (!tcp_is(c, TCP_F_KNOWN)) /* a half-open connection ends without a word */
		return;
	if ((events & TCP_EV_READABLE) != 0)
		call(c, ops_of(c)->readable);
	if ((events & TCP_EV_WRITABLE) != 0)
		call(c, ops_of(c)->writable);
	if ((events & TCP_EV_CLOSED) != 0 && !tcp_is(c, TCP_F_ORPHAN))
		tell_closed(c);
}

/** Its callbacks have led to something that it is to be told, too. */
static bool
has_news(const struct tcp_conn *c)
{
	return c->events != 0 && !(c->events == TCP_EV_CLOSED && is_end_held(c));
}

void
conn_dispatch(struct stack *stack)
{
	struct tcp_conn *c;

	for (unsigned n = 0; n < CONNS_A_TURN && (c = tcp_take_ready(&stack->tcp)) != NULL; n++) {
		/* until its callbacks are over it counts as ready: what they queue leaves right behind them */
		if (c->events != 0)
			tell(c);
		tcp_unmark(c, TCP_F_READY);
		if (unlikely(has_news(c)))
			tcp_ready(&stack->tcp, c);
		tcp_flush(&stack->tcp, c, stack->now_ns);
	}
}

/* Opening */

int
baro_listen(struct baro_core *core, const struct baro_endpoint *local,
	const struct baro_listen_opts *opts, const struct baro_conn_ops *ops, void *user,
	struct baro_listener **out)
{
	uint32_t backlog = opts != NULL ? opts->backlog : 0;
	struct tcp_listener *l;
	int err;

	if (!baro_addr_is_v4(&local->addr))
		return -EADDRNOTAVAIL;
	err = tcp_listen(&stack_of(core)->tcp, baro_addr_to_v4(&local->addr), local->port, backlog,
		ops, user, &l);
	if (err != 0)
		return err;
	l->defer_ns = opts != NULL ? opts->defer_accept_ns : 0;
	*out = (struct baro_listener *)l;
	return 0;
}

void
baro_listener_close(struct baro_listener *l)
{
	struct tcp_listener *listener = (struct tcp_listener *)l;

	tcp_unlisten(listener, holder_of(listener->tcp, struct stack, tcp)->now_ns);
}

int
baro_connect(struct baro_core *core, const struct baro_endpoint *remote,
	const struct baro_endpoint *local, const struct baro_conn_ops *ops, void *user,
	struct baro_conn **out)
{
	struct stack *stack = stack_of(core);
	struct tcp_flow flow = { .fport = remote->port };
	struct tcp_conn *c;
	int err;

	flow.faddr = baro_addr_to_v4(&remote->addr);
	if (local != NULL) {
		if (!baro_addr_is_v4(&local->addr))
			return -EADDRNOTAVAIL;
		flow.laddr = baro_addr_to_v4(&local->addr);
		flow.lport = local->port;
	}
	err = tcp_connect(&stack->tcp, &flow, stack->now_ns, &c);
	if (err != 0)
		return err;
	c->rest->ops = ops;
	c->rest->user = user;
	*out = conn_of(c);
	return 0;
}

/* Who it is */

struct baro_core *
baro_conn_core(const struct baro_conn *c)
{
	return core_of(stack_of_conn(c));
}

void *
baro_conn_user(const struct baro_conn *c)
{
	return rest_of(c)->user;
}

void
baro_conn_set_user(struct baro_conn *c, void *user)
{
	rest_of(c)->user = user;
}

void
baro_conn_set_ops(struct baro_conn *c, const struct baro_conn_ops *ops)
{
	rest_of(c)->ops = ops;
}

void
baro_conn_local(const struct baro_conn *c, struct baro_endpoint *ep)
{
	ep->addr = baro_addr_from_v4(rest_of(c)->flow.laddr);
	ep->port = rest_of(c)->flow.lport;
}

void
baro_conn_remote(const struct baro_conn *c, struct baro_endpoint *ep)
{
	ep->addr = baro_addr_from_v4(rest_of(c)->flow.faddr);
	ep->port = rest_of(c)->flow.fport;
}

void
baro_conn_prefetch(const struct baro_conn *c)
{
	rest_fetch(rest_of(c));
}

/* Sending */

void *
baro_conn_reserve(struct baro_conn *conn, size_t *room)
{
	struct tcp_conn *c = tcp_of(conn);
	uint32_t len;
	uint8_t *p;

	if (c == NULL || !tcp_may_send(c))
		return NULL;
	p = sndq_reserve(c, &len);
	if (p == NULL) {
		tcp_mark(c, TCP_F_FULL);
		tcp_ready(c->tcp, c); /* its turn's end finds out who will wake it */
		return NULL;
	}
	*room = len;
	return p;
}

void
baro_conn_commit(struct baro_conn *conn, size_t len)
{
	struct tcp_conn *c = tcp_of(conn);

	sndq_commit(c, (uint32_t)len);
	tcp_ready(c->tcp, c);
}

/** Nothing could be queued. */
static int
why_not_sent(const struct tcp_conn *c)
{
	bool is_opening;

	if (c == NULL)
		return -ENOMEM;
	is_opening = c->state == TCP_ST_SYN_SENT || c->state == TCP_ST_SYN_RECEIVED;
	if (tcp_may_send(c))
		return -EAGAIN;
	return is_opening && !tcp_is(c, TCP_F_FIN_QUEUED) ? -ENOTCONN : -EPIPE;
}

ssize_t
baro_conn_send(struct baro_conn *conn, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	size_t done = 0;
	size_t room;
	void *at;

	while (done < len && (at = baro_conn_reserve(conn, &room)) != NULL) {
		if (room > len - done)
			room = len - done;
		memcpy(at, p + done, room);
		baro_conn_commit(conn, room);
		done += room;
	}
	if (done != 0 || len == 0)
		return (ssize_t)done;
	return why_not_sent(tcp_awake(conn));
}

size_t
baro_conn_send_room(const struct baro_conn *conn)
{
	const struct tcp_conn *c = tcp_of(conn);

	return c != NULL && tcp_may_send(c) ? sndq_room(c) : 0;
}

size_t
baro_conn_send_queued(const struct baro_conn *conn)
{
	const struct tcp_conn *c = tcp_awake(conn);

	return c != NULL ? c->snd_queued : 0;
}

/* Receiving */

int
baro_conn_peek(const struct baro_conn *conn, struct iovec *iov, int n)
{
	const struct tcp_conn *c = tcp_awake(conn);
	int i = 0;

	if (c == NULL || c->rcv_queued == 0)
		return 0;
	for (struct text *t = c->rcv_head; t != NULL && i < n; t = t->next, i++) {
		iov[i].iov_base = (void *)(uintptr_t)t->data;
		iov[i].iov_len = t->len;
	}
	return i;
}

void
baro_conn_consume(struct baro_conn *conn, size_t len)
{
	struct tcp_conn *c = tcp_of(conn);

	if (unlikely(c == NULL))
		return; /* nothing waits to be read */
	BARO_ASSERT(len <= c->rcv_queued);
	rcvq_release(c, (uint32_t)len);
	ack_consumed(c);
	if (tcp_is(c, TCP_F_ACK_NOW) || (c->events & TCP_EV_CLOSED) != 0 ||
		unlikely(quiet_is_crowded(c->tcp))) /* nothing may be left to wait for */
		tcp_ready(c->tcp, c);
}

ssize_t
baro_conn_recv(struct baro_conn *c, void *buf, size_t len)
{
	uint8_t *p = buf;
	size_t done = 0;
	struct iovec iov;

	while (done < len && baro_conn_peek(c, &iov, 1) == 1) {
		size_t n = iov.iov_len < len - done ? iov.iov_len : len - done;

		memcpy(p + done, iov.iov_base, n);
		baro_conn_consume(c, n);
		done += n;
	}
	if (done != 0 || len == 0 || baro_conn_is_eof(c))
		return (ssize_t)done;
	return -EAGAIN;
}

size_t
baro_conn_recv_queued(const struct baro_conn *conn)
{
	const struct tcp_conn *c = tcp_awake(conn);

	return c != NULL ? c->rcv_queued : 0;
}

bool
baro_conn_is_eof(const struct baro_conn *conn)
{
	const struct tcp_conn *c = tcp_awake(conn);

	return c != NULL && tcp_is(c, TCP_F_FIN_TAKEN) && c->rcv_queued == 0;
}

/* Ending */

int
baro_conn_shutdown(struct baro_conn *conn)
{
	struct tcp_conn *c = tcp_of(conn);

	if (c == NULL)
		return -ENOMEM;
	if (c->state < TCP_ST_SYN_RECEIVED)
		return -ENOTCONN;
	if (tcp_is(c, TCP_F_FIN_QUEUED))
		return -EPIPE;
	tcp_shutdown(c);
	return 0;
}

/** End @conn by @how, or by RST if it rests and there is no memory to wake it. */
static void
end(struct baro_conn *conn, void (*how)(struct tcp_conn *c, uint64_t now_ns))
{
	uint64_t now_ns = stack_of_conn(conn)->now_ns;
	struct tcp_conn *c = tcp_of(conn);

	if (likely(c != NULL))
		how(c, now_ns);
	else
		rest_abandon(rest_of(conn), now_ns);
}

void
baro_conn_close(struct baro_conn *c)
{
	end(c, tcp_close);
}

void
baro_conn_abort(struct baro_conn *c)
{
	end(c, tcp_abort);
}
