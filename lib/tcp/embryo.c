/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* SYN-RECEIVED in a cache line; see the header. */

#include "tcp/embryo.h"

#include "tcp/ack.h"
#include "tcp/agree.h"
#include "tcp/sent.h"
#include "tcp/table.h"
#include "tcp/xmit.h"

static struct tcp_listener *
listener_of(const struct tcp *tcp, const struct tcp_embryo *e)
{
	return slab_at(&tcp->listens, e->listener);
}

/** RCV.NXT */
static struct seq
rcv_nxt(const struct tcp_embryo *e)
{
	return seq_add(e->irs, 1);
}

/** RCV.WND, as a SYN|ACK says it: RFC 7323 §2.2. */
static uint32_t
rcv_wnd(const struct tcp *tcp)
{
	return min_u32(tcp->common.rcv_buf, UINT16_MAX);
}

static uint32_t
ts_now(const struct tcp *tcp, const struct tcp_embryo *e, uint64_t now_ns)
{
	return (uint32_t)(now_ns / NS_PER_MS) + tcp_ts_offset(tcp, &e->flow);
}

/* What it sends */

void
embryo_send_syn_ack(struct tcp *tcp, const struct tcp_embryo *e, uint32_t tsval, uint64_t now_ns)
{
	struct tcp_reply r = { .flow = e->flow };
	struct tcp_opts *o = &r.h.opts;

	r.h.seq = e->iss;
	r.h.ack = rcv_nxt(e);
	r.h.flags = TCP_SYN | TCP_ACK;
	r.h.wnd = (uint16_t)rcv_wnd(tcp);
	o->has = TCP_HAS_MSS;
	if (e->flags & EMBRYO_WSCALE) {
		o->has |= TCP_HAS_WSCALE;
		o->wscale = tcp_wscale_for(tcp->common.rcv_buf);
	}
	if (e->flags & EMBRYO_SACK)
		o->has |= TCP_HAS_SACK_OK;
	if (e->flags & EMBRYO_TS) {
		o->has |= TCP_HAS_TS;
		o->tsval = tsval;
		o->tsecr = e->ts_recent;
	}
	xmit_reply(tcp, &r, now_ns);
}

static void
answer_syn(struct tcp *tcp, const struct tcp_embryo *e, uint64_t now_ns)
{
	embryo_send_syn_ack(tcp, e, ts_now(tcp, e, now_ns), now_ns);
}

/** An ACK to who has lost his way, if he has not had enough of them (RFC 5961 §7). */
static void
challenge(struct tcp *tcp, struct tcp_embryo *e, uint64_t now_ns)
{
	struct tcp_reply r = { .flow = e->flow };

	if (e->credit == 0)
		return;
	e->credit--;
	r.h.seq = seq_add(e->iss, 1);
	r.h.ack = rcv_nxt(e);
	r.h.flags = TCP_ACK;
	r.h.wnd = (uint16_t)rcv_wnd(tcp);
	if (e->flags & EMBRYO_WSCALE)
		r.h.wnd = (uint16_t)(r.h.wnd >> tcp_wscale_for(tcp->common.rcv_buf));
	if (e->flags & EMBRYO_TS) {
		r.h.opts.has = TCP_HAS_TS;
		r.h.opts.tsval = ts_now(tcp, e, now_ns);
		r.h.opts.tsecr = e->ts_recent;
	}
	xmit_reply(tcp, &r, now_ns);
	count(tcp->common.env, STAT_TCP_CHALLENGE_ACKS);
}

/** <SEQ=@seq><CTL=RST>, and ACK if @seq is ours. */
static void
reset(struct tcp *tcp, const struct tcp_embryo *e, struct seq seq, uint8_t flags, uint64_t now_ns)
{
	struct tcp_reply r = { .flow = e->flow };

	r.h.seq = seq;
	r.h.flags = flags;
	r.h.ack = rcv_nxt(e);
	xmit_reply(tcp, &r, now_ns);
}

/* Its life */

/** How long SYN|ACK waits for its answer, RFC 6298 §2.1, §5.5. */
static uint64_t
timeout_of(const struct tcp *tcp, const struct tcp_embryo *e)
{
	uint64_t first = tcp->common.rto_initial_ns;
	uint64_t max = tcp->common.rto_max_ns;

	return first > max >> e->n_resent ? max : first << e->n_resent;
}

static void
wait_until(struct tcp *tcp, struct tcp_embryo *e, uint64_t deadline_ns)
{
	wheel_start(&tcp->common.env->wheel, &e->timer, deadline_ns);
}

