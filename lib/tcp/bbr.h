/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_BBR_H
#define BARO_TCP_BBR_H

/*
 * BBR's model of the way (draft-ietf-ccwg-bbr-06, "BBRv3"), and what it is bounded by:
 *
 *	bdp = bw * min_rtt,  bw = min(max_bw, bw_shortterm)
 *
 * max_bw is the most that was delivered in the last two cycles of probing, min_rtt the shortest
 * round trip of the last 10 s. Losses lower the short-term bounds until the next probe begins; the
 * long-term bound is the volume in flight at which a probe lost too much. (Earlier drafts call
 * these bw_lo, inflight_lo and inflight_hi.) Names are the draft's. Three files act upon it: bbr_cycle.c probes
 * for more, bbr_window.c sets rate and window, cc_bbr.c has the other states and the events.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "tcp/conn.h"

enum bbr_state {
	BBR_STARTUP,
	BBR_DRAIN,
	BBR_DOWN, /* these four are ProbeBW, §5.3.3 */
	BBR_CRUISE,
	BBR_REFILL,
	BBR_UP,
	BBR_PROBE_RTT,
};

/** What the acknowledgements that come in tell about. */
enum bbr_ack_phase {
	BBR_ACKS_INIT,
	BBR_ACKS_REFILLING,
	BBR_ACKS_PROBE_STARTING,
	BBR_ACKS_PROBE_FEEDBACK,
	BBR_ACKS_PROBE_STOPPING,
};

/** No bound. */
#define BBR_INFINITE      UINT32_MAX /* octets */
#define BBR_INFINITE_RATE UINT64_MAX

enum {
	BBR_LOSS_THRESH = 2,  /* percent of what is in flight: §3.2 */
	BBR_BETA = 70,        /* percent left after a reduction, as CUBIC has it */
	BBR_MIN_PIPE = 4,     /* segments, §5.6.4.3 */
	BBR_STATE_NONE = 255, /* of undo_state */
};

/** Rates in octets a second, volumes in octets. */
struct bbr {
	uint32_t index;    /* in the slab */
	uint8_t state;     /* enum bbr_state */
	uint8_t ack_phase; /* enum bbr_ack_phase */
	bool has_rtt;      /* the first pacing rate was made with one */
	bool is_recovering;
	bool idle_restart;

	/* rounds, §5.5.1: from a segment's departure to its acknowledgement */
	bool round_start; /* this acknowledgement begins one */
	uint32_t round_count;
	uint32_t rounds_since_probe_up;
	uint32_t drain_start_round;
	uint64_t next_round_delivered;

	/* how fast */
	uint64_t max_bw[2]; /* of the cycle before, of this one */
	uint64_t bw;
	uint64_t bw_shortterm;
	uint64_t bw_latest; /* the most of the round so far */
	/* is the pipe full? §5.3.1.2 */
	uint64_t full_bw;
	uint8_t full_bw_count;
	bool full_bw_now;
	bool full_bw_reached;

	/* how long, §5.3.4.3 */
	uint64_t min_rtt_ns; /* TIME_NEVER: not measured */
	uint64_t min_rtt_stamp_ns;
	uint64_t probe_rtt_min_ns;
	uint64_t probe_rtt_min_stamp_ns;
	uint64_t probe_rtt_done_ns; /* 0: the flight has not shrunk yet */
	bool probe_rtt_expired;
	bool probe_rtt_round_done;

	/* how much */
	uint32_t inflight_shortterm;
	uint32_t inflight_longterm;
	uint32_t inflight_latest; /* the most delivered in a round trip, of the round so far */
	uint32_t prior_cwnd;      /* before recovery, or ProbeRTT */

	/* losses, §5.5.10 */
	bool is_loss_in_round;
	bool loss_round_start;
	uint8_t loss_ranges; /* found lost in this round, not adjacent */
	struct seq loss_end; /* of the last of them */
	uint64_t loss_round_delivered;
	bool is_bw_probe_sample;   /* what is acknowledged was sent while probing */
	bool is_too_high;          /* more was lost of that than may be, */
	bool was_app_limited;      /* and what was sent then was all there was */
	uint32_t inflight_at_loss; /* octets in flight where that began */

	/* aggregated acknowledgements, §5.5.9 */
	uint64_t extra_acked_start_ns;
	uint64_t extra_acked_delivered;
	uint32_t extra_acked[2]; /* of the rounds before, of these */
	uint8_t extra_acked_rounds;

	/* the cycle of probing, §5.3.3 */
	bool prev_probe_too_high;
	bool prev_probe_precautionary;
	uint8_t bw_probe_up_rounds;
	uint32_t probe_up_acked_per_inc;
	uint32_t bw_probe_up_acked;
	uint64_t cycle_stamp_ns;
	uint64_t bw_probe_wait_ns;

	/* §5.5.11: what it was before the last episode of loss */
	uint8_t undo_state;
	uint32_t undo_inflight_shortterm;
	uint32_t undo_inflight_longterm;
	uint64_t undo_bw_shortterm;
};

