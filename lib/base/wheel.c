/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A timer due at tick T hangs in the lowest level whose turn T shares with the wheel's tick:
 *
 *	level 0  T >> 8  == tick >> 8,  slot T & 255
 *	level 1  T >> 16 == tick >> 16, slot T >> 8 & 255
 *	level 2  T >> 24 == tick >> 24, slot T >> 16 & 255
 *	level 3  any other T, slot T >> 24 & 255, or the farthest slot if T lies beyond it
 *
 * So each level is due before all above it, and within levels 0 to 2 a used slot never lies
 * behind the tick's own: the first bit from there on is the next thing to happen. Level 3 is a
 * circle. When the tick comes to a slot above level 0, its timers are hung up anew.
 */

#include "base/wheel.h"

enum {
	TOP = WHEEL_LEVELS - 1,
	SLOT_MASK = WHEEL_SLOTS - 1,
	TOP_SHIFT = TOP * WHEEL_SLOT_BITS,
};

/* What the tick meets next: a slot, and the tick at which it begins. */
struct stop {
	uint64_t tick;
	uint32_t level;
	uint32_t slot;
};

static struct wheel_timer *
timer_of(struct list *node)
{
	return holder_of(node, struct wheel_timer, node);
}

/* Rounded up, so that no timer fires early. */
static uint64_t
deadline_tick(uint64_t deadline_ns)
{
	uint64_t whole = deadline_ns >> WHEEL_TICK_BITS;

	return whole + (whole << WHEEL_TICK_BITS != deadline_ns);
}

/* First used slot at or after @from, or WHEEL_SLOTS. */
static uint32_t
find_used(const uint64_t *used, uint32_t from)
{
	uint64_t bits;

	for (uint32_t word = from / 64; word < WHEEL_SLOTS / 64; word++) {
		bits = used[word];
		if (word == from / 64)
			bits &= UINT64_MAX << (from % 64);
		if (bits != 0)
			return word * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return WHEEL_SLOTS;
}

static uint32_t
slot_of(uint64_t tick, uint32_t level)
{
	return (uint32_t)(tick >> level * WHEEL_SLOT_BITS) & SLOT_MASK;
}

static void
hang(struct wheel *w, struct wheel_timer *t)
{
	uint64_t due = max_u64(deadline_tick(t->deadline_ns), w->tick);
	uint64_t farthest = (w->tick >> TOP_SHIFT) + SLOT_MASK;
	uint32_t level = 0;

	while (level < TOP && (due ^ w->tick) >> (level + 1) * WHEEL_SLOT_BITS != 0)
		level++;
	if (due >> TOP_SHIFT > farthest)
		due = farthest << TOP_SHIFT;
	t->level = (uint8_t)level;
	t->slot = (uint8_t)slot_of(due, level);
	w->next = min_u64(w->next, due >> level * WHEEL_SLOT_BITS << level * WHEEL_SLOT_BITS);
	list_add(&w->slot[level][t->slot], &t->node);
	w->used[level][t->slot / 64] |= UINT64_C(1) << t->slot % 64;
}

static void
mark_empty(struct wheel *w, uint32_t level, uint32_t slot)
{
	w->used[level][slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

/* The next slot that is not empty; false if there is none. */
static bool
find_stop(const struct wheel *w, struct stop *at)
{
	uint64_t turn;
	uint32_t own;

	if (w->n_armed == 0)
		return false;
	for (at->level = 0; at->level < TOP; at->level++) {
		own = slot_of(w->tick, at->level);
		at->slot = find_used(w->used[at->level], own);
		if (at->slot == WHEEL_SLOTS)
			continue;
		turn = w->tick >> (at->level + 1) * WHEEL_SLOT_BITS;
		at->tick = (turn << WHEEL_SLOT_BITS | at->slot) << at->level * WHEEL_SLOT_BITS;
		return true;
	}
	own = slot_of(w->tick, TOP);
	at->slot = find_used(w->used[TOP], own);
	if (at->slot == WHEEL_SLOTS)
		at->slot = find_used(w->used[TOP], 0);
	at->tick = ((w->tick >> TOP_SHIFT) + ((at->slot - own) & SLOT_MASK)) << TOP_SHIFT;
	return true;
}

void
wheel_init(struct wheel *w, uint64_t now_ns)
{
	*w = (struct wheel){ .next = UINT64_MAX, .tick = now_ns >> WHEEL_TICK_BITS };
	for (uint32_t level = 0; level < WHEEL_LEVELS; level++) {
		for (uint32_t slot = 0; slot < WHEEL_SLOTS; slot++)
			list_init(&w->slot[level][slot]);
	}
}

void
wheel_start(struct wheel *w, struct wheel_timer *t, uint64_t deadline_ns)
{
	wheel_stop(w, t);
	t->deadline_ns = deadline_ns;
	if (deadline_ns == TIME_NEVER)
		return;
	hang(w, t);
	t->is_armed = true;
	w->n_armed++;
}

void
wheel_stop(struct wheel *w, struct wheel_timer *t)
{
	list_remove(&t->node);
	if (!t->is_armed)
		return;
	if (list_is_empty(&w->slot[t->level][t->slot]))
		mark_empty(w, t->level, t->slot);
	t->is_armed = false;
	w->n_armed--;
}

/* The tick has come to this slot above level 0: what hangs there belongs further down. */
static void
hang_lower(struct wheel *w, const struct stop *at)
{
	struct list taken;
	struct list *node;

	list_init(&taken);
	list_splice(&taken, &w->slot[at->level][at->slot]);
	mark_empty(w, at->level, at->slot);
	while ((node = list_first(&taken)) != NULL) {
		list_remove(node);
		hang(w, timer_of(node));
	}
}

/* The tick has come to this slot of level 0: @n of it at most are handed out. @return how many were */
static uint32_t
hand_out(struct wheel *w, uint32_t slot, uint32_t n, struct list *expired)
{
	struct list *due = &w->slot[0][slot];
	struct list *node;
	uint32_t i;

	for (i = 0; i < n && (node = list_first(due)) != NULL; i++) {
		list_remove(node);
		timer_of(node)->is_armed = false;
		list_add(expired, node);
	}
	w->n_armed -= i;
	if (list_is_empty(due))
		mark_empty(w, 0, slot);
	return i;
}

void
wheel_turn(struct wheel *w, uint64_t now, struct list *expired)
{
	struct stop at = { .tick = UINT64_MAX };
	uint32_t left = WHEEL_BATCH;
	bool is_found;

	while ((is_found = find_stop(w, &at)) && at.tick <= now) {
		if (left == 0) {
			w->next = at.tick;
			return;
		}
		w->tick = at.tick;
		if (at.level == 0)
			left -= hand_out(w, at.slot, left, expired);
		else
			hang_lower(w, &at);
	}
	w->next = is_found ? at.tick : UINT64_MAX;
	w->tick = max_u64(w->tick, now);
}

uint64_t
wheel_next(const struct wheel *w)
{
	struct stop at;

	if (!find_stop(w, &at) || at.tick > TIME_NEVER >> WHEEL_TICK_BITS)
		return TIME_NEVER;
	return at.tick << WHEEL_TICK_BITS;
}
