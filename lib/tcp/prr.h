/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_PRR_H
#define BARO_TCP_PRR_H

/*
 * Proportional rate reduction (RFC 9937, in place of RFC 6937): during recovery cwnd goes from the flight
 * down to ssthresh in step with what is delivered, so that segments leave evenly, and if more was lost
 * than the reduction asks for, up to ssthresh again, no faster than slow start:
 *
 *	pipe > ssthresh:  prr_out <= prr_delivered * ssthresh / RecoverFS
 *	pipe <= ssthresh: prr_out <= prr_delivered + one segment for each good acknowledgement
 */

#include "tcp/conn.h"

/**
 * Octets delivered before the acknowledgement that delivers @delivered, in whose place nothing has left:
 * those of one turn are answered together at its end, so the segments that limited transmit would have sent for
 * the first ones (RFC 3042) are still owed. Before cwnd is reduced.
 */
static inline uint32_t
prr_owed(const struct tcp_conn *c, uint32_t delivered)
{
	uint32_t before = c->sacked > delivered ? c->sacked - delivered : 0;
	uint32_t out = tcp_flight(c) - min_u32(c->sacked, tcp_flight(c)) + delivered;

	return min_u32(before, c->cwnd > out ? c->cwnd - out : 0);
}

/** Recovery begins with an acknowledgement that delivers @delivered octets; @owed: prr_owed() */
static inline void
prr_begin(struct tcp_conn *c, uint32_t delivered, uint32_t owed)
{
	uint32_t before = c->sacked > delivered ? c->sacked - delivered : 0;
	uint32_t flight = tcp_flight(c) + owed;

	/* what was delivered before will not be so again, RFC 9937 §6.1 */
	c->loss.recover_fs = max_u32(flight > before ? flight - before : 0, c->mss);
	c->loss.prr_delivered = owed;
	c->loss.prr_out = 0;
}

/** RFC 9937 §6.2. @is_safe: snd_una has moved, and nothing more was found lost */
static inline void
prr_acked(struct tcp_conn *c, uint32_t delivered, bool is_safe)
{
	struct tcp_loss *loss = &c->loss;
	uint32_t pipe = tcp_pipe(c);
	uint64_t may;
	uint32_t sndcnt;

	loss->prr_delivered += delivered;
	if (pipe > c->ssthresh) {
		may = ((uint64_t)loss->prr_delivered * c->ssthresh + loss->recover_fs - 1) /
		      loss->recover_fs;
		sndcnt = may > loss->prr_out ? (uint32_t)min_u64(may - loss->prr_out, c->cwnd) : 0;
	} else {
		sndcnt = loss->prr_delivered > loss->prr_out ? loss->prr_delivered - loss->prr_out
							     : 0;
		sndcnt = max_u32(sndcnt, delivered) + (is_safe ? c->mss : 0);
		sndcnt = min_u32(c->ssthresh - pipe, sndcnt);
	}
	if (loss->prr_out == 0) /* the first hole is sent at once */
		sndcnt = max_u32(sndcnt, c->mss);
	c->cwnd = max_u32(pipe + sndcnt, c->mss);
}

/** @len octets leave. */
static inline void
prr_sent(struct tcp_conn *c, uint32_t len)
{
	c->loss.prr_out += len;
}

#endif
