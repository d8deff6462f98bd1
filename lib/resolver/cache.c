/* SPDX-License-Identifier: BSD-3-Clause */

/* The cache; see the header. */

#include "resolver/cache.h"

#include <stdlib.h>

#include "base/check.h"

enum { ENTRY_SHARE = 4 }; /* one answer takes a quarter of the cache at most */

struct entry {
	struct list by_key;
	struct list by_use;
	struct dns_name name; /* in lower case */
	uint16_t type;
	uint64_t until_ns;
	struct reply *reply;
};

void
cache_init(struct cache *c, const struct siphash_key *key, uint32_t octets_max)
{
	c->key = *key;
	c->octets = 0;
	c->octets_max = octets_max;
	list_init(&c->by_use);
	for (unsigned i = 0; i < CACHE_BUCKETS; i++)
		list_init(&c->bucket[i]);
}

static uint32_t
octets_of(const struct reply *reply)
{
	return (uint32_t)(sizeof(struct entry) + sizeof(*reply) + reply->len);
}

static void
forget(struct cache *c, struct entry *e)
{
	list_remove(&e->by_key);
	list_remove(&e->by_use);
	c->octets -= octets_of(e->reply);
	reply_release(e->reply);
	free(e);
}

void
cache_fini(struct cache *c)
{
	while (!list_is_empty(&c->by_use))
		forget(c, holder_of(c->by_use.next, struct entry, by_use));
}

/* The bucket of a name in lower case: an outsider who knows many names cannot fill one. */
static struct list *
bucket_of(struct cache *c, const struct dns_name *name)
{
	return &c->bucket[siphash24(&c->key, name->octets, name->len) % CACHE_BUCKETS];
}

static struct entry *
find(struct cache *c, const struct dns_name *lowered, uint16_t type)
{
	struct list *bucket = bucket_of(c, lowered);

	for (struct list *node = bucket->next; node != bucket; node = node->next) {
		struct entry *e = holder_of(node, struct entry, by_key);

		if (e->type == type && dns_name_is_equal(&e->name, lowered))
			return e;
	}
	return NULL;
}

static struct reply *
find_fresh(struct cache *c, const struct dns_name *lowered, uint16_t type, uint64_t now_ns)
{
	struct entry *e = find(c, lowered, type);

	if (e == NULL)
		return NULL;
	if (e->until_ns <= now_ns) {
		forget(c, e);
		return NULL;
	}
	list_remove(&e->by_use);
	list_add(&c->by_use, &e->by_use);
	return e->reply;
}

struct reply *
cache_find(struct cache *c, const struct dns_name *name, uint16_t type, uint64_t now_ns)
{
	struct dns_name lowered = *name;
	struct reply *reply;

	dns_name_lower(&lowered);
	reply = find_fresh(c, &lowered, type, now_ns);
	return reply != NULL ? reply : find_fresh(c, &lowered, 0, now_ns);
}

unsigned
cache_add(struct cache *c, const struct dns_name *name, uint16_t type, struct reply *reply,
	uint64_t until_ns)
{
	uint32_t octets = octets_of(reply);
	struct dns_name lowered = *name;
	unsigned n_evicted = 0;
	struct entry *e;

	dns_name_lower(&lowered);
	e = find(c, &lowered, type);
	if (e != NULL)
		forget(c, e);
	if (octets > c->octets_max / ENTRY_SHARE || (e = calloc(1, sizeof(*e))) == NULL)
		return 0;
	for (; c->octets + octets > c->octets_max; n_evicted++)
		forget(c, holder_of(c->by_use.next, struct entry, by_use));
	e->name = lowered;
	e->type = type;
	e->until_ns = until_ns;
	e->reply = reply_hold(reply);
	c->octets += octets;
	list_add(bucket_of(c, &lowered), &e->by_key);
	list_add(&c->by_use, &e->by_use);
	return n_evicted;
}
