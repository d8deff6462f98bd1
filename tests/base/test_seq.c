/* SPDX-License-Identifier: BSD-3-Clause */

/* Sequence numbers on their circle, above all where it wraps. */

#include <criterion/criterion.h>

#include "base/check.h"
#include "base/rand.h"
#include "base/seq.h"

static struct seq
s(uint32_t n)
{
	return (struct seq){ n };
}

/* F10 */
Test(seq, comes_before_across_the_wrap)
{
	static const struct {
		const char *name;
		uint32_t before;
		uint32_t after;
	} rows[] = {
		{ "neighbours", 1, 2 },
		{ "last and first number", 0xffffffff, 0 },
		{ "ISN just below the wrap", 0xfffffff0, 0x10 },
		{ "from 0 as far as it goes", 0, 0x7fffffff },
		{ "across the middle", 0x7fffffff, 0x80000000 },
		{ "across the wrap as far as it goes", 0x80000001, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seq a = s(rows[i].before);
		struct seq b = s(rows[i].after);

		cr_expect(seq_lt(a, b) && seq_le(a, b), "%s: before", rows[i].name);
		cr_expect(seq_gt(b, a) && seq_ge(b, a), "%s: after", rows[i].name);
		cr_expect(!seq_lt(b, a) && !seq_le(b, a), "%s: not before", rows[i].name);
		cr_expect(!seq_gt(a, b) && !seq_ge(a, b), "%s: not after", rows[i].name);
		cr_expect_eq(seq_max(a, b).n, b.n, "%s: max", rows[i].name);
		cr_expect_eq(seq_max(b, a).n, b.n, "%s: max, turned round", rows[i].name);
		cr_expect_eq(seq_min(a, b).n, a.n, "%s: min", rows[i].name);
		cr_expect_eq(seq_min(b, a).n, a.n, "%s: min, turned round", rows[i].name);
	}
}

Test(seq, equals_only_itself)
{
	cr_expect(seq_eq(s(7), s(7)));
	cr_expect(seq_le(s(7), s(7)) && seq_ge(s(7), s(7)));
	cr_expect(!seq_lt(s(7), s(7)) && !seq_gt(s(7), s(7)));
	cr_expect(!seq_eq(s(7), s(8)));
}

/* F10 */
Test(seq, window_includes_its_left_edge_and_excludes_its_right)
{
	static const struct {
		const char *name;
		uint32_t seq;
		uint32_t from;
		uint32_t len;
		bool is_within;
	} rows[] = {
		{ "left edge", 100, 100, 10, true },
		{ "last octet", 109, 100, 10, true },
		{ "right edge", 110, 100, 10, false },
		{ "one to the left", 99, 100, 10, false },
		{ "empty window", 100, 100, 0, false },
		{ "behind the wrap, inside", 5, 0xfffffff0, 0x20, true },
		{ "behind the wrap, right edge", 0x10, 0xfffffff0, 0x20, false },
		{ "before the wrap, inside", 0xffffffff, 0xfffffff0, 0x20, true },
		{ "half a circle away", 0x7ffffff0, 0xfffffff0, 0x20, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_expect_eq(seq_within(s(rows[i].seq), s(rows[i].from), rows[i].len),
			rows[i].is_within, "%s", rows[i].name);
	}
}

/* F10 */
Test(seq, any_step_below_half_the_circle_goes_forward)
{
	struct rand r;

	rand_seed(&r, 1);
	for (int i = 0; i < 20000; i++) {
		struct seq a = s((uint32_t)rand_u64(&r));
		uint32_t step = 1 + rand_below(&r, 0x7fffffff);
		struct seq b = seq_add(a, step);

		cr_assert(seq_lt(a, b), "%u + %u", a.n, step);
		cr_assert_eq(seq_len(a, b), step);
		cr_assert(seq_eq(seq_sub(b, step), a));
	}
}
