/* SPDX-License-Identifier: BSD-3-Clause */
/* How fast and how much: BBR's pacing rate and window. Sections are those of draft-ietf-ccwg-bbr-06. */

#include "base/wheel.h"
#include "tcp/bbr.h"
#include "tcp/cc_window.h"
#include "tcp/pace.h"

enum {
	PACING_MARGIN = 1,  /* percent below bw, §5.6.2 */
	HEADROOM = 15,      /* percent of inflight_longterm left to others */
	FEASIBLE_TICKS = 2, /* of the timer wheel: what pacing may send at once */
};

#define FIRST_RTT_NS NS_PER_MS /* for a first rate, where no round trip is known */

/** §5.6.1, percent. */
static const struct {
	uint16_t pacing;
	uint16_t cwnd;
} gains[] = {
	[BBR_STARTUP] = { 277, 200 },
	[BBR_DRAIN] = { 50, 200 },
	[BBR_DOWN] = { 90, 200 },
	[BBR_CRUISE] = { 100, 200 },
	[BBR_REFILL] = { 100, 200 },
	[BBR_UP] = { 125, 225 },
	[BBR_PROBE_RTT] = { 100, 50 },
};

/* Volumes, §5.6.4.2 */

static uint32_t
min_pipe(const struct tcp_conn *c)
{
	return BBR_MIN_PIPE * (uint32_t)c->mss;
}

uint32_t
bbr_bdp_multiple(const struct tcp_conn *c, const struct bbr *b, uint64_t bw, uint32_t percent)
{
	if (b->min_rtt_ns == TIME_NEVER)
		return cc_initial_window(c);
	return (uint32_t)min_u64(
		(uint64_t)bbr_volume(bw, b->min_rtt_ns) * percent / 100, INT32_MAX);
}

/**
 * §5.6.4.2's QuantizationBudget. The draft allows for three quanta, of 1 ms or 64 KiB, because a
 * queue and a segmenting engine lie below its sender. Below ours lies the wire, and the smallest
 * quantum that keeps a rate is what leaves in two ticks of the timer wheel.
 */
static uint32_t
quantization_budget(const struct tcp_conn *c, const struct bbr *b, uint32_t inflight)
{
	uint32_t feasible = bbr_volume(c->pace_rate, (uint64_t)FEASIBLE_TICKS << WHEEL_TICK_BITS);

	inflight = max_u32(max_u32(inflight, feasible), min_pipe(c));
	return b->state == BBR_UP ? inflight + 2u * c->mss : inflight;
}

uint32_t
bbr_inflight(const struct tcp_conn *c, const struct bbr *b, uint64_t bw)
{
	return quantization_budget(c, b, bbr_bdp_multiple(c, b, bw, 100));
}

uint32_t
bbr_inflight_with_headroom(const struct tcp_conn *c, const struct bbr *b)
{
	uint32_t most = b->inflight_longterm;

	if (most == BBR_INFINITE)
		return most;
	most -= min_u32(most, max_u32(c->mss, (uint32_t)((uint64_t)most * HEADROOM / 100)));
	return max_u32(most, min_pipe(c));
}

uint32_t
bbr_target_inflight(const struct tcp_conn *c, const struct bbr *b)
{
	return min_u32(bbr_bdp_multiple(c, b, b->bw, 100), c->cwnd);
}

uint32_t
bbr_probe_rtt_cwnd(const struct tcp_conn *c, const struct bbr *b)
{
	return max_u32(bbr_bdp_multiple(c, b, b->bw, gains[BBR_PROBE_RTT].cwnd), min_pipe(c));
}

/* Rate, §5.6.2 */

void
bbr_set_pacing_rate(struct tcp_conn *c, const struct bbr *b, uint32_t gain)
{
	uint64_t rate = b->bw * gain * (100 - PACING_MARGIN) / (100 * 100);

	if (rate != 0 && (b->full_bw_reached || rate > c->pace_rate))
		pace_set(c, rate);
}

void
bbr_init_pacing_rate(struct tcp_conn *c, struct bbr *b)
{
	uint64_t rtt_ns = c->srtt_ns != 0 ? c->srtt_ns : FIRST_RTT_NS;

	b->has_rtt = c->srtt_ns != 0;
	pace_set(c, (uint64_t)c->cwnd * gains[BBR_STARTUP].pacing * (NS_PER_SEC / 100) / rtt_ns);
}

/* The window, §5.6.4.6 and §5.6.4.7 */

void
bbr_bound_cwnd(struct tcp_conn *c, const struct bbr *b)
{
	uint32_t cap = BBR_INFINITE;

	if (b->state == BBR_PROBE_RTT || b->state == BBR_CRUISE)
		cap = bbr_inflight_with_headroom(c, b);
	else if (bbr_is_in_probe_bw(b))
		cap = b->inflight_longterm;
	cap = max_u32(min_u32(cap, b->inflight_shortterm), min_pipe(c));
	c->cwnd = min_u32(c->cwnd, cap);
}

static void
set_cwnd(struct tcp_conn *c, const struct bbr *b, uint32_t acked)
{
	uint32_t most = quantization_budget(
		c, b, bbr_bdp_multiple(c, b, b->bw, gains[b->state].cwnd) + bbr_extra_acked(b));

	if (b->full_bw_reached)
		c->cwnd = min_u32(c->cwnd + acked, most);
	else if (c->cwnd < most || c->delivered < cc_initial_window(c))
		c->cwnd += acked;
	c->cwnd = max_u32(c->cwnd, min_pipe(c));
	if (b->state == BBR_PROBE_RTT)
		c->cwnd = min_u32(c->cwnd, bbr_probe_rtt_cwnd(c, b));
	bbr_bound_cwnd(c, b);
	/* No slow start any more: whoever takes over goes on from here. */
	c->ssthresh = b->full_bw_reached ? c->cwnd : UINT32_MAX;
}

void
bbr_update_control(struct tcp_conn *c, const struct bbr *b, uint32_t acked)
{
	bbr_set_pacing_rate(c, b, gains[b->state].pacing);
	set_cwnd(c, b, acked);
}
