/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_AGREE_H
#define BARO_TCP_AGREE_H

/*
 * What the two SYNs agree on: segment size (RFC 9293 §3.7.1), window scale and
 * timestamps (RFC 7323), SACK (RFC 2018). An option is in use only if both sent it.
 */

#include "tcp/conn.h"

/**
 * Fill in a fresh connection, of which tcp, flow and cc are set already.
 *
 * @mtu  of the way to the peer, octets
 */
void
tcp_conn_init(
	struct tcp_conn *c, struct seq iss, uint32_t ts_offset, uint16_t mtu, uint64_t now_ns);

/** A fresh connection has the options of @model, which its listener keeps for it. */
void
tcp_inherit(struct tcp_conn *c, const struct tcp_conn *model);

/** The smallest shift by which the window field can express @rcv_buf octets: RFC 7323 §2.2. */
uint8_t
tcp_wscale_for(uint32_t rcv_buf);

/** The peer's SYN: its sequence number and its options. */
void
tcp_take_syn(struct tcp_conn *c, const struct tcp_hdr *h, uint64_t now_ns);

#endif
