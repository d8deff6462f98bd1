/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions before the last one; see the header. */

#include "tcp/undo_past.h"

#include <string.h>

enum {
	LIFE_MS = 10000, /* no duplicate is as late; sequence numbers do not wrap in it */
};

void
undo_past_keep(struct tcp_conn *c)
{
	struct tcp_loss *l = &c->loss;
	const struct tcp_undo *u = &l->undo;

	if (u->cwnd == 0 || u->octets == 0 || u->is_timeout || c->ssthresh >= u->cwnd ||
		c->cc->sampled != NULL)
		return;
	if (l->n_past == TCP_UNDO_PAST) {
		l->n_past--;
		memmove(l->past, l->past + 1, l->n_past * sizeof(l->past[0]));
	}
	l->past[l->n_past++] = (struct tcp_undo_past){ .cwnd = u->cwnd,
		.reduced = c->ssthresh,
		.ssthresh = u->ssthresh,
		.from = u->from,
		.to = u->to,
		.octets = u->octets,
		.again_ts = u->again_ts };
}

bool
undo_is_open(const struct tcp_conn *c, uint64_t now_ns)
{
	const struct tcp_loss *l = &c->loss;
	uint32_t ts = tcp_ts_now(c, now_ns);

	if (l->undo.cwnd != 0 && l->undo.octets != 0 && ts - l->undo.again_ts < LIFE_MS)
		return true;
	return l->n_past != 0 && ts - l->past[l->n_past - 1].again_ts < LIFE_MS;
}

/** The one that what arrived twice was sent again in; NULL: it is none of these. */
static struct tcp_undo_past *
find(struct tcp_conn *c, const struct tcp_sack *dsack, uint32_t ts)
{
	for (unsigned i = 0; i < c->loss.n_past; i++) {
		struct tcp_undo_past *p = &c->loss.past[i];

		if (seq_ge(dsack->from, p->from) && seq_le(dsack->to, p->to) &&
			ts - p->again_ts < LIFE_MS)
			return p;
	}
	return NULL;
}

/** What @cwnd would be without the reduction @p, but no more than what that one reduced. */
static uint32_t
without(uint32_t cwnd, const struct tcp_undo_past *p)
{
	uint64_t more = (uint64_t)cwnd * p->cwnd / p->reduced;

	return max_u32(cwnd, (uint32_t)min_u64(more, p->cwnd));
}

/** What came later: the first of it began with the ssthresh from @before, the others with one that is too low. */
static void
mend(uint32_t *cwnd, uint32_t *ssthresh, uint32_t *before, const struct tcp_undo_past *p)
{
	*cwnd = without(*cwnd, p);
	*ssthresh = *before != 0 ? max_u32(*ssthresh, *before) : without(*ssthresh, p);
	*before = 0;
}

/** Take @p out of the row. */
static void
take_out(struct tcp_conn *c, struct tcp_undo_past *p)
{
	struct tcp_loss *l = &c->loss;
	const struct tcp_undo_past denied = *p;
	struct tcp_undo_past *end = l->past + --l->n_past;
	uint32_t before = denied.ssthresh;

	memmove(p, p + 1, (size_t)(end - p) * sizeof(*p));
	for (; p < end; p++) {
		mend(&p->cwnd, &p->ssthresh, &before, &denied);
		p->reduced = without(p->reduced, &denied);
	}
	if (l->undo.cwnd != 0)
		mend(&l->undo.cwnd, &l->undo.ssthresh, &before, &denied);
	mend(&c->cwnd, &c->ssthresh, &before, &denied);
	if (c->cc->raised != NULL)
		c->cc->raised(c);
	l->is_reordering_seen = true; /* what was late had not been lost */
	c->totals.undone++;
	count(common_of(c)->env, STAT_TCP_UNDONE);
}

void
undo_past_take(struct tcp_conn *c, const struct tcp_news *n)
{
	struct tcp_undo_past *p = find(c, &n->dsack, tcp_ts_now(c, n->now_ns));

	if (p == NULL)
		return;
	p->octets -= min_u32(p->octets, seq_len(n->dsack.from, n->dsack.to));
	if (p->octets == 0)
		take_out(c, p);
}
