/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * BBR v3 (draft-ietf-ccwg-bbr-06): sends at the rate that the way delivers, with about as much in
 * flight as that needs, and probes from time to time for more rate and for less delay. bbr.h is what
 * it knows; here is what it does: a state machine that sets gains, and pacing rate and window
 * from them. A loss as such means little to it, many of them a bound.
 *
 * The draft has nothing for ECN (§3.7): a mark lowers the bounds by beta, as losses would.
 */

#include <errno.h>

#include "base/env.h"
#include "base/slab.h"
#include "base/wheel.h"
#include "tcp/bbr.h"
#include "tcp/cc_window.h"
#include "tcp/pace.h"

enum {
	PACING_MARGIN = 1,       /* percent below bw, §5.6.2 */
	HEADROOM = 15,           /* percent of inflight_longterm left to others */
	RENO_ROUNDS = 63,        /* §5.3.3.8.2 */
	DRAIN_ROUNDS = 3,        /* at most, §5.3.2 */
	STARTUP_LOSS_RANGES = 6, /* §5.3.1.3 */
	UP_ROUNDS_MAX = 30,
	FEASIBLE_TICKS = 2, /* of the timer wheel: what pacing may send at once */
};

#define PROBE_RTT_NS  (200 * NS_PER_MS)
#define PROBE_WAIT_NS (2 * NS_PER_SEC)
#define FIRST_RTT_NS  NS_PER_MS /* for a first rate, where no round trip is known */

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

_Static_assert(sizeof(struct bbr) <= TCP_CC_BLOCK, "it lives in a block");

static struct bbr *
bbr_of(const struct tcp_conn *c)
{
	return c->cc_state.block;
}

/* Volumes, §5.6.4.2 */

static uint32_t
min_pipe(const struct tcp_conn *c)
{
	return BBR_MIN_PIPE * (uint32_t)c->mss;
}

static uint32_t
bdp_multiple(const struct tcp_conn *c, const struct bbr *b, uint64_t bw, uint32_t percent)
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

static uint32_t
inflight(const struct tcp_conn *c, const struct bbr *b, uint64_t bw)
{
	return quantization_budget(c, b, bdp_multiple(c, b, bw, 100));
}

/** §5.3.3.9: room for others in the queue. */
static uint32_t
inflight_with_headroom(const struct tcp_conn *c, const struct bbr *b)
{
	uint32_t most = b->inflight_longterm;

	if (most == BBR_INFINITE)
		return most;
	most -= min_u32(most, max_u32(c->mss, (uint32_t)((uint64_t)most * HEADROOM / 100)));
	return max_u32(most, min_pipe(c));
}

static uint32_t
target_inflight(const struct tcp_conn *c, const struct bbr *b)
{
	return min_u32(bdp_multiple(c, b, b->bw, 100), c->cwnd);
}

static uint32_t
probe_rtt_cwnd(const struct tcp_conn *c, const struct bbr *b)
{
	return max_u32(bdp_multiple(c, b, b->bw, gains[BBR_PROBE_RTT].cwnd), min_pipe(c));
}

/* Rate, §5.6.2 */

/** What has not filled the pipe yet never slows down: samples may be the application's. */
static void
set_pacing_rate(struct tcp_conn *c, const struct bbr *b, uint32_t gain)
{
	uint64_t rate = b->bw * gain * (100 - PACING_MARGIN) / (100 * 100);

	if (rate != 0 && (b->full_bw_reached || rate > c->pace_rate))
		pace_set(c, rate);
}

static void
init_pacing_rate(struct tcp_conn *c, struct bbr *b)
{
	uint64_t rtt_ns = c->srtt_ns != 0 ? c->srtt_ns : FIRST_RTT_NS;

	b->has_rtt = c->srtt_ns != 0;
	pace_set(c, (uint64_t)c->cwnd * gains[BBR_STARTUP].pacing * (NS_PER_SEC / 100) / rtt_ns);
}

/* The cycle of probing, §5.3.3 */

