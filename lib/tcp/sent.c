/* SPDX-License-Identifier: BSD-3-Clause */
/* Notes on segments in flight; see the header. */

#include "tcp/sent.h"

#include "tcp/conn.h"

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
sent_again(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns)
{
	if (s->flags & SENT_LOST)
		c->lost -= s->len;
	s->flags = (uint8_t)((s->flags & ~SENT_LOST) | SENT_AGAIN);
	s->sent_ns = now_ns;
	rate_sent(c, &s->rate, tcp_pipe(c), now_ns);
}

struct tcp_sent *
sent_acked(struct tcp_conn *c, struct seq ack, struct tcp_cc_sample *sample)
{
	struct tcp_sent *done = NULL;
	struct tcp_rate rate = { .now_ns = sample->now_ns };
	bool is_ambiguous = false;
	struct tcp_sent *s;

	while ((s = c->sent_head) != NULL && seq_lt(s->seq, ack)) {
		uint32_t len = min_u32(s->len, seq_len(s->seq, ack));

		if (s->flags & SENT_LOST)
			c->lost -= len;
		is_ambiguous |= (s->flags & SENT_AGAIN) != 0;
		sample->rtt_ns = max_u64(sample->now_ns - s->sent_ns, 1);
		sample->acked += len;
		rate_delivered(c, &s->rate, s->sent_ns, len, &rate);
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
	rate_close(c, &rate, sample);
	return done;
}

void
sent_mark_lost(struct tcp_conn *c, struct tcp_sent *s)
{
	if (s->flags & SENT_LOST)
		return;
	s->flags |= SENT_LOST;
	c->lost += s->len;
	c->found_lost += s->len;
}

void
sent_mark_all_lost(struct tcp_conn *c)
{
	for (struct tcp_sent *s = c->sent_head; s != NULL; s = s->next)
		sent_mark_lost(c, s);
}

struct tcp_sent *
sent_first_lost(const struct tcp_conn *c)
{
	struct tcp_sent *s = c->lost != 0 ? c->sent_head : NULL;

	while (s != NULL && !(s->flags & SENT_LOST))
		s = s->next;
	return s;
}
