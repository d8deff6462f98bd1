/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_TLP_H
#define BARO_TCP_TLP_H

/*
 * Tail loss probes, RFC 8985 §7. When the end of a flight is lost nothing arrives from behind it that
 * would tell. So after two round trips of silence one more segment leaves, new text if there is any, else
 * the last segment again: its acknowledgement shows RACK what is missing, or the probe itself
 * has repaired the loss. There is one probe; only if that is not heard of either does the time-out follow.
 *
 * Probe and time-out share rexmt_ns. It is set early enough for a probe, and what is due, and whether
 * already, is found out when it comes: text that leaves meanwhile moves no timer.
 */

#include "tcp/news.h"
#include "tcp/rtt.h"

/** The probe. From TLP_NEW on it has left, and its effect is not known yet: TLP.end_seq is not None. */
enum tlp_probe {
	TLP_NONE,
	TLP_DUE,   /* TCP_F_PROBE asks for it */
	TLP_NEW,   /* it was new text */
	TLP_AGAIN, /* it was the last segment, again: TLP.is_retrans */
};

/** The least time to a probe: two round trips of a fast way are shorter than a scheduler's whims. */
#define TLP_MIN_NS (5 * NS_PER_MS)

/** snd_una has moved, or a flight begins: how long until rexmt_ns, at the earliest. */
static inline uint64_t
tlp_wait(const struct tcp_conn *c)
{
	uint64_t rto_ns = rtt_timeout(c);

	return tcp_is(c, TCP_F_SACK) && c->srtt_ns != 0 /* else it may be a SYN */
		       ? min_u64(rto_ns, max_u64(2 * c->srtt_ns, TLP_MIN_NS))
		       : rto_ns;
}

/**
 * rexmt_ns has come with text in flight. A probe is asked for by TCP_F_PROBE if it is due; in recovery
 * the first hole is to be filled once more.
 *
 * @return false: it is the time-out; true: it is not, and rexmt_ns is set anew
 */
bool
tlp_timeout(struct tcp_conn *c, uint64_t now_ns);

/** What leaves next is the probe: nothing else has come between. */
static inline bool
tlp_is_due(const struct tcp_conn *c)
{
	return c->loss.tlp == TLP_DUE && c->snd_wnd != 0 && c->lost == 0;
}

/**
 * Which of both? RFC 8985 §7.3 would rather have new text. But if only acknowledgements were lost, a lone
 * segment of it is acknowledged as late as a peer likes to (RFC 9293 §3.8.6.3; as we do, say), which on a short way
 * is many round trips. What has arrived before is acknowledged at once.
 */
static inline bool
tlp_wants_new(const struct tcp_conn *c)
{
	return 2 * c->srtt_ns >= common_of(c)->delayed_ack_ns;
}

/** The probe has left, snd_nxt is past it. */
void
tlp_sent(struct tcp_conn *c, bool is_again);

/** Has the probe arrived twice? Then the last segment had not been lost. */
bool
tlp_is_reported_twice(const struct tcp_conn *c, const struct tcp_news *n);

/**
 * What does an acknowledgement tell of the probe, §7.4.2?
 *
 * @return true if it has repaired a loss, which otherwise nobody would have noticed
 */
bool
tlp_take(struct tcp_conn *c, const struct tcp_news *n);

#endif
