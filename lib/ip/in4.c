/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/* IPv4 in: RFC 791, and the checks of RFC 1122 §3.2.1 in its order. */

#include "dev/pkt.h"
#include "ip/group.h"
#include "ip/ip.h"

/* Our own address, or a broadcast of ours; from ourselves it is nobody else's. */
static BARO_COLD bool
is_other_host(const struct ip4 *ip, const struct netif *netif, uint32_t src)
{
	if (netif == &ip->loop)
		return ip_is_local(ip, src);
	return ipv4_is_unicast(src) && !ip_is_broadcast(netif, src) && !ip_is_local(ip, src);
}

/** A switch that listens in on groups asks for members, and has no address to ask from (RFC 4541). */
static bool
is_nameless_query(const struct ipv4_hdr *h)
{
	return h->src == 0 && h->proto == IP_PROTO_IGMP && ipv4_is_multicast(h->dst);
}

/* RFC 1122 §3.2.1.3: a source that names no single other host. */
static inline bool
is_source_sound(const struct ip4 *ip, const struct netif *netif, const struct ipv4_hdr *h)
{
	if (likely(ipv4_is_unicast(h->src) && !ip_may_be_ours(ip, h->src)))
		return true;
	return is_other_host(ip, netif, h->src) || is_nameless_query(h);
}

/*
 * RFC 1122 §3.3.4.2, the weak model: any of our addresses is ours on every interface, but for 127/8,
 * which only we ourselves can mean. Groups are those that were joined there.
 */
static BARO_COLD bool
is_ours_too(const struct ip4 *ip, const struct netif *netif, uint32_t dst, bool *is_group)
{
	if (ipv4_is_multicast(dst))
		return *is_group = group_is_ours(ip, netif, dst);
	if (netif == &ip->loop)
		return ip_is_local(ip, dst);
	*is_group = ip_is_broadcast(netif, dst);
	return *is_group || (ip_is_local(ip, dst) && !ipv4_is_loopback(dst));
}

static inline bool
is_ours(const struct ip4 *ip, const struct netif *netif, uint32_t dst, bool *is_group)
{
	*is_group = false;
	return likely(dst == netif->addr && dst != 0) || is_ours_too(ip, netif, dst, is_group);
}

/* Only what a port that checks says is good; all else is verified here. */
static inline bool
has_good_ip_sum(const struct dev_port *port, const struct rte_mbuf *m)
{
	return port->can.rx_ip_sum &&
	       (m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_GOOD;
}

/* A virtual machine's neighbour fills no checksum in: "none" is that, of octets that are
 * whole. It has this bit, too. */
static inline bool
has_good_l4_sum(const struct dev_port *port, const struct rte_mbuf *m)
{
	return port->can.rx_l4_sum && (m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_GOOD) != 0;
}

/* The payload moves to the front of the packet, and padding goes (RFC 894). */
static inline void
trim(struct rte_mbuf *m, const struct ipv4_hdr *h)
{
	if (m->pkt_len > h->total_len)
		ip_cut(m, h->total_len);
	rte_pktmbuf_adj(m, h->hdr_len);
}

/* What is known of the packet @m with the header @h. */
static inline void
describe(struct netif *netif, const struct rte_mbuf *m, const struct ipv4_hdr *h, struct ip_in *in)
{
	in->netif = netif;
	in->src = h->src;
	in->dst = h->dst;
	in->len = (uint16_t)(h->total_len - h->hdr_len);
	in->hdr_len = h->hdr_len;
	in->proto = h->proto;
	in->tos = h->tos;
	in->ttl = h->ttl;
	in->is_l4_sum_good = has_good_l4_sum(netif->link.queue->port, m);
}

/* RFC 1122 §3.2.2.5: an option that cannot be is worth a word to its sender, if he can be told. */
static BARO_COLD enum drop
refuse_options(const struct ip4 *ip, struct netif *netif, struct rte_mbuf *m,
	const struct ipv4_hdr *h, struct ip_in *in)
{
	uint8_t at = ipv4_bad_option(pkt_data(m), h->hdr_len);

	in->bad_octet = 0;
	if ((h->frag & IPV4_FRAG_OFF) != 0 || !is_source_sound(ip, netif, h) ||
		!is_ours(ip, netif, h->dst, &in->is_group))
		return DROP_IP_OPTION;
	trim(m, h);
	describe(netif, m, h, in);
	in->bad_octet = at;
	return DROP_IP_OPTION;
}

enum drop
ip_input(struct ip4 *ip, struct netif *netif, struct rte_mbuf **mp, struct ip_in *in)
{
	const struct dev_port *port = netif->link.queue->port;
	struct rte_mbuf *m;
	struct ipv4_hdr h;
	enum drop why;

	if (unlikely((*mp)->nb_segs > 1)) {
		why = ip_pull(ip, mp, IPV4_HDR_MAX + IP_PULL);
		if (why != DROP_NONE)
			return why;
	}
	m = *mp;
	why = ipv4_read(pkt_data(m), m->data_len, m->pkt_len, has_good_ip_sum(port, m), &h);
	if (unlikely(why != DROP_NONE))
		return why == DROP_IP_OPTION ? refuse_options(ip, netif, m, &h, in) : why;
	if (unlikely(!is_source_sound(ip, netif, &h)))
		return DROP_IP_SOURCE;
	if (unlikely(!is_ours(ip, netif, h.dst, &in->is_group)))
		return DROP_IP_NOT_OURS;
	trim(m, &h);
	describe(netif, m, &h, in);
	count(ip->env, STAT_IP_IN);
	if (unlikely((h.frag & (IPV4_MF | IPV4_FRAG_OFF)) != 0)) {
		in->id = h.id;
		in->frag = h.frag;
		return DROP_IP_FRAGMENT;
	}
	return DROP_NONE;
}
