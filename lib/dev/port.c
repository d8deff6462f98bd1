/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Bursts in and out of a port. Out: what the port does not take stays queued, in order; a
 * packet that it will never take is dropped by name, so that it does not block the others.
 */

#include "dev/port.h"

#include "dev/fault.h"
#include "dev/funcport.h"

enum { KICK_NS = 100 * 1000 }; /* a burst that comes sooner does it */

static uint16_t
receive(struct dev_queue *q, struct rte_mbuf **pkts, uint16_t n)
{
	if (q->transmit != NULL)
		return funcport_rx(q, pkts, n);
	return rte_eth_rx_burst(q->port->port_id, q->queue_id, pkts, n);
}

static BARO_COLD uint16_t
rx_faulty(struct dev_queue *q, struct rte_mbuf **pkts, uint16_t n, uint64_t now_ns)
{
	uint16_t got = receive(q, pkts, n);
	uint16_t i;

	for (i = 0; i < got; i++)
		fault_push(q->rx_fault, pkts[i], now_ns);
	return fault_pop(q->rx_fault, pkts, n, now_ns);
}

uint16_t
dev_rx_other(struct dev_queue *q, struct rte_mbuf **pkts, uint16_t n, uint64_t now_ns)
{
	return likely(q->rx_fault == NULL) ? receive(q, pkts, n) : rx_faulty(q, pkts, n, now_ns);
}

/* One segment in place of many; NULL when the packet was dropped. */
static struct rte_mbuf *
flatten(struct dev_queue *q, struct rte_mbuf *m)
{
	uint32_t room = (uint32_t)rte_pktmbuf_data_room_size(q->in_pool) - PKT_HEADROOM;
	struct rte_mbuf *flat;

	if (m->pkt_len > room) {
		drop(q->env, m, DROP_TX_REFUSED);
		return NULL;
	}
	flat = rte_pktmbuf_copy(m, q->in_pool, 0, UINT32_MAX);
	if (flat == NULL)
		drop(q->env, m, DROP_NO_MBUF);
	else
		pkt_release(m);
	return flat;
}

/* The port takes no chains. */
static BARO_COLD void
flatten_queue(struct dev_queue *q)
{
	uint16_t kept = 0;
	struct rte_mbuf *m;

	for (uint16_t i = 0; i < q->n_tx; i++) {
		m = q->tx[i]->nb_segs == 1 ? q->tx[i] : flatten(q, q->tx[i]);
		if (m != NULL)
			q->tx[kept++] = m;
	}
	q->n_tx = kept;
}

/* Packets from the @at-th on that the driver has looked at and can send. */
static uint16_t
prepare(struct dev_queue *q, uint16_t at)
{
	const struct dev_offload *can = &q->port->can;
	uint16_t n = (uint16_t)(q->n_tx - at);

	if (!can->tx_ip_sum && !can->tx_tcp_sum && !can->tx_udp_sum)
		return n;
	return rte_eth_tx_prepare(q->port->port_id, q->queue_id, q->tx + at, n);
}

static uint64_t
sum_octets(struct rte_mbuf *const *pkts, uint16_t n)
{
	uint64_t octets = 0;

	for (uint16_t i = 0; i < n; i++)
		octets += pkts[i]->pkt_len;
	return octets;
}

/* The driver frees what it takes: measure before, and take back what is still ours. */
static uint16_t
send_ready(struct dev_queue *q, uint16_t at, uint16_t n)
{
	uint64_t octets = sum_octets(q->tx + at, n);
	uint16_t sent = rte_eth_tx_burst(q->port->port_id, q->queue_id, q->tx + at, n);

	octets -= sum_octets(q->tx + at + sent, (uint16_t)(n - sent));
	count_many(q->env, STAT_TX_PACKETS, sent);
	count_many(q->env, STAT_TX_OCTETS, octets);
	return sent;
}

static void
send_queue(struct dev_queue *q, uint64_t now_ns)
{
	uint16_t at = 0;
	uint16_t ready;
	uint16_t sent;

	if (!q->port->can.tx_multi_seg)
		flatten_queue(q);
	while (at < q->n_tx) {
		ready = prepare(q, at);
		sent = send_ready(q, at, ready);
		at = (uint16_t)(at + sent);
		if (sent < ready)
			break;
		if (unlikely(at < q->n_tx)) {
			drop(q->env, q->tx[at], DROP_TX_REFUSED);
			at++;
		}
	}
	if (unlikely(q->port->n_sockets != 0))
		q->kick_ns = now_ns + KICK_NS;
	q->n_tx = (uint16_t)(q->n_tx - at);
	if (unlikely(q->n_tx != 0))
		memmove(q->tx, q->tx + at, q->n_tx * sizeof(q->tx[0]));
}

/* tx[0..n_due) came through the fault in an earlier turn, the rest enter it now. */
static BARO_COLD void
pass_fault(struct dev_queue *q, uint64_t now_ns)
{
	uint16_t room = (uint16_t)(DEV_TX_RING - q->n_due);

	for (uint16_t i = q->n_due; i < q->n_tx; i++)
		fault_push(q->tx_fault, q->tx[i], now_ns);
	q->n_tx = (uint16_t)(q->n_due + fault_pop(q->tx_fault, q->tx + q->n_due, room, now_ns));
}

void
dev_tx_burst(struct dev_queue *q, uint64_t now_ns)
{
	/* what stayed from the last turn was recorded then */
	if (unlikely(q->env->capture != NULL))
		capture_frames(q->env, q->port->index, q->tx + q->n_due,
			(uint16_t)(q->n_tx - q->n_due), true, now_ns);
	if (unlikely(q->tx_fault != NULL))
		pass_fault(q, now_ns);
	if (unlikely(q->transmit != NULL))
		funcport_tx(q);
	else if (q->n_tx != 0)
		send_queue(q, now_ns);
	q->n_due = q->n_tx;
}

void
dev_tx_kick(struct dev_queue *q, uint64_t now_ns)
{
	bool was_left = false;

	/* which of them is this queue's, the driver does not say */
	for (unsigned i = 0; i < q->port->n_sockets; i++)
		was_left |= packet_socket_kick(q->port->socket[i]);
	q->kick_ns = was_left ? now_ns + KICK_NS : 0;
}

uint64_t
dev_next(const struct dev_queue *q)
{
	uint64_t next = TIME_NEVER;

	if (q->n_tx != 0 || q->in_head != q->in_tail)
		return 0;
	if (q->rx_fault != NULL)
		next = fault_next(q->rx_fault);
	if (q->tx_fault != NULL)
		next = min_u64(next, fault_next(q->tx_fault));
	return q->kick_ns != 0 ? min_u64(next, q->kick_ns) : next;
}

void
dev_allow_groups(struct dev_queue *q)
{
	if (q->port->port_id == UINT16_MAX || atomic_exchange(&q->port->has_groups, true))
		return;
	if (rte_eth_allmulticast_enable(q->port->port_id) != 0)
		rte_eth_promiscuous_enable(q->port->port_id); /* the driver knows no better */
}
