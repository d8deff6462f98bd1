/* SPDX-License-Identifier: BSD-3-Clause */

/* The packet buffers of a core, in DPDK's memory or in ordinary memory. */

#include "dev/pool.h"

#include <errno.h>
#include <rte_mempool.h>
#include <stdio.h>

#include "dev/pkt.h"
#include "dev/pool_plain.h"

enum {
	CACHE_LEN = 256, /* buffers that an lcore keeps for itself */
};

static struct rte_mempool *
create(const char *kind, unsigned core, uint32_t n, uint16_t room, int socket)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	uint32_t cache = min_u32(CACHE_LEN, n / 2); /* DPDK wants n >= 1.5 times the cache */

	snprintf(name, sizeof(name), "baro_%s_%u", kind, core);
	return rte_pktmbuf_pool_create(
		name, n, cache, PKT_PRIV_LEN, (uint16_t)(PKT_HEADROOM + room), socket);
}

int
dev_pool_create(struct dev_pool *p, unsigned core, uint32_t mbufs, int socket)
{
	*p = (struct dev_pool){
		.text = create("text", core, mbufs, POOL_TEXT_ROOM, socket),
		.head = create("head", core, mbufs, POOL_HEAD_ROOM, socket),
	};
	if (p->text != NULL && p->head != NULL)
		return 0;
	dev_pool_destroy(p);
	return -ENOMEM;
}

int
dev_pool_create_plain(struct dev_pool *p, uint32_t mbufs)
{
	*p = (struct dev_pool){
		.text = pool_plain_create("text", mbufs, POOL_TEXT_ROOM),
		.head = pool_plain_create("head", mbufs, POOL_HEAD_ROOM),
		.is_plain = true,
	};
	if (p->text != NULL && p->head != NULL)
		return 0;
	dev_pool_destroy(p);
	return -ENOMEM;
}

void
dev_pool_destroy(struct dev_pool *p)
{
	void (*destroy)(struct rte_mempool *) = p->is_plain ? pool_plain_destroy : rte_mempool_free;

	destroy(p->text);
	destroy(p->head);
	*p = (struct dev_pool){ .text = NULL };
}

uint32_t
dev_pool_in_use(const struct dev_pool *p)
{
	return rte_mempool_in_use_count(p->text) + rte_mempool_in_use_count(p->head);
}
