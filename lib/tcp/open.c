/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* The user's calls: OPEN, CLOSE, ABORT (RFC 9293 §3.10.1, §3.10.4, §3.10.5). */

#include <errno.h>

#include "tcp/agree.h"
#include "tcp/ecn.h"
#include "tcp/farewell.h"
#include "tcp/port.h"
#include "tcp/rest.h"
#include "tcp/table.h"
#include "tcp/timer.h"
#include "tcp/timewait.h"
#include "tcp/xmit.h"

/** Fill in what the caller left open: source address by route, a port. */
static int
complete_flow(struct tcp *tcp, const struct ip_path *path, struct tcp_flow *flow, uint64_t now_ns,
	struct tcp_place *place)
{
	if (flow->laddr == 0)
		flow->laddr = path->src;
	else if (!ip_is_local(tcp->ip, flow->laddr) ||
		 !ip_path_allows_source(tcp->ip, path, flow->laddr))
		return -EADDRNOTAVAIL;
	return flow->lport == 0 ? port_choose(tcp, flow, now_ns, place)
				: port_check(tcp, flow, now_ns, place);
}

/** A control block for @flow, which may be in TIME-WAIT; NULL: no room. */
static struct tcp_conn *
begin(struct tcp *tcp, const struct tcp_flow *flow, const struct tcp_place *place,
	const struct ip_path *path, uint64_t now_ns)
{
	struct tcp_numbers numbers = tcp_numbers_of(tcp, flow, now_ns);
	struct tcp_conn *c = tcp_conn_new(tcp, flow, place->hash);

	if (c == NULL)
		return NULL;
	tcp_conn_init(c, timewait_next_iss(place->old, numbers.iss), numbers.ts_offset,
		path->netif->mtu, now_ns);
	if (place->old != NULL)
		timewait_end(tcp, place->old);
	xmit_take_path(c, path, now_ns);
	return c;
}

int
tcp_connect(struct tcp *tcp, const struct tcp_flow *want, uint64_t now_ns, struct tcp_conn **out)
{
	struct tcp_flow flow = *want;
	struct tcp_place place;
	struct ip_path path;
	struct tcp_conn *c;
	int err;

	if (flow.fport == 0 || !(ipv4_is_unicast(flow.faddr) || ipv4_is_loopback(flow.faddr)))
		return -EINVAL;
	err = ip_find_path(tcp->ip, flow.faddr, now_ns, &path);
	if (err == 0 && ip_path_is_broadcast(&path)) /* RFC 9293 §3.9.2.3, MUST-46 */
		err = -EINVAL;
	if (err == 0 && path.neigh->state == NEIGH_FAILED) /* a moment ago; RFC 1122 §2.3.2.2 */
		err = -EHOSTUNREACH;
	if (err == 0)
		err = complete_flow(tcp, &path, &flow, now_ns, &place);
	if (err != 0)
		return err;
	c = begin(tcp, &flow, &place, &path, now_ns);
	if (c == NULL)
		return -ENOMEM;
	ecn_init(c, true);
	tcp_set_state(c, TCP_ST_SYN_SENT);
	tcp_mark(c, TCP_F_KNOWN);
	count(tcp->common.env, STAT_TCP_ACTIVE_OPENS);
	tcp_ready(tcp, c);
	*out = c;
	return 0;
}

void
tcp_shutdown(struct tcp_conn *c)
{
	tcp_mark(c, TCP_F_FIN_QUEUED);
	tcp_unmark(c, TCP_F_CORK);
	if (c->state == TCP_ST_ESTABLISHED)
		tcp_set_state(c, TCP_ST_FIN_WAIT_1);
	else if (c->state == TCP_ST_CLOSE_WAIT)
		tcp_set_state(c, TCP_ST_LAST_ACK);
	tcp_ready(c->tcp, c);
}

/** RFC 9293 §3.10.5 has no RST in CLOSING and LAST-ACK; we have, as what is dropped may not have arrived. */
static void
reset(struct tcp_conn *c, int err, uint64_t now_ns)
{
	bool is_open = c->state == TCP_ST_SYN_RECEIVED || tcp_is_synchronised(c);

	if (is_open && c->state != TCP_ST_TIME_WAIT)
		farewell_conn(c, now_ns);
	tcp_end(c, err);
	tcp_ready(c->tcp, c);
}

void
tcp_abort(struct tcp_conn *c, uint64_t now_ns)
{
	tcp_mark(c, TCP_F_ORPHAN);
	c->events = 0;
	reset(c, -ECONNABORTED, now_ns);
}

void
tcp_forsake(struct tcp *tcp, uint32_t laddr, uint64_t now_ns)
{
	for (uint32_t i = 0; i < tcp->conns.n_made; i++) {
		struct tcp_conn *c = slab_at(&tcp->conns, i);

		if (c->tcp == tcp && c->state != TCP_ST_CLOSED && c->flow.laddr == laddr)
			reset(c, -EADDRNOTAVAIL, now_ns);
	}
	for (uint32_t i = 0; i < tcp->rests.n_made; i++) {
		struct tcp_rest *r = slab_at(&tcp->rests, i);
		struct tcp_conn *c = NULL;

		if (r->is_resting && r->flow.laddr == laddr)
			c = rest_wake(r, now_ns);
		if (c != NULL)
			reset(c, -EADDRNOTAVAIL, now_ns);
	}
}

void
tcp_close(struct tcp_conn *c, uint64_t now_ns)
{
	bool is_unread = c->rcv_queued != 0 || !reass_is_empty(&c->reass);
	uint32_t linger_s_plus_1 = c->asked.linger_s_plus_1;

	/* RFC 9293 §3.6.1: the peer must not think that what we throw away was read */
	if ((is_unread || linger_s_plus_1 == 1) && c->state != TCP_ST_TIME_WAIT &&
		c->state != TCP_ST_CLOSED) {
		tcp_abort(c, now_ns);
		return;
	}
	tcp_mark(c, TCP_F_ORPHAN);
	c->events = 0;
	c->idle_ns = TIME_NEVER; /* no keepalive any more */
	if (c->state == TCP_ST_SYN_SENT)
		tcp_end(c, 0);
	else if (c->state == TCP_ST_FIN_WAIT_2)
		c->idle_ns = now_ns + tcp_fin_wait_2_ns(c);
	else if (linger_s_plus_1 != 0 && c->state != TCP_ST_CLOSED)
		c->idle_ns = now_ns + (linger_s_plus_1 - 1) * NS_PER_SEC;
	if (!tcp_is(c, TCP_F_FIN_QUEUED))
		tcp_shutdown(c);
	tcp_timer_update(c);
	tcp_ready(c->tcp, c);
}
