/* SPDX-License-Identifier: BSD-3-Clause */

#include "kit/fake_conn.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define START_NS   UINT64_C(1000000000)
#define SNDBUF     (64 * 1024)
#define ROOM_MAX   1448 /* of a reservation, as if it were a segment */
#define HEARD_MAX  (16 * 1024 * 1024)
#define TIMERS_MAX 4096

struct baro_core {
	uint64_t now_ns;
	struct baro_timer *timers[TIMERS_MAX];
	unsigned n_timers;
	struct baro_listener *listener;
	struct baro_udp *udp;
};

struct baro_listener {
	struct baro_listener *next;
	uint16_t port;
	const struct baro_conn_ops *ops;
	void *user;
};

struct baro_udp {
	uint16_t port;
	baro_udp_received received;
	void *user;
	void *answer;
	int answer_len;
};

struct piece {
	struct piece *next;
	char *data;
	size_t len;
	size_t used; /* octets consumed */
};

/* One of the two ends is the application's. */
struct baro_conn {
	const struct baro_conn_ops *ops;
	void *user;
	bool is_gone;
	bool is_shut;

	struct piece *first;
	size_t recv_queued;
	bool has_fin;

	size_t sndbuf;
	size_t queued;
	bool was_full;
	char *room; /* reservation */
	size_t room_len;
};

struct fake_client {
	struct baro_conn conn;
	enum fake_end end;
	bool is_stalled;
	char *heard;
	size_t heard_len;
	size_t heard_cap;
};

static struct baro_core the_core;

/* RULE: the application keeps to conn.h. */
#define RULE(claim) cr_assert((claim), "the application broke a rule: %s", #claim)

static struct fake_client *
client_of(struct baro_conn *c)
{
	return (struct fake_client *)(void *)c;
}

struct baro_core *
fake_core(void)
{
	while (the_core.listener != NULL)
		baro_listener_close(the_core.listener);
	free(the_core.udp);
	the_core = (struct baro_core){ .now_ns = START_NS };
	return &the_core;
}

uint64_t
baro_core_now(const struct baro_core *core)
{
	return core->now_ns;
}

size_t
baro_metrics_write(const struct baro_core *core, char *text, size_t len)
{
	static const char metrics[] = "# TYPE fake counter\nfake 1\n";

	(void)core;
	if (len >= sizeof(metrics))
		memcpy(text, metrics, sizeof(metrics));
	return sizeof(metrics) - 1;
}

unsigned
baro_core_id(const struct baro_core *core)
{
	(void)core;
	return 0;
}

/* Timers: priv[0] is the deadline. */

void
baro_timer_stop(struct baro_core *core, struct baro_timer *t)
{
	for (unsigned i = 0; i < core->n_timers; i++) {
		if (core->timers[i] == t) {
			core->timers[i] = core->timers[--core->n_timers];
			return;
		}
	}
}

void
baro_timer_start(struct baro_core *core, struct baro_timer *t, uint64_t deadline_ns)
{
	RULE(t->fire != NULL);
	baro_timer_stop(core, t);
	cr_assert_lt(core->n_timers, TIMERS_MAX);
	t->priv[0] = deadline_ns;
	core->timers[core->n_timers++] = t;
}

static struct baro_timer *
earliest(void)
{
	struct baro_timer *best = NULL;

	for (unsigned i = 0; i < the_core.n_timers; i++) {
		if (best == NULL || the_core.timers[i]->priv[0] < best->priv[0])
			best = the_core.timers[i];
	}
	return best;
}

void
fake_pass(uint64_t ns)
{
	const uint64_t until_ns = the_core.now_ns + ns;
	struct baro_timer *t;

	while ((t = earliest()) != NULL && t->priv[0] <= until_ns) {
		if (t->priv[0] > the_core.now_ns)
			the_core.now_ns = t->priv[0];
		baro_timer_stop(&the_core, t);
		t->fire(t, the_core.now_ns);
	}
	the_core.now_ns = until_ns;
}

unsigned
fake_timers(void)
{
	return the_core.n_timers;
}

int
baro_listen(struct baro_core *core, const struct baro_endpoint *local,
	const struct baro_listen_opts *opts, const struct baro_conn_ops *ops, void *user,
	struct baro_listener **out)
{
	struct baro_listener *l = malloc(sizeof(*l));

	(void)opts;
	RULE(local->port != 0);
	*l = (struct baro_listener){
		.next = core->listener, .port = local->port, .ops = ops, .user = user
	};
	core->listener = l;
	*out = l;
	return 0;
}

void
baro_listener_close(struct baro_listener *l)
{
	struct baro_listener **at = &the_core.listener;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free(l);
}

static struct baro_listener *
find_listener(uint16_t port)
{
	struct baro_listener *l = the_core.listener;

	while (l != NULL && l->port != port)
		l = l->next;
	return l;
}

bool
fake_listens(uint16_t port)
{
	return find_listener(port) != NULL;
}

