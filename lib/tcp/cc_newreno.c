/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NewReno: slow start, congestion avoidance by octets (RFC 5681 §3.1, RFC 3465),
 * half the flight after a loss (RFC 6582).
 */

#include "tcp/cc.h"
#include "tcp/conn.h"

/** RFC 5681 §3.1 equation 4. */
static uint32_t
half_flight(const struct tcp_conn *c, uint32_t flight)
{
	return max_u32(flight / 2, 2u * c->mss);
}

static int
open(struct tcp_conn *c)
{
	c->cc_state.newreno.acked = 0;
	return 0;
}

static void
acked(struct tcp_conn *c, const struct tcp_cc_sample *s)
{
	uint32_t *acked = &c->cc_state.newreno.acked;

	if (!s->is_cwnd_limited)
		return; /* RFC 7661: growth needs proof that the window was used */
	if (c->cwnd < c->ssthresh) {
		/* RFC 3465 §2.3: L = 2, but 1 after a time-out, when one acknowledgement may cover much
		 * that had arrived before */
		c->cwnd += min_u32(s->acked, (tcp_is(c, TCP_F_LOSS) ? 1u : 2u) * c->mss);
		return;
	}
	*acked += s->acked;
	if (*acked >= c->cwnd) {
		*acked -= c->cwnd;
		c->cwnd += c->mss;
	}
}

static void
lost(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	(void)now_ns;
	c->ssthresh = half_flight(c, flight);
	c->cwnd = c->ssthresh;
	c->cc_state.newreno.acked = 0;
}

static void
timed_out(struct tcp_conn *c, uint32_t flight, bool is_first, uint64_t now_ns)
{
	(void)now_ns;
	if (is_first)
		c->ssthresh = half_flight(c, flight);
	c->cwnd = c->mss; /* the loss window, RFC 5681 §3.1 */
	c->cc_state.newreno.acked = 0;
}

static void
recovered(struct tcp_conn *c, uint64_t now_ns)
{
	(void)now_ns;
	/* RFC 6582 §3.2 step 3, first option: no burst out of recovery */
	c->cwnd = min_u32(c->ssthresh, max_u32(tcp_flight(c), c->mss) + c->mss);
}

static void
idle(struct tcp_conn *c, uint64_t idle_ns)
{
	(void)idle_ns;
	/* RFC 5681 §4.1: the restart window */
	c->cwnd = min_u32(c->cwnd, common_of(c)->initial_window * c->mss);
}

const struct tcp_cc cc_newreno;
const struct tcp_cc cc_newreno = {
	.name = "newreno",
	.open = open,
	.acked = acked,
	.lost = lost,
	.timed_out = timed_out,
	.recovered = recovered,
	.idle = idle,
};
