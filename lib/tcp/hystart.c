/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 9406 §4.2; see the header. */

#include "tcp/hystart.h"

#include "base/check.h"
#include "base/time.h"

enum {
	MIN_RTT_THRESH = 4 * 1000 * 1000,
	MAX_RTT_THRESH = 16 * 1000 * 1000,
	MIN_RTT_DIVISOR = 8,
	N_RTT_SAMPLE = 8,
	CSS_ROUNDS = 5,
};

#define INFINITE UINT32_MAX

static void
begin_round(struct tcp_hystart *h, struct seq snd_nxt)
{
	h->window_end = snd_nxt;
	h->last_round_min_rtt = h->current_round_min_rtt;
	h->current_round_min_rtt = INFINITE;
	h->rtt_sample_count = 0;
}

void
hystart_begin(struct tcp_hystart *h, struct seq snd_nxt)
{
	*h = (struct tcp_hystart){ .current_round_min_rtt = INFINITE };
	begin_round(h, snd_nxt);
}

static void
take_rtt(struct tcp_hystart *h, uint64_t rtt_ns)
{
	uint32_t rtt = (uint32_t)min_u64(rtt_ns, INFINITE - 1);

	if (rtt_ns == 0)
		return;
	h->current_round_min_rtt = min_u32(h->current_round_min_rtt, rtt);
	if (h->rtt_sample_count < N_RTT_SAMPLE)
		h->rtt_sample_count++;
}

/** A queue builds up: this round's shortest trip is longer than the last one's by an eighth or so. */
static bool
is_delayed(const struct tcp_hystart *h)
{
	uint32_t thresh = h->last_round_min_rtt / MIN_RTT_DIVISOR;

	if (h->rtt_sample_count < N_RTT_SAMPLE || h->last_round_min_rtt == INFINITE)
		return false;
	thresh = min_u32(max_u32(thresh, MIN_RTT_THRESH), MAX_RTT_THRESH);
	return h->current_round_min_rtt >= (uint64_t)h->last_round_min_rtt + thresh;
}

/** The delay was none of ours: it has gone though we went on growing. */
static bool
was_spurious(const struct tcp_hystart *h)
{
	return h->rtt_sample_count >= N_RTT_SAMPLE &&
	       h->current_round_min_rtt < h->css_baseline_min_rtt;
}

enum hystart_phase
hystart_acked(struct tcp_hystart *h, struct seq snd_una, struct seq snd_nxt, uint64_t rtt_ns)
{
	bool is_css = h->css_baseline_min_rtt != 0;

	take_rtt(h, rtt_ns);
	if (!is_css && is_delayed(h)) {
		h->css_baseline_min_rtt = h->current_round_min_rtt;
		h->css_rounds = 0; /* this one, as far as is left of it, counts at its end */
	} else if (is_css && was_spurious(h)) {
		h->css_baseline_min_rtt = 0;
	}
	if (seq_ge(snd_una, h->window_end)) {
		begin_round(h, snd_nxt);
		if (h->css_baseline_min_rtt != 0 && ++h->css_rounds >= CSS_ROUNDS)
			return HYSTART_OVER;
	}
	return h->css_baseline_min_rtt != 0 ? HYSTART_CSS : HYSTART_SLOW_START;
}
