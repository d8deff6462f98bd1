/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOAD_HIST_H
#define LOAD_HIST_H

/*
 * A histogram of times, after HdrHistogram: exact to a part in 128 whatever their size, in fixed memory.
 * (Debian 12 has no HdrHistogram for C.) One thread writes.
 */

#include <stdint.h>

enum {
	HIST_BITS = 7, /* each octave has 2^HIST_BITS buckets */
	HIST_MAX_BITS = 40,
	HIST_BUCKETS = (HIST_MAX_BITS - HIST_BITS + 1) << HIST_BITS,
};

struct hist {
	uint64_t n;
	uint64_t sum_ns;
	uint64_t max_ns;
	uint64_t bucket[HIST_BUCKETS];
};

/** The bucket that counts @ns; those of 18 minutes and more share the last one. */
static inline uint32_t
hist_bucket(uint64_t ns)
{
	uint32_t shift;

	if (ns >= UINT64_C(1) << HIST_MAX_BITS)
		return HIST_BUCKETS - 1;
	if (ns < 2u << HIST_BITS)
		return (uint32_t)ns;
	shift = 63u - (uint32_t)__builtin_clzll(ns) - HIST_BITS;
	return (shift << HIST_BITS) + (uint32_t)(ns >> shift);
}

static inline void
hist_add(struct hist *h, uint64_t ns)
{
	h->n++;
	h->sum_ns += ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
	h->bucket[hist_bucket(ns)]++;
}

/** Add all that @from counted. */
void
hist_merge(struct hist *to, const struct hist *from);

/** What @now has counted since it was as @before; the maximum is that of the whole time. */
void
hist_since(struct hist *out, const struct hist *now, const struct hist *before);

/** The time that @percent of all did not exceed, ns; 0 with nothing counted. @percent 0..100 */
uint64_t
hist_percentile(const struct hist *h, double percent);

/** The mean, ns; 0 with nothing counted. */
uint64_t
hist_mean(const struct hist *h);

#endif
