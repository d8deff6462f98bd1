/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_HYSTART_H
#define BARO_TCP_HYSTART_H

/*
 * HyStart++ (RFC 9406): slow start ends when round trips grow longer, before the queue that
 * makes them longer overflows. Conservative slow start (CSS) in between finds out whether that was
 * only noise. Names are the RFC's.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/seq.h"

enum {
	HYSTART_L = 8, /* segments' worth of growth an acknowledgement, without pacing */
	HYSTART_GROWTH_DIVISOR = 4, /* in CSS */
};

/** What slow start is to do. */
enum hystart_phase {
	HYSTART_SLOW_START,
	HYSTART_CSS,
	HYSTART_OVER,
};

/** Times in ns, as far as 32 bits go: 4.3 s. */
struct tcp_hystart {
	struct seq window_end;
	uint32_t last_round_min_rtt;
	uint32_t current_round_min_rtt;
	uint32_t css_baseline_min_rtt; /* 0: not in CSS */
	uint8_t rtt_sample_count;
	uint8_t css_rounds;
};

/** Slow start begins, @snd_nxt is the next octet to leave. */
void
hystart_begin(struct tcp_hystart *h, struct seq snd_nxt);

/** An acknowledgement has moved snd_una; @rtt_ns is its round trip, 0 if it tells none. */
enum hystart_phase
hystart_acked(struct tcp_hystart *h, struct seq snd_una, struct seq snd_nxt, uint64_t rtt_ns);

#endif
