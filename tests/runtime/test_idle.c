/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/idle.h"

/* A frame for another core's queue rings every core's bell: the nap that follows forgets none of them. */
Test(idle, nap_on_a_false_call_forgets_no_descriptor)
{
	static const struct dev_port port = { .driver = "net_none" };
	const uint64_t now_ns = NS_PER_SEC;
	struct idle idle = { .is_adaptive = true, .has_fds = true };
	int bell = eventfd(1, EFD_NONBLOCK);
	struct wake wake;

	cr_assert_eq(wake_init(&wake), 0);
	idle_has_peers(&idle, &wake);
	idle.fd[0] = (struct pollfd){ .fd = bell, .events = POLLIN };
	idle.watched[0].port = &port;
	idle.n = 1;
	for (int i = 0; i < 40; i++)
		idle_wait(&idle, now_ns, now_ns + NS_PER_MS);
	cr_expect_gt(idle.n_false, 8, "it has napped");
	cr_expect_eq(idle.fd[0].fd, bell);
	cr_expect_eq(idle.fd[1].fd, wake.fd);
	wake_fini(&wake);
	close(bell);
}

static uint64_t
monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* Fifty sleeps of 100 ms would be five seconds. */
Test(idle, a_descriptor_of_the_host_ends_the_sleep, .timeout = 30)
{
	struct idle idle = { .is_adaptive = true, .has_fds = true, .host_fd = -1 };
	int fd = eventfd(1, EFD_NONBLOCK);
	uint64_t begin_ns = monotonic_ns();

	idle_watch_host(&idle, fd);
	for (int i = 0; i < 50; i++)
		idle_wait(&idle, NS_PER_SEC, TIME_NEVER);
	cr_expect_lt(monotonic_ns() - begin_ns, 3 * NS_PER_SEC);
	close(fd);
}
