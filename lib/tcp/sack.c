/* SPDX-License-Identifier: BSD-3-Clause */
/* The scoreboard; see the header. */

#include "tcp/sack.h"

#include "tcp/rack.h"
#include "tcp/sent.h"

/** It names sequence space that may have been sent, not older than a window. */
static bool
is_plausible(const struct tcp_conn *c, const struct tcp_sack *b)
{
	return seq_lt(b->from, b->to) && seq_le(b->to, c->snd_nxt) &&
	       seq_ge(b->from, seq_sub(c->snd_una, c->max_snd_wnd));
}

/**
 * RFC 2883 §4: the first block tells of a duplicate if it lies below the acknowledgement, or in the
 * second block.
 */
static bool
is_dsack(const struct tcp_opts *o, struct seq ack)
{
	const struct tcp_sack *b = o->sack;

	if (seq_le(b[0].to, ack))
		return true;
	return o->n_sack > 1 && seq_ge(b[0].from, b[1].from) && seq_le(b[0].to, b[1].to);
}

/** A place at or before @from, as near as is known; what is left out is marked already. */
static struct tcp_sent *
place_before(const struct tcp_conn *c, struct seq from)
{
	const struct tcp_loss *loss = &c->loss;
	struct tcp_sent *best = c->sent_head;

	if (loss->top != NULL && seq_le(loss->top->seq, from))
		best = loss->top;
	for (uint8_t i = 0; i < loss->n_seen; i++) {
		const struct tcp_seen *k = &loss->seen[i];
		bool is_in = seq_le(k->block.from, from) && seq_le(from, k->block.to);

		if ((is_in || seq_le(k->last->seq, from)) && seq_gt(k->last->seq, best->seq))
			best = k->last;
	}
	return best;
}

/** Cut @s before @at. @return false: not worth it, or no note to be had */
static bool
cut(struct tcp_conn *c, struct tcp_news *n, struct tcp_sent *s, struct seq at)
{
	uint32_t len = seq_len(s->seq, at);
	struct tcp_sent *rest = n->spare;

	if (rest == NULL || len < SACK_PIECE_MIN || s->len - len < SACK_PIECE_MIN)
		return false;
	n->spare = rest->next;
	return sent_split(c, s, len, rest);
}

/** A segment has been delivered that no acknowledgement covers yet. */
static void
mark(struct tcp_conn *c, struct tcp_news *n, struct tcp_sent *s)
{
	sent_mark_sacked(c, s);
	rack_sacked(c, n, s);
	rate_delivered(c, &s->rate, s->sent_ns, s->len, &n->rate);
	n->s.acked += s->len;
	n->is_sack_new = true;
	if ((s->flags & SENT_AGAIN) == 0) {
		n->s.rtt_ns = max_u64(n->now_ns - s->sent_ns, 1);
		n->is_original_new |= seq_lt(s->seq, c->recover);
	}
}

/** @return the last note that lies in @b; NULL: none does */
static struct tcp_sent *
mark_block(struct tcp_conn *c, struct tcp_news *n, const struct tcp_sack *b)
{
	struct tcp_sent *last = NULL;

	for (struct tcp_sent *s = place_before(c, b->from); s != NULL && seq_lt(s->seq, b->to);
		s = s->next) {
		struct seq end = seq_add(s->seq, s->len);

		if (seq_lt(s->seq, b->from)) { /* the cut's other half comes next */
			if (seq_gt(end, b->from) && !(s->flags & SENT_SACKED))
				cut(c, n, s, b->from);
			continue;
		}
		if (seq_gt(end, b->to) && !(s->flags & SENT_SACKED) && !cut(c, n, s, b->to))
			break;
		if (!(s->flags & SENT_SACKED))
			mark(c, n, s);
		last = s;
	}
	return last;
}

/** Lowest first, so that what is delivered in order is not taken for reordered. */
static void
add_sorted(struct tcp_sack *list, uint8_t n, struct tcp_sack b)
{
	for (; n > 0 && seq_gt(list[n - 1].from, b.from); n--)
		list[n] = list[n - 1];
	list[n] = b;
}

void
sack_take(struct tcp_conn *c, struct tcp_news *n)
{
	const struct tcp_opts *o = &n->seg->h.opts;
	struct tcp_seen seen[TCP_SACK_MAX];
	struct tcp_sack block[TCP_SACK_MAX];
	uint8_t n_blocks = 0;
	uint8_t n_seen = 0;

	n->has_dsack = is_dsack(o, n->seg->h.ack) && is_plausible(c, &o->sack[0]);
	if (n->has_dsack)
		n->dsack = o->sack[0];
	for (uint8_t i = n->has_dsack; i < o->n_sack; i++)
		if (is_plausible(c, &o->sack[i]) && seq_gt(o->sack[i].to, c->snd_una))
			add_sorted(block, n_blocks++, o->sack[i]);
	for (uint8_t i = 0; i < n_blocks && c->sent_head != NULL; i++) {
		seen[n_seen].block = block[i];
		seen[n_seen].last = mark_block(c, n, &block[i]);
		if (seen[n_seen].last != NULL)
			n_seen++;
	}
	for (uint8_t i = 0; i < n_seen; i++)
		c->loss.seen[i] = seen[i];
	c->loss.n_seen = n_seen;
}
