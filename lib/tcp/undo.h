/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_UNDO_H
#define BARO_TCP_UNDO_H

/*
 * Was the window reduced for nothing? A time-out came too early, or segments that were only late were
 * taken for lost. Three ways to find out:
 *
 *  - timestamps: what is acknowledged had left before the first segment was sent again (Eifel, RFC 3522);
 *  - D-SACK: everything that was sent again has arrived twice (RFC 3708);
 *  - after a time-out, new text instead of old: originals that arrive then were never lost
 *    (F-RTO, RFC 5682).
 *
 * Then cwnd and ssthresh are as before again, and what is marked lost is so no longer. Should something
 * be missing all the same, RACK or duplicate acknowledgements find it once more. D-SACK may come when
 * the next reduction has begun already: undo_past.h.
 */

#include "tcp/conn.h"
#include "tcp/news.h"
#include "tcp/undo_past.h"

/** A loss has been found, cwnd and ssthresh are about to be reduced for it. */
void
undo_begin(struct tcp_conn *c);

/** The same for a time-out; @with_frto: it is the first, and came out of the blue. */
void
undo_begin_timeout(struct tcp_conn *c, bool with_frto);

/** They are reduced for a reason that stands. */
static inline void
undo_forget(struct tcp_conn *c)
{
	c->loss.undo.cwnd = 0;
	c->loss.undo.frto = FRTO_OFF;
	undo_past_forget(c);
}

/** @len octets leave again. */
void
undo_sent_again(struct tcp_conn *c, uint32_t len, uint64_t now_ns);

/**
 * Look at an acknowledgement, whose SACK blocks have been taken. If it shows that the reduction was
 * for nothing, it is taken back, and recovery is over.
 *
 * @return true if so
 */
bool
undo_take(struct tcp_conn *c, const struct tcp_news *n);

/**
 * RFC 5682 step 2b: does what is lost wait for the fate of new text? Not if that cannot leave: then
 * the trial is over.
 */
bool
undo_holds_lost(struct tcp_conn *c);

#endif
