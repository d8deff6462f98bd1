/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_WAKE_H
#define BARO_RUNTIME_WAKE_H

/*
 * How one core wakes another that sleeps. The sleeper says that it is about to, looks at its
 * rings once more, and sleeps on a descriptor; who fills a ring looks whether anybody sleeps
 * there. Each writes before it reads, so that one of the two sees the other.
 */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/check.h"

struct wake {
	alignas(BARO_CACHE_LINE) atomic_bool is_asleep;
	int fd; /* readable: wake up */
};

/** @return 0, -errno */
int
wake_init(struct wake *w);
void
wake_fini(struct wake *w);

/** The core is about to sleep: look at the rings once more, then wait for the descriptor. */
void
wake_arm(struct wake *w);

/** The core is up again. */
static inline void
wake_disarm(struct wake *w)
{
	atomic_store_explicit(&w->is_asleep, false, memory_order_relaxed);
}

/** Make the descriptor readable, unless somebody else is about to. */
void
wake_write(struct wake *w);

/** Something was put into a ring of this core. Any thread. */
static inline void
wake_ring(struct wake *w)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (unlikely(atomic_load_explicit(&w->is_asleep, memory_order_relaxed)))
		wake_write(w);
}

#endif
