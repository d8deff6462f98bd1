/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * bench-micro: what each step of a packet's way costs, and the whole of it. No EAL, one core.
 *
 *	bench-micro [--json] [--calls N] [WORD...]	nanoseconds of the rows that have one of the WORDs
 *	bench-micro --list				the rows
 *	bench/micro/count				instructions: the same under callgrind
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "micro/row.h"

enum {
	CALLS_MAX = 1001,
	WARMUP = 64, /* calls before the first that counts */
};

/* Visible and out of line, so that callgrind knows them by name (bench/micro/count): it counts within the
 * first, and writes down what it has at the end of the second. */
void
bench_measured(const struct row *row, void *state);
void
bench_row_ends(const struct row *row, void *state);

/* gcc would clone and rename them when it optimises what is linked. */
#ifdef __clang__
#define BY_NAME __attribute__((noinline, used))
#else
#define BY_NAME __attribute__((noipa))
#endif

static const struct row *const tables[] = { rows_parts, rows_tcp, rows_udp, rows_syn };

struct options {
	uint32_t n_calls;
	bool is_json;
	bool is_list;
	char **words; /* ends with NULL */
};

/** Nanoseconds of one operation. */
struct times {
	double median, p10, p90;
};

BY_NAME void
bench_measured(const struct row *row, void *state)
{
	row->run(state);
}

BY_NAME void
bench_row_ends(const struct row *row, void *state)
{
	row->close(state);
}

static uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/** What reading the clock twice takes by itself. */
static double
clock_cost(void)
{
	double ns[CALLS_MAX];

	for (int i = 0; i < CALLS_MAX; i++) {
		uint64_t begin = clock_ns();

		ns[i] = (double)(clock_ns() - begin);
	}
	qsort(ns, CALLS_MAX, sizeof(ns[0]), by_value);
	return ns[CALLS_MAX / 2];
}

/** @return false: no memory */
static bool
measure(const struct row *row, uint32_t n_calls, struct times *out)
{
	double ns[CALLS_MAX];
	double nothing = clock_cost();
	void *state = row->open(row);

	if (state == NULL)
		return false;
	for (uint32_t i = 0; i < WARMUP + n_calls; i++) {
		uint64_t begin;

		if (row->prepare != NULL)
			row->prepare(state);
		if (i < WARMUP) {
			row->run(state);
			continue;
		}
		begin = clock_ns();
		bench_measured(row, state);
		ns[i - WARMUP] = ((double)(clock_ns() - begin) - nothing) / row->per;
	}
	bench_row_ends(row, state);
	qsort(ns, n_calls, sizeof(ns[0]), by_value);
	*out = (struct times){ ns[n_calls / 2], ns[n_calls / 10], ns[n_calls * 9 / 10] };
	return true;
}

static bool
is_wanted(const struct row *row, char **words)
{
	for (char **w = words; *w != NULL; w++)
		if (strstr(row->name, *w) != NULL)
			return true;
	return *words == NULL;
}

/** One row of the table. @return false: no memory */
static bool
tell(const struct row *row, const struct options *o)
{
	static bool has_told;
	struct times t;

	if (o->is_list) {
		puts(row->name);
		return true;
	}
	if (!measure(row, o->n_calls, &t)) {
		fprintf(stderr, "bench-micro: no memory for %s\n", row->name);
		return false;
	}
	if (o->is_json)
		printf("%s\n  {\"name\": \"%s\", \"per\": %" PRIu32
		       ", \"ns\": %.2f, \"p10\": %.2f, \"p90\": %.2f}",
			has_told ? "," : "", row->name, row->per, t.median, t.p10, t.p90);
	else
		printf("%-36s %8.1f ns  (%.1f-%.1f)\n", row->name, t.median, t.p10, t.p90);
	fflush(stdout);
	has_told = true;
	return true;
}

static bool
read_options(int argc, char **argv, struct options *o)
{
	int i;

	*o = (struct options){ .n_calls = CALLS_MAX };
	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--json") == 0)
			o->is_json = true;
		else if (strcmp(argv[i], "--list") == 0)
			o->is_list = true;
		else if (strcmp(argv[i], "--calls") == 0 && i + 1 < argc)
			o->n_calls = (uint32_t)strtoul(argv[++i], NULL, 10);
		else
			return false;
	}
	o->words = argv + i;
	return o->n_calls >= 1 && o->n_calls <= CALLS_MAX;
}

int
main(int argc, char **argv)
{
	struct options o;
	int n_rows = 0;

	if (!read_options(argc, argv, &o)) {
		fprintf(stderr, "usage: bench-micro [--json] [--list] [--calls 1..%d] [WORD...]\n",
			CALLS_MAX);
		return 2;
	}
	if (o.is_json)
		printf("[");
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct row *row = tables[t]; row->name != NULL; row++) {
			if (!is_wanted(row, o.words))
				continue;
			n_rows++;
			if (!tell(row, &o))
				return 1;
		}
	}
	if (o.is_json)
		printf("\n]\n");
	if (n_rows == 0)
		fputs("bench-micro: no row has that word; see --list\n", stderr);
	return n_rows == 0;
}
