/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* Listeners, RFC 9293 §3.10.7.1 and §3.10.7.2, in their order. */

#include "tcp/listen.h"

#include <errno.h>
#include <stdlib.h>

#include "tcp/agree.h"
#include "tcp/input.h"
#include "tcp/table.h"
#include "tcp/timewait.h"
#include "tcp/xmit.h"

/** Nobody listens: §3.10.7.1. */
static enum drop
refuse(struct tcp *tcp, const struct tcp_flow *flow, const struct tcp_seg *seg, uint64_t now_ns)
{
	if (seg->h.flags & TCP_RST)
		return DROP_TCP_RST_NO_CONN;
	xmit_rst_for(tcp, flow, &seg->h, seg->len, now_ns);
	return DROP_TCP_NO_CONN;
}

/** Where our sequence begins: beyond all that the flow's last connection sent (§3.6.1, MAY-2). */
static struct seq
choose_iss(struct tcp *tcp, const struct tcp_flow *flow, const struct tcp_timewait *old,
	uint64_t now_ns)
{
	struct seq iss = tcp_isn(tcp, flow, now_ns);

	return old != NULL ? seq_max(iss, seq_add(old->snd_nxt, 1)) : iss;
}

/** @c, fresh, is in SYN-RECEIVED. Text on the SYN is not taken: the peer sends it again. */
static void
accept_syn(struct tcp_conn *c, struct tcp_listener *l, const struct tcp_seg *seg, uint64_t now_ns)
{
	tcp_mark(c, TCP_F_PASSIVE);
	tcp_take_syn(c, &seg->h, now_ns);
	tcp_set_state(c, TCP_ST_SYN_RECEIVED);
	c->ops = l->ops;
	c->user = l->user;
	c->listener = l;
	l->n_pending++;
	count(c->tcp->common.env, STAT_TCP_PASSIVE_OPENS);
	tcp_ready(c->tcp, c);
}

/** Third: a SYN. */
static enum drop
take_syn(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_seg *seg,
	uint16_t mtu, struct tcp_timewait *old, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;
	struct tcp_conn *c;

	if (l->n_pending >= l->backlog)
		return DROP_TCP_BACKLOG;
	c = tcp_conn_new(tcp, flow);
	if (c == NULL)
		return DROP_TCP_NO_MEMORY;
	tcp_conn_init(c, choose_iss(tcp, flow, old, now_ns), tcp_ts_offset(tcp, flow), mtu, now_ns);
	accept_syn(c, l, seg, now_ns);
	if (old != NULL)
		timewait_end(tcp, old);
	return DROP_NONE;
}

enum drop
tcp_input_listen(struct tcp *tcp, const struct tcp_seg *seg, const struct ip_in *in,
	struct tcp_timewait *old, uint64_t now_ns)
{
	const struct tcp_flow flow = { in->dst, in->src, seg->h.dst_port, seg->h.src_port };
	struct tcp_listener *l = tcp_find_listener(tcp, flow.laddr, flow.lport);

	if (l == NULL)
		return refuse(tcp, &flow, seg, now_ns);
	if (seg->h.flags & TCP_RST) /* first */
		return DROP_TCP_LISTEN_RST;
	if (seg->h.flags & TCP_ACK) { /* second */
		xmit_rst_for(tcp, &flow, &seg->h, seg->len, now_ns);
		return DROP_TCP_LISTEN_ACK;
	}
	if ((seg->h.flags & (TCP_SYN | TCP_FIN)) !=
		TCP_SYN) /* fourth; SYN with FIN opens nothing */
		return DROP_TCP_FLAGS;
	return take_syn(l, &flow, seg, in->netif->mtu, old, now_ns); /* third */
}

int
tcp_listen(struct tcp *tcp, uint32_t laddr, uint16_t lport, uint32_t backlog, const void *ops,
	void *user, struct tcp_listener **out)
{
	struct tcp_listener *l;
	struct tcp_listener *same;

	if (lport == 0)
		return -EINVAL;
	if (laddr != 0 && !ip_is_local(tcp->ip, laddr))
		return -EADDRNOTAVAIL;
	same = tcp_find_listener(tcp, laddr, lport);
	if (same != NULL && same->laddr == laddr)
		return -EADDRINUSE;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return -ENOMEM;
	l->tcp = tcp;
	l->laddr = laddr;
	l->lport = lport;
	l->backlog = backlog != 0 ? backlog : tcp->common.backlog;
	l->ops = ops;
	l->user = user;
	list_add(&tcp->listeners[lport % TCP_LISTENER_BUCKETS], &l->by_port);
	tcp->n_listeners++;
	*out = l;
	return 0;
}

/** Its half-open connections end with it, RFC 9293 §3.10.4. */
static void
reset_pending(struct tcp_listener *l, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;

	for (uint32_t i = 0; i < tcp->conns.n_made && l->n_pending != 0; i++) {
		struct tcp_conn *c = slab_at(&tcp->conns, i);

		if (c->tcp != tcp || c->listener != l)
			continue;
		xmit_rst(c, c->snd_nxt, now_ns);
		tcp_end(c, -ECONNABORTED);
		tcp_leave_listener(c);
		tcp_ready(tcp, c);
	}
}

void
tcp_listener_free(struct tcp_listener *l)
{
	list_remove(&l->by_port);
	l->tcp->n_listeners--;
	free(l);
}

void
tcp_unlisten(struct tcp_listener *l, uint64_t now_ns)
{
	reset_pending(l, now_ns);
	tcp_listener_free(l);
}
