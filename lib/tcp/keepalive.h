/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_KEEPALIVE_H
#define BARO_TCP_KEEPALIVE_H

/*
 * Keepalive, RFC 9293 §3.8.4: after a long silence the peer is asked for a sign of life by a segment
 * of which it has everything, SEG.SEQ = SND.NXT - 1 without text; several of them unanswered end the
 * connection. Off unless the application or the configuration wants it.
 *
 * It waits on conn->idle_ns. Segments that arrive do not move that deadline: when it comes, the
 * time of the last arrival tells whether there was a silence.
 */

#include "tcp/conn.h"

/** Keepalive was switched on or off, one of its times has changed, or the connection is open now. */
void
keepalive_restart(struct tcp_conn *c, uint64_t now_ns);

/** idle_ns has come. */
void
keepalive_timeout(struct tcp_conn *c, uint64_t now_ns);

/** The settings of @c. */
uint64_t
keepalive_idle_ns(const struct tcp_conn *c);
uint64_t
keepalive_interval_ns(const struct tcp_conn *c);
uint32_t
keepalive_count(const struct tcp_conn *c);

#endif
