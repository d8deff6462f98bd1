/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_TCP_PEER_H
#define TESTS_TCP_PEER_H

/*
 * A peer that receives as RFC 9293 has it, over a way that takes time and loses segments: it
 * takes what comes in any order, acknowledges each segment, and opens and closes its window,
 * whose right edge never moves left. It fails the test when the stack sends beyond that edge,
 * save for a probe, or has more in flight than the network was to bear.
 */

#include "story.h"

enum { PEER_MAX = 1 << 20, PEER_ACKS = 256 };

struct peer {
	struct lab *l;
	struct rand rand;
	uint32_t way_ms;       /* there and back */
	uint32_t loss_percent; /* of text */
	uint32_t ack_loss_percent;
	uint32_t longest_through;  /* octets of text; longer segments vanish; 0: none does */
	uint32_t wnd_max;          /* window, on the wire */
	uint32_t wnd_zero_percent; /* how often it does not grow */
	uint32_t nxt;              /* next octet in order; the first is 1 */
	uint32_t edge;
	uint32_t longest; /* segment seen */
	uint32_t n_segs;
	uint32_t n_again;  /* segments with nothing new */
	uint32_t n_beyond; /* probes beyond the edge */
	bool has[PEER_MAX];
	bool sacks;      /* SACK was agreed */
	uint32_t run[4]; /* where its latest arrivals began, the latest first; 0: none */
	unsigned n_acks;
	struct lab_seg ack[PEER_ACKS];
};

/** The one there is, as new. */
struct peer *
peer_of(struct lab *l, uint64_t seed);

static inline bool
peer_happens(struct peer *p, uint32_t percent)
{
	return rand_below(&p->rand, 100) < percent;
}

/** The window that is offered now. */
static inline uint32_t
peer_window(struct peer *p)
{
	uint32_t wnd = seq_len((struct seq){ p->nxt }, (struct seq){ p->edge });

	if (!peer_happens(p, p->wnd_zero_percent) && wnd < p->wnd_max)
		wnd += rand_below(&p->rand, p->wnd_max - wnd + 1);
	p->edge = p->nxt + wnd;
	return wnd;
}

static inline void
peer_take_text(struct peer *p, const struct lab_seg *s)
{
	bool is_new = false;

	cr_assert_leq(s->seq + s->len, PEER_MAX);
	for (uint32_t i = s->seq; i < s->seq + s->len && i < p->edge; i++) {
		is_new |= !p->has[i];
		p->has[i] = true;
	}
	p->n_again += !is_new;
	while (p->has[p->nxt])
		p->nxt++;
}

/** The octets around @at that it has, beyond the first hole. @return false: none */
static inline bool
peer_run(const struct peer *p, uint32_t at, uint32_t *from, uint32_t *to)
{
	if (at <= p->nxt || !p->has[at])
		return false;
	for (*from = at; p->has[*from - 1]; --*from)
		;
	for (*to = at; p->has[*to]; ++*to)
		;
	return true;
}

/** RFC 2018 §4: the run of the latest arrival first, then those before it. */
static inline void
peer_sack(struct peer *p, uint32_t latest, struct lab_seg *ack)
{
	uint32_t was[5] = { latest, p->run[0], p->run[1], p->run[2], p->run[3] };

	memset(p->run, 0, sizeof(p->run));
	for (int i = 0; i < 5 && ack->n_sack < 3; i++) {
		uint32_t from = 0;
		uint32_t to = 0;
		bool is_told = !peer_run(p, was[i], &from, &to);

		for (int j = 0; j < ack->n_sack; j++)
			is_told |= ack->sack[j].from == from;
		if (is_told)
			continue;
		p->run[ack->n_sack] = was[i];
		ack->sack[ack->n_sack].from = from;
		ack->sack[ack->n_sack++].to = to;
	}
}

