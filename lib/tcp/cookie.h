/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_COOKIE_H
#define BARO_TCP_COOKIE_H

/*
 * SYN cookies, RFC 4987 §3.6: under a flood of SYNs nothing is remembered of them; what a connection
 * needs is in the sequence number of our SYN|ACK and comes back with the third ACK.
 *
 * The number is that of RFC 6528, M + F(flow), but for the 24 low bits of M: in their place stands a keyed
 * hash of the flow, the peer's sequence number and the high bits of M, plus the index of a
 * segment size. So cookies grow with the clock as other ISNs do, and one is good for 67 to 134 s. With
 * timestamps the low six bits of our TSval keep window scale, SACK and ECN; without, a
 * connection that a cookie opens has none of these.
 *
 * A guess succeeds with a chance of 2^-28, and only while cookies are being sent.
 */

#include "tcp/tcp.h"

/** Answer a SYN by a cookie, and by one for Fast Open if the option of @syn has it. */
void
cookie_send(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_hdr *syn,
	uint64_t now_ns);

/** Has @l sent cookies that may still come back? */
bool
cookie_is_awaited(const struct tcp_listener *l, uint64_t now_ns);

/**
 * An ACK for @l that no connection claims.
 *
 * @mtu   of the way that it came
 * @made  the connection, in SYN-RECEIVED, that it opens: it is to be given to it; or NULL
 * @return DROP_TCP_LISTEN_ACK: it bears no cookie of ours
 */
enum drop
cookie_take(struct tcp_listener *l, const struct tcp_flow *flow, struct tcp_seg *seg, uint16_t mtu,
	uint64_t now_ns, struct tcp_conn **made);

#endif
