/* SPDX-License-Identifier: BSD-3-Clause */
/* Pacing rates and quanta; see the header. */

#include "tcp/pace.h"

#include "base/wheel.h"

enum {
	RATE_MIN =
		128, /* octets a second: a segment must not take for ever, nor pace_step overflow */
	QUANTUM_MAX = 64 * 1024, /* octets: draft-ietf-ccwg-bbr §5.6.3 */
	TICKS = 2,
	SLOW_START_PERCENT = 200, /* of cwnd a round trip: it doubles in that time */
	PERCENT = 120,
};

/** How far pace_ns may lie ahead: see the header's formula. */
static uint64_t
credit_ns(const struct tcp_conn *c)
{
	uint64_t most = min_u64(pace_time(c, QUANTUM_MAX), NS_PER_MS);

	most = max_u64(most, (uint64_t)TICKS << WHEEL_TICK_BITS);
	return max_u64(most, 2 * pace_time(c, c->mss));
}

void
pace_set(struct tcp_conn *c, uint64_t rate)
{
	if (c->max_pace_rate != 0)
		rate = rate != 0 ? min_u64(rate, c->max_pace_rate) : c->max_pace_rate;
	if (rate == c->pace_rate)
		return;
	c->pace_rate = rate;
	if (rate == 0)
		return;
	c->pace_rate = max_u64(rate, RATE_MIN);
	c->pace_step = (NS_PER_SEC << PACE_STEP_BITS) / c->pace_rate;
	c->pace_credit_ns = credit_ns(c);
}

void
pace_by_window(struct tcp_conn *c)
{
	uint64_t percent = c->cwnd < c->ssthresh ? SLOW_START_PERCENT : PERCENT;

	if (!common_of(c)->with_pacing || c->srtt_ns == 0)
		pace_set(c, 0); /* but for max_pace_rate */
	else
		pace_set(c, c->cwnd * percent * (NS_PER_SEC / 100) / c->srtt_ns);
}

void
pace_limit(struct tcp_conn *c, uint64_t rate)
{
	c->max_pace_rate = rate;
	if (c->cc->wants_pacing)
		pace_set(c, c->pace_rate); /* a higher one with the next acknowledgement */
	else
		pace_by_window(c);
}
