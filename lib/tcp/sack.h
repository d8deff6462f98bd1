/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_SACK_H
#define BARO_TCP_SACK_H

/*
 * The scoreboard: which segments in flight the receiver has, by the SACK blocks of its
 * acknowledgements (RFC 2018 §5, RFC 6675 §4). It is kept on the notes (SENT_SACKED).
 *
 * A receiver repeats its blocks, and the latest of them grows at its end. So the last note of each
 * block is remembered, and a block that is known already is marked from there on: an
 * acknowledgement costs what it tells anew, however long the flight is. A block of which
 * nothing is known is looked for from the nearest known place before it.
 */

#include "tcp/conn.h"
#include "tcp/news.h"

enum {
	SACK_SPARES = 2, /* notes that may be cut in two by one acknowledgement */
	SACK_PIECE_MIN =
		88, /* octets: no smaller piece is cut off a note, whatever a peer reports */
};

/** Mark what the blocks of @n report; snd_una has moved already. Knows D-SACK (RFC 2883 §4). */
void
sack_take(struct tcp_conn *c, struct tcp_news *n);

#endif
