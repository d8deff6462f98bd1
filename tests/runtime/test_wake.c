/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>

#include "runtime/wake.h"

static struct wake wake;

static bool
is_readable(void)
{
	struct pollfd fd = { .fd = wake.fd, .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

Test(wake, nobody_is_woken_who_is_up)
{
	cr_assert_eq(wake_init(&wake), 0);
	wake_ring(&wake);
	cr_assert_not(is_readable());
	wake_fini(&wake);
}

Test(wake, a_sleeper_is_woken_once)
{
	cr_assert_eq(wake_init(&wake), 0);
	wake_arm(&wake);
	cr_assert_not(is_readable());
	wake_ring(&wake);
	cr_assert(is_readable());
	cr_assert_not(atomic_load(&wake.is_asleep), "the second ring would cost a system call");
	wake_arm(&wake);
	cr_assert_not(is_readable(), "an old call was left");
	wake_fini(&wake);
}

Test(wake, who_got_up_by_itself_needs_no_call)
{
	cr_assert_eq(wake_init(&wake), 0);
	wake_arm(&wake);
	wake_disarm(&wake);
	wake_ring(&wake);
	cr_assert_not(is_readable());
	wake_fini(&wake);
}

enum { ROUNDS = 20000 };

static atomic_uint filled;

/* Put something into the ring, tell. */
static void *
fill(void *arg)
{
	(void)arg;
	for (unsigned i = 1; i <= ROUNDS; i++) {
		atomic_store_explicit(&filled, i, memory_order_release);
		wake_ring(&wake);
		/* now and then, wait until it really sleeps */
		while (i % 64 == 0 && !atomic_load(&wake.is_asleep))
			;
	}
	return NULL;
}

Test(wake, no_call_is_lost, .timeout = 30)
{
	unsigned seen = 0;
	pthread_t thread;

	cr_assert_eq(wake_init(&wake), 0);
	cr_assert_eq(pthread_create(&thread, NULL, fill, NULL), 0);
	while (seen < ROUNDS) {
		struct pollfd fd = { .fd = wake.fd, .events = POLLIN };
		unsigned now = atomic_load_explicit(&filled, memory_order_acquire);

		if (now == seen) {
			wake_arm(&wake);
			now = atomic_load_explicit(&filled, memory_order_acquire);
			/* asleep with a full ring, this would last for ever */
			if (now == seen)
				cr_assert_eq(poll(&fd, 1, 10000), 1, "overslept at %u", seen);
			wake_disarm(&wake);
		}
		seen = now;
	}
	pthread_join(thread, NULL);
	wake_fini(&wake);
}
