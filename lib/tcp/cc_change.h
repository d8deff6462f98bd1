/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_CC_CHANGE_H
#define BARO_TCP_CC_CHANGE_H

/* The congestion control of one connection, from its beginning to its end. */

#include "tcp/cc.h"

/** The connection is established: its algorithm begins, or newreno where that has no memory. */
void
tcp_cc_begin(struct tcp_conn *c, uint64_t now_ns);

/** The connection is gone. */
void
tcp_cc_end(struct tcp_conn *c);

/**
 * Go on with @cc, now or when the connection is established. The window stays; in recovery @cc
 * takes the reduction over.
 */
void
tcp_cc_change(struct tcp_conn *c, const struct tcp_cc *cc, uint64_t now_ns);

#endif
