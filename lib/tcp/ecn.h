/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_ECN_H
#define BARO_TCP_ECN_H

/*
 * Explicit congestion notification, RFC 3168 §6.1: routers mark packets instead of dropping them, the
 * receiver echoes the mark (ECE), the sender slows down as for a loss and says that it did (CWR).
 *
 * What would have to change for L4S (RFC 9331) and accurate ECN is all here and in recover_marked():
 * ecn_codepoint() would choose ECT(1), ecn_input() count marks instead of one a round trip, and the
 * algorithm's marked() (cc.h) act upon the share of them.
 */

#include "tcp/conn.h"
#include "tcp/seg.h"
#include "wire/ipv4.h"

/** A fresh connection; @is_active: it is ours, else a listener's. Offers, or accepts, as configured. */
void
ecn_init(struct tcp_conn *c, bool is_active);

/** The peer's SYN or SYN|ACK had these control bits: is ECN agreed? §6.1.1 */
void
ecn_agree(struct tcp_conn *c, uint8_t flags);

/** A SYN with these control bits asks for it. */
static inline bool
ecn_is_asked_for(uint8_t flags)
{
	return (flags & (TCP_ECE | TCP_CWR)) == (TCP_ECE | TCP_CWR);
}

/**
 * Our SYN was lost again, or answered by RST: perhaps something on the way does not bear ECN
 * (§6.1.1.1). @return true if it had asked for ECN, which the next one will not
 */
bool
ecn_give_up(struct tcp_conn *c);

/** Control bits of the next segment, @c having TCP_F_ECN. */
uint8_t
ecn_flags(const struct tcp_conn *c, const struct tcp_out *o);

/** A segment has been found acceptable, @c having TCP_F_ECN: its mark, its ECE and its CWR. */
void
ecn_input(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns);

/** New text, and no probe of a closed window. */
static inline bool
ecn_is_new_text(const struct tcp_conn *c, const struct tcp_out *o)
{
	return o->len != 0 && o->again == NULL && c->snd_wnd != 0;
}

/**
 * The IP header's ECN field: the one place where it is chosen. ECT(0) on new text alone; what is sent
 * again, probes and whatever has no text are not ECN-capable (§6.1.4 to §6.1.6).
 */
static inline uint8_t
ecn_codepoint(const struct tcp_conn *c, const struct tcp_out *o)
{
	return tcp_is(c, TCP_F_ECN) && ecn_is_new_text(c, o) ? IPV4_ECT0 : IPV4_NOT_ECT;
}

#endif
