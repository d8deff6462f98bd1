/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 9293 §3.10.7.4, "Otherwise": eight steps, in its order, each a function that says
 * DROP_NONE to go on or why the segment goes no further. Steps 3 (security) and 6
 * (urgent) do nothing here: urgent text stays in line (RFC 6093 §3).
 */

#include "tcp/input.h"

#include <errno.h>

#include "tcp/ack.h"
#include "tcp/cc_change.h"
#include "tcp/cc_window.h"
#include "tcp/dsack.h"
#include "tcp/ecn.h"
#include "tcp/keepalive.h"
#include "tcp/mtu_search.h"
#include "tcp/pace.h"
#include "tcp/recover.h"
#include "tcp/rcvbuf.h"
#include "tcp/rtt.h"
#include "tcp/sent.h"
#include "tcp/timer.h"

enum {
	PAWS_IDLE_AGE = 1931190, /* RFC 7323 §5.5: 24 days, in units of 2^30 ns */
};

void
tcp_begin_text(struct tcp_conn *c, uint64_t now_ns)
{
	rcvbuf_begin(c, now_ns);
	c->cwnd = c->syn_retries != 0 ? c->mss : cc_initial_window(c); /* RFC 5681 §3.1 */
	c->ssthresh = UINT32_MAX;
	c->use.since = (uint32_t)(now_ns >> TCP_USE_TIME_BITS);
	mtu_established(c);
	tcp_cc_begin(c, now_ns);
}

void
tcp_established(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	bool has_begun = tcp_has_begun(c);

	tcp_set_state(c, TCP_ST_ESTABLISHED);
	c->snd_una = seq_add(c->iss, 1); /* from here on all up to our FIN is text */
	c->snd_wnd = seg->h.flags & TCP_SYN ? seg->h.wnd : (uint32_t)seg->h.wnd << c->snd_wscale;
	c->max_snd_wnd = max_u32(c->max_snd_wnd, c->snd_wnd); /* Fast Open: there was one before */
	c->snd_wl1 = seg->h.seq;
	c->progress_ns = now_ns;
	keepalive_restart(c, now_ns);
	if (c->syn_retries != 0)
		rtt_handshake_was_slow(c);
	if (!has_begun) {
		tcp_begin_text(c, now_ns);
		c->events |= TCP_EV_OPENED;
	} else if (c->syn_retries != 0) {
		c->cwnd = c->mss;
	}
}

/** What of the segment's text lies before rcv_nxt has arrived already. */
static void
note_old_text(struct tcp_conn *c, const struct tcp_seg *seg)
{
	struct seq end = seq_min(seq_add(seg->h.seq, seg->len), c->rcv_nxt);

	if (seq_lt(seg->h.seq, end))
		dsack_note(c, (struct tcp_sack){ .from = seg->h.seq, .to = end });
}

/** RFC 7323 §5.3 R1, before the first step. */
static enum drop
check_paws(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	uint32_t age = (uint32_t)(now_ns >> 30) - c->ts_recent_age;

	if (!tcp_is(c, TCP_F_TS) || (seg->h.flags & TCP_RST) != 0)
		return DROP_NONE;
	if ((seg->h.opts.has & TCP_HAS_TS) == 0)
		return DROP_TCP_NO_TIMESTAMP; /* RFC 7323 §3.2 */
	if ((int32_t)(seg->h.opts.tsval - c->ts_recent) >= 0 || age > PAWS_IDLE_AGE)
		return DROP_NONE;
	note_old_text(c, seg);
	if (seg_space(seg) != 0)
		tcp_mark(c, TCP_F_ACK_NOW);
	else
		ack_challenge(c, now_ns);
	return DROP_TCP_PAWS;
}

/** A peer in SYN-RECEIVED repeats its SYN: it has not heard ours (RFC 9293 §3.5, figure 8). */
static bool
is_repeated_syn(const struct tcp_conn *c, const struct tcp_seg *seg)
{
	return c->state == TCP_ST_SYN_RECEIVED && (seg->h.flags & (TCP_SYN | TCP_RST)) == TCP_SYN &&
	       seq_eq(seg->h.seq, c->irs);
}

/** First step: the four cases of RFC 9293 table 6. */
static bool
is_acceptable(const struct tcp_conn *c, const struct tcp_seg *seg)
{
	uint32_t wnd = tcp_rcv_wnd(c);
	uint32_t space = seg_space(seg);
	struct seq last = seq_add(seg->h.seq, space - 1);

	if (wnd == 0) /* text on the edge of a closed window: its ACK and RST still count */
		return seq_eq(seg->h.seq, c->rcv_nxt);
	if (space == 0)
		return seq_within(seg->h.seq, c->rcv_nxt, wnd) || seq_eq(seg->h.seq, c->rcv_nxt);
	return seq_within(seg->h.seq, c->rcv_nxt, wnd) || seq_within(last, c->rcv_nxt, wnd);
}

