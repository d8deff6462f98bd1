/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_RECOVER_H
#define BARO_TCP_RECOVER_H

/*
 * Loss: deciding which segments are lost (RFC 5681 §3.2, RFC 6582, RFC 6298 §5).
 * output.c sends them again; nothing is sent from here.
 */

#include <stdbool.h>
#include <stdint.h>

struct tcp_conn;
struct tcp_cc_sample;

/** A duplicate acknowledgement came. */
void
recover_dupack(struct tcp_conn *c, uint64_t now_ns);

/** snd_una has moved by s->acked octets. */
void
recover_acked(struct tcp_conn *c, struct tcp_cc_sample *s);

/** The retransmission timer ran out with text in flight. */
void
recover_timeout(struct tcp_conn *c, uint64_t now_ns);

/**
 * The network has marked a segment of ours (ECE came: RFC 3168 §6.1.2). At most once a window, and
 * not when a loss has reduced it already, cwnd shrinks.
 *
 * @return true if it did. Whatever reduced cwnd, TCP_F_CWR is set: the next new segment is to say
 *         CWR, and whoever sends it clears the flag
 */
bool
recover_marked(struct tcp_conn *c, uint64_t now_ns);

#endif
