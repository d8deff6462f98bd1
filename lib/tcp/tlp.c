/* SPDX-License-Identifier: BSD-3-Clause */
/* Tail loss probes; see the header. Names are those of RFC 8985 §7. */

#include "tcp/tlp.h"

#include "tcp/sent.h"

/** §7.2: nothing is known to be amiss that others will mend, and no probe is out. */
static bool
is_possible(const struct tcp_conn *c)
{
	return tcp_is(c, TCP_F_SACK) && !tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS) &&
	       c->loss.tlp < TLP_NEW && c->lost == 0 && c->sacked == 0;
}

/**
 * May what is in flight wait for a delayed acknowledgement? One segment may, and as §7.2 leaves out, so may
 * small ones that are no more than a full one together: receivers acknowledge at once what is more
 * (Linux's, ours), or every second segment.
 */
static bool
may_be_delayed(const struct tcp_conn *c)
{
	return c->sent_head == c->sent_tail || tcp_flight(c) <= c->mss;
}

/**
 * §7.2, TLP_calc_PTO(): counted from what was last sent or acknowledged. How long an acknowledgement is
 * delayed is what the floor of the time-out assumes, too.
 */
static uint64_t
pto_due_ns(const struct tcp_conn *c)
{
	uint64_t pto_ns = c->srtt_ns != 0 ? 2 * c->srtt_ns : NS_PER_SEC;

	if (may_be_delayed(c))
		pto_ns += common_of(c)->rto_min_ns;
	return max_u64(c->progress_ns, c->last_sent_ns) + max_u64(pto_ns, TLP_MIN_NS);
}

/** RFC 6298 §5.3; in recovery what fills the hole has a round trip to make yet. */
static uint64_t
rto_due_ns(const struct tcp_conn *c)
{
	bool is_refilled = tcp_is(c, TCP_F_RECOVERY) && (c->sent_head->flags & SENT_AGAIN) != 0;

	return (is_refilled ? max_u64(c->progress_ns, c->sent_head->sent_ns) : c->progress_ns) +
	       rtt_timeout(c);
}

/**
 * Nothing has left behind a retransmission that could tell RACK of its loss, or what acknowledged it was lost. Who
 * has a hole filled says so at once (RFC 5681 §4.2), so after two round trips it leaves once more, as a
 * probe would in QUIC (RFC 9002 §6.2), whose retransmissions are probed like all.
 */
static bool
may_refill(const struct tcp_conn *c)
{
	return tcp_is(c, TCP_F_SACK) && tcp_is(c, TCP_F_RECOVERY) && c->lost == 0 &&
	       (c->sent_head->flags & (SENT_AGAIN | SENT_SACKED)) == SENT_AGAIN &&
	       !seq_eq(c->loss.refilled, c->snd_una);
}

static uint64_t
refill_due_ns(const struct tcp_conn *c)
{
	return max_u64(c->progress_ns, c->last_sent_ns) + max_u64(2 * c->srtt_ns, TLP_MIN_NS);
}

static void
ask_for_probe(struct tcp_conn *c)
{
	tcp_mark(c, TCP_F_PROBE);
	c->loss.tlp = TLP_DUE;
}

static void
refill(struct tcp_conn *c)
{
	c->loss.refilled = c->snd_una;
	sent_mark_lost(c, c->sent_head);
}

bool
tlp_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	bool may_probe = is_possible(c);
	uint64_t due_ns = rto_due_ns(c);

	if (may_probe || may_refill(c)) {
		due_ns = min_u64(may_probe ? pto_due_ns(c) : refill_due_ns(c), due_ns);
		if (now_ns >= due_ns) {
			(may_probe ? ask_for_probe : refill)(c);
			due_ns = now_ns + rtt_timeout(c); /* §7.3 */
		}
	}
	if (now_ns >= due_ns)
		return false;
	c->rexmt_ns = due_ns;
	return true;
}

void
tlp_sent(struct tcp_conn *c, bool is_again)
{
	sent_disorder(c); /* so that acknowledgements are looked at until it is clear */
	c->loss.tlp = is_again ? TLP_AGAIN : TLP_NEW;
	c->loss.tlp_end = c->snd_nxt;
	c->totals.probes++;
	count(common_of(c)->env, STAT_TCP_TAIL_PROBES);
}

/* A FIN at its end is not told of. */
bool
tlp_is_reported_twice(const struct tcp_conn *c, const struct tcp_news *n)
{
	return n->has_dsack && c->loss.tlp == TLP_AGAIN && seq_le(n->dsack.to, c->loss.tlp_end) &&
	       seq_ge(seq_add(n->dsack.to, 1), c->loss.tlp_end);
}

bool
tlp_take(struct tcp_conn *c, const struct tcp_news *n)
{
	struct tcp_loss *loss = &c->loss;
	struct seq ack = n->seg->h.ack;
	bool is_beyond = seq_gt(ack, loss->tlp_end);
	bool is_known;

	if (loss->tlp < TLP_NEW || seq_lt(ack, loss->tlp_end))
		return false;
	is_known = loss->tlp == TLP_NEW || tlp_is_reported_twice(c, n) ||
		   (n->is_dupack && (n->seg->h.opts.has & TCP_HAS_SACK) == 0);
	if (!is_known && !is_beyond)
		return false; /* one of the two copies has arrived; was it the second, or both? */
	loss->tlp = TLP_NONE;
	return !is_known;
}
