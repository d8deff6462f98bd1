/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* The public calls on neighbours (baro/neigh.h). */

#include <baro/neigh.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "link/table.h"
#include "socket/stack.h"

/** The interface by that name, or, without one, that with @addr on its link; NULL: none. */
static struct netif *
find_iface(struct ip4 *ip, const char *iface, uint32_t addr)
{
	const struct fib_route *r;

	if (iface != NULL && iface[0] != '\0')
		return ip_find_netif(ip, iface);
	r = fib_find(&ip->fib, addr);
	return r != NULL && r->gateway == 0 && r->kind != FIB_LOCAL ? r->netif : NULL;
}

int
baro_neigh_add(struct baro_core *core, const char *iface, const struct baro_addr *addr,
	const uint8_t octets[6])
{
	struct stack *stack = stack_of(core);
	uint32_t v4 = baro_addr_to_v4(addr);
	struct netif *netif;
	struct mac mac;

	memcpy(mac.b, octets, sizeof(mac.b));
	if (!baro_addr_is_v4(addr) || !ipv4_is_unicast(v4) || ip_is_local(&stack->ip, v4))
		return -EINVAL;
	if (mac_is_group(mac) || mac_is_zero(mac))
		return -EINVAL;
	netif = find_iface(&stack->ip, iface, v4);
	if (netif == NULL)
		return -ENOENT;
	if (ip_is_broadcast(netif, v4))
		return -EINVAL;
	return neigh_add_static(&netif->link, v4, mac, stack->now_ns);
}

int
baro_neigh_del(struct baro_core *core, const char *iface, const struct baro_addr *addr)
{
	struct ip4 *ip = &stack_of(core)->ip;
	uint32_t v4 = baro_addr_to_v4(addr);
	struct netif *netif = find_iface(ip, iface, v4);

	return netif != NULL ? neigh_delete(&netif->link, v4) : -ENOENT;
}

static enum baro_neigh_state
state_of(const struct neigh *n)
{
	switch ((enum neigh_state)n->state) {
	case NEIGH_REACHABLE:
		return n->is_static ? BARO_NEIGH_STATIC : BARO_NEIGH_REACHABLE;
	case NEIGH_STALE:
		return BARO_NEIGH_STALE;
	case NEIGH_PROBE:
		return n->n_sent == 0 ? BARO_NEIGH_DELAY : BARO_NEIGH_PROBE;
	case NEIGH_FAILED:
		return BARO_NEIGH_FAILED;
	case NEIGH_INCOMPLETE:
	case NEIGH_SELF:
	case NEIGH_FREE:
		break;
	}
	return BARO_NEIGH_INCOMPLETE;
}

static void
write_neigh(const struct netif *netif, const struct neigh *n, struct baro_neigh *out)
{
	*out = (struct baro_neigh){
		.addr = baro_addr_from_v4(n->addr),
		.state = state_of(n),
		.n_parked = n->n_parked,
		.confirmed_ns = n->confirmed_ns,
		.used_ns = n->used_ns,
	};
	memcpy(out->mac, n->mac.b, sizeof(out->mac));
	snprintf(out->iface, sizeof(out->iface), "%s", netif->name);
}

int
baro_neigh_next(const struct baro_core *core, uint32_t *at, struct baro_neigh *out)
{
	const struct ip4 *ip = &stack_of(core)->ip;
	uint32_t base = 0;

	/* entries of all interfaces, one behind the other, counted by what each has room for */
	for (uint32_t i = 0; i < ip->n_netifs; base += ip->netif[i++].link.limit) {
		const struct link *l = &ip->netif[i].link;

		for (; *at >= base && *at - base < l->n_made; ++*at) {
			const struct neigh *n = &l->neigh[*at - base];

			if (n->state == NEIGH_FREE)
				continue;
			write_neigh(&ip->netif[i], n, out);
			++*at;
			return 0;
		}
		if (*at < base + l->limit)
			*at = base + l->limit;
	}
	return -ERANGE;
}
