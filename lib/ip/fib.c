/* SPDX-License-Identifier: BSD-3-Clause */

/* Prefixes in chains over a hash; see the header. Nobody but our own host adds any: no secret key. */

#include "ip/fib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIB_NONE UINT32_MAX

enum { FIRST_ROOM = 64 };

struct fib_entry {
	struct fib_route route;
	uint32_t chain; /* next of its bucket, or of the free ones */
	bool is_used;
};

int
fib_init(struct fib *f)
{
	*f = (struct fib){
		.entry = malloc(FIRST_ROOM * sizeof(*f->entry)),
		.bucket = malloc(FIRST_ROOM * sizeof(*f->bucket)),
		.bucket_mask = FIRST_ROOM - 1,
		.n_room = FIRST_ROOM,
		.first_free = FIB_NONE,
	};
	if (f->entry == NULL || f->bucket == NULL) {
		fib_fini(f);
		return -ENOMEM;
	}
	memset(f->bucket, 0xff, FIRST_ROOM * sizeof(*f->bucket));
	return 0;
}

void
fib_fini(struct fib *f)
{
	free(f->entry);
	free(f->bucket);
	*f = (struct fib){ .first_free = FIB_NONE };
}

/** Fibonacci hashing of the prefix; its length keeps 10.0.0.0/8 from 10.0.0.0/16. */
static uint32_t *
bucket_of(const struct fib *f, uint32_t dest, uint8_t prefix_len)
{
	uint64_t key = (uint64_t)prefix_len << 32 | dest;

	return &f->bucket[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 40 & f->bucket_mask];
}

static bool
is_same_prefix(const struct fib_route *a, uint32_t dest, uint8_t prefix_len)
{
	return a->dest == dest && a->prefix_len == prefix_len;
}

const struct fib_route *
fib_find_prefix(const struct fib *f, uint32_t dest, uint8_t prefix_len)
{
	uint32_t i = *bucket_of(f, dest, prefix_len);

	for (; i != FIB_NONE; i = f->entry[i].chain)
		if (is_same_prefix(&f->entry[i].route, dest, prefix_len))
			return &f->entry[i].route;
	return NULL;
}

const struct fib_route *
fib_find(const struct fib *f, uint32_t addr)
{
	for (uint64_t lens = f->lens; lens != 0;) {
		uint8_t len = (uint8_t)(63 - __builtin_clzll(lens));
		const struct fib_route *r = fib_find_prefix(f, addr & fib_mask(len), len);

		if (r != NULL)
			return r;
		lens &= ~(UINT64_C(1) << len);
	}
	return NULL;
}

const struct fib_route *
fib_at(const struct fib *f, uint32_t i)
{
	return f->entry[i].is_used ? &f->entry[i].route : NULL;
}

/** In its chain @new stands before routes of its prefix that are worse: the first is the best. */
static bool
is_better(const struct fib_route *new, const struct fib_route *old)
{
	if (new->kind == FIB_LOCAL || old->kind == FIB_LOCAL)
		return old->kind != FIB_LOCAL;
	return new->metric < old->metric;
}

static void
hang(struct fib *f, uint32_t self)
{
	struct fib_entry *e = &f->entry[self];
	uint32_t *at = bucket_of(f, e->route.dest, e->route.prefix_len);

	for (; *at != FIB_NONE; at = &f->entry[*at].chain) {
		const struct fib_route *old = &f->entry[*at].route;

		if (is_same_prefix(old, e->route.dest, e->route.prefix_len) &&
			is_better(&e->route, old))
			break;
	}
	e->chain = *at;
	*at = self;
}

/**
 * Twice the room. Chains are taken apart from their beginnings, so that among equals the oldest stays
 * the first.
 */
static int
grow(struct fib *f)
{
	uint32_t n_old = f->bucket_mask + 1;
	struct fib_entry *entry = realloc(f->entry, 2 * f->n_room * sizeof(*entry));
	uint32_t *old = f->bucket;
	uint32_t *bucket;

	if (entry == NULL)
		return -ENOMEM;
	f->entry = entry;
	bucket = malloc(2 * n_old * sizeof(*bucket));
	if (bucket == NULL)
		return -ENOMEM;
	f->n_room *= 2;
	memset(bucket, 0xff, 2 * n_old * sizeof(*bucket));
	f->bucket = bucket;
	f->bucket_mask = 2 * n_old - 1;
	for (uint32_t k = 0; k < n_old; k++) {
		uint32_t next;

		for (uint32_t i = old[k]; i != FIB_NONE; i = next) {
			next = f->entry[i].chain;
			hang(f, i);
		}
	}
	free(old);
	return 0;
}

/** Where in its chain the route is; NULL: nowhere. */
static uint32_t *
find_place(const struct fib *f, const struct fib_route *r)
{
	uint32_t *at = bucket_of(f, r->dest, r->prefix_len);

	for (; *at != FIB_NONE; at = &f->entry[*at].chain) {
		const struct fib_route *old = &f->entry[*at].route;

		if (is_same_prefix(old, r->dest, r->prefix_len) && old->gateway == r->gateway &&
			old->netif == r->netif && old->kind == r->kind)
			return at;
	}
	return NULL;
}

int
fib_add(struct fib *f, const struct fib_route *r)
{
	uint32_t i = f->first_free;

	if (r->prefix_len > 32 || (r->dest & ~fib_mask(r->prefix_len)) != 0)
		return -EINVAL;
	if (find_place(f, r) != NULL)
		return -EEXIST;
	if (i != FIB_NONE)
		f->first_free = f->entry[i].chain;
	else if (f->n_made < f->n_room || grow(f) == 0)
		i = f->n_made++;
	else
		return -ENOMEM;
	f->entry[i] = (struct fib_entry){ .route = *r, .is_used = true };
	hang(f, i);
	f->n_used++;
	f->n_of_len[r->prefix_len]++;
	f->lens |= UINT64_C(1) << r->prefix_len;
	return 0;
}

int
fib_remove(struct fib *f, const struct fib_route *r)
{
	uint32_t *at = find_place(f, r);
	uint8_t prefix_len = r->prefix_len; /* @r may be the entry's own */
	struct fib_entry *e;
	uint32_t i;

	if (at == NULL)
		return -ENOENT;
	i = *at;
	e = &f->entry[i];
	*at = e->chain;
	e->is_used = false;
	e->chain = f->first_free;
	f->first_free = i;
	f->n_used--;
	if (--f->n_of_len[prefix_len] == 0)
		f->lens &= ~(UINT64_C(1) << prefix_len);
	return 0;
}
