/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_TCP_GROWTH_H
#define TESTS_TCP_GROWTH_H

/* A connection for congestion control alone: round trips of acknowledgements, no segments. */

#include <criterion/criterion.h>
#include <math.h>

#include "base/env.h"
#include "tcp/cc.h"
#include "tcp/tcp.h"

enum { MSS = 1000 };

struct cc_lab {
	struct tcp tcp; /* settings; all else is 0 */
	struct tcp_conn c;
	uint64_t now_ns;
	uint64_t rtt_ns;
	bool is_idle; /* cwnd is not what limits the sender */
};

static inline struct cc_lab *
cc_lab(const char *name, uint32_t cwnd, uint64_t rtt_ns)
{
	static struct cc_lab l;

	memset(&l, 0, sizeof(l));
	l.now_ns = 1000 * NS_PER_SEC;
	l.rtt_ns = rtt_ns;
	l.tcp.common.initial_window = 10;
	l.tcp.common.rto_max_ns = 60 * NS_PER_SEC;
	l.c.tcp = &l.tcp;
	l.c.cc = tcp_cc_find(name);
	cr_assert_not_null(l.c.cc);
	l.c.mss = MSS;
	l.c.cwnd = cwnd;
	l.c.snd_nxt.n = cwnd;
	l.c.ssthresh = UINT32_MAX;
	l.c.srtt_ns = rtt_ns;
	l.c.rto_ns = 200 * NS_PER_MS;
	l.c.use.since = (uint32_t)(l.now_ns >> TCP_USE_TIME_BITS);
	cr_assert_eq(l.c.cc->open(&l.c, l.now_ns), 0);
	return &l;
}

/** @len octets are acknowledged now. */
static inline void
cc_ack(struct cc_lab *l, uint32_t len)
{
	const struct tcp_cc_sample s = { .now_ns = l->now_ns,
		.acked = len,
		.flight = l->is_idle ? 2 * MSS : l->c.cwnd,
		.rtt_ns = l->rtt_ns,
		.is_cwnd_limited = !l->is_idle };

	l->c.snd_una = seq_add(l->c.snd_una, len);
	l->c.snd_nxt = seq_add(l->c.snd_una, l->c.cwnd);
	l->c.cc->acked(&l->c, &s);
}

/** A round trip: the window is acknowledged, two segments at a time, evenly. */
static inline void
cc_round(struct cc_lab *l)
{
	uint32_t left = l->c.cwnd;
	uint64_t start = l->now_ns;
	uint32_t whole = left;

	while (left != 0) {
		uint32_t len = min_u32(left, 2 * MSS);

		left -= len;
		l->now_ns = start + (uint64_t)((double)l->rtt_ns * (whole - left) / whole);
		cc_ack(l, len);
	}
}

static inline void
cc_rounds(struct cc_lab *l, unsigned n)
{
	while (n-- > 0)
		cc_round(l);
}

static inline void
cc_run(struct cc_lab *l, uint64_t for_ns)
{
	uint64_t until = l->now_ns + for_ns;

	while (l->now_ns + l->rtt_ns <= until)
		cc_round(l);
}

/** A loss is found and repaired within a round trip. */
static inline void
cc_lose(struct cc_lab *l)
{
	l->c.cc->lost(&l->c, l->c.cwnd, l->now_ns);
	l->now_ns += l->rtt_ns;
	l->c.snd_nxt = seq_add(l->c.snd_una, l->c.ssthresh);
	l->c.cc->recovered(&l->c, l->now_ns);
}

#endif
