/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: interfaces hold mbufs. */

/* Interfaces and their addresses; each address brings its network's route, RFC 1122 §3.3.1.1. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dev/pool.h"
#include "ip/ip.h"

/* One host's own address in its network: RFC 1122 §3.2.1.3, and RFC 3021 for a /31. */
static bool
is_host_address(uint32_t addr, uint32_t netmask)
{
	bool is_network = netmask < UINT32_MAX - 1 && (addr & ~netmask) == 0;

	return ipv4_is_unicast(addr) && !is_network &&
	       !ipv4_is_directed_broadcast(addr, addr, netmask);
}

static bool
is_gateway_sound(uint32_t gateway, uint32_t addr, uint32_t netmask)
{
	if (gateway == 0)
		return true;
	if (gateway == addr || !is_host_address(gateway, netmask))
		return false;
	/* A /32 has no other host on its network: its gateway is a neighbour all the same. */
	return netmask == UINT32_MAX || ((gateway ^ addr) & netmask) == 0;
}

bool
ip_is_on_link(const struct netif *netif, uint32_t addr)
{
	for (uint32_t i = 0; i < netif->link.n_addrs; i++) {
		const struct link_addr *a = &netif->link.addr[i];

		if (a->netmask == UINT32_MAX || ((a->addr ^ addr) & a->netmask) == 0)
			return true;
	}
	return false;
}

bool
ip_has_addr(const struct ip4 *ip, uint32_t addr)
{
	const struct fib_route *r = fib_find_prefix(&ip->fib, addr, 32);

	return r != NULL && r->kind == FIB_LOCAL;
}

/** What packets from others rarely bear: ip_may_be_ours(). */
static void
mark(struct ip4 *ip, uint32_t addr)
{
	ip->ours |= UINT64_C(1) << addr % 64;
}

/** Our addresses have changed. */
static void
refresh(struct ip4 *ip)
{
	ip->ours = 0;
	for (uint32_t i = 0; i < ip->n_netifs; i++) {
		struct netif *netif = &ip->netif[i];

		netif->addr = link_source(&netif->link, 0);
		for (uint32_t k = 0; k < netif->link.n_addrs; k++) {
			const struct link_addr *a = &netif->link.addr[k];

			if (a->state == LINK_ADDR_IN_USE)
				mark(ip, a->addr);
			mark(ip, a->addr | ~a->netmask);
		}
	}
	ip->route_gen++;
}

static struct fib_route
route_to_network(struct netif *netif, uint32_t addr, uint32_t netmask)
{
	return (struct fib_route){
		.dest = addr & netmask,
		.prefix_len = fib_prefix_len(netmask),
		.kind = FIB_CONNECTED,
		.netif = netif,
	};
}

static struct fib_route
route_to_self(struct ip4 *ip, uint32_t addr)
{
	return (struct fib_route){
		.dest = addr, .prefix_len = 32, .kind = FIB_LOCAL, .netif = &ip->loop
	};
}

/** It is ours, in whatever state. */
static bool
is_taken(struct ip4 *ip, uint32_t addr)
{
	for (uint32_t i = 0; i < ip->n_netifs; i++) {
		if (link_find_addr(&ip->netif[i].link, addr) != NULL)
			return true;
	}
	return false;
}

/** Packets to @a are ours as long as it is in use. @return 0, -ENOMEM */
static int
claim(struct ip4 *ip, const struct link_addr *a)
{
	struct fib_route self = route_to_self(ip, a->addr);

	if (a->state == LINK_ADDR_IN_USE && !ip_has_addr(ip, a->addr))
		return fib_add(&ip->fib, &self);
	if (a->state != LINK_ADDR_IN_USE)
		fib_remove(&ip->fib, &self);
	return 0;
}

void
ip_addrs_changed(struct ip4 *ip, struct netif *netif)
{
	netif->link.is_changed = false;
	for (uint32_t i = 0; i < netif->link.n_addrs; i++) {
		if (claim(ip, &netif->link.addr[i]) != 0)
			link_give_up(&netif->link, &netif->link.addr[i]);
	}
	refresh(ip);
}

