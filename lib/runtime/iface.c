/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces of a core: its ports and their VLANs, and which of them a frame's tag means. */

#include "runtime/core.h"

#include <baro/iface.h>
#include <baro/neigh.h>
#include <baro/route.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config_keys.h"

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

void
iface_addrs_changed(struct stack *stack, struct netif *netif, uint64_t now_ns)
{
	for (uint32_t i = 0; i < netif->link.n_addrs; i++) {
		struct link_addr *a = &netif->link.addr[i];

		if (a->state != LINK_ADDR_GIVEN_UP || !ip_has_addr(&stack->ip, a->addr))
			continue;
		a->state = LINK_ADDR_IN_USE; /* once more, to say that it is over */
		tcp_forsake(&stack->tcp, a->addr, now_ns);
		a->state = LINK_ADDR_GIVEN_UP;
	}
	ip_addrs_changed(&stack->ip, netif);
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

static int
configure_port(struct baro_core *core, const struct core_port *port,
	const struct baro_port_config *c, char *problem, size_t len)
{
	char text[BARO_ADDR_STRLEN];
	int err = 0;

	for (uint32_t i = 0; i < c->addresses.n && err == 0; i++) {
		err = baro_addr_add(core, port->netif->name, &c->addresses.item[i].addr,
			c->addresses.item[i].prefix_len);
		snprintf(problem, len, "cannot have address %s on %s",
			baro_addr_format(&c->addresses.item[i].addr, text), port->netif->name);
	}
	for (uint32_t i = 0; i < c->vlans.n && err == 0; i++) {
		err = baro_vlan_open(core, port->netif->name, &c->vlans.item[i]);
		snprintf(problem, len, "cannot take part in VLAN %u of %s", c->vlans.item[i].vlan,
			port->netif->name);
	}
	return err;
}

int
iface_configure(struct baro_core *core, char *problem, size_t len)
{
	const struct baro_route_list *routes = &core->config.ip.routes;
	const struct baro_neigh_list *fixed = &core->config.neighbour.fixed;
	char text[BARO_ADDR_STRLEN];
	int err = 0;

	for (unsigned i = 0; i < core->n_ports && err == 0; i++)
		err = configure_port(core, core->port[i],
			&core->config.port[config_port_index(core->port[i]->netif->name)], problem,
			len);
	for (uint32_t i = 0; i < routes->n && err == 0; i++) {
		err = baro_route_add(core, &routes->item[i]);
		snprintf(problem, len, "cannot have the route to %s/%u of ip.routes",
			baro_addr_format(&routes->item[i].dest, text), routes->item[i].prefix_len);
	}
	for (uint32_t i = 0; i < fixed->n && err == 0; i++) {
		err = baro_neigh_add(
			core, fixed->item[i].iface, &fixed->item[i].addr, fixed->item[i].mac);
		snprintf(problem, len, "cannot have %s of neighbour.static",
			baro_addr_format(&fixed->item[i].addr, text));
	}
	return err;
}
