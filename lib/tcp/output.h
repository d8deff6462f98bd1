/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_OUTPUT_H
#define BARO_TCP_OUTPUT_H

/*
 * What may be sent now: lost segments first, then window probes, then new text, as far as
 * the peer's window, the congestion window, Nagle's rule and pacing let it. Nothing is
 * sent from here; xmit.c asks, sends, and says that it did.
 */

#include "tcp/conn.h"
#include "tcp/seg.h"

/** The next segment that may leave now. @return false: none, an ACK alone apart */
bool
tcp_next_out(struct tcp_conn *c, uint64_t now_ns, struct tcp_out *o);

/**
 * @o has left.
 *
 * @note  a fresh note
 * @return true if @note is in use now
 */
bool
tcp_was_sent(struct tcp_conn *c, const struct tcp_out *o, struct tcp_sent *note, uint64_t now_ns);

/** Nothing more can leave: keep a timer running if something waits. */
void
tcp_output_done(struct tcp_conn *c, uint64_t now_ns);

/** Header of a segment, all but the ports: flags, acknowledgement, window, options. */
void
tcp_fill_hdr(struct tcp_conn *c, const struct tcp_out *o, uint64_t now_ns, struct tcp_hdr *h);

#endif