/** A random wait, so that flows that share a way do not probe together. */
static void
pick_probe_wait(struct tcp_conn *c, struct bbr *b)
{
	struct rand *r = &common_of(c)->env->rand;

	b->rounds_since_probe_up = rand_below(r, 2);
	b->bw_probe_wait_ns = PROBE_WAIT_NS + rand_below(r, (uint32_t)NS_PER_SEC);
}

static void
start_down(struct tcp_conn *c, struct bbr *b, uint64_t now_ns)
{
	bbr_reset_congestion_signals(b);
	b->probe_up_acked_per_inc = BBR_INFINITE;
	pick_probe_wait(c, b);
	b->cycle_stamp_ns = now_ns;
	b->ack_phase = BBR_ACKS_PROBE_STOPPING;
	bbr_start_round(c, b);
	b->state = BBR_DOWN;
}

static void
start_refill(struct tcp_conn *c, struct bbr *b)
{
	bbr_reset_short_term(b);
	b->bw_probe_up_rounds = 0;
	b->bw_probe_up_acked = 0;
	b->prev_probe_precautionary = false;
	b->ack_phase = BBR_ACKS_REFILLING;
	bbr_start_round(c, b);
	b->state = BBR_REFILL;
}

/** The bound grows by 1, 2, 4, ... segments a round. */
static void
raise_slope(const struct tcp_conn *c, struct bbr *b)
{
	b->probe_up_acked_per_inc = max_u32(c->cwnd >> b->bw_probe_up_rounds, c->mss);
	b->bw_probe_up_rounds = (uint8_t)min_u32(b->bw_probe_up_rounds + 1u, UP_ROUNDS_MAX);
}

static void
start_up(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	b->is_bw_probe_sample = true;
	b->ack_phase = BBR_ACKS_PROBE_STARTING;
	bbr_start_round(c, b);
	bbr_reset_full_bw(b);
	b->full_bw = s->rate;
	b->state = BBR_UP;
	raise_slope(c, b);
}

static bool
is_time_to_probe(const struct tcp_conn *c, const struct bbr *b, uint64_t now_ns)
{
	uint64_t reno = (uint64_t)b->rounds_since_probe_up * c->mss; /* as often as Reno would */

	return now_ns > b->cycle_stamp_ns + b->bw_probe_wait_ns ||
	       b->rounds_since_probe_up >= RENO_ROUNDS || reno >= target_inflight(c, b);
}

static bool
is_time_to_cruise(const struct tcp_conn *c, const struct bbr *b)
{
	uint32_t pipe = tcp_pipe(c);

	return pipe <= inflight_with_headroom(c, b) && pipe <= inflight(c, b, bbr_max_bw(b));
}

static bool
is_bound_by_longterm(const struct tcp_conn *c, const struct bbr *b, const struct tcp_cc_sample *s)
{
	return s->is_cwnd_limited && c->cwnd >= b->inflight_longterm;
}

static bool
is_time_to_go_down(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	/* §5.3.3.6: the last probe lost too much there; wait for word of this one */
	if (b->prev_probe_too_high && tcp_pipe(c) >= b->inflight_longterm) {
		b->prev_probe_precautionary = true;
		return true;
	}
	if (is_bound_by_longterm(c, b, s)) {
		bbr_reset_full_bw(b);
		b->full_bw = s->rate;
		return false;
	}
	return b->full_bw_now;
}

static void
probe_longterm_upward(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (!is_bound_by_longterm(c, b, s))
		return;
	b->bw_probe_up_acked += s->acked;
	if (b->bw_probe_up_acked >= b->probe_up_acked_per_inc) {
		uint32_t n = b->bw_probe_up_acked / b->probe_up_acked_per_inc;

		b->bw_probe_up_acked -= n * b->probe_up_acked_per_inc;
		b->inflight_longterm += n * c->mss;
	}
	if (b->round_start)
		raise_slope(c, b);
}

/** §5.5.10.2. Once a probe. */
static void
take_too_high(
	struct tcp_conn *c, struct bbr *b, uint32_t volume, bool is_app_limited, uint64_t now_ns)
{
	b->prev_probe_too_high = true;
	b->is_bw_probe_sample = false;
	if (!is_app_limited)
		b->inflight_longterm = max_u32(
			volume, (uint32_t)((uint64_t)target_inflight(c, b) * BBR_BETA / 100));
	if (b->state == BBR_UP) {
		b->undo_state = BBR_UP;
		start_down(c, b, now_ns);
	}
}

