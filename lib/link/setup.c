/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: struct link holds mbufs. */

/* One interface's link layer: its making and its end. */

#include "link/link.h"

#include <string.h>

#include "dev/pkt.h"
#include "link/park.h"
#include "link/table.h"

enum {
	DEFAULT_LIMIT = 1024,
	DEFAULT_PARKED = 64,
};

#define DEFAULT_REACHABLE_NS (30 * NS_PER_SEC)      /* RFC 4861 §10, REACHABLE_TIME */
#define DEFAULT_STALE_NS     (20 * 60 * NS_PER_SEC) /* RFC 826 leaves it open; as BSD has it */
#define DEFAULT_RETRANS_NS   NS_PER_SEC             /* RFC 1122 §2.3.2.1 */

static uint64_t
or_default(uint64_t value, uint64_t fallback)
{
	return value != 0 ? value : fallback;
}

/** A neighbour that nobody has to ask for. */
static void
make_permanent(struct link *l, struct neigh *n, uint32_t addr, struct mac mac)
{
	*n = (struct neigh){ .addr = addr, .mac = mac, .state = NEIGH_REACHABLE, .link = l };
	list_init(&n->idle);
	wheel_timer_init(&n->timer, TIMER_NEIGH);
}

struct neigh *
link_group(struct link *l, uint32_t addr)
{
	struct neigh *n = &l->group[(addr ^ addr >> 8) % LINK_GROUPS];

	if (n->addr != addr) {
		n->addr = addr;
		n->mac = mac_of_group(addr);
		n->gen++;
	}
	return n;
}

int
link_init(struct link *l, const struct link_opts *opts)
{
	const struct baro_neigh_config *c = opts->config;

	memset(l, 0, sizeof(*l));
	l->env = opts->queue->env;
	l->queue = opts->queue;
	l->pool = opts->pool;
	l->vlan = opts->vlan;
	l->limit = (uint32_t)or_default(c->max_entries, DEFAULT_LIMIT);
	l->reachable_ns = or_default(c->reachable_ns, DEFAULT_REACHABLE_NS);
	l->stale_ns = or_default(c->stale_ns, DEFAULT_STALE_NS);
	l->retrans_ns = or_default(c->retrans_ns, DEFAULT_RETRANS_NS);
	l->max_parked = (uint32_t)or_default(c->max_parked, DEFAULT_PARKED);
	l->probes = c->acd == BARO_ON;
	l->gives_up = c->give_up == BARO_ON || (c->give_up == BARO_AUTO && l->probes);
	make_permanent(l, &l->broadcast, UINT32_MAX, MAC_BROADCAST);
	for (uint32_t i = 0; i < LINK_GROUPS; i++)
		make_permanent(l, &l->group[i], 0, MAC_BROADCAST);
	list_init(&l->unused);
	list_init(&l->idle);
	wheel_timer_init(&l->timer, TIMER_LINK);
	return neigh_table_init(l);
}

static void
release_parked(struct neigh *n)
{
	struct rte_mbuf *m;

	while ((m = neigh_unpark(n)) != NULL)
		pkt_release(m);
}

void
link_fini(struct link *l)
{
	wheel_stop(&l->env->wheel, &l->timer);
	for (uint32_t i = 0; i < l->n_made; i++) {
		if (l->neigh[i].state == NEIGH_FREE)
			continue;
		release_parked(&l->neigh[i]);
		wheel_stop(&l->env->wheel, &l->neigh[i].timer);
	}
	neigh_table_fini(l);
}
