/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: datagrams are mbufs. */

/* What a UDP socket receives: the turn's callbacks, and the queue for those who read by themselves. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pkt.h"
#include "socket/stack.h"
#include "socket/udp.h"

/** What is known of a waiting datagram, without its data. */
static void
describe(const struct udp_sock *s, struct rte_mbuf *m, struct baro_datagram *d)
{
	const struct udp_note *note = udp_note(m);

	d->from.addr = baro_addr_from_v4(note->src);
	d->from.port = note->src_port;
	d->to.addr = baro_addr_from_v4(note->dst);
	d->to.port = s->flow.lport;
	d->len = note->len;
	d->iface = note->netif->name;
	d->ttl = note->ttl;
	d->tos = note->tos;
}

/* A datagram that came in several pieces is copied together: the callback sees one. */
static void
hand_over(struct stack *stack, struct baro_udp *u, struct rte_mbuf *m)
{
	struct baro_datagram d;

	describe(&u->sock, m, &d);
	d.data = rte_pktmbuf_read(m, 0, udp_note(m)->len, stack->udp.flat);
	u->ops->received(u, &d);
	pkt_release(m);
}

static void
call_back(struct stack *stack, struct baro_udp *u)
{
	struct rte_mbuf *m;

	u->is_busy = true;
	if (u->ops->received == NULL)
		u->ops->readable(u);
	else
		while (!u->is_closed && (m = udp_take(&stack->udp, &u->sock)) != NULL)
			hand_over(stack, u, m);
	u->is_busy = false;
	if (u->is_closed)
		free(u);
}

static void
tell_error(struct baro_udp *u, const struct udp_error *e)
{
	const struct icmp_note *note = &e->note;
	struct baro_udp_error out = {
		.err = e->err,
		.is_hard = e->is_hard,
		.to = { baro_addr_from_v4(note->dst), note->dst_port },
		.type = note->type,
		.code = note->code,
		.mtu = e->mtu,
	};

	if (note->by != 0)
		out.by = baro_addr_from_v4(note->by);
	u->is_busy = true;
	u->ops->failed(u, &out);
	u->is_busy = false;
	if (u->is_closed)
		free(u);
}

/* Callbacks may close any socket, and bring no new errors. */
static BARO_COLD void
tell_errors(struct udp *udp)
{
	for (uint32_t i = 0; i < udp->n_errors; i++) {
		if (udp->error[i].sock != NULL)
			tell_error(udp->error[i].sock->owner, &udp->error[i]);
	}
	udp->n_errors = 0;
}

/* The callback may close any socket: look again each time what is first. */
void
udp_dispatch(struct stack *stack)
{
	struct list *node;

	if (unlikely(stack->udp.n_errors != 0))
		tell_errors(&stack->udp);
	while ((node = list_first(&stack->udp.ready)) != NULL) {
		list_remove(node);
		call_back(stack, holder_of(node, struct udp_sock, ready)->owner);
	}
}

unsigned
baro_udp_peek(struct baro_udp *u, struct baro_datagram *d, unsigned n)
{
	struct stack *stack = stack_of(u->core);
	struct rte_mbuf *m = u->sock.first;
	bool is_flat_used = false;
	unsigned i;

	n = min_u32(n, u->sock.n_queued);
	for (i = 0; i < n; i++, m = udp_note(m)->next) {
		uint32_t len = udp_note(m)->len;
		bool is_whole = len <= m->data_len;

		if (!is_whole && is_flat_used)
			break;
		is_flat_used |= !is_whole;
		describe(&u->sock, m, &d[i]);
		d[i].data = rte_pktmbuf_read(m, 0, len, stack->udp.flat);
	}
	return i;
}

void
baro_udp_consume(struct baro_udp *u, unsigned n)
{
	while (n-- > 0)
		pkt_release(udp_take(&stack_of(u->core)->udp, &u->sock));
}

int
baro_udp_recv(struct baro_udp *u, void *buf, size_t len, struct baro_datagram *d)
{
	struct rte_mbuf *m = udp_take(&stack_of(u->core)->udp, &u->sock);
	const void *from;

	if (m == NULL)
		return -EAGAIN;
	len = len < udp_note(m)->len ? len : udp_note(m)->len;
	from = rte_pktmbuf_read(m, 0, (uint32_t)len, buf);
	if (from != buf && len != 0)
		memcpy(buf, from, len);
	if (d != NULL) {
		describe(&u->sock, m, d);
		d->data = buf;
	}
	pkt_release(m);
	return (int)len;
}

unsigned
baro_udp_recv_queued(const struct baro_udp *u, size_t *octets)
{
	if (octets != NULL)
		*octets = u->sock.queued_len;
	return u->sock.n_queued;
}