/** @return true if it has moved the state */
static bool
adapt_long_term(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->ack_phase == BBR_ACKS_PROBE_STARTING && b->round_start)
		b->ack_phase = BBR_ACKS_PROBE_FEEDBACK;
	if (b->ack_phase == BBR_ACKS_PROBE_STOPPING && b->round_start) {
		b->is_bw_probe_sample = false;
		b->ack_phase = BBR_ACKS_INIT;
		if (bbr_is_in_probe_bw(b) && !s->is_app_limited)
			bbr_advance_max_bw(b);
		if (bbr_is_in_probe_bw(b) && b->prev_probe_precautionary &&
			!b->prev_probe_too_high) {
			start_refill(c, b);
			return true;
		}
	}
	if (b->inflight_longterm == BBR_INFINITE ||
		bbr_is_too_high(c, s->prior_lost, s->prior_flight))
		return false;
	b->inflight_longterm = max_u32(b->inflight_longterm, s->prior_flight);
	if (b->state == BBR_UP)
		probe_longterm_upward(c, b, s);
	return false;
}

static void
update_cycle(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (!b->full_bw_reached || adapt_long_term(c, b, s))
		return;
	switch (b->state) {
	case BBR_DOWN:
		if (is_time_to_probe(c, b, s->now_ns))
			start_refill(c, b);
		else if (is_time_to_cruise(c, b))
			b->state = BBR_CRUISE;
		break;
	case BBR_CRUISE:
		if (is_time_to_probe(c, b, s->now_ns))
			start_refill(c, b);
		break;
	case BBR_REFILL:
		if (b->round_start)
			start_up(c, b, s);
		break;
	case BBR_UP:
		if (is_time_to_go_down(c, b, s)) {
			b->prev_probe_too_high = false;
			start_down(c, b, s->now_ns);
		}
		break;
	default:
		break;
	}
}

/* Startup and Drain, §5.3.1, §5.3.2 */

/** §5.3.1.3: the pipe is full and overflows. */
static void
end_startup_by_loss(struct tcp_conn *c, struct bbr *b)
{
	b->undo_state = BBR_STARTUP;
	b->full_bw_reached = true;
	b->inflight_longterm = max_u32(bdp_multiple(c, b, b->bw, 100), b->inflight_latest);
}

static void
check_startup_loss(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (!b->loss_round_start || !tcp_is(c, TCP_F_RECOVERY))
		return;
	if (!tcp_is(c, TCP_F_SACK) || (b->loss_ranges >= STARTUP_LOSS_RANGES &&
					      bbr_is_too_high(c, s->prior_lost, s->prior_flight)))
		end_startup_by_loss(c, b);
}

static void
check_startup(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->state != BBR_STARTUP)
		return;
	if (!b->full_bw_reached)
		check_startup_loss(c, b, s);
	if (b->full_bw_reached) {
		b->state = BBR_DRAIN;
		b->drain_start_round = b->round_count;
	}
}

static void
check_drain(struct tcp_conn *c, struct bbr *b, uint64_t now_ns)
{
	if (b->state == BBR_DRAIN && (tcp_pipe(c) <= inflight(c, b, b->bw) ||
					     b->round_count > b->drain_start_round + DRAIN_ROUNDS))
		start_down(c, b, now_ns);
}

/* ProbeRTT, §5.3.4 */

static void
restore_cwnd(struct tcp_conn *c, const struct bbr *b)
{
	c->cwnd = max_u32(c->cwnd, b->prior_cwnd);
}

static void
check_probe_rtt_done(struct tcp_conn *c, struct bbr *b, uint64_t now_ns)
{
	if (b->probe_rtt_done_ns == 0 || now_ns <= b->probe_rtt_done_ns)
		return;
	b->probe_rtt_min_stamp_ns = now_ns; /* the next one is due an interval from now */
	restore_cwnd(c, b);
	bbr_reset_short_term(b);
	if (b->full_bw_reached) {
		start_down(c, b, now_ns);
		b->state = BBR_CRUISE; /* the queue is drained already */
	} else {
		b->state = BBR_STARTUP;
	}
}

