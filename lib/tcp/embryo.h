/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_EMBRYO_H
#define BARO_TCP_EMBRYO_H

/*
 * A listener's connections in SYN-RECEIVED (RFC 9293 §3.10.7.4): a cache line each, that sends
 * SYN|ACK until it is answered. The control block is made when the third ACK has come: who only sends
 * SYNs costs 64 octets for half a minute. (A connection of ours whose SYN crosses the peer's has its
 * control block already and goes by tcp_input().)
 */

#include "tcp/tcp.h"

/** What the peer's SYN says, as far as we agree: all but the flow, iss and the listener. */
void
embryo_read_syn(const struct tcp *tcp, const struct tcp_hdr *syn, struct tcp_embryo *e);

/**
 * A SYN for @l: remember it, answer it.
 *
 * @return false: no room
 */
bool
embryo_begin(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_hdr *syn,
	struct seq iss, uint64_t now_ns);

/**
 * A segment for @e.
 *
 * @mtu   of the way that it came
 * @made  the connection, in SYN-RECEIVED, that @e has become: the segment is to be given to it; or
 *        NULL
 */
enum drop
embryo_input(struct tcp *tcp, struct tcp_embryo *e, struct tcp_seg *seg, uint16_t mtu,
	uint64_t now_ns, struct tcp_conn **made);

/** The control block that @e, in the table or not, would become. NULL: no room */
struct tcp_conn *
embryo_make_conn(struct tcp_listener *l, const struct tcp_embryo *e, uint16_t mtu, uint64_t now_ns);

/** SYN|ACK with timestamp @tsval. */
void
embryo_send_syn_ack(struct tcp *tcp, const struct tcp_embryo *e, uint32_t tsval, uint64_t now_ns);

/** Forget it; nothing is sent. */
void
embryo_end(struct tcp *tcp, struct tcp_embryo *e);

/** The listener goes: its embryos end, by RST (RFC 9293 §3.10.4). Walks the slab until all are found. */
void
embryo_reset_all(struct tcp_listener *l, uint64_t now_ns);

#endif
