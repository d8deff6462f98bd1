/* SPDX-License-Identifier: BSD-3-Clause */
/* A connection's algorithm begins, is changed, ends; see the header. */

#include "tcp/cc_change.h"

#include <string.h>

#include "tcp/conn.h"
#include "tcp/pace.h"
#include "tcp/prr.h"

void
tcp_cc_begin(struct tcp_conn *c, uint64_t now_ns)
{
	if (c->cc->open(c, now_ns) == 0)
		return;
	c->cc = tcp_cc_find("newreno"); /* which needs nothing */
	c->cc->open(c, now_ns);
}

void
tcp_cc_end(struct tcp_conn *c)
{
	if (c->cc->close != NULL)
		c->cc->close(c);
}

/**
 * A recovery goes on, and what cwnd is in it was the one algorithm's matter and is the proportional
 * reduction's now: that wants an ssthresh.
 */
static void
take_recovery_over(struct tcp_conn *c, uint64_t now_ns)
{
	if (!tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS))
		return;
	c->cc->lost(c, min_u32(tcp_flight(c), c->cwnd), now_ns);
	if (tcp_is(c, TCP_F_RECOVERY))
		prr_begin(c, 0, 0);
}

void
tcp_cc_change(struct tcp_conn *c, const struct tcp_cc *cc, uint64_t now_ns)
{
	bool was_alone = c->cc->sampled != NULL;

	if (cc == c->cc)
		return;
	tcp_cc_end(c);
	memset(&c->cc_state, 0, sizeof(c->cc_state));
	c->cc = cc;
	if (!tcp_has_begun(c)) /* it begins with cc, or is over */
		return;
	tcp_cc_begin(c, now_ns);
	if (was_alone != (c->cc->sampled != NULL))
		take_recovery_over(c, now_ns);
	pace_follow(c);
}
