/* SPDX-License-Identifier: BSD-3-Clause */
/* What BBR knows of the way; see the header. Sections are those of draft-ietf-ccwg-bbr-06. */

#include "tcp/bbr.h"

#include "tcp/sent.h"

enum {
	FULL_BW_COUNT = 3,      /* rounds without growth */
	FULL_BW_GROWTH = 125,   /* percent */
	EXTRA_ACKED_ROUNDS = 5, /* of each half of the filter: 10 in all */
};

#define PROBE_RTT_INTERVAL_NS (5 * NS_PER_SEC)
#define MIN_RTT_FILTER_NS     (10 * NS_PER_SEC)

void
bbr_model_init(struct tcp_conn *c, struct bbr *b, uint64_t now_ns)
{
	uint32_t index = b->index;

	*b = (struct bbr){ .index = index,
		.min_rtt_ns = c->srtt_ns != 0 ? c->srtt_ns : TIME_NEVER,
		.min_rtt_stamp_ns = now_ns,
		.probe_rtt_min_ns = c->srtt_ns != 0 ? c->srtt_ns : TIME_NEVER,
		.probe_rtt_min_stamp_ns = now_ns,
		.extra_acked_start_ns = now_ns,
		.inflight_longterm = BBR_INFINITE,
		.probe_up_acked_per_inc = BBR_INFINITE,
		.next_round_delivered = c->delivered,
		.loss_round_delivered = c->delivered,
		.loss_end = c->snd_una,
		.undo_state = BBR_STATE_NONE };
	bbr_reset_short_term(b);
}

void
bbr_start_round(const struct tcp_conn *c, struct bbr *b)
{
	b->next_round_delivered = c->delivered;
}

/** §5.5.1 */
static void
update_round(const struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	b->round_start = s->acked != 0 && s->prior_delivered >= b->next_round_delivered;
	if (!b->round_start)
		return;
	bbr_start_round(c, b);
	b->round_count++;
	b->rounds_since_probe_up++;
}

/** Octets delivered while the segment that the sample is of was under way. */
static uint32_t
delivered(const struct tcp_conn *c, const struct tcp_cc_sample *s)
{
	return s->rate != 0 ? c->rate_octets : 0;
}

/** §5.5.10.3 */
static void
update_latest(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	b->bw_latest = max_u64(b->bw_latest, s->rate);
	b->inflight_latest = max_u32(b->inflight_latest, delivered(c, s));
	b->loss_round_start = s->acked != 0 && s->prior_delivered >= b->loss_round_delivered;
	if (b->loss_round_start)
		b->loss_round_delivered = c->delivered;
}

/** §5.5.5: what the application held down tells about the way only if it is more than was known. */
static void
update_max_bw(struct bbr *b, const struct tcp_cc_sample *s)
{
	if (s->rate >= bbr_max_bw(b) || !s->is_app_limited)
		b->max_bw[1] = max_u64(b->max_bw[1], s->rate);
}

void
bbr_advance_max_bw(struct bbr *b)
{
	if (b->max_bw[1] == 0)
		return; /* nothing was measured: the old is better than nothing */
	b->max_bw[0] = b->max_bw[1];
	b->max_bw[1] = 0;
}

void
bbr_init_lower_bounds(struct tcp_conn *c, struct bbr *b)
{
	if (b->bw_shortterm == BBR_INFINITE_RATE)
		b->bw_shortterm = bbr_max_bw(b);
	if (b->inflight_shortterm == BBR_INFINITE)
		b->inflight_shortterm = c->cwnd;
}

/** Once a round: towards what is delivered now, §5.5.10.3. */
static void
adapt_lower_bounds(struct tcp_conn *c, struct bbr *b)
{
	bool is_probing = b->state == BBR_STARTUP || b->state == BBR_REFILL || b->state == BBR_UP;

	if (is_probing || !b->is_loss_in_round)
		return;
	bbr_init_lower_bounds(c, b);
	b->bw_shortterm = max_u64(b->bw_latest, b->bw_shortterm / 100 * BBR_BETA);
	b->inflight_shortterm = max_u32(b->inflight_latest, b->inflight_shortterm / 100 * BBR_BETA);
}

/** §5.5.9: acknowledgements come in bunches, and more is to be in flight meanwhile. */
static void
update_aggregation(const struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	uint32_t expected = bbr_volume(b->bw, s->now_ns - b->extra_acked_start_ns);

	if (b->extra_acked_delivered <= expected) { /* slower than the rate: a bunch is over */
		b->extra_acked_delivered = 0;
		b->extra_acked_start_ns = s->now_ns;
		expected = 0;
	}
	b->extra_acked_delivered += s->acked;
	if (b->round_start &&
		++b->extra_acked_rounds >= (b->full_bw_reached ? EXTRA_ACKED_ROUNDS : 1)) {
		b->extra_acked_rounds = 0;
		b->extra_acked[0] = b->extra_acked[1];
		b->extra_acked[1] = 0;
	}
	b->extra_acked[1] = max_u32(
		b->extra_acked[1], (uint32_t)min_u64(b->extra_acked_delivered - expected, c->cwnd));
}