/** An unacceptable segment is answered, so that a peer that has lost its way finds back. */
static enum drop
refuse_seq(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	bool is_old = seq_le(seq_add(seg->h.seq, seg_space(seg)), c->rcv_nxt);

	if (seg->h.flags & TCP_RST)
		return DROP_TCP_RST;
	if (seg->h.flags & TCP_SYN && tcp_is_synchronised(c)) {
		ack_challenge(c, now_ns); /* RFC 5961 §4.2, whatever the sequence number */
		return DROP_TCP_SYN;
	}
	note_old_text(c, seg);
	if (seg->len != 0 || (seg->h.flags & TCP_FIN) != 0)
		tcp_mark(c, TCP_F_ACK_NOW); /* our acknowledgement may have been lost */
	else
		ack_challenge(c, now_ns); /* no endless exchange of empty segments */
	return is_old && seg_space(seg) != 0 ? DROP_TCP_OLD_DATA : DROP_TCP_SEQ;
}

/** Cut off what lies outside of the window. A FIN beyond the cut is gone with it. */
static void
trim(struct tcp_conn *c, struct tcp_seg *seg, struct tcp_todo *todo)
{
	struct seq end = seq_add(seg->h.seq, seg->len);

	if (seq_lt(seg->h.seq, c->rcv_nxt)) {
		note_old_text(c, seg);
		seg->text = text_cut_before(seg->text, c->rcv_nxt, &todo->waste);
		seg->len = seq_gt(end, c->rcv_nxt) ? seq_len(c->rcv_nxt, end) : 0;
		seg->h.seq = c->rcv_nxt;
	}
	if (seq_gt(end, c->rcv_adv)) {
		seg->text = text_cut_after(seg->text, c->rcv_adv, &todo->waste);
		seg->len = seq_gt(c->rcv_adv, seg->h.seq) ? seq_len(seg->h.seq, c->rcv_adv) : 0;
		seg->h.flags &= (uint8_t)~TCP_FIN;
		tcp_mark(c, TCP_F_ACK_NOW);
	}
}

static enum drop
check_seq(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	if (is_repeated_syn(c, seg)) {
		if ((seg->h.flags & TCP_ACK) == 0) {
			sent_mark_lost(c, c->sent_head); /* SYN|ACK again */
			return DROP_TCP_OLD_DATA;
		}
		seg->h.flags &= (uint8_t)~TCP_SYN;
		seg->h.seq = seq_add(seg->h.seq, 1);
		/* What follows will scale it, but a SYN's is not scaled: RFC 7323 §2.2 */
		seg->h.wnd = (uint16_t)(seg->h.wnd >> c->snd_wscale);
	}
	if (!is_acceptable(c, seg))
		return refuse_seq(c, seg, now_ns);
	/* RFC 7323 §5.3 R3, by the sequence number that the peer has put there */
	if (tcp_is(c, TCP_F_TS) && (seg->h.opts.has & TCP_HAS_TS) != 0 &&
		(seg->h.flags & TCP_RST) == 0)
		take_timestamp(c, seg, now_ns);
	if ((seg->h.flags & TCP_SYN) == 0)
		trim(c, seg, todo);
	return DROP_NONE;
}

/** Second step, with the exact match of RFC 5961 §3.2. */
static enum drop
check_rst(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	if ((seg->h.flags & TCP_RST) == 0)
		return DROP_NONE;
	if (c->state == TCP_ST_TIME_WAIT) /* reached in this turn: RFC 1337, as in timewait.c */
		return DROP_TCP_TIME_WAIT;
	if (!seq_eq(seg->h.seq, c->rcv_nxt)) {
		ack_challenge(c, now_ns);
		return DROP_TCP_RST;
	}
	tcp_end(c, c->state == TCP_ST_SYN_RECEIVED && !tcp_is(c, TCP_F_PASSIVE) ? -ECONNREFUSED
										: -ECONNRESET);
	return DROP_NONE;
}

/** Fourth step, as RFC 5961 §4.2 has it: never believed, always asked back. */
static enum drop
check_syn(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	if ((seg->h.flags & TCP_SYN) == 0)
		return DROP_NONE;
	ack_challenge(c, now_ns);
	return DROP_TCP_SYN;
}

