/* SPDX-License-Identifier: BSD-3-Clause */

/* Questions of other threads to a core; see the header. */

#include "runtime/mailbox.h"

#include <errno.h>
#include <time.h>

#include "runtime/clock.h"

static const long SHORTEST_WAIT_NS = 20 * 1000;
static const long LONGEST_WAIT_NS = 1000 * 1000;

void
mailbox_init(struct mailbox *box)
{
	atomic_init(&box->state, MAILBOX_EMPTY);
	atomic_init(&box->n_slices, 0);
	pthread_mutex_init(&box->askers, NULL);
}

void
mailbox_close(struct mailbox *box)
{
	atomic_store(&box->state, MAILBOX_CLOSED);
}

void
mailbox_answer(struct mailbox *box, struct baro_core *core)
{
	int state = MAILBOX_ASKED;

	/* who asked may have lost patience just now */
	if (!atomic_compare_exchange_strong(&box->state, &state, MAILBOX_BUSY))
		return;
	state = box->slice(core, box->question) ? MAILBOX_DONE : MAILBOX_ASKED;
	atomic_fetch_add_explicit(&box->n_slices, 1, memory_order_relaxed);
	atomic_store(&box->state, state);
}

static bool
swap(struct mailbox *box, int from, enum mailbox_state to)
{
	return atomic_compare_exchange_strong(&box->state, &from, to);
}

/* Until the answer is there. A slice that runs is waited for: it works on our memory. */
static int
wait_for_answer(struct mailbox *box, uint64_t patience_ns)
{
	uint64_t end_ns = clock_monotonic_ns() + patience_ns;
	unsigned n_slices = atomic_load(&box->n_slices);
	struct timespec pause = { .tv_nsec = SHORTEST_WAIT_NS };

	for (;;) {
		switch (atomic_load(&box->state)) {
		case MAILBOX_DONE:
			return swap(box, MAILBOX_DONE, MAILBOX_EMPTY) ? 0 : -ESHUTDOWN;
		case MAILBOX_CLOSED:
			return -ESHUTDOWN;
		case MAILBOX_ASKED:
			if (clock_monotonic_ns() >= end_ns &&
				swap(box, MAILBOX_ASKED, MAILBOX_EMPTY))
				return -ETIMEDOUT;
			break;
		default:
			break;
		}
		if (atomic_load(&box->n_slices) != n_slices) {
			n_slices = atomic_load(&box->n_slices);
			end_ns = clock_monotonic_ns() + patience_ns;
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < LONGEST_WAIT_NS)
			pause.tv_nsec *= 2;
	}
}

int
mailbox_ask(struct mailbox *box, struct wake *wake, mailbox_slice slice, void *question,
	uint64_t patience_ns)
{
	int err = -ESHUTDOWN;

	pthread_mutex_lock(&box->askers);
	box->slice = slice;
	box->question = question;
	if (swap(box, MAILBOX_EMPTY, MAILBOX_ASKED)) {
		if (wake != NULL)
			wake_ring(wake);
		err = wait_for_answer(box, patience_ns);
	}
	pthread_mutex_unlock(&box->askers);
	return err;
}
