/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_FASTOPEN_H
#define BARO_TCP_FASTOPEN_H

/*
 * TCP Fast Open, RFC 7413: who may send text on a SYN. A server gives out cookies, a keyed hash of the two
 * addresses, and believes a SYN that brings one back; a client keeps them (fast_cache.h).
 *
 * The key follows from one that all cores share and from the time: it changes every
 * tcp.fastopen_key_life, and the one before holds as long again; or the configuration has it, and perhaps the one before,
 * for several hosts that answer for one address (fast_key.h). Who comes with the one before gets a new cookie.
 *
 * A SYN may arrive twice, and what is on it then is delivered twice: §2.1 and §6.1 leave it to
 * applications to use Fast Open only where that does no harm.
 */

#include "tcp/tcp.h"

/* Listeners */

/**
 * A SYN for @l. Its Fast Open option becomes that of our SYN|ACK: a cookie, or none.
 *
 * @return true if what is on it may be taken at once
 */
bool
fastopen_judge(
	struct tcp_listener *l, const struct tcp_flow *flow, struct tcp_hdr *syn, uint64_t now_ns);

/**
 * The connection that such a SYN makes, in SYN-RECEIVED: it is to be given to it. NULL: no room
 *
 * @mtu  of the way that it came
 */
struct tcp_conn *
fastopen_begin(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_seg *syn,
	struct seq iss, uint16_t mtu, uint64_t now_ns);

/** @l goes: its connections that wait for their third ACK live on without it. */
void
fastopen_forget(struct tcp_listener *l);

/* Our connects */

/**
 * Text may be queued for @c from now on; its SYN, which has not left, bears what has been queued by then
 * if a cookie is known, and asks for one if not.
 */
void
fastopen_ask(struct tcp_conn *c, uint64_t now_ns);

/** The SYN shall be an ordinary one after all. */
void
fastopen_do_not_ask(struct tcp_conn *c);

/* Both */

/** A segment with header @h, or a timer, may have ended SYN-SENT or SYN-RECEIVED: learn from it. NULL: none */
void
fastopen_learn(struct tcp_conn *c, const struct tcp_hdr *h, uint64_t now_ns);

#endif
