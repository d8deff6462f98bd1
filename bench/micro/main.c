/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What one step costs: nanoseconds per operation of base/ and wire/, the median of some rounds.
 * Needs no EAL. bench-micro [WORD] runs the rows with WORD in their names.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/env.h"
#include "base/flowtab.h"
#include "base/rand.h"
#include "base/siphash.h"
#include "base/slab.h"
#include "base/time.h"
#include "base/wheel.h"
#include "wire/cksum.h"

#define ROUNDS   9
#define BURST    32
#define FLOW_MAX (1u << 20)
#define TIMERS   100000u

/** What the rows work on; made once. */
struct bench {
	uint8_t octets[64 * 1024];
	struct siphash_key key;
	struct flowtab flows;
	struct slab slab;
	struct wheel wheel;
	struct wheel_timer *timer;
	struct rand rand;
	uint64_t sink; /* takes every result, so that none is optimised away */
};

struct row {
	const char *name;
	uint32_t n; /* operations a round */
	void (*run)(struct bench *b, uint32_t n, uint32_t arg);
	uint32_t arg;
};

static void
run_cksum(struct bench *b, uint32_t n, uint32_t len)
{
	for (uint32_t i = 0; i < n; i++)
		b->sink += cksum_fold(cksum_add(i, b->octets + (i & 1023), len));
}

static void
run_siphash(struct bench *b, uint32_t n, uint32_t unused)
{
	(void)unused;
	for (uint32_t i = 0; i < n; i++)
		b->sink += siphash13_2u64(&b->key, i, b->sink);
}

static uint32_t
flow_hash(const struct bench *b, uint32_t flow)
{
	return (uint32_t)siphash13_2u64(&b->key, flow, 0);
}

/** Search by bursts, each prefetched before it is looked at; the hash is part of the price. */
static void
run_flowtab(struct bench *b, uint32_t n, uint32_t flows)
{
	struct flowtab_cursor at;
	uint32_t hash[BURST];

	for (uint32_t i = 0; i < n; i += BURST) {
		for (uint32_t k = 0; k < BURST; k++) {
			hash[k] = flow_hash(b, rand_below(&b->rand, flows));
			flowtab_prefetch(&b->flows, hash[k]);
		}
		for (uint32_t k = 0; k < BURST; k++)
			b->sink += flowtab_first(&b->flows, hash[k], &at);
	}
}

static void
run_slab(struct bench *b, uint32_t n, uint32_t unused)
{
	uint32_t index = 0;

	(void)unused;
	for (uint32_t i = 0; i < n; i++) {
		b->sink += (uintptr_t)slab_get(&b->slab, &index);
		slab_put(&b->slab, index);
	}
}

static void
run_wheel(struct bench *b, uint32_t n, uint32_t unused)
{
	(void)unused;
	for (uint32_t i = 0; i < n; i++)
		wheel_start(&b->wheel, &b->timer[i % TIMERS], NS_PER_SEC + i * NS_PER_US);
}

static const struct row rows[] = {
	{ "checksum 64 octets", 1000000, run_cksum, 64 },
	{ "checksum 1460 octets", 100000, run_cksum, 1460 },
	{ "siphash13 16 octets", 1000000, run_siphash, 0 },
	{ "flow lookup 1000 of 1M", 1000000, run_flowtab, 1000 },
	{ "flow lookup 100k of 1M", 1000000, run_flowtab, 100000 },
	{ "flow lookup 1M of 1M", 1000000, run_flowtab, 1000000 },
	{ "slab get and put", 1000000, run_slab, 0 },
	{ "wheel re-arm of 100000", 1000000, run_wheel, 0 },
};

static uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
measure(struct bench *b, const struct row *row)
{
	double ns[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = clock_ns();

		row->run(b, row->n, row->arg);
		ns[i] = (double)(clock_ns() - start) / row->n;
	}
	qsort(ns, ROUNDS, sizeof(ns[0]), by_value);
	return ns[ROUNDS / 2];
}

static int
bench_init(struct bench *b)
{
	rand_seed(&b->rand, 1);
	b->key = (struct siphash_key){ 1, 2 };
	b->timer = calloc(TIMERS, sizeof(b->timer[0]));
	if (b->timer == NULL || slab_init(&b->slab, 256, 1024, NULL) != 0 ||
		flowtab_init(&b->flows, FLOW_MAX) != 0)
		return -1;
	for (uint32_t i = 0; i < 1000000; i++) {
		if (flowtab_add(&b->flows, flow_hash(b, i), i) != 0)
			return -1;
	}
	wheel_init(&b->wheel, 0);
	for (uint32_t i = 0; i < TIMERS; i++)
		wheel_timer_init(&b->timer[i], TIMER_APP);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct bench bench;

	if (bench_init(&bench) != 0) {
		fputs("bench-micro: no memory\n", stderr);
		return 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (argc < 2 || strstr(rows[i].name, argv[1]) != NULL)
			printf("%-28s %8.2f ns\n", rows[i].name, measure(&bench, &rows[i]));
	}
	return bench.sink == 0; /* never */
}
