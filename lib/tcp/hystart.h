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

enum { HYSTART_WORDS = 5 };

/** For a connection at rest (cc.h): in HYSTART_WORDS words, and out of them. */
static inline void
hystart_rest(const struct tcp_hystart *h, uint32_t *word)
{
	word[0] = h->window_end.n;
	word[1] = h->last_round_min_rtt;
	word[2] = h->current_round_min_rtt;
	word[3] = h->css_baseline_min_rtt;
	word[4] = (uint32_t)h->rtt_sample_count << 8 | h->css_rounds;
}

static inline void
hystart_resume(struct tcp_hystart *h, const uint32_t *word)
{
	*h = (struct tcp_hystart){
		.window_end = { word[0] },
		.last_round_min_rtt = word[1],
		.current_round_min_rtt = word[2],
		.css_baseline_min_rtt = word[3],
		.rtt_sample_count = (uint8_t)(word[4] >> 8),
		.css_rounds = (uint8_t)word[4],
	};
}

/** Slow start begins, @snd_nxt is the next octet to leave. */
void
hystart_begin(struct tcp_hystart *h, struct seq snd_nxt);

/** An acknowledgement has moved snd_una; @rtt_ns is its round trip, 0 if it tells none. */
enum hystart_phase
hystart_acked(struct tcp_hystart *h, struct seq snd_una, struct seq snd_nxt, uint64_t rtt_ns);

#endif
