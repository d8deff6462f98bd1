/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Which groups a socket hears, and where it sends to groups: ip(7). */

#include "socket/sock_group.h"

#include <errno.h>
#include <netinet/in.h>

#include "socket/udp.h"

/** A struct in_addr, ip_mreq or ip_mreqn in host order. */
struct request {
	uint32_t group;
	uint32_t addr; /* of the interface; 0: not told */
	int number;    /* of the interface; 0: not told */
};

static struct request
read_request(const void *value, socklen_t len)
{
	struct ip_mreqn in = { .imr_ifindex = 0 };

	memcpy(&in, value, len < sizeof(in) ? sizeof(struct ip_mreq) : sizeof(in));
	return (struct request){
		.group = ntohl(in.imr_multiaddr.s_addr),
		.addr = ntohl(in.imr_address.s_addr),
		.number = in.imr_ifindex,
	};
}

/** The interface that @r names; NULL: none of that number or address. */
static struct netif *
find_netif(struct ip4 *ip, const struct request *r)
{
	if (r->number != 0)
		return r->number > 0 && (uint32_t)r->number <= ip->n_netifs
			       ? &ip->netif[r->number - 1]
			       : NULL;
	for (uint32_t i = 0; i < ip->n_netifs; i++)
		if (link_find_addr(&ip->netif[i].link, r->addr) != NULL)
			return &ip->netif[i];
	return NULL;
}

static bool
names_iface(const struct request *r)
{
	return r->number != 0 || r->addr != 0;
}

int
sock_group_join(struct sock *s, const void *value, socklen_t len)
{
	const struct request r = read_request(value, len);
	struct netif *netif = names_iface(&r) ? find_netif(&s->stack->ip, &r) : NULL;
	int rc;

	if (ipv4_is_multicast(r.group) && names_iface(&r) && netif == NULL)
		return -ENODEV;
	rc = udp_join(&s->stack->udp, &s->udp.udp->sock, r.group, netif, s->stack->now_ns);
	if (rc == -ENETUNREACH)
		return -ENODEV;
	return rc != -ENOSPC ? rc : -ENOBUFS;
}

int
sock_group_leave(struct sock *s, const void *value, socklen_t len)
{
	const struct request r = read_request(value, len);
	struct netif *netif = names_iface(&r) ? find_netif(&s->stack->ip, &r) : NULL;

	if (names_iface(&r) && netif == NULL)
		return -EADDRNOTAVAIL;
	return udp_leave(&s->stack->udp, &s->udp.udp->sock, r.group, netif, s->stack->now_ns);
}

int
sock_group_set_iface(struct sock *s, const void *value, socklen_t len)
{
	struct udp_sock *u = &s->udp.udp->sock;
	struct request r = { .group = 0 };
	struct netif *netif = NULL;
	struct in_addr addr;

	if (len < sizeof(struct ip_mreq)) {
		memcpy(&addr, value, sizeof(addr));
		r.addr = ntohl(addr.s_addr);
	} else {
		r = read_request(value, len);
	}
	if (names_iface(&r)) {
		netif = find_netif(&s->stack->ip, &r);
		if (netif == NULL)
			return -EADDRNOTAVAIL;
	}
	u->group_netif = netif;
	u->group_src = r.addr;
	u->path.neigh = NULL; /* the way is asked for again */
	return 0;
}

int
sock_group_get_iface(struct sock *s, void *value, socklen_t *len)
{
	const struct in_addr addr = { .s_addr = htonl(s->udp.udp->sock.group_src) };

	memcpy(value, &addr, sizeof(addr));
	*len = sizeof(addr);
	return 0;
}
