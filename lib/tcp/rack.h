/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_RACK_H
#define BARO_TCP_RACK_H

/*
 * RACK (RFC 8985 §6): a segment is lost if one that left later has been delivered, and a reordering
 * window has passed since it should have been. Lost retransmissions are found in the same way.
 *
 * Segments that were sent once left in the order of their sequence numbers, those sent again are
 * listed in the order in which they left: each of both lists is looked at from the first one that is
 * not judged yet to the first one that may still arrive. So a segment is looked at a few times in
 * all, not once for every acknowledgement.
 */

#include "tcp/conn.h"
#include "tcp/news.h"

/** SACK has reported @s: §6.2 steps 2 and 3. */
void
rack_sacked(struct tcp_conn *c, const struct tcp_news *n, const struct tcp_sent *s);

/** The same for the notes that the acknowledgement covers. */
void
rack_acked(struct tcp_conn *c, const struct tcp_news *n);

/** Something arrived twice: have a wider window for the next recoveries, §6.2 step 4. */
void
rack_dsack(struct tcp_conn *c);

/** A recovery is over. */
void
rack_recovered(struct tcp_conn *c);

/**
 * Mark what is lost by now, §6.2 step 5.
 *
 * @return when to look again; TIME_NEVER: not before the next acknowledgement
 */
uint64_t
rack_detect(struct tcp_conn *c, uint64_t now_ns);

/** The retransmission timer ran out: mark what should have been acknowledged, §6.3. */
void
rack_timeout(struct tcp_conn *c, uint64_t now_ns);

#endif
