/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* A resolver made. */

#include "resolver/resolver.h"

#include <stdlib.h>

#include "resolver/file.h"

struct resolver *
resolver_of(struct stack *stack)
{
	const struct baro_resolve_config *config = stack->resolve_config;
	struct resolver *r = stack->resolver;

	if (r != NULL)
		return r;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->stack = stack;
	list_init(&r->queries);
	list_init(&r->lookups);
	settings_load(&r->settings, config);
	hosts_load(&r->hosts, file_of_key(config->hosts, "/etc/hosts"));
	cache_init(&r->cache, &stack->env.secret, r->settings.cache_octets);
	stack->resolver = r;
	return r;
}
