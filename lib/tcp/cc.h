/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_CC_H
#define BARO_TCP_CC_H

/*
 * Congestion control: a table of functions an algorithm. Which octets were
 * acknowledged or lost, the rate and the round trip are found elsewhere and
 * handed in; an algorithm sets cwnd, ssthresh and perhaps the pacing rate.
 * A new algorithm is one file, a line in cc.def and a test.
 */

#include <stdbool.h>
#include <stdint.h>

struct tcp_conn;

/** What an acknowledgement told. */
struct tcp_cc_sample {
	uint64_t now_ns;
	uint32_t acked;       /* octets newly acknowledged */
	uint32_t flight;      /* octets in flight before it */
	uint64_t rtt_ns;      /* 0: no sample */
	uint64_t rate;        /* octets a second delivered; 0: no sample */
	bool is_app_limited;  /* the rate was held down by the application */
	bool is_cwnd_limited; /* cwnd kept the sender from sending more */
};

/** An algorithm's own variables. */
union tcp_cc_state {
	struct {
		uint32_t acked; /* octets since cwnd last grew, RFC 3465 §2.1 */
	} newreno;
	uint64_t words[4];
};

struct tcp_cc {
	const char *name;
	bool wants_pacing;
	/** A connection is established; cwnd is the initial window. */
	void (*open)(struct tcp_conn *c);
	/** New octets were acknowledged, outside of recovery. */
	void (*acked)(struct tcp_conn *c, const struct tcp_cc_sample *s);
	/** A loss was found by duplicate ACKs: set ssthresh and cwnd for recovery. */
	void (*lost)(struct tcp_conn *c, uint32_t flight, uint64_t now_ns);
	/** The retransmission timer ran out; @is_first: the first time for this text. */
	void (*timed_out)(struct tcp_conn *c, uint32_t flight, bool is_first, uint64_t now_ns);
	/** Recovery is over. */
	void (*recovered)(struct tcp_conn *c, uint64_t now_ns);
	/** Nothing was sent for longer than the RTO: RFC 5681 §4.1. */
	void (*idle)(struct tcp_conn *c);
};

/** The algorithm called @name; NULL: there is none. */
const struct tcp_cc *
tcp_cc_find(const char *name);

/** The @i-th algorithm of cc.def; NULL past the end. */
const struct tcp_cc *
tcp_cc_at(unsigned i);

#endif
