/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How far apart are two CPUs? A word goes there and back in one cache line; prints the ns that takes, the
 * median of a hundred times 500 round trips, or of as many as take half a second. Some machines change it within minutes, and what two
 * cores do together changes with it.
 *
 *	bench-probe [CPU CPU]		the first two that we may use, if not said otherwise
 */

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 100, TRIPS = 500, NS_MAX = 500000000 };

#define STOP UINT32_MAX

static alignas(128) _Atomic(uint32_t) word; /* odd: the second one's turn */
static alignas(128) unsigned cpu[2];

static int
stay_on(unsigned n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n, &set);
	return pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void *
answer(void *arg)
{
	(void)arg;
	if (stay_on(cpu[1]) != 0)
		return NULL;
	for (;;) {
		uint32_t now = atomic_load_explicit(&word, memory_order_acquire);

		if (now == STOP)
			return NULL;
		if (now % 2 != 0)
			atomic_store_explicit(&word, now + 1, memory_order_release);
	}
}

static double
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
measure(void)
{
	double ns[ROUNDS];
	double end = clock_ns() + NS_MAX;
	uint32_t i = 0;
	int n;

	for (n = 0; n < ROUNDS && clock_ns() < end; n++) {
		double begin = clock_ns();

		for (int trip = 0; trip < TRIPS; trip++, i++) {
			atomic_store_explicit(&word, 2 * i + 1, memory_order_release);
			while (atomic_load_explicit(&word, memory_order_acquire) != 2 * i + 2)
				;
		}
		ns[n] = (clock_ns() - begin) / TRIPS;
	}
	atomic_store(&word, STOP);
	qsort(ns, (size_t)n, sizeof(ns[0]), by_value);
	return ns[n / 2];
}

static void
first_two(void)
{
	cpu_set_t allowed;
	unsigned n = 0;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (unsigned i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &allowed))
			cpu[n++] = i;
}

int
main(int argc, char **argv)
{
	pthread_t other;

	first_two();
	for (int i = 1; i < argc && i <= 2; i++)
		cpu[i - 1] = (unsigned)atoi(argv[i]);
	if (cpu[0] == cpu[1] || stay_on(cpu[0]) != 0 ||
		pthread_create(&other, NULL, answer, NULL) != 0) {
		fprintf(stderr, "bench-probe: needs two CPUs that it may use\n");
		return 1;
	}
	printf("%.0f\n", measure());
	pthread_join(other, NULL);
	return 0;
}
