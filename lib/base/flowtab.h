/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_FLOWTAB_H
#define BARO_BASE_FLOWTAB_H

/*
 * Flow table of one core: open addressing with linear probing over 8-byte slots
 * {hash, value}. It does not know keys: the caller hashes with a secret key,
 * prefetches, and confirms candidates against its own objects. Removal
 * shifts back, so there are no tombstones; growth doubles and moves a few slots
 * per insertion, never all at once.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/prefetch.h"

/** Most entries a table can be asked for. */
#define FLOWTAB_LIMIT_MAX (1u << 30)

/** No value; every other 32-bit value may be stored. */
#define FLOWTAB_NONE UINT32_MAX

struct flowtab_slot {
	uint32_t hash;    /* all of it: home position, and signature */
	uint32_t inverse; /* ~value; 0: empty, so that fresh zero pages are an empty table */
};

struct flowtab_array {
	struct flowtab_slot *slot;
	uint32_t mask; /* slots - 1; slots are a power of two */
	uint32_t used; /* entries; at most 3/4 of the slots, so every search ends */
};

struct flowtab {
	struct flowtab_array now; /* where insertions go */
	struct flowtab_array old; /* being emptied while the table grows; slot NULL when not */
	uint32_t moved;           /* next slot of old to move */
	uint32_t limit;           /* most entries */
};

/**
 * Make an empty table with room for 512 entries; it grows as they come.
 *
 * @limit   most entries, 1..FLOWTAB_LIMIT_MAX
 * @return  0, -EINVAL (limit), -ENOMEM
 */
int
flowtab_init(struct flowtab *t, uint32_t limit);
void
flowtab_fini(struct flowtab *t);

static inline uint32_t
flowtab_count(const struct flowtab *t)
{
	return t->now.used + t->old.used;
}

/** Fetch the cache line in which the search for @hash begins. */
static inline void
flowtab_fetch(const struct flowtab *t, uint32_t hash)
{
	fetch(&t->now.slot[hash & t->now.mask], 1);
	if (unlikely(t->old.slot != NULL))
		fetch(&t->old.slot[hash & t->old.mask], 1);
}

/**
 * A search: flowtab_first(), then flowtab_next() until the caller's key matches
 * or FLOWTAB_NONE comes. Only slots whose hash equals @hash are returned.
 * Nothing may be inserted or removed in between.
 */
struct flowtab_cursor {
	uint32_t hash;
	uint32_t pos;
	bool in_old;
};

static inline uint32_t
flowtab_next(const struct flowtab *t, struct flowtab_cursor *at)
{
	const struct flowtab_array *a = at->in_old ? &t->old : &t->now;

	for (;;) {
		struct flowtab_slot s = a->slot[at->pos];

		if (s.inverse == 0) {
			if (likely(at->in_old || t->old.slot == NULL))
				return FLOWTAB_NONE;
			a = &t->old;
			at->in_old = true;
			at->pos = at->hash & a->mask;
			continue;
		}
		at->pos = (at->pos + 1) & a->mask;
		if (s.hash == at->hash)
			return ~s.inverse;
	}
}

static inline uint32_t
flowtab_first(const struct flowtab *t, uint32_t hash, struct flowtab_cursor *at)
{
	*at = (struct flowtab_cursor){ .hash = hash, .pos = hash & t->now.mask };
	return flowtab_next(t, at);
}

/**
 * Insert without looking for an equal one; @value is not FLOWTAB_NONE.
 *
 * @return  0
 *          -ENOSPC  the limit is reached
 *          -ENOMEM  no memory to grow; nothing has changed
 */
int
flowtab_add(struct flowtab *t, uint32_t hash, uint32_t value);

/** Remove the entry with this hash and value. @return 0, -ENOENT */
int
flowtab_remove(struct flowtab *t, uint32_t hash, uint32_t value);

#endif
