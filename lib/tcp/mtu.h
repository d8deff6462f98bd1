/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_MTU_H
#define BARO_TCP_MTU_H

/*
 * The size of segments: what the peer takes and what the path carries, less the options of each
 * segment (RFC 9293 §3.7.1, RFC 6691). It follows the path's MTU down and, when time has shown that a
 * router's word no longer holds, up again (RFC 1191 §6). Pure; ip/pmtu.h remembers the words.
 */

#include <stdbool.h>
#include <stdint.h>

#include "tcp/mss.h"

/** A fresh connection over an interface that takes packets of @mtu octets. */
void
mtu_init(struct tcp_conn *c, uint16_t mtu);

/** The peer's SYN said @peer_mss, or TCP_MSS_DEFAULT by saying nothing; its options are agreed. */
void
mtu_agree(struct tcp_conn *c, uint16_t peer_mss);

/** The application wants no segments of more than @maxseg octets: the SYN says so if it has not left. */
void
mtu_limit(struct tcp_conn *c, uint16_t maxseg);

/**
 * The path carries packets of @mtu octets from now on. What is in flight and larger can only have
 * been dropped: it is marked lost, to leave at once in the new size. No congestion is meant by that
 * (RFC 1191 §6.5): cwnd stays, the time-out is that of a first transmission.
 */
void
mtu_follow(struct tcp_conn *c, uint16_t mtu, uint64_t now_ns);

/**
 * A router quotes a packet of @len octets with the segment at @seq, and says that its next link takes
 * @told only. Is that a packet of ours, in flight still, and too big by that word?
 *
 * RFC 5927 §7.2 has a word wait for a time-out where larger packets have been acknowledged. We
 * take it at once, so that a new route costs no time-out, but only if it names the very beginning of a
 * segment in flight: one sequence number of a thousand in the window.
 */
bool
mtu_is_about_ours(const struct tcp_conn *c, struct seq seq, uint16_t len, uint16_t told);

/** A time-out: has a large segment vanished for the second time? */
void
mtu_timed_out(struct tcp_conn *c);

#endif