/** How much of what snd_una passes was text: SYN and FIN take sequence space only. */
static uint32_t
acked_text(const struct tcp_conn *c, uint32_t acked)
{
	return min_u32(acked, c->snd_queued);
}

/**
 * Has cwnd been used? It was full when what is acknowledged now was in flight, or nearly so; in
 * slow start half is enough, as it doubles in the round trip that tells (RFC 7661 §4.3).
 */
static inline bool
is_cwnd_limited(struct tcp_conn *c, uint32_t pipe)
{
	bool was_full = seq_gt(c->cwnd_full, c->snd_una);

	if (!was_full)
		c->cwnd_full = c->snd_una; /* stays near: it would seem ahead 2^31 octets on */
	return was_full || (c->cwnd < c->ssthresh ? 2 * pipe >= c->cwnd : pipe + c->mss > c->cwnd);
}

/** What is known before the acknowledgement is looked at. */
static inline struct tcp_cc_sample
begin_sample(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	uint32_t pipe = tcp_pipe(c);

	return (struct tcp_cc_sample){ .now_ns = now_ns,
		.flight = pipe,
		.is_cwnd_limited = is_cwnd_limited(c, pipe),
		.is_marked = (seg->h.flags & TCP_ECE) != 0 && tcp_is(c, TCP_F_ECN) };
}

void
take_ack(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	uint32_t flight = tcp_flight(c);
	bool was_disturbed = recover_is_disturbed(c, seg);
	struct tcp_cc_sample s = begin_sample(c, seg, now_ns);
	struct tcp_rate rate = { .now_ns = now_ns };

	todo->done = sent_acked(c, seg->h.ack, &s, &rate);
	todo->acked_text = acked_text(c, seq_len(c->snd_una, seg->h.ack));
	c->snd_queued -= todo->acked_text;
	c->snd_una = seg->h.ack;
	c->progress_ns = now_ns;
	if (unlikely(tcp_is(c, TCP_F_MTU_SEARCH)))
		mtu_acked(c, now_ns);
	if (likely(!was_disturbed)) {
		recover_acked(c, seg, &s, &rate);
	} else {
		struct tcp_news n = { .seg = seg,
			.now_ns = now_ns,
			.flight = flight,
			.is_advance = true,
			.done = todo->done,
			.s = s,
			.rate = rate,
			.spare = todo->spare };

		recover_told(c, &n);
		todo->spare = n.spare;
	}
	pace_follow(c);
}

/** RFC 5961 §5.2: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT. */
static bool
ack_is_plausible(const struct tcp_conn *c, struct seq ack)
{
	return seq_le(ack, c->snd_nxt) && seq_ge(ack, seq_sub(c->snd_una, c->max_snd_wnd));
}

/** An acknowledgement that does not move snd_una, but tells of what lies beyond. */
static void
take_report(struct tcp_conn *c, const struct tcp_seg *seg, bool is_dup, uint64_t now_ns,
	struct tcp_todo *todo)
{
	struct tcp_news n = { .seg = seg,
		.now_ns = now_ns,
		.flight = tcp_flight(c),
		.is_dupack = is_dup,
		.s = begin_sample(c, seg, now_ns),
		.rate = { .now_ns = now_ns },
		.spare = todo->spare };

	recover_told(c, &n);
	todo->spare = n.spare;
	pace_follow(c);
}

/** RFC 5681 §2: what is a duplicate acknowledgement. @is_bare: it came without text. */
static bool
is_dupack(const struct tcp_conn *c, const struct tcp_seg *seg, bool is_bare)
{
	return seq_eq(seg->h.ack, c->snd_una) && is_bare &&
	       (seg->h.flags & (TCP_SYN | TCP_FIN)) == 0 &&
	       (uint32_t)seg->h.wnd << c->snd_wscale == c->snd_wnd && c->snd_wnd != 0;
}

static bool
has_sack(const struct tcp_conn *c, const struct tcp_seg *seg)
{
	return (seg->h.opts.has & TCP_HAS_SACK) != 0 && tcp_is(c, TCP_F_SACK);
}

/** The probes have had their answer; what was probed with fell on a closed window: send it again. */
static void
window_opens(struct tcp_conn *c, uint64_t now_ns)
{
	c->backoff = 0;
	if (c->sent_head == NULL)
		return;
	sent_mark_lost(c, c->sent_head);
	c->rexmt_ns = now_ns + rtt_timeout(c);
}

/**
 * RFC 9293 §3.10.7.4: only from segments that are new enough. SND.WL2, what the last of them acknowledged,
 * is never beyond snd_una: whatever it would refuse is refused by that.
 */
