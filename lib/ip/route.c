/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: interfaces hold mbufs. */

/* Where packets go, and which of our addresses they leave from: RFC 1122 §3.3.1, §3.3.4. */

#include <errno.h>

#include "ip/ip.h"

/* RFC 1191 §3: what routers have told of the way to @dst, never more than our own link carries. */
static void
set_mtu(const struct ip4 *ip, uint32_t dst, struct ip_path *path)
{
	const struct pmtu *known = pmtu_find(&ip->pmtu, dst);

	if (known == NULL || known->mtu > path->netif->mtu)
		return;
	path->mtu = known->mtu;
	path->may_fragment = known->is_below_min;
}

bool
ip_pmtu_learn(struct ip4 *ip, uint32_t dst, uint16_t told, uint16_t len, uint64_t now_ns)
{
	if (!pmtu_learn(&ip->pmtu, dst, told, len, now_ns))
		return false;
	ip->route_gen++;
	return true;
}

void
ip_pmtu_timer(struct ip4 *ip, uint64_t now_ns)
{
	if (pmtu_timer(&ip->pmtu, now_ns))
		ip->route_gen++;
}

static void
set_path(const struct ip4 *ip, struct netif *netif, struct neigh *n, uint32_t src,
	struct ip_path *path)
{
	*path = (struct ip_path){
		.netif = netif,
		.neigh = n,
		.neigh_gen = n->gen,
		.route_gen = ip->route_gen,
		.src = src,
		.mtu = netif->mtu,
	};
}

/** RFC 1122 §3.3.4.3: the next hop decides which of our addresses speaks. */
static int
find_unicast(struct ip4 *ip, uint32_t dst, uint64_t now_ns, struct ip_path *path)
{
	const struct fib_route *r = fib_find(&ip->fib, dst);
	uint32_t next_hop;
	struct neigh *n;

	if (r == NULL)
		return -ENETUNREACH;
	next_hop = r->gateway != 0 ? r->gateway : dst;
	if (link_source(&r->netif->link, next_hop) == 0) /* none is in use yet, or any more */
		return -ENETUNREACH;
	if (r->gateway == 0 && ip_is_broadcast(r->netif, dst)) {
		set_path(ip, r->netif, &r->netif->link.broadcast, link_source(&r->netif->link, dst),
			path);
		return 0;
	}
	n = neigh_find(&r->netif->link, next_hop, now_ns);
	if (n == NULL)
		return -ENOBUFS;
	set_path(ip, r->netif, n, link_source(&r->netif->link, next_hop), path);
	set_mtu(ip, dst, path);
	return 0;
}

struct netif *
ip_group_netif(struct ip4 *ip, uint32_t group)
{
	const struct fib_route *r = fib_find(&ip->fib, group);

	if (r != NULL)
		return r->netif;
	return ip->n_netifs != 0 ? &ip->netif[0] : NULL;
}

/** Groups need no route: RFC 1112 §6.1. */
static int
find_group(struct ip4 *ip, struct netif *netif, uint32_t dst, struct ip_path *path)
{
	if (netif == NULL)
		netif = ip_group_netif(ip, dst);
	if (netif == NULL)
		return -ENETUNREACH;
	set_path(ip, netif, link_group(&netif->link, dst), netif->addr, path);
	return 0;
}

/** The longest route to @dst that leaves by @netif. */
static const struct fib_route *
find_route_by(const struct ip4 *ip, const struct netif *netif, uint32_t dst)
{
	const struct fib_route *best = NULL;

	for (uint32_t i = 0; i < fib_end(&ip->fib); i++) {
		const struct fib_route *r = fib_at(&ip->fib, i);

		if (r == NULL || r->netif != netif ||
			((r->dest ^ dst) & fib_mask(r->prefix_len)) != 0)
			continue;
		if (best == NULL || r->prefix_len > best->prefix_len)
			best = r;
	}
	return best;
}

