/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RESOLVER_CACHE_H
#define BARO_RESOLVER_CACHE_H

/*
 * Answers kept until their TTL is over, those that say "there is none", too (RFC 2308). So many octets at
 * most: what was not used for longest goes.
 */

#include "base/list.h"
#include "base/siphash.h"
#include "resolver/reply.h"

enum { CACHE_BUCKETS = 256 };

struct cache {
	struct list bucket[CACHE_BUCKETS];
	struct list by_use; /* the first was not used for longest */
	struct siphash_key key;
	uint32_t octets; /* of all entries */
	uint32_t octets_max;
};

void
cache_init(struct cache *c, const struct siphash_key *key, uint32_t octets_max);
void
cache_fini(struct cache *c);

/** The answer to a question, or NULL. It stays the cache's. */
struct reply *
cache_find(struct cache *c, const struct dns_name *name, uint16_t type, uint64_t now_ns);

/**
 * Keep an answer until @until_ns. What is too long to be worth it is not kept.
 * @type    0: whatever the type, there is no such name
 * @return  answers that had to go for it
 */
unsigned
cache_add(struct cache *c, const struct dns_name *name, uint16_t type, struct reply *reply,
	uint64_t until_ns);

#endif
