/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a histogram; see the header. */

#include "hist.h"

#include <string.h>

void
hist_merge(struct hist *to, const struct hist *from)
{
	to->n += from->n;
	to->sum_ns += from->sum_ns;
	if (from->max_ns > to->max_ns)
		to->max_ns = from->max_ns;
	for (uint32_t i = 0; i < HIST_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
}

void
hist_since(struct hist *out, const struct hist *now, const struct hist *before)
{
	out->n = now->n - before->n;
	out->sum_ns = now->sum_ns - before->sum_ns;
	out->max_ns = now->max_ns;
	for (uint32_t i = 0; i < HIST_BUCKETS; i++)
		out->bucket[i] = now->bucket[i] - before->bucket[i];
}

/** The largest time that bucket @i counts. */
static uint64_t
upper_end(uint32_t i)
{
	uint32_t shift;

	if (i < 2u << HIST_BITS)
		return i;
	shift = (i >> HIST_BITS) - 1;
	return ((uint64_t)(i - (shift << HIST_BITS) + 1) << shift) - 1;
}

uint64_t
hist_percentile(const struct hist *h, double percent)
{
	uint64_t rank = (uint64_t)((double)h->n * percent / 100 + 0.5);
	uint64_t n = 0;

	if (h->n == 0)
		return 0;
	if (rank == 0)
		rank = 1;
	for (uint32_t i = 0; i < HIST_BUCKETS; i++) {
		n += h->bucket[i];
		if (n >= rank)
			return upper_end(i) < h->max_ns ? upper_end(i) : h->max_ns;
	}
	return h->max_ns;
}

uint64_t
hist_mean(const struct hist *h)
{
	return h->n == 0 ? 0 : h->sum_ns / h->n;
}
