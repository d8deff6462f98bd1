/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_LISTEN_H
#define BARO_TCP_LISTEN_H

/* A segment for a listener: RFC 9293 §3.10.7.2. */

#include "tcp/tcp.h"

/**
 * Look at a segment that no connection claims. A good SYN is answered and remembered (embryo.h), or
 * answered by a cookie (cookie.h).
 *
 * @old  the flow's TIME-WAIT, which agrees and ends if a connection is made; NULL: none
 * @made the connection, in SYN-RECEIVED, that the segment is to be given to; NULL: none
 */
enum drop
tcp_input_listen(struct tcp *tcp, struct tcp_seg *seg, const struct ip_in *in,
	struct tcp_timewait *old, uint64_t now_ns, struct tcp_conn **made);

#endif
