/* SPDX-License-Identifier: BSD-3-Clause */

/* The flow table, by hand and against an oracle that keeps the values of each hash in a row. */

#include <criterion/criterion.h>

#include <errno.h>

#include "base/check.h"
#include "base/flowtab.h"
#include "base/rand.h"

static struct flowtab t;

static void
begin(uint32_t limit)
{
	cr_assert_eq(flowtab_init(&t, limit), 0);
}

/* How often a search for @hash brings @value; all it brings goes to @n_all. */
static int
times_found(uint32_t hash, uint32_t value, int *n_all)
{
	struct flowtab_cursor at;
	int n = 0;

	*n_all = 0;
	for (uint32_t v = flowtab_first(&t, hash, &at); v != FLOWTAB_NONE;
		v = flowtab_next(&t, &at)) {
		n += v == value;
		(*n_all)++;
	}
	return n;
}

static bool
is_found(uint32_t hash, uint32_t value)
{
	int n_all;

	return times_found(hash, value, &n_all) == 1;
}

Test(flowtab, refuses_limits_out_of_range)
{
	cr_expect_eq(flowtab_init(&t, 0), -EINVAL);
	cr_expect_eq(flowtab_init(&t, FLOWTAB_LIMIT_MAX + 1), -EINVAL);
}

Test(flowtab, empty_table_finds_nothing)
{
	struct flowtab_cursor at;

	begin(10);
	cr_expect_eq(flowtab_first(&t, 0, &at), FLOWTAB_NONE);
	cr_expect_eq(flowtab_remove(&t, 0, 0), -ENOENT);
	cr_expect_eq(flowtab_count(&t), 0);
	flowtab_fini(&t);
}

Test(flowtab, any_hash_and_any_value_but_none_can_be_stored)
{
	static const uint32_t edges[] = { 0, 1, 1023, 1024, 0x80000000, UINT32_MAX - 1 };

	begin(100);
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		for (size_t j = 0; j < ARRAY_LEN(edges); j++)
			cr_assert_eq(flowtab_add(&t, edges[i], edges[j]), 0);
	}
	cr_assert_eq(flowtab_add(&t, UINT32_MAX, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		for (size_t j = 0; j < ARRAY_LEN(edges); j++)
			cr_expect(is_found(edges[i], edges[j]), "%u %u", edges[i], edges[j]);
	}
	cr_expect(is_found(UINT32_MAX, 0));
	flowtab_fini(&t);
}

Test(flowtab, entries_of_one_hash_are_found_and_removed_one_by_one)
{
	int n_all;

	begin(100);
	for (uint32_t value = 0; value < 5; value++)
		cr_assert_eq(flowtab_add(&t, 7, value), 0);
	cr_assert_eq(flowtab_remove(&t, 7, 2), 0);
	cr_expect_eq(flowtab_remove(&t, 7, 2), -ENOENT);
	cr_expect_eq(flowtab_remove(&t, 8, 1), -ENOENT);
	cr_expect_eq(times_found(7, 2, &n_all), 0);
	cr_expect_eq(n_all, 4);
	cr_expect(is_found(7, 0) && is_found(7, 1) && is_found(7, 3) && is_found(7, 4));
	flowtab_fini(&t);
}

Test(flowtab, cluster_over_the_end_of_the_array_survives_removals)
{
	uint32_t last = 1023;

	begin(100);
	/* homes 1022, 1023, 0, 1 in turn, all crowded round the end */
	for (uint32_t i = 0; i < 32; i++)
		cr_assert_eq(flowtab_add(&t, ((last - 1 + i % 4) & last) | i << 10, i), 0);
	for (uint32_t gone = 0; gone < 32; gone++) {
		uint32_t hash = ((last - 1 + gone % 4) & last) | gone << 10;

		cr_assert_eq(flowtab_remove(&t, hash, gone), 0);
		for (uint32_t i = 0; i < 32; i++) {
			hash = ((last - 1 + i % 4) & last) | i << 10;
			cr_assert_eq(is_found(hash, i), i > gone, "%u after %u", i, gone);
		}
	}
	for (uint32_t pos = 0; pos <= last; pos++)
		cr_assert_eq(t.now.slot[pos].inverse, 0);
	flowtab_fini(&t);
}

Test(flowtab, holds_its_limit_and_not_one_more)
{
	begin(1000);
	for (uint32_t i = 0; i < 1000; i++)
		cr_assert_eq(flowtab_add(&t, i * 2654435761u, i), 0);
	cr_expect_eq(flowtab_add(&t, 1, 1), -ENOSPC);
	cr_expect_eq(flowtab_count(&t), 1000);
	cr_expect_eq(flowtab_remove(&t, 0, 0), 0);
	cr_expect_eq(flowtab_add(&t, 1, 1), 0);
	flowtab_fini(&t);
}

Test(flowtab, churn_neither_grows_the_table_nor_leaves_traces)
{
	begin(10000);
	for (uint32_t i = 0; i < 500; i++)
		cr_assert_eq(flowtab_add(&t, i * 2654435761u, i), 0);
	for (uint32_t i = 500; i < 10000; i++) {
		cr_assert_eq(flowtab_add(&t, i * 2654435761u, i), 0);
		cr_assert_eq(flowtab_remove(&t, (i - 500) * 2654435761u, i - 500), 0);
	}
	cr_expect_eq(t.now.mask, 1023);
	cr_expect_eq(flowtab_count(&t), 500);
	flowtab_fini(&t);
}

