/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* Listeners, RFC 9293 §3.10.7.1 and §3.10.7.2, in their order. */

#include "tcp/listen.h"

#include <errno.h>
#include <string.h>

#include "tcp/cookie.h"
#include "tcp/embryo.h"
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

/** Second: an ACK. It may bring back a cookie. */
static enum drop
take_ack(struct tcp_listener *l, const struct tcp_flow *flow, struct tcp_seg *seg, uint16_t mtu,
	uint64_t now_ns, struct tcp_conn **made)
{
	enum drop why = DROP_TCP_LISTEN_ACK;

	if (cookie_is_awaited(l, now_ns))
		why = cookie_take(l, flow, seg, mtu, now_ns, made);
	if (why == DROP_TCP_LISTEN_ACK)
		xmit_rst_for(l->tcp, flow, &seg->h, seg->len, now_ns);
	return why;
}

/** No room to remember a SYN, or no wish to. */
static enum drop
take_syn_without_memory(struct tcp_listener *l, const struct tcp_flow *flow,
	const struct tcp_seg *seg, const struct tcp_timewait *old, enum drop why, uint64_t now_ns)
{
	/* Where a connection was before, the next has to begin beyond it: a cookie cannot */
	if (!l->tcp->common.with_cookies || old != NULL)
		return why;
	cookie_send(l, flow, &seg->h, now_ns);
	return DROP_NONE;
}

/** Third: a SYN. Text on it is not taken: the peer sends it again. */
static enum drop
take_syn(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_seg *seg,
	struct tcp_timewait *old, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;

	if (tcp_accept_is_full(l))
		return DROP_TCP_ACCEPT_FULL;
	if (slab_is_full(&tcp->conns)) /* its third ACK would find no room */
		return DROP_TCP_NO_MEMORY;
	if (l->n_embryos >= l->backlog || (tcp->common.always_cookies && old == NULL))
		return take_syn_without_memory(l, flow, seg, old, DROP_TCP_BACKLOG, now_ns);
	if (!embryo_begin(l, flow, &seg->h, timewait_next_iss(tcp, flow, old, now_ns), now_ns))
		return take_syn_without_memory(l, flow, seg, old, DROP_TCP_NO_MEMORY, now_ns);
	if (old != NULL)
		timewait_end(tcp, old);
	return DROP_NONE;
}

enum drop
tcp_input_listen(struct tcp *tcp, struct tcp_seg *seg, const struct ip_in *in,
	struct tcp_timewait *old, uint64_t now_ns, struct tcp_conn **made)
{
	const struct tcp_flow flow = { in->dst, in->src, seg->h.dst_port, seg->h.src_port };
	struct tcp_listener *l = tcp_find_listener(tcp, flow.laddr, flow.lport);

	*made = NULL;
	if (l == NULL)
		return refuse(tcp, &flow, seg, now_ns);
	if (seg->h.flags & TCP_RST) /* first */
		return DROP_TCP_LISTEN_RST;
	if (seg->h.flags & TCP_ACK) /* second */
		return take_ack(l, &flow, seg, in->netif->mtu, now_ns, made);
	if ((seg->h.flags & (TCP_SYN | TCP_FIN)) !=
		TCP_SYN) /* fourth; SYN with FIN opens nothing */
		return DROP_TCP_FLAGS;
	return take_syn(l, &flow, seg, old, now_ns); /* third */
}

int
tcp_listen(struct tcp *tcp, uint32_t laddr, uint16_t lport, uint32_t backlog, const void *ops,
	void *user, struct tcp_listener **out)
{
	struct tcp_listener *l;
	struct tcp_listener *same;
	uint32_t index;

	if (lport == 0)
		return -EINVAL;
	if (laddr != 0 && !ip_is_local(tcp->ip, laddr))
		return -EADDRNOTAVAIL;
	same = tcp_find_listener(tcp, laddr, lport);
	if (same != NULL && same->laddr == laddr)
		return -EADDRINUSE;
	l = slab_get(&tcp->listens, &index);
	if (l == NULL)
		return -ENOMEM;
	memset(l, 0, sizeof(*l));
	l->tcp = tcp;
	l->index = (uint16_t)index;
	l->laddr = laddr;
	l->lport = lport;
	l->backlog = backlog != 0 ? backlog : tcp->common.backlog;
	l->cc = tcp->common.cc;
	l->ops = ops;
	l->user = user;
	list_add(&tcp->listeners[lport % TCP_LISTENER_BUCKETS], &l->by_port);
	*out = l;
	return 0;
}

void
tcp_listener_free(struct tcp_listener *l)
{
	list_remove(&l->by_port);
	slab_put(&l->tcp->listens, l->index);
}

void
tcp_unlisten(struct tcp_listener *l, uint64_t now_ns)
{
	embryo_reset_all(l, now_ns);
	tcp_listener_free(l);
}
