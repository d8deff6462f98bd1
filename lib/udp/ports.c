/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: waiting datagrams are mbufs. */

/* Which socket has which port. */

#include <errno.h>

#include "dev/pkt.h"
#include "udp/udp.h"

/* RFC 6056 §3.2 wants many ports to choose from; those below are left to who asks for them. */
enum {
	EPHEMERAL_FIRST = 16384,
	EPHEMERAL_COUNT = 65536 - EPHEMERAL_FIRST,
};

void
udp_init(struct udp *udp, struct ip4 *ip)
{
	udp->env = ip->env;
	udp->ip = ip;
	list_init(&udp->ready);
	for (uint32_t i = 0; i < UDP_BUCKETS; i++)
		list_init(&udp->bucket[i]);
}

/* Peers cannot choose our ports: no secret is needed. */
static uint32_t
bucket_index(uint16_t port)
{
	return (uint32_t)(port ^ port >> 8) % UDP_BUCKETS;
}

struct udp_sock *
udp_find(const struct udp *udp, uint32_t addr, uint16_t port)
{
	const struct list *bucket = &udp->bucket[bucket_index(port)];
	struct udp_sock *any = NULL;
	struct udp_sock *s;

	for (struct list *node = bucket->next; node != bucket; node = node->next) {
		s = holder_of(node, struct udp_sock, by_port);
		if (s->lport != port)
			continue;
		if (s->laddr == addr)
			return s;
		if (s->laddr == 0)
			any = s;
	}
	return any;
}

static bool
is_taken(const struct udp *udp, uint32_t addr, uint16_t port)
{
	const struct udp_sock *s = udp_find(udp, addr, port);

	return s != NULL && s->laddr == addr;
}

/* Somebody has the port, on whatever address. */
static bool
is_port_used(const struct udp *udp, uint16_t port)
{
	const struct list *bucket = &udp->bucket[bucket_index(port)];

	for (struct list *node = bucket->next; node != bucket; node = node->next) {
		if (holder_of(node, struct udp_sock, by_port)->lport == port)
			return true;
	}
	return false;
}

/* RFC 6056 §3.3.1: a random one, and from there the next that is free. 0: none left. */
static uint16_t
choose_port(const struct udp *udp)
{
	uint64_t nonce = rand_u64(&udp->env->rand);
	uint32_t first =
		(uint32_t)(siphash24(&udp->env->secret, &nonce, sizeof(nonce)) % EPHEMERAL_COUNT);
	uint16_t port;

	for (uint32_t i = 0; i < EPHEMERAL_COUNT; i++) {
		port = (uint16_t)(EPHEMERAL_FIRST + (first + i) % EPHEMERAL_COUNT);
		if (!is_port_used(udp, port))
			return port;
	}
	return 0;
}

int
udp_bind(struct udp *udp, struct udp_sock *s, uint32_t addr, uint16_t port)
{
	if (addr != 0 && !ip_is_local(udp->ip, addr))
		return -EADDRNOTAVAIL;
	if (port == 0)
		port = choose_port(udp);
	if (port == 0 || is_taken(udp, addr, port))
		return -EADDRINUSE;
	s->laddr = addr;
	s->lport = port;
	list_init(&s->ready);
	list_init(&s->by_port);
	list_add(&udp->bucket[bucket_index(port)], &s->by_port);
	return 0;
}

void
udp_unbind(struct udp *udp, struct udp_sock *s)
{
	struct rte_mbuf *m;

	(void)udp;
	list_remove(&s->by_port);
	while ((m = udp_take(s)) != NULL)
		pkt_release(m);
}
