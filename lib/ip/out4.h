/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */
#ifndef BARO_IP_OUT4_H
#define BARO_IP_OUT4_H

/* IPv4 out: the header, RFC 791 §3.1, RFC 6864. On every packet's way: inline. */

#include "base/siphash.h"
#include "ip/ip.h"
#include "link/out.h"

/**
 * RFC 6864 §4.3, RFC 6274 §3.5.2: one counter for many destinations, which one only we can tell; each
 * begins somewhere else. No identification returns before 65,536 datagrams.
 */
static inline uint16_t *
ip_ids_of(struct ip4 *ip, const struct ip_out *out)
{
	uint64_t pair = (uint64_t)out->src << 32 | out->dst;

	return &ip->next_id[siphash13_u64_u32(&ip->env->table_key, pair, out->proto) % IP_IDS];
}

static inline uint16_t
ip_next_id(struct ip4 *ip, const struct ip_out *out)
{
	return (*ip_ids_of(ip, out))++;
}

/*
 * ip_send() and ip_output() are inline by force: with two callers in a file the compiler makes functions of
 * them, to which each packet hands over in memory what was in registers.
 */

/** Put the header in front of @m and send it. @frag as in struct ipv4_hdr. */
static __rte_always_inline void
ip_send(struct ip4 *ip, const struct ip_path *path, struct rte_mbuf *m, const struct ip_out *out,
	uint16_t id, uint16_t frag, uint64_t now_ns)
{
	bool does_sum = path->netif->link.queue->port->can.tx_ip_sum;
	struct ipv4_hdr h = {
		.src = out->src,
		.dst = out->dst,
		.total_len = (uint16_t)(m->pkt_len + IPV4_HDR_LEN),
		.id = id,
		.frag = frag,
		.tos = out->tos,
		.ttl = out->ttl != 0 ? out->ttl : IP_TTL_DEFAULT,
		.proto = out->proto,
	};

	m->l3_len = IPV4_HDR_LEN;
	if (does_sum)
		m->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	else if ((m->ol_flags & RTE_MBUF_F_TX_L4_MASK) != 0)
		m->ol_flags |= RTE_MBUF_F_TX_IPV4;
	ipv4_write((uint8_t *)rte_pktmbuf_prepend(m, IPV4_HDR_LEN), &h, !does_sum);
	count(ip->env, STAT_IP_OUT);
	link_output(path->neigh, m, now_ns);
}

/**
 * The packet's data is the payload, its checksum done or left to the port (ol_flags); headers
 * are prepended, for which there is room, and it leaves. @path is fresh, its MTU not exceeded.
 */
static __rte_always_inline void
ip_output(struct ip4 *ip, const struct ip_path *path, struct rte_mbuf *m, const struct ip_out *out,
	uint64_t now_ns)
{
	uint16_t id = likely(!out->may_fragment) ? 0 : ip_next_id(ip, out);

	ip_send(ip, path, m, out, id, out->may_fragment ? 0 : IPV4_DF, now_ns);
}

#endif