/** What a rate of @bw delivers in @ns, as far as 32 bits go. */
static inline uint32_t
bbr_volume(uint64_t bw, uint64_t ns)
{
	ns = min_u64(ns, 60 * NS_PER_SEC);
	/* 100 Gbit/s for a minute fit; 64 ns are as short as it can tell */
	return (uint32_t)min_u64(bw * (ns >> 6) / (NS_PER_SEC >> 6), INT32_MAX);
}

static inline uint64_t
bbr_max_bw(const struct bbr *b)
{
	return max_u64(b->max_bw[0], b->max_bw[1]);
}

static inline uint32_t
bbr_extra_acked(const struct bbr *b)
{
	return max_u32(b->extra_acked[0], b->extra_acked[1]);
}

/** ProbeBW's four states. */
static inline bool
bbr_is_in_probe_bw(const struct bbr *b)
{
	return b->state >= BBR_DOWN && b->state <= BBR_UP;
}

/** More than LOSS_THRESH of @inflight is @lost. */
static inline bool
bbr_is_too_high(const struct tcp_conn *c, uint64_t lost, uint64_t inflight)
{
	return lost * 100 > inflight * BBR_LOSS_THRESH || (lost != 0 && !tcp_is(c, TCP_F_SACK));
}

/* The model: bbr_model.c */

/** Nothing is known yet. */
void
bbr_model_init(struct tcp_conn *c, struct bbr *b, uint64_t now_ns);

/** The first half of an acknowledgement's steps, §5.2.3: rounds, rates, bounds, aggregation. */
void
bbr_model_acked(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s);

/** Its last steps, when the state machine has moved. */
void
bbr_model_advance(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s);

/** §5.3.4.3: the shortest round trip, and whether it has to be measured again. */
void
bbr_take_rtt(struct bbr *b, const struct tcp_cc_sample *s);

/** §5.3.1.2 */
void
bbr_check_full_bw(struct bbr *b, const struct tcp_cc_sample *s);
void
bbr_reset_full_bw(struct bbr *b);

/** A round ends when what leaves from now on is acknowledged. */
void
bbr_start_round(const struct tcp_conn *c, struct bbr *b);

/** A cycle of probing is over: the rates of the one before are forgotten, §5.5.6. */
void
bbr_advance_max_bw(struct bbr *b);

/** @s was found lost, §5.5.10.2. */
void
bbr_segment_lost(struct tcp_conn *c, struct bbr *b, const struct tcp_sent *s);

/** §5.5.10.3: bounds that were infinite begin at what is used. */
void
bbr_init_lower_bounds(struct tcp_conn *c, struct bbr *b);
void
bbr_reset_congestion_signals(struct bbr *b);
void
bbr_reset_short_term(struct bbr *b);

/** §5.6.4.4: the last window known to be good. */
void
bbr_save_cwnd(const struct tcp_conn *c, struct bbr *b);

/* Rate and window: bbr_window.c */

/** @percent of what @bw has in flight, §5.6.4.2. */
uint32_t
bbr_bdp_multiple(const struct tcp_conn *c, const struct bbr *b, uint64_t bw, uint32_t percent);

/** The same as a flight that keeps up that rate. */
uint32_t
bbr_inflight(const struct tcp_conn *c, const struct bbr *b, uint64_t bw);
uint32_t
bbr_target_inflight(const struct tcp_conn *c, const struct bbr *b);

/** §5.3.3.9: room for others in the queue. */
uint32_t
bbr_inflight_with_headroom(const struct tcp_conn *c, const struct bbr *b);
uint32_t
bbr_probe_rtt_cwnd(const struct tcp_conn *c, const struct bbr *b);

/** §5.6.2, from the round trip if that is known. */
void
bbr_init_pacing_rate(struct tcp_conn *c, struct bbr *b);

/** To @gain percent of bw. What has not filled the pipe yet never slows down: samples may be the application's. */
void
bbr_set_pacing_rate(struct tcp_conn *c, const struct bbr *b, uint32_t gain);

/** The last steps of an acknowledgement of @acked octets: pacing rate and window of the state, §5.6. */
void
bbr_update_control(struct tcp_conn *c, const struct bbr *b, uint32_t acked);

/** §5.6.4.7 */
void
bbr_bound_cwnd(struct tcp_conn *c, const struct bbr *b);

/* ProbeBW: bbr_cycle.c */

void
bbr_start_down(struct tcp_conn *c, struct bbr *b, uint64_t now_ns);
void
bbr_start_refill(struct tcp_conn *c, struct bbr *b);

/** Move between its four states, and the long-term bound with them. */
void
bbr_update_cycle(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s);

/** A probe has lost too much with @volume in flight, §5.5.10.2. Once a probe. */
void
bbr_take_too_high(
	struct tcp_conn *c, struct bbr *b, uint32_t volume, bool is_app_limited, uint64_t now_ns);

#endif
