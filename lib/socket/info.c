/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
/* What a connection tells about its way (baro/tcp_info.h). */

#include <baro/tcp_info.h>
#include <string.h>

#include "socket/stack.h"
#include "tcp/rate.h"
#include "tcp/rtt.h"

static uint64_t
ago(uint64_t then_ns, uint64_t now_ns)
{
	return then_ns != 0 ? max_u64(now_ns - then_ns, 1) : 0;
}

/** Of the sequence space in flight one may be our SYN or our FIN. */
static uint32_t
unsent_text(const struct tcp_conn *c)
{
	uint32_t sent = min_u32(tcp_flight(c) - tcp_syn_out(c), c->snd_queued);

	return c->snd_queued - sent;
}

static void
tell_agreed(const struct tcp_conn *c, struct baro_tcp_info *info)
{
	info->state = tcp_state_name(c->state);
	info->congestion = c->cc->name;
	info->has_timestamps = tcp_is(c, TCP_F_TS);
	info->has_sack = tcp_is(c, TCP_F_SACK);
	info->has_wscale = tcp_is(c, TCP_F_WSCALE);
	info->has_fastopen = c->fast.is_used;
	info->has_ecn = tcp_is_synchronised(c) && tcp_is(c, TCP_F_ECN);
	info->snd_wscale = c->snd_wscale;
	info->rcv_wscale = c->rcv_wscale;
	info->snd_mss = c->mss;
	info->rcv_mss = c->rcv_mss;
	info->advmss = c->our_mss;
	info->pmtu = c->mtu.path;
}

static void
tell_round_trip(const struct tcp_conn *c, struct baro_tcp_info *info)
{
	info->rtt_ns = c->srtt_ns;
	info->rttvar_ns = c->rttvar_ns;
	info->min_rtt_ns = c->min_rtt_ns;
	info->rto_ns = rtt_timeout(c);
	info->backoff = c->backoff;
}

static void
tell_sending(const struct tcp_conn *c, struct baro_tcp_info *info)
{
	info->cwnd = c->cwnd;
	info->ssthresh = tcp_is_synchronised(c) ? c->ssthresh : UINT32_MAX;
	info->snd_wnd = c->snd_wnd;
	info->in_flight = tcp_flight(c);
	info->lost = c->lost;
	info->sacked = c->sacked;
	info->snd_queued = c->snd_queued;
	info->snd_unsent = unsent_text(c);
	info->snd_buf = c->snd_buf;
	info->reordering = c->loss.reordering;
	info->is_recovering = tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS);
	info->pacing_rate = c->pace_rate;
	info->delivery_rate = rate_last(c);
	info->is_app_limited = c->app_limited != 0;
}

static void
tell_receiving(const struct tcp_conn *c, struct baro_tcp_info *info)
{
	info->rcv_wnd = tcp_rcv_wnd(c);
	info->rcv_queued = c->rcv_queued;
	info->rcv_buf = c->rcv_buf;
	info->rcv_out_of_order = c->reass.octets;
}

/** The SYNs and FINs, which are no text, are taken off. */
static void
tell_octets(const struct tcp_conn *c, struct baro_tcp_info *info)
{
	uint64_t acked = totals_unwrap(c->delivered, seq_len(c->iss, c->snd_una));
	uint64_t received = totals_unwrap(c->totals.received, c->rcv_nxt.n);

	if (acked != 0)
		info->octets_acked = acked - 1 - tcp_fin_is_acked(c);
	if (c->totals.received != 0)
		info->octets_received = received - c->irs.n - 1 - tcp_is(c, TCP_F_FIN_TAKEN);
}

static void
tell_totals(const struct tcp_conn *c, struct baro_tcp_info *info)
{
	info->segs_out = c->totals.segs_out;
	info->segs_in = c->totals.segs_in;
	info->retransmits = c->totals.retransmits;
	info->octets_again = c->totals.octets_again;
	info->octets_sent = info->octets_acked + c->totals.octets_again +
			    (tcp_flight(c) != 0 ? info->snd_queued - info->snd_unsent : 0);
	info->dsacks = c->loss.n_dsacks;
	info->timeouts = c->totals.timeouts;
	info->recoveries = c->totals.recoveries;
	info->undone = c->totals.undone;
	info->probes = c->totals.probes;
	info->ecn_marks = c->totals.ecn_marks;
}

static void
tell_times(const struct tcp_conn *c, struct baro_tcp_info *info, uint64_t now_ns)
{
	info->age_ns = ago(c->totals.begun_ns, now_ns);
	info->last_sent_ns = ago(c->last_sent_ns, now_ns);
	info->last_seg_ns = ago(c->totals.rcvd_ns, now_ns);
	info->last_rcvd_ns = ago(c->totals.text_rcvd_ns, now_ns);
}

static uint64_t
limited(const struct tcp_totals *t, enum tcp_limit limit, uint64_t now_ns)
{
	return t->limited_ns[limit] + (t->limit == limit ? now_ns - t->limit_since_ns : 0);
}

static void
tell_limits(const struct tcp_conn *c, struct baro_tcp_info *info, uint64_t now_ns)
{
	info->rwnd_limited_ns = limited(&c->totals, TCP_LIMIT_WINDOW, now_ns);
	info->sndbuf_limited_ns = limited(&c->totals, TCP_LIMIT_BUFFER, now_ns);
	info->busy_ns = limited(&c->totals, TCP_LIMIT_WAY, now_ns) + info->rwnd_limited_ns +
			info->sndbuf_limited_ns;
}

void
conn_tell_info(const struct tcp_conn *c, uint64_t now_ns, struct baro_tcp_info *info)
{
	memset(info, 0, sizeof(*info));
	tell_agreed(c, info);
	tell_round_trip(c, info);
	tell_sending(c, info);
	tell_receiving(c, info);
	tell_octets(c, info);
	tell_totals(c, info);
	tell_times(c, info, now_ns);
	tell_limits(c, info, now_ns);
}

void
baro_conn_info(const struct baro_conn *c, struct baro_tcp_info *info)
{
	struct tcp_conn copy;

	conn_tell_info(tcp_look(c, &copy), stack_of_conn(c)->now_ns, info);
}
