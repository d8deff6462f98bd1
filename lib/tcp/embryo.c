/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* SYN-RECEIVED in a cache line: how it begins, waits and ends; see the header. */

#include "tcp/embryo.h"

#include "tcp/ack.h"
#include "tcp/ecn.h"

void
embryo_read_syn(const struct tcp *tcp, const struct tcp_hdr *syn, struct tcp_embryo *e)
{
	const struct tcp_common *common = &tcp->common;
	const struct tcp_opts *o = &syn->opts;

	e->irs = syn->seq;
	e->ts_recent = 0;
	e->snd_wscale = 0;
	e->n_resent = 0;
	e->credit = 0;
	e->flags = EMBRYO_LIVE;
	e->peer_mss = o->has & TCP_HAS_MSS ? o->mss : TCP_MSS_DEFAULT;
	if (common->ecn != TCP_ECN_NONE && ecn_is_asked_for(syn->flags))
		e->flags |= EMBRYO_ECN;
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
embryo_begin(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_seg *syn,
	struct tcp_numbers numbers, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;
	uint32_t index;
	struct tcp_embryo *e = slab_get(&tcp->embryos, &index);

	if (e == NULL)
		return false;
	e->flow = *flow;
	e->iss = numbers.iss;
	e->listener = l->index;
	embryo_read_syn(tcp, &syn->h, e);
	e->credit = ack_challenge_credit(tcp->common.env);
	wheel_timer_init(&e->timer, TIMER_TCP_EMBRYO);
	e->timer.index = index;
	if (flowtab_add(&tcp->table, syn->hash, index | TCP_TAG_EMBRYO) != 0) {
		e->flags = 0;
		slab_put(&tcp->embryos, index);
		return false;
	}
	l->n_embryos++;
	count(tcp->common.env, STAT_TCP_PASSIVE_OPENS);
	embryo_send_syn_ack(tcp, e, embryo_ts_now(numbers.ts_offset, now_ns),
		syn->h.opts.has & TCP_HAS_FASTOPEN ? &syn->h.opts.cookie : NULL, now_ns);
	embryo_wait_until(tcp, e, now_ns + embryo_timeout(tcp, e));
	return true;
}

void
embryo_end(struct tcp *tcp, struct tcp_embryo *e, uint32_t hash)
{
	uint32_t index = e->timer.index;

	flowtab_remove(&tcp->table, hash, index | TCP_TAG_EMBRYO);
	wheel_stop(&tcp->common.env->wheel, &e->timer);
	embryo_listener(tcp, e)->n_embryos--;
	e->flags = 0;
	slab_put(&tcp->embryos, index);
}

void
embryo_fail(struct tcp *tcp, struct tcp_embryo *e)
{
	count(tcp->common.env, STAT_TCP_ATTEMPT_FAILS);
	embryo_end(tcp, e, tcp_hash(tcp, &e->flow));
}

void
tcp_embryo_timer(struct tcp *tcp, struct tcp_embryo *e, uint64_t now_ns)
{
	if (e->flags & EMBRYO_DEFERRED) {
		/* Without text, then: SYN|ACK again, whose answer opens the connection */
		e->flags = (uint8_t)((e->flags & ~EMBRYO_DEFERRED) | EMBRYO_DUE);
	} else if (e->n_resent >= tcp->common.syn_ack_retries) {
		embryo_fail(tcp, e);
		return;
	} else {
		e->n_resent++;
	}
	e->credit = ack_challenge_credit(tcp->common.env);
	embryo_answer_syn(tcp, e, now_ns);
	count(tcp->common.env, STAT_TCP_RETRANS_SEGS);
	embryo_wait_until(tcp, e, now_ns + embryo_timeout(tcp, e));
}

void
embryo_reset_all(struct tcp_listener *l, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;

	for (uint32_t i = 0; i < tcp->embryos.n_made && l->n_embryos != 0; i++) {
		struct tcp_embryo *e = slab_at(&tcp->embryos, i);

		if (e->flags == 0 || e->listener != l->index)
			continue;
		embryo_reset(tcp, e, seq_add(e->iss, 1), TCP_RST | TCP_ACK, now_ns);
		embryo_fail(tcp, e);
	}
}
