/* SPDX-License-Identifier: BSD-3-Clause */
/* A fresh connection, and what it learns from the peer's SYN; see the header. */

#include "tcp/agree.h"

#include "tcp/ack.h"
#include "tcp/ecn.h"
#include "tcp/mtu.h"
#include "tcp/pace.h"
#include "tcp/rtt.h"

uint8_t
tcp_wscale_for(uint32_t rcv_buf)
{
	uint8_t shift = 0;

	while (shift < TCP_WSCALE_MAX && rcv_buf >> shift > UINT16_MAX)
		shift++;
	return shift;
}

void
tcp_conn_init(struct tcp_conn *c, struct seq iss, uint32_t ts_offset, uint16_t mtu, uint64_t now_ns)
{
	const struct tcp_common *common = common_of(c);

	c->iss = iss;
	c->snd_una = iss;
	c->snd_nxt = iss;
	c->recover = iss;
	c->cwnd_full = iss;
	c->loss.cwr_end = iss;
	c->loss.reo_wnd_mult = 1;
	c->ts_offset = ts_offset;
	mtu_init(c, mtu);
	c->rcv_buf = common->rcv_buf;
	c->snd_buf = common->snd_buf;
	c->rcv_wscale = common->rcv_wscale;
	c->quick_acks = common->quick_acks;
	c->challenge_credit = ack_challenge_credit(common->env);
	c->cwnd = c->mss;
	c->flags |= (common->with_ts ? TCP_F_TS : 0u) | (common->with_sack ? TCP_F_SACK : 0u) |
		    (common->with_wscale ? TCP_F_WSCALE : 0u) |
		    (common->with_nodelay ? TCP_F_NODELAY : 0u) |
		    (common->with_keepalive ? TCP_F_KEEPALIVE : 0u);
	c->rexmt_ns = TIME_NEVER;
	c->ack_ns = TIME_NEVER;
	c->idle_ns = TIME_NEVER;
	c->progress_ns = now_ns;
	c->totals.begun_ns = now_ns;
	rtt_init(c);
}

void
tcp_inherit(struct tcp_conn *c, const struct tcp_conn *model)
{
	const uint32_t flags =
		TCP_F_NODELAY | TCP_F_CORK | TCP_F_KEEPALIVE | TCP_F_LOWAT | TCP_F_CLAMP;

	c->flags = (c->flags & ~flags) | (model->flags & flags);
	c->asked = model->asked;
	if (c->asked.maxseg != 0)
		c->our_mss = (uint16_t)min_u32(c->our_mss, c->asked.maxseg);
	c->snd_buf = model->snd_buf;
	c->rcv_buf = model->rcv_buf;
	c->quick_acks = model->quick_acks;
	c->tos = model->tos;
	c->ttl = model->ttl;
	pace_limit(c, model->max_pace_rate);
}

static void
agree_wscale(struct tcp_conn *c, const struct tcp_opts *o)
{
	if ((o->has & TCP_HAS_WSCALE) != 0 && tcp_is(c, TCP_F_WSCALE)) {
		c->snd_wscale = (uint8_t)min_u32(o->wscale, TCP_WSCALE_MAX); /* RFC 7323 §2.3 */
	} else {
		tcp_unmark(c, TCP_F_WSCALE);
		c->snd_wscale = 0;
		c->rcv_wscale = 0;
	}
}

void
tcp_take_syn(struct tcp_conn *c, const struct tcp_hdr *h, uint64_t now_ns)
{
	const struct tcp_opts *o = &h->opts;

	c->irs = h->seq;
	c->rcv_nxt = seq_add(h->seq, 1);
	c->rcv_adv = seq_add(c->rcv_nxt, min_u32(c->rcv_buf, UINT16_MAX)); /* RFC 7323 §2.2 */
	c->last_ack_sent = c->rcv_nxt;
	c->totals.received = (uint64_t)h->seq.n + 1;
	c->snd_wl1 = h->seq;
	if ((o->has & TCP_HAS_TS) == 0)
		tcp_unmark(c, TCP_F_TS);
	if ((o->has & TCP_HAS_SACK_OK) == 0)
		tcp_unmark(c, TCP_F_SACK);
	if (tcp_is(c, TCP_F_TS)) {
		c->ts_recent = o->tsval;
		c->ts_recent_age = (uint32_t)(now_ns >> 30);
	}
	agree_wscale(c, o);
	ecn_agree(c, h->flags);
	mtu_agree(c, o->has & TCP_HAS_MSS ? o->mss : TCP_MSS_DEFAULT);
	c->cwnd = c->mss;
}
