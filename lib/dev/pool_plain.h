/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_POOL_PLAIN_H
#define BARO_DEV_POOL_PLAIN_H

/* Packet buffers in ordinary memory, without EAL. dev/pool.h is what others use. */

#include <rte_mbuf.h>
#include <stdint.h>

/**
 * A pool of @n buffers with @room octets of data behind the headroom; for one thread. Memory
 * is taken a few buffers at a time, when they are first needed, and kept until the end.
 *
 * @return the pool, NULL: no memory
 */
struct rte_mempool *
pool_plain_create(const char *name, uint32_t n, uint16_t room);

/** Buffers still in use vanish with it. NULL is no pool: nothing happens. */
void
pool_plain_destroy(struct rte_mempool *mp);

#endif
