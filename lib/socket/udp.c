/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: datagrams are mbufs. */

/* The public UDP calls (baro/udp.h): sockets made and taken apart, and what they send. */

#include "socket/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pkt.h"
#include "socket/stack.h"

_Static_assert(BARO_UDP_MAX == UDP_TEXT_MAX, "one idea of the longest datagram");

static struct udp *
udp_of(const struct baro_udp *u)
{
	return &stack_of(u->core)->udp;
}

int
baro_udp_create(
	struct baro_core *core, const struct baro_udp_ops *ops, void *user, struct baro_udp **out)
{
	struct baro_udp *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return -ENOMEM;
	u->core = core;
	u->ops = ops;
	u->user = user;
	u->sock.owner = u;
	list_init(&u->sock.all);
	list_add(&udp_of(u)->all, &u->sock.all);
	u->sock.group_ttl = 1; /* RFC 1112 §6.1 */
	udp_set_bounds(udp_of(u), &u->sock);
	u->sock.wants_errors = ops->failed != NULL;
	*out = u;
	return 0;
}

int
baro_udp_bind(struct baro_udp *u, const struct baro_endpoint *local)
{
	if (udp_is_bound(&u->sock))
		return -EINVAL;
	if (!baro_addr_is_v4(&local->addr))
		return -EADDRNOTAVAIL;
	return udp_bind(udp_of(u), &u->sock, baro_addr_to_v4(&local->addr), local->port);
}

int
baro_udp_open(struct baro_core *core, const struct baro_endpoint *local, baro_udp_received received,
	void *user, struct baro_udp **out)
{
	const struct baro_udp_ops ops = { .received = received };
	struct baro_udp *u;
	int rc = baro_udp_create(core, &ops, user, &u);

	if (rc != 0)
		return rc;
	u->own = ops;
	u->ops = &u->own;
	rc = baro_udp_bind(u, local);
	if (rc == 0)
		*out = u;
	else
		baro_udp_close(u);
	return rc;
}

int
baro_udp_connect(struct baro_udp *u, const struct baro_endpoint *peer)
{
	if (!baro_addr_is_v4(&peer->addr))
		return -EADDRNOTAVAIL;
	return udp_connect(udp_of(u), &u->sock, baro_addr_to_v4(&peer->addr), peer->port,
		stack_of(u->core)->now_ns);
}

int
baro_udp_disconnect(struct baro_udp *u)
{
	if (!udp_is_connected(&u->sock))
		return -ENOTCONN;
	udp_disconnect(udp_of(u), &u->sock);
	return 0;
}

void
baro_udp_close(struct baro_udp *u)
{
	if (u->is_closed)
		return;
	udp_leave_all(udp_of(u), &u->sock, stack_of(u->core)->now_ns);
	udp_unbind(udp_of(u), &u->sock);
	list_remove(&u->sock.all);
	u->is_closed = true;
	if (!u->is_busy)
		free(u);
}

/* What was sent to everybody is answered from our own address. */
static bool
is_of_many(const struct ip4 *ip, uint32_t addr)
{
	if (ipv4_is_multicast(addr))
		return true;
	for (uint32_t i = 0; i < ip->n_netifs; i++)
		if (ip_is_broadcast(&ip->netif[i], addr))
			return true;
	return false;
}

/** The address that @from means; 0: the socket's. */
static inline int
find_source(const struct stack *stack, const struct baro_endpoint *from, uint32_t *src)
{
	*src = 0;
	if (from == NULL)
		return 0;
	if (!baro_addr_is_v4(&from->addr))
		return -EADDRNOTAVAIL;
	*src = baro_addr_to_v4(&from->addr);
	if (*src == 0 || ip_is_local(&stack->ip, *src))
		return 0;
	if (!is_of_many(&stack->ip, *src))
		return -EADDRNOTAVAIL;
	*src = 0;
	return 0;
}

