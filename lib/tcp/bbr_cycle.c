/* SPDX-License-Identifier: BSD-3-Clause */
/* ProbeBW, §5.3.3 of draft-ietf-ccwg-bbr-06: from time to time more is sent, to see whether more gets through. */

#include "base/env.h"
#include "tcp/bbr.h"

enum {
	RENO_ROUNDS = 63, /* §5.3.3.8.2 */
	UP_ROUNDS_MAX = 30,
};

#define PROBE_WAIT_NS (2 * NS_PER_SEC)

/** A random wait, so that flows that share a way do not probe together. */
static void
pick_probe_wait(struct tcp_conn *c, struct bbr *b)
{
	struct rand *r = &common_of(c)->env->rand;

	b->rounds_since_probe_up = rand_below(r, 2);
	b->bw_probe_wait_ns = PROBE_WAIT_NS + rand_below(r, (uint32_t)NS_PER_SEC);
}

void
bbr_start_down(struct tcp_conn *c, struct bbr *b, uint64_t now_ns)
{
	bbr_reset_congestion_signals(b);
	b->probe_up_acked_per_inc = BBR_INFINITE;
	pick_probe_wait(c, b);
	b->cycle_stamp_ns = now_ns;
	b->ack_phase = BBR_ACKS_PROBE_STOPPING;
	bbr_start_round(c, b);
	b->state = BBR_DOWN;
}

void
bbr_start_refill(struct tcp_conn *c, struct bbr *b)
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
	       b->rounds_since_probe_up >= RENO_ROUNDS || reno >= bbr_target_inflight(c, b);
}

static bool
is_time_to_cruise(const struct tcp_conn *c, const struct bbr *b)
{
	uint32_t pipe = tcp_pipe(c);

	return pipe <= bbr_inflight_with_headroom(c, b) &&
	       pipe <= bbr_inflight(c, b, bbr_max_bw(b));
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

void
bbr_take_too_high(
	struct tcp_conn *c, struct bbr *b, uint32_t volume, bool is_app_limited, uint64_t now_ns)
{
	b->prev_probe_too_high = true;
	b->is_bw_probe_sample = false;
	if (!is_app_limited)
		b->inflight_longterm = max_u32(
			volume, (uint32_t)((uint64_t)bbr_target_inflight(c, b) * BBR_BETA / 100));
	if (b->state == BBR_UP) {
		b->undo_state = BBR_UP;
		bbr_start_down(c, b, now_ns);
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
			bbr_start_refill(c, b);
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

void
bbr_update_cycle(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (!b->full_bw_reached || adapt_long_term(c, b, s))
		return;
	switch (b->state) {
	case BBR_DOWN:
		if (is_time_to_probe(c, b, s->now_ns))
			bbr_start_refill(c, b);
		else if (is_time_to_cruise(c, b))
			b->state = BBR_CRUISE;
		break;
	case BBR_CRUISE:
		if (is_time_to_probe(c, b, s->now_ns))
			bbr_start_refill(c, b);
		break;
	case BBR_REFILL:
		if (b->round_start)
			start_up(c, b, s);
		break;
	case BBR_UP:
		if (is_time_to_go_down(c, b, s)) {
			b->prev_probe_too_high = false;
			bbr_start_down(c, b, s->now_ns);
		}
		break;
	default:
		break;
	}
}