static void
stay_in_probe_rtt(struct tcp_conn *c, struct bbr *b, uint64_t now_ns)
{
	/* §5.3.4.3: what is delivered now says nothing of the way's rate */
	c->app_limited = max_u32((uint32_t)c->delivered + tcp_pipe(c), 1);
	if (b->probe_rtt_done_ns == 0) {
		if (tcp_pipe(c) > probe_rtt_cwnd(c, b))
			return;
		b->probe_rtt_done_ns = now_ns + PROBE_RTT_NS;
		b->probe_rtt_round_done = false;
		bbr_start_round(c, b);
		return;
	}
	b->probe_rtt_round_done |= b->round_start;
	if (b->probe_rtt_round_done)
		check_probe_rtt_done(c, b, now_ns);
}

static void
check_probe_rtt(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->state != BBR_PROBE_RTT && b->probe_rtt_expired && !b->idle_restart) {
		bbr_save_cwnd(c, b);
		b->state = BBR_PROBE_RTT;
		b->probe_rtt_done_ns = 0;
		b->ack_phase = BBR_ACKS_PROBE_STOPPING;
		bbr_start_round(c, b);
	}
	if (b->state == BBR_PROBE_RTT)
		stay_in_probe_rtt(c, b, s->now_ns);
	if (s->acked != 0)
		b->idle_restart = false;
}

/* The window, §5.6.4.6 and §5.6.4.7 */

static void
bound_cwnd(struct tcp_conn *c, const struct bbr *b)
{
	uint32_t cap = BBR_INFINITE;

	if (b->state == BBR_PROBE_RTT || b->state == BBR_CRUISE)
		cap = inflight_with_headroom(c, b);
	else if (bbr_is_in_probe_bw(b))
		cap = b->inflight_longterm;
	cap = max_u32(min_u32(cap, b->inflight_shortterm), min_pipe(c));
	c->cwnd = min_u32(c->cwnd, cap);
}

static void
set_cwnd(struct tcp_conn *c, const struct bbr *b, uint32_t acked)
{
	uint32_t most = quantization_budget(
		c, b, bdp_multiple(c, b, b->bw, gains[b->state].cwnd) + bbr_extra_acked(b));

	if (b->full_bw_reached)
		c->cwnd = min_u32(c->cwnd + acked, most);
	else if (c->cwnd < most || c->delivered < cc_initial_window(c))
		c->cwnd += acked;
	c->cwnd = max_u32(c->cwnd, min_pipe(c));
	if (b->state == BBR_PROBE_RTT)
		c->cwnd = min_u32(c->cwnd, probe_rtt_cwnd(c, b));
	bound_cwnd(c, b);
	/* No slow start any more: whoever takes over goes on from here. */
	c->ssthresh = b->full_bw_reached ? c->cwnd : UINT32_MAX;
}

/* Events */

static int
open(struct tcp_conn *c, uint64_t now_ns)
{
	uint32_t index;
	struct bbr *b = slab_get(common_of(c)->cc_blocks, &index);

	if (b == NULL)
		return -ENOMEM;
	b->index = index;
	c->cc_state.block = b;
	bbr_model_init(c, b, now_ns);
	init_pacing_rate(c, b);
	return 0;
}

static void
close(struct tcp_conn *c)
{
	if (bbr_of(c) == NULL) /* it was never opened */
		return;
	slab_put(common_of(c)->cc_blocks, bbr_of(c)->index);
	c->cc_state.block = NULL;
}

static void
end_recovery(struct tcp_conn *c, struct bbr *b)
{
	b->is_recovering = false;
	restore_cwnd(c, b);
}

