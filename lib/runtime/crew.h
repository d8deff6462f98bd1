/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_CREW_H
#define BARO_RUNTIME_CREW_H

/*
 * The cores of one program, as other threads see them: their counters may be read at any time,
 * everything else is asked for (mailbox.h). A core that is here stays until all have ended.
 */

#include <baro/config.h>
#include <stdatomic.h>

#include "runtime/core.h"
#include "runtime/wake.h"

struct crew {
	unsigned n_cores;
	struct wake only;                               /* of an only core */
	struct wake *wake[BARO_MAX_CORES];              /* where each of them sleeps */
	struct baro_core *_Atomic core[BARO_MAX_CORES]; /* NULL: not made yet */
};

/** @steer  NULL: there is one core. @return 0, -errno of eventfd */
int
crew_init(struct crew *crew, unsigned n_cores, struct steer *steer);

/** No core of it is left. */
void
crew_fini(struct crew *crew);

/** Core @i is made. On its own thread. */
void
crew_join(struct crew *crew, unsigned i, struct baro_core *core);

/** Core @i; NULL: it is not made yet. */
static inline struct baro_core *
crew_at(const struct crew *crew, unsigned i)
{
	return i < crew->n_cores ? atomic_load_explicit(&crew->core[i], memory_order_acquire)
				 : NULL;
}

/** Have core @i answer: mailbox_ask() with a second's patience. Not on a core's thread. */
int
crew_ask(struct crew *crew, unsigned i, mailbox_slice slice, void *question);

/* Changes: each core has its own tables, so all are told. Not on a core's thread. */

/** On a core's thread. @return 0, -errno */
typedef int (*crew_change_fn)(struct baro_core *core, const void *what);

struct crew_outcome {
	int err;       /* 0: all cores have made the change */
	unsigned core; /* the first that has not */
	uint64_t made; /* with an error: those that have made it all the same, a bit each */
};

/** All cores, or none: those before one that refuses take it back, as far as they do. */
struct crew_outcome
crew_change(struct crew *crew, crew_change_fn make, crew_change_fn undo, const void *what);

/**
 * Something goes from all cores, however many have it (-ENOENT: this one has not), and from the others if one
 * refuses.
 *
 * @return err is -ENOENT if none has had it
 */
struct crew_outcome
crew_remove(struct crew *crew, crew_change_fn make, const void *what);

#endif
