/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_PORT_H
#define BARO_TCP_PORT_H

/* Local ports of connections that we begin: RFC 6056. */

#include "tcp/tcp.h"

/** Where a new connection goes in the table. */
struct tcp_place {
	uint32_t hash;            /* of its flow */
	struct tcp_timewait *old; /* stands there, and goes; NULL: nothing does */
};

/**
 * Choose the local port of @flow, whose other fields are set: RFC 6056 §3.3.3, a keyed
 * hash of the peer plus a counter, so that ports are not told in advance and not reused soon.
 *
 * @return 0, -EADDRNOTAVAIL
 */
int
port_choose(struct tcp *tcp, struct tcp_flow *flow, uint64_t now_ns, struct tcp_place *place);

/** May a connection of ours use @flow? @return 0, -EADDRINUSE, -EADDRNOTAVAIL (another core's) */
int
port_check(const struct tcp *tcp, const struct tcp_flow *flow, uint64_t now_ns,
	struct tcp_place *place);

#endif
