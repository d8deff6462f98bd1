/* SPDX-License-Identifier: BSD-3-Clause */

/* The table of routes against a plain search through all of them. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/rand.h"
#include "ip/fib.h"

enum { MANY = 50000 };

static struct fib f;
static struct rand dice;

static void
setup(void)
{
	cr_assert_eq(fib_init(&f), 0);
	rand_seed(&dice, 7);
}

static void
teardown(void)
{
	fib_fini(&f);
}

TestSuite(fib, .init = setup, .fini = teardown);

/** What is asked of the table, done the plain way. @r in the order in which they were added. */
static const struct fib_route *
search(const struct fib_route *r, unsigned n, uint32_t addr)
{
	const struct fib_route *best = NULL;

	for (unsigned i = 0; i < n; i++) {
		if (((addr ^ r[i].dest) & fib_mask(r[i].prefix_len)) != 0)
			continue;
		if (best == NULL || r[i].prefix_len > best->prefix_len ||
			(r[i].prefix_len == best->prefix_len && r[i].metric < best->metric))
			best = &r[i];
	}
	return best;
}

static struct fib_route
route_at_random(void)
{
	uint8_t len = (uint8_t)(rand_u64(&dice) % 33);

	return (struct fib_route){
		.dest = (uint32_t)rand_u64(&dice) & 0x3f03ff0f & fib_mask(len),
		.prefix_len = len,
		.gateway = (uint32_t)rand_u64(&dice) | 1,
		.metric = (uint32_t)(rand_u64(&dice) % 3),
	};
}

static void
expect_same(const struct fib_route *r, unsigned n)
{
	for (unsigned i = 0; i < 300; i++) {
		uint32_t addr = (uint32_t)rand_u64(&dice) & 0x3f03ff0f;
		const struct fib_route *a = search(r, n, addr);
		const struct fib_route *b = fib_find(&f, addr);

		cr_assert_eq(a == NULL, b == NULL);
		if (a != NULL)
			cr_assert_eq(a->gateway, b->gateway, "to %08x", addr);
	}
}

Test(fib, answers_are_those_of_a_plain_search)
{
	static struct fib_route r[2000];
	unsigned n = 0;

	expect_same(r, n);
	while (n < ARRAY_LEN(r)) {
		r[n] = route_at_random();
		cr_assert_eq(fib_add(&f, &r[n]), 0);
		if (++n % 100 == 0)
			expect_same(r, n);
	}
	while (n != 0) {
		unsigned i = (unsigned)(rand_u64(&dice) % n);

		cr_assert_eq(fib_remove(&f, &r[i]), 0);
		cr_assert_eq(fib_remove(&f, &r[i]), -ENOENT);
		for (n--; i < n; i++)
			r[i] = r[i + 1];
		if (n % 100 == 0)
			expect_same(r, n);
	}
	cr_expect_eq(f.n_used, 0);
	cr_expect_eq(f.lens, 0);
	cr_expect_null(fib_find(&f, 0x0a000001));
}

Test(fib, tens_of_thousands_of_routes_are_found_each)
{
	for (uint32_t i = 0; i < MANY; i++)
		cr_assert_eq(fib_add(&f, &(struct fib_route){ .dest = 0x0a000000 + (i << 8),
						 .prefix_len = 24,
						 .gateway = i + 1 }),
			0);
	for (uint32_t i = 0; i < MANY; i++)
		cr_assert_eq(fib_find(&f, 0x0a000000 + (i << 8) + 5)->gateway, i + 1);
	cr_expect_null(fib_find(&f, 0x0a000000 + ((uint32_t)MANY << 8)));
	cr_expect_eq(f.lens, UINT64_C(1) << 24, "one length is looked for");
}

Test(fib, same_route_twice_and_impossible_ones_are_refused)
{
	struct fib_route r = { .dest = 0x0a000000, .prefix_len = 8, .gateway = 1, .metric = 5 };

	cr_expect_eq(fib_add(&f, &r), 0);
	r.metric = 6;
	cr_expect_eq(fib_add(&f, &r), -EEXIST);
	r.gateway = 2;
	cr_expect_eq(fib_add(&f, &r), 0);
	r.dest = 0x0a000001;
	cr_expect_eq(fib_add(&f, &r), -EINVAL);
	r.prefix_len = 33;
	cr_expect_eq(fib_add(&f, &r), -EINVAL);
	cr_expect_eq(f.n_used, 2);
}

Test(fib, our_own_address_is_ours_whatever_route_there_is_to_it)
{
	struct fib_route r = { .dest = 0x0a000001, .prefix_len = 32, .gateway = 1 };
	struct fib_route self = {
		.dest = 0x0a000001, .prefix_len = 32, .kind = FIB_LOCAL, .metric = 9
	};

	cr_expect_eq(fib_add(&f, &r), 0);
	cr_expect_eq(fib_add(&f, &self), 0);
	r.gateway = 2;
	cr_expect_eq(fib_add(&f, &r), 0);
	cr_expect_eq(fib_find(&f, 0x0a000001)->kind, FIB_LOCAL);
	cr_expect_eq(fib_remove(&f, &self), 0);
	cr_expect_eq(fib_find(&f, 0x0a000001)->gateway, 1);
}
