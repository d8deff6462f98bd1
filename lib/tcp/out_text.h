/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: text becomes mbufs. */
#ifndef BARO_TCP_OUT_TEXT_H
#define BARO_TCP_OUT_TEXT_H

/* The text of a segment on its way out: copied if it is small, by reference to the send queue if it is not. */

#include <string.h>

#include "tcp/sndq.h"

enum {
	OUT_TEXT_COPY_MAX = 256, /* octets that are cheaper copied than referred to */
};

/** Copy @len octets of the queue behind the header in @m, which has room. */
static inline void
out_text_copy(struct rte_mbuf *m, struct sndq_place at, uint32_t len)
{
	while (len != 0) {
		uint32_t n = min_u32(len, at.m->data_len - at.off);

		memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len),
			rte_pktmbuf_mtod_offset(at.m, const uint8_t *, at.off), n);
		m->data_len = (uint16_t)(m->data_len + n);
		m->pkt_len += n;
		len -= n;
		at.m = at.m->next;
		at.off = 0;
	}
}

/**
 * Chain references to @len octets of the queue to packet @m.
 *
 * @last  of the packet's buffers; of the longer packet's when true is returned. It grows by what follows on
 *        the octets that it refers to.
 * @return false: no buffers; the packet is as it was
 */
bool
out_text_refer(struct tcp *tcp, struct rte_mbuf *m, struct rte_mbuf **last, struct sndq_place at,
	uint32_t len);

#endif
