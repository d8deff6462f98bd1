/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_DSACK_H
#define BARO_TCP_DSACK_H

/*
 * D-SACK, the receiver's half (RFC 2883 §4): text that arrives twice is reported by the first SACK block
 * of a duplicate acknowledgement, once. So the sender learns that it has sent something again
 * needlessly (undo.h, rack.h and tlp.h use it). Text of ours never has to leave room for the block: the
 * duplicate acknowledgement leaves before it, alone.
 */

#include "tcp/conn.h"

/**
 * @dup has arrived a second time: if SACK is agreed, a duplicate acknowledgement that says so is owed.
 * An empty block means nothing.
 */
void
dsack_note(struct tcp_conn *c, struct tcp_sack dup);

/** SACK blocks of the next acknowledgement, D-SACK first. @return blocks written, at most @max */
uint32_t
dsack_blocks(const struct tcp_conn *c, struct tcp_sack *block, uint32_t max);

/** A duplicate acknowledgement has left. */
void
dsack_told(struct tcp_conn *c);

#endif
