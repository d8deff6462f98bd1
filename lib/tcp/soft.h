/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_SOFT_H
#define BARO_TCP_SOFT_H

/*
 * Soft errors, RFC 9293 §3.9.2.2, RFC 5461: what the network said about a segment that it did not deliver
 * is remembered as long as that segment is in flight, and is why the connection ended if it times out.
 */

#include <errno.h>

#include "tcp/conn.h"

/** @err, -errno, was said about the segment at @seq: told to the application if nothing else comes. */
static inline void
soft_remember(struct tcp_conn *c, struct seq seq, int err, bool is_next_hop)
{
	c->soft = (struct tcp_soft_error){
		.seq = seq, .err = (int16_t)err, .is_next_hop = is_next_hop
	};
}

/** Something was said of what still is in flight. */
static inline bool
soft_is_pending(const struct tcp_conn *c)
{
	return c->soft.err != 0 && seq_within(c->soft.seq, c->snd_una, tcp_flight(c));
}

/** Our own link says that nobody is at the address of the next hop: asking again is of no use. */
static inline bool
soft_has_no_next_hop(const struct tcp_conn *c)
{
	return soft_is_pending(c) && c->soft.is_next_hop;
}

/** What closed() is told when nobody has answered for too long: the network's reason if it gave one. */
static inline int
soft_timeout_error(const struct tcp_conn *c)
{
	return soft_is_pending(c) ? c->soft.err : -ETIMEDOUT;
}

#endif
