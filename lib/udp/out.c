/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: datagrams are mbufs. */

/* UDP out: RFC 768, RFC 1122 §4.1.3. */

#include <errno.h>
#include <string.h>

#include "dev/pkt.h"
#include "dev/pool.h"
#include "ip/group.h"
#include "ip/out4.h"
#include "udp/udp.h"

static BARO_COLD int
find_new_path(struct udp *udp, struct udp_sock *s, uint32_t dst, uint64_t now_ns)
{
	struct netif *netif = s->netif;
	int rc;

	if (ipv4_is_multicast(dst) && s->group_netif != NULL)
		netif = s->group_netif;
	if (netif != NULL)
		rc = ip_find_path_by(udp->ip, netif, dst, now_ns, &s->path);
	else
		rc = ip_find_path(udp->ip, dst, now_ns, &s->path);
	if (rc == 0 && ip_path_is_broadcast(&s->path) && !ipv4_is_multicast(dst) &&
		!s->may_broadcast)
		rc = -EACCES;
	s->path_dst = dst;
	if (rc != 0)
		s->path.neigh = NULL;
	return rc;
}

/* The socket remembers its last path: most send to one peer at a time. */
int
udp_find_path(struct udp *udp, struct udp_sock *s, uint32_t dst, uint64_t now_ns)
{
	if (likely(s->path_dst == dst && ip_path_is_fresh(udp->ip, &s->path)))
		return 0;
	return find_new_path(udp, s, dst, now_ns);
}

/* Copy @len octets to the end of the chain, over as many buffers as they need. */
static bool
append(struct rte_mbuf *m, struct rte_mempool *pool, const uint8_t *data, uint32_t len)
{
	struct rte_mbuf *last = m;
	uint16_t n;

	for (;;) {
		n = (uint16_t)min_u32(len, rte_pktmbuf_tailroom(last));
		memcpy(rte_pktmbuf_mtod_offset(last, uint8_t *, last->data_len), data, n);
		last->data_len = (uint16_t)(last->data_len + n);
		m->pkt_len += n;
		len -= n;
		if (len == 0)
			return true;
		data += n;
		last->next = rte_pktmbuf_alloc(pool);
		if (last->next == NULL)
			return false;
		last = last->next;
		last->data_off = 0; /* no header goes in front of it */
		m->nb_segs++;
	}
}

/* A packet of the header's place and the data. NULL: no buffers. */
static struct rte_mbuf *
make_packet(const struct dev_pool *pool, const void *data, uint32_t len)
{
	bool is_small = len + UDP_HDR_LEN <= POOL_HEAD_ROOM;
	struct rte_mbuf *m = rte_pktmbuf_alloc(is_small ? pool->head : pool->text);

	if (m == NULL)
		return NULL;
	rte_pktmbuf_append(m, UDP_HDR_LEN);
	if (len == 0 || append(m, pool->text, data, len))
		return m;
	pkt_release(m);
	return NULL;
}

/* RFC 768: what sums up to zero is sent as all ones, for zero means "none". */
static uint16_t
nonzero(uint16_t sum)
{
	return sum != 0 ? sum : 0xffff;
}

static void
write_sum(struct rte_mbuf *m, const struct ip_out *out, bool is_port_s)
{
	uint32_t pseudo = cksum_pseudo4(out->src, out->dst, IP_PROTO_UDP, m->pkt_len);
	uint16_t sum;

	if (is_port_s) {
		m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
		m->l4_len = UDP_HDR_LEN;
		sum = cksum_fold_seed(pseudo);
	} else {
		sum = nonzero(cksum_fold(pseudo + ip_sum_chain(m, 0, m->pkt_len)));
	}
	memcpy(pkt_data(m) + UDP_SUM_AT, &sum, sizeof(sum));
}

