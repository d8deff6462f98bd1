/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of congestion control algorithms. */

#include "tcp/cc.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "tcp/conn.h"
#include "tcp/pace.h"
#include "tcp/prr.h"

#define CC(name) extern const struct tcp_cc name;
#include "tcp/cc.def"
#undef CC

static const struct tcp_cc *const all[] = {
#define CC(name) &name,
#include "tcp/cc.def"
#undef CC
};

const struct tcp_cc *
tcp_cc_at(unsigned i)
{
	return i < ARRAY_LEN(all) ? all[i] : NULL;
}

const struct tcp_cc *
tcp_cc_find(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(all); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

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
		prr_begin(c, 0);
}

void
tcp_cc_change(struct tcp_conn *c, const struct tcp_cc *cc, uint64_t now_ns)
{
	bool was_alone = c->cc->sampled != NULL;

	if (cc == c->cc)
		return;
	if (!tcp_is_synchronised(c)) { /* it begins with cc */
		c->cc = cc;
		return;
	}
	tcp_cc_end(c);
	memset(&c->cc_state, 0, sizeof(c->cc_state));
	c->cc = cc;
	tcp_cc_begin(c, now_ns);
	if (was_alone != (c->cc->sampled != NULL))
		take_recovery_over(c, now_ns);
	pace_follow(c);
}
