/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_RSS_H
#define BARO_BASE_RSS_H

/*
 * Receive side scaling: which core a flow belongs to, told as NICs tell it, so that one that has been
 * given our key and table delivers frames where they belong. Toeplitz over the addresses and ports as they
 * arrive (source first) names an entry of a table, and that names the core.
 *
 * A random key keeps peers who do not see which core serves them from aiming at one. It is no secret hash:
 * Toeplitz is linear. Tables are found by flow_hash().
 */

#include <stdint.h>

#include "base/flow.h"

enum {
	RSS_KEY_LEN = 40,
	RSS_KEY_ROOM = 64,  /* some devices take longer keys, of which IPv4 uses the beginning */
	RSS_TUPLE_LEN = 12, /* addresses, ports */
	RSS_ENTRIES = 128,  /* of the table: a power of two */
};

/** Read by all cores, written by none after rss_init(). */
struct rss {
	uint8_t key[RSS_KEY_ROOM]; /* zeros follow the key */
	uint32_t n_cores;
	uint8_t core[RSS_ENTRIES];
	uint32_t octet[RSS_TUPLE_LEN]
		      [256]; /* what an octet adds to the hash: a tenth of the cost of bit by bit */
};

/** Any key will do here. @n_cores 1..RSS_ENTRIES */
void
rss_init(struct rss *rss, const uint8_t key[RSS_KEY_LEN], uint32_t n_cores);

/**
 * With a random key, of which it is known that 128 ports in a row, of ours or of a peer's, name each
 * entry once: so every core finds ports to connect from, soon, and peers who count are spread.
 *
 * @return 0, -errno of getrandom
 */
int
rss_draw(struct rss *rss, uint32_t n_cores);

/** Toeplitz. @f  as we see it; the peer, whose frame it is, comes first in the hash */
static inline uint32_t
rss_hash(const struct rss *rss, const struct flow *f)
{
	const uint64_t addrs = (uint64_t)f->faddr << 32 | f->laddr;
	const uint32_t ports = (uint32_t)f->fport << 16 | f->lport;
	uint32_t hash = 0;

	for (unsigned i = 0; i < 8; i++)
		hash ^= rss->octet[i][(uint8_t)(addrs >> (56 - 8 * i))];
	for (unsigned i = 0; i < 4; i++)
		hash ^= rss->octet[8 + i][(uint8_t)(ports >> (24 - 8 * i))];
	return hash;
}

static inline uint32_t
rss_entry(uint32_t hash)
{
	return hash % RSS_ENTRIES;
}

/** The core of flows with this hash. */
static inline uint32_t
rss_owner(const struct rss *rss, uint32_t hash)
{
	return rss->core[rss_entry(hash)];
}

#endif
