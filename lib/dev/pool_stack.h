/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_POOL_STACK_H
#define BARO_DEV_POOL_STACK_H

/*
 * Buffers of pool_plain.h in and out, on every packet's way: what rte_mempool_get() and put() would do, without
 * a look for a cache of the lcore's and a call through a table.
 */

#include <rte_mempool.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define POOL_PLAIN_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_PLAIN_ASAN 1
#endif
#endif

#ifdef POOL_PLAIN_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, len)   ((void)(p), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#endif

/** A stack: the buffer freed last, still in the cache, is the next to be used. */
struct pool_plain {
	struct pool_chunk *chunks;
	uint32_t n_made; /* buffers that have memory; n_free <= n_made <= size of the pool */
	uint32_t n_free;
	void *free[];
};

/** The number of their operations in DPDK's table, which they are told by. */
extern int pool_plain_ops;

static inline bool
pool_is_plain(const struct rte_mempool *mp)
{
	return mp->ops_index == pool_plain_ops;
}

/** The plain pool has a buffer at hand. */
static inline bool
pool_plain_has(const struct rte_mempool *mp)
{
	return ((const struct pool_plain *)mp->pool_data)->n_free != 0;
}

/** Take one; there is one. The one that will be next is fetched: who takes some at a time does not wait for each. */
static inline void *
pool_plain_pop(struct rte_mempool *mp)
{
	struct pool_plain *plain = mp->pool_data;
	void *obj = plain->free[--plain->n_free];

	__builtin_prefetch(plain->free[plain->n_free - (plain->n_free != 0)]);
	ASAN_UNPOISON_MEMORY_REGION(obj, mp->elt_size);
	return obj;
}

static inline void
pool_plain_push(struct rte_mempool *mp, void *obj)
{
	struct pool_plain *plain = mp->pool_data;

	ASAN_POISON_MEMORY_REGION(obj, mp->elt_size);
	plain->free[plain->n_free++] = obj;
}

#endif
