/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: interfaces hold mbufs. */

/* Where packets go, and which of our addresses they leave from: RFC 1122 §3.3.1, §3.3.4. */

#include <errno.h>

#include "ip/ip.h"

/* The interface whose network @dst lives in; of several, the smallest network. */
static struct netif *
find_on_link(struct ip4 *ip, uint32_t dst)
{
	struct netif *best = NULL;
	struct netif *netif;

	for (uint32_t i = 0; i < ip->n_netifs; i++) {
		netif = &ip->netif[i];
		if (((dst ^ netif->addr) & netif->netmask) != 0)
			continue;
		if (best == NULL || netif->netmask > best->netmask)
			best = netif;
	}
	return best;
}

/* The first interface that has a gateway. */
static struct netif *
find_gateway(struct ip4 *ip)
{
	for (uint32_t i = 0; i < ip->n_netifs; i++) {
		if (ip->netif[i].gateway != 0)
			return &ip->netif[i];
	}
	return NULL;
}

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
set_path(const struct ip4 *ip, struct netif *netif, struct neigh *n, struct ip_path *path)
{
	*path = (struct ip_path){
		.netif = netif,
		.neigh = n,
		.neigh_gen = n->gen,
		.route_gen = ip->route_gen,
		.src = netif->addr,
		.mtu = netif->mtu,
	};
}

static int
find_unicast(struct ip4 *ip, uint32_t dst, uint64_t now_ns, struct ip_path *path)
{
	struct netif *netif = find_on_link(ip, dst);
	uint32_t next_hop = dst;
	struct neigh *n;

	if (netif != NULL && ip_is_broadcast(netif, dst)) {
		set_path(ip, netif, &netif->link.broadcast, path);
		return 0;
	}
	if (netif == NULL) {
		netif = find_gateway(ip);
		if (netif == NULL)
			return -ENETUNREACH;
		next_hop = netif->gateway;
	}
	n = neigh_find(&netif->link, next_hop, now_ns);
	if (n == NULL)
		return -ENOBUFS;
	set_path(ip, netif, n, path);
	set_mtu(ip, dst, path);
	return 0;
}

int
ip_find_path(struct ip4 *ip, uint32_t dst, uint64_t now_ns, struct ip_path *path)
{
	if (ip->n_netifs == 0)
		return -ENETUNREACH;
	if (dst == IPV4_BROADCAST) {
		set_path(ip, &ip->netif[0], &ip->netif[0].link.broadcast, path);
		return 0;
	}
	if (!ipv4_is_unicast(dst))
		return -ENETUNREACH;
	if (ip_is_local(ip, dst))
		return -EADDRNOTAVAIL;
	return find_unicast(ip, dst, now_ns, path);
}

enum drop
ip_path_drop(int error)
{
	return error == -ENOBUFS ? DROP_NEIGH_TABLE_FULL : DROP_IP_NO_ROUTE;
}
