/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_WHEEL_H
#define BARO_BASE_WHEEL_H

/*
 * Hierarchical timer wheel of one core: start, stop and move in constant time,
 * whatever is pending. A timer never fires early, and at most one tick late, unless very many are due.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/list.h"
#include "base/time.h"

/** One tick is 2^WHEEL_TICK_BITS ns: 16.384 us. */
#define WHEEL_TICK_BITS 14
#define WHEEL_SLOT_BITS 8
#define WHEEL_SLOTS     (1u << WHEEL_SLOT_BITS)
#define WHEEL_LEVELS    4

/**
 * Timers handed out by a call, at most. After a pause very many may be due at once: what they send has to find
 * room on its way, and what has arrived meanwhile is not to wait, and be lost, for all of them.
 */
#define WHEEL_BATCH 256

/** A timer, embedded in what it belongs to; @kind tells the runtime what that is. */
struct wheel_timer {
	struct list node;
	uint64_t deadline_ns;
	uint8_t kind;  /* enum timer_kind, the owner's */
	uint8_t level; /* where it hangs; the wheel's own */
	uint8_t slot;
	bool is_armed;
	uint32_t index; /* the owner's, in its slab say: the wheel does not look at it */
};

struct wheel {
	uint64_t tick; /* what was due by then has been handed out, as far as batches go */
	uint64_t next; /* there is nothing to be done before this one */
	uint32_t n_armed;
	uint64_t used[WHEEL_LEVELS][WHEEL_SLOTS / 64]; /* a bit for each slot that is not empty */
	struct list slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

/** Start an empty wheel at @now_ns. */
void
wheel_init(struct wheel *w, uint64_t now_ns);

static inline void
wheel_timer_init(struct wheel_timer *t, uint8_t kind)
{
	list_init(&t->node);
	t->deadline_ns = TIME_NEVER;
	t->kind = kind;
	t->is_armed = false;
}

/**
 * Arm @t, or move it if it is armed; it may still be in a list of expired ones. A deadline in the
 * past counts as due now and fires at the next wheel_expire(); TIME_NEVER disarms.
 */
void
wheel_start(struct wheel *w, struct wheel_timer *t, uint64_t deadline_ns);

/** Disarm @t, or take it out of a list of expired ones; else nothing happens. */
void
wheel_stop(struct wheel *w, struct wheel_timer *t);

/** wheel_expire() at tick @now, when there is something to be done. */
void
wheel_turn(struct wheel *w, uint64_t now, struct list *expired);

/**
 * Disarm every timer whose deadline tick has come by @now_ns and append it to @expired, an
 * initialised list, in the order of deadline ticks; but no more than WHEEL_BATCH: the others stay armed, and
 * wheel_next() is not beyond @now_ns. While the caller takes timers from the front of that list it may start
 * and stop any timer, those in the list too. A clock that stands still or went back expires nothing early.
 * Most calls find nothing to do, by one comparison.
 */
static inline void
wheel_expire(struct wheel *w, uint64_t now_ns, struct list *expired)
{
	uint64_t now = now_ns >> WHEEL_TICK_BITS;

	if (unlikely(now >= w->next))
		wheel_turn(w, now, expired);
	else
		w->tick = max_u64(w->tick, now);
}

/**
 * When to call wheel_expire() next at the latest; TIME_NEVER with nothing armed. Exact if the
 * earliest timer hangs in level 0 (it does in its last 256 ticks or sooner), else the time when it
 * is to be hung lower: early, never late.
 */
uint64_t
wheel_next(const struct wheel *w);

#endif
