/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces of a core: its ports and their VLANs, and which of them a frame's tag means. */

#include "runtime/core.h"

#include <baro/iface.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	VLAN_MAX = 4094,
	MTU_MIN = 576,
};

/** IP begins on an interface of @port. */
static int
begin(struct core_port *port, const struct netif_opts *opts, struct netif **out)
{
	struct stack *stack = &port->core->stack;
	int err = ip_add_netif(&stack->ip, opts, out);

	if (err != 0)
		return err;
	(*out)->link.is_silent = stack->id != 0; /* ARP reaches every core: one answers */
	neigh_announce(&(*out)->link, stack->now_ns);
	return 0;
}

int
iface_add_port(struct core_port *port, unsigned index, const struct iface_addr *addr)
{
	char name[IP_NAME_LEN];
	const struct netif_opts opts = {
		.neigh = &port->core->config.neighbour,
		.queue = &port->queue,
		.name = name,
		.addr = addr->addr,
		.prefix_len = addr->prefix_len,
		.gateway = addr->gateway,
		.vlan = port->queue.port->vlan,
	};

	snprintf(name, sizeof(name), "port%u", index);
	return begin(port, &opts, &port->netif);
}

int
iface_add_vlan(struct core_port *port, uint16_t vlan, uint16_t mtu, const struct iface_addr *addr)
{
	char name[IP_NAME_LEN];
	const struct netif_opts opts = {
		.neigh = &port->core->config.neighbour,
		.queue = &port->queue,
		.name = name,
		.addr = addr->addr,
		.prefix_len = addr->prefix_len,
		.gateway = addr->gateway,
		.vlan = vlan,
		.mtu = mtu,
	};
	struct netif *netif;
	int err;

	if (vlan < 1 || vlan > VLAN_MAX)
		return -EINVAL;
	if (mtu != 0 && (mtu < MTU_MIN || mtu > port->queue.port->mtu))
		return -EINVAL;
	if (iface_of_vlan(port, vlan) != NULL || vlan == port->queue.port->vlan)
		return -EEXIST;
	if (port->by_vlan == NULL)
		port->by_vlan = calloc(VLAN_MAX + 2, sizeof(port->by_vlan[0]));
	if (port->by_vlan == NULL)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%.8s.%u", port->netif->name, vlan);
	err = begin(port, &opts, &netif);
	if (err == 0)
		port->by_vlan[vlan] = (uint8_t)(ip_netif_index(&port->core->stack.ip, netif) + 1);
	return err;
}

int
baro_vlan_open(struct baro_core *core, const char *port, const struct baro_vlan_opts *opts)
{
	const struct iface_addr addr = {
		.addr = baro_addr_to_v4(&opts->address),
		.prefix_len = opts->prefix_len != 0 ? opts->prefix_len : 24,
		.gateway = baro_addr_to_v4(&opts->gateway),
	};

	if (!baro_addr_is_v4(&opts->gateway))
		return -EINVAL;
	for (uint32_t i = 0; i < core->n_ports; i++) {
		if (strcmp(core->port[i]->netif->name, port) == 0)
			return iface_add_vlan(core->port[i], opts->vlan, opts->mtu, &addr);
	}
	return -ENOENT;
}
