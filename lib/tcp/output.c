/* SPDX-License-Identifier: BSD-3-Clause */
/* What may be sent now; see the header. RFC 9293 §3.8.6, RFC 5681 §3, RFC 6298 §5. */

#include "tcp/output.h"

#include <string.h>

#include "tcp/ack.h"
#include "tcp/agree.h"
#include "tcp/dsack.h"
#include "tcp/ecn.h"
#include "tcp/fast.h"
#include "tcp/mtu_search.h"
#include "tcp/pace.h"
#include "tcp/prr.h"
#include "tcp/rate.h"
#include "tcp/rtt.h"
#include "tcp/sent.h"
#include "tcp/tlp.h"
#include "tcp/trace.h"
#include "tcp/undo.h"

/** Octets of text that have been sent, of those queued. */
static uint32_t
text_sent(const struct tcp_conn *c)
{
	return tcp_flight(c) - (tcp_is(c, TCP_F_FIN_SENT) && !seq_eq(c->snd_una, c->snd_nxt)) -
	       tcp_syn_out(c);
}

/** Octets of options beyond those counted in conn->mss: SACK blocks. */
static uint32_t
sack_room(const struct tcp_conn *c)
{
	if (reass_is_empty(&c->reass) || !tcp_is(c, TCP_F_SACK))
		return 0;
	return tcp_is(c, TCP_F_TS) ? 28 : 36; /* three blocks, or four */
}

/** What a SYN or SYN|ACK says about us; on SYN|ACK only what the SYN offered. */
static void
fill_syn_opts(const struct tcp_conn *c, bool is_first, uint64_t now_ns, struct tcp_opts *o)
{
	o->has = TCP_HAS_MSS;
	o->mss = c->our_mss;
	if (tcp_is(c, TCP_F_WSCALE)) {
		o->has |= TCP_HAS_WSCALE;
		o->wscale = c->rcv_wscale;
	}
	if (tcp_is(c, TCP_F_SACK))
		o->has |= TCP_HAS_SACK_OK;
	if (tcp_is(c, TCP_F_TS)) {
		o->has |= TCP_HAS_TS;
		o->tsval = tcp_ts_now(c, now_ns);
		o->tsecr = c->state == TCP_ST_SYN_SENT ? 0 : c->ts_recent;
	}
	if (c->fast.has_option && is_first) {
		o->has |= TCP_HAS_FASTOPEN;
		o->cookie = c->fast.cookie;
	}
}

/** Octets of text that our first SYN takes along. */
static uint32_t
syn_text(const struct tcp_conn *c)
{
	struct tcp_opts opts;

	if (!c->fast.has_option)
		return 0;
	fill_syn_opts(c, true, 0, &opts);
	return fast_syn_text(c, tcp_opts_len(&opts));
}

/** SYN or SYN|ACK: for the first time, or again. */
static bool
next_syn(const struct tcp_conn *c, struct tcp_out *o)
{
	if (c->sent_head != NULL && (c->sent_head->flags & SENT_LOST) == 0)
		return false;
	o->seq = c->iss;
	o->flags = TCP_SYN;
	o->again = c->sent_head;
	if (o->again == NULL)
		o->len = syn_text(c);
	return true;
}

/**
 * @s again, or its first part.
 *
 * @cwnd  what the pipe may be with it
 */
static bool
plan_again(const struct tcp_conn *c, struct tcp_sent *s, uint32_t cwnd, struct tcp_out *o)
{
	uint32_t text = s->len - ((s->flags & SENT_FIN) != 0);
	uint32_t ahead = seq_len(c->snd_una, s->seq);
	uint32_t len = 0;

	if (text != 0) {
		if (ahead >= c->snd_wnd)
			return false; /* it has shrunk (RFC 9293 §3.8.6): probes find out when it opens */
		len = min_u32(min_u32(text, c->mss - sack_room(c)), c->snd_wnd - ahead);
	}
	if (tcp_pipe(c) + len > cwnd)
		return false;
	o->again = s;
	o->seq = s->seq;
	o->len = len;
	if (o->len == text && (s->flags & SENT_FIN) != 0)
		o->flags = TCP_FIN;
	return true;
}

/** The oldest segment thought lost. The very first may leave whatever cwnd says. */
static BARO_COLD bool
next_lost(struct tcp_conn *c, struct tcp_out *o)
{
	struct tcp_sent *s = sent_first_lost(c);

	if (s == NULL || undo_holds_lost(c))
		return false;
	return plan_again(c, s, s == c->sent_head ? UINT32_MAX : c->cwnd, o);
}

