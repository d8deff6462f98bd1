/* SPDX-License-Identifier: BSD-3-Clause */
/* RACK; see the header. Names and steps are those of RFC 8985 §6. */

#include "tcp/rack.h"

#include "tcp/sent.h"

enum {
	DUP_THRESH = 3,
	REO_WND_PERSIST = 16, /* recoveries */
};

/** RACK_sent_after(): segments of one turn leave at one time, in the order of their numbers. */
static bool
sent_after(uint64_t a_ns, struct seq a_end, uint64_t b_ns, struct seq b_end)
{
	return a_ns > b_ns || (a_ns == b_ns && seq_gt(a_end, b_end));
}

/**
 * Step 2: is this the acknowledgement of an earlier copy of @s, which was sent again needlessly?
 * The timestamp echoed tells it only if snd_una has passed the segment: the receiver does not
 * remember those of segments behind a hole (RFC 7323 §4.3).
 */
static bool
is_of_earlier_copy(const struct tcp_conn *c, const struct tcp_news *n, const struct tcp_sent *s)
{
	const struct tcp_opts *o = &n->seg->h.opts;

	if ((s->flags & SENT_AGAIN) == 0)
		return false;
	if (tcp_is(c, TCP_F_TS) && (s->flags & SENT_SACKED) == 0 && (o->has & TCP_HAS_TS) != 0 &&
		o->tsecr != 0 && (int32_t)(o->tsecr - tcp_ts_now(c, s->sent_ns)) < 0)
		return true;
	return n->now_ns - s->sent_ns < c->min_rtt_ns;
}

static void
advance(struct tcp_conn *c, const struct tcp_news *n, const struct tcp_sent *s, struct seq end)
{
	struct tcp_loss *loss = &c->loss;

	if (is_of_earlier_copy(c, n, s))
		return;
	if (loss->rack_xmit_ns != 0 &&
		!sent_after(s->sent_ns, end, loss->rack_xmit_ns, loss->rack_end))
		return;
	loss->rack_xmit_ns = s->sent_ns;
	loss->rack_end = end;
	loss->rack_rtt_ns = n->now_ns - s->sent_ns;
}

/** Step 3. */
static void
see_reordering(struct tcp_conn *c, const struct tcp_sent *s, struct seq end)
{
	struct tcp_loss *loss = &c->loss;
	uint32_t late = seq_len(end, loss->rack_fack) / c->mss;

	if (seq_ge(end, loss->rack_fack) || (s->flags & SENT_AGAIN) != 0)
		return;
	loss->is_reordering_seen = true;
	loss->reordering = max_u32(loss->reordering, max_u32(late, 1));
}

void
rack_sacked(struct tcp_conn *c, const struct tcp_news *n, const struct tcp_sent *s)
{
	struct seq end = seq_add(s->seq, s->len);

	see_reordering(c, s, end);
	c->loss.rack_fack = seq_max(c->loss.rack_fack, end);
	advance(c, n, s, end);
}

void
rack_acked(struct tcp_conn *c, const struct tcp_news *n)
{
	for (const struct tcp_sent *s = n->done; s != NULL; s = s->next) {
		if (s->flags & SENT_SACKED)
			continue;
		see_reordering(c, s, s->seq);
		advance(c, n, s, s->seq);
	}
	c->loss.rack_fack = seq_max(c->loss.rack_fack, c->snd_una);
}

void
rack_dsack(struct tcp_conn *c)
{
	struct tcp_loss *loss = &c->loss;

	if (loss->has_dsack_round && seq_lt(c->snd_una, loss->dsack_round))
		return; /* once a round trip */
	loss->has_dsack_round = true;
	loss->dsack_round = c->snd_nxt;
	if (loss->reo_wnd_mult < UINT8_MAX)
		loss->reo_wnd_mult++;
	loss->reo_wnd_persist = REO_WND_PERSIST;
}

void
rack_recovered(struct tcp_conn *c)
{
	struct tcp_loss *loss = &c->loss;

	loss->has_dsack_round = false;
	if (loss->reo_wnd_persist > 0 && --loss->reo_wnd_persist == 0)
		loss->reo_wnd_mult = 1;
}

/**
 * Step 4. As long as no reordering has been seen, RFC 6675's rule (§4, IsLost) decides: three
 * segments, or more octets than two have, delivered from behind a hole, are no coincidence.
 */
static uint64_t
reo_wnd(const struct tcp_conn *c)
{
	const struct tcp_loss *loss = &c->loss;
	uint64_t rtt = c->min_rtt_ns != 0 ? c->min_rtt_ns : c->srtt_ns;
	bool is_dup_thresh =
		loss->n_sacked >= DUP_THRESH || c->sacked > (uint32_t)(DUP_THRESH - 1) * c->mss;

	if (!loss->is_reordering_seen && (tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS) || is_dup_thresh))
		return 0;
	return min_u64(rtt / 4 * loss->reo_wnd_mult, c->srtt_ns);
}

/** When @s is lost, if it is not heard of until then; TIME_NEVER: nothing speaks against it yet. */
static uint64_t
lost_at(const struct tcp_conn *c, const struct tcp_sent *s, uint64_t wnd_ns)
{
	const struct tcp_loss *loss = &c->loss;

	if (!sent_after(loss->rack_xmit_ns, loss->rack_end, s->sent_ns, seq_add(s->seq, s->len)))
		return TIME_NEVER;
	return s->sent_ns + loss->rack_rtt_ns + wnd_ns;
}

/** Those that were sent once. @return when the first that may still arrive is lost */
static uint64_t
detect_first(struct tcp_conn *c, uint64_t wnd_ns, uint64_t now_ns)
{
	struct tcp_sent *s = c->loss.unjudged != NULL ? c->loss.unjudged : c->sent_head;
	uint64_t at = TIME_NEVER;

	for (; s != NULL; s = s->next) {
		if (s->flags & (SENT_SACKED | SENT_LOST | SENT_AGAIN))
			continue;
		at = lost_at(c, s, wnd_ns);
		if (at > now_ns)
			break;
		sent_mark_lost(c, s);
	}
	c->loss.unjudged = s != NULL ? s : c->sent_tail;
	return s != NULL ? at : TIME_NEVER;
}

/** The same for those sent again. */
static uint64_t
detect_again(struct tcp_conn *c, uint64_t wnd_ns, uint64_t now_ns)
{
	uint64_t at = TIME_NEVER;
	struct tcp_sent *next;

	for (struct tcp_sent *s = c->loss.again_head; s != NULL; s = next) {
		next = s->again_next;
		at = lost_at(c, s, wnd_ns);
		if (at > now_ns)
			return at;
		sent_mark_lost(c, s);
	}
	return TIME_NEVER;
}

uint64_t
rack_detect(struct tcp_conn *c, uint64_t now_ns)
{
	uint64_t wnd_ns = reo_wnd(c);

	if (c->loss.rack_xmit_ns == 0)
		return TIME_NEVER;
	return min_u64(detect_first(c, wnd_ns, now_ns), detect_again(c, wnd_ns, now_ns));
}

void
rack_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	uint64_t rtt_ns = c->loss.rack_rtt_ns != 0 ? c->loss.rack_rtt_ns : c->srtt_ns;
	uint64_t wnd_ns = reo_wnd(c);

	for (struct tcp_sent *s = c->sent_head; s != NULL; s = s->next)
		if (s == c->sent_head || s->sent_ns + rtt_ns + wnd_ns <= now_ns)
			sent_mark_lost(c, s);
}
