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
static inline bool
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
		last->next = pkt_alloc(pool);
		if (last->next == NULL)
			return false;
		last = last->next;
		last->data_off = 0; /* no header goes in front of it */
		m->nb_segs++;
	}
}

/** The pool that a datagram with @len octets of data begins in. */
static struct rte_mempool *
pool_for(const struct dev_pool *pool, uint32_t len)
{
	return len + UDP_HDR_LEN <= POOL_HEAD_ROOM ? pool->head : pool->text;
}

/** The header's place and the data, into @m, fresh from its pool. @return false: no buffers; @m is freed */
static inline bool
fill(struct rte_mbuf *m, const struct dev_pool *pool, const void *data, uint32_t len)
{
	rte_pktmbuf_append(m, UDP_HDR_LEN);
	if (len == 0 || append(m, pool->text, data, len))
		return true;
	pkt_release(m);
	return false;
}

/* RFC 768: what sums up to zero is sent as all ones, for zero means "none". */
static uint16_t
nonzero(uint16_t sum)
{
	return sum != 0 ? sum : 0xffff;
}

static inline void
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

/** A datagram of @len octets of data goes in one packet. */
static inline bool
fits_way(const struct udp_sock *s, size_t len)
{
	return len + UDP_HDR_LEN + IPV4_HDR_LEN <= s->path.mtu;
}

/** Where the datagrams of one call go, all by one way. */
struct departure {
	struct ip_out out;
	struct udp_hdr h; /* but for its len */
	uint16_t *
		next_id; /* where identifications come from; NULL: it needs none, as it may not be fragmented */
	bool is_summed_by_port;
};

/**
 * @m has a datagram's data, and its place for the header: it leaves. Inline by force: the compiler does
 * not by itself, for there are two callers, and each datagram would pay for the call.
 *
 * @return 0, -ENOBUFS (fragments)
 */
static __rte_always_inline int
send_packet(struct udp *udp, struct udp_sock *s, struct departure *d, struct rte_mbuf *m,
	uint64_t now_ns)
{
	bool fits = fits_way(s, m->pkt_len - UDP_HDR_LEN);

	d->h.len = (uint16_t)m->pkt_len;
	udp_write(pkt_data(m), &d->h);
	write_sum(m, &d->out, fits && d->is_summed_by_port);
	count(udp->env, STAT_UDP_OUT);
	if (unlikely(ipv4_is_multicast(d->out.dst)) && !send_to_group(udp, s, m, &d->out, now_ns))
		return 0;
	if (unlikely(!fits))
		return ip_fragment(udp->ip, &s->path, m, &d->out, now_ns);
	ip_send(udp->ip, &s->path, m, &d->out, d->next_id != NULL ? (*d->next_id)++ : 0,
		d->next_id != NULL ? 0 : IPV4_DF, now_ns);
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

/** How datagrams get to @to. @return 0, as udp_output() */
static inline int
depart(struct udp *udp, struct udp_sock *s, const struct udp_to *to, uint64_t now_ns,
	struct departure *d)
{
	bool is_group = ipv4_is_multicast(to->dst);
	int rc;

	if (to->port == 0)
		return -EADDRNOTAVAIL; /* RFC 768: a source port that is not used; nobody can have it */
	rc = udp_find_path(udp, s, to->dst, now_ns);
	if (rc != 0)
		return rc;
	if (s->path.neigh->state == NEIGH_FAILED)
		return -EHOSTUNREACH;
	d->out.dst = to->dst;
	d->out.src = to->src;
	if (to->src == 0)
		d->out.src = likely(!is_group) ? source_of(s) : group_source_of(s);
	if (!ip_path_allows_source(udp->ip, &s->path, d->out.src))
		return -EADDRNOTAVAIL;
	d->out.proto = IP_PROTO_UDP;
	d->out.tos = s->tos;
	d->out.ttl = likely(!is_group) ? s->ttl : s->group_ttl;
	d->out.may_fragment = !s->has_df;
	d->h.src_port = s->flow.lport;
	d->h.dst_port = to->port;
	d->next_id = NULL;
	if (d->out.may_fragment)
		d->next_id = ip_ids_of(udp->ip, &d->out);
	/* a port can sum up a datagram that it sees whole */
	d->is_summed_by_port = s->path.netif->link.queue->port->can.tx_udp_sum;
	return 0;
}

/** May a datagram of @len octets be sent by @s at all? @return 0, -EMSGSIZE */
static inline int
check_len(const struct udp_sock *s, size_t len)
{
	return len > UDP_TEXT_MAX || (s->has_df && !fits_way(s, len)) ? -EMSGSIZE : 0;
}

int
udp_output(struct udp *udp, struct udp_sock *s, const struct udp_to *to, const void *data,
	size_t len, uint64_t now_ns)
{
	const struct dev_pool *pool = udp->ip->pool;
	struct departure d;
	struct rte_mbuf *m;
	int rc = len <= UDP_TEXT_MAX ? depart(udp, s, to, now_ns, &d) : -EMSGSIZE;

	if (rc == 0)
		rc = check_len(s, len);
	if (rc != 0)
		return rc;
	m = pkt_alloc(pool_for(pool, (uint32_t)len));
	if (m == NULL || !fill(m, pool, data, (uint32_t)len)) {
		udp->env->drops[DROP_NO_MBUF]++;
		return -ENOBUFS;
	}
	return send_packet(udp, s, &d, m, now_ns);
}

enum { OUT_BURST = 32 };

/** Datagrams from @msg on that begin in one pool and may be sent: what is allocated at once. */
static unsigned
count_alike(
	const struct udp *udp, const struct udp_sock *s, const struct baro_udp_msg *msg, unsigned n)
{
	const struct rte_mempool *pool = pool_for(udp->ip->pool, (uint32_t)msg[0].len);
	unsigned i = 0;

	while (i < n && i < OUT_BURST && check_len(s, msg[i].len) == 0 &&
		pool_for(udp->ip->pool, (uint32_t)msg[i].len) == pool)
		i++;
	return i;
}

/** @return how many of @n have left; fewer: no buffers */
static unsigned
send_alike(struct udp *udp, struct udp_sock *s, struct departure *d, const struct baro_udp_msg *msg,
	unsigned n, uint64_t now_ns)
{
	const struct dev_pool *pool = udp->ip->pool;
	struct rte_mbuf *m[OUT_BURST];
	unsigned i = 0;

	if (rte_pktmbuf_alloc_bulk(pool_for(pool, (uint32_t)msg[0].len), m, n) != 0)
		n = 0;
	while (i < n && fill(m[i], pool, msg[i].data, (uint32_t)msg[i].len) &&
		send_packet(udp, s, d, m[i], now_ns) == 0)
		i++;
	for (unsigned k = i + 1; k < n; k++)
		pkt_release(m[k]);
	return i;
}

int
udp_output_burst(struct udp *udp, struct udp_sock *s, const struct udp_to *to,
	const struct baro_udp_msg *msg, unsigned n, uint64_t now_ns)
{
	struct departure d;
	unsigned done = 0;
	int rc = depart(udp, s, to, now_ns, &d);

	while (rc == 0 && done < n) {
		unsigned k = count_alike(udp, s, msg + done, n - done);
		unsigned sent = k != 0 ? send_alike(udp, s, &d, msg + done, k, now_ns) : 0;

		if (k == 0)
			rc = -EMSGSIZE;
		else if (sent < k)
			rc = -ENOBUFS;
		done += sent;
	}
	udp->env->drops[DROP_NO_MBUF] += rc == -ENOBUFS;
	return done != 0 ? (int)done : rc;
}
