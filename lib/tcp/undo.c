/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions taken back; see the header. */

#include "tcp/undo.h"

#include "tcp/sent.h"
#include "tcp/tlp.h"

void
undo_begin(struct tcp_conn *c)
{
	struct tcp_undo *u = &c->loss.undo;

	undo_past_keep(c);
	u->cwnd = c->cwnd;
	u->ssthresh = c->ssthresh;
	u->from = c->snd_una;
	u->to = c->snd_nxt;
	u->octets = 0;
	u->is_again = false;
	u->is_timeout = false;
	u->frto = FRTO_OFF;
	/* what was sent again before may be reported as well, be it a probe whose segment has arrived */
	for (const struct tcp_sent *s = c->loss.again_head; s != NULL; s = s->again_next)
		u->octets += s->len;
	if (c->loss.tlp == TLP_AGAIN && c->loss.again_head == NULL)
		u->octets = c->mss;
}

void
undo_begin_timeout(struct tcp_conn *c, bool with_frto)
{
	undo_begin(c);
	undo_past_forget(c);
	c->loss.undo.is_timeout = true;
	c->loss.undo.frto = with_frto ? FRTO_AGAIN : FRTO_OFF;
}

void
undo_sent_again(struct tcp_conn *c, uint32_t len, uint64_t now_ns)
{
	struct tcp_undo *u = &c->loss.undo;

	if (!u->is_again)
		u->again_ts = tcp_ts_now(c, now_ns);
	u->is_again = true;
	u->octets += len;
}

/**
 * RFC 3522 §3.2, steps 4 and 5. If everything is acknowledged, all acknowledgements of the originals
 * may have been lost; one who sends D-SACK would have told that, so let it.
 */
static bool
is_of_original(const struct tcp_conn *c, const struct tcp_news *n)
{
	const struct tcp_undo *u = &c->loss.undo;
	const struct tcp_opts *o = &n->seg->h.opts;

	return n->is_advance && u->is_again && !n->has_dsack && tcp_is(c, TCP_F_TS) &&
	       (o->has & TCP_HAS_TS) != 0 && o->tsecr != 0 &&
	       (int32_t)(o->tsecr - u->again_ts) < 0 && (u->has_dsacks || c->sent_head != NULL);
}

/** RFC 3708 §3: take what arrived twice off what was sent again. @return true if nothing is left */
static bool
is_all_reported(struct tcp_conn *c, const struct tcp_news *n)
{
	struct tcp_undo *u = &c->loss.undo;

	if (!n->has_dsack)
		return false;
	u->has_dsacks = true;
	if (u->octets == 0 || seq_lt(n->dsack.from, u->from) || seq_gt(n->dsack.to, u->to))
		return false;
	u->octets -= min_u32(u->octets, seq_len(n->dsack.from, n->dsack.to));
	return u->octets == 0;
}

/** Has something been delivered that had been sent before the time-out, and once only? */
static bool
has_original(const struct tcp_conn *c, const struct tcp_news *n)
{
	bool has = n->is_original_new;

	for (const struct tcp_sent *s = n->done; s != NULL && !has; s = s->next)
		has = (s->flags & (SENT_AGAIN | SENT_SACKED)) == 0 && seq_le(s->seq, c->recover);
	return has;
}

/** A full segment of new text, which nothing but cwnd would hold back, and that lets it leave. */
static bool
has_new_text(const struct tcp_conn *c)
{
	uint32_t flight = tcp_flight(c);

	return !tcp_is(c, TCP_F_FIN_SENT) && c->snd_queued >= flight + c->mss &&
	       c->snd_wnd >= flight + c->mss;
}

bool
undo_holds_lost(struct tcp_conn *c)
{
	struct tcp_undo *u = &c->loss.undo;

	if (u->frto == FRTO_NEW && !seq_gt(c->snd_nxt, c->recover) && !has_new_text(c))
		u->frto = FRTO_OFF;
	return u->frto == FRTO_NEW;
}

/**
 * RFC 5682 §2.1; with SACK §3.1, where what an acknowledgement covers tells more, as what had arrived
 * behind a hole has been reported before: then an original proves it at once.
 *
 * @return true if the time-out was spurious
 */
static bool
is_timeout_spurious(struct tcp_conn *c, const struct tcp_news *n)
{
	struct tcp_undo *u = &c->loss.undo;
	bool is_proof = tcp_is(c, TCP_F_SACK) || u->frto == FRTO_NEW;

	if (u->frto == FRTO_OFF)
		return false;
	if (n->is_advance && seq_ge(c->snd_una, c->recover) && u->frto == FRTO_AGAIN) {
		u->frto = FRTO_OFF; /* step 2a: of what did it tell? */
		return false;
	}
	if (is_proof && has_original(c, n))
		return true;
	if (u->frto == FRTO_AGAIN && n->is_advance && has_new_text(c))
		u->frto = FRTO_NEW; /* step 2b */
	else if (n->is_advance || n->is_sack_new || n->is_dupack)
		u->frto = FRTO_OFF; /* step 3a: the loss was real */
	return false;
}

/** Nothing is lost, and duplicates from now on are news. */
static void
end_recovery(struct tcp_conn *c, uint64_t now_ns)
{
	bool was_fast = tcp_is(c, TCP_F_RECOVERY);

	tcp_unmark(c, TCP_F_RECOVERY | TCP_F_LOSS);
	sent_unmark_lost(c);
	if (!tcp_is(c, TCP_F_SACK))
		c->sacked = 0;
	c->recover = seq_sub(c->snd_una, 1);
	if (was_fast)
		c->cc->recovered(c, now_ns);
}

/** cwnd and ssthresh as before, or better. */
static void
take_back(struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp_undo *u = &c->loss.undo;

	c->cwnd = max_u32(c->cwnd, u->cwnd);
	c->ssthresh = max_u32(c->ssthresh, u->ssthresh);
	if (c->cc->undone != NULL)
		c->cc->undone(c, now_ns);
	u->cwnd = 0;
	u->frto = FRTO_OFF;
	c->totals.undone++;
	count(common_of(c)->env, STAT_TCP_UNDONE);
}

bool
undo_take(struct tcp_conn *c, const struct tcp_news *n)
{
	bool is_recovering = tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS);
	bool is_late;
	bool is_twice = is_all_reported(c, n);

	if (n->has_dsack && unlikely(c->loss.n_past != 0))
		undo_past_take(c, n);
	if (c->loss.undo.cwnd == 0)
		return false;
	is_late = is_recovering && (is_of_original(c, n) || is_timeout_spurious(c, n));
	if (!is_late && !is_twice)
		return false;
	if (c->loss.undo.is_timeout) {
		count(common_of(c)->env, STAT_TCP_SPURIOUS_TIMEOUTS);
		c->loss.rack_xmit_ns =
			0; /* perhaps of what was sent again: nothing is late by it */
	} else {
		c->loss.is_reordering_seen = true; /* what was late had not been lost */
	}
	if (is_recovering)
		end_recovery(c, n->now_ns);
	take_back(c, n->now_ns);
	return true;
}
