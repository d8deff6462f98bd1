/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through ip.h. */

/* Which groups have members here; see the header. What is told of it: igmp.c. */

#include "ip/group.h"

#include <errno.h>
#include <stdlib.h>

#include "dev/port.h"

int
group_init(struct ip4 *ip)
{
	struct ip_groups *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return -ENOMEM;
	all->ip = ip;
	for (uint32_t i = 0; i < IP_GROUP_BUCKETS; i++)
		all->bucket[i] = IP_GROUPS_MAX;
	for (uint32_t i = 0; i < IP_GROUPS_MAX; i++) {
		all->group[i].next = i + 1;
		wheel_timer_init(&all->group[i].timer, TIMER_GROUP);
	}
	for (uint32_t i = 0; i < IP_MAX_NETIFS; i++) {
		all->igmp[i].netif = &ip->netif[i];
		all->igmp[i].robustness = IGMP_ROBUSTNESS;
		wheel_timer_init(&all->igmp[i].timer, TIMER_IGMP);
	}
	ip->groups = all;
	return 0;
}

void
group_fini(struct ip4 *ip)
{
	struct ip_groups *all = ip->groups;

	for (uint32_t i = 0; i < IP_GROUPS_MAX; i++)
		wheel_stop(&ip->env->wheel, &all->group[i].timer);
	for (uint32_t i = 0; i < IP_MAX_NETIFS; i++)
		wheel_stop(&ip->env->wheel, &all->igmp[i].timer);
	free(all);
	ip->groups = NULL;
}

/* The low bits tell groups apart, as those of their MACs do; few are joined, by us. */
static uint32_t *
bucket_of(const struct ip4 *ip, uint32_t addr)
{
	return &ip->groups->bucket[(addr ^ addr >> 8) % IP_GROUP_BUCKETS];
}

/** One that is being left, too. */
static struct ip_group *
find_any(const struct ip4 *ip, const struct netif *netif, uint32_t addr)
{
	uint32_t i = *bucket_of(ip, addr);

	for (; i != IP_GROUPS_MAX; i = ip->groups->group[i].next) {
		struct ip_group *g = &ip->groups->group[i];

		if (g->addr == addr && (netif == NULL || g->netif == netif))
			return g;
	}
	return NULL;
}

struct ip_group *
group_find(const struct ip4 *ip, const struct netif *netif, uint32_t addr)
{
	struct ip_group *g = find_any(ip, netif, addr);

	return g != NULL && g->n_members != 0 ? g : NULL;
}

bool
group_is_ours(const struct ip4 *ip, const struct netif *netif, uint32_t addr)
{
	return addr == IPV4_ALL_HOSTS ||
	       group_find(ip, netif != &ip->loop ? netif : NULL, addr) != NULL;
}

static struct ip_group *
add_group(struct ip4 *ip, struct netif *netif, uint32_t addr)
{
	uint32_t *bucket = bucket_of(ip, addr);
	uint32_t i = ip->groups->first_free;
	struct ip_group *g = &ip->groups->group[i];

	if (i == IP_GROUPS_MAX)
		return NULL;
	ip->groups->first_free = g->next;
	g->addr = addr;
	g->netif = netif;
	g->n_members = 0;
	g->next = *bucket;
	*bucket = i;
	return g;
}

void
group_remove(struct ip4 *ip, struct ip_group *g)
{
	uint32_t i = (uint32_t)(g - ip->groups->group);
	uint32_t *at = bucket_of(ip, g->addr);

	while (*at != i)
		at = &ip->groups->group[*at].next;
	*at = g->next;
	g->addr = 0;
	g->next = ip->groups->first_free;
	ip->groups->first_free = i;
	wheel_stop(&ip->env->wheel, &g->timer);
}

int
group_join(
	struct ip4 *ip, struct netif *netif, uint32_t addr, uint64_t now_ns, struct ip_group **out)
{
	struct ip_group *g;

	if (!ipv4_is_multicast(addr))
		return -EINVAL;
	if (netif == NULL)
		netif = ip_group_netif(ip, addr);
	if (netif == NULL)
		return -ENETUNREACH;
	g = find_any(ip, netif, addr);
	if (g == NULL) {
		g = add_group(ip, netif, addr);
		if (g == NULL)
			return -ENOSPC;
		dev_allow_groups(netif->link.queue);
	}
	if (g->n_members++ == 0)
		igmp_joined(ip, g, now_ns);
	*out = g;
	return 0;
}

void
group_leave(struct ip4 *ip, struct ip_group *g, uint64_t now_ns)
{
	if (--g->n_members != 0)
		return;
	if (!igmp_left(ip, g, now_ns))
		group_remove(ip, g);
}