static void
take_window(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	if (seq_lt(seg->h.ack, c->snd_una) || seq_gt(c->snd_wl1, seg->h.seq))
		return;
	if (seg->h.wnd != 0 && c->snd_wnd == 0)
		window_opens(c, now_ns);
	else if (seg->h.wnd == 0 && !tcp_is(c, TCP_F_ORPHAN))
		c->progress_ns = now_ns; /* it lives, and has asked us to wait: but not for ever */
	c->snd_wnd = (uint32_t)seg->h.wnd << c->snd_wscale;
	c->snd_wl1 = seg->h.seq;
	c->max_snd_wnd = max_u32(c->max_snd_wnd, c->snd_wnd);
}

/** Fifth step in SYN-RECEIVED. */
static enum drop
check_ack_syn_received(
	struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	if (seq_le(seg->h.ack, c->snd_una) || seq_gt(seg->h.ack, c->snd_nxt)) {
		todo->send_rst = true;
		todo->rst_seq = seg->h.ack;
		return DROP_TCP_BAD_ACK;
	}
	tcp_established(c, seg, now_ns);
	if (tcp_is(c, TCP_F_FIN_QUEUED))
		tcp_set_state(c, TCP_ST_FIN_WAIT_1); /* closed before it was open */
	return DROP_NONE;
}

/** What the acknowledgement of our FIN means. */
static void
fin_is_acked(struct tcp_conn *c, uint64_t now_ns)
{
	switch (c->state) {
	case TCP_ST_FIN_WAIT_1:
		tcp_set_state(c, TCP_ST_FIN_WAIT_2);
		if (tcp_is(c, TCP_F_ORPHAN))
			c->idle_ns = now_ns + tcp_fin_wait_2_ns(c);
		break;
	case TCP_ST_CLOSING:
		tcp_set_state(c, TCP_ST_TIME_WAIT);
		break;
	case TCP_ST_LAST_ACK:
		tcp_end(c, 0);
		break;
	default:
		break;
	}
}

static enum drop
check_ack(struct tcp_conn *c, struct tcp_seg *seg, bool is_bare, uint64_t now_ns,
	struct tcp_todo *todo)
{
	bool opens = c->state == TCP_ST_SYN_RECEIVED;
	enum drop why = DROP_NONE;

	if ((seg->h.flags & TCP_ACK) == 0)
		return DROP_TCP_NO_ACK;
	if (opens)
		why = check_ack_syn_received(c, seg, now_ns, todo);
	else if (!ack_is_plausible(c, seg->h.ack)) {
		ack_challenge(c, now_ns);
		why = DROP_TCP_BAD_ACK;
	}
	if (why != DROP_NONE)
		return why;
	if (opens || seq_gt(seg->h.ack, c->snd_una))
		take_ack(c, seg, now_ns, todo);
	else if (has_sack(c, seg) || is_dupack(c, seg, is_bare))
		take_report(c, seg, is_dupack(c, seg, is_bare), now_ns, todo);
	take_window(c, seg, now_ns);
	if (tcp_fin_is_acked(c))
		fin_is_acked(c, now_ns);
	return DROP_NONE;
}

/** Text in order, and what it connects to. */
static void
take_in_order(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	struct seq was = c->rcv_nxt;
	bool fills_hole = !reass_is_empty(&c->reass);

	while (seg->text != NULL) {
		struct text *t = seg->text;

		seg->text = t->next;
		text_append(&todo->taken, t);
	}
	c->rcv_nxt = seq_add(c->rcv_nxt, seg->len);
	if (fills_hole) {
		c->rcv_nxt = reass_take(&c->reass, c->rcv_nxt, &todo->taken, &todo->waste);
		dsack_note(c, c->reass.dup);
	}
	c->rcv_mss = (uint16_t)max_u32(c->rcv_mss, min_u32(seg->len, c->our_mss));
	c->rcv_queued += seq_len(was, c->rcv_nxt);
	rcvbuf_taken(c, now_ns, todo);
	c->events |= TCP_EV_READABLE;
	if (fills_hole)
		tcp_mark(c, TCP_F_ACK_NOW); /* RFC 5681 §4.2 */
	else
		ack_taken(c, now_ns);
}

/** Text beyond a hole: kept, and reported by a duplicate acknowledgement at once. */
static enum drop
take_out_of_order(struct tcp_conn *c, struct tcp_seg *seg, struct tcp_todo *todo)
{
	uint32_t most = 64 + c->rcv_buf / 256; /* pieces: bounds what tiny segments can tie up */

	if (c->dups_owed < UINT8_MAX)
		c->dups_owed++;
	if (c->reass.n_pieces >= most)
		return DROP_TCP_REASS_FULL;
	if (reass_add(&c->reass, seg->text, &todo->waste) != 0)
		count(common_of(c)->env, STAT_TCP_OUT_OF_ORDER);
	dsack_note(c, c->reass.dup);
	seg->text = NULL;
	return DROP_NONE;
}

