/* SPDX-License-Identifier: BSD-3-Clause */

/* Buffers of DPDK's pools in and out; see the header. */

#include "dev/pkt.h"

struct rte_mbuf *
pkt_take_dpdk(struct rte_mempool *pool)
{
	return rte_mbuf_raw_alloc(pool);
}

void
pkt_put_dpdk(struct rte_mbuf *m)
{
	rte_mbuf_raw_free(m);
}
