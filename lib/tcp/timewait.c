/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* TIME-WAIT; see the header. */

#include "tcp/timewait.h"

#include "tcp/table.h"
#include "tcp/xmit.h"

static void
restart(struct tcp *tcp, struct tcp_timewait *tw, uint64_t now_ns)
{
	wheel_start(&tcp->common.env->wheel, &tw->timer, now_ns + 2 * tcp->common.msl_ns);
}

void
timewait_begin(struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp *tcp = c->tcp;
	uint32_t index;
	struct tcp_timewait *tw = slab_get(&tcp->timewaits, &index);

	tcp_conn_unlist(c);
	count(tcp->common.env, STAT_TCP_TIME_WAITS);
	if (tw == NULL)
		return; /* no room: the flow is free at once, as if the wait were over */
	tw->flow = c->flow;
	tw->rcv_nxt = c->rcv_nxt;
	tw->snd_nxt = c->snd_nxt;
	tw->ts_recent = c->ts_recent;
	tw->ts_offset = tcp_is(c, TCP_F_TS) ? c->ts_offset : 0;
	tw->was_asked = false;
	wheel_timer_init(&tw->timer, TIMER_TCP_TIMEWAIT);
	tw->timer.index = index;
	if (flowtab_add(&tcp->table, tcp_conn_hash(c), index | TCP_TAG_TIMEWAIT) != 0) {
		slab_put(&tcp->timewaits, index);
		return;
	}
	restart(tcp, tw, now_ns);
}

void
timewait_end(struct tcp *tcp, struct tcp_timewait *tw)
{
	flowtab_remove(&tcp->table, tcp_hash(tcp, &tw->flow), tw->timer.index | TCP_TAG_TIMEWAIT);
	wheel_stop(&tcp->common.env->wheel, &tw->timer);
	slab_put(&tcp->timewaits, tw->timer.index);
}

void
tcp_timewait_timer(struct tcp *tcp, struct tcp_timewait *tw)
{
	timewait_end(tcp, tw);
}

bool
timewait_is_renewable(const struct tcp *tcp, const struct tcp_timewait *tw, uint64_t now_ns)
{
	uint64_t began_ns = tw->timer.deadline_ns - 2 * tcp->common.msl_ns;

	return tcp->common.with_ts && tw->ts_offset != 0 && now_ns - began_ns > NS_PER_SEC;
}

struct seq
timewait_next_iss(const struct tcp_timewait *old, struct seq iss)
{
	return old != NULL ? seq_max(iss, seq_add(old->snd_nxt, 1)) : iss;
}

/** A SYN that somebody listens for. */
static bool
is_awaited_syn(const struct tcp *tcp, const struct tcp_timewait *tw, const struct tcp_seg *seg)
{
	return (seg->h.flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN &&
	       tcp_find_listener(tcp, tw->flow.laddr, tw->flow.lport) != NULL;
}

/** May this SYN open the flow again? RFC 6191 §2, in its order. */
static bool
is_newer(const struct tcp *tcp, const struct tcp_timewait *tw, const struct tcp_seg *seg)
{
	bool will_have_ts = tcp->common.with_ts && (seg->h.opts.has & TCP_HAS_TS) != 0;

	if (will_have_ts && tw->ts_offset == 0)
		return true; /* PAWS will tell the segments of the two connections apart */
	if (will_have_ts && seg->h.opts.tsval != tw->ts_recent)
		return (int32_t)(seg->h.opts.tsval - tw->ts_recent) > 0;
	return seq_gt(seg->h.seq, tw->rcv_nxt);
}

/** Say again what was said last. */
static void
acknowledge(struct tcp *tcp, const struct tcp_timewait *tw, uint64_t now_ns)
{
	struct tcp_reply r = { .flow = tw->flow };

	r.h.seq = tw->snd_nxt;
	r.h.ack = tw->rcv_nxt;
	r.h.flags = TCP_ACK;
	if (tw->ts_offset != 0) {
		r.h.opts.has = TCP_HAS_TS;
		r.h.opts.tsval = (uint32_t)(now_ns / NS_PER_MS) + tw->ts_offset;
		r.h.opts.tsecr = tw->ts_recent;
	}
	xmit_reply(tcp, &r, now_ns);
}

/**
 * RFC 1337: an old RST ends nothing. But who does not know the old connection any more, because it has
 * started anew, answers our ACK to its SYN by an RST with just this number, and sends the SYN again
 * (RFC 9293 §3.5.1): the wait would keep it out for two MSL.
 */
static bool
is_answer_of_a_stranger(const struct tcp_timewait *tw, const struct tcp_seg *seg)
{
	return tw->was_asked && seq_eq(seg->h.seq, tw->rcv_nxt);
}

enum drop
timewait_input(struct tcp *tcp, struct tcp_timewait *tw, const struct tcp_seg *seg, uint64_t now_ns)
{
	bool is_syn = is_awaited_syn(tcp, tw, seg);

	if (is_syn && is_newer(tcp, tw, seg))
		return DROP_NONE;
	if (seg->h.flags & TCP_RST) {
		if (is_answer_of_a_stranger(tw, seg))
			timewait_end(tcp, tw);
		return DROP_TCP_TIME_WAIT;
	}
	tw->was_asked = is_syn;
	/* An empty segment may be an answer itself: two ends that disagree would never stop */
	if (seg_space(seg) != 0)
		acknowledge(tcp, tw, now_ns);
	if ((seg->h.flags & TCP_FIN) != 0 && seq_eq(seq_add(seg->h.seq, seg->len + 1), tw->rcv_nxt))
		restart(tcp, tw, now_ns); /* the peer's FIN again */
	return DROP_TCP_TIME_WAIT;
}