/** @len octets of new text, of @unsent; FIN goes with the last of them. */
static void
plan_text(const struct tcp_conn *c, uint32_t len, uint32_t unsent, struct tcp_out *o)
{
	o->seq = c->snd_nxt;
	o->len = len;
	if (len == unsent)
		o->flags = tcp_is(c, TCP_F_FIN_QUEUED) ? TCP_PSH | TCP_FIN : TCP_PSH;
}

/** A tail loss probe, RFC 8985 §7.3: one segment of new text, whatever cwnd says; or the last one again. */
static bool
next_tail(const struct tcp_conn *c, struct tcp_out *o)
{
	uint32_t flight = tcp_flight(c);
	uint32_t full = c->mss - sack_room(c);
	uint32_t unsent = c->snd_queued - text_sent(c);
	uint32_t room = c->snd_wnd > flight ? c->snd_wnd - flight : 0;
	uint32_t len = min_u32(min_u32(unsent, full), room);

	if (c->sent_head == NULL)
		return false;
	if (len == 0 || !tlp_wants_new(c) || (len < full && tcp_is(c, TCP_F_CORK)))
		return plan_again(c, c->sent_tail, UINT32_MAX, o);
	plan_text(c, len, unsent, o);
	return true;
}

/** One octet beyond the window, RFC 9293 §3.8.6.1: the oldest one not acknowledged. */
static BARO_COLD bool
next_probe(const struct tcp_conn *c, struct tcp_out *o)
{
	if (tlp_is_due(c))
		return next_tail(c, o);
	if (c->snd_queued == 0 || c->snd_wnd != 0)
		return false;
	o->seq = c->snd_una;
	o->len = 1;
	o->is_probe = !seq_eq(c->snd_una, c->snd_nxt);
	return true;
}

/** RFC 9293 §3.8.6.2.1 and §3.7.4: is a segment of @len octets, of @unsent, worth sending now? */
static bool
is_worth_sending(const struct tcp_conn *c, uint32_t len, uint32_t unsent, uint32_t full)
{
	bool is_idle = unsent == c->snd_queued; /* nothing of it is in flight */

	if (len >= full || tcp_is(c, TCP_F_PUSH_SMALL))
		return true;
	if (len == unsent) {
		if (tcp_is(c, TCP_F_FIN_QUEUED))
			return true;
		return !tcp_is(c, TCP_F_CORK) && (is_idle || tcp_is(c, TCP_F_NODELAY));
	}
	return is_idle && len >= c->max_snd_wnd / 2;
}

/** A segment of new text has @len octets, or is the next probe of the path's MTU. */
static uint32_t
size_with_probe(struct tcp_conn *c, uint32_t len, uint32_t unsent, uint32_t room, uint64_t now_ns)
{
	uint32_t pipe = tcp_pipe(c);
	uint32_t cwnd_room = c->cwnd > pipe ? c->cwnd - pipe : 0;
	uint32_t probe_len = mtu_probe_len(c, unsent, min_u32(room, cwnd_room), now_ns);

	return probe_len != 0 ? probe_len : len;
}

/** New text, with FIN on its last segment if that is due. */
static bool
next_text(struct tcp_conn *c, uint64_t now_ns, struct tcp_out *o)
{
	uint32_t flight = tcp_flight(c);
	uint32_t pipe = tcp_pipe(c);
	uint32_t full = c->mss - sack_room(c);
	uint32_t unsent = c->snd_queued - text_sent(c);
	uint32_t room = c->snd_wnd > flight ? c->snd_wnd - flight : 0;
	uint32_t len = min_u32(min_u32(unsent, full), room);

	if (tcp_is(c, TCP_F_FIN_SENT))
		return false;
	o->seq = c->snd_nxt;
	if (unsent == 0) {
		o->flags = TCP_FIN;
		return tcp_is(c, TCP_F_FIN_QUEUED);
	}
	if (unlikely(tcp_is(c, TCP_F_MTU_SEARCH)) && full == c->mss) /* no SACK blocks beside it */
		len = size_with_probe(c, len, unsent, room, now_ns);
	if (len == 0 || !is_worth_sending(c, len, unsent, full))
		return false;
	if (pipe != 0 && pipe + len > c->cwnd) {
		c->cwnd_full = c->snd_nxt;
		return false;
	}
	if (!pace_lets(c, now_ns))
		return false;
	plan_text(c, len, unsent, o);
	return true;
}

