/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_RECOVER_H
#define BARO_TCP_RECOVER_H

/*
 * Loss: which segments are lost, and what follows for the window. output.c sends them
 * again; nothing is sent from here. Losses are found by RACK if SACK is agreed, by three duplicate
 * acknowledgements if it is not, by the retransmission timer if all else fails.
 */

#include "tcp/conn.h"
#include "tcp/news.h"

/** Must an acknowledgement that moves snd_una go through all the steps? */
static inline bool
recover_is_disturbed(const struct tcp_conn *c, const struct tcp_seg *seg)
{
	return tcp_is(c, TCP_F_DISORDER | TCP_F_RECOVERY | TCP_F_LOSS) ||
	       (seg->h.opts.has & TCP_HAS_SACK) != 0;
}

/** snd_una has moved and nothing is amiss: round trip and congestion control. */
void
recover_acked(struct tcp_conn *c, const struct tcp_seg *seg, struct tcp_cc_sample *s,
	const struct tcp_rate *rate);

/** Any other acknowledgement that tells something; snd_una has moved already if it does. */
void
recover_told(struct tcp_conn *c, struct tcp_news *n);

/** early_ns has come: a segment that was given time to arrive has not (RFC 8985 §6.2 step 5). */
void
recover_early(struct tcp_conn *c, uint64_t now_ns);

/** The retransmission timer ran out with text in flight. */
void
recover_timeout(struct tcp_conn *c, uint64_t now_ns);

/**
 * The network has marked a segment of ours (ECE came: RFC 3168 §6.1.2). At most once a window, and
 * not when a loss has reduced it already, cwnd shrinks.
 *
 * @return true if it did. Whatever reduced cwnd, TCP_F_CWR is set: the next new segment is to say
 *         CWR, and whoever sends it clears the flag
 */
bool
recover_marked(struct tcp_conn *c, uint64_t now_ns);

#endif