Test(flowtab, growth_moves_a_few_entries_per_insertion)
{
	uint32_t n = 0;
	uint32_t before;

	begin(100000);
	while (t.old.slot == NULL) {
		cr_assert_eq(flowtab_add(&t, n * 2654435761u, n), 0);
		n++;
	}
	cr_expect_eq(t.now.mask, 2047);
	cr_expect_geq(t.old.used, 750);
	while (t.old.slot != NULL) {
		before = t.old.used;
		cr_assert_eq(flowtab_add(&t, n * 2654435761u, n), 0);
		cr_assert_leq(before - t.old.used, 8);
		n++;
	}
	cr_expect_eq(flowtab_count(&t), n);
	for (uint32_t i = 0; i < n; i++)
		cr_assert(is_found(i * 2654435761u, i), "%u", i);
	flowtab_fini(&t);
}

Test(flowtab, entries_removed_while_it_grows_stay_removed)
{
	uint32_t n = 0;

	begin(100000);
	while (t.old.slot == NULL) {
		cr_assert_eq(flowtab_add(&t, n * 2654435761u, n), 0);
		n++;
	}
	for (uint32_t i = 0; i < n; i += 2)
		cr_assert_eq(flowtab_remove(&t, i * 2654435761u, i), 0, "%u", i);
	for (uint32_t i = 0; i < n; i++)
		cr_assert_eq(is_found(i * 2654435761u, i), i % 2 == 1, "%u", i);
	for (uint32_t i = 1; i < n; i += 2)
		cr_assert_eq(flowtab_remove(&t, i * 2654435761u, i), 0, "%u", i);
	cr_expect_eq(flowtab_count(&t), 0);
	cr_expect_null(t.old.slot);
	flowtab_fini(&t);
}

/* The oracle: the values stored under each of a few thousand hashes. */

enum {
	N_HASHES = 4096,
	N_VALUES = 4,
};

struct oracle {
	uint32_t value[N_HASHES][N_VALUES]; /* FLOWTAB_NONE: free */
	uint32_t n;
	struct rand rand;
};

static struct oracle o;

/* Crowded on purpose: neighbours, equal low halves, and homes at the end of every array. */
static uint32_t
hash_of(uint32_t i)
{
	switch (i % 8) {
	case 0:
		return i;
	case 1:
		return (i << 16) | (i & 0xff) << 4;
	case 2:
		return UINT32_MAX - i / 16;
	default:
		return i * 2654435761u;
	}
}

static void
add_any(uint32_t value)
{
	uint32_t i = rand_below(&o.rand, N_HASHES);
	uint32_t *at = o.value[i];

	for (int k = 0; k < N_VALUES; k++) {
		if (at[k] != FLOWTAB_NONE)
			continue;
		cr_assert_eq(flowtab_add(&t, hash_of(i), value), 0);
		at[k] = value;
		o.n++;
		return;
	}
}

static void
remove_any(void)
{
	uint32_t i = rand_below(&o.rand, N_HASHES);
	uint32_t *at = &o.value[i][rand_below(&o.rand, N_VALUES)];

	if (*at == FLOWTAB_NONE)
		return;
	cr_assert_eq(flowtab_remove(&t, hash_of(i), *at), 0);
	*at = FLOWTAB_NONE;
	o.n--;
}

/* Values are unique, so those of another index with an equal hash can be told apart. */
static void
compare(uint32_t i)
{
	int n_all;

	for (int k = 0; k < N_VALUES; k++) {
		uint32_t value = o.value[i][k];

		if (value != FLOWTAB_NONE)
			cr_assert_eq(times_found(hash_of(i), value, &n_all), 1, "hash %u", i);
	}
}

static void
run_steps(uint32_t first, uint32_t n_steps, uint32_t adds_of_16)
{
	for (uint32_t step = first; step < first + n_steps; step++) {
		if (rand_below(&o.rand, 16) < adds_of_16)
			add_any(step);
		else
			remove_any();
		compare(rand_below(&o.rand, N_HASHES));
		cr_assert_eq(flowtab_count(&t), o.n);
	}
}

Test(flowtab, agrees_with_the_oracle_through_growth_and_decline)
{
	memset(o.value, 0xff, sizeof(o.value));
	rand_seed(&o.rand, 5);
	begin(N_HASHES * N_VALUES);
	run_steps(0, 10000, 14);
	cr_expect_geq(t.now.mask, 8191);
	run_steps(10000, 8000, 3);
	run_steps(18000, 4000, 15);
	for (uint32_t i = 0; i < N_HASHES; i++)
		compare(i);
	for (uint32_t i = 0; i < N_HASHES; i++) {
		for (int k = 0; k < N_VALUES; k++) {
			if (o.value[i][k] != FLOWTAB_NONE)
				cr_assert_eq(flowtab_remove(&t, hash_of(i), o.value[i][k]), 0);
		}
	}
	cr_expect_eq(flowtab_count(&t), 0);
	flowtab_fini(&t);
}
