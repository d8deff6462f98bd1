/* SPDX-License-Identifier: BSD-3-Clause */
/* Acknowledgements and the window offered; see the header. */

#include "tcp/ack.h"

enum {
	CHALLENGE_SECOND_SHIFT = 20, /* challenge_ns counts 2^20 ns; 954 of them are a second */
	CHALLENGE_SECOND = 954,
	SOON_PART = 8,    /* of the delay: 5 ms of its 40, where the two cost the same */
	RCV_MSS_MIN = 88, /* not an acknowledgement for every few octets */
};

/**
 * Soon behind the text before, did text of ours leave, or this segment come, to share an acknowledgement with? If
 * not, a delay saves a packet at best, and costs more: the peer's text, its buffers and a timer at either end wait
 * until they are in no cache. Of our text the last is known, so a long answer counts as none, and one within the turn is
 * none: it carries the acknowledgement either way.
 */
static bool
delay_pays(const struct tcp_conn *c, uint64_t now_ns)
{
	uint64_t before_ns = c->totals.text_rcvd_ns; /* this segment has not been counted yet */
	uint64_t next_ns = c->last_sent_ns > before_ns ? c->last_sent_ns : now_ns;

	return before_ns == 0 || next_ns - before_ns < common_of(c)->delayed_ack_ns / SOON_PART;
}

void
ack_taken(struct tcp_conn *c, uint64_t now_ns)
{
	uint32_t owed = seq_len(c->last_ack_sent, c->rcv_nxt);

	if (c->quick_acks != 0) {
		if (c->quick_acks != ACK_ALWAYS)
			c->quick_acks--;
		tcp_mark(c, TCP_F_ACK_NOW);
	} else if (owed > c->rcv_mss || (c->ack_ns == TIME_NEVER && !delay_pays(c, now_ns))) {
		tcp_mark(c, TCP_F_ACK_NOW);
	} else if (c->ack_ns == TIME_NEVER) {
		c->ack_ns = now_ns + common_of(c)->delayed_ack_ns;
	}
}

void
ack_was_delayed(struct tcp_conn *c)
{
	c->ack_ns = TIME_NEVER;
	tcp_mark(c, TCP_F_ACK_NOW);
	c->rcv_mss = (uint16_t)max_u32(c->rcv_mss / 2u, RCV_MSS_MIN);
}

/** The largest window that there may be: the buffer, as far as the scaled field can say it. */
static uint32_t
most_window(const struct tcp_conn *c)
{
	uint32_t most = min_u32(c->rcv_buf, (uint32_t)UINT16_MAX << c->rcv_wscale);

	return unlikely(tcp_is(c, TCP_F_CLAMP)) ? min_u32(most, c->asked.window_clamp) : most;
}

/** The right edge that the receive buffer would allow. */
static struct seq
possible_edge(const struct tcp_conn *c)
{
	uint32_t room = c->rcv_buf > c->rcv_queued ? c->rcv_buf - c->rcv_queued : 0;

	return seq_add(c->rcv_nxt, min_u32(room, most_window(c)));
}

/** Octets by which the window may grow; 0 too when it would have to shrink. */
static uint32_t
possible_growth(const struct tcp_conn *c)
{
	struct seq edge = possible_edge(c);

	return seq_gt(edge, c->rcv_adv) ? seq_len(c->rcv_adv, edge) : 0;
}

/** A full segment, as the peer makes them. */
static uint32_t
full_segment(const struct tcp_conn *c)
{
	return max_u32(c->mss, c->rcv_mss);
}

/** What the window has to grow by to be worth telling: RFC 9293 §3.8.6.2.2. */
static uint32_t
least_step(const struct tcp_conn *c)
{
	return min_u32(full_segment(c), most_window(c) / 2);
}

void
ack_consumed(struct tcp_conn *c)
{
	uint32_t growth = possible_growth(c);
	bool is_tight = tcp_rcv_wnd(c) < 2 * full_segment(c);

	if (tcp_is(c, TCP_F_FIN_TAKEN) || !tcp_is_synchronised(c))
		return;
	if (growth >= most_window(c) / 2 || (is_tight && growth >= least_step(c)))
		tcp_mark(c, TCP_F_ACK_NOW);
}

/**
 * The window as the scaled field can say it: rounded up, so that the edge never moves left. Were
 * that without limit, a peer that sends less than the unit a time would never find it closed.
 */
static uint32_t
expressible(const struct tcp_conn *c)
{
	uint32_t unit = 1u << c->rcv_wscale;
	uint32_t wnd = tcp_rcv_wnd(c);

	if (c->rcv_queued + wnd < c->rcv_buf + c->rcv_buf / 8)
		wnd += unit - 1;
	return wnd & ~(unit - 1); /* RFC 7323 §2.4: senders bear it when it seems to shrink */
}

uint32_t
ack_window(struct tcp_conn *c)
{
	uint32_t growth = possible_growth(c);
	uint32_t wnd;

	if (growth >= least_step(c))
		c->rcv_adv = seq_add(c->rcv_adv, growth);
	wnd = expressible(c);
	wnd = min_u32(wnd, (uint32_t)UINT16_MAX << c->rcv_wscale);
	c->rcv_adv = seq_max(c->rcv_adv, seq_add(c->rcv_nxt, wnd));
	return wnd;
}

uint8_t
ack_challenge_credit(struct env *env)
{
	return (uint8_t)(ACK_CHALLENGES / 2 + rand_below(&env->rand, ACK_CHALLENGES));
}

void
ack_challenge(struct tcp_conn *c, uint64_t now_ns)
{
	uint32_t now = (uint32_t)(now_ns >> CHALLENGE_SECOND_SHIFT);

	if (now - c->challenge_ns >= CHALLENGE_SECOND) {
		c->challenge_ns = now;
		c->challenge_credit = ack_challenge_credit(common_of(c)->env);
	}
	if (c->challenge_credit == 0)
		return;
	c->challenge_credit--;
	tcp_mark(c, TCP_F_ACK_NOW);
	count(common_of(c)->env, STAT_TCP_CHALLENGE_ACKS);
}
