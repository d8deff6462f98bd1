/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are chains of mbufs. */

/* Packets that lie scattered over several mbufs, some of which may be shared with others. */

#include <string.h>

#include "dev/pkt.h"
#include "dev/pool.h"
#include "ip/ip.h"

uint32_t
ip_sum_pieces(const struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	uint32_t sum = 0;
	bool is_odd = false;
	const uint8_t *p;
	uint32_t n;

	while (off >= m->data_len && m->next != NULL) {
		off -= m->data_len;
		m = m->next;
	}
	for (; len != 0; m = m->next, off = 0) {
		p = rte_pktmbuf_mtod_offset(m, const uint8_t *, off);
		n = min_u32(len, m->data_len - off);
		sum = is_odd ? cksum_add_odd(sum, p, n) : cksum_add(sum, p, n);
		is_odd ^= (n & 1) != 0;
		len -= n;
	}
	return sum;
}

/* Take @len octets off the front of a chain. @return what is left, possibly nothing */
static struct rte_mbuf *
strip(struct rte_mbuf *seg, uint32_t len)
{
	struct rte_mbuf *next;
	uint16_t n;

	while (seg != NULL && len >= seg->data_len) {
		len -= seg->data_len;
		next = seg->next;
		pkt_release_seg(seg);
		seg = next;
	}
	if (seg != NULL) {
		n = (uint16_t)len;
		seg->data_off = (uint16_t)(seg->data_off + n);
		seg->data_len = (uint16_t)(seg->data_len - n);
	}
	return seg;
}

/* What the port said of @from holds for @to, too; what belongs to the buffer does not. */
static void
copy_notes(struct rte_mbuf *to, const struct rte_mbuf *from)
{
	to->port = from->port;
	to->packet_type = from->packet_type;
	to->hash = from->hash;
	to->vlan_tci = from->vlan_tci;
	to->ol_flags = from->ol_flags & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
}

static void
join(struct rte_mbuf *head, struct rte_mbuf *rest)
{
	uint16_t n_segs = 1;

	head->next = rest;
	for (; rest != NULL; rest = rest->next) {
		head->pkt_len += rest->data_len;
		n_segs++;
	}
	head->nb_segs = n_segs;
}

/** The first @want octets in a fresh mbuf, in front of the rest. */
static enum drop
move_head(struct ip4 *ip, struct rte_mbuf **mp, uint32_t want)
{
	struct rte_mbuf *m = *mp;
	struct rte_mbuf *head = rte_pktmbuf_alloc(ip->pool->head);
	const void *from;
	void *to;

	if (head == NULL)
		return DROP_NO_MBUF;
	to = rte_pktmbuf_append(head, (uint16_t)want);
	from = rte_pktmbuf_read(m, 0, want, to);
	if (from != to)
		memcpy(to, from, want);
	copy_notes(head, m);
	join(head, strip(m, want));
	*mp = head;
	return DROP_NONE;
}

enum drop
ip_pull(struct ip4 *ip, struct rte_mbuf **mp, uint32_t want)
{
	want = min_u32(want, (*mp)->pkt_len);
	return (*mp)->data_len >= want ? DROP_NONE : move_head(ip, mp, want);
}

enum drop
ip_own(struct ip4 *ip, struct rte_mbuf **mp, uint32_t want)
{
	const struct rte_mbuf *m = *mp;

	if (m->data_len >= want && RTE_MBUF_DIRECT(m) && rte_mbuf_refcnt_read(m) == 1)
		return DROP_NONE;
	return move_head(ip, mp, want);
}

void
ip_cut(struct rte_mbuf *m, uint32_t len)
{
	struct rte_mbuf *seg = m;
	struct rte_mbuf *rest;
	uint16_t n_segs = 1;

	m->pkt_len = len;
	for (; len > seg->data_len; seg = seg->next) {
		len -= seg->data_len;
		n_segs++;
	}
	seg->data_len = (uint16_t)len;
	rest = seg->next;
	seg->next = NULL;
	m->nb_segs = n_segs;
	while (rest != NULL) {
		seg = rest->next;
		pkt_release_seg(rest);
		rest = seg;
	}
}