/** Before the handshake is done: SYN, and where the peer's had a good cookie text behind it. */
static BARO_COLD bool
next_opening(struct tcp_conn *c, uint64_t now_ns, struct tcp_out *o)
{
	if (next_syn(c, o))
		return true;
	if (!tcp_has_begun(c) || !next_text(c, now_ns, o))
		return false;
	o->flags &= (uint8_t)~TCP_FIN; /* that waits for the third ACK */
	return o->len != 0;
}

/** All that is queued is in flight: so it is nearly always when a turn ends. */
static bool
has_nothing_to_send(const struct tcp_conn *c)
{
	return c->state == TCP_ST_ESTABLISHED && c->snd_queued == tcp_flight(c) && c->lost == 0 &&
	       !tcp_is(c, TCP_F_PROBE | TCP_F_FIN_QUEUED);
}

bool
tcp_next_out(struct tcp_conn *c, uint64_t now_ns, struct tcp_out *o)
{
	if (likely(has_nothing_to_send(c)))
		return false;
	memset(o, 0, sizeof(*o));
	if (c->state == TCP_ST_SYN_SENT || c->state == TCP_ST_SYN_RECEIVED)
		return next_opening(c, now_ns, o);
	if (c->state == TCP_ST_CLOSED || c->state == TCP_ST_TIME_WAIT)
		return false;
	if (unlikely(c->lost != 0) && next_lost(c, o))
		return o->len == 0 || pace_lets(c, now_ns);
	if (unlikely(tcp_is(c, TCP_F_PROBE)) && next_probe(c, o))
		return true;
	return next_text(c, now_ns, o);
}

/** The first of a flight leaves: after a pause the window may say less than it did. */
static void
begin_flight(struct tcp_conn *c, uint64_t now_ns)
{
	c->progress_ns = now_ns;
	c->rexmt_ns = now_ns + tlp_wait(c);
	if (c->last_sent_ns != 0 && now_ns - c->last_sent_ns > c->srtt_ns && c->cc->idle != NULL)
		c->cc->idle(c, now_ns - c->last_sent_ns);
}

/** A segment leaves for the first time. */
static void
note_first(struct tcp_conn *c, const struct tcp_out *o, struct tcp_sent *note, uint64_t now_ns)
{
	bool has_fin = (o->flags & TCP_FIN) != 0;
	bool has_syn = (o->flags & TCP_SYN) != 0;

	note->seq = o->seq;
	note->len = o->len + has_fin + has_syn;
	note->flags = (uint8_t)((has_fin ? SENT_FIN : 0) | (has_syn ? SENT_SYN : 0));
	if (c->sent_head == NULL)
		begin_flight(c, now_ns);
	if (unlikely(tcp_is(c, TCP_F_CWR)) && ecn_is_new_text(c, o))
		tcp_unmark(c, TCP_F_CWR);
	sent_add(c, note, now_ns);
	c->snd_nxt = seq_add(o->seq, note->len);
	if (has_fin)
		tcp_mark(c, TCP_F_FIN_SENT);
}

/** A segment leaves again, or its first part. @return true if @note is in use now, for the rest */
static BARO_COLD bool
note_again(struct tcp_conn *c, const struct tcp_out *o, struct tcp_sent *note, uint64_t now_ns)
{
	bool is_used = false;

	if ((o->flags & TCP_FIN) == 0) /* a SYN goes again without the text it had */
		is_used = sent_split(c, o->again, o->len + ((o->flags & TCP_SYN) != 0), note);
	sent_again(c, o->again, now_ns);
	undo_sent_again(c, o->len, now_ns);
	if (o->again == c->sent_head && tcp_is(c, TCP_F_RECOVERY))
		c->rexmt_ns = now_ns + tlp_wait(c); /* it has a round trip to make yet */
	c->totals.retransmits++;
	c->totals.octets_again += o->len;
	if (trace_is_on(c))
		trace_put(c, TCP_TRACE_AGAIN,
			(const uint64_t[TCP_TRACE_VALUES]){ o->seq.n - c->iss.n - 1, o->len });
	count(common_of(c)->env, STAT_TCP_RETRANS_SEGS);
	return is_used;
}

