/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_PACE_H
#define BARO_TCP_PACE_H

/*
 * Pacing: octets sent in any interval t <= pace_rate * t + one segment. A
 * rate of 0 means not paced. A congestion control that wants_pacing sets the rate itself;
 * for the others it follows cwnd and the round trip if the configuration asks for it.
 */

#include "tcp/conn.h"

static inline bool
pace_is_due(const struct tcp_conn *c, uint64_t now_ns)
{
	return c->pace_rate == 0 || now_ns >= c->pace_ns;
}

/** @len octets left. */
static inline void
pace_sent(struct tcp_conn *c, uint32_t len, uint64_t now_ns)
{
	if (c->pace_rate != 0)
		c->pace_ns = max_u64(c->pace_ns, now_ns) + len * NS_PER_SEC / c->pace_rate;
}

/** Let the rate follow the window: twice cwnd per round trip in slow start, 1.2 times later. */
static inline void
pace_follow(struct tcp_conn *c)
{
	uint64_t gain = c->cwnd < c->ssthresh ? 200 : 120;

	if (common_of(c)->with_pacing && !c->cc->wants_pacing && c->srtt_ns != 0)
		c->pace_rate = c->cwnd * gain * (NS_PER_SEC / 100) / c->srtt_ns;
}

#endif
