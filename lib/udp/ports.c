/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: waiting datagrams are mbufs. */

/* Which socket has which port, of those that receive from everybody. */

#include "udp/ports.h"

#include <errno.h>

#include "dev/pkt.h"

/* RFC 6056 §3.2 wants many ports to choose from; those below are left to who asks for them. */
enum {
	EPHEMERAL_FIRST = 16384,
	EPHEMERAL_COUNT = 65536 - EPHEMERAL_FIRST,
};

struct udp_sock *
udp_find(const struct udp *udp, uint32_t addr, uint16_t port)
{
	struct udp_sock *any = NULL;

	for (struct udp_sock *s = udp->port[port].bound; s != NULL; s = s->next) {
		if (s->flow.laddr == addr)
			return s;
		if (s->flow.laddr == 0 && any == NULL)
			any = s;
	}
	return any;
}

/* Somebody has this address and port who does not share them; connected ones have all addresses. */
static bool
is_taken(const struct udp *udp, uint32_t addr, uint16_t port, bool may_share)
{
	const struct udp_port *p = &udp->port[port];

	if (may_share ? p->n_alone != 0 : p->n_connected != 0)
		return true;
	for (const struct udp_sock *s = p->bound; s != NULL; s = s->next) {
		if (s->flow.laddr == addr && !(may_share && s->may_share))
			return true;
	}
	return false;
}

static bool
is_port_used(const struct udp *udp, uint16_t port)
{
	return udp->port[port].bound != NULL || udp->port[port].n_connected != 0;
}

/* No other core has it either, from now on. */
static bool
claim_port(struct udp *udp, uint16_t port)
{
	if (udp->cores == NULL)
		return true;
	if (!udp_cores_is_free(udp->cores, port))
		return false;
	if (udp_cores_join(udp->cores, port, udp->core) == 0)
		return true;
	udp_cores_leave(udp->cores, port, udp->core); /* another core was quicker */
	return false;
}

/* RFC 6056 §3.3.1: a random one, and from there the next that is free. 0: none left. */
static uint16_t
choose_port(struct udp *udp)
{
	uint64_t nonce = rand_u64(&udp->env->rand);
	uint32_t first =
		(uint32_t)(siphash24(&udp->env->secret, &nonce, sizeof(nonce)) % EPHEMERAL_COUNT);
	uint16_t port;

	for (uint32_t i = 0; i < EPHEMERAL_COUNT; i++) {
		port = (uint16_t)(EPHEMERAL_FIRST + (first + i) % EPHEMERAL_COUNT);
		if (!is_port_used(udp, port) && claim_port(udp, port))
			return port;
	}
	return 0;
}

void
ports_add(struct udp *udp, struct udp_sock *s)
{
	struct udp_port *p = &udp->port[s->flow.lport];

	s->next = p->bound;
	p->bound = s;
}

void
ports_remove(struct udp *udp, struct udp_sock *s)
{
	struct udp_sock **at = &udp->port[s->flow.lport].bound;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

int
udp_bind(struct udp *udp, struct udp_sock *s, uint32_t addr, uint16_t port)
{
	if (addr != 0 && !ip_is_local(udp->ip, addr) && !ipv4_is_multicast(addr))
		return -EADDRNOTAVAIL;
	if (port == 0)
		port = choose_port(udp);
	if (port == 0 || is_taken(udp, addr, port, s->may_share))
		return -EADDRINUSE;
	if (udp->cores != NULL)
		udp_cores_join(udp->cores, port, udp->core);
	s->flow = (struct flow){ .laddr = addr, .lport = port };
	s->bound = addr;
	udp_set_bounds(udp, s);
	list_init(&s->ready);
	if (s->all.next == NULL || list_is_empty(&s->all)) {
		list_init(&s->all);
		list_add(&udp->all, &s->all);
	}
	ports_add(udp, s);
	return 0;
}

static void
forget_errors(struct udp *udp, const struct udp_sock *s)
{
	for (uint32_t i = 0; i < udp->n_errors; i++) {
		if (udp->error[i].sock == s)
			udp->error[i].sock = NULL;
	}
}

void
udp_unbind(struct udp *udp, struct udp_sock *s)
{
	uint16_t port = s->flow.lport;
	struct rte_mbuf *m;

	if (!udp_is_bound(s))
		return;
	if (udp_is_connected(s))
		udp_disconnect(udp, s);
	ports_remove(udp, s);
	list_remove(&s->all);
	while ((m = udp_take(udp, s)) != NULL)
		pkt_release(m);
	forget_errors(udp, s);
	s->flow = (struct flow){ .lport = 0 };
	if (udp->cores != NULL && !is_port_used(udp, port))
		udp_cores_leave(udp->cores, port, udp->core);
}