bool
tcp_was_sent(struct tcp_conn *c, const struct tcp_out *o, struct tcp_sent *note, uint64_t now_ns)
{
	bool is_tail = tcp_is(c, TCP_F_PROBE) && tlp_is_due(c);
	bool is_used = false;

	if (tcp_is(c, TCP_F_PROBE) && !is_tail)
		count(common_of(c)->env, STAT_TCP_PROBES);
	tcp_unmark(c, TCP_F_PROBE);
	if (unlikely(o->again != NULL)) {
		is_used = note_again(c, o, note, now_ns);
	} else if (o->is_probe) {
		c->sent_head->flags |= SENT_AGAIN; /* RFC 6298 §3 */
	} else {
		note_first(c, o, note, now_ns);
		if (unlikely(tcp_is(c, TCP_F_MTU_SEARCH)) && o->len > c->mss)
			mtu_probe_sent(c);
		is_used = true;
	}
	if (unlikely(is_tail))
		tlp_sent(c, o->again != NULL);
	if (c->rexmt_ns == TIME_NEVER) /* RFC 6298 §5.1 */
		c->rexmt_ns = now_ns + rtt_timeout(c);
	if (tcp_is(c, TCP_F_RECOVERY))
		prr_sent(c, o->len);
	if (o->len != 0) {
		c->last_sent_ns = now_ns;
		c->totals.segs_out++;
		pace_sent(c, o->len, now_ns);
	}
	if (c->state != TCP_ST_SYN_SENT)
		ack_sent(c);
	return is_used;
}

static enum tcp_limit
limit_of(const struct tcp_conn *c, uint32_t unsent)
{
	uint32_t flight = tcp_flight(c);

	if (c->snd_queued == 0)
		return TCP_LIMIT_IDLE;
	if (unsent == 0)
		return tcp_is(c, TCP_F_FULL) ? TCP_LIMIT_BUFFER : TCP_LIMIT_WAY;
	return flight + min_u32(unsent, c->mss) > c->snd_wnd ? TCP_LIMIT_WINDOW : TCP_LIMIT_WAY;
}

void
tcp_output_done(struct tcp_conn *c, uint64_t now_ns)
{
	bool has_fin_to_send = tcp_is(c, TCP_F_FIN_QUEUED) && !tcp_is(c, TCP_F_FIN_SENT);

	tcp_unmark(
		c, TCP_F_PUSH_SMALL | TCP_F_PROBE); /* a probe that could not leave is given up */
	if (tcp_is_synchronised(c)) {
		uint32_t unsent = c->snd_queued - text_sent(c);

		rate_check_app(c, unsent);
		totals_limit(&c->totals, limit_of(c, unsent), now_ns);
	}
	if (c->rexmt_ns == TIME_NEVER && tcp_is_synchronised(c) && c->state != TCP_ST_TIME_WAIT &&
		(c->snd_queued != 0 || has_fin_to_send)) {
		c->rexmt_ns = now_ns + rtt_timeout(c);
		c->progress_ns = now_ns;
	}
}

static void
fill_opts(const struct tcp_conn *c, uint64_t now_ns, struct tcp_opts *o)
{
	if (tcp_is(c, TCP_F_TS)) {
		o->has = TCP_HAS_TS;
		o->tsval = tcp_ts_now(c, now_ns);
		o->tsecr = c->ts_recent;
	}
	if (unlikely(c->dups_owed != 0 || !reass_is_empty(&c->reass)) && tcp_is(c, TCP_F_SACK)) {
		o->n_sack = (uint8_t)dsack_blocks(c, o->sack, tcp_is(c, TCP_F_TS) ? 3 : 4);
		if (o->n_sack != 0)
			o->has |= TCP_HAS_SACK;
	}
}

void
tcp_fill_hdr(struct tcp_conn *c, const struct tcp_out *o, uint64_t now_ns, struct tcp_hdr *h)
{
	h->src_port = c->flow.lport;
	h->dst_port = c->flow.fport;
	h->seq = o->seq;
	h->flags = o->flags;
	if (tcp_is(c, TCP_F_ECN))
		h->flags |= ecn_flags(c, o);
	h->urg = 0;
	h->opts.has = 0;
	if (c->state == TCP_ST_SYN_SENT) {
		h->ack = (struct seq){ 0 };
		h->wnd = (uint16_t)min_u32(c->rcv_buf, UINT16_MAX);
		fill_syn_opts(c, o->again == NULL, now_ns, &h->opts);
		return;
	}
	h->flags |= TCP_ACK;
	h->ack = c->rcv_nxt;
	if ((o->flags & TCP_SYN) != 0) {
		h->wnd = (uint16_t)min_u32(tcp_rcv_wnd(c), UINT16_MAX);
		fill_syn_opts(c, o->again == NULL, now_ns, &h->opts);
		return;
	}
	h->wnd = (uint16_t)(ack_window(c) >> c->rcv_wscale);
	fill_opts(c, now_ns, &h->opts);
}
