/* SPDX-License-Identifier: BSD-3-Clause */

/* What connects remember of servers' Fast Open: bounded, the least used goes first. */

#include <criterion/criterion.h>

#include "base/time.h"
#include "tcp/fast_cache.h"

static const struct siphash_key key = { 1, 2 };

Test(fast_cache, entry_is_found_by_both_addresses)
{
	struct fast_cache cache;
	struct fast_entry *e;

	cr_assert_eq(fast_cache_init(&cache, 64, &key), 0);
	cr_expect_null(fast_cache_find(&cache, 1, 2, 0));
	e = fast_cache_get(&cache, 1, 2, 0);
	e->mss = 1460;
	cr_expect_eq(fast_cache_get(&cache, 1, 2, 5), e);
	cr_expect_eq(fast_cache_find(&cache, 1, 2, 5), e);
	cr_expect_null(fast_cache_find(&cache, 2, 2, 5));
	cr_expect_null(fast_cache_find(&cache, 1, 3, 5));
	fast_cache_fini(&cache);
}

/* one set: who has not been asked for the longest makes room */
Test(fast_cache, newcomer_pushes_out_the_least_used)
{
	struct fast_cache cache;

	cr_assert_eq(fast_cache_init(&cache, 4, &key), 0);
	for (uint32_t i = 1; i <= 4; i++)
		fast_cache_get(&cache, 0, i, i);
	fast_cache_find(&cache, 0, 1, 5);
	fast_cache_get(&cache, 0, 9, 6)->mss = 9;
	cr_expect_null(fast_cache_find(&cache, 0, 2, 7));
	cr_expect_not_null(fast_cache_find(&cache, 0, 1, 7));
	cr_expect_not_null(fast_cache_find(&cache, 0, 3, 7));
	cr_expect_not_null(fast_cache_find(&cache, 0, 4, 7));
	cr_expect_eq(fast_cache_find(&cache, 0, 9, 7)->mss, 9);
	fast_cache_get(&cache, 0, 2, 8);
	cr_expect_eq(fast_cache_get(&cache, 0, 2, 8)->mss, 0, "a stranger's size");
	fast_cache_fini(&cache);
}

Test(fast_cache, many_servers_stay_within_bounds)
{
	struct fast_cache cache;
	uint32_t n_known = 0;

	cr_assert_eq(fast_cache_init(&cache, 1000, &key), 0);
	for (uint32_t i = 1; i <= 10000; i++)
		fast_cache_get(&cache, 7, i, i);
	for (uint32_t i = 1; i <= 10000; i++)
		n_known += fast_cache_find(&cache, 7, i, 10000) != NULL;
	cr_expect_leq(n_known, 1024);
	cr_expect_geq(n_known, 900);
	fast_cache_fini(&cache);
}

Test(fast_cache, holds_double_up_to_the_limit)
{
	struct fast_entry e = { .faddr = 1 };
	uint64_t want_ns = 60 * NS_PER_SEC;

	for (int i = 0; i < 300; i++) {
		fast_entry_hold(&e, 3600 * NS_PER_SEC, 1000);
		cr_assert_eq(e.hold_ns, 1000 + want_ns, "after %d", i);
		want_ns = min_u64(2 * want_ns, 3600 * NS_PER_SEC);
	}
	cr_expect(fast_entry_is_held(&e, 1000 + want_ns - 1));
	cr_expect_not(fast_entry_is_held(&e, 1000 + want_ns));
}