/** An error that the network told of is told once, instead of sending. */
static int
take_error(struct baro_udp *u)
{
	int err = u->sock.err;

	u->sock.err = 0;
	return err;
}

/** What @to and @from mean to @u, which gets a port if it has none. */
static inline int
find_way(struct baro_udp *u, const struct baro_endpoint *to, const struct baro_endpoint *from,
	struct udp_to *way)
{
	struct stack *stack = stack_of(u->core);
	const struct flow *flow = &u->sock.flow;
	int rc;

	if (to == NULL && !udp_is_connected(&u->sock))
		return -EDESTADDRREQ;
	rc = find_source(stack, from, &way->src);
	if (rc == 0 && unlikely(!udp_is_bound(&u->sock)))
		rc = udp_bind(&stack->udp, &u->sock, 0, 0);
	way->dst = to != NULL ? baro_addr_to_v4(&to->addr) : flow->faddr;
	way->port = to != NULL ? to->port : flow->fport;
	return rc;
}

int
baro_udp_send(struct baro_udp *u, const struct baro_endpoint *to, const struct baro_endpoint *from,
	const void *data, size_t len)
{
	struct stack *stack = stack_of(u->core);
	struct udp_to way;
	int rc;

	if (unlikely(u->sock.err != 0))
		return take_error(u);
	if (len > UDP_TEXT_MAX)
		return -EMSGSIZE;
	rc = find_way(u, to, from, &way);
	return rc == 0 ? udp_output(&stack->udp, &u->sock, &way, data, len, stack->now_ns) : rc;
}

static bool
is_same(const struct baro_endpoint *a, const struct baro_endpoint *b)
{
	return a == b || (a != NULL && b != NULL && a->port == b->port &&
				 memcmp(&a->addr, &b->addr, sizeof(a->addr)) == 0);
}

/** Those from @msg on that go the way of the first. */
static unsigned
count_together(const struct baro_udp_msg *msg, unsigned n)
{
	unsigned i = 1;

	while (i < n && is_same(msg[i].to, msg[0].to) && is_same(msg[i].from, msg[0].from))
		i++;
	return i;
}

int
baro_udp_send_burst(struct baro_udp *u, const struct baro_udp_msg *msg, unsigned n)
{
	struct stack *stack = stack_of(u->core);
	struct udp_to way;
	unsigned done = 0;
	int rc = 0;

	if (unlikely(u->sock.err != 0) && n != 0)
		return take_error(u);
	while (done < n) {
		unsigned k = count_together(msg + done, n - done);

		rc = find_way(u, msg[done].to, msg[done].from, &way);
		if (rc == 0)
			rc = udp_output_burst(
				&stack->udp, &u->sock, &way, msg + done, k, stack->now_ns);
		if (rc > 0)
			done += (unsigned)rc;
		if (rc < (int)k)
			break;
	}
	return done != 0 ? (int)done : rc;
}

void *
baro_udp_user(const struct baro_udp *u)
{
	return u->user;
}

struct baro_core *
baro_udp_core(const struct baro_udp *u)
{
	return u->core;
}

static void
write_endpoint(struct baro_endpoint *ep, uint32_t addr, uint16_t port)
{
	*ep = (struct baro_endpoint){ .port = port };
	if (addr != 0)
		ep->addr = baro_addr_from_v4(addr);
}

void
baro_udp_local(const struct baro_udp *u, struct baro_endpoint *ep)
{
	write_endpoint(ep, u->sock.flow.laddr, u->sock.flow.lport);
}

void
baro_udp_remote(const struct baro_udp *u, struct baro_endpoint *ep)
{
	write_endpoint(ep, u->sock.flow.faddr, u->sock.flow.fport);
}

void
udp_close_all(struct stack *stack)
{
	struct list *node;

	while ((node = list_first(&stack->udp.all)) != NULL)
		baro_udp_close(holder_of(node, struct udp_sock, all)->owner);
}
