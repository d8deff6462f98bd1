/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_RATE_H
#define BARO_TCP_RATE_H

/*
 * The delivery rate (draft-ietf-ccwg-bbr §4.1): octets delivered between the departure of a
 * segment and the news of its delivery, over the longer of two intervals, the one in which they
 * left and the one in which they were reported. The longer one, because acknowledgements that
 * arrive in a bunch would seem to tell of a rate that the way does not have.
 *
 * A segment counts as delivered once, when it is acknowledged or first reported by SACK.
 */

#include <stdbool.h>
#include <stdint.h>

#include "tcp/conn.h"

/** What is remembered of a segment when it leaves; part of its note. */
struct tcp_rate_mark {
	/* the connection's variables of these names */
	uint64_t delivered;
	uint64_t delivered_ns;
	uint64_t first_sent_ns;
	uint32_t found_lost;
	uint32_t flight : 31; /* the pipe, itself included */
	uint32_t is_app_limited : 1;
};

/** What the segments that one acknowledgement reports tell together. Zeroed before, but for now_ns. */
struct tcp_rate {
	uint64_t now_ns;
	uint64_t sent_ns; /* of the segment that left last; what follows is its */
	uint64_t elapsed_ns;
	uint64_t prior_delivered;
	uint32_t prior_flight;
	uint32_t prior_lost; /* conn->found_lost when it left */
	bool is_valid;
	bool is_app_limited;
};

/** A segment leaves, for the first time or again, and the pipe is @flight with it. */
void
rate_sent(struct tcp_conn *c, struct tcp_rate_mark *m, uint32_t flight, uint64_t now_ns);

/** @len octets of a segment that left at @sent_ns are delivered; once for each octet. */
void
rate_delivered(struct tcp_conn *c, const struct tcp_rate_mark *m, uint64_t sent_ns, uint32_t len,
	struct tcp_rate *r);

/** All that this acknowledgement reports is counted: fill in the sample's rate and what follows it. */
void
rate_close(struct tcp_conn *c, const struct tcp_rate *r, struct tcp_cc_sample *sample);

/**
 * All that may leave has left. Is it less than the window would bear, for want of text? Then
 * samples of what leaves from now on say more about the application than about the way, until
 * all that is in flight now has been delivered.
 */
static inline void
rate_check_app(struct tcp_conn *c, uint32_t unsent)
{
	if (unsent < c->mss && c->lost == 0 && tcp_pipe(c) < c->cwnd)
		c->app_limited = max_u32((uint32_t)c->delivered + tcp_pipe(c), 1);
}

/** The last sample, octets a second; 0: there was none. */
uint64_t
rate_last(const struct tcp_conn *c);

#endif
