/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_PKT_H
#define BARO_DEV_PKT_H

/*
 * A packet is an rte_mbuf. Two ways lead out of the stack: dev_tx() and, for what will not
 * be sent, drop() or pkt_release(). Nobody else frees a packet.
 */

#include <rte_mbuf.h>

#include "base/env.h"
#include "dev/capture.h"
#include "dev/pool_stack.h"

_Static_assert(BARO_CACHE_LINE == RTE_CACHE_LINE_SIZE, "one idea of a cache line");

/** Private octets of every mbuf of ours: a layer's note on a packet it keeps (rte_mbuf_to_priv). */
#define PKT_PRIV_LEN 64

/** Octets in front of a fresh packet's data: room for every header in front of TCP text. */
#define PKT_HEADROOM RTE_PKTMBUF_HEADROOM

/*
 * By DPDK: of its own pools, and where a plain one has to grow. Out of line: the look into the lcore's cache would
 * cost every caller registers.
 */

struct rte_mbuf *
pkt_take_dpdk(struct rte_mempool *pool);
void
pkt_put_dpdk(struct rte_mbuf *m);

/** An empty buffer, its data behind the headroom. NULL: none to be had. */
static inline struct rte_mbuf *
pkt_alloc(struct rte_mempool *pool)
{
	struct rte_mbuf *m;

	if (pool_is_plain(pool) && likely(pool_plain_has(pool)))
		m = pool_plain_pop(pool);
	else
		m = pkt_take_dpdk(pool);
	if (likely(m != NULL))
		rte_pktmbuf_reset(m);
	return m;
}

static inline uint8_t *
pkt_data(struct rte_mbuf *m)
{
	return rte_pktmbuf_mtod(m, uint8_t *);
}

/** Count a drop of @m, which is freed otherwise, or is already. */
static inline void
count_drop(struct env *env, const struct rte_mbuf *m, enum drop why)
{
	env->drops[why]++;
	if (unlikely(env->capture != NULL))
		capture_drop(env, m, why);
}

/** The packet goes no further, because. Counts and frees. */
static inline void
drop(struct env *env, struct rte_mbuf *m, enum drop why)
{
	count_drop(env, m, why);
	rte_pktmbuf_free(m);
}

/** The packet has served its purpose: its text was read, or acknowledged. */
static inline void
pkt_release(struct rte_mbuf *m)
{
	/* nearly always one buffer that is ours alone: rte_pktmbuf_free() asks more, in a loop */
	if (likely(m->next == NULL && m->nb_segs == 1 && rte_mbuf_refcnt_read(m) == 1 &&
		    RTE_MBUF_DIRECT(m))) {
		if (pool_is_plain(m->pool))
			pool_plain_push(m->pool, m);
		else
			pkt_put_dpdk(m);
	} else {
		rte_pktmbuf_free(m);
	}
}

/** One segment has served its purpose; it is in no chain any more, what follows it stays. */
static inline void
pkt_release_seg(struct rte_mbuf *seg)
{
	rte_pktmbuf_free_seg(seg);
}

#endif
