/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_TIMEWAIT_H
#define BARO_TCP_TIMEWAIT_H

/*
 * TIME-WAIT, RFC 9293 §3.6.1: a cache line that answers late segments of a
 * connection that is over, for two MSL.
 */

#include "tcp/tcp.h"

/** @c has reached TIME-WAIT: leave a record of it in the table instead of it. */
void
timewait_begin(struct tcp_conn *c, uint64_t now_ns);

/**
 * A segment for a connection in TIME-WAIT.
 *
 * @return DROP_NONE: it is a SYN that may open a new connection (RFC 6191, RFC 9293 MAY-2) with a
 *         listener; the record stays until it does
 */
enum drop
timewait_input(
	struct tcp *tcp, struct tcp_timewait *tw, const struct tcp_seg *seg, uint64_t now_ns);

/**
 * May a connection of ours follow at once? With timestamps that have gone on by a second no segment of
 * the old one is taken for one of the new (RFC 7323 §5.2, RFC 6191 §2), as Linux's tcp_tw_reuse has it.
 */
bool
timewait_is_renewable(const struct tcp *tcp, const struct tcp_timewait *tw, uint64_t now_ns);

/** Where our sequence begins: at @iss, or beyond all that @old sent (§3.6.1, MAY-2). @old may be NULL */
struct seq
timewait_next_iss(const struct tcp_timewait *old, struct seq iss);

/** Two MSL have passed, or it makes room. */
void
timewait_end(struct tcp *tcp, struct tcp_timewait *tw);

#endif
