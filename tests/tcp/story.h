/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_TCP_STORY_H
#define TESTS_TCP_STORY_H

/* What several tests of established connections begin with. */

#include <criterion/criterion.h>
#include <string.h>

#include "base/rand.h"
#include "kit/lab.h"
#include "runtime/core.h"
#include "tcp/sent.h"
#include "tcp/sndq.h"
#include "tcp/table.h"

/**
 * An established connection with these settings; what they leave open: the receive buffer is as
 * large as a SYN can say, and congestion control is NewReno with plain slow start, whose windows
 * are easily told. ACKs are delayed from the first segment on.
 */
static inline void
story_begin(struct lab *l, const struct baro_config *config, enum lab_options options)
{
	struct baro_config full = { 0 };

	if (config != NULL)
		full = *config;
	if (full.tcp.rcv_buf == 0)
		full.tcp.rcv_buf = LAB_WND;
	if (full.tcp.congestion[0] == '\0')
		strcpy(full.tcp.congestion, "newreno");
	if (full.tcp.hystart == BARO_AUTO)
		full.tcp.hystart = BARO_OFF;
	lab_open(l, &full);
	lab_establish(l, options);
	lab_tcp(l)->quick_acks = 0;
}

/** Round trips have taken @ms so far; the time-out is @rto_ms. */
static inline void
story_round_trip(struct lab *l, uint64_t ms, uint64_t rto_ms)
{
	struct tcp_conn *c = lab_tcp(l);

	c->srtt_ns = ms * NS_PER_MS;
	c->rttvar_ns = NS_PER_MS;
	c->rto_ns = rto_ms * NS_PER_MS;
	c->min_rtt_ns = c->min_rtt_now_ns = ms * NS_PER_MS;
}

/** Nothing was dropped, nothing is left. */
static inline void
story_end(struct lab *l)
{
	lab_sends_nothing(l);
	lab_dropped_nothing(l);
	lab_close(l);
}

/** Both sides' text is acknowledged so far; abort, and see that every buffer came back. */
static inline void
story_end_clean(struct lab *l)
{
	struct baro_usage usage;

	if (l->conn != NULL) {
		baro_conn_abort(l->conn);
		l->conn = NULL;
		lab_poll(l);
		lab_skip_all(l);
	}
	baro_usage_read(l->core, &usage);
	cr_assert_eq(usage.mbufs, 0, "%u buffers leaked", usage.mbufs);
	cr_assert_eq(usage.sent, 0);
	cr_assert_eq(usage.conns, 0);
	cr_assert_eq(l->core->stack.tcp.rcv_mbufs, 0);
	cr_assert_eq(l->core->stack.tcp.snd_mbufs, 0);
	lab_close(l);
}

/** Let time pass until the flow of the lab's passive connection would begin with @iss. */
static inline void
story_wait_for_iss(struct lab *l, uint32_t iss)
{
	const struct tcp_flow flow = { LAB_ADDR, LAB_PEER, LAB_PORT, LAB_PEER_PORT };
	uint32_t now = tcp_numbers_of(&l->core->stack.tcp, &flow, l->now_ns).iss.n;

	lab_run_ns(l, (iss - now) * UINT64_C(4000));
	lab_skip_all(l);
}

#endif
