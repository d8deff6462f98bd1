/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_POOL_H
#define BARO_DEV_POOL_H

/*
 * The packet buffers of one core. Two pools, so that text cannot starve control:
 * `text` holds received frames and queued octets, `head` holds headers, ACKs, ARP and
 * small segments, and the indirect buffers that refer to text.
 */

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	POOL_TEXT_ROOM = 2048, /* octets of data in a text buffer, headroom apart */
	POOL_HEAD_ROOM = 512,  /* the same in a head buffer */
};

struct dev_pool {
	struct rte_mempool *text;
	struct rte_mempool *head;
	bool is_plain;
};

/**
 * Pools in DPDK's memory, for ports that do DMA; needs rte_eal_init().
 *
 * @core   for the pools' names
 * @mbufs  buffers in each pool
 * @socket NUMA node, or SOCKET_ID_ANY
 * @return 0, -ENOMEM
 */
int
dev_pool_create(struct dev_pool *p, unsigned core, uint32_t mbufs, int socket);

/** Pools in ordinary memory: no EAL; for one thread. @return 0, -ENOMEM */
int
dev_pool_create_plain(struct dev_pool *p, uint32_t mbufs);

/** Buffers still in use vanish with the pool. */
void
dev_pool_destroy(struct dev_pool *p);

/** Buffers in use, of both pools; those in DPDK's per-lcore caches count as free. */
uint32_t
dev_pool_in_use(const struct dev_pool *p);

#endif
