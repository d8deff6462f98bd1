/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_XMIT_H
#define BARO_TCP_XMIT_H

/* Plans become packets. */

#include "tcp/tcp.h"

struct tso;

/** The way to the peer, found again if it has changed. @return false: there is none */
bool
xmit_path(struct tcp_conn *c, uint64_t now_ns, struct ip_path *path);

/** The way that it had last. @return false: it may have changed */
bool
xmit_last_path(const struct tcp_conn *c, struct ip_path *path);

/** @c goes this way from now on: its segments follow the MTU. */
void
xmit_take_path(struct tcp_conn *c, const struct ip_path *path, uint64_t now_ns);

/**
 * Interfaces, routes or path MTUs have changed since the last segment: find the way again.
 * @return true if the size of segments is another now: what was planned is void
 */
bool
xmit_resizes(struct tcp_conn *c, uint64_t now_ns);

/**
 * Send one planned segment.
 *
 * @tso  the frame that it may join, and the next after it; its m is NULL with the first of a turn
 * @return false: no buffer or no room, nothing was sent
 */
bool
xmit_segment(struct tcp_conn *c, const struct tcp_out *o, struct tso *tso, uint64_t now_ns);

/** Send an acknowledgement alone. @return false: as above */
bool
xmit_ack(struct tcp_conn *c, uint64_t now_ns);

/** Ask for a sign of life by a segment of which the peer has everything. @return false: as above */
bool
xmit_keepalive(struct tcp_conn *c, uint64_t now_ns);

/** What answers a segment without a connection, RFC 9293 §3.10.7.1. */
struct tcp_reply {
	struct tcp_flow flow;
	struct tcp_hdr
		h;   /* ports excepted; MSS is not above that of the way out, which 0 stands for */
	uint8_t tos; /* of the connection that it is about */
	uint8_t ttl; /* 0: the default */
};

/** Send a segment that belongs to no connection: RST, or an ACK out of TIME-WAIT. It is lost if there is no room. */
void
xmit_reply(struct tcp *tcp, struct tcp_reply *r, uint64_t now_ns);

/** The same. @return DROP_TX_FULL, DROP_NO_MBUF: nothing was sent, nor counted; DROP_NONE: it left, or there is no way */
enum drop
xmit_reply_if_room(struct tcp *tcp, struct tcp_reply *r, uint64_t now_ns);

/** The same, by a way that is known. */
enum drop
xmit_reply_by(struct tcp *tcp, const struct ip_path *path, struct tcp_reply *r, uint64_t now_ns);

/** The RST that RFC 9293 §3.5.2 demands for a segment with header @h and @len octets of text. */
void
xmit_rst_for(struct tcp *tcp, const struct tcp_flow *flow, const struct tcp_hdr *h, uint32_t len,
	uint64_t now_ns);

#endif
