/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: segments share a packet. */
/*
 * A header that says the same for all: no segment joins, or is joined, whose flags or options are
 * for it alone. The port writes lengths, sequence numbers and checksums, and leaves PSH and FIN to the last.
 */

#include "tcp/tso.h"

#include <string.h>

#include "tcp/out_text.h"
#include "wire/cksum.h"
#include "wire/ipv4.h"

enum {
	TSO_LEN_MAX = 65535, /* octets of an IP packet */
};

/* Is it still here: not parked, dropped or handed over? It is looked into only then. */
static bool
is_last(const struct dev_queue *q, const struct rte_mbuf *m)
{
	return q->n_tx != 0 && q->tx[q->n_tx - 1] == m;
}

void
tso_open(struct tso *t, struct rte_mbuf *m, const struct ip_path *path, const struct tcp_out *o,
	const struct tcp_hdr *h)
{
	struct dev_queue *q = path->netif->link.queue;

	t->m = NULL;
	if (o->len <= OUT_TEXT_COPY_MAX || o->again != NULL || o->is_probe || path->may_fragment ||
		h->flags != TCP_ACK || (h->opts.has & ~TCP_HAS_TS) != 0 || !is_last(q, m))
		return;
	*t = (struct tso){ .m = m,
		.last = rte_pktmbuf_lastseg(m),
		.queue = q,
		.next = seq_add(o->seq, o->len),
		.segsz = (uint16_t)o->len };
}

static bool
can_join(const struct tso *t, const struct tcp_out *o)
{
	return seq_eq(o->seq, t->next) && o->len != 0 && o->len <= t->segsz && o->again == NULL &&
	       !o->is_probe && (o->flags & TCP_SYN) == 0 && is_last(t->queue, t->m) &&
	       t->m->pkt_len - t->m->l2_len + o->len <= TSO_LEN_MAX;
}

/* In how many of its buffers the queue has @len octets. */
static uint32_t
count_pieces(struct sndq_place at, uint32_t len)
{
	uint32_t n = 1;

	for (len += at.off; len > at.m->data_len; n++) {
		len -= at.m->data_len;
		at.m = at.m->next;
	}
	return n;
}

/*
 * From one segment to several: what the port wants to know, RTE_MBUF_F_TX_TCP_SEG. Where it sums no IP headers
 * (virtio), ours is right for the long frame, and RTE_MBUF_F_TX_IP_CKSUM would have it cleared.
 */
static void
begin(const struct tso *t, uint8_t *ip, uint8_t *tcp)
{
	uint16_t sum = cksum_fold_seed(cksum_pseudo4(
		get_u32(ip + IPV4_SRC_AT), get_u32(ip + IPV4_DST_AT), IP_PROTO_TCP, 0));

	t->m->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
	t->m->tso_segsz = t->segsz;
	memcpy(tcp + TCP_SUM_AT, &sum, sizeof(sum));
}

static void
ip_is_longer(const struct rte_mbuf *m, uint8_t *ip)
{
	uint16_t sum = 0;

	put_u16(ip + IPV4_LEN_AT, (uint16_t)(m->pkt_len - m->l2_len));
	if ((m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0)
		return;
	memcpy(ip + IPV4_SUM_AT, &sum, sizeof(sum));
	sum = cksum_fold(cksum_ipv4_hdr(ip));
	memcpy(ip + IPV4_SUM_AT, &sum, sizeof(sum));
}

bool
tso_join(struct tso *t, struct tcp_conn *c, const struct tcp_out *o)
{
	struct rte_mbuf *m = t->m;
	struct sndq_place at;
	uint8_t *ip;
	uint8_t *tcp;

	if (!can_join(t, o))
		return false;
	at = sndq_find(c, o->seq);
	if (m->nb_segs + count_pieces(at, o->len) > t->queue->port->tso_segs ||
		!out_text_refer(c->tcp, m, &t->last, at, o->len))
		return false;
	ip = rte_pktmbuf_mtod_offset(m, uint8_t *, m->l2_len);
	tcp = ip + m->l3_len;
	if ((m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) == 0)
		begin(t, ip, tcp);
	ip_is_longer(m, ip);
	tcp[TCP_FLAGS_AT] |= o->flags;
	count(c->tcp->common.env, STAT_TCP_OUT_SEGS);
	count(c->tcp->common.env, STAT_TCP_OUT_JOINED);
	t->next = seq_add(t->next, o->len);
	if (o->len < t->segsz || o->flags != 0)
		t->m = NULL;
	return true;
}
