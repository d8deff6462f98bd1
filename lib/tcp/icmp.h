/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_ICMP_H
#define BARO_TCP_ICMP_H

/*
 * What the network says about segments that it did not deliver: RFC 9293 §3.9.2.2, RFC 5461, RFC 5927.
 * Whoever says it may be an attacker who sees nothing: a word counts only about what is in flight, and
 * an established connection lives on whatever it hears. tcp_icmp() is in tcp.h.
 */

#include <errno.h>

#include "tcp/conn.h"

/** @err, -errno, was said about the segment at @seq: told to the application if nothing else comes. */
static inline void
icmp_remember(struct tcp_conn *c, struct seq seq, int err, bool is_next_hop)
{
	c->soft = (struct tcp_soft_error){
		.seq = seq, .err = (int16_t)err, .is_next_hop = is_next_hop
	};
}

/** Something was said of what still is in flight. */
static inline bool
icmp_is_pending(const struct tcp_conn *c)
{
	return c->soft.err != 0 && seq_within(c->soft.seq, c->snd_una, tcp_flight(c));
}

/** Our own link says that nobody is at the address of the next hop: asking again is of no use. */
static inline bool
icmp_has_no_next_hop(const struct tcp_conn *c)
{
	return icmp_is_pending(c) && c->soft.is_next_hop;
}

/** What closed() is told when nobody has answered for too long: the network's reason if it gave one. */
static inline int
icmp_timeout_error(const struct tcp_conn *c)
{
	return icmp_is_pending(c) ? c->soft.err : -ETIMEDOUT;
}

#endif
