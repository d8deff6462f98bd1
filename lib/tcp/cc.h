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

#include "tcp/cubic.h"
#include "tcp/hystart.h"

struct tcp_conn;
struct tcp_sent;

/** What an acknowledgement told. */
struct tcp_cc_sample {
	uint64_t now_ns;
	uint32_t acked; /* octets delivered: acknowledged, or reported by SACK for the first time */
	uint32_t lost;  /* octets found lost since the sample before */
	uint32_t flight; /* the pipe before it, octets */
	uint64_t rtt_ns; /* of the segment delivered that had left last; 0: no sample */
	/* the rate, of the same segment; only for algorithms that want_rate */
	uint64_t rate;            /* octets a second delivered; 0: no sample */
	uint64_t prior_delivered; /* conn->delivered when it left */
	uint32_t prior_flight;    /* the pipe when it had left, itself included */
	uint32_t prior_lost;      /* octets found lost since it left */
	bool is_app_limited;      /* the rate was held down by the application */
	bool is_cwnd_limited;     /* cwnd kept the sender from sending more */
	bool is_marked;           /* it carried ECE: RFC 3168 §6.1.2 */
};

enum { TCP_CC_BLOCK = 384 }; /* octets */

/** What an algorithm remembers of a connection at rest (rest.h). */
struct tcp_cc_rest {
	uint32_t word[6];
};

/**
 * An algorithm's own variables; zero before open(). One that needs more takes a block of TCP_CC_BLOCK
 * octets from common->cc_blocks and keeps it here.
 */
union tcp_cc_state {
	struct {
		uint32_t acked; /* octets since cwnd last grew, RFC 3465 §2.1 */
		struct tcp_hystart hystart;
	} newreno;
	struct tcp_cubic cubic;
	void *block;
};

struct tcp_cc {
	const char *name;
	bool wants_pacing; /* sets conn->pace_rate itself */
	bool wants_rate;   /* looks at the rate fields of a sample */
	/**
	 * A connection is established, or changes its algorithm: cwnd is its window.
	 * @return 0, -ENOMEM (newreno takes its place)
	 */
	int (*open)(struct tcp_conn *c, uint64_t now_ns);
	/** Gives back what open() took, if it was called; NULL: nothing. */
	void (*close)(struct tcp_conn *c);
	/** New octets were acknowledged outside of fast recovery: grow. */
	void (*acked)(struct tcp_conn *c, const struct tcp_cc_sample *s);
	/** Every acknowledgement; cwnd is then the algorithm's alone, in recovery too. NULL: acked() and
	 * proportional rate reduction (RFC 6937) move it. */
	void (*sampled)(struct tcp_conn *c, const struct tcp_cc_sample *s);
	/** @s was found lost, before the sample that tells of it; NULL: samples are enough. */
	void (*segment_lost)(struct tcp_conn *c, const struct tcp_sent *s);
	/** A loss was found, recovery begins: set ssthresh, @flight being the pipe until then. */
	void (*lost)(struct tcp_conn *c, uint32_t flight, uint64_t now_ns);
	/** The network marked a packet (ECN), once a round trip: set ssthresh and cwnd. NULL: lost(), then
	 * cwnd = ssthresh. */
	void (*marked)(struct tcp_conn *c, uint32_t flight, uint64_t now_ns);
	/** The retransmission timer ran out; @is_first: the first time for this text. */
	void (*timed_out)(struct tcp_conn *c, uint32_t flight, bool is_first, uint64_t now_ns);
	/** Nothing was lost after all: cwnd and ssthresh are as before again. NULL: that is all. */
	void (*undone)(struct tcp_conn *c, uint64_t now_ns);
	/** cwnd and ssthresh are larger than they were: a reduction before the last one was for nothing.
	 * NULL: that is all. */
	void (*raised)(struct tcp_conn *c);
	/** Recovery is over. */
	void (*recovered)(struct tcp_conn *c, uint64_t now_ns);
	/** Text leaves, nothing is in flight, and nothing had left for @idle_ns, more than a round trip:
	 * RFC 5681 §4.1. */
	void (*idle)(struct tcp_conn *c, uint64_t idle_ns);
	/** The control block goes, all of it, and comes back: keep what matters then. resume() finds the
	 * connection's own variables as they were. NULL: its connections keep their control blocks. */
	void (*rest)(const struct tcp_conn *c, struct tcp_cc_rest *kept);
	void (*resume)(struct tcp_conn *c, const struct tcp_cc_rest *kept);
};

/** The algorithm called @name; NULL: there is none. */
const struct tcp_cc *
tcp_cc_find(const char *name);

/** The @i-th algorithm of cc.def; NULL past the end. */
const struct tcp_cc *
tcp_cc_at(unsigned i);

#endif
