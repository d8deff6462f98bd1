/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: struct link holds mbufs. */

/* One interface's link layer: its making, its end, and the claim to its addresses. */

#include "link/link.h"

#include <errno.h>
#include <string.h>

#include "dev/pkt.h"
#include "link/arp_send.h"
#include "link/park.h"
#include "link/table.h"
#include "wire/ipv4.h"

enum {
	DEFAULT_LIMIT = 1024,
	DEFAULT_PARKED = 64,
	ANNOUNCE_NUM = 2, /* RFC 5227 §1.1 */
};

#define DEFAULT_REACHABLE_NS (30 * NS_PER_SEC)      /* RFC 4861 §10, REACHABLE_TIME */
#define DEFAULT_STALE_NS     (20 * 60 * NS_PER_SEC) /* RFC 826 leaves it open; as BSD has it */
#define DEFAULT_RETRANS_NS   NS_PER_SEC             /* RFC 1122 §2.3.2.1 */
#define ANNOUNCE_INTERVAL_NS (2 * NS_PER_SEC)       /* RFC 5227 §1.1 */

static uint64_t
or_default(uint64_t value, uint64_t fallback)
{
	return value != 0 ? value : fallback;
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
	l->broadcast = (struct neigh){
		.addr = UINT32_MAX,
		.mac = MAC_BROADCAST,
		.state = NEIGH_REACHABLE,
		.link = l,
	};
	list_init(&l->unused);
	list_init(&l->idle);
	list_init(&l->broadcast.idle);
	wheel_timer_init(&l->broadcast.timer, TIMER_NEIGH);
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

int
link_add_addr(struct link *l, uint32_t addr, uint32_t netmask)
{
	if (link_find_addr(l, addr) != NULL)
		return -EEXIST;
	if (l->n_addrs == LINK_ADDRS_MAX)
		return -ENOSPC;
	l->addr[l->n_addrs++] = (struct link_addr){ .addr = addr, .netmask = netmask };
	return 0;
}

int
link_remove_addr(struct link *l, uint32_t addr)
{
	for (uint32_t i = 0; i < l->n_addrs; i++) {
		if (l->addr[i].addr != addr)
			continue;
		l->n_addrs--;
		memmove(&l->addr[i], &l->addr[i + 1], (l->n_addrs - i) * sizeof(l->addr[0]));
		return 0;
	}
	return -ENOENT;
}

bool
link_is_broadcast(const struct link *l, uint32_t addr)
{
	for (uint32_t i = 0; i < l->n_addrs; i++) {
		if (ipv4_is_directed_broadcast(addr, l->addr[i].addr, l->addr[i].netmask))
			return true;
	}
	return false;
}

uint32_t
link_source(const struct link *l, uint32_t to)
{
	const struct link_addr *best = NULL;

	for (uint32_t i = 0; i < l->n_addrs; i++) {
		const struct link_addr *a = &l->addr[i];

		if (((a->addr ^ to) & a->netmask) != 0)
			continue;
		if (best == NULL || a->netmask > best->netmask)
			best = a;
	}
	if (best == NULL && l->n_addrs != 0)
		best = &l->addr[0];
	return best != NULL ? best->addr : 0;
}

void
neigh_announce(struct link *l, uint64_t now_ns)
{
	for (uint32_t i = 0; i < l->n_addrs; i++)
		l->addr[i].n_announced = 0;
	link_timer(l, now_ns);
}

void
link_announce(struct link *l, uint32_t addr, uint64_t now_ns)
{
	for (uint32_t i = 0; i < l->n_addrs; i++) {
		if (l->addr[i].addr != addr)
			continue;
		arp_send_announcement(l, addr);
		l->addr[i].n_announced = 1;
		if (!l->timer.is_armed)
			wheel_start(&l->env->wheel, &l->timer, now_ns + ANNOUNCE_INTERVAL_NS);
	}
}

void
link_timer(struct link *l, uint64_t now_ns)
{
	bool is_done = true;

	for (uint32_t i = 0; i < l->n_addrs; i++) {
		if (l->addr[i].n_announced == ANNOUNCE_NUM)
			continue;
		arp_send_announcement(l, l->addr[i].addr);
		is_done &= ++l->addr[i].n_announced == ANNOUNCE_NUM;
	}
	if (!is_done)
		wheel_start(&l->env->wheel, &l->timer, now_ns + ANNOUNCE_INTERVAL_NS);
}
