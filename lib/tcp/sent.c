/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notes on segments in flight; see the header. The list may be thousands long, so
 * nothing walks it from its head for a single acknowledgement: conn->loss remembers places.
 */

#include "tcp/sent.h"

#include "tcp/conn.h"
#include "tcp/mtu_search.h"

void
sent_add(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns)
{
	s->sent_ns = now_ns;
	rate_sent(c, &s->rate, tcp_pipe(c) + s->len, now_ns);
	s->next = NULL;
	if (c->sent_head == NULL)
		c->sent_head = s;
	else
		c->sent_tail->next = s;
	c->sent_tail = s;
}

void
sent_disorder(struct tcp_conn *c)
{
	if (tcp_is(c, TCP_F_DISORDER))
		return;
	tcp_mark(c, TCP_F_DISORDER);
	c->loss.rack_xmit_ns = 0;
	c->loss.rack_rtt_ns = 0;
	c->loss.rack_end = c->snd_una;
	c->loss.rack_fack = c->snd_una;
}

/** Take @s out of the list of those sent again. It is near the head, as they arrive as they left. */
static void
unlist(struct tcp_conn *c, struct tcp_sent *s)
{
	struct tcp_sent **link = &c->loss.again_head;
	struct tcp_sent *before = NULL;

	while (*link != s) {
		before = *link;
		link = &before->again_next;
	}
	*link = s->again_next;
	if (c->loss.again_tail == s)
		c->loss.again_tail = before;
	s->flags &= (uint8_t)~SENT_LISTED;
}

static void
unmark_lost(struct tcp_conn *c, struct tcp_sent *s)
{
	if (s->flags & SENT_LOST)
		c->lost -= s->len;
	s->flags &= (uint8_t)~SENT_LOST;
}

void
sent_again(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns)
{
	sent_disorder(c);
	unmark_lost(c, s);
	if (s->flags & SENT_LISTED)
		unlist(c, s);
	if (c->loss.again_head == NULL)
		c->loss.again_head = s;
	else
		c->loss.again_tail->again_next = s;
	c->loss.again_tail = s;
	s->again_next = NULL;
	s->flags |= SENT_AGAIN | SENT_LISTED;
	s->sent_ns = now_ns;
	rate_sent(c, &s->rate, tcp_pipe(c), now_ns);
}

/** @len octets of @s, all of them or its first ones, are acknowledged: they leave the books. */
static void
leave_books(struct tcp_conn *c, struct tcp_sent *s, uint32_t len)
{
	if (s->flags & SENT_LOST)
		c->lost -= len;
	if (s->flags & SENT_SACKED) {
		c->sacked -= len;
		c->loss.n_sacked -= len == s->len;
	}
	if ((s->flags & SENT_LISTED) != 0 && len == s->len)
		unlist(c, s);
}

static bool
is_gone(const struct tcp_sent *s)
{
	return s != NULL && s->len == 0;
}

/** Notes have left the list: places that were theirs are forgotten. */
static void
forget_places(struct tcp_conn *c)
{
	struct tcp_loss *loss = &c->loss;
	uint8_t n = 0;

	if (is_gone(loss->first_lost))
		loss->first_lost = NULL;
	if (is_gone(loss->top))
		loss->top = NULL;
	if (is_gone(loss->unjudged))
		loss->unjudged = NULL;
	for (uint8_t i = 0; i < loss->n_seen; i++)
		if (!is_gone(loss->seen[i].last))
			loss->seen[n++] = loss->seen[i];
	loss->n_seen = n;
}

struct tcp_sent *
sent_acked(struct tcp_conn *c, struct seq ack, struct tcp_cc_sample *sample, struct tcp_rate *rate)
{
	struct tcp_sent *done = NULL;
	bool is_ambiguous = false;
	struct tcp_sent *s;

	while ((s = c->sent_head) != NULL && seq_lt(s->seq, ack)) {
		uint32_t len = min_u32(s->len, seq_len(s->seq, ack));

		if (unlikely((s->flags & SENT_SPECIAL) != 0)) {
			leave_books(c, s, len);
			is_ambiguous |= (s->flags & SENT_AGAIN) != 0;
		}
		if (likely((s->flags & SENT_SACKED) == 0)) {
			sample->rtt_ns = max_u64(sample->now_ns - s->sent_ns, 1);
			sample->acked += len;
			rate_delivered(c, &s->rate, s->sent_ns, len, rate);
		}
		s->seq = seq_add(s->seq, len);
		s->len -= len;
		if (s->len != 0)
			break;
		c->sent_head = s->next;
		s->next = done;
		done = s;
	}
	/* RFC 6298 §3; and what waited behind a segment sent again has a round trip of another kind */
	if (is_ambiguous)
		sample->rtt_ns = 0;
	if (unlikely(tcp_is(c, TCP_F_DISORDER)))
		forget_places(c);
	return done;
}