/* The application's calls. */

struct baro_core *
baro_conn_core(const struct baro_conn *c)
{
	RULE(!c->is_gone);
	return &the_core;
}

void *
baro_conn_user(const struct baro_conn *c)
{
	RULE(!c->is_gone);
	return c->user;
}

void
baro_conn_set_user(struct baro_conn *c, void *user)
{
	RULE(!c->is_gone);
	c->user = user;
}

int
baro_conn_set(struct baro_conn *c, enum baro_conn_option option, int value)
{
	(void)option;
	(void)value;
	RULE(!c->is_gone);
	return 0;
}

void
baro_conn_remote(const struct baro_conn *c, struct baro_endpoint *ep)
{
	RULE(!c->is_gone);
	*ep = (struct baro_endpoint){ .addr = baro_addr_from_v4(0xc6120001), .port = 50000 };
}

static void
hear(struct fake_client *f, const char *data, size_t len)
{
	f->conn.queued += len;
	f->conn.was_full |= f->conn.queued == f->conn.sndbuf;
	if (f->heard_len + len + 1 > f->heard_cap && f->heard_len + len < HEARD_MAX) {
		f->heard_cap = 2 * (f->heard_len + len) + 4096;
		f->heard = realloc(f->heard, f->heard_cap);
	}
	if (f->heard_len + len < f->heard_cap) {
		memcpy(f->heard + f->heard_len, data, len);
		f->heard[f->heard_len + len] = '\0';
	}
	f->heard_len += len;
}

size_t
baro_conn_send_room(const struct baro_conn *c)
{
	RULE(!c->is_gone);
	return c->is_shut ? 0 : c->sndbuf - c->queued;
}

size_t
baro_conn_send_queued(const struct baro_conn *c)
{
	RULE(!c->is_gone);
	return c->queued;
}

ssize_t
baro_conn_send(struct baro_conn *c, const void *buf, size_t len)
{
	RULE(!c->is_gone);
	RULE(len > 0);
	if (c->is_shut)
		return -EPIPE;
	if (c->queued == c->sndbuf) {
		c->was_full = true;
		return -EAGAIN;
	}
	if (len > c->sndbuf - c->queued)
		len = c->sndbuf - c->queued;
	hear(client_of(c), buf, len);
	return (ssize_t)len;
}

static void
end_reservation(struct baro_conn *c)
{
	free(c->room);
	c->room = NULL;
	c->room_len = 0;
}

void *
baro_conn_reserve(struct baro_conn *c, size_t *room)
{
	RULE(!c->is_gone);
	end_reservation(c);
	c->room_len = baro_conn_send_room(c);
	if (c->room_len == 0) {
		c->was_full = true;
		return NULL;
	}
	if (c->room_len > ROOM_MAX)
		c->room_len = ROOM_MAX;
	c->room = malloc(c->room_len);
	*room = c->room_len;
	return c->room;
}

void
baro_conn_commit(struct baro_conn *c, size_t len)
{
	RULE(!c->is_gone);
	RULE(c->room != NULL && len <= c->room_len);
	hear(client_of(c), c->room, len);
	end_reservation(c);
}

int
baro_conn_peek(const struct baro_conn *c, struct iovec *iov, int n)
{
	int i = 0;

	RULE(!c->is_gone);
	for (struct piece *p = c->first; p != NULL && i < n; p = p->next, i++)
		iov[i] = (struct iovec){ .iov_base = p->data + p->used,
			.iov_len = p->len - p->used };
	return i;
}

void
baro_conn_consume(struct baro_conn *c, size_t len)
{
	RULE(!c->is_gone);
	RULE(len <= c->recv_queued);
	c->recv_queued -= len;
	while (c->first != NULL && len >= c->first->len - c->first->used) {
		struct piece *p = c->first;

		len -= p->len - p->used;
		c->first = p->next;
		free(p->data);
		free(p);
	}
	if (len > 0)
		c->first->used += len;
}

size_t
baro_conn_recv_queued(const struct baro_conn *c)
{
	RULE(!c->is_gone);
	return c->recv_queued;
}

bool
baro_conn_is_eof(const struct baro_conn *c)
{
	RULE(!c->is_gone);
	return c->has_fin && c->recv_queued == 0;
}

int
baro_conn_shutdown(struct baro_conn *c)
{
	RULE(!c->is_gone);
	if (c->is_shut)
		return -EPIPE;
	c->is_shut = true;
	client_of(c)->end = FAKE_SHUT;
	return 0;
}

static void
drop_received(struct baro_conn *c)
{
	baro_conn_consume(c, c->recv_queued);
	end_reservation(c);
}

void
baro_conn_close(struct baro_conn *c)
{
	RULE(!c->is_gone);
	client_of(c)->end = c->recv_queued > 0 ? FAKE_ABORTED : FAKE_CLOSED;
	drop_received(c);
	c->is_gone = true;
}