int
ip_add_addr(struct ip4 *ip, struct netif *netif, uint32_t addr, uint8_t prefix_len)
{
	struct fib_route self = route_to_self(ip, addr);
	struct fib_route network;
	uint32_t netmask;
	int rc;

	if (prefix_len < 1 || prefix_len > 32 || !is_host_address(addr, fib_mask(prefix_len)))
		return -EINVAL;
	if (is_taken(ip, addr))
		return -EEXIST;
	netmask = fib_mask(prefix_len);
	network = route_to_network(netif, addr, netmask);
	rc = link_add_addr(&netif->link, addr, netmask);
	if (rc != 0)
		return rc;
	rc = claim(ip, link_find_addr(&netif->link, addr));
	if (rc == 0)
		rc = fib_add(&ip->fib, &network);
	if (rc == -EEXIST) /* by another address in the same network */
		rc = 0;
	if (rc == 0) {
		refresh(ip);
	} else {
		fib_remove(&ip->fib, &self);
		link_remove_addr(&netif->link, addr);
	}
	return rc;
}

/** Routes whose next hop nobody can reach any more. */
static void
remove_stranded(struct ip4 *ip, const struct netif *netif)
{
	for (uint32_t i = 0; i < fib_end(&ip->fib); i++) {
		const struct fib_route *r = fib_at(&ip->fib, i);

		if (r != NULL && r->kind == FIB_STATIC && r->netif == netif && r->gateway != 0 &&
			!ip_is_on_link(netif, r->gateway))
			fib_remove(&ip->fib, r);
	}
}

static bool
has_network(const struct netif *netif, uint32_t addr, uint32_t netmask)
{
	for (uint32_t i = 0; i < netif->link.n_addrs; i++) {
		const struct link_addr *a = &netif->link.addr[i];

		if (a->netmask == netmask && ((a->addr ^ addr) & netmask) == 0)
			return true;
	}
	return false;
}

int
ip_remove_addr(struct ip4 *ip, struct netif *netif, uint32_t addr)
{
	const struct link_addr *a = link_find_addr(&netif->link, addr);
	struct fib_route network;
	struct fib_route self = route_to_self(ip, addr);

	if (a == NULL)
		return -ENOENT;
	if (netif->link.n_addrs == 1)
		return -EBUSY;
	network = route_to_network(netif, addr, a->netmask);
	link_remove_addr(&netif->link, addr);
	fib_remove(&ip->fib, &self);
	if (!has_network(netif, addr, fib_mask(network.prefix_len)))
		fib_remove(&ip->fib, &network);
	remove_stranded(ip, netif);
	ip_redirect_forget(ip, netif, 0);
	refresh(ip);
	return 0;
}

/** The interface's first address and its gateway. */
static int
set_up(struct ip4 *ip, struct netif *netif, const struct netif_opts *opts)
{
	const struct fib_route gateway = {
		.gateway = opts->gateway, .kind = FIB_STATIC, .netif = netif
	};
	int rc = ip_add_addr(ip, netif, opts->addr, opts->prefix_len);

	if (rc != 0 || opts->gateway == 0)
		return rc;
	rc = fib_add(&ip->fib, &gateway);
	if (rc == 0)
		return 0;
	fib_remove(&ip->fib, &(struct fib_route){ .dest = opts->addr,
				     .prefix_len = 32,
				     .kind = FIB_LOCAL,
				     .netif = &ip->loop });
	return rc;
}

int
ip_add_netif(struct ip4 *ip, const struct netif_opts *opts, struct netif **out)
{
	struct netif *netif = &ip->netif[ip->n_netifs];
	struct link_opts link = {
		.config = opts->neigh,
		.queue = opts->queue,
		.pool = ip->pool->head,
		.vlan = opts->vlan,
	};
	int rc;

	if (ip->n_netifs == IP_MAX_NETIFS)
		return -ENOSPC;
	if (opts->prefix_len < 1 || opts->prefix_len > 32 ||
		!is_gateway_sound(opts->gateway, opts->addr, fib_mask(opts->prefix_len)))
		return -EINVAL;
	rc = link_init(&netif->link, &link);
	if (rc != 0)
		return rc;
	netif->mtu = opts->mtu != 0 ? opts->mtu : opts->queue->port->mtu;
	snprintf(netif->name, sizeof(netif->name), "%s", opts->name);
	ip->n_netifs++;
	rc = set_up(ip, netif, opts);
	if (rc != 0) {
		ip->n_netifs--;
		link_fini(&netif->link);
		return rc;
	}
	*out = netif;
	return 0;
}

struct netif *
ip_find_netif(struct ip4 *ip, const char *name)
{
	for (uint32_t i = 0; i < ip->n_netifs; i++) {
		if (strcmp(ip->netif[i].name, name) == 0)
			return &ip->netif[i];
	}
	return NULL;
}
