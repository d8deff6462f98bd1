/* SPDX-License-Identifier: BSD-3-Clause */

/* Seeded random numbers, and secrets. */

#include <criterion/criterion.h>

#include "base/check.h"
#include "base/rand.h"

Test(rand, equals_the_reference_generator)
{
	static const uint64_t expected[] = {
		11520,
		0,
		1509978240,
		1215971899390074240,
		1216172134540287360,
		607988272756665600,
		UINT64_C(16172922978634559625),
		8476171486693032832,
	};
	struct rand r = { { 1, 2, 3, 4 } };

	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		cr_expect_eq(rand_u64(&r), expected[i], "number %zu", i);
}

Test(rand, seed_is_spread_by_splitmix64)
{
	struct rand r;

	rand_seed(&r, 1234567);
	cr_expect_eq(r.s[0], 6457827717110365317);
	cr_expect_eq(r.s[1], 3203168211198807973);
	cr_expect_eq(r.s[2], UINT64_C(9817491932198370423));
	cr_expect_eq(r.s[3], 4593380528125082431);
}

Test(rand, seed_decides_the_run)
{
	struct rand a;
	struct rand b;
	struct rand other;
	int n_equal = 0;

	rand_seed(&a, 0);
	rand_seed(&b, 0);
	rand_seed(&other, 1);
	for (int i = 0; i < 1000; i++) {
		uint64_t x = rand_u64(&a);

		cr_assert_eq(x, rand_u64(&b));
		n_equal += x == rand_u64(&other);
	}
	cr_expect_eq(n_equal, 0);
}

Test(rand, stays_below_its_bound)
{
	static const uint32_t bounds[] = { 1, 2, 3, 7, 1000, 65536, 0x80000001, UINT32_MAX };
	struct rand r;

	rand_seed(&r, 2);
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
		for (int n = 0; n < 2000; n++)
			cr_assert_lt(rand_below(&r, bounds[i]), bounds[i]);
	}
}

Test(rand, every_face_of_a_die_is_as_likely)
{
	unsigned seen[6] = { 0 };
	struct rand r;

	rand_seed(&r, 3);
	for (int n = 0; n < 60000; n++)
		seen[rand_below(&r, 6)]++;
	for (int face = 0; face < 6; face++)
		cr_expect(seen[face] > 9500 && seen[face] < 10500, "%d: %u", face, seen[face]);
}

/*
 * 3 * 2^30 does not divide 2^32: a plain remainder would make the lowest third twice as likely, a
 * plain product every third number.
 */
Test(rand, large_bound_has_no_bias)
{
	unsigned n_low = 0;
	unsigned n_third = 0;
	struct rand r;

	rand_seed(&r, 4);
	for (int n = 0; n < 30000; n++) {
		uint32_t x = rand_below(&r, UINT32_C(3) << 30);

		n_low += x < UINT32_C(1) << 30;
		n_third += x % 3 == 0;
	}
	cr_expect(n_low > 9500 && n_low < 10500, "%u", n_low);
	cr_expect(n_third > 9500 && n_third < 10500, "%u", n_third);
}

Test(rand, secrets_differ_and_stay_within_their_buffer)
{
	uint8_t a[34] = { 0 };
	uint8_t b[34] = { 0 };

	cr_assert_eq(rand_secret(a + 1, 32), 0);
	cr_assert_eq(rand_secret(b + 1, 32), 0);
	cr_expect(memcmp(a, b, sizeof(a)) != 0);
	cr_expect_eq(a[0] | a[33] | b[0] | b[33], 0);
	cr_expect_eq(rand_secret(a, 0), 0);
}