void
baro_conn_abort(struct baro_conn *c)
{
	RULE(!c->is_gone);
	client_of(c)->end = FAKE_ABORTED;
	drop_received(c);
	c->is_gone = true;
}

/* The client. */

struct fake_client *
fake_connect(uint16_t port, size_t sndbuf)
{
	struct baro_listener *l = find_listener(port);
	struct fake_client *f = calloc(1, sizeof(*f));

	cr_assert_not_null(l, "nobody listens on port %u", port);
	f->conn.ops = l->ops;
	f->conn.user = l->user;
	f->conn.sndbuf = sndbuf == 0 ? SNDBUF : sndbuf;
	if (l->ops->opened != NULL)
		l->ops->opened(&f->conn);
	return f;
}

void
fake_free(struct fake_client *f)
{
	if (!f->conn.is_gone)
		fake_reset(f);
	free(f->heard);
	free(f);
}

static void
add_piece(struct baro_conn *c, const char *data, size_t len)
{
	struct piece *p = calloc(1, sizeof(*p)), **at = &c->first;

	p->data = malloc(len);
	p->len = len;
	memcpy(p->data, data, len);
	while (*at != NULL)
		at = &(*at)->next;
	*at = p;
	c->recv_queued += len;
}

/* Reservations end with the callback. */
static void
call(struct fake_client *f, void (*callback)(struct baro_conn *c))
{
	if (!f->conn.is_gone)
		callback(&f->conn);
	end_reservation(&f->conn);
	if (!f->is_stalled)
		fake_drain(f);
}

void
fake_say_pieces(struct fake_client *f, const void *data, size_t len, size_t piece_len)
{
	const char *p = data;

	if (f->conn.is_gone)
		return;
	for (; len > piece_len; p += piece_len, len -= piece_len)
		add_piece(&f->conn, p, piece_len);
	add_piece(&f->conn, p, len);
	call(f, f->conn.ops->readable);
}

void
fake_say(struct fake_client *f, const void *data, size_t len)
{
	fake_say_pieces(f, data, len, len);
}

void
fake_finish(struct fake_client *f)
{
	f->conn.has_fin = true;
	call(f, f->conn.ops->readable);
}

void
fake_reset(struct fake_client *f)
{
	f->end = FAKE_RESET;
	if (f->conn.ops->closed != NULL)
		f->conn.ops->closed(&f->conn, -ECONNRESET);
	drop_received(&f->conn);
	f->conn.is_gone = true;
}

void
fake_stall(struct fake_client *f)
{
	f->is_stalled = true;
}

size_t
fake_take(struct fake_client *f, size_t len)
{
	struct baro_conn *c = &f->conn;

	if (len > c->queued)
		len = c->queued;
	c->queued -= len;
	if (c->is_gone || !c->was_full || c->sndbuf - c->queued < (c->sndbuf + 3) / 4)
		return len;
	c->was_full = false;
	c->ops->writable(c);
	end_reservation(c);
	return len;
}

void
fake_drain(struct fake_client *f)
{
	while (fake_take(f, SIZE_MAX) > 0)
		;
}

const char *
fake_heard(const struct fake_client *f)
{
	return f->heard != NULL ? f->heard : "";
}

size_t
fake_heard_len(const struct fake_client *f)
{
	return f->heard_len;
}

void
fake_forget(struct fake_client *f)
{
	f->heard_len = 0;
	if (f->heard != NULL)
		f->heard[0] = '\0';
}

size_t
fake_send_queued(const struct fake_client *f)
{
	return f->conn.queued;
}

size_t
fake_recv_queued(const struct fake_client *f)
{
	return f->conn.recv_queued;
}

enum fake_end
fake_end(const struct fake_client *f)
{
	return f->end;
}

/* UDP: one service. */

int
baro_udp_open(struct baro_core *core, const struct baro_endpoint *local, baro_udp_received received,
	void *user, struct baro_udp **out)
{
	core->udp = malloc(sizeof(*core->udp));
	*core->udp = (struct baro_udp){ .port = local->port, .received = received, .user = user };
	*out = core->udp;
	return 0;
}

int
baro_udp_send(struct baro_udp *u, const struct baro_endpoint *to, const struct baro_endpoint *from,
	const void *data, size_t len)
{
	(void)to;
	RULE(from == NULL || from->port == u->port);
	memcpy(u->answer, data, len);
	u->answer_len = (int)len;
	return 0;
}

int
fake_datagram(uint16_t port, uint16_t from_port, const void *data, size_t len, void *answer)
{
	struct baro_udp *u = the_core.udp;
	const struct baro_datagram d = {
		.from = { .addr = baro_addr_from_v4(0xc6120001), .port = from_port },
		.to = { .addr = baro_addr_from_v4(0xc6120002), .port = port },
		.data = data,
		.len = len,
	};

	cr_assert(u != NULL && u->port == port);
	u->answer = answer;
	u->answer_len = -1;
	u->received(u, &d);
	return u->answer_len;
}
