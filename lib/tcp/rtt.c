/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 6298; see the header. */

#include "tcp/rtt.h"

enum { BACKOFF_MAX = 16 }; /* rto_max_ns bounds it long before */

#define MIN_RTT_SPAN_NS (150 * NS_PER_SEC)

void
rtt_init(struct tcp_conn *c)
{
	c->srtt_ns = 0;
	c->rttvar_ns = 0;
	c->rto_ns = common_of(c)->rto_initial_ns;
	c->backoff = 0;
}

void
rtt_sample(struct tcp_conn *c, uint64_t rtt_ns)
{
	uint64_t off;

	if (c->srtt_ns == 0) { /* §2.2 */
		c->srtt_ns = rtt_ns;
		c->rttvar_ns = rtt_ns / 2;
	} else { /* §2.3: alpha 1/8, beta 1/4 */
		off = c->srtt_ns > rtt_ns ? c->srtt_ns - rtt_ns : rtt_ns - c->srtt_ns;
		c->rttvar_ns = c->rttvar_ns - c->rttvar_ns / 4 + off / 4;
		c->srtt_ns = c->srtt_ns - c->srtt_ns / 8 + rtt_ns / 8;
	}
	rtt_set_timeout(c);
	c->backoff = 0;
}

void
rtt_set_timeout(struct tcp_conn *c)
{
	const struct tcp_common *common = common_of(c);

	/* §2.4 takes 1 s as the floor; it is a setting, 200 ms by default, as is usual today. It lies on
	 * top of the round trip, as Linux and FreeBSD have it: with a sample from every acknowledgement
	 * RTTVAR forgets within one round trip (RFC 7323 appendix G), and on a long way the least
	 * delay would look like a loss. */
	c->rto_ns = min_u64(
		c->srtt_ns + max_u64(4 * c->rttvar_ns, common->rto_min_ns), common->rto_max_ns);
}

/** The shortest of this span and the one before it: a way that grew longer is known after two of them. */
void
rtt_note_min(struct tcp_conn *c, uint64_t rtt_ns, uint64_t now_ns)
{
	bool is_new_span = now_ns - c->min_rtt_since_ns >= MIN_RTT_SPAN_NS;

	if (likely(rtt_ns >= c->min_rtt_now_ns && c->min_rtt_ns != 0 && !is_new_span))
		return;
	if (c->min_rtt_ns == 0) {
		c->min_rtt_ns = rtt_ns;
		c->min_rtt_now_ns = rtt_ns;
		c->min_rtt_since_ns = now_ns;
	} else if (is_new_span) {
		c->min_rtt_ns = min_u64(c->min_rtt_now_ns, rtt_ns);
		c->min_rtt_now_ns = rtt_ns;
		c->min_rtt_since_ns = now_ns;
	} else {
		c->min_rtt_now_ns = rtt_ns;
		c->min_rtt_ns = min_u64(c->min_rtt_ns, rtt_ns);
	}
}

uint64_t
rtt_from_echo(const struct tcp_conn *c, const struct tcp_opts *o, uint64_t now_ns)
{
	uint32_t rtt_ms = tcp_ts_now(c, now_ns) - o->tsecr;

	if (!tcp_is(c, TCP_F_TS) || (o->has & TCP_HAS_TS) == 0 || o->tsecr == 0 ||
		rtt_ms > INT32_MAX)
		return 0;
	return max_u64(rtt_ms, 1) * NS_PER_MS;
}

uint64_t
rtt_timeout(const struct tcp_conn *c)
{
	uint64_t max = common_of(c)->rto_max_ns;
	unsigned shift = min_u32(c->backoff, BACKOFF_MAX);

	return c->rto_ns > max >> shift ? max : c->rto_ns << shift;
}

void
rtt_handshake_was_slow(struct tcp_conn *c)
{
	c->backoff = 0;
	if (c->srtt_ns == 0)
		c->rto_ns = max_u64(c->rto_ns, 3 * NS_PER_SEC);
}
