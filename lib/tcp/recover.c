/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loss recovery as a whole. Each acknowledgement goes through the same steps: what has been
 * delivered (sack.h, dupack.h), what is lost (rack.h, dupack.h), how much may leave (prr.h, the
 * congestion control). As long as nothing is amiss only the last one is taken.
 */

#include "tcp/recover.h"

#include "tcp/dupack.h"
#include "tcp/prr.h"
#include "tcp/rack.h"
#include "tcp/rtt.h"
#include "tcp/sack.h"
#include "tcp/sent.h"
#include "tcp/tlp.h"
#include "tcp/undo.h"

/** Something sent before the last reduction for a mark is still in flight. */
static bool
was_marked(const struct tcp_conn *c)
{
	struct seq end = c->loss.cwr_end;

	return seq_gt(end, c->snd_una) && seq_le(end, c->snd_nxt);
}

/**
 * What was in flight when the loss happened, by what is known to have been so just before it was seen,
 * @flight. Acknowledgements that cover a lot, or come several in a burst, have taken most of it away by
 * then: if cwnd was full, it was cwnd (RFC 9438 §4.6). What limited transmit has sent beyond cwnd does
 * not count (RFC 5681 §3.2 step 2).
 */
static uint32_t
flight_at_loss(const struct tcp_conn *c, uint32_t flight)
{
	return seq_gt(c->cwnd_full, c->snd_una) ? c->cwnd : min_u32(flight, c->cwnd);
}

/** A loss has been found: fast recovery begins, RFC 6675 §5, RFC 6582 §3.2 step 2. */
static void
enter(struct tcp_conn *c, uint32_t flight, uint32_t delivered, uint64_t now_ns)
{
	uint32_t owed = prr_owed(c, delivered);

	c->recover = c->snd_nxt;
	tcp_mark(c, TCP_F_RECOVERY | TCP_F_CWR);
	/* RFC 3168 §6.1.2: one reduction a window, be it for a mark or for a loss */
	if (!was_marked(c)) {
		undo_begin(c);
		c->cc->lost(c, flight_at_loss(c, flight), now_ns);
	}
	c->loss.tlp = TLP_NONE;
	prr_begin(c, delivered, owed);
	c->totals.recoveries++;
	count(common_of(c)->env, STAT_TCP_FAST_RECOVERIES);
}

/** Everything sent before the loss was found has arrived. */
static void
leave(struct tcp_conn *c, uint64_t now_ns)
{
	bool was_fast = tcp_is(c, TCP_F_RECOVERY);

	tcp_unmark(c, TCP_F_RECOVERY | TCP_F_LOSS);
	c->loss.undo.frto = FRTO_OFF;
	rack_recovered(c);
	if (!was_fast)
		return;
	if (c->cc->sampled == NULL)
		c->cwnd = c->ssthresh; /* RFC 9937 §6.3 */
	c->cc->recovered(c, now_ns);
}

/** Look again at @at_ns, if nothing is heard until then: RFC 8985 §6.2 step 5. */
static void
set_reordering_timer(struct tcp_conn *c, uint64_t at_ns)
{
	if (at_ns == TIME_NEVER) {
		tcp_unmark(c, TCP_F_EARLY);
		return;
	}
	tcp_mark(c, TCP_F_EARLY);
	c->early_ns = at_ns;
}

/** Mark what is lost. A loss outside of recovery begins one. */
static void
look_for_losses(struct tcp_conn *c, uint32_t flight, uint32_t delivered, uint64_t now_ns)
{
	if (tcp_is(c, TCP_F_SACK) && tcp_is(c, TCP_F_DISORDER))
		set_reordering_timer(c, c->sent_head != NULL ? rack_detect(c, now_ns) : TIME_NEVER);
	if (c->lost != 0 && !tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS))
		enter(c, flight, delivered, now_ns);
}

/**
 * Something has arrived twice. More often than we have sent something again: then it is the network's
 * doing, and tells nothing. Nor does a tail loss probe of a reordering: nothing had been taken for lost.
 */
