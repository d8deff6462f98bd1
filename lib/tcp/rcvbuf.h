/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_RCVBUF_H
#define BARO_TCP_RCVBUF_H

/*
 * The receive buffer follows the way, between tcp.rcv_buf and tcp.rcv_buf_max, unless the
 * application has set it. A peer that finds our window in its way sends one window a round trip:
 *
 *	a window of text arrived within 1.5 round trips, and the application has read half of it
 *	=> the buffer is doubled
 *
 * so that in the end it holds 1.5 to 3 times what arrives in a round trip. The round trip is that
 * of our own segments, the SYN at least; where queues make it longer the wire is full already.
 */

#include "tcp/conn.h"
#include "tcp/seg.h"

/** Begin to measure: rcv_nxt is set. */
void
rcvbuf_begin(struct tcp_conn *c, uint64_t now_ns);

/** rcv_nxt has reached rcv_mark. */
void
rcvbuf_measure(struct tcp_conn *c, uint64_t now_ns, struct tcp_todo *todo);

/** Text was taken in order. */
static inline void
rcvbuf_taken(struct tcp_conn *c, uint64_t now_ns, struct tcp_todo *todo)
{
	if (unlikely(seq_ge(c->rcv_nxt, c->rcv_mark)))
		rcvbuf_measure(c, now_ns, todo);
}

#endif
