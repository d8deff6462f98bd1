/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_FAST_H
#define BARO_TCP_FAST_H

/*
 * TCP Fast Open (RFC 7413) as the protocol core sees it: text on a SYN. Which SYN may bear text, and
 * whose is taken, the glue decides by cookies: fastopen.h.
 *
 * Our first SYN alone bears the option and text; what is sent again is as plain as if there were no Fast
 * Open (§4.1.3.1, §4.2.1). What the peer's SYN|ACK does not acknowledge has not been taken, and leaves
 * as if for the first time. A server sends its text behind its SYN|ACK, not on it: Linux, as a
 * client, throws away what it finds there.
 */

#include "tcp/conn.h"
#include "tcp/seg.h"

/** Octets of text that our first SYN takes along, which has @opt_len octets of options. */
uint32_t
fast_syn_text(const struct tcp_conn *c, uint32_t opt_len);

/** A fresh connection of a listener, SYN taken, may send before the handshake is done. */
void
fast_begin(struct tcp_conn *c, const struct tcp_seg *syn, uint64_t now_ns);

/** The SYN with a good cookie that made @c, which is in SYN-RECEIVED: what is on it is taken. */
enum drop
tcp_input_fast_syn(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo);

/**
 * SYN|ACK acknowledges our sequence up to @ack: the rest of the text on our SYN was not taken. It
 * counts as not sent.
 *
 * @return notes no longer needed, a list
 */
struct tcp_sent *
fast_unsend(struct tcp_conn *c, struct seq ack);

#endif
