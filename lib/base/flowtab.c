/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Insertion, removal and growth; searching is in the header. While the table grows, entries live
 * in both arrays. The old one only shrinks: its slots before @moved are empty, and each entry is
 * taken out by the same back-shifting removal, so searching it stays right throughout.
 */

#include "base/flowtab.h"

#include <errno.h>

enum {
	FIRST_SLOTS = 1024,
	/*
	 * Old slots looked at per insertion. Growth begins at 3/4 of N slots and the next one at
	 * 3/4 of 2N, so 3N/4 insertions must suffice to move 3N/4 entries and pass N empty slots.
	 */
	MOVES_PER_ADD = 8,
};

static int
open_array(struct flowtab_array *a, uint32_t slots)
{
	*a = (struct flowtab_array){
		.slot = calloc(slots, sizeof(*a->slot)),
		.mask = slots - 1,
	};
	return a->slot == NULL ? -ENOMEM : 0;
}

static void
close_array(struct flowtab_array *a)
{
	free(a->slot);
	*a = (struct flowtab_array){ .slot = NULL };
}

static void
put_slot(struct flowtab_array *a, struct flowtab_slot s)
{
	uint32_t pos = s.hash & a->mask;

	while (a->slot[pos].inverse != 0)
		pos = (pos + 1) & a->mask;
	a->slot[pos] = s;
	a->used++;
}

/*
 * Empty a slot and close the gap: an entry further on may move into it unless its home lies after
 * the gap, up to where it is now.
 */
static void
clear_slot(struct flowtab_array *a, uint32_t gap)
{
	uint32_t pos = gap;
	uint32_t from_home;

	for (;;) {
		pos = (pos + 1) & a->mask;
		if (a->slot[pos].inverse == 0)
			break;
		from_home = (pos - a->slot[pos].hash) & a->mask;
		if (from_home < ((pos - gap) & a->mask))
			continue;
		a->slot[gap] = a->slot[pos];
		gap = pos;
	}
	a->slot[gap].inverse = 0;
	a->used--;
}

/* The slot that holds @s; NULL: none does. */
static struct flowtab_slot *
slot_with(const struct flowtab_array *a, struct flowtab_slot s)
{
	uint32_t pos = s.hash & a->mask;

	for (; a->slot[pos].inverse != 0; pos = (pos + 1) & a->mask)
		if (a->slot[pos].hash == s.hash && a->slot[pos].inverse == s.inverse)
			return &a->slot[pos];
	return NULL;
}

static int
remove_from(struct flowtab_array *a, struct flowtab_slot s)
{
	const struct flowtab_slot *slot = slot_with(a, s);

	if (slot == NULL)
		return -ENOENT;
	clear_slot(a, (uint32_t)(slot - a->slot));
	return 0;
}

static int
begin_growth(struct flowtab *t)
{
	struct flowtab_array bigger;

	BARO_ASSERT(t->old.slot == NULL);
	if (open_array(&bigger, (t->now.mask + 1) * 2) != 0)
		return -ENOMEM;
	t->old = t->now;
	t->now = bigger;
	t->moved = 0;
	return 0;
}

/* Move a few entries; a slot that another entry shifted into is looked at again. */
static void
move_some(struct flowtab *t)
{
	struct flowtab_slot s;

	for (int i = 0; i < MOVES_PER_ADD && t->old.used > 0; i++) {
		s = t->old.slot[t->moved];
		if (s.inverse == 0) {
			t->moved++;
			continue;
		}
		clear_slot(&t->old, t->moved);
		put_slot(&t->now, s);
	}
}

static bool
is_full(const struct flowtab *t)
{
	uint64_t slots = (uint64_t)t->now.mask + 1;

	return flowtab_count(t) >= slots / 4 * 3;
}

int
flowtab_init(struct flowtab *t, uint32_t limit)
{
	if (limit == 0 || limit > FLOWTAB_LIMIT_MAX)
		return -EINVAL;
	*t = (struct flowtab){ .limit = limit };
	return open_array(&t->now, FIRST_SLOTS);
}

void
flowtab_fini(struct flowtab *t)
{
	close_array(&t->now);
	close_array(&t->old);
}

int
flowtab_add(struct flowtab *t, uint32_t hash, uint32_t value)
{
	BARO_ASSERT(value != FLOWTAB_NONE);
	if (flowtab_count(t) >= t->limit)
		return -ENOSPC;
	if (unlikely(is_full(t)) && begin_growth(t) != 0)
		return -ENOMEM;
	put_slot(&t->now, (struct flowtab_slot){ .hash = hash, .inverse = ~value });
	if (unlikely(t->old.slot != NULL)) {
		move_some(t);
		if (t->old.used == 0)
			close_array(&t->old);
	}
	return 0;
}

int
flowtab_remove(struct flowtab *t, uint32_t hash, uint32_t value)
{
	struct flowtab_slot s = { .hash = hash, .inverse = ~value };

	if (remove_from(&t->now, s) == 0)
		return 0;
	if (t->old.slot == NULL || remove_from(&t->old, s) != 0)
		return -ENOENT;
	if (t->old.used == 0)
		close_array(&t->old);
	return 0;
}