void
embryo_read_syn(const struct tcp *tcp, const struct tcp_hdr *syn, struct tcp_embryo *e)
{
	const struct tcp_common *common = &tcp->common;
	const struct tcp_opts *o = &syn->opts;

	e->irs = syn->seq;
	e->ts_recent = 0;
	e->snd_wscale = 0;
	e->n_resent = 0;
	e->credit = ACK_CHALLENGES;
	e->flags = EMBRYO_LIVE;
	e->peer_mss = o->has & TCP_HAS_MSS ? o->mss : TCP_MSS_DEFAULT;
	if ((o->has & TCP_HAS_SACK_OK) != 0 && common->with_sack)
		e->flags |= EMBRYO_SACK;
	if ((o->has & TCP_HAS_TS) != 0 && common->with_ts) {
		e->flags |= EMBRYO_TS;
		e->ts_recent = o->tsval;
	}
	if ((o->has & TCP_HAS_WSCALE) != 0 && common->with_wscale) {
		e->flags |= EMBRYO_WSCALE;
		e->snd_wscale = o->wscale;
	}
}

bool
embryo_begin(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_hdr *syn,
	struct seq iss, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;
	uint32_t index;
	struct tcp_embryo *e = slab_get(&tcp->embryos, &index);

	if (e == NULL)
		return false;
	e->flow = *flow;
	e->iss = iss;
	e->listener = l->index;
	embryo_read_syn(tcp, syn, e);
	wheel_timer_init(&e->timer, TIMER_TCP_EMBRYO);
	e->timer.index = index;
	if (flowtab_add(&tcp->table, tcp_hash(tcp, flow), index | TCP_TAG_EMBRYO) != 0) {
		e->flags = 0;
		slab_put(&tcp->embryos, index);
		return false;
	}
	l->n_embryos++;
	count(tcp->common.env, STAT_TCP_PASSIVE_OPENS);
	answer_syn(tcp, e, now_ns);
	wait_until(tcp, e, now_ns + timeout_of(tcp, e));
	return true;
}

void
embryo_end(struct tcp *tcp, struct tcp_embryo *e)
{
	uint32_t index = e->timer.index;

	flowtab_remove(&tcp->table, tcp_hash(tcp, &e->flow), index | TCP_TAG_EMBRYO);
	wheel_stop(&tcp->common.env->wheel, &e->timer);
	listener_of(tcp, e)->n_embryos--;
	e->flags = 0;
	slab_put(&tcp->embryos, index);
}

/** It will not become a connection. */
static void
fail(struct tcp *tcp, struct tcp_embryo *e)
{
	count(tcp->common.env, STAT_TCP_ATTEMPT_FAILS);
	embryo_end(tcp, e);
}

void
tcp_embryo_timer(struct tcp *tcp, struct tcp_embryo *e, uint64_t now_ns)
{
	if (e->flags & EMBRYO_DEFERRED) {
		/* Without text, then: SYN|ACK again, whose answer opens the connection */
		e->flags = (uint8_t)((e->flags & ~EMBRYO_DEFERRED) | EMBRYO_DUE);
	} else if (e->n_resent >= tcp->common.syn_ack_retries) {
		fail(tcp, e);
		return;
	} else {
		e->n_resent++;
	}
	e->credit = ACK_CHALLENGES;
	answer_syn(tcp, e, now_ns);
	count(tcp->common.env, STAT_TCP_RETRANS_SEGS);
	wait_until(tcp, e, now_ns + timeout_of(tcp, e));
}

void
embryo_reset_all(struct tcp_listener *l, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;

	for (uint32_t i = 0; i < tcp->embryos.n_made && l->n_embryos != 0; i++) {
		struct tcp_embryo *e = slab_at(&tcp->embryos, i);

		if (e->flags == 0 || e->listener != l->index)
			continue;
		reset(tcp, e, seq_add(e->iss, 1), TCP_RST | TCP_ACK, now_ns);
		fail(tcp, e);
	}
}

/* A segment for it: RFC 9293 §3.10.7.4, in its order, as input.c has it for a control block. */

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
	challenge(tcp, e, now_ns);
	return DROP_TCP_PAWS;
}

