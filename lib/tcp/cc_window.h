/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_CC_WINDOW_H
#define BARO_TCP_CC_WINDOW_H

/* What the algorithms that go by losses share: slow start, and windows that are not used. */

#include <stdbool.h>
#include <stdint.h>

#include "tcp/conn.h"

/** RFC 6928: the setting's number of segments, less of them if they are larger than Ethernet's. */
static inline uint32_t
cc_initial_window(const struct tcp_conn *c)
{
	uint32_t segments = common_of(c)->initial_window;

	return min_u32(segments * c->mss, max_u32(2u * c->mss, segments * 1460));
}

/** Grow by what was acknowledged, within its limits and up to ssthresh. */
void
cc_slow_start(struct tcp_conn *c, struct tcp_hystart *h, const struct tcp_cc_sample *s);

/**
 * Was the window used, so that it may grow? One that was not for a time-out's length shrinks
 * halfway to what was used (RFC 2861 §3.2), or the initial window; ssthresh remembers it.
 */
bool
cc_window_is_used(struct tcp_conn *c, const struct tcp_cc_sample *s);

/** Nothing was sent for @idle_ns: after a time-out's length back to the restart window. */
void
cc_restart(struct tcp_conn *c, uint64_t idle_ns);

/** Recovery is over: cwnd is ssthresh, but there shall be no burst (RFC 6582 §3.2 step 3). */
void
cc_recovered(struct tcp_conn *c, uint64_t now_ns);

/** @octets * @percent / 100, at least two segments: RFC 5681 §3.1 equation 4 with other factors. */
static inline uint32_t
cc_reduced(const struct tcp_conn *c, uint32_t octets, uint32_t percent)
{
	return (uint32_t)max_u64((uint64_t)octets * percent / 100, 2u * c->mss);
}

#endif