void
bbr_model_acked(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	update_latest(c, b, s);
	update_round(c, b, s);
	update_max_bw(b, s);
	if (b->loss_round_start)
		adapt_lower_bounds(c, b);
	update_aggregation(c, b, s);
}

void
bbr_model_advance(struct tcp_conn *c, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->loss_round_start) {
		b->is_loss_in_round = false;
		b->loss_ranges = 0;
		b->bw_latest = s->rate;
		b->inflight_latest = delivered(c, s);
	}
	b->bw = min_u64(bbr_max_bw(b), b->bw_shortterm);
}

void
bbr_reset_full_bw(struct bbr *b)
{
	b->full_bw = 0;
	b->full_bw_count = 0;
	b->full_bw_now = false;
}

void
bbr_check_full_bw(struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->full_bw_now || !b->round_start || s->is_app_limited || s->rate == 0)
		return;
	if (s->rate >= b->full_bw * FULL_BW_GROWTH / 100) {
		bbr_reset_full_bw(b);
		b->full_bw = s->rate;
		return;
	}
	b->full_bw_now = ++b->full_bw_count >= FULL_BW_COUNT;
	b->full_bw_reached |= b->full_bw_now;
}

void
bbr_take_rtt(struct bbr *b, const struct tcp_cc_sample *s)
{
	b->probe_rtt_expired = s->now_ns > b->probe_rtt_min_stamp_ns + PROBE_RTT_INTERVAL_NS;
	if (s->rtt_ns != 0 && (s->rtt_ns < b->probe_rtt_min_ns || b->probe_rtt_expired)) {
		b->probe_rtt_min_ns = s->rtt_ns;
		b->probe_rtt_min_stamp_ns = s->now_ns;
	}
	if (b->probe_rtt_min_ns < b->min_rtt_ns ||
		s->now_ns > b->min_rtt_stamp_ns + MIN_RTT_FILTER_NS) {
		b->min_rtt_ns = b->probe_rtt_min_ns;
		b->min_rtt_stamp_ns = b->probe_rtt_min_stamp_ns;
	}
}

void
bbr_reset_congestion_signals(struct bbr *b)
{
	b->is_loss_in_round = false;
	b->loss_ranges = 0;
	b->bw_latest = 0;
	b->inflight_latest = 0;
}

void
bbr_reset_short_term(struct bbr *b)
{
	b->bw_shortterm = BBR_INFINITE_RATE;
	b->inflight_shortterm = BBR_INFINITE;
}

void
bbr_save_cwnd(const struct tcp_conn *c, struct bbr *b)
{
	if (!b->is_recovering && b->state != BBR_PROBE_RTT)
		b->prior_cwnd = c->cwnd;
	else
		b->prior_cwnd = max_u32(b->prior_cwnd, c->cwnd);
}

/** What is to be had back if the loss turns out to be none is kept, §5.5.11.1. */
static void
note_loss(struct tcp_conn *c, struct bbr *b)
{
	if (!b->is_loss_in_round) {
		b->loss_round_delivered = c->delivered;
		bbr_save_cwnd(c, b);
		b->undo_state = BBR_STATE_NONE;
		b->undo_bw_shortterm = b->bw_shortterm;
		b->undo_inflight_shortterm = b->inflight_shortterm;
		b->undo_inflight_longterm = b->inflight_longterm;
	}
	b->is_loss_in_round = true;
}

/** §5.5.10.2's InflightAtLoss: how much was in flight when too much of it began to be lost. */
static uint32_t
inflight_at_loss(const struct tcp_sent *s, uint64_t lost)
{
	uint64_t inflight_prev = s->rate.flight > s->len ? s->rate.flight - s->len : 0;
	uint64_t allowed = inflight_prev * BBR_LOSS_THRESH;
	uint64_t lost_prev = (lost - s->len) * 100;
	uint64_t prefix = allowed > lost_prev ? (allowed - lost_prev) / (100 - BBR_LOSS_THRESH) : 0;

	return (uint32_t)(inflight_prev + min_u64(prefix, s->len));
}

void
bbr_segment_lost(struct tcp_conn *c, struct bbr *b, const struct tcp_sent *s)
{
	uint32_t lost = c->found_lost - s->rate.found_lost;

	note_loss(c, b);
	if ((b->loss_ranges == 0 || !seq_eq(b->loss_end, s->seq)) && b->loss_ranges < UINT8_MAX)
		b->loss_ranges++;
	b->loss_end = seq_add(s->seq, s->len);
	if (!b->is_bw_probe_sample || b->is_too_high || !bbr_is_too_high(c, lost, s->rate.flight))
		return;
	b->is_too_high = true;
	b->was_app_limited = s->rate.is_app_limited;
	b->inflight_at_loss = inflight_at_loss(s, lost);
}
