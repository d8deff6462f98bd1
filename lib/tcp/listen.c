/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* Listeners, RFC 9293 §3.10.7.1 and §3.10.7.2, in their order. */

#include "tcp/listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcp/agree.h"
#include "tcp/cookie.h"
#include "tcp/embryo.h"
#include "tcp/fastopen.h"
#include "tcp/table.h"
#include "tcp/timewait.h"
#include "tcp/xmit.h"

/** A segment that no connection claims. */
struct arrival {
	struct tcp_flow flow;
	struct tcp_seg *seg;
	struct tcp_timewait *old;
	uint16_t mtu;          /* of the way that it came */
	struct tcp_conn *made; /* the connection that it is to be given to */
};

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
take_ack(struct tcp_listener *l, struct arrival *a, uint64_t now_ns)
{
	enum drop why = DROP_TCP_LISTEN_ACK;

	if (cookie_is_awaited(l, now_ns))
		why = cookie_take(l, &a->flow, a->seg, a->mtu, now_ns, &a->made);
	if (why == DROP_TCP_LISTEN_ACK)
		xmit_rst_for(l->tcp, &a->flow, &a->seg->h, a->seg->len, now_ns);
	return why;
}

/** No room to remember a SYN, or no wish to. */
static enum drop
take_syn_without_memory(
	struct tcp_listener *l, const struct arrival *a, enum drop why, uint64_t now_ns)
{
	/* Where a connection was before, the next has to begin beyond it: a cookie cannot */
	if (!l->tcp->common.with_cookies || a->old != NULL)
		return why;
	cookie_send(l, &a->flow, &a->seg->h, now_ns);
	return DROP_NONE;
}

static struct tcp_numbers
numbers_after(const struct tcp_listener *l, const struct arrival *a, uint64_t now_ns)
{
	struct tcp_numbers numbers = tcp_numbers_of(l->tcp, &a->flow, now_ns);

	numbers.iss = timewait_next_iss(a->old, numbers.iss);
	return numbers;
}

/** RFC 7413 §4.2.2: does a SYN open the connection? If there is anything to tell of it. */
static bool
opens_at_once(struct tcp_listener *l, const struct arrival *a, uint64_t now_ns)
{
	return fastopen_judge(l, &a->flow, &a->seg->h, now_ns) &&
	       (a->seg->len != 0 || l->defer_ns == 0);
}

/** Third: a SYN. Text on it is not taken without a good Fast Open cookie: the peer sends it again. */
static enum drop
take_syn(struct tcp_listener *l, struct arrival *a, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;

	if (tcp_accept_is_full(l))
		return DROP_TCP_ACCEPT_FULL;
	if (slab_is_full(&tcp->rests)) /* its third ACK would find no room */
		return DROP_TCP_NO_MEMORY;
	if (opens_at_once(l, a, now_ns))
		a->made = fastopen_begin(
			l, &a->flow, a->seg, numbers_after(l, a, now_ns).iss, a->mtu, now_ns);
	else if (l->n_embryos >= l->backlog || (tcp->common.always_cookies && a->old == NULL))
		return take_syn_without_memory(l, a, DROP_TCP_BACKLOG, now_ns);
	if (a->made == NULL &&
		!embryo_begin(l, &a->flow, a->seg, numbers_after(l, a, now_ns), now_ns))
		return take_syn_without_memory(l, a, DROP_TCP_NO_MEMORY, now_ns);
	if (a->old != NULL)
		timewait_end(tcp, a->old);
	return DROP_NONE;
}

/** §3.10.7.2, in its order. */
static enum drop
input(struct tcp_listener *l, struct arrival *a, uint64_t now_ns)
{
	uint8_t flags = a->seg->h.flags;

	if (flags & TCP_RST) /* first */
		return DROP_TCP_LISTEN_RST;
	if (flags & TCP_ACK) /* second */
		return take_ack(l, a, now_ns);
	if ((flags & (TCP_SYN | TCP_FIN)) != TCP_SYN) /* fourth; SYN with FIN opens nothing */
		return DROP_TCP_FLAGS;
	return take_syn(l, a, now_ns); /* third */
}

enum drop
tcp_input_listen(struct tcp *tcp, struct tcp_seg *seg, const struct ip_in *in,
	struct tcp_timewait *old, uint64_t now_ns, struct tcp_conn **made)
{
	struct arrival a = {
		.flow = { in->dst, in->src, seg->h.dst_port, seg->h.src_port },
		.seg = seg,
		.old = old,
		.mtu = in->netif->mtu,
	};
	struct tcp_listener *l = tcp_find_listener(tcp, a.flow.laddr, a.flow.lport);
	enum drop why = l != NULL ? input(l, &a, now_ns) : refuse(tcp, &a.flow, seg, now_ns);

	*made = a.made;
	return why;
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
	l->fast.limit = tcp->common.fastopen_queue;
	list_add(&tcp->listeners[lport % TCP_LISTENER_BUCKETS], &l->by_port);
	*out = l;
	return 0;
}

struct tcp_conn *
tcp_listener_model(struct tcp_listener *l)
{
	struct tcp_conn *model = l->model;

	if (model != NULL)
		return model;
	model = aligned_alloc(BARO_CACHE_LINE, sizeof(*model));
	if (model == NULL)
		return NULL;
	memset(model, 0, sizeof(*model));
	model->tcp = l->tcp;
	model->cc = l->tcp->common.cc;
	tcp_conn_init(model, (struct seq){ 0 }, 0, UINT16_MAX, 0);
	l->model = model;
	return model;
}

void
tcp_listener_free(struct tcp_listener *l)
{
	list_remove(&l->by_port);
	free(l->model);
	slab_put(&l->tcp->listens, l->index);
}

void
tcp_unlisten(struct tcp_listener *l, uint64_t now_ns)
{
	embryo_reset_all(l, now_ns);
	fastopen_forget(l);
	tcp_listener_free(l);
}