static void
take_dsack(struct tcp_conn *c, const struct tcp_news *n)
{
	uint32_t segs = (seq_len(n->dsack.from, n->dsack.to) + c->mss - 1) / c->mss;

	count(common_of(c)->env, STAT_TCP_DSACKS_IN);
	c->loss.n_dsacks += segs;
	if (c->loss.n_dsacks > c->totals.retransmits) {
		c->loss.n_dsacks = c->totals.retransmits;
		return;
	}
	if (!tlp_is_reported_twice(c, n))
		rack_dsack(c);
}

/** What was out of order is in order again: the next disorder begins afresh. */
static void
settle(struct tcp_conn *c)
{
	struct tcp_loss *loss = &c->loss;

	if (tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS) || c->lost != 0 || c->sacked != 0 ||
		loss->again_head != NULL || loss->tlp >= TLP_NEW)
		return;
	tcp_unmark(c, TCP_F_DISORDER);
	loss->first_lost = NULL;
	loss->top = NULL;
	loss->unjudged = NULL;
	loss->n_seen = 0;
}

/**
 * The round trip by the timestamp. One that began before anything of what is acknowledged here was
 * sent again is none: the acknowledgement before this one was lost, and what was waited for is the
 * time-out (RFC 6298 §3).
 */
static uint64_t
rtt_of_echo(const struct tcp_conn *c, const struct tcp_seg *seg, const struct tcp_sent *done,
	uint64_t now_ns)
{
	uint64_t rtt_ns = rtt_from_echo(c, &seg->h.opts, now_ns);
	uint64_t since_again_ns = 0;

	for (const struct tcp_sent *s = done; s != NULL; s = s->next)
		if (s->flags & SENT_AGAIN)
			since_again_ns = max_u64(since_again_ns, now_ns - s->sent_ns);
	/* timestamps are milliseconds, rounded down at both ends */
	return since_again_ns != 0 && rtt_ns > since_again_ns + NS_PER_MS ? 0 : rtt_ns;
}

/** The round trip, and the timer that follows from it: RFC 6298 §5.2, §5.3. */
static void
measure(struct tcp_conn *c, const struct tcp_seg *seg, const struct tcp_sent *done, bool is_advance,
	struct tcp_cc_sample *s)
{
	if (s->rtt_ns != 0)
		rtt_note_min(c, s->rtt_ns, s->now_ns);
	else if (is_advance)
		s->rtt_ns = rtt_of_echo(c, seg, done, s->now_ns);
	if (s->rtt_ns != 0)
		rtt_sample(c, s->rtt_ns);
	if (is_advance)
		c->rexmt_ns = c->sent_head != NULL ? s->now_ns + tlp_wait(c) : TIME_NEVER;
}

/**
 * A probe has repaired a loss that was not noticed otherwise: it counts as any other, RFC 8985 §7.4.2.
 * Once a window, as always.
 */
static void
count_repaired(struct tcp_conn *c, const struct tcp_news *n)
{
	count(common_of(c)->env, STAT_TCP_TAIL_REPAIRED);
	if (tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS) || was_marked(c) || c->cc->sampled != NULL)
		return; /* who goes by rates judges by them */
	undo_forget(c);
	c->cc->lost(c, flight_at_loss(c, n->flight), n->now_ns);
	c->cwnd = c->ssthresh;
	tcp_mark(c, TCP_F_CWR);
}

/**
 * May cwnd grow by what was delivered? Not by duplicate acknowledgements, which may tell of a loss (RFC 5681 §3.2,
 * step 1). Where segments are known to overtake each other they tell of most deliveries: what SACK has reported
 * does not count once more when snd_una passes it.
 */
static bool
may_grow(const struct tcp_conn *c, const struct tcp_news *n)
{
	return n->is_advance ||
	       (c->loss.is_reordering_seen && n->s.acked != 0 && !tcp_is(c, TCP_F_LOSS));
}

/** Tell congestion control; in recovery cwnd is the proportional reduction's. */
static void
congest(struct tcp_conn *c, struct tcp_news *n, uint32_t delivered, bool is_over)
{
	struct tcp_cc_sample *s = &n->s;

	s->lost = c->found_lost - c->loss.told_lost;
	c->loss.told_lost = c->found_lost;
	rate_close(c, &n->rate, s);
	if (c->cc->sampled != NULL)
		c->cc->sampled(c, s);
	else if (tcp_is(c, TCP_F_RECOVERY))
		prr_acked(c, delivered, n->is_advance && s->lost == 0);
	else if (may_grow(c, n) && !is_over)
		c->cc->acked(c, s);
}

