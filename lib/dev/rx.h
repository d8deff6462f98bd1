/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_RX_H
#define BARO_DEV_RX_H

/* Frames in. */

#include <rte_ethdev.h>

#include "dev/queue.h"

/** The ways in that are not a plain ethdev: a pair of functions, or faults on purpose. */
uint16_t
dev_rx_other(struct dev_queue *q, struct rte_mbuf **pkts, uint16_t n, uint64_t now_ns);

/**
 * Received packets, at most @n <= DEV_BURST_MAX. Counts them.
 *
 * @return packets in @pkts
 */
static inline uint16_t
dev_rx(struct dev_queue *q, struct rte_mbuf **pkts, uint16_t n, uint64_t now_ns)
{
	uint64_t octets = 0;
	uint16_t got;
	uint16_t i;

	if (likely(q->transmit == NULL && q->rx_fault == NULL))
		got = rte_eth_rx_burst(q->port->port_id, q->queue_id, pkts, n);
	else
		got = dev_rx_other(q, pkts, n, now_ns);
	if (got == 0)
		return 0;
	for (i = 0; i < got; i++)
		octets += pkts[i]->pkt_len;
	count_many(q->env, STAT_RX_PACKETS, got);
	count_many(q->env, STAT_RX_OCTETS, octets);
	return got;
}

#endif
