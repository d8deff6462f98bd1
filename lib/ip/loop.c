/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/*
 * Packets to ourselves (RFC 1122 §3.2.1.3 (g), §3.3.1.1): they wait at a neighbour that is we, as if for
 * its MAC, until the next turn takes them up again. What nobody can damage needs no checksums: the port
 * of this interface claims to make and to check them all.
 */

#include "dev/pkt.h"
#include "ip/ip.h"
#include "link/park.h"

enum {
	LOOP_MTU = 65535,
	LOOP_MAX = 4096, /* packets of one turn */
};

void
ip_loop_init(struct ip4 *ip)
{
	ip->loop_port = (struct dev_port){
		.name = "loop",
		.driver = "loop",
		.port_id = UINT16_MAX,
		.mtu = LOOP_MTU,
		.can = { .rx_ip_sum = true,
			.rx_l4_sum = true,
			.tx_ip_sum = true,
			.tx_tcp_sum = true,
			.tx_udp_sum = true,
			.tx_multi_seg = true },
	};
	ip->loop_queue = (struct dev_queue){ .port = &ip->loop_port, .env = ip->env };
	ip->loop = (struct netif){
		.link = { .env = ip->env, .queue = &ip->loop_queue, .max_parked = LOOP_MAX },
		.name = "loop",
		.addr = IPV4_LOOPBACK,
		.mtu = LOOP_MTU,
	};
	ip->self = (struct neigh){ .state = NEIGH_SELF, .link = &ip->loop.link };
}

struct rte_mbuf *
ip_loop_take(struct ip4 *ip)
{
	struct rte_mbuf *m = neigh_unpark(&ip->self);

	if (m != NULL)
		m->ol_flags = (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) |
			      RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	return m;
}
