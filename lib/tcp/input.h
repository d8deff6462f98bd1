/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_INPUT_H
#define BARO_TCP_INPUT_H

/*
 * The protocol core for arriving segments, RFC 9293 §3.10.7. It changes the
 * connection and lists the rest in @todo; it sends, frees and calls nothing.
 */

#include "tcp/conn.h"
#include "tcp/seg.h"

/** A segment for a connection in SYN-RECEIVED or a synchronised state: §3.10.7.4. */
enum drop
tcp_input(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo);

/** A segment for a connection in SYN-SENT: §3.10.7.3. */
enum drop
tcp_input_syn_sent(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo);

/* Steps that the fast path shares (input_fast.h) */

/** Fifth step, for an acknowledgement that moves snd_una: snd_una < SEG.ACK <= snd_nxt. */
void
take_ack(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo);

/** Remember the peer's timestamp, RFC 7323 §4.3. */
static inline void
take_timestamp(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	if (seq_le(seg->h.seq, c->last_ack_sent)) {
		c->ts_recent = seg->h.opts.tsval;
		c->ts_recent_age = (uint32_t)(now_ns >> 30);
	}
}

/** Text may go both ways from now on: congestion control, buffers. */
void
tcp_begin_text(struct tcp_conn *c, uint64_t now_ns);

/** The peer's SYN on @seg has been taken; now what comes behind it, "at the sixth step" (§3.10.7.3). */
enum drop
take_behind_syn(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo);

/** Both SYNs are acknowledged: windows, congestion control, the application. */
void
tcp_established(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns);

#endif
