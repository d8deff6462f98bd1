/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_SEQ_H
#define BARO_BASE_SEQ_H

/*
 * Sequence numbers, RFC 9293 §3.4: a circle of 2^32. A structure, so that a
 * bare `<`, which is wrong after the wrap, does not compile.
 */

#include <stdbool.h>
#include <stdint.h>

struct seq {
	uint32_t n;
};

static inline struct seq
seq_add(struct seq a, uint32_t len)
{
	return (struct seq){ a.n + len };
}

static inline struct seq
seq_sub(struct seq a, uint32_t len)
{
	return (struct seq){ a.n - len };
}

/** Octets from @from up to @to; meaningful while they are within 2^31. */
static inline uint32_t
seq_len(struct seq from, struct seq to)
{
	return to.n - from.n;
}

static inline bool
seq_eq(struct seq a, struct seq b)
{
	return a.n == b.n;
}

/** @a comes before @b. */
static inline bool
seq_lt(struct seq a, struct seq b)
{
	return (int32_t)(a.n - b.n) < 0;
}

static inline bool
seq_le(struct seq a, struct seq b)
{
	return (int32_t)(a.n - b.n) <= 0;
}

static inline bool
seq_gt(struct seq a, struct seq b)
{
	return (int32_t)(a.n - b.n) > 0;
}

static inline bool
seq_ge(struct seq a, struct seq b)
{
	return (int32_t)(a.n - b.n) >= 0;
}

static inline struct seq
seq_max(struct seq a, struct seq b)
{
	return seq_lt(a, b) ? b : a;
}

static inline struct seq
seq_min(struct seq a, struct seq b)
{
	return seq_lt(a, b) ? a : b;
}

/** @s lies in [@from, @from + @len). */
static inline bool
seq_within(struct seq s, struct seq from, uint32_t len)
{
	return s.n - from.n < len;
}

#endif
