/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/*
 * Fragments out: RFC 791 §3.2. Each is a header of its own and references to a part of the packet;
 * no octet of it is copied.
 */

#include <errno.h>

#include "dev/pkt.h"
#include "dev/pool.h"
#include "dev/tx.h"
#include "ip/out4.h"

/** Where in a chain the next fragment begins. */
struct place {
	struct rte_mbuf *m;
	uint32_t off; /* octets of m that lie before */
};

/** The fragments of one packet, until all are made: linked in their private areas. */
struct frag_note {
	struct rte_mbuf *next;
};

static inline struct frag_note *
frag_note(struct rte_mbuf *m)
{
	return (struct frag_note *)rte_mbuf_to_priv(m);
}

/** Chain references to the next @len octets behind @head, and move on. */
static bool
refer(struct rte_mempool *pool, struct rte_mbuf *head, struct place *at, uint32_t len)
{
	struct rte_mbuf *last = head;

	while (len != 0) {
		uint32_t n = min_u32(len, at->m->data_len - at->off);
		struct rte_mbuf *ref;

		if (n == 0) {
			*at = (struct place){ .m = at->m->next };
			continue;
		}
		ref = rte_pktmbuf_alloc(pool);
		if (ref == NULL)
			return false;
		rte_pktmbuf_attach(ref, at->m);
		ref->data_off = (uint16_t)(ref->data_off + at->off);
		ref->data_len = (uint16_t)n;
		ref->pkt_len = n;
		last->next = ref;
		last = ref;
		head->nb_segs++;
		head->pkt_len += n;
		at->off += n;
		len -= n;
	}
	return true;
}

static void
release_all(struct rte_mbuf *first)
{
	struct rte_mbuf *next;

	for (; first != NULL; first = next) {
		next = frag_note(first)->next;
		pkt_release(first);
	}
}

/** All fragments of @m, each with at most @room octets. NULL: no buffers. */
static struct rte_mbuf *
cut_up(struct ip4 *ip, struct rte_mbuf *m, uint32_t room)
{
	struct place at = { .m = m };
	struct rte_mbuf *first = NULL;
	struct rte_mbuf *last = NULL;

	for (uint32_t left = m->pkt_len; left != 0;) {
		uint32_t n = min_u32(left, room);
		struct rte_mbuf *f = rte_pktmbuf_alloc(ip->pool->head);

		if (f == NULL) {
			release_all(first);
			return NULL;
		}
		frag_note(f)->next = NULL;
		if (first == NULL)
			first = f;
		else
			frag_note(last)->next = f;
		last = f;
		if (!refer(ip->pool->head, f, &at, n)) {
			release_all(first);
			return NULL;
		}
		left -= n;
	}
	return first;
}

/** Some fragments alone are of no use: is there room for @n, now or after the doorbell? */
static bool
has_room(const struct ip_path *path, uint32_t n, uint64_t now_ns)
{
	struct dev_queue *q = path->netif->link.queue;

	n = min_u32(n, DEV_TX_RING);
	if (dev_tx_room(q) < n)
		dev_flush(q, now_ns);
	return dev_tx_room(q) >= n;
}

BARO_COLD int
ip_fragment(struct ip4 *ip, const struct ip_path *path, struct rte_mbuf *m,
	const struct ip_out *out, uint64_t now_ns)
{
	uint32_t room = (path->mtu - (uint32_t)IPV4_HDR_LEN) & ~7u;
	uint16_t id = ip_next_id(ip, out);
	uint32_t len = m->pkt_len;
	struct rte_mbuf *f;
	struct rte_mbuf *next;

	if (!has_room(path, (len + room - 1) / room, now_ns)) {
		drop(ip->env, m, DROP_TX_FULL);
		return -ENOBUFS;
	}
	f = cut_up(ip, m, room);
	if (f == NULL) {
		drop(ip->env, m, DROP_NO_MBUF);
		return -ENOBUFS;
	}
	for (uint32_t off = 0; f != NULL; off += room, f = next) {
		next = frag_note(f)->next;
		has_room(path, 1, now_ns); /* very many: the ring is emptied on the way */
		ip_send(ip, path, f, out, id, (uint16_t)(off / 8 | (next != NULL ? IPV4_MF : 0u)),
			now_ns);
	}
	pkt_release(m);
	count(ip->env, STAT_IP_FRAGMENTED);
	return 0;
}
