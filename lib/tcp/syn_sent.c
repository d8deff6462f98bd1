/* SPDX-License-Identifier: BSD-3-Clause */
/* A segment for a connection in SYN-SENT: RFC 9293 §3.10.7.3, in its order. */

#include <errno.h>

#include "tcp/agree.h"
#include "tcp/ecn.h"
#include "tcp/fast.h"
#include "tcp/input.h"
#include "tcp/sent.h"

/** First: is the acknowledgement, if there is one, of our SYN? */
static enum drop
check_ack(const struct tcp_conn *c, const struct tcp_seg *seg, struct tcp_todo *todo)
{
	if ((seg->h.flags & TCP_ACK) == 0 ||
		(seq_gt(seg->h.ack, c->iss) && seq_le(seg->h.ack, c->snd_nxt)))
		return DROP_NONE;
	if ((seg->h.flags & TCP_RST) == 0) {
		todo->send_rst = true;
		todo->rst_seq = seg->h.ack;
	}
	return DROP_TCP_SYN_SENT_ACK;
}

/** Second: only a RST that acknowledges our SYN is believed. */
static enum drop
check_rst(struct tcp_conn *c, const struct tcp_seg *seg)
{
	if ((seg->h.flags & TCP_RST) == 0)
		return DROP_NONE;
	if ((seg->h.flags & TCP_ACK) == 0)
		return DROP_TCP_RST;
	if (ecn_give_up(c)) { /* RFC 3168 §6.1.1.1: was it the port, or the bits of our SYN? */
		sent_mark_all_lost(c);
		return DROP_TCP_RST;
	}
	tcp_end(c, -ECONNREFUSED);
	return DROP_NONE;
}

/** Our SYN is acknowledged, and with it some of the text on it, or none (RFC 7413 §4.2.2). */
static void
take_ack_of_syn(
	struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	struct tcp_sent *refused = fast_unsend(c, seg->h.ack);
	struct tcp_sent **end = &todo->done;

	c->fast.is_used = seq_gt(seg->h.ack, seq_add(c->iss, 1));
	take_ack(c, seg, now_ns, todo);
	while (*end != NULL)
		end = &(*end)->next;
	*end = refused;
}

/** Fourth: the peer's SYN, with or without the acknowledgement of ours. */
static void
take_syn(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	tcp_take_syn(c, &seg->h, now_ns);
	if ((seg->h.flags & TCP_ACK) == 0) { /* simultaneous open: SYN again, with ACK */
		tcp_set_state(c, TCP_ST_SYN_RECEIVED);
		sent_mark_all_lost(c);
		return;
	}
	tcp_established(c, seg, now_ns);
	take_ack_of_syn(c, seg, now_ns, todo);
	tcp_mark(c, TCP_F_ACK_NOW);
}

enum drop
tcp_input_syn_sent(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	enum drop why;

	if ((why = check_ack(c, seg, todo)) != DROP_NONE)
		return why;
	if ((why = check_rst(c, seg)) != DROP_NONE || c->state == TCP_ST_CLOSED)
		return why;
	if ((seg->h.flags & TCP_SYN) == 0)
		return DROP_TCP_SYN_SENT_NO_SYN;
	take_syn(c, seg, now_ns, todo);
	/* Text on a SYN that crosses ours is not taken; the peer, whose SYN alone is acknowledged, sends it
	 * again */
	return c->state == TCP_ST_ESTABLISHED ? take_behind_syn(c, seg, now_ns, todo) : DROP_NONE;
}
