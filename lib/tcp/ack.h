/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_ACK_H
#define BARO_TCP_ACK_H

/*
 * When to acknowledge, and which window to offer: delayed and aggregated
 * acknowledgements (RFC 9293 §3.8.6.3, RFC 5681 §4.2), silly-window avoidance of the
 * receiver (RFC 9293 §3.8.6.2.2), limits on answers to strangers (RFC 5961 §7).
 *
 * "At least every second segment" is decided once a turn: segments of one burst share one
 * acknowledgement, as the interval between them is shorter than any timer could be.
 */

#include "tcp/conn.h"

enum {
	ACK_QUICK = 16,         /* acknowledgements sent at once when a connection begins */
	ACK_ALWAYS = UINT8_MAX, /* the application wants none delayed: BARO_TCP_QUICKACK */
	ACK_CHALLENGES = 10,    /* answers to segments out of place a second, on average nearly */
};

/**
 * Text was taken in order: acknowledge at the end of the turn, or a little later, where something may come to go
 * with. What answers within the turn carries the acknowledgement either way.
 */
void
ack_taken(struct tcp_conn *c, uint64_t now_ns);

/**
 * The timer of a delayed acknowledgement has run out: no second segment came, or the segments are
 * smaller now than the largest one seen. What counts as a full segment follows them down.
 */
void
ack_was_delayed(struct tcp_conn *c);

/** The application has read: offer the new room if that is worth a segment. */
void
ack_consumed(struct tcp_conn *c);

/**
 * How many answers to segments out of place there may be in the next second: half of ACK_CHALLENGES to one
 * and a half of it. Nobody else's credit is touched, and who provokes such answers by guesses
 * cannot count how many he did not get (RFC 5961 §7, CVE-2016-5696).
 */
uint8_t
ack_challenge_credit(struct env *env);

/** Answer a segment that is out of place, if the limit on such answers allows. */
void
ack_challenge(struct tcp_conn *c, uint64_t now_ns);

/** Move rcv_adv to what is offered now. @return the window, octets from rcv_nxt */
uint32_t
ack_window(struct tcp_conn *c);

/** An acknowledgement of rcv_nxt leaves, alone or on text. */
static inline void
ack_sent(struct tcp_conn *c)
{
	c->last_ack_sent = c->rcv_nxt;
	c->ack_ns = TIME_NEVER;
	tcp_unmark(c, TCP_F_ACK_NOW);
}

#endif
