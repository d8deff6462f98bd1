/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: text becomes mbufs. */
/* References to the send queue's text; see the header. */

#include "tcp/out_text.h"

#include "dev/pkt.h"

/* Does @ref refer to the octets before those at @at, so that it may refer to these as well? */
static bool
precedes(const struct rte_mbuf *ref, struct sndq_place at, uint32_t n)
{
	return !RTE_MBUF_DIRECT(ref) && ref->buf_addr == at.m->buf_addr &&
	       ref->data_off + ref->data_len == at.m->data_off + at.off &&
	       (!RTE_MBUF_HAS_EXTBUF(ref) || ref->shinfo == at.m->shinfo) &&
	       ref->data_len + n <= UINT16_MAX;
}

/* A reference to @n octets at @at, or NULL. */
static struct rte_mbuf *
refer(struct tcp *tcp, struct sndq_place at, uint32_t n)
{
	struct rte_mbuf *ref = rte_pktmbuf_alloc(tcp->pool->head);

	if (ref == NULL)
		return NULL;
	rte_pktmbuf_attach(ref, at.m);
	ref->data_off = (uint16_t)(ref->data_off + at.off);
	ref->data_len = (uint16_t)n;
	ref->pkt_len = n;
	return ref;
}

/* What is chained behind @first belongs to no packet yet. */
static void
forget(struct rte_mbuf *first)
{
	struct rte_mbuf *ref;

	while ((ref = first->next) != NULL) {
		first->next = ref->next;
		ref->next = NULL;
		pkt_release_seg(ref);
	}
}

bool
out_text_refer(struct tcp *tcp, struct rte_mbuf *m, struct rte_mbuf **last, struct sndq_place at,
	uint32_t len)
{
	struct rte_mbuf *first = *last;
	struct rte_mbuf *end = first;
	uint32_t left = len;
	uint32_t grown = 0;
	uint16_t n_refs = 0;

	if (precedes(first, at, min_u32(left, at.m->data_len - at.off))) {
		grown = min_u32(left, at.m->data_len - at.off);
		left -= grown;
		at = (struct sndq_place){ .m = at.m->next };
	}
	for (; left != 0; n_refs++) {
		uint32_t n = min_u32(left, at.m->data_len - at.off);
		struct rte_mbuf *ref = refer(tcp, at, n);

		if (ref == NULL) {
			forget(first);
			return false;
		}
		end->next = ref;
		end = ref;
		left -= n;
		at = (struct sndq_place){ .m = at.m->next };
	}
	first->data_len = (uint16_t)(first->data_len + grown);
	m->nb_segs = (uint16_t)(m->nb_segs + n_refs);
	m->pkt_len += len;
	*last = end;
	return true;
}