bool
sent_split(struct tcp_conn *c, struct tcp_sent *s, uint32_t len, struct tcp_sent *rest)
{
	uint32_t index = rest->index;

	if (len >= s->len)
		return false;
	*rest = *s;
	rest->index = index;
	rest->seq = seq_add(s->seq, len);
	rest->len = s->len - len;
	rest->flags &= (uint8_t)~SENT_SYN;
	s->next = rest;
	s->len = len;
	s->flags &= (uint8_t)~SENT_FIN;
	if (c->sent_tail == s)
		c->sent_tail = rest;
	if (s->flags & SENT_LISTED) {
		s->again_next = rest;
		if (c->loss.again_tail == s)
			c->loss.again_tail = rest;
	}
	c->loss.n_sacked += (s->flags & SENT_SACKED) != 0;
	return true;
}

/** @return false: it is lost already, or has arrived */
static bool
mark_lost(struct tcp_conn *c, struct tcp_sent *s)
{
	struct tcp_loss *loss = &c->loss;

	if (s->flags & (SENT_LOST | SENT_SACKED))
		return false;
	sent_disorder(c);
	if (s->flags & SENT_LISTED)
		unlist(c, s);
	if (c->lost == 0 || (loss->first_lost != NULL && seq_lt(s->seq, loss->first_lost->seq)))
		loss->first_lost = s;
	s->flags |= SENT_LOST;
	c->lost += s->len;
	return true;
}

void
sent_mark_lost(struct tcp_conn *c, struct tcp_sent *s)
{
	if (!mark_lost(c, s))
		return;
	if (unlikely(tcp_is(c, TCP_F_MTU_SEARCH)) && mtu_probe_lost(c, seq_add(s->seq, s->len)))
		return;
	c->found_lost += s->len;
	if (c->cc->segment_lost != NULL)
		c->cc->segment_lost(c, s);
}

void
sent_mark_too_big(struct tcp_conn *c, struct tcp_sent *s)
{
	mark_lost(c, s);
}

void
sent_mark_all_lost(struct tcp_conn *c)
{
	for (struct tcp_sent *s = c->sent_head; s != NULL; s = s->next)
		sent_mark_lost(c, s);
}

void
sent_mark_sacked(struct tcp_conn *c, struct tcp_sent *s)
{
	struct tcp_loss *loss = &c->loss;

	sent_disorder(c);
	unmark_lost(c, s);
	if (s->flags & SENT_LISTED)
		unlist(c, s);
	s->flags |= SENT_SACKED;
	c->sacked += s->len;
	loss->n_sacked++;
	if (loss->top == NULL || seq_gt(s->seq, loss->top->seq))
		loss->top = s;
}

void
sent_unmark_lost(struct tcp_conn *c)
{
	for (struct tcp_sent *s = sent_first_lost(c); s != NULL && c->lost != 0; s = s->next)
		unmark_lost(c, s);
	c->loss.first_lost = NULL;
	c->loss.unjudged = NULL;
}

void
sent_unmark_sacked(struct tcp_conn *c)
{
	for (struct tcp_sent *s = c->sent_head; s != NULL; s = s->next)
		s->flags &= (uint8_t)~SENT_SACKED;
	c->sacked = 0;
	c->loss.n_sacked = 0;
	c->loss.n_seen = 0;
	c->loss.top = NULL;
	c->loss.unjudged = NULL;
}

struct tcp_sent *
sent_first_lost(struct tcp_conn *c)
{
	struct tcp_sent *s = c->loss.first_lost != NULL ? c->loss.first_lost : c->sent_head;

	if (c->lost == 0)
		return NULL;
	while (s != NULL && !(s->flags & SENT_LOST))
		s = s->next;
	c->loss.first_lost = s;
	return s;
}

struct tcp_sent *
sent_take_all(struct tcp_conn *c)
{
	struct tcp_sent *all = c->sent_head;

	c->sent_head = NULL;
	c->sent_tail = NULL;
	c->lost = 0;
	c->sacked = 0;
	c->loss.first_lost = NULL;
	c->loss.again_head = NULL;
	c->loss.again_tail = NULL;
	c->loss.top = NULL;
	c->loss.unjudged = NULL;
	c->loss.n_seen = 0;
	c->loss.n_sacked = 0;
	return all;
}
