/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* What an embryo sends: SYN|ACK, challenge ACKs, RST. */

#include "tcp/agree.h"
#include "tcp/embryo.h"
#include "tcp/xmit.h"

/** What its timestamps say now. */
static uint32_t
ts_now(const struct tcp *tcp, const struct tcp_embryo *e, uint64_t now_ns)
{
	return embryo_ts_now(tcp_numbers_of(tcp, &e->flow, now_ns).ts_offset, now_ns);
}

/** What the application has asked for of the listener's connections holds for SYN|ACK, too. */
static struct tcp_reply
begin_reply(const struct tcp *tcp, const struct tcp_embryo *e)
{
	const struct tcp_conn *model = embryo_listener(tcp, e)->model;
	struct tcp_reply r = { .flow = e->flow };

	if (model == NULL)
		return r;
	r.tos = model->tos;
	r.ttl = model->ttl;
	r.h.opts.mss = model->asked.maxseg;
	return r;
}

void
embryo_send_syn_ack(struct tcp *tcp, const struct tcp_embryo *e, uint32_t tsval,
	const struct tcp_cookie *cookie, uint64_t now_ns)
{
	struct tcp_reply r = begin_reply(tcp, e);
	struct tcp_opts *o = &r.h.opts;

	r.h.seq = e->iss;
	r.h.ack = embryo_rcv_nxt(e);
	r.h.flags = TCP_SYN | TCP_ACK | (e->flags & EMBRYO_ECN ? TCP_ECE : 0);
	r.h.wnd = (uint16_t)embryo_rcv_wnd(tcp, e);
	o->has = TCP_HAS_MSS;
	if (e->flags & EMBRYO_WSCALE) {
		o->has |= TCP_HAS_WSCALE;
		o->wscale = tcp->common.rcv_wscale;
	}
	if (e->flags & EMBRYO_SACK)
		o->has |= TCP_HAS_SACK_OK;
	if (e->flags & EMBRYO_TS) {
		o->has |= TCP_HAS_TS;
		o->tsval = tsval;
		o->tsecr = e->ts_recent;
	}
	if (cookie != NULL) {
		o->has |= TCP_HAS_FASTOPEN;
		o->cookie = *cookie;
	}
	xmit_reply(tcp, &r, now_ns);
}

void
embryo_answer_syn(struct tcp *tcp, const struct tcp_embryo *e, uint64_t now_ns)
{
	embryo_send_syn_ack(tcp, e, ts_now(tcp, e, now_ns), NULL, now_ns);
}

void
embryo_challenge(struct tcp *tcp, struct tcp_embryo *e, uint64_t now_ns)
{
	struct tcp_reply r = begin_reply(tcp, e);

	if (e->credit == 0)
		return;
	e->credit--;
	r.h.seq = seq_add(e->iss, 1);
	r.h.ack = embryo_rcv_nxt(e);
	r.h.flags = TCP_ACK;
	r.h.wnd = (uint16_t)embryo_rcv_wnd(tcp, e);
	if (e->flags & EMBRYO_WSCALE)
		r.h.wnd = (uint16_t)(r.h.wnd >> tcp->common.rcv_wscale);
	if (e->flags & EMBRYO_TS) {
		r.h.opts.has = TCP_HAS_TS;
		r.h.opts.tsval = ts_now(tcp, e, now_ns);
		r.h.opts.tsecr = e->ts_recent;
	}
	xmit_reply(tcp, &r, now_ns);
	count(tcp->common.env, STAT_TCP_CHALLENGE_ACKS);
}

void
embryo_reset(
	struct tcp *tcp, const struct tcp_embryo *e, struct seq seq, uint8_t flags, uint64_t now_ns)
{
	struct tcp_reply r = begin_reply(tcp, e);

	r.h.seq = seq;
	r.h.flags = flags;
	r.h.ack = embryo_rcv_nxt(e);
	xmit_reply(tcp, &r, now_ns);
}
