/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/*
 * A segment for an embryo: RFC 9293 §3.10.7.4, in its order, as input.c has it for a control block. The
 * third ACK makes one.
 */

#include "tcp/embryo.h"

/** RFC 7323 §5.3 R1, before the first step. */
static enum drop
check_paws(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	if ((e->flags & EMBRYO_TS) == 0 || (seg->h.flags & TCP_RST) != 0)
		return DROP_NONE;
	if ((seg->h.opts.has & TCP_HAS_TS) == 0)
		return DROP_TCP_NO_TIMESTAMP; /* RFC 7323 §3.2 */
	if ((int32_t)(seg->h.opts.tsval - e->ts_recent) >= 0)
		return DROP_NONE;
	embryo_challenge(tcp, e, now_ns);
	return DROP_TCP_PAWS;
}

/** First step. */
static enum drop
check_seq(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	struct seq last = seq_add(seg->h.seq, max_u32(seg_space(seg), 1) - 1);
	uint32_t wnd = embryo_rcv_wnd(tcp, e);

	if ((seg->h.flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN &&
		seq_eq(seg->h.seq, e->irs)) { /* it has not heard our SYN|ACK */
		e->flags |= EMBRYO_REPEATED;
		embryo_answer_syn(tcp, e, now_ns);
		return DROP_TCP_OLD_DATA;
	}
	if (seq_within(seg->h.seq, embryo_rcv_nxt(e), wnd) ||
		seq_within(last, embryo_rcv_nxt(e), wnd))
		return DROP_NONE;
	if (seg->h.flags & TCP_RST)
		return DROP_TCP_RST;
	embryo_challenge(tcp, e, now_ns);
	return DROP_TCP_SEQ;
}

/** Second step, with the exact match of RFC 5961 §3.2: back to LISTEN, and nobody is told. */
static enum drop
check_rst(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	if ((seg->h.flags & TCP_RST) == 0)
		return DROP_NONE;
	if (!seq_eq(seg->h.seq, embryo_rcv_nxt(e))) {
		embryo_challenge(tcp, e, now_ns);
		return DROP_TCP_RST;
	}
	embryo_fail(tcp, e);
	return DROP_NONE;
}

/** Fourth and fifth step. */
static enum drop
check_syn_and_ack(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	if (seg->h.flags & TCP_SYN) { /* RFC 5961 §4.2 */
		embryo_challenge(tcp, e, now_ns);
		return DROP_TCP_SYN;
	}
	if ((seg->h.flags & TCP_ACK) == 0)
		return DROP_TCP_NO_ACK;
	if (seq_eq(seg->h.ack, seq_add(e->iss, 1)))
		return DROP_NONE;
	/* Without ACK: a peer that is still in SYN-SENT must not take it for a refusal */
	embryo_reset(tcp, e, seg->h.ack, TCP_RST, now_ns);
	return DROP_TCP_BAD_ACK;
}

/* The third ACK */

/** TCP_DEFER_ACCEPT: a bare ACK opens nothing yet. */
static bool
is_deferred(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	const struct tcp_listener *l = embryo_listener(tcp, e);

	if (l->defer_ns == 0 || (e->flags & EMBRYO_DUE) != 0 || seg_space(seg) != 0)
		return false;
	if ((e->flags & EMBRYO_DEFERRED) == 0)
		embryo_wait_until(tcp, e, now_ns + l->defer_ns);
	e->flags |= EMBRYO_DEFERRED | EMBRYO_REPEATED;
	return true;
}

/** The accept queue is full: SYN|ACK comes again, as if this ACK had been lost; or RST, as configured. */
static enum drop
overflow(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	e->flags |= EMBRYO_REPEATED;
	if (tcp->common.resets_overflow) {
		embryo_reset(tcp, e, seg->h.ack, TCP_RST, now_ns);
		embryo_fail(tcp, e);
	}
	return DROP_TCP_ACCEPT_FULL;
}

enum drop
embryo_input(struct tcp *tcp, struct tcp_embryo *e, struct tcp_seg *seg, uint16_t mtu,
	uint64_t now_ns, struct tcp_conn **made)
{
	struct tcp_listener *l = embryo_listener(tcp, e);
	enum drop why;

	*made = NULL;
	if ((why = check_paws(tcp, e, seg, now_ns)) != DROP_NONE)
		return why;
	if ((why = check_seq(tcp, e, seg, now_ns)) != DROP_NONE)
		return why;
	if ((why = check_rst(tcp, e, seg, now_ns)) != DROP_NONE || e->flags == 0)
		return why;
	if ((why = check_syn_and_ack(tcp, e, seg, now_ns)) != DROP_NONE)
		return why;
	if (is_deferred(tcp, e, seg, now_ns))
		return DROP_NONE;
	if (tcp_accept_is_full(l))
		return overflow(tcp, e, seg, now_ns);
	*made = embryo_make_conn(l, e, seg->hash, mtu, now_ns);
	if (*made == NULL)
		return DROP_TCP_NO_MEMORY; /* SYN|ACK comes again, and perhaps there is room then */
	if (e->flags & (EMBRYO_DEFERRED | EMBRYO_DUE))
		seg->h.opts.tsecr = 0; /* what it echoes has waited for text: no round trip */
	embryo_end(tcp, e, seg->hash);
	return DROP_NONE;
}
