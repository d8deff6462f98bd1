/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Real mbufs in a real mempool, laid out by hand in memory of the C library, so that the
 * stack runs without rte_eal_init(): in tests, simulators and foreign programs.
 *
 * Why by hand: rte_mempool_create() wants memzones, a heap and a tail queue, which only EAL
 * sets up, in 130 ms. What the mbuf calls use of a mempool is far less: the fields set in
 * pool_plain_create(), the private data behind the structure, the header in front of each
 * object, and the mempool ops, which register themselves before main(). cache_size is 0, so
 * nothing is kept per lcore, and a thread need not be one.
 *
 * Why it is safe: all of that is public ABI, used by inline functions in every DPDK program.
 * No list of DPDK knows the pool, so no walk over all pools meets it. It is marked as unfit
 * for DMA (NON_IO, no IO addresses), which drivers check.
 *
 * With AddressSanitizer a free buffer is poisoned, and so is the space between buffers: what
 * uses a buffer after free, frees it twice, or runs over its end is caught.
 */

#include "dev/pool_plain.h"

#include <errno.h>
#include <rte_mempool.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pkt.h"
#include "dev/pool_stack.h"

#define OPS_NAME "baro_plain"

enum {
	CHUNK_OBJS = 32,                 /* buffers made at a time */
	GUARD_LEN = RTE_CACHE_LINE_SIZE, /* poisoned octets behind a buffer */
};

struct pool_chunk {
	alignas(RTE_CACHE_LINE_SIZE) struct pool_chunk *next;
};

static size_t
object_len(const struct rte_mempool *mp)
{
	return (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
}

static void
make_object(struct rte_mempool *mp, char *place)
{
	void *obj = place + mp->header_size;
	struct rte_mempool_objhdr *header = rte_mempool_get_header(obj);
	struct pool_plain *plain = mp->pool_data;

	*header = (struct rte_mempool_objhdr){ .mp = mp, .iova = RTE_BAD_IOVA };
	rte_pktmbuf_init(mp, NULL, obj, plain->n_made);
	ASAN_POISON_MEMORY_REGION(place, mp->header_size - sizeof(*header));
	ASAN_POISON_MEMORY_REGION(obj, mp->elt_size + mp->trailer_size);
	plain->free[plain->n_free++] = obj;
	plain->n_made++;
}

/* Give memory to some more buffers. */
static int
grow(struct rte_mempool *mp)
{
	struct pool_plain *plain = mp->pool_data;
	uint32_t n = min_u32(mp->size - plain->n_made, CHUNK_OBJS);
	struct pool_chunk *chunk;

	if (n == 0)
		return -ENOBUFS;
	chunk = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*chunk) + n * object_len(mp));
	if (chunk == NULL)
		return -ENOMEM;
	chunk->next = plain->chunks;
	plain->chunks = chunk;
	for (uint32_t i = 0; i < n; i++)
		make_object(mp, (char *)(chunk + 1) + i * object_len(mp));
	return 0;
}

/* Until @n are free. */
static BARO_COLD int
grow_to(struct rte_mempool *mp, unsigned n)
{
	const struct pool_plain *plain = mp->pool_data;
	int error = 0;

	while (error == 0 && plain->n_free < n)
		error = grow(mp);
	return error;
}

static int
take(struct rte_mempool *mp, void **objs, unsigned n)
{
	const struct pool_plain *plain = mp->pool_data;
	int error;

	if (unlikely(plain->n_free < n) && (error = grow_to(mp, n)) != 0)
		return error;
	for (unsigned i = 0; i < n; i++)
		objs[i] = pool_plain_pop(mp);
	return 0;
}

static int
put(struct rte_mempool *mp, void *const *objs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pool_plain_push(mp, objs[i]);
	return 0;
}

static unsigned
count_free(const struct rte_mempool *mp)
{
	const struct pool_plain *plain = mp->pool_data;

	return mp->size - plain->n_made + plain->n_free;
}

/* rte_mempool_create() cannot make such a pool. */
static int
refuse(struct rte_mempool *mp)
{
	(void)mp;
	return -ENOTSUP;
}

static const struct rte_mempool_ops plain_ops = {
	.name = OPS_NAME,
	.alloc = refuse,
	.enqueue = put,
	.dequeue = take,
	.get_count = count_free,
};

int pool_plain_ops = -1;

/* RTE_MEMPOOL_REGISTER_OPS(), and the number is kept. */
RTE_INIT(register_plain)
{
	pool_plain_ops = rte_mempool_register_ops(&plain_ops);
}

static uint32_t
round_up(size_t len)
{
	return (uint32_t)RTE_ALIGN_CEIL(len, (size_t)RTE_CACHE_LINE_SIZE);
}

/* The sizes, as rte_mempool_calc_obj_size() and rte_pktmbuf_pool_create() have them. */
static void
lay_out(struct rte_mempool *mp, uint32_t n, uint16_t room)
{
	struct rte_pktmbuf_pool_private *private = rte_mempool_get_priv(mp);

	private->mbuf_data_room_size = (uint16_t)(PKT_HEADROOM + room);
	private->mbuf_priv_size = PKT_PRIV_LEN;
	mp->size = n;
	mp->populated_size = n;
	mp->private_data_size = sizeof(*private);
	mp->header_size = round_up(sizeof(struct rte_mempool_objhdr));
	mp->elt_size = round_up(sizeof(struct rte_mbuf) + PKT_PRIV_LEN + PKT_HEADROOM + room);
#ifdef POOL_PLAIN_ASAN
	mp->trailer_size = GUARD_LEN;
#endif
	mp->flags = RTE_MEMPOOL_F_SP_PUT | RTE_MEMPOOL_F_SC_GET | RTE_MEMPOOL_F_NO_IOVA_CONTIG |
		    RTE_MEMPOOL_F_NON_IO;
	mp->socket_id = SOCKET_ID_ANY;
}

struct rte_mempool *
pool_plain_create(const char *name, uint32_t n, uint16_t room)
{
	struct rte_mempool *mp;
	struct pool_plain *plain;
	uint32_t len = round_up(sizeof(*mp) + sizeof(struct rte_pktmbuf_pool_private));

	mp = aligned_alloc(RTE_CACHE_LINE_SIZE, len);
	plain = malloc(sizeof(*plain) + n * sizeof(plain->free[0]));
	if (mp == NULL || plain == NULL)
		goto fail;
	memset(mp, 0, len);
	strncpy(mp->name, name, sizeof(mp->name) - 1);
	lay_out(mp, n, room);
	if (rte_mempool_set_ops_byname(mp, OPS_NAME, NULL) != 0)
		goto fail;
	mp->flags |= RTE_MEMPOOL_F_POOL_CREATED;
	*plain = (struct pool_plain){ .chunks = NULL };
	mp->pool_data = plain;
	return mp;
fail:
	free(plain);
	free(mp);
	return NULL;
}

void
pool_plain_destroy(struct rte_mempool *mp)
{
	struct pool_plain *plain;
	struct pool_chunk *chunk;

	if (mp == NULL)
		return;
	plain = mp->pool_data;
	while ((chunk = plain->chunks) != NULL) {
		plain->chunks = chunk->next;
		free(chunk);
	}
	free(plain);
	free(mp);
}