int
ip_find_path_by(
	struct ip4 *ip, struct netif *netif, uint32_t dst, uint64_t now_ns, struct ip_path *path)
{
	const struct fib_route *r;
	uint32_t next_hop;
	struct neigh *n;

	if (ipv4_is_multicast(dst))
		return find_group(ip, netif, dst, path);
	if (ip_is_local(ip, dst))
		return ip_find_path(ip, dst, now_ns, path);
	if (ip_is_broadcast(netif, dst)) {
		set_path(ip, netif, &netif->link.broadcast, link_source(&netif->link, dst), path);
		return 0;
	}
	if (!ipv4_is_unicast(dst))
		return -ENETUNREACH;
	r = find_route_by(ip, netif, dst);
	next_hop = r != NULL && r->gateway != 0 ? r->gateway : dst;
	n = neigh_find(&netif->link, next_hop, now_ns);
	if (n == NULL)
		return -ENOBUFS;
	set_path(ip, netif, n, link_source(&netif->link, next_hop), path);
	set_mtu(ip, dst, path);
	return 0;
}

int
ip_find_path(struct ip4 *ip, uint32_t dst, uint64_t now_ns, struct ip_path *path)
{
	struct netif *first = &ip->netif[0];

	if (ip_is_local(ip, dst)) {
		set_path(ip, &ip->loop, &ip->self, ipv4_is_loopback(dst) ? IPV4_LOOPBACK : dst,
			path);
		return 0;
	}
	if (ip->n_netifs == 0 || (dst == IPV4_BROADCAST && first->addr == 0))
		return -ENETUNREACH;
	if (dst == IPV4_BROADCAST) {
		set_path(ip, first, &first->link.broadcast, first->addr, path);
		return 0;
	}
	if (ipv4_is_multicast(dst))
		return find_group(ip, NULL, dst, path);
	return ipv4_is_unicast(dst) ? find_unicast(ip, dst, now_ns, path) : -ENETUNREACH;
}

/** The interface by which @gateway is a neighbour; NULL: none. */
static struct netif *
find_neighbour(const struct ip4 *ip, const struct netif *wanted, uint32_t gateway)
{
	const struct fib_route *r;

	if (wanted != NULL)
		return ip_is_on_link(wanted, gateway) ? (struct netif *)(uintptr_t)wanted : NULL;
	r = fib_find(&ip->fib, gateway);
	return r != NULL && r->gateway == 0 ? r->netif : NULL;
}

int
ip_add_route(struct ip4 *ip, const struct fib_route *want)
{
	struct fib_route r = *want;
	int rc;

	r.kind = FIB_STATIC;
	if (r.prefix_len >= 8 && !ipv4_is_unicast(r.dest))
		return -EINVAL;
	if (r.gateway == 0 && r.netif == NULL)
		return -EINVAL;
	if (r.gateway != 0) {
		if (!ipv4_is_unicast(r.gateway) || ip_is_local(ip, r.gateway))
			return -EINVAL;
		r.netif = find_neighbour(ip, r.netif, r.gateway);
		if (r.netif == NULL)
			return -ENETUNREACH;
		if (ip_is_broadcast(r.netif, r.gateway))
			return -EINVAL;
	}
	rc = fib_add(&ip->fib, &r);
	if (rc == 0)
		ip->route_gen++;
	return rc;
}

int
ip_remove_route(struct ip4 *ip, const struct fib_route *which)
{
	for (uint32_t i = 0; i < fib_end(&ip->fib); i++) {
		const struct fib_route *r = fib_at(&ip->fib, i);

		if (r == NULL || r->kind != FIB_STATIC || r->dest != which->dest ||
			r->prefix_len != which->prefix_len)
			continue;
		if ((which->gateway != 0 && which->gateway != r->gateway) ||
			(which->netif != NULL && which->netif != r->netif))
			continue;
		ip->route_gen++;
		return fib_remove(&ip->fib, r);
	}
	return -ENOENT;
}

enum drop
ip_path_drop(int error)
{
	return error == -ENOBUFS ? DROP_NEIGH_TABLE_FULL : DROP_IP_NO_ROUTE;
}
