/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: datagrams are mbufs. */

/* UDP in: RFC 768, RFC 1122 §4.1.3. */

#include "dev/pkt.h"
#include "dev/pool.h"
#include "udp/udp.h"

_Static_assert(sizeof(struct udp_note) <= PKT_PRIV_LEN, "the note fits into the private area");

/* RFC 1122 §4.1.3.4: a checksum that is there must be right. */
static bool
is_sum_right(const struct rte_mbuf *m, const struct ip_in *in, const struct udp_hdr *h)
{
	uint32_t sum;

	if (!h->has_sum || in->is_l4_sum_good)
		return true;
	sum = cksum_pseudo4(in->src, in->dst, IP_PROTO_UDP, h->len);
	return cksum_fold(sum + ip_sum_chain(m, 0, h->len)) == 0;
}

static void
enqueue(struct udp *udp, struct udp_sock *s, struct rte_mbuf *m, const struct udp_note *note)
{
	*udp_note(m) = *note;
	if (s->n_queued == 0)
		s->first = m;
	else
		udp_note(s->last)->next = m;
	s->last = m;
	s->n_queued++;
	s->queued_len += note->len;
	udp->n_waiting++;
	if (list_is_empty(&s->ready))
		list_add(&udp->ready, &s->ready);
}

struct rte_mbuf *
udp_take(struct udp *udp, struct udp_sock *s)
{
	struct rte_mbuf *m = s->first;

	if (s->n_queued == 0)
		return NULL;
	s->first = udp_note(m)->next;
	if (--s->n_queued == 0)
		list_remove(&s->ready);
	s->queued_len -= udp_note(m)->len;
	udp->n_waiting--;
	return m;
}

/* The 4-tuple, then our address, then any. */
static struct udp_sock *
find_receiver(const struct udp *udp, const struct ip_in *in, const struct udp_hdr *h)
{
	struct udp_sock *s;

	if (flowtab_count(&udp->flows) != 0) {
		s = udp_find_connected(
			udp, &(struct flow){ in->dst, in->src, h->dst_port, h->src_port });
		if (s != NULL)
			return s;
	}
	return udp_find(udp, in->dst, h->dst_port);
}

/* One socket that nobody reads starves neither itself of what comes later, nor the others. */
static bool
has_room(const struct udp *udp, const struct udp_sock *s, uint32_t len)
{
	return s->n_queued < s->max_queued && s->queued_len + len <= s->max_queued_len &&
	       udp->n_waiting < udp->max_waiting;
}

static struct udp_note
note_of(const struct ip_in *in, const struct udp_hdr *h)
{
	return (struct udp_note){
		.netif = in->netif,
		.src = in->src,
		.dst = in->dst,
		.src_port = h->src_port,
		.len = (uint16_t)(h->len - UDP_HDR_LEN),
		.ttl = in->ttl,
		.tos = in->tos,
	};
}

/** What is left are the octets of data. */
static void
trim(struct rte_mbuf *m, const struct udp_hdr *h)
{
	if (m->pkt_len > h->len)
		ip_cut(m, h->len);
	rte_pktmbuf_adj(m, UDP_HDR_LEN);
}

/* A datagram to many is everybody's who has its port, and its group. */
static bool
is_one_of_many(const struct udp *udp, const struct udp_sock *s, const struct ip_in *in)
{
	if ((s->flow.laddr != 0 && s->flow.laddr != in->dst) ||
		(s->netif != NULL && s->netif != in->netif))
		return false;
	return !ipv4_is_multicast(in->dst) || udp_is_member(udp, s, in->dst, in->netif);
}

/** A copy of its own for @s; the octets are shared. */
static void
enqueue_copy(struct udp *udp, struct udp_sock *s, struct rte_mbuf *m, const struct udp_note *note)
{
	struct rte_mbuf *copy;

	if (!has_room(udp, s, note->len)) {
		udp->env->drops[DROP_UDP_QUEUE_FULL]++;
		return;
	}
	copy = rte_pktmbuf_clone(m, udp->ip->pool->head);
	if (copy == NULL) {
		udp->env->drops[DROP_NO_MBUF]++;
		return;
	}
	enqueue(udp, s, copy, note);
	count(udp->env, STAT_UDP_IN);
}

static BARO_COLD enum drop
input_to_many(struct udp *udp, struct rte_mbuf *m, const struct ip_in *in, const struct udp_hdr *h)
{
	const struct udp_note note = note_of(in, h);
	struct udp_sock *last = NULL;

	for (struct udp_sock *s = udp->port[h->dst_port].bound; s != NULL; s = s->next) {
		if (!is_one_of_many(udp, s, in))
			continue;
		if (last == NULL)
			trim(m, h);
		else
			enqueue_copy(udp, last, m, &note);
		last = s;
	}
	if (last == NULL)
		return DROP_UDP_NO_PORT;
	if (!has_room(udp, last, note.len))
		return DROP_UDP_QUEUE_FULL;
	enqueue(udp, last, m, &note);
	count(udp->env, STAT_UDP_IN);
	return DROP_NONE;
}

enum drop
udp_input(struct udp *udp, struct rte_mbuf *m, const struct ip_in *in)
{
	struct udp_sock *s;
	struct udp_note note;
	struct udp_hdr h;
	enum drop why;

	why = udp_read(pkt_data(m), m->data_len, in->len, &h);
	if (why != DROP_NONE)
		return why;
	if (!is_sum_right(m, in, &h))
		return DROP_UDP_CHECKSUM;
	if (unlikely(in->is_group))
		return input_to_many(udp, m, in, &h);
	s = find_receiver(udp, in, &h);
	if (s == NULL || unlikely(s->netif != NULL && s->netif != in->netif))
		return DROP_UDP_NO_PORT;
	note = note_of(in, &h);
	if (!has_room(udp, s, note.len))
		return DROP_UDP_QUEUE_FULL;
	trim(m, &h);
	enqueue(udp, s, m, &note);
	count(udp->env, STAT_UDP_IN);
	return DROP_NONE;
}