/** RFC 1112 §6.1: what we send to a group that we are members of comes back to us, too. */
static void
loop_back(struct udp *udp, struct rte_mbuf *m, const struct ip_out *out, uint64_t now_ns)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(m, udp->ip->pool->text, 0, UINT32_MAX);
	struct ip_path self;

	if (copy == NULL) {
		udp->env->drops[DROP_NO_MBUF]++;
		return;
	}
	ip_find_path(udp->ip, IPV4_LOOPBACK, now_ns, &self);
	ip_output(udp->ip, &self, copy, out, now_ns);
}

/** @return whether it is to leave, too: not with a TTL of 0 */
static BARO_COLD bool
send_to_group(struct udp *udp, struct udp_sock *s, struct rte_mbuf *m, const struct ip_out *out,
	uint64_t now_ns)
{
	if (!s->has_no_loop && group_is_ours(udp->ip, s->path.netif, out->dst))
		loop_back(udp, m, out, now_ns);
	if (s->group_ttl != 0)
		return true;
	pkt_release(m);
	return false;
}

static int
send_data(struct udp *udp, struct udp_sock *s, const struct ip_out *out, struct udp_hdr *h,
	const void *data, uint64_t now_ns)
{
	const struct netif *netif = s->path.netif;
	bool fits = h->len + (uint32_t)IPV4_HDR_LEN <= s->path.mtu;
	struct rte_mbuf *m = make_packet(udp->ip->pool, data, h->len - (uint32_t)UDP_HDR_LEN);

	if (m == NULL) {
		udp->env->drops[DROP_NO_MBUF]++;
		return -ENOBUFS;
	}
	udp_write(pkt_data(m), h);
	/* a port can sum up a datagram that it sees whole */
	write_sum(m, out, fits && netif->link.queue->port->can.tx_udp_sum);
	count(udp->env, STAT_UDP_OUT);
	if (unlikely(ipv4_is_multicast(out->dst)) && !send_to_group(udp, s, m, out, now_ns))
		return 0;
	if (unlikely(!fits))
		return ip_fragment(udp->ip, &s->path, m, out, now_ns);
	ip_output(udp->ip, &s->path, m, out, now_ns);
	return 0;
}

/** The address that @s sends from, unless asked for another one: never a group's. */
static uint32_t
source_of(const struct udp_sock *s)
{
	uint32_t own = s->flow.laddr;

	return likely(own != 0) && !ipv4_is_multicast(own) ? own : s->path.src;
}

/** The same for what goes to a group. */
static uint32_t
group_source_of(const struct udp_sock *s)
{
	bool is_bound = s->flow.laddr != 0 && !ipv4_is_multicast(s->flow.laddr);

	return s->group_src != 0 && !is_bound ? s->group_src : source_of(s);
}

int
udp_output(struct udp *udp, struct udp_sock *s, uint32_t src, uint32_t dst, uint16_t dst_port,
	const void *data, uint32_t len, uint64_t now_ns)
{
	struct ip_out out = {
		.dst = dst,
		.proto = IP_PROTO_UDP,
		.tos = s->tos,
		.ttl = s->ttl,
		.may_fragment = !s->has_df,
	};
	struct udp_hdr h = { .src_port = s->flow.lport, .dst_port = dst_port };
	int rc;

	if (len > UDP_TEXT_MAX)
		return -EMSGSIZE;
	if (dst_port == 0)
		return -EADDRNOTAVAIL; /* RFC 768: a source port that is not used; nobody can have it */
	rc = udp_find_path(udp, s, dst, now_ns);
	if (rc != 0)
		return rc;
	if (s->has_df && len + UDP_HDR_LEN + IPV4_HDR_LEN > s->path.mtu)
		return -EMSGSIZE;
	if (s->path.neigh->state == NEIGH_FAILED)
		return -EHOSTUNREACH;
	h.len = (uint16_t)(len + UDP_HDR_LEN);
	if (unlikely(ipv4_is_multicast(dst)))
		out.ttl = s->group_ttl;
	if (src == 0)
		src = likely(!ipv4_is_multicast(dst)) ? source_of(s) : group_source_of(s);
	out.src = src;
	if (!ip_path_allows_source(udp->ip, &s->path, out.src))
		return -EADDRNOTAVAIL;
	return send_data(udp, s, &out, &h, data, now_ns);
}
