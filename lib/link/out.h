/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: puts the last header on an mbuf. */
#ifndef BARO_LINK_OUT_H
#define BARO_LINK_OUT_H

/* The last header: Ethernet, then out. */

#include "link/link.h"

/** No MAC, or one that nobody has used lately: start asking, park, refuse. Takes the packet. */
void
link_output_slow(struct neigh *n, struct rte_mbuf *m, uint64_t now_ns);

/** Prepend the Ethernet header towards @mac and queue the packet. */
static inline void
link_send(struct link *l, struct rte_mbuf *m, struct mac mac, uint16_t type)
{
	const struct dev_port *port = l->queue->port;
	uint16_t len = eth_hdr_len(l->vlan);

	m->l2_len = len & 0x7fu;
	eth_write((uint8_t *)rte_pktmbuf_prepend(m, len),
		&(struct eth_hdr){ .dst = mac, .src = port->mac, .type = type, .vlan = l->vlan });
	dev_tx(l->queue, m);
}

/** Send an IPv4 packet to @n; it is the link's from here on. */
static inline void
link_output(struct neigh *n, struct rte_mbuf *m, uint64_t now_ns)
{
	if (likely(n->state == NEIGH_REACHABLE || n->state == NEIGH_PROBE)) {
		n->used_ns = now_ns;
		link_send(n->link, m, n->mac, ETH_TYPE_IPV4);
	} else {
		link_output_slow(n, m, now_ns);
	}
}

#endif
