/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_FAST_CACHE_H
#define BARO_TCP_FAST_CACHE_H

/*
 * What our connects know of servers' Fast Open (RFC 7413 §4.1.3): cookies and segment sizes, and where it
 * has failed lately. Bounded: a newcomer pushes out the one of its four neighbours in the table that
 * has not been used the longest.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "wire/tcp.h"

/** One server, seen from one address of ours: cookies are bound to both. */
struct fast_entry {
	uint32_t laddr;
	uint32_t faddr;           /* 0: free */
	uint64_t used_ns;         /* looked up the last time */
	uint64_t hold_ns;         /* until then we connect without (§4.1.3.1) */
	uint16_t mss;             /* that its SYN|ACK said */
	uint8_t n_failed;         /* in a row */
	struct tcp_cookie cookie; /* len 0: none */
};

struct fast_cache {
	struct fast_entry *entry;
	struct siphash_key key;
	uint32_t mask; /* of sets */
};

/** Room for @entries at least. @return 0, -ENOMEM */
int
fast_cache_init(struct fast_cache *cache, uint32_t entries, const struct siphash_key *key);

void
fast_cache_fini(struct fast_cache *cache);

/** What is known; NULL: nothing. */
struct fast_entry *
fast_cache_find(struct fast_cache *cache, uint32_t laddr, uint32_t faddr, uint64_t now_ns);

/** The same, or a fresh entry. */
struct fast_entry *
fast_cache_get(struct fast_cache *cache, uint32_t laddr, uint32_t faddr, uint64_t now_ns);

/** It has failed: none for a minute, and twice as long each time that it fails again, up to @max_ns. */
void
fast_entry_hold(struct fast_entry *e, uint64_t max_ns, uint64_t now_ns);

static inline bool
fast_entry_is_held(const struct fast_entry *e, uint64_t now_ns)
{
	return now_ns < e->hold_ns;
}

#endif
