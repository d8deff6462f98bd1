/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_IP_PMTU_H
#define BARO_IP_PMTU_H

/*
 * What the ways out carry, as far as routers have told: path MTU discovery, RFC 1191. One cache a core,
 * of bounded size: a keyed hash chooses a set of four destinations, the oldest of which makes room.
 * Who believes a router's word decides elsewhere (tcp/icmp.c); here is only remembered what was believed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"

enum {
	PMTU_SETS = 1024,
	PMTU_WAYS = 4,
	PMTU_LEAST =
		68, /* what every way carries, RFC 791; a router that tells less tells nothing */
};

/** One destination; dst 0: free. */
struct pmtu {
	uint64_t learnt_ns;
	uint32_t dst;      /* host order */
	uint16_t mtu;      /* octets of an IP packet, pmtu_cache.min at least */
	bool is_below_min; /* the way carries less than that: packets of mtu octets must go without DF */
};

_Static_assert(PMTU_WAYS * sizeof(struct pmtu) <= BARO_CACHE_LINE, "a set is a cache line");

struct pmtu_cache {
	struct env *env;
	struct pmtu *entry; /* PMTU_SETS * PMTU_WAYS */
	uint32_t n_used;
	uint16_t min;
	uint64_t expiry_ns;
	struct wheel_timer timer; /* TIMER_PMTU: the next sweep, while there is anything */
};

/**
 * @expiry_ns  how long at least a word holds; 0: 10 minutes (RFC 1191 §6.3)
 * @min        floor in octets; 0: 552
 * @return     0, -ENOMEM
 */
int
pmtu_init(struct pmtu_cache *p, struct env *env, uint64_t expiry_ns, uint16_t min);
void
pmtu_fini(struct pmtu_cache *p);

/** What is known about @dst; NULL: nothing, its way carries what the interface does. */
const struct pmtu *
pmtu_find(const struct pmtu_cache *p, uint32_t dst);

/**
 * A router says that a packet of @len octets was too big for the way to @dst, which carries @told;
 * 0: an old router does not tell, the next plateau below @len is taken (RFC 1191 §7). A word never
 * raises what is known.
 *
 * @return true if less is known to be carried now than before
 */
bool
pmtu_learn(struct pmtu_cache *p, uint32_t dst, uint16_t told, uint16_t len, uint64_t now_ns);

/** p->timer fired: forget what is old. @return true if anything was */
bool
pmtu_timer(struct pmtu_cache *p, uint64_t now_ns);

#endif