/** Seventh step. */
static enum drop
take_text(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	if (seg->len == 0)
		return DROP_NONE;
	if (tcp_is(c, TCP_F_FIN_SEEN) && seq_gt(seq_add(seg->h.seq, seg->len), c->fin_seq)) {
		tcp_mark(c, TCP_F_ACK_NOW);
		return DROP_TCP_AFTER_FIN;
	}
	if (tcp_is(c,
		    TCP_F_ORPHAN)) { /* RFC 9293 §3.6.1: the peer must learn that it is not read */
		todo->send_rst = true;
		todo->rst_seq = c->snd_nxt;
		tcp_end(c, -ECONNRESET);
		return DROP_TCP_AFTER_CLOSE;
	}
	if (!seq_eq(seg->h.seq, c->rcv_nxt))
		return take_out_of_order(c, seg, todo);
	take_in_order(c, seg, now_ns, todo);
	return DROP_NONE;
}

/** Eighth step: the peer's FIN, now or when the hole before it has been filled. */
static enum drop
take_fin(struct tcp_conn *c, const struct tcp_seg *seg, struct seq seg_end, struct tcp_todo *todo)
{
	bool has_fin = (seg->h.flags & TCP_FIN) != 0;

	if (has_fin && tcp_is(c, TCP_F_FIN_SEEN) && !seq_eq(seg_end, c->fin_seq)) {
		tcp_mark(c, TCP_F_ACK_NOW);
		return DROP_TCP_AFTER_FIN;
	}
	if (has_fin) {
		tcp_mark(c, TCP_F_FIN_SEEN);
		c->fin_seq = seg_end;
		reass_cut(&c->reass, seg_end, &todo->waste);
	}
	if (!tcp_is(c, TCP_F_FIN_SEEN) || tcp_is(c, TCP_F_FIN_TAKEN))
		return DROP_NONE;
	if (!seq_eq(c->rcv_nxt, c->fin_seq)) {
		if (has_fin) /* and nothing else: two ends that both wait would never stop */
			tcp_mark(c, TCP_F_ACK_NOW);
		return DROP_NONE;
	}
	tcp_mark(c, TCP_F_FIN_TAKEN | TCP_F_ACK_NOW);
	c->rcv_nxt = seq_add(c->rcv_nxt, 1);
	c->rcv_adv = seq_max(c->rcv_adv, c->rcv_nxt);
	c->events |= TCP_EV_READABLE;
	switch (c->state) {
	case TCP_ST_ESTABLISHED:
		tcp_set_state(c, TCP_ST_CLOSE_WAIT);
		break;
	case TCP_ST_FIN_WAIT_1:
		tcp_set_state(c, TCP_ST_CLOSING);
		break;
	case TCP_ST_FIN_WAIT_2:
		tcp_set_state(c, TCP_ST_TIME_WAIT);
		break;
	default:
		break;
	}
	return DROP_NONE;
}

/** From the sixth step on. */
static enum drop
take_rest(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	struct seq seg_end = seq_add(seg->h.seq, seg->len);
	enum drop why = take_text(c, seg, now_ns, todo);

	return why != DROP_NONE ? why : take_fin(c, seg, seg_end, todo);
}

enum drop
take_behind_syn(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	seg->h.seq = c->rcv_nxt;
	trim(c, seg, todo);
	return take_rest(c, seg, now_ns, todo);
}

enum drop
tcp_input(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	bool is_bare = seg->len == 0 && !seg->was_refused; /* before trimming */
	enum drop why;

	if ((why = check_paws(c, seg, now_ns)) != DROP_NONE)
		return why;
	if ((why = check_seq(c, seg, now_ns, todo)) != DROP_NONE)
		return why;
	if ((why = check_rst(c, seg, now_ns)) != DROP_NONE || c->state == TCP_ST_CLOSED)
		return why;
	if ((why = check_syn(c, seg, now_ns)) != DROP_NONE)
		return why;
	if ((why = check_ack(c, seg, is_bare, now_ns, todo)) != DROP_NONE ||
		c->state == TCP_ST_CLOSED)
		return why;
	if (tcp_is(c, TCP_F_ECN))
		ecn_input(c, seg, now_ns);
	return take_rest(c, seg, now_ns, todo);
}
