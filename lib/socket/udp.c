/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: datagrams are mbufs. */

/* The public UDP calls (baro/udp.h), and the turn's callbacks to those who called them. */

#include <baro/udp.h>
#include <errno.h>
#include <stdlib.h>

#include "dev/pkt.h"
#include "socket/stack.h"

struct baro_udp {
	struct udp_sock sock;
	struct baro_core *core;
	baro_udp_received received;
	void *user;
	bool is_busy; /* its callback is running: closing waits for its end */
};

int
baro_udp_open(struct baro_core *core, const struct baro_endpoint *local, baro_udp_received received,
	void *user, struct baro_udp **out)
{
	struct baro_udp *u;
	int rc;

	if (!baro_addr_is_v4(&local->addr))
		return -EADDRNOTAVAIL;
	u = calloc(1, sizeof(*u));
	if (u == NULL)
		return -ENOMEM;
	u->core = core;
	u->received = received;
	u->user = user;
	u->sock.owner = u;
	rc = udp_bind(&stack_of(core)->udp, &u->sock, baro_addr_to_v4(&local->addr), local->port);
	if (rc != 0) {
		free(u);
		return rc;
	}
	*out = u;
	return 0;
}

void
baro_udp_close(struct baro_udp *u)
{
	if (u->sock.is_closed)
		return;
	udp_unbind(&stack_of(u->core)->udp, &u->sock);
	u->sock.is_closed = true;
	if (!u->is_busy)
		free(u);
}

int
baro_udp_set(struct baro_udp *u, enum baro_udp_option option, int value)
{
	if (value < 0 || value > (option == BARO_UDP_DF ? 1 : 255))
		return -EINVAL;
	switch (option) {
	case BARO_UDP_DF:
		u->sock.has_df = value != 0;
		return 0;
	case BARO_UDP_TOS:
		u->sock.tos = (uint8_t)value;
		return 0;
	case BARO_UDP_TTL:
		u->sock.ttl = (uint8_t)value;
		return 0;
	}
	return -EINVAL;
}

/* What was sent to everybody is answered from our own address. */
static bool
is_our_broadcast(const struct ip4 *ip, uint32_t addr)
{
	for (uint32_t i = 0; i < ip->n_netifs; i++)
		if (ip_is_broadcast(&ip->netif[i], addr))
			return true;
	return false;
}

int
baro_udp_send(struct baro_udp *u, const struct baro_endpoint *to, const struct baro_endpoint *from,
	const void *data, size_t len)
{
	struct stack *stack = stack_of(u->core);
	uint32_t src = from != NULL ? baro_addr_to_v4(&from->addr) : 0;

	if (len > UDP_TEXT_MAX)
		return -EMSGSIZE;
	if (from != NULL && !baro_addr_is_v4(&from->addr))
		return -EADDRNOTAVAIL;
	if (src != 0 && !ip_is_local(&stack->ip, src)) {
		if (!is_our_broadcast(&stack->ip, src))
			return -EADDRNOTAVAIL;
		src = 0;
	}
	return udp_output(&stack->udp, &u->sock, src, baro_addr_to_v4(&to->addr), to->port, data,
		(uint32_t)len, stack->now_ns);
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

void
baro_udp_local(const struct baro_udp *u, struct baro_endpoint *ep)
{
	*ep = (struct baro_endpoint){ .port = u->sock.lport };
	if (u->sock.laddr != 0)
		ep->addr = baro_addr_from_v4(u->sock.laddr);
}

/* A datagram that came in several pieces is copied together: the callback sees one. */
static void
call_back(struct stack *stack, struct baro_udp *u, struct rte_mbuf *m)
{
	const struct udp_note *note = udp_note(m);
	const struct baro_datagram d = {
		.from = { baro_addr_from_v4(note->src), note->src_port },
		.to = { baro_addr_from_v4(note->dst), u->sock.lport },
		.data = rte_pktmbuf_read(m, 0, note->len, stack->udp.flat),
		.len = note->len,
	};

	u->is_busy = true;
	u->received(u, &d);
	u->is_busy = false;
	pkt_release(m);
}

/* The callback may close any socket: look again each time what is first. */
void
udp_dispatch(struct stack *stack)
{
	struct list *node;
	struct udp_sock *s;
	struct rte_mbuf *m;

	while ((node = list_first(&stack->udp.ready)) != NULL) {
		s = holder_of(node, struct udp_sock, ready);
		while (!s->is_closed && (m = udp_take(s)) != NULL)
			call_back(stack, s->owner, m);
		if (s->is_closed)
			free(s->owner);
	}
}

void
udp_close_all(struct stack *stack)
{
	for (unsigned i = 0; i < UDP_BUCKETS; i++) {
		struct list *bucket = &stack->udp.bucket[i];

		while (!list_is_empty(bucket)) {
			struct udp_sock *s = holder_of(bucket->next, struct udp_sock, by_port);

			baro_udp_close(s->owner);
		}
	}
}
