/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_UDP_CORES_H
#define BARO_UDP_CORES_H

/*
 * Which cores have a UDP port open: what the cores of a program share, so that a datagram goes to one that
 * wants it. A port that one core alone has is that core's, whoever sends there: so a client gets its answers,
 * connected or not. Ports that several have are shared out by the hash of flows. Ports change hands when sockets
 * are bound; a datagram costs one load. A port that all have is shared as TCP's flows are (base/rss.h).
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rss.h"

struct udp_cores {
	_Atomic uint64_t having[65536]; /* [port]: a bit for each core */
};

/** Core @core has @port from now on. @return which others had it before */
static inline uint64_t
udp_cores_join(struct udp_cores *c, uint16_t port, uint32_t core)
{
	return atomic_fetch_or(&c->having[port], UINT64_C(1) << core);
}

static inline void
udp_cores_leave(struct udp_cores *c, uint16_t port, uint32_t core)
{
	atomic_fetch_and(&c->having[port], ~(UINT64_C(1) << core));
}

/** Who has @port: a bit for each core. */
static inline uint64_t
udp_cores_having(const struct udp_cores *c, uint16_t port)
{
	return atomic_load_explicit(&c->having[port], memory_order_relaxed);
}

/** Nobody has it. */
static inline bool
udp_cores_is_free(const struct udp_cores *c, uint16_t port)
{
	return udp_cores_having(c, port) == 0;
}

/** Of the cores @having the port, not none, the one whose the flow with this @hash of RSS is. */
static inline uint32_t
udp_cores_owner(uint64_t having, uint32_t hash)
{
	for (uint32_t k = rss_entry(hash) % (uint32_t)__builtin_popcountll(having); k > 0; k--)
		having &= having - 1;
	return (uint32_t)__builtin_ctzll(having);
}

#endif
