/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows of algorithms that go by losses; see the header. */

#include "tcp/cc_window.h"

#include "tcp/rtt.h"

/**
 * How much of what one acknowledgement covers counts. RFC 9406 §4.2 would take eight segments, against
 * bursts, of which the half are in what is acknowledged. But a receiver whose NIC or kernel puts segments together
 * acknowledges 64 KiB at once, always, and the window would grow by less than a fifth a round trip.
 */
static uint32_t
growth_limit(const struct tcp_conn *c)
{
	if (tcp_is(c, TCP_F_LOSS)) /* RFC 3465 §2.3: it may cover much that had arrived before */
		return c->mss;
	return common_of(c)->with_hystart ? UINT32_MAX : 2u * c->mss;
}

void
cc_slow_start(struct tcp_conn *c, struct tcp_hystart *h, const struct tcp_cc_sample *s)
{
	/* RFC 9406 §4.3: the first slow start only; later ones know where to end */
	bool has_hystart = c->ssthresh == UINT32_MAX && common_of(c)->with_hystart;
	uint32_t growth = min_u32(s->acked, growth_limit(c));

	if (has_hystart) {
		switch (hystart_acked(h, c->snd_una, c->snd_nxt, s->rtt_ns)) {
		case HYSTART_SLOW_START:
			break;
		case HYSTART_CSS:
			growth /= HYSTART_GROWTH_DIVISOR;
			break;
		case HYSTART_OVER:
			c->ssthresh = c->cwnd;
			return;
		}
	}
	c->cwnd = min_u32(c->cwnd + growth, max_u32(c->ssthresh, c->cwnd));
}

/** Slow start is to get back most of the way: RFC 2861 §3.2. */
static void
remember(struct tcp_conn *c)
{
	c->ssthresh = max_u32(c->ssthresh, c->cwnd / 4 * 3);
}

bool
cc_window_is_used(struct tcp_conn *c, const struct tcp_cc_sample *s)
{
	struct tcp_use *use = &c->use;
	uint32_t now = (uint32_t)(s->now_ns >> TCP_USE_TIME_BITS);
	uint32_t used;

	if (s->is_cwnd_limited) {
		*use = (struct tcp_use){ .since = now, .is_full = 1 };
		return true;
	}
	use->most = max_u32(use->most, s->flight) & INT32_MAX;
	if (now - use->since <= c->rto_ns >> TCP_USE_TIME_BITS)
		return false;
	used = max_u32(use->most, cc_initial_window(c));
	if (used < c->cwnd) {
		remember(c);
		c->cwnd = used + (c->cwnd - used) / 2;
	}
	*use = (struct tcp_use){ .since = now };
	return false;
}

void
cc_restart(struct tcp_conn *c, uint64_t idle_ns)
{
	/* RFC 5681 §4.1 */
	if (idle_ns <= rtt_timeout(c) || c->cwnd <= cc_initial_window(c))
		return;
	remember(c);
	c->cwnd = cc_initial_window(c);
}

void
cc_recovered(struct tcp_conn *c, uint64_t now_ns)
{
	(void)now_ns;
	if (tcp_is(c, TCP_F_SACK))
		return; /* the flight is known, and has been brought to ssthresh: RFC 9937 §6.3 */
	c->cwnd = min_u32(c->ssthresh, max_u32(tcp_flight(c), c->mss) + c->mss);
}
