/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notes on segments in flight, and the delivery rate that follows from them
 * (draft-cheng-iccrg-delivery-rate-estimation: octets delivered between the departure
 * and the acknowledgement of a segment, over the longer of the two intervals).
 */

#include "tcp/sent.h"

#include "tcp/conn.h"

/** What one acknowledgement tells about the rate. */
struct rate {
	uint64_t prior_delivered;
	uint64_t elapsed_ns;
	bool is_valid;
	bool is_app_limited;
};

static void
stamp(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns)
{
	if (c->sent_head == NULL) {
		c->first_sent_ns = now_ns;
		c->delivered_ns = now_ns;
	}
	s->sent_ns = now_ns;
	s->delivered = c->delivered;
	s->delivered_ns = c->delivered_ns;
	s->first_sent_ns = c->first_sent_ns;
}

void
sent_add(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns)
{
	stamp(c, s, now_ns);
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
	stamp(c, s, now_ns);
	if (s->flags & SENT_LOST)
		c->lost -= s->len;
	s->flags = (uint8_t)((s->flags & ~SENT_LOST) | SENT_AGAIN);
}

/** @s has been delivered: newer departures say more about the rate. */
static void
take_rate(struct tcp_conn *c, const struct tcp_sent *s, uint64_t now_ns, struct rate *r)
{
	if (r->is_valid && s->delivered < r->prior_delivered)
		return;
	r->is_valid = true;
	r->prior_delivered = s->delivered;
	r->elapsed_ns = max_u64(s->sent_ns - s->first_sent_ns, now_ns - s->delivered_ns);
	r->is_app_limited = (s->flags & SENT_IDLE_APP) != 0;
	c->first_sent_ns = s->sent_ns;
}

/** The division is made only for those who look at the result. */
static void
report_rate(const struct tcp_conn *c, const struct rate *r, struct tcp_cc_sample *sample)
{
	sample->is_app_limited = r->is_app_limited;
	if (c->cc->wants_rate && r->is_valid && r->elapsed_ns != 0)
		sample->rate = (c->delivered - r->prior_delivered) * NS_PER_SEC / r->elapsed_ns;
}

struct tcp_sent *
sent_acked(struct tcp_conn *c, struct seq ack, struct tcp_cc_sample *sample)
{
	struct tcp_sent *done = NULL;
	struct rate rate = { 0 };
	bool is_ambiguous = false;
	struct tcp_sent *s;

	while ((s = c->sent_head) != NULL && seq_lt(s->seq, ack)) {
		uint32_t len = min_u32(s->len, seq_len(s->seq, ack));

		if (s->flags & SENT_LOST)
			c->lost -= len;
		is_ambiguous |= (s->flags & SENT_AGAIN) != 0;
		sample->rtt_ns = max_u64(sample->now_ns - s->sent_ns, 1);
		sample->acked += len;
		c->delivered += len;
		take_rate(c, s, sample->now_ns, &rate);
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
	c->delivered_ns = sample->now_ns;
	report_rate(c, &rate, sample);
	return done;
}

void
sent_mark_lost(struct tcp_conn *c, struct tcp_sent *s)
{
	if (s->flags & SENT_LOST)
		return;
	s->flags |= SENT_LOST;
	c->lost += s->len;
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
