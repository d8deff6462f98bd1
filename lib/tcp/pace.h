/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_PACE_H
#define BARO_TCP_PACE_H

/*
 * Pacing. For any interval t, whatever the timers do:
 *
 *	octets of text sent in t <= pace_rate * t + quantum + one segment
 *	quantum = what the rate makes in 1 ms, but no more than 64 KiB, and no less than in two
 *	          ticks of the timer wheel, or two segments
 *
 * pace_ns is when all that was sent would have left, had it left evenly. A segment may leave
 * while that is no further ahead than the quantum takes; a pause earns nothing beyond it. So a
 * timer that is a tick late, or a turn that sends several segments, costs no rate.
 *
 * A rate of 0 means not paced. A congestion control that wants_pacing sets the rate itself; for
 * the others it follows cwnd and the round trip if the configuration asks for it.
 */

#include "tcp/conn.h"

enum {
	PACE_STEP_BITS = 20, /* pace_step is in 2^-20 ns an octet */
};

/** Let text leave at @rate octets a second, or max_pace_rate if that is less; 0: as it likes. */
void
pace_set(struct tcp_conn *c, uint64_t rate);

/** pace_set() to twice cwnd a round trip in slow start, 1.2 times later. */
void
pace_by_window(struct tcp_conn *c);

/** Never faster than @rate octets a second from now on; 0: no such limit. */
void
pace_limit(struct tcp_conn *c, uint64_t rate);

/** An acknowledgement has moved cwnd or the round-trip time. */
static inline void
pace_follow(struct tcp_conn *c)
{
	if (unlikely(c->pace_rate != 0 || common_of(c)->with_pacing) && !c->cc->wants_pacing)
		pace_by_window(c);
}

/** When the next segment may leave. */
static inline uint64_t
pace_due_ns(const struct tcp_conn *c)
{
	return c->pace_ns > c->pace_credit_ns ? c->pace_ns - c->pace_credit_ns : 0;
}

/** May a segment leave now? If not, the connection's timer will say when. */
static inline bool
pace_lets(struct tcp_conn *c, uint64_t now_ns)
{
	if (likely(c->pace_rate == 0))
		return true;
	if (now_ns < pace_due_ns(c)) {
		tcp_mark(c, TCP_F_PACED);
		return false;
	}
	tcp_unmark(c, TCP_F_PACED);
	return true;
}

/** What @len octets take: rounded up, at most 1 ns a segment too slow, never too fast. */
static inline uint64_t
pace_time(const struct tcp_conn *c, uint32_t len)
{
	return (len * c->pace_step >> PACE_STEP_BITS) + 1;
}

/** @len octets left. */
static inline void
pace_sent(struct tcp_conn *c, uint32_t len, uint64_t now_ns)
{
	if (unlikely(c->pace_rate != 0))
		c->pace_ns = max_u64(c->pace_ns, now_ns) + pace_time(c, len);
}

#endif
