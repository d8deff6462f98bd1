/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NewReno: slow start, congestion avoidance by octets (RFC 5681 §3.1, RFC 3465),
 * half the flight after a loss (RFC 6582).
 */

#include "tcp/cc.h"
#include "tcp/cc_window.h"

enum {
	BETA = 50,     /* percent; RFC 5681 §3.1 equation 4 */
	BETA_ECN = 80, /* RFC 8511 §3.1 */
};

static int
open(struct tcp_conn *c, uint64_t now_ns)
{
	(void)now_ns;
	c->cc_state.newreno.acked = 0;
	hystart_begin(&c->cc_state.newreno.hystart, c->snd_nxt);
	return 0;
}

static void
acked(struct tcp_conn *c, const struct tcp_cc_sample *s)
{
	uint32_t *acked = &c->cc_state.newreno.acked;

	if (!cc_window_is_used(c, s))
		return;
	if (c->cwnd < c->ssthresh) {
		cc_slow_start(c, &c->cc_state.newreno.hystart, s);
		return;
	}
	*acked += s->acked;
	if (*acked >= c->cwnd) {
		*acked -= c->cwnd;
		c->cwnd += c->mss;
	}
}

static void
reduce(struct tcp_conn *c, uint32_t flight, uint32_t percent)
{
	c->ssthresh = cc_reduced(c, flight, percent);
	c->cwnd = c->ssthresh;
	c->cc_state.newreno.acked = 0;
}

static void
lost(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	(void)now_ns;
	reduce(c, flight, BETA);
}

static void
marked(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	(void)now_ns;
	reduce(c, flight, common_of(c)->with_abe ? BETA_ECN : BETA);
}

static void
timed_out(struct tcp_conn *c, uint32_t flight, bool is_first, uint64_t now_ns)
{
	(void)now_ns;
	if (is_first)
		c->ssthresh = cc_reduced(c, flight, BETA);
	c->cwnd = c->mss; /* the loss window, RFC 5681 §3.1 */
	c->cc_state.newreno.acked = 0;
}

static void
rest(const struct tcp_conn *c, struct tcp_cc_rest *kept)
{
	kept->word[0] = c->cc_state.newreno.acked;
	hystart_rest(&c->cc_state.newreno.hystart, &kept->word[1]);
}

static void
resume(struct tcp_conn *c, const struct tcp_cc_rest *kept)
{
	c->cc_state.newreno.acked = kept->word[0];
	hystart_resume(&c->cc_state.newreno.hystart, &kept->word[1]);
}

const struct tcp_cc cc_newreno;
const struct tcp_cc cc_newreno = {
	.name = "newreno",
	.open = open,
	.acked = acked,
	.lost = lost,
	.marked = marked,
	.timed_out = timed_out,
	.recovered = cc_recovered,
	.idle = cc_restart,
	.rest = rest,
	.resume = resume,
};
