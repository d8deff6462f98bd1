/* SPDX-License-Identifier: BSD-3-Clause */
/* Is the peer still there? See the header. */

#include "tcp/keepalive.h"

#include <errno.h>

uint64_t
keepalive_idle_ns(const struct tcp_conn *c)
{
	return c->asked.keep_idle_s != 0 ? c->asked.keep_idle_s * NS_PER_SEC
					 : common_of(c)->keepalive_idle_ns;
}

uint64_t
keepalive_interval_ns(const struct tcp_conn *c)
{
	return c->asked.keep_interval_s != 0 ? c->asked.keep_interval_s * NS_PER_SEC
					     : common_of(c)->keepalive_wait_ns;
}

uint32_t
keepalive_count(const struct tcp_conn *c)
{
	return c->asked.keep_count != 0 ? c->asked.keep_count : common_of(c)->keepalive_count;
}

/** Does the application want it, and can there be a silence? */
static bool
is_wanted(const struct tcp_conn *c)
{
	return tcp_is(c, TCP_F_KEEPALIVE) && tcp_is_synchronised(c) && c->state != TCP_ST_TIME_WAIT;
}

void
keepalive_restart(struct tcp_conn *c, uint64_t now_ns)
{
	if (tcp_is(c, TCP_F_ORPHAN))
		return; /* idle_ns is for other things now */
	c->keep_probes = 0;
	c->idle_ns = is_wanted(c) ? now_ns + keepalive_idle_ns(c) : TIME_NEVER;
}

/** Several probes had no answer; or, where the application has set a user timeout, that is over. */
static bool
is_given_up(const struct tcp_conn *c, uint64_t silence_ns)
{
	if (c->asked.user_timeout_ms != 0)
		return c->keep_probes != 0 && silence_ns >= c->asked.user_timeout_ms * NS_PER_MS;
	return c->keep_probes >= keepalive_count(c);
}

void
keepalive_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	uint64_t silence_ns = now_ns - c->totals.rcvd_ns;

	c->idle_ns = TIME_NEVER;
	if (!is_wanted(c))
		return;
	if (silence_ns <= now_ns - c->keep_probe_ns)
		c->keep_probes = 0; /* something came after the last probe */
	if (c->sent_head != NULL || c->snd_queued != 0) {
		c->keep_probes = 0; /* what is sent again is a probe, and has its own time-out */
		c->idle_ns = now_ns + keepalive_idle_ns(c);
	} else if (silence_ns < keepalive_idle_ns(c)) {
		c->idle_ns = c->totals.rcvd_ns + keepalive_idle_ns(c);
	} else if (is_given_up(c, silence_ns)) {
		tcp_mark(c, TCP_F_RST);
		tcp_end(c, -ETIMEDOUT);
	} else {
		tcp_mark(c, TCP_F_KEEP_PROBE);
		c->keep_probes++;
		c->keep_probe_ns = now_ns;
		c->idle_ns = now_ns + keepalive_interval_ns(c);
	}
}