static void
sampled(struct tcp_conn *c, const struct tcp_cc_sample *s)
{
	struct bbr *b = bbr_of(c);

	if (!b->has_rtt && c->srtt_ns != 0)
		init_pacing_rate(c, b);
	if (b->is_recovering && !tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS))
		end_recovery(c, b);
	if (b->is_too_high) {
		b->is_too_high = false;
		take_too_high(c, b, b->inflight_at_loss, b->was_app_limited, s->now_ns);
	}
	bbr_model_acked(c, b, s);
	bbr_check_full_bw(b, s);
	check_startup(c, b, s);
	check_drain(c, b, s->now_ns);
	update_cycle(c, b, s);
	bbr_take_rtt(b, s);
	check_probe_rtt(c, b, s);
	bbr_model_advance(c, b, s);
	set_pacing_rate(c, b, gains[b->state].pacing);
	set_cwnd(c, b, s->acked);
}

static void
segment_lost(struct tcp_conn *c, const struct tcp_sent *s)
{
	if (bbr_of(c) != NULL) /* else it is a SYN */
		bbr_segment_lost(c, bbr_of(c), s);
}

static void
lost(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	(void)flight;
	(void)now_ns;
	bbr_save_cwnd(c, bbr_of(c));
	bbr_of(c)->is_recovering = true;
}

static void
timed_out(struct tcp_conn *c, uint32_t flight, bool is_first, uint64_t now_ns)
{
	(void)is_first;
	lost(c, flight, now_ns);
	c->cwnd = c->mss;
}

static void
recovered(struct tcp_conn *c, uint64_t now_ns)
{
	(void)now_ns;
	end_recovery(c, bbr_of(c));
}

static void
marked(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	struct bbr *b = bbr_of(c);

	if (b->state == BBR_STARTUP) {
		end_startup_by_loss(c, b);
	} else if (b->is_bw_probe_sample) {
		take_too_high(c, b, (uint32_t)((uint64_t)flight * BBR_BETA / 100), false, now_ns);
	} else {
		bbr_init_lower_bounds(c, b);
		b->bw_shortterm = b->bw_shortterm / 100 * BBR_BETA;
		b->inflight_shortterm = b->inflight_shortterm / 100 * BBR_BETA;
	}
	bound_cwnd(c, b);
}

/** §5.5.11.2 */
static void
undone(struct tcp_conn *c, uint64_t now_ns)
{
	struct bbr *b = bbr_of(c);

	(void)now_ns;
	restore_cwnd(c, b);
	b->is_loss_in_round = false;
	b->is_too_high = false;
	bbr_reset_full_bw(b);
	b->bw_shortterm = max_u64(b->bw_shortterm, b->undo_bw_shortterm);
	b->inflight_shortterm = max_u32(b->inflight_shortterm, b->undo_inflight_shortterm);
	b->inflight_longterm = max_u32(b->inflight_longterm, b->undo_inflight_longterm);
	if (b->undo_state == BBR_STARTUP && b->state != BBR_STARTUP) {
		b->full_bw_reached = false;
		if (b->state != BBR_PROBE_RTT)
			b->state = BBR_STARTUP;
	} else if (b->undo_state == BBR_UP && b->state != BBR_UP && b->state != BBR_PROBE_RTT) {
		start_refill(c, b);
	}
	b->undo_state = BBR_STATE_NONE;
}

/** §5.4.1: go on at the rate that the way bears. The pause has drained the queue, if any. */
static void
idle(struct tcp_conn *c, uint64_t idle_ns)
{
	struct bbr *b = bbr_of(c);
	uint64_t now_ns = c->last_sent_ns + idle_ns;

	b->idle_restart = true;
	b->extra_acked_start_ns = now_ns;
	if (bbr_is_in_probe_bw(b))
		set_pacing_rate(c, b, 100);
	else if (b->state == BBR_PROBE_RTT)
		check_probe_rtt_done(c, b, now_ns);
}

const struct tcp_cc cc_bbr;
const struct tcp_cc cc_bbr = {
	.name = "bbr",
	.wants_pacing = true,
	.wants_rate = true,
	.open = open,
	.close = close,
	.sampled = sampled,
	.segment_lost = segment_lost,
	.lost = lost,
	.marked = marked,
	.timed_out = timed_out,
	.undone = undone,
	.recovered = recovered,
	.idle = idle,
};