/** Take what has been sent; answers are noted. */
static inline void
peer_take(struct peer *p)
{
	struct lab_seg s;

	while (lab_next(p->l, &s)) {
		if (s.len == 0)
			continue;
		p->n_segs++;
		p->longest = max_u32(p->longest, s.len);
		if (s.seq + s.len > p->edge) {
			cr_assert_eq(
				s.len, 1, "%u octets at %u, the edge is %u", s.len, s.seq, p->edge);
			p->n_beyond++;
		}
		if (p->longest_through != 0 && s.len > p->longest_through)
			continue;
		if (peer_happens(p, p->loss_percent))
			continue;
		peer_take_text(p, &s);
		if (peer_happens(p, p->ack_loss_percent))
			continue;
		cr_assert_lt(p->n_acks, PEER_ACKS);
		p->ack[p->n_acks] = (struct lab_seg){ .flags = TCP_ACK, .seq = 1, .ack = p->nxt };
		p->ack[p->n_acks].wnd = peer_window(p);
		p->ack[p->n_acks].wnd_is_zero = p->ack[p->n_acks].wnd == 0;
		if (p->sacks)
			peer_sack(p, s.seq, &p->ack[p->n_acks]);
		p->n_acks++;
	}
	lab_skip_all(p->l);
}

/** The books of the sender agree with its notes. */
static inline void
peer_audit(const struct peer *p)
{
	const struct tcp_conn *c = lab_tcp(p->l);
	uint32_t lost = 0;
	uint32_t noted = 0;

	for (const struct tcp_sent *s = c->sent_head; s != NULL; s = s->next) {
		cr_assert_eq(s->seq.n, c->snd_una.n + noted);
		noted += s->len;
		lost += (s->flags & SENT_LOST) != 0 ? s->len : 0;
	}
	cr_assert_eq(noted, tcp_flight(c));
	cr_assert_eq(lost, c->lost);
	cr_assert_leq(c->sacked, noted);
	cr_assert(c->sent_head == NULL || c->rexmt_ns != TIME_NEVER, "in flight without a timer");
	cr_assert(c->snd_queued == 0 || c->rexmt_ns != TIME_NEVER, "queued without a timer");
	cr_assert_geq(c->cwnd, c->mss);
}

/** Time passes, and the answers arrive, one by one or several in one turn. */
static inline void
peer_answer(struct peer *p)
{
	struct lab_seg ack[PEER_ACKS];
	unsigned n = p->n_acks;

	memcpy(ack, p->ack, sizeof(ack));
	p->n_acks = 0;
	if (p->way_ms != 0)
		lab_run_ms(p->l, p->way_ms);
	for (unsigned i = 0; i < n; i++) {
		lab_queue(p->l, &ack[i]);
		if (i + 1 == n || rand_below(&p->rand, 4) != 0)
			lab_run_ns(p->l, 1000); /* no two turns at one time */
		peer_audit(p);
		peer_take(p);
	}
}

/** It opens its window by itself when it has none to offer in an answer. */
static inline void
peer_update(struct peer *p)
{
	uint32_t was = p->edge;
	uint32_t wnd = peer_window(p);

	if (p->edge != was)
		lab_recv(p->l, SEG(ACK, .seq = 1, .ack = p->nxt, .wnd = wnd));
}

/** What has been sent arrives, time passes, answers come back. */
static inline void
peer_step(struct peer *p)
{
	peer_take(p);
	peer_answer(p);
	if (p->n_acks == 0 && peer_happens(p, 50))
		peer_update(p);
	peer_take(p);
}

/** All that is queued arrives and is acknowledged. */
static inline void
peer_drain(struct peer *p)
{
	uint64_t deadline = p->l->now_ns + 3600 * NS_PER_SEC;

	while (baro_conn_send_queued(p->l->conn) != 0) {
		peer_step(p);
		cr_assert_lt(p->l->now_ns, deadline, "stalls at octet %u", p->nxt);
	}
	cr_assert_null(lab_tcp(p->l)->sent_head);
}

/** The application sends @total octets of the pattern, and the peer gets them all. */
static inline void
peer_gets(struct peer *p, uint32_t total)
{
	uint32_t end = p->nxt + total;
	uint32_t left = total;

	while (left != 0) {
		uint32_t room = (uint32_t)baro_conn_send_room(p->l->conn);
		uint32_t len = min_u32(left, min_u32(room, 100000));

		if (len != 0)
			lab_write(p->l, len);
		left -= len;
		peer_step(p);
	}
	peer_drain(p);
	cr_assert_eq(p->nxt, end);
}

#endif
