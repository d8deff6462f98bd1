/* SPDX-License-Identifier: BSD-3-Clause */

/* Waking a core that sleeps: an eventfd. */

#include "runtime/wake.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int
wake_init(struct wake *w)
{
	atomic_init(&w->is_asleep, false);
	w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return w->fd >= 0 ? 0 : -errno;
}

void
wake_fini(struct wake *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

void
wake_arm(struct wake *w)
{
	uint64_t count;

	if (read(w->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	atomic_store_explicit(&w->is_asleep, true, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
}

/* First the flag, then the call: the sleeper, once up, may set the flag again at any time. */
void
wake_write(struct wake *w)
{
	const uint64_t one = 1;

	if (!atomic_exchange(&w->is_asleep, false))
		return;
	/* it fails only when the descriptor is readable since 2^64 - 2 calls */
	while (write(w->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}
