/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens when a connection has waited long enough; see the header. */

#include "tcp/timer.h"

#include "tcp/ack.h"
#include "tcp/ecn.h"
#include "tcp/keepalive.h"
#include "tcp/mtu.h"
#include "tcp/recover.h"
#include "tcp/rtt.h"
#include "tcp/sent.h"
#include "tcp/soft.h"
#include "tcp/tlp.h"

uint64_t
tcp_user_timeout_ns(const struct tcp_conn *c)
{
	const struct tcp_common *common = common_of(c);
	uint64_t ns = c->asked.user_timeout_ms != 0 ? c->asked.user_timeout_ms * NS_PER_MS
						    : common->user_timeout_ns;

	return tcp_is(c, TCP_F_ORPHAN) ? min_u64(ns, common->orphan_timeout_ns) : ns;
}

uint64_t
tcp_fin_wait_2_ns(const struct tcp_conn *c)
{
	return c->asked.fin_wait_2_s != 0 ? c->asked.fin_wait_2_s * NS_PER_SEC
					  : common_of(c)->fin_wait_2_ns;
}

/** Wait longer the next time, RFC 6298 §5.5, §5.6. */
static void
back_off(struct tcp_conn *c, uint64_t now_ns)
{
	if (c->backoff < UINT8_MAX)
		c->backoff++;
	c->rexmt_ns = now_ns + rtt_timeout(c);
}

/** SYN or SYN|ACK has been sent often and long enough. */
static bool
gives_up_opening(const struct tcp_conn *c, uint64_t now_ns)
{
	const struct tcp_common *common = common_of(c);
	uint32_t most = c->asked.syn_retries != 0 ? c->asked.syn_retries : common->syn_retries;

	if (tcp_is(c, TCP_F_PASSIVE))
		return c->syn_retries >= common->syn_ack_retries;
	if (most != 0 && c->syn_retries >= most)
		return true;
	return now_ns - c->progress_ns >= common->connect_timeout_ns || soft_has_no_next_hop(c);
}

/** SYN or SYN|ACK has had no answer. */
static void
syn_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	if (gives_up_opening(c, now_ns)) {
		tcp_end(c, soft_timeout_error(c));
		return;
	}
	if (c->syn_retries < UINT8_MAX)
		c->syn_retries++;
	if (c->syn_retries > 1 && c->state == TCP_ST_SYN_SENT)
		ecn_give_up(c);
	sent_mark_all_lost(c);
	back_off(c, now_ns);
}

/**
 * Text waits and nothing is in flight, or the window is closed. A closed window is probed,
 * for ever as long as the peer answers (RFC 9293 §3.8.6.1); an open one that
 * silly-window avoidance left unused is used now (§3.8.6.2.1, override).
 */
static void
persist_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	if (c->snd_wnd != 0) {
		tcp_mark(c, TCP_F_PUSH_SMALL);
		return;
	}
	tcp_mark(c, TCP_F_PROBE);
	back_off(c, now_ns);
}

/** Text was sent again after so many time-outs in a row; probes of a closed window do not count. */
static bool
has_retried_enough(const struct tcp_conn *c)
{
	uint32_t most = common_of(c)->data_retries;

	return most != 0 && c->backoff >= most && c->sent_head != NULL && c->snd_wnd != 0;
}

static void
rexmt_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	c->rexmt_ns = TIME_NEVER;
	if (c->state == TCP_ST_SYN_SENT || c->state == TCP_ST_SYN_RECEIVED) {
		syn_timeout(c, now_ns);
		return;
	}
	if (c->sent_head == NULL && c->snd_queued == 0)
		return;
	/* RFC 9293 §3.8.3, R2 */
	if (now_ns - c->progress_ns >= tcp_user_timeout_ns(c) || has_retried_enough(c)) {
		tcp_end(c, soft_timeout_error(c));
		return;
	}
	if (c->sent_head == NULL || (c->snd_wnd == 0 && c->snd_queued != 0)) {
		persist_timeout(c, now_ns);
		return;
	}
	if (!tlp_timeout(c, now_ns)) {
		mtu_timed_out(c);
		recover_timeout(c, now_ns);
		back_off(c, now_ns);
	}
	/* The last wait ends with the user timeout, not somewhere behind it */
	c->rexmt_ns = min_u64(c->rexmt_ns, c->progress_ns + tcp_user_timeout_ns(c));
}

/** Nobody is left to read, or lingers for the rest to be acknowledged. */
static void
orphan_timeout(struct tcp_conn *c)
{
	c->idle_ns = TIME_NEVER;
	if (c->state == TCP_ST_FIN_WAIT_2) {
		tcp_end(c, 0);
		return;
	}
	tcp_mark(c, TCP_F_RST);
	tcp_end(c, -ETIMEDOUT);
}

static void
idle_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	if (tcp_is(c, TCP_F_ORPHAN))
		orphan_timeout(c);
	else
		keepalive_timeout(c, now_ns);
}

void
tcp_timer(struct tcp_conn *c, uint64_t now_ns)
{
	if (tcp_is(c, TCP_F_EARLY) && now_ns >= c->early_ns)
		recover_early(c, now_ns);
	if (now_ns >= c->rexmt_ns)
		rexmt_timeout(c, now_ns);
	if (now_ns >= c->ack_ns)
		ack_was_delayed(c);
	if (now_ns >= c->idle_ns)
		idle_timeout(c, now_ns);
	tcp_unmark(c, TCP_F_PACED);
	tcp_timer_update(c);
}
