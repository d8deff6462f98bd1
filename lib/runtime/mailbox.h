/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_MAILBOX_H
#define BARO_RUNTIME_MAILBOX_H

/*
 * How another thread asks a core. The question lies with who asks; the core works on it in its own
 * turns, a slice a turn, so that the longest table does not stop the data path. No lock and no
 * system call of the core's: it stores a word, and who asked looks for that. With nobody asking a
 * turn costs one load.
 */

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "runtime/wake.h"

struct baro_core;

/** One slice of the answer, on the core's thread. @return true: it is complete */
typedef bool (*mailbox_slice)(struct baro_core *core, void *question);

enum mailbox_state {
	MAILBOX_EMPTY = 0,
	MAILBOX_ASKED,  /* the core takes it in its next turn */
	MAILBOX_BUSY,   /* a slice is running */
	MAILBOX_DONE,   /* the answer is there */
	MAILBOX_CLOSED, /* the core has ended */
};

struct mailbox {
	alignas(BARO_CACHE_LINE) atomic_int state; /* enum mailbox_state */
	atomic_uint n_slices;                      /* done: who asks sees that it goes on */
	mailbox_slice slice;
	void *question;
	/* the askers' own line */
	alignas(BARO_CACHE_LINE) pthread_mutex_t askers; /* take turns */
};

void
mailbox_init(struct mailbox *box);

/** The core takes no turns any more: who asks is told so. */
void
mailbox_close(struct mailbox *box);

/**
 * Ask and wait for the answer. Not on the core's own thread.
 *
 * @wake        the core may sleep there; NULL: it does not sleep
 * @patience_ns how long the core may take to take the question up, and again for each slice
 * @return 0, -ETIMEDOUT (it takes no turns: an application's callback does not return), -ESHUTDOWN;
 *         the core does not touch @question any more
 */
int
mailbox_ask(struct mailbox *box, struct wake *wake, mailbox_slice slice, void *question,
	uint64_t patience_ns);

/** For the core's turn: is there a slice to do? */
static inline bool
mailbox_is_asked(const struct mailbox *box)
{
	return atomic_load_explicit(&box->state, memory_order_relaxed) == MAILBOX_ASKED;
}

/** Do one slice. */
BARO_COLD void
mailbox_answer(struct mailbox *box, struct baro_core *core);

#endif
