/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_TIMER_H
#define BARO_TCP_TIMER_H

/*
 * The times a connection waits for, told as deadlines in the control block, and the one wheel
 * timer behind them: armed at or before the earliest, and moved only when it has to be
 * sooner. A deadline that has moved away is found out when the timer fires; but where nothing is left to wait for the
 * timer is stopped, while its neighbours in the wheel are at hand: later it would be fetched for nothing. Where a tail loss probe is
 * possible rexmt_ns is the time to look whether it is due (tlp.h).
 */

#include "tcp/pace.h"

/** How long text may stay unacknowledged: R2 of RFC 9293 §3.8.3, RFC 5482's USER_TIMEOUT. */
uint64_t
tcp_user_timeout_ns(const struct tcp_conn *c);

/** How long FIN-WAIT-2 lasts with nobody left to read. */
uint64_t
tcp_fin_wait_2_ns(const struct tcp_conn *c);

/** Has a deadline passed, or has it only moved away since the wheel's timer was armed? */
static inline bool
tcp_timer_is_due(const struct tcp_conn *c, uint64_t now_ns)
{
	return tcp_is(c, TCP_F_EARLY | TCP_F_PACED) || now_ns >= c->rexmt_ns ||
	       now_ns >= c->ack_ns || now_ns >= c->idle_ns;
}

/** Act on the deadlines that have passed. */
void
tcp_timer(struct tcp_conn *c, uint64_t now_ns);

/** Make sure that the wheel wakes the connection in time. */
static inline void
tcp_timer_update(struct tcp_conn *c)
{
	uint64_t first = min_u64(min_u64(c->rexmt_ns, c->ack_ns), c->idle_ns);

	if (unlikely(tcp_is(c, TCP_F_PACED)))
		first = min_u64(first, pace_due_ns(c));
	if (tcp_is(c, TCP_F_EARLY))
		first = min_u64(first, c->early_ns);
	if (first < (c->timer.is_armed ? c->timer.deadline_ns : TIME_NEVER))
		wheel_start(&common_of(c)->env->wheel, &c->timer, first);
	else if (unlikely(first == TIME_NEVER))
		wheel_stop(&common_of(c)->env->wheel, &c->timer);
}

#endif
