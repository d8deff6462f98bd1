/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_UNDO_PAST_H
#define BARO_TCP_UNDO_PAST_H

/*
 * Where segments are late by many round trips, the next loss is found before the duplicates of the last
 * one's retransmissions can be reported: a reduction follows on the other, and each but the last would stand
 * although it was for nothing. So the last few are remembered. One that D-SACK has denied whole (RFC 3708
 * §3) is taken out of the row: what came after it is as if it had never been.
 *
 * A recovery ends where the next may begin: the ranges of sequence numbers are disjoint, and a duplicate
 * belongs to one of them.
 */

#include "tcp/conn.h"
#include "tcp/news.h"

/** Another reduction begins: remember the one before it, if it may still be denied. */
void
undo_past_keep(struct tcp_conn *c);

/** D-SACK has reported @n->dsack: take out of the row what it denies. */
void
undo_past_take(struct tcp_conn *c, const struct tcp_news *n);

/** May D-SACK deny a reduction yet, the last one or one before it? */
bool
undo_is_open(const struct tcp_conn *c, uint64_t now_ns);

/** What comes now stands for another reason. */
static inline void
undo_past_forget(struct tcp_conn *c)
{
	c->loss.n_past = 0;
}

#endif