/** First step. */
static enum drop
check_seq(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	struct seq last = seq_add(seg->h.seq, max_u32(seg_space(seg), 1) - 1);
	uint32_t wnd = rcv_wnd(tcp);

	if ((seg->h.flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN &&
		seq_eq(seg->h.seq, e->irs)) { /* it has not heard our SYN|ACK */
		e->flags |= EMBRYO_REPEATED;
		answer_syn(tcp, e, now_ns);
		return DROP_TCP_OLD_DATA;
	}
	if (seq_within(seg->h.seq, rcv_nxt(e), wnd) || seq_within(last, rcv_nxt(e), wnd))
		return DROP_NONE;
	if (seg->h.flags & TCP_RST)
		return DROP_TCP_RST;
	challenge(tcp, e, now_ns);
	return DROP_TCP_SEQ;
}

/** Second step, with the exact match of RFC 5961 §3.2: back to LISTEN, and nobody is told. */
static enum drop
check_rst(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	if ((seg->h.flags & TCP_RST) == 0)
		return DROP_NONE;
	if (!seq_eq(seg->h.seq, rcv_nxt(e))) {
		challenge(tcp, e, now_ns);
		return DROP_TCP_RST;
	}
	fail(tcp, e);
	return DROP_NONE;
}

/** Fourth and fifth step. */
static enum drop
check_syn_and_ack(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	if (seg->h.flags & TCP_SYN) { /* RFC 5961 §4.2 */
		challenge(tcp, e, now_ns);
		return DROP_TCP_SYN;
	}
	if ((seg->h.flags & TCP_ACK) == 0)
		return DROP_TCP_NO_ACK;
	if (seq_eq(seg->h.ack, seq_add(e->iss, 1)))
		return DROP_NONE;
	/* Without ACK: a peer that is still in SYN-SENT must not take it for a refusal */
	reset(tcp, e, seg->h.ack, TCP_RST, now_ns);
	return DROP_TCP_BAD_ACK;
}

/* The third ACK */

/** The SYN|ACK has a note, as if a control block had sent it: the round trip comes from there. */
static bool
note_syn_ack(struct tcp_conn *c, const struct tcp_embryo *e, uint64_t now_ns)
{
	struct tcp *tcp = c->tcp;
	uint32_t index;
	struct tcp_sent *s = slab_get(&tcp->sents, &index);
	bool was_once = e->n_resent == 0 && (e->flags & EMBRYO_REPEATED) == 0;

	if (s == NULL)
		return false;
	s->seq = c->iss;
	s->len = 1;
	s->index = index;
	s->flags = was_once ? SENT_SYN : SENT_SYN | SENT_AGAIN;
	sent_add(c, s, was_once ? e->timer.deadline_ns - timeout_of(tcp, e) : now_ns);
	c->snd_nxt = seq_add(c->iss, 1);
	return true;
}

/** The header that the SYN may have had. */
static struct tcp_hdr
syn_of(const struct tcp_embryo *e)
{
	struct tcp_hdr h = { .seq = e->irs };

	h.opts.has = TCP_HAS_MSS;
	h.opts.mss = e->peer_mss;
	if (e->flags & EMBRYO_SACK)
		h.opts.has |= TCP_HAS_SACK_OK;
	if (e->flags & EMBRYO_TS) {
		h.opts.has |= TCP_HAS_TS;
		h.opts.tsval = e->ts_recent;
	}
	if (e->flags & EMBRYO_WSCALE) {
		h.opts.has |= TCP_HAS_WSCALE;
		h.opts.wscale = e->snd_wscale;
	}
	return h;
}

struct tcp_conn *
embryo_make_conn(struct tcp_listener *l, const struct tcp_embryo *e, uint16_t mtu, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;
	const struct tcp_hdr syn = syn_of(e);
	struct tcp_conn *c = tcp_conn_new(tcp, &e->flow);
	struct ip_path path;

	if (c == NULL)
		return NULL;
	tcp_conn_init(c, e->iss, tcp_ts_offset(tcp, &e->flow), mtu, now_ns);
	tcp_mark(c, TCP_F_PASSIVE);
	tcp_take_syn(c, &syn, now_ns);
	tcp_set_state(c, TCP_ST_SYN_RECEIVED);
	c->syn_retries = e->n_resent;
	c->ops = l->ops;
	c->user = l->user;
	if (!note_syn_ack(c, e, now_ns)) {
		tcp_conn_free(c);
		return NULL;
	}
	xmit_path(c, now_ns, &path); /* the ACK that opens it confirms the neighbour on it */
	if (l->max_unaccepted != 0)
		l->n_unaccepted++;
	return c;
}

/** TCP_DEFER_ACCEPT: a bare ACK opens nothing yet. */
static bool
is_deferred(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	const struct tcp_listener *l = listener_of(tcp, e);

	if (l->defer_ns == 0 || (e->flags & EMBRYO_DUE) != 0 || seg_space(seg) != 0)
		return false;
	if ((e->flags & EMBRYO_DEFERRED) == 0)
		wait_until(tcp, e, now_ns + l->defer_ns);
	e->flags |= EMBRYO_DEFERRED | EMBRYO_REPEATED;
	return true;
}

/** The accept queue is full: SYN|ACK comes again, as if this ACK had been lost; or RST, as configured. */
static enum drop
overflow(struct tcp *tcp, struct tcp_embryo *e, const struct tcp_seg *seg, uint64_t now_ns)
{
	e->flags |= EMBRYO_REPEATED;
	if (tcp->common.resets_overflow) {
		reset(tcp, e, seg->h.ack, TCP_RST, now_ns);
		fail(tcp, e);
	}
	return DROP_TCP_ACCEPT_FULL;
}

enum drop
embryo_input(struct tcp *tcp, struct tcp_embryo *e, struct tcp_seg *seg, uint16_t mtu,
	uint64_t now_ns, struct tcp_conn **made)
{
	struct tcp_listener *l = listener_of(tcp, e);
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
	*made = embryo_make_conn(l, e, mtu, now_ns);
	if (*made == NULL)
		return DROP_TCP_NO_MEMORY; /* SYN|ACK comes again, and perhaps there is room then */
	if (e->flags & (EMBRYO_DEFERRED | EMBRYO_DUE))
		seg->h.opts.tsecr = 0; /* what it echoes has waited for text: no round trip */
	embryo_end(tcp, e);
	return DROP_NONE;
}