void
recover_told(struct tcp_conn *c, struct tcp_news *n)
{
	bool has_sack = tcp_is(c, TCP_F_SACK);
	bool is_over = false;
	bool is_undone;
	uint32_t delivered;

	if (has_sack && n->is_advance && tcp_is(c, TCP_F_DISORDER))
		rack_acked(c, n);
	if (has_sack && (n->seg->h.opts.has & TCP_HAS_SACK) != 0)
		sack_take(c, n);
	if (n->has_dsack)
		take_dsack(c, n);
	delivered = has_sack ? n->s.acked : dupack_take(c, n);
	is_undone = undo_take(c, n);
	/* of an original the echo tells the round trip, however long it was */
	measure(c, n->seg, is_undone && !n->has_dsack ? NULL : n->done, n->is_advance, &n->s);
	if (tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS) && seq_ge(c->snd_una, c->recover)) {
		leave(c, n->now_ns);
		is_over = true;
	}
	look_for_losses(c, n->flight, delivered, n->now_ns);
	if (tlp_take(c, n))
		count_repaired(c, n);
	congest(c, n, delivered, is_over);
	settle(c);
}

void
recover_acked(struct tcp_conn *c, const struct tcp_seg *seg, struct tcp_cc_sample *s,
	const struct tcp_rate *rate)
{
	measure(c, seg, NULL, true, s);
	c->dupacks = 0;
	c->recover = seq_sub(c->snd_una, 1); /* stays near: it would seem ahead 2^31 octets on */
	rate_close(c, rate, s);
	if (c->cc->sampled != NULL)
		c->cc->sampled(c, s);
	else
		c->cc->acked(c, s);
}

void
recover_early(struct tcp_conn *c, uint64_t now_ns)
{
	tcp_unmark(c, TCP_F_EARLY);
	look_for_losses(c, tcp_flight(c), 0, now_ns);
	if (tcp_is(c, TCP_F_RECOVERY) && c->cc->sampled == NULL)
		prr_acked(c, 0, false);
}

void
recover_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	bool is_first = !tcp_is(c, TCP_F_LOSS);

	if (is_first)
		undo_begin_timeout(c, !tcp_is(c, TCP_F_RECOVERY));
	else
		c->loss.undo.frto = FRTO_OFF;
	c->loss.tlp = TLP_NONE;
	/* what SACK has reported, and what was sent before a reduction, does not count */
	c->cc->timed_out(c, min_u32(tcp_flight(c), c->cwnd), is_first, now_ns);
	tcp_unmark(c, TCP_F_RECOVERY | TCP_F_EARLY);
	tcp_mark(c, TCP_F_LOSS | TCP_F_CWR);
	c->recover = c->snd_nxt; /* RFC 6582 §4.1 */
	c->dupacks = 0;
	if (!tcp_is(c, TCP_F_SACK)) {
		c->sacked = 0;
		sent_mark_all_lost(c);
	} else {
		/* RFC 2018 §8: the receiver has thrown away what it had reported */
		if (c->sent_head->flags & SENT_SACKED) {
			sent_unmark_sacked(c);
			count(common_of(c)->env, STAT_TCP_SACK_RENEGED);
		}
		rack_timeout(c, now_ns);
	}
	c->totals.timeouts++;
	count(common_of(c)->env, STAT_TCP_TIMEOUTS);
}

bool
recover_marked(struct tcp_conn *c, uint64_t now_ns)
{
	uint32_t flight = min_u32(tcp_pipe(c), c->cwnd);

	/* Whoever has acknowledged all that was sent before the reduction has not seen its CWR yet */
	if (tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS) || was_marked(c) ||
		seq_eq(c->loss.cwr_end, c->snd_una))
		return false;
	c->loss.cwr_end = c->snd_nxt;
	undo_forget(c);
	if (c->cc->marked != NULL) {
		c->cc->marked(c, flight, now_ns);
	} else {
		c->cc->lost(c, flight, now_ns);
		c->cwnd = c->ssthresh;
	}
	tcp_mark(c, TCP_F_CWR);
	return true;
}
