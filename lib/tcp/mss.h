/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_MSS_H
#define BARO_TCP_MSS_H

/* The text of a full segment: what the path and the peer take, less headers (RFC 6691). */

#include "tcp/conn.h"
#include "wire/ipv4.h"

enum {
	TCP_MSS_MIN = 88, /* a peer that asks for less gets this: no flood of tiny segments */
	MSS_HEADERS = IPV4_HDR_LEN + TCP_HDR_LEN,
};

/** Octets of text in a full packet of @mtu octets. */
uint32_t
mss_in(const struct tcp_conn *c, uint32_t mtu);

/** What conn->mss depends on has changed. */
void
mss_update(struct tcp_conn *c);

#endif
