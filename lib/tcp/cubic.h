/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_CUBIC_H
#define BARO_TCP_CUBIC_H

/*
 * The curve of RFC 9438 §4.2 in integers:
 *
 *	W_cubic(t) = C * (t - K)^3 + W_max,  K = cbrt((W_max - cwnd_epoch) / C),  C = 0.4
 *
 * with windows in octets and time in units of 2^20 ns, 1.05 ms: a shift makes them from
 * nanoseconds. The error is below 1/500 of a segment and 1/1000 of what the curve has grown.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "tcp/hystart.h"

enum {
	CUBIC_TIME_BITS = 20,
	CUBIC_OFFSET_MAX = 1 << 20, /* units: 18 minutes; no window has that long to go */
	CUBIC_SCALE_BITS = 50,
	CUBIC_SCALE = 519238, /* 0.4 segments per s^3 * (2^20 ns)^3, times 2^50 */
};

#define CUBIC_K_SCALE UINT64_C(2168404345) /* (2^20 ns)^-3 / 0.4 */

/** The curve in force, and what was before a reduction. */
struct tcp_cubic_epoch {
	uint32_t start;      /* t = 0 */
	uint32_t w_max;      /* 0: there was no loss, or a time-out */
	uint32_t w_est;      /* W_est, §4.3 */
	uint32_t cwnd_prior; /* cwnd before the last reduction */
	uint32_t k;
	bool is_begun; /* else the next growth in congestion avoidance begins it */
};

struct tcp_cubic {
	uint64_t grown; /* acknowledged octets times (target - cwnd): cwnd * mss make a segment */
	uint64_t est_acked; /* acknowledged octets, 17ths of: 17 * cwnd make a segment of w_est */
	struct tcp_cubic_epoch epoch;
	struct tcp_cubic_epoch undo;
	uint32_t last; /* time of the last acknowledgement looked at */
	struct tcp_hystart hystart;
};

/** Largest r with r^3 <= x. */
static inline uint32_t
cubic_root(uint64_t x)
{
	uint64_t r = 0;

	for (int bit = 21; bit >= 0; bit--) {
		uint64_t next = r | UINT64_C(1) << bit;

		if (next <= 2642245 && next * next * next <= x) /* 2642245^3 < 2^64 */
			r = next;
	}
	return (uint32_t)r;
}

/** K for a curve that begins @below octets under W_max. */
static inline uint32_t
cubic_k(uint32_t below, uint32_t mss)
{
	return cubic_root(below * CUBIC_K_SCALE / mss);
}

/** C * @offset^3 in octets, at most 2^31. */
static inline uint32_t
cubic_rise(uint32_t offset, uint32_t mss)
{
	uint64_t x = min_u32(offset, CUBIC_OFFSET_MAX);
	uint64_t segs; /* 2^10 to a segment */

	segs = ((x * x * x >> 20) * CUBIC_SCALE) >> (CUBIC_SCALE_BITS - 20 - 10);
	return (uint32_t)min_u64(segs * mss >> 10, UINT32_C(1) << 31);
}

/** W_cubic(@t), at least one segment. */
static inline uint32_t
cubic_window(const struct tcp_cubic_epoch *e, uint32_t t, uint32_t mss)
{
	uint32_t rise = t >= e->k ? cubic_rise(t - e->k, mss) : cubic_rise(e->k - t, mss);

	if (t >= e->k)
		return (uint32_t)min_u64((uint64_t)e->w_max + rise, UINT32_MAX);
	return e->w_max > rise + mss ? e->w_max - rise : mss;
}

#endif
