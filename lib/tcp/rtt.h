/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_RTT_H
#define BARO_TCP_RTT_H

/* Round-trip time and the retransmission time-out, RFC 6298. */

#include <stdint.h>

#include "tcp/conn.h"

/** No measurement yet: RFC 6298 §2.1. */
void
rtt_init(struct tcp_conn *c);

/** A round trip took @rtt_ns: RFC 6298 §2.2, §2.3. Ends the back-off. */
void
rtt_sample(struct tcp_conn *c, uint64_t rtt_ns);

/** The time-out that follows from them, §2.4. */
void
rtt_set_timeout(struct tcp_conn *c);

/** It was measured on a segment that was sent once: does it count among the shortest? */
void
rtt_note_min(struct tcp_conn *c, uint64_t rtt_ns, uint64_t now_ns);

/** A round trip from the timestamp echoed (RFC 7323 §4.1), for what was sent more than once; 0: none. */
uint64_t
rtt_from_echo(const struct tcp_conn *c, const struct tcp_opts *o, uint64_t now_ns);

/** The time-out in force, back-off included (RFC 6298 §5.5), at most rto_max_ns. */
uint64_t
rtt_timeout(const struct tcp_conn *c);

/** Segments before the handshake's end were resent: RFC 6298 §5.7. */
void
rtt_handshake_was_slow(struct tcp_conn *c);

#endif
