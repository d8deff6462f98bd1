/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: struct link holds mbufs. */

/* Entries by address: chains over a keyed hash, so that nobody can aim at one bucket. */

#include "link/table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/siphash.h"

int
neigh_table_init(struct link *l)
{
	uint32_t n_buckets = 1;

	while (n_buckets < l->limit)
		n_buckets *= 2;
	l->neigh = calloc(l->limit, sizeof(*l->neigh));
	l->bucket = malloc(n_buckets * sizeof(*l->bucket));
	if (l->neigh == NULL || l->bucket == NULL) {
		neigh_table_fini(l);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n_buckets; i++)
		l->bucket[i] = NEIGH_NONE;
	l->bucket_mask = n_buckets - 1;
	l->first_free = NEIGH_NONE;
	return 0;
}

void
neigh_table_fini(struct link *l)
{
	free(l->neigh);
	free(l->bucket);
	l->neigh = NULL;
	l->bucket = NULL;
	l->n_made = 0;
	l->n_used = 0;
}

static uint32_t *
bucket_of(struct link *l, uint32_t addr)
{
	return &l->bucket[siphash13_2u64(&l->env->table_key, addr, 0) & l->bucket_mask];
}

/** Nearly all that leave the network go by one gateway: who was wanted last is compared before anything is hashed. */
struct neigh *
neigh_lookup(struct link *l, uint32_t addr)
{
	struct neigh *last = &l->neigh[l->last_found];
	uint32_t i;

	if (last->addr == addr && last->state != NEIGH_FREE)
		return last;
	for (i = *bucket_of(l, addr); i != NEIGH_NONE; i = l->neigh[i].chain) {
		if (l->neigh[i].addr != addr)
			continue;
		l->last_found = i;
		return &l->neigh[i];
	}
	return NULL;
}

static void
evict(struct link *l)
{
	struct list *victim = list_first(&l->unused);

	if (victim == NULL)
		victim = list_first(&l->idle);
	if (victim == NULL)
		return;
	count(l->env, STAT_NEIGH_EVICTED);
	neigh_remove(holder_of(victim, struct neigh, idle));
}

/** An entry that is nobody's, or NEIGH_NONE. */
static uint32_t
take_free(struct link *l)
{
	uint32_t i;

	if (l->first_free == NEIGH_NONE && l->n_made == l->limit)
		evict(l);
	i = l->first_free;
	if (i != NEIGH_NONE)
		l->first_free = l->neigh[i].chain;
	else if (l->n_made < l->limit)
		i = l->n_made++;
	return i;
}

struct neigh *
neigh_add(struct link *l, uint32_t addr)
{
	uint32_t i = take_free(l);
	struct neigh *n;
	uint32_t *bucket;

	if (i == NEIGH_NONE)
		return NULL;
	n = &l->neigh[i];
	bucket = bucket_of(l, addr);
	*n = (struct neigh){ .addr = addr, .gen = n->gen, .link = l, .chain = *bucket };
	list_init(&n->idle);
	wheel_timer_init(&n->timer, TIMER_NEIGH);
	*bucket = i;
	l->n_used++;
	return n;
}

void
neigh_remove(struct neigh *n)
{
	struct link *l = n->link;
	uint32_t self = (uint32_t)(n - l->neigh);
	uint32_t *at = bucket_of(l, n->addr);

	BARO_ASSERT(n->parked == NULL);
	while (*at != self)
		at = &l->neigh[*at].chain;
	*at = n->chain;
	list_remove(&n->idle);
	wheel_stop(&l->env->wheel, &n->timer);
	n->state = NEIGH_FREE;
	n->gen++;
	n->chain = l->first_free;
	l->first_free = self;
	l->n_used--;
}
