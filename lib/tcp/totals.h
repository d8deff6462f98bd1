/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_TOTALS_H
#define BARO_TCP_TOTALS_H

/*
 * What a connection has counted since it began, for those who ask (baro/tcp_info.h). What can
 * be derived from its sequence numbers is not counted a second time.
 */

#include <stdint.h>

#include "base/check.h"
#include "base/seq.h"

/** What keeps a connection with text from sending more of it. */
enum tcp_limit {
	TCP_LIMIT_IDLE, /* nothing is queued */
	TCP_LIMIT_WAY,  /* the congestion window, pacing, or what is in flight is all there is */
	TCP_LIMIT_WINDOW,
	TCP_LIMIT_BUFFER, /* all that the send queue holds is in flight, and the application has more */
	TCP_LIMITS
};

struct tcp_totals {
	/* by every segment */
	uint64_t rcvd_ns;      /* when the last one came; 0: none yet */
	uint64_t text_rcvd_ns; /* the last one with text */
	uint64_t segs_in;
	uint64_t segs_out; /* with text */
	uint64_t received; /* irs + 1 and all text since, as of the last text; low half: rcv_nxt */
	uint8_t limit;     /* enum tcp_limit */
	uint64_t limit_since_ns;
	uint64_t limited_ns[TCP_LIMITS]; /* before that */
	uint64_t begun_ns;               /* the SYN */
	/* rarely */
	uint64_t octets_again; /* of text, in retransmissions */
	uint32_t retransmits;
	uint32_t timeouts;
	uint32_t recoveries;
	uint32_t undone; /* reductions taken back */
	uint32_t probes; /* tail loss probes */
	uint32_t ecn_marks;
};

static inline void
totals_limit(struct tcp_totals *t, enum tcp_limit limit, uint64_t now_ns)
{
	if (likely(limit == t->limit))
		return;
	t->limited_ns[t->limit] += now_ns - t->limit_since_ns;
	t->limit_since_ns = now_ns;
	t->limit = (uint8_t)limit;
}

/** The number congruent to @low that is nearest to @about: sequence numbers without their wraps. */
static inline uint64_t
totals_unwrap(uint64_t about, uint32_t low)
{
	return about + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)about);
}

/** A segment came, with @len octets of text; @rcv_nxt is what it has led to. */
static inline void
totals_arrived(struct tcp_totals *t, uint32_t len, struct seq rcv_nxt, uint64_t now_ns)
{
	t->segs_in++;
	t->rcvd_ns = now_ns;
	if (len != 0) {
		t->text_rcvd_ns = now_ns;
		t->received = totals_unwrap(t->received, rcv_nxt.n);
	}
}

#endif
