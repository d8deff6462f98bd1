/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
#ifndef BARO_RESOLVER_RESOLVER_H
#define BARO_RESOLVER_RESOLVER_H

/* The resolver of one core: what it knows, and what is under way. */

#include "resolver/cache.h"
#include "resolver/hosts.h"
#include "resolver/settings.h"
#include "socket/stack.h"

enum {
	LOOKUPS_MAX = 4096, /* under way */
};

struct resolver {
	struct stack *stack;
	struct settings settings;
	struct hosts hosts;
	struct cache cache;
	struct list queries;
	struct list lookups;
	unsigned n_lookups;
	uint64_t avoid_until_ns[BARO_MAX_NAMESERVERS]; /* servers that were silent are asked last */
};

/**
 * The resolver of a core, made when it is first asked for: reads resolv.conf and the file of hosts.
 * Programs do that before their first turn.
 *
 * @return NULL: no memory
 */
struct resolver *
resolver_of(struct stack *stack);

/** Ends with its core. NULL: nothing happens. */
void
resolver_destroy(struct resolver *r);

struct dns_query;

/** Timers of this layer (runtime/timers.c). */
void
resolver_query_timer(struct wheel_timer *t, uint64_t now_ns);
void
resolver_lookup_timer(struct wheel_timer *t, uint64_t now_ns);

#endif
