/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through udp/udp.h. */

/* Options of UDP sockets, a row each; their interfaces and groups. */

#include <errno.h>
#include <string.h>

#include "socket/stack.h"
#include "socket/udp.h"

enum {
	OCTETS_MAX = 1 << 30,
	DATAGRAMS_MAX = 1 << 20,
};

/** An option is a field of the socket, of one or four octets. */
struct option {
	size_t offset;
	size_t len;
	int min;
	int max;
	bool is_fixed_once_bound;
	bool is_inverse; /* of 0 and 1: the field says "not" */
};

#define FIELD(name) offsetof(struct udp_sock, name), sizeof(((struct udp_sock *)0)->name)

static const struct option options[] = {
	[BARO_UDP_DF] = { FIELD(has_df), .max = 1 },
	[BARO_UDP_TOS] = { FIELD(tos), .max = 255 },
	[BARO_UDP_TTL] = { FIELD(ttl), .max = 255 },
	[BARO_UDP_BROADCAST] = { FIELD(may_broadcast), .max = 1 },
	[BARO_UDP_REUSEADDR] = { FIELD(may_share), .max = 1, .is_fixed_once_bound = true },
	[BARO_UDP_RCVBUF] = { FIELD(max_queued_len), .min = 1, .max = OCTETS_MAX },
	[BARO_UDP_RCV_DATAGRAMS] = { FIELD(max_queued), .min = 1, .max = DATAGRAMS_MAX },
	[BARO_UDP_GROUP_TTL] = { FIELD(group_ttl), .max = 255 },
	[BARO_UDP_GROUP_LOOP] = { FIELD(has_no_loop), .max = 1, .is_inverse = true },
};

static const struct option *
option_of(enum baro_udp_option option)
{
	return (unsigned)option < ARRAY_LEN(options) ? &options[option] : NULL;
}

int
baro_udp_set(struct baro_udp *u, enum baro_udp_option option, int value)
{
	const struct option *o = option_of(option);
	const uint32_t wide = (uint32_t)value;
	uint8_t narrow = (uint8_t)value;

	if (o == NULL)
		return -ENOPROTOOPT;
	if (value < o->min || value > o->max)
		return -EINVAL;
	if (o->is_fixed_once_bound && udp_is_bound(&u->sock))
		return -EINVAL;
	narrow ^= o->is_inverse;
	memcpy((char *)&u->sock + o->offset, o->len == 1 ? (const void *)&narrow : &wide, o->len);
	u->sock.path.neigh = NULL; /* whether the way may be used is asked again */
	return 0;
}

int
baro_udp_get(const struct baro_udp *u, enum baro_udp_option option, int *value)
{
	const struct option *o = option_of(option);
	uint32_t wide;
	uint8_t narrow;

	if (o == NULL)
		return -ENOPROTOOPT;
	memcpy(o->len == 1 ? (void *)&narrow : &wide, (const char *)&u->sock + o->offset, o->len);
	*value = o->len == 1 ? narrow ^ o->is_inverse : (int)wide;
	return 0;
}

/** The interface of this name, NULL for NULL. @return 0, -ENODEV */
static int
find_iface(const struct baro_udp *u, const char *name, struct netif **netif)
{
	*netif = name != NULL ? ip_find_netif(&stack_of(u->core)->ip, name) : NULL;
	return *netif != NULL || name == NULL ? 0 : -ENODEV;
}

int
baro_udp_set_iface(struct baro_udp *u, const char *iface)
{
	struct netif *netif;
	int rc = find_iface(u, iface, &netif);

	if (rc == 0) {
		u->sock.netif = netif;
		u->sock.path.neigh = NULL;
	}
	return rc;
}

int
baro_udp_set_group_iface(struct baro_udp *u, const char *iface)
{
	struct netif *netif;
	int rc = find_iface(u, iface, &netif);

	if (rc == 0) {
		u->sock.group_netif = netif;
		u->sock.group_src = 0;
		u->sock.path.neigh = NULL;
	}
	return rc;
}

int
baro_udp_join(struct baro_udp *u, const struct baro_addr *group, const char *iface)
{
	struct stack *stack = stack_of(u->core);
	struct netif *netif;
	int rc = find_iface(u, iface, &netif);

	return rc != 0 ? rc
		       : udp_join(&stack->udp, &u->sock, baro_addr_to_v4(group), netif,
				 stack->now_ns);
}

int
baro_udp_leave(struct baro_udp *u, const struct baro_addr *group, const char *iface)
{
	struct stack *stack = stack_of(u->core);
	struct netif *netif;
	int rc = find_iface(u, iface, &netif);

	return rc != 0 ? rc
		       : udp_leave(&stack->udp, &u->sock, baro_addr_to_v4(group), netif,
				 stack->now_ns);
}
