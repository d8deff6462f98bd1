/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * BBR v3 (draft-ietf-ccwg-bbr-06): sends at the rate that the way delivers, with about as much in
 * flight as that needs, and probes from time to time for more rate and for less delay. bbr_model.c is what
 * it knows, bbr_cycle.c how it probes, bbr_window.c what follows for pacing rate and window; here are the
 * other states, and the events that move them. A loss as such means little to it, many of them a bound.
 *
 * The draft has nothing for ECN (§3.7): a mark lowers the bounds by beta, as losses would.
 */

#include <errno.h>

#include "base/slab.h"
#include "tcp/bbr.h"

enum {
	DRAIN_ROUNDS = 3,        /* at most, §5.3.2 */
	STARTUP_LOSS_RANGES = 6, /* §5.3.1.3 */
};

#define PROBE_RTT_NS (200 * NS_PER_MS)

_Static_assert(sizeof(struct bbr) <= TCP_CC_BLOCK, "it lives in a block");

static struct bbr *
bbr_of(const struct tcp_conn *c)
{
	return c->cc_state.block;
}

/* Startup and Drain, §5.3.1, §5.3.2 */

/** §5.3.1.3: the pipe is full and overflows. */
static void
end_startup_by_loss(struct tcp_conn *c, struct bbr *b)
{
	b->undo_state = BBR_STARTUP;
	b->full_bw_reached = true;
	b->inflight_longterm = max_u32(bbr_bdp_multiple(c, b, b->bw, 100), b->inflight_latest);
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
	if (b->state == BBR_DRAIN && (tcp_pipe(c) <= bbr_inflight(c, b, b->bw) ||
					     b->round_count > b->drain_start_round + DRAIN_ROUNDS))
		bbr_start_down(c, b, now_ns);
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
		bbr_start_down(c, b, now_ns);
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
		if (tcp_pipe(c) > bbr_probe_rtt_cwnd(c, b))
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
	bbr_init_pacing_rate(c, b);
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
		bbr_init_pacing_rate(c, b);
	if (b->is_recovering && !tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS))
		end_recovery(c, b);
	if (b->is_too_high) {
		b->is_too_high = false;
		bbr_take_too_high(c, b, b->inflight_at_loss, b->was_app_limited, s->now_ns);
	}
	bbr_model_acked(c, b, s);
	bbr_check_full_bw(b, s);
	check_startup(c, b, s);
	check_drain(c, b, s->now_ns);
	bbr_update_cycle(c, b, s);
	bbr_take_rtt(b, s);
	check_probe_rtt(c, b, s);
	bbr_model_advance(c, b, s);
	bbr_update_control(c, b, s->acked);
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
		bbr_take_too_high(
			c, b, (uint32_t)((uint64_t)flight * BBR_BETA / 100), false, now_ns);
	} else {
		bbr_init_lower_bounds(c, b);
		b->bw_shortterm = b->bw_shortterm / 100 * BBR_BETA;
		b->inflight_shortterm = b->inflight_shortterm / 100 * BBR_BETA;
	}
	bbr_bound_cwnd(c, b);
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
		bbr_start_refill(c, b);
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
		bbr_set_pacing_rate(c, b, 100);
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
