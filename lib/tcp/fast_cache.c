/* SPDX-License-Identifier: BSD-3-Clause */
/* Fast Open cookies of servers; see the header. */

#include "tcp/fast_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/time.h"

enum {
	WAYS = 4,
	HOLD_S = 60,
	DOUBLINGS_MAX = 20,
};

int
fast_cache_init(struct fast_cache *cache, uint32_t entries, const struct siphash_key *key)
{
	uint32_t sets = 1;

	while (sets * WAYS < entries)
		sets *= 2;
	cache->key = *key;
	cache->mask = sets - 1;
	cache->entry = calloc((size_t)sets * WAYS, sizeof(*cache->entry));
	return cache->entry != NULL ? 0 : -ENOMEM;
}

void
fast_cache_fini(struct fast_cache *cache)
{
	free(cache->entry);
	cache->entry = NULL;
}

/** The WAYS places where the entry may lie. */
static struct fast_entry *
set_of(const struct fast_cache *cache, uint32_t laddr, uint32_t faddr)
{
	uint64_t hash = siphash13_2u64(&cache->key, laddr, faddr);

	return &cache->entry[((uint32_t)hash & cache->mask) * WAYS];
}

struct fast_entry *
fast_cache_find(struct fast_cache *cache, uint32_t laddr, uint32_t faddr, uint64_t now_ns)
{
	struct fast_entry *set = set_of(cache, laddr, faddr);

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].faddr != faddr || set[i].laddr != laddr)
			continue;
		set[i].used_ns = now_ns;
		return &set[i];
	}
	return NULL;
}

struct fast_entry *
fast_cache_get(struct fast_cache *cache, uint32_t laddr, uint32_t faddr, uint64_t now_ns)
{
	struct fast_entry *e = fast_cache_find(cache, laddr, faddr, now_ns);
	struct fast_entry *set = set_of(cache, laddr, faddr);

	if (e != NULL)
		return e;
	e = set;
	for (unsigned i = 1; i < WAYS && e->faddr != 0; i++)
		if (set[i].faddr == 0 || set[i].used_ns < e->used_ns)
			e = &set[i];
	*e = (struct fast_entry){ .laddr = laddr, .faddr = faddr, .used_ns = now_ns };
	return e;
}

void
fast_entry_hold(struct fast_entry *e, uint64_t max_ns, uint64_t now_ns)
{
	uint64_t hold_ns = HOLD_S * NS_PER_SEC << e->n_failed;

	e->hold_ns = now_ns + min_u64(hold_ns, max_ns);
	if (e->n_failed < DOUBLINGS_MAX)
		e->n_failed++;
}
