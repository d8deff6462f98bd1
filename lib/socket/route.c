/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* The public calls on routes and addresses (baro/route.h, baro/iface.h). */

#include <baro/iface.h>
#include <baro/route.h>
#include <errno.h>
#include <stdio.h>

#include "socket/stack.h"

_Static_assert(BARO_IFACE_NAMELEN == IP_NAME_LEN, "one idea of a name");
_Static_assert(BARO_IFACE_ADDRS == LINK_ADDRS_MAX, "one idea of how many");

/** @return 0, -EINVAL, -ENOENT */
static int
read_route(struct ip4 *ip, const struct baro_route *from, struct fib_route *r)
{
	*r = (struct fib_route){
		.dest = baro_addr_to_v4(&from->dest),
		.gateway = baro_addr_to_v4(&from->gateway),
		.metric = from->metric,
		.prefix_len = from->prefix_len,
	};
	if (!baro_addr_is_v4(&from->dest) || !baro_addr_is_v4(&from->gateway))
		return -EINVAL;
	if (from->iface[0] == '\0')
		return 0;
	r->netif = ip_find_netif(ip, from->iface);
	return r->netif != NULL ? 0 : -ENOENT;
}

int
baro_route_add(struct baro_core *core, const struct baro_route *route)
{
	struct ip4 *ip = &stack_of(core)->ip;
	struct fib_route r;
	int rc = read_route(ip, route, &r);

	return rc == 0 ? ip_add_route(ip, &r) : rc;
}

int
baro_route_del(struct baro_core *core, const struct baro_route *route)
{
	struct ip4 *ip = &stack_of(core)->ip;
	struct fib_route r;

	return read_route(ip, route, &r) == 0 ? ip_remove_route(ip, &r) : -ENOENT;
}

static void
write_route(const struct fib_route *r, struct baro_route *out)
{
	*out = (struct baro_route){
		.dest = baro_addr_from_v4(r->dest),
		.prefix_len = r->prefix_len,
		.is_connected = r->kind == FIB_CONNECTED,
		.is_redirect = r->kind == FIB_REDIRECT,
		.metric = r->metric,
	};
	if (r->gateway != 0)
		out->gateway = baro_addr_from_v4(r->gateway);
	snprintf(out->iface, sizeof(out->iface), "%s", r->netif->name);
}

int
baro_route_read(const struct baro_core *core, unsigned i, struct baro_route *out)
{
	const struct fib *f = &stack_of(core)->ip.fib;

	for (uint32_t at = 0; at < fib_end(f); at++) {
		const struct fib_route *r = fib_at(f, at);

		if (r == NULL || r->kind == FIB_LOCAL || i-- != 0)
			continue;
		write_route(r, out);
		return 0;
	}
	return -ERANGE;
}

int
baro_addr_add(
	struct baro_core *core, const char *iface, const struct baro_addr *addr, uint8_t prefix_len)
{
	struct stack *stack = stack_of(core);
	struct netif *netif = ip_find_netif(&stack->ip, iface);
	uint32_t v4 = baro_addr_to_v4(addr);
	int rc;

	if (netif == NULL)
		return -ENOENT;
	rc = ip_add_addr(&stack->ip, netif, v4, prefix_len);
	if (rc == 0)
		link_announce(&netif->link, v4, stack->now_ns);
	return rc;
}

int
baro_addr_del(struct baro_core *core, const char *iface, const struct baro_addr *addr)
{
	struct ip4 *ip = &stack_of(core)->ip;
	struct netif *netif = ip_find_netif(ip, iface);

	return netif != NULL ? ip_remove_addr(ip, netif, baro_addr_to_v4(addr)) : -ENOENT;
}

static enum baro_addr_state
state_of_addr(const struct link_addr *a)
{
	if (a->state == LINK_ADDR_IN_USE)
		return BARO_ADDR_IN_USE;
	return a->state == LINK_ADDR_PROBING ? BARO_ADDR_PROBING : BARO_ADDR_GIVEN_UP;
}

int
baro_addr_read(const struct baro_core *core, unsigned i, struct baro_iface_addr *out)
{
	const struct ip4 *ip = &stack_of(core)->ip;

	for (uint32_t at = 0; at < ip->n_netifs; at++) {
		const struct netif *netif = &ip->netif[at];

		if (i >= netif->link.n_addrs) {
			i -= netif->link.n_addrs;
			continue;
		}
		*out = (struct baro_iface_addr){
			.addr = baro_addr_from_v4(netif->link.addr[i].addr),
			.prefix_len = fib_prefix_len(netif->link.addr[i].netmask),
			.mtu = netif->mtu,
			.state = state_of_addr(&netif->link.addr[i]),
		};
		snprintf(out->iface, sizeof(out->iface), "%s", netif->name);
		return 0;
	}
	return -ERANGE;
}
