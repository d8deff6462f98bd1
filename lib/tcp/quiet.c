/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* The queue before rest; see the header. */

#include "tcp/quiet.h"

#include <errno.h>
#include <stdlib.h>

#include "base/prefetch.h"
#include "tcp/rest.h"
#include "tcp/undo_past.h"

enum {
	FIRST_ENTRIES = 1024,
	CONNS_A_TURN = 256, /* that come to rest: segments wait meanwhile */
	AHEAD = 8,          /* so many are on their way from memory */
};

int
quiet_init(struct tcp *tcp)
{
	struct tcp_quiet *q = &tcp->quiet;

	wheel_timer_init(&q->timer, TIMER_TCP_QUIET);
	q->entry = calloc(FIRST_ENTRIES, sizeof(*q->entry));
	q->mask = FIRST_ENTRIES - 1;
	q->head = q->tail = 1;
	return q->entry != NULL ? 0 : -ENOMEM;
}

void
quiet_fini(struct tcp *tcp)
{
	free(tcp->quiet.entry);
	tcp->quiet.entry = NULL;
}

/** Twice as many; each stays where its number says. */
static BARO_COLD bool
grow(struct tcp_quiet *q)
{
	uint32_t mask = 2 * q->mask + 1;
	struct tcp_quiet_entry *entry = calloc((size_t)mask + 1, sizeof(*entry));

	if (entry == NULL)
		return false;
	for (uint32_t i = q->head; i != q->tail; i++)
		entry[i & mask] = q->entry[i & q->mask];
	free(q->entry);
	q->entry = entry;
	q->mask = mask;
	return true;
}

/** The crowd has gone. */
static BARO_COLD void
shrink(struct tcp_quiet *q)
{
	struct tcp_quiet_entry *entry = calloc(FIRST_ENTRIES, sizeof(*entry));

	if (entry == NULL)
		return;
	free(q->entry);
	q->entry = entry;
	q->mask = FIRST_ENTRIES - 1;
}

/** 0 says that a connection is not in the queue, so it is no place in it. */
static void
skip_zero(struct tcp_quiet *q, uint64_t due_ns)
{
	if (likely(q->tail != 0))
		return;
	q->entry[q->tail++ & q->mask] = (struct tcp_quiet_entry){ due_ns, SLAB_NONE };
	q->n_gone++;
}

static void
put(struct tcp *tcp, struct tcp_conn *c, uint64_t due_ns)
{
	struct tcp_quiet *q = &tcp->quiet;

	skip_zero(q, due_ns);
	c->quiet_at = q->tail;
	q->entry[q->tail++ & q->mask] = (struct tcp_quiet_entry){ due_ns, c->index };
}

/** Half of those in the queue and more have gone: the others move up. */
static BARO_COLD void
close_gaps(struct tcp *tcp)
{
	struct tcp_quiet *q = &tcp->quiet;
	uint32_t tail = q->tail;

	q->tail = q->head;
	q->n_gone = 0;
	for (uint32_t at = q->head; at != tail; at++) {
		struct tcp_quiet_entry e = q->entry[at & q->mask];

		if (e.index != SLAB_NONE)
			put(tcp, slab_at(&tcp->conns, e.index), e.due_ns);
	}
}

/** Two places are free then, one of them for skip_zero(). */
static bool
make_room(struct tcp *tcp)
{
	struct tcp_quiet *q = &tcp->quiet;
	uint32_t n = q->tail - q->head;

	if (likely(n + 1 <= q->mask))
		return true;
	if (q->n_gone < n / 2)
		return grow(q);
	close_gaps(tcp);
	return true;
}

void
quiet_add(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp_quiet *q = &tcp->quiet;
	uint64_t due_ns = now_ns + tcp->common.rest_after_ns;

	if (!make_room(tcp))
		return;
	put(tcp, c, due_ns);
	if (unlikely(!q->timer.is_armed))
		wheel_start(&tcp->common.env->wheel, &q->timer, due_ns);
}

/** Nobody stands at place @at, if it is one, any more. */
static void
clear(struct tcp_quiet *q, uint32_t at)
{
	if (at == 0)
		return;
	q->entry[at & q->mask].index = SLAB_NONE;
	q->n_gone++;
}

void
quiet_remove(struct tcp *tcp, struct tcp_conn *c)
{
	clear(&tcp->quiet, c->quiet_at);
	c->quiet_at = 0;
}

/** In congestion avoidance, and in need of it: CUBIC's window grows by parts of a segment, which are not written down. */
static bool
is_growing(const struct tcp_conn *c)
{
	return c->cwnd >= c->ssthresh && (c->use.is_full || c->use.most > c->cwnd / 2);
}

bool
quiet_rest(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	uint32_t at = c->quiet_at;

	if (is_growing(c) || undo_is_open(c, now_ns) || !rest_begin(tcp, c, now_ns))
		return false;
	clear(&tcp->quiet, at);
	return true;
}

/** Whoever stands at place @at of the queue; NULL: nobody. */
static inline const struct tcp_conn *
conn_at(const struct tcp *tcp, uint32_t at)
{
	const struct tcp_quiet *q = &tcp->quiet;
	uint32_t index = q->entry[at & q->mask].index;

	if (at - q->head >= q->tail - q->head || index == SLAB_NONE)
		return NULL;
	return slab_at(&tcp->conns, index);
}

/** The last of @n behind the head has long been out of sight: all that it takes to write it down. */
static inline void
look_ahead(const struct tcp *tcp, uint32_t n)
{
	const struct tcp_conn *far = conn_at(tcp, tcp->quiet.head + n);
	const struct tcp_conn *near = conn_at(tcp, tcp->quiet.head + n / 2);

	if (far != NULL)
		prefetch(far, sizeof(*far));
	if (near != NULL)
		prefetch(near->rest, sizeof(*near->rest));
}

/** Its time has come. */
static void
consider(struct tcp *tcp, uint32_t index, uint64_t now_ns)
{
	struct tcp_conn *c;

	if (index == SLAB_NONE) {
		tcp->quiet.n_gone--;
		return;
	}
	c = slab_at(&tcp->conns, index);
	c->quiet_at = 0;
	if (now_ns - rest_stirred_ns(c) < tcp->common.rest_after_ns)
		quiet_add(tcp, c, now_ns);
	else
		rest_begin(tcp, c, now_ns);
}

void
tcp_quiet_timer(struct tcp *tcp, uint64_t now_ns)
{
	struct tcp_quiet *q = &tcp->quiet;
	uint32_t n = 0;

	for (uint32_t i = 0; i < AHEAD; i++)
		look_ahead(tcp, i);
	for (; q->head != q->tail && n < CONNS_A_TURN; n++) {
		struct tcp_quiet_entry e = q->entry[q->head & q->mask];

		if (e.due_ns > now_ns)
			break;
		look_ahead(tcp, AHEAD);
		q->head++;
		consider(tcp, e.index, now_ns);
	}
	if (q->head != q->tail)
		wheel_start(&tcp->common.env->wheel, &q->timer, q->entry[q->head & q->mask].due_ns);
	else if (q->mask >= FIRST_ENTRIES)
		shrink(q);
}
