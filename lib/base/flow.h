/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_FLOW_H
#define BARO_BASE_FLOW_H

/* Who talks with whom, of TCP and UDP alike, and its hash. The core that it belongs to: rss.h. */

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"

/** Host order. */
struct flow {
	uint32_t laddr;
	uint32_t faddr;
	uint16_t lport;
	uint16_t fport;
};

static inline bool
flow_eq(const struct flow *a, const struct flow *b)
{
	return a->laddr == b->laddr && a->faddr == b->faddr && a->lport == b->lport &&
	       a->fport == b->fport;
}

/** Keyed: a peer cannot aim at a place in a table. */
static inline uint32_t
flow_hash(const struct siphash_key *key, const struct flow *f)
{
	uint64_t addrs = (uint64_t)f->laddr << 32 | f->faddr;
	uint32_t ports = (uint32_t)f->lport << 16 | f->fport;

	return (uint32_t)siphash13_u64_u32(key, addrs, ports);
}

#endif
