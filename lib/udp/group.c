/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through udp.h. */

/* Which groups a socket is a member of. */

#include "ip/group.h"

#include <errno.h>
#include <stdlib.h>

#include "udp/udp.h"

static struct udp_member **
find_member(struct udp_sock *s, uint32_t group, const struct netif *netif)
{
	struct udp_member **at = &s->members;

	while (*at != NULL &&
		((*at)->group->addr != group || (netif != NULL && (*at)->group->netif != netif)))
		at = &(*at)->next;
	return at;
}

int
udp_join(struct udp *udp, struct udp_sock *s, uint32_t group, struct netif *netif, uint64_t now_ns)
{
	struct udp_member *member;
	int rc;

	if (netif == NULL)
		netif = ip_group_netif(udp->ip, group);
	if (netif != NULL && *find_member(s, group, netif) != NULL)
		return -EADDRINUSE;
	member = malloc(sizeof(*member));
	if (member == NULL)
		return -ENOMEM;
	rc = group_join(udp->ip, netif, group, now_ns, &member->group);
	if (rc != 0) {
		free(member);
		return rc;
	}
	member->next = s->members;
	s->members = member;
	return 0;
}

static void
leave(struct udp *udp, struct udp_member **at, uint64_t now_ns)
{
	struct udp_member *member = *at;

	*at = member->next;
	if (udp->ip->groups != NULL) /* else the core ends */
		group_leave(udp->ip, member->group, now_ns);
	free(member);
}

int
udp_leave(struct udp *udp, struct udp_sock *s, uint32_t group, const struct netif *netif,
	uint64_t now_ns)
{
	struct udp_member **at = find_member(s, group, netif);

	if (*at == NULL)
		return -EADDRNOTAVAIL;
	leave(udp, at, now_ns);
	return 0;
}

void
udp_leave_all(struct udp *udp, struct udp_sock *s, uint64_t now_ns)
{
	while (s->members != NULL)
		leave(udp, &s->members, now_ns);
}

bool
udp_is_member(
	const struct udp *udp, const struct udp_sock *s, uint32_t group, const struct netif *netif)
{
	for (const struct udp_member *m = s->members; m != NULL; m = m->next) {
		if (m->group->addr == group &&
			(m->group->netif == netif || netif == &udp->ip->loop))
			return true;
	}
	return false;
}
