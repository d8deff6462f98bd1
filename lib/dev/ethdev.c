/* SPDX-License-Identifier: BSD-3-Clause */

/* Bringing DPDK ports up and down; what to ask of them is in ethdev_plan.c. */

#include "dev/ethdev.h"

#include <errno.h>
#include <net/if.h>
#include <rte_ethdev.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "dev/ethdev_plan.h"
#include "dev/ethdev_rss.h"

/* A step of opening a port failed. */
static int
failed(struct dev_problem *problem, const char *name, const char *step, int err)
{
	snprintf(problem->text, sizeof(problem->text), "%s: %s: %s", name, step,
		strerror(err < 0 ? -err : err));
	return err < 0 ? err : -err;
}

/* RTE_ETH_FOREACH_DEV without its narrowing conversions. */
static uint16_t
next_device(unsigned from)
{
	return (uint16_t)rte_eth_find_next_owned_by((uint16_t)from, RTE_ETH_DEV_NO_OWNER);
}

static void
list_devices(char *buf, size_t len)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	const char *comma = "";
	uint16_t id;
	size_t used;

	snprintf(buf, len, "nothing");
	for (id = next_device(0); id < RTE_MAX_ETHPORTS; id = next_device(id + 1u)) {
		used = *comma == '\0' ? 0 : strlen(buf);
		if (rte_eth_dev_get_name_by_port(id, name) == 0)
			snprintf(buf + used, len - used, "%s%s", comma, name);
		comma = ", ";
	}
}

/* The device named in the configuration, or the @index-th. */
static int
find_device(const struct baro_port_config *config, unsigned index, uint16_t *port_id,
	struct dev_problem *problem)
{
	char devices[160];
	unsigned n = 0;
	uint16_t id;

	if (config->device[0] != '\0') {
		if (rte_eth_dev_get_port_by_name(config->device, port_id) == 0)
			return 0;
	} else {
		for (id = next_device(0); id < RTE_MAX_ETHPORTS; id = next_device(id + 1u)) {
			*port_id = id;
			if (n++ == index)
				return 0;
		}
	}
	list_devices(devices, sizeof(devices));
	if (config->device[0] != '\0')
		snprintf(problem->text, sizeof(problem->text),
			"port%u: no device %s; DPDK brought up %s", index, config->device, devices);
	else
		snprintf(problem->text, sizeof(problem->text),
			"port%u: no device for it; DPDK brought up %s", index, devices);
	return -ENODEV;
}

/* The configured one, the device's, or one made up: net_ring has none. */
static void
choose_mac(const struct baro_port_config *config, uint16_t port_id,
	const struct rte_ether_addr *device, const struct ethdev_quirk *quirk, struct mac *mac)
{
	const struct mac made_up = { .b = { 0x02, 0, 0, 0, 0, (uint8_t)(port_id + 1) } };
	static const uint8_t none[6];

	if (memcmp(config->mac, none, sizeof(none)) != 0)
		memcpy(mac->b, config->mac, sizeof(mac->b));
	else if (!rte_is_valid_assigned_ether_addr(device))
		*mac = made_up;
	else if (quirk->has_kernel_side)
		ethdev_other_mac(device->addr_bytes, mac->b);
	else
		memcpy(mac->b, device->addr_bytes, sizeof(mac->b));
}

/* A NIC passes frames for its own MAC only; the far side of a tap passes all. */
static void
set_promiscuous(uint16_t port_id, const struct baro_port_config *config, bool is_own_mac,
	const struct ethdev_quirk *quirk)
{
	bool is_wanted = config->promiscuous == BARO_ON;

	if (config->promiscuous == BARO_AUTO)
		is_wanted = !is_own_mac && !quirk->has_kernel_side;
	if (is_wanted)
		rte_eth_promiscuous_enable(port_id);
	else if (rte_eth_promiscuous_get(port_id) == 1)
		rte_eth_promiscuous_disable(port_id);
}

/* Who brings frames to their cores? Asked of a port that is started. */
static void
choose_steering(struct dev_port *port, const struct rte_eth_dev_info *info,
	const struct ethdev_plan *plan, const struct rss *rss)
{
	struct rte_eth_rss_conf conf;

	port->steering = DEV_STEERING_SOFTWARE;
	if (plan->n_queues > 1 && ethdev_quirk_find(port->driver)->learns_queues)
		port->steering = DEV_STEERING_LEARNED;
	if (!plan->has_our_rss)
		return;
	ethdev_rss_configure(rss, info, plan->rss_hf, &conf);
	if (ethdev_rss_program(port->port_id, info, rss, &conf, &port->hash))
		port->steering = DEV_STEERING_HW;
}

const char *
ethdev_steering_name(enum dev_steering steering)
{
	static const char *const names[] = { "software", "learned", "hw" };

	return names[steering];
}

static void
describe(struct dev_port *port, const struct ethdev_plan *plan)
{
	const uint64_t rx_l4 = RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;

	port->n_queues = plan->n_queues;
	port->mtu = plan->mtu;
	port->tso_segs = plan->tso_segs;
	port->can = (struct dev_offload){
		.rx_ip_sum = (plan->rx_offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0,
		.rx_l4_sum = (plan->rx_offloads & rx_l4) == rx_l4,
		.tx_ip_sum = (plan->tx_offloads & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0,
		.tx_tcp_sum = (plan->tx_offloads & RTE_ETH_TX_OFFLOAD_TCP_CKSUM) != 0,
		.tx_udp_sum = (plan->tx_offloads & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0,
		.tx_multi_seg = (plan->tx_offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0,
		.rx_lro = (plan->rx_offloads & RTE_ETH_RX_OFFLOAD_TCP_LRO) != 0,
		.tx_tso = plan->tso_segs != 0,
		/* segments in flight share their text with the send queue: never MBUF_FAST_FREE */
		.tx_fast_free = false,
	};
}

/* The device runs: who it is to be, and what it can do. */
static void
settle(const struct baro_port_config *config, const struct rte_eth_dev_info *info,
	const struct ethdev_plan *plan, const struct ethdev_cores *cores, struct dev_port *port)
{
	const struct ethdev_quirk *quirk = ethdev_quirk_find(port->driver);
	struct rte_ether_addr device_mac = { .addr_bytes = { 0 } };

	rte_eth_macaddr_get(port->port_id, &device_mac);
	choose_mac(config, port->port_id, &device_mac, quirk, &port->mac);
	set_promiscuous(port->port_id, config,
		memcmp(port->mac.b, device_mac.addr_bytes, sizeof(port->mac.b)) == 0, quirk);
	describe(port, plan);
	if (quirk->leaves_frames)
		port->n_sockets = packet_sockets_find(info->if_index, port->socket);
	choose_steering(port, info, plan, cores->rss);
}

/* From the device's first answer to its start. */
static int
bring_up(const struct baro_port_config *config, const struct ethdev_cores *cores,
	struct dev_port *port, struct dev_problem *problem)
{
	struct rte_eth_dev_info info;
	struct ethdev_plan plan;
	const char *step;
	int err;

	err = rte_eth_dev_info_get(port->port_id, &info);
	if (err != 0)
		return failed(problem, port->name, "does not describe itself", err);
	snprintf(port->driver, sizeof(port->driver), "%s",
		info.driver_name != NULL ? info.driver_name : "");
	ethdev_plan_make(&info, config, cores->n, &plan);
	plan.has_our_rss &= cores->rss != NULL && cores->rss->n_cores == plan.n_queues;

	err = ethdev_start(port->port_id, &info, cores, &plan, &step);
	if (err != 0 &&
		ethdev_plan_has_long_frames(&plan)) { /* drivers are particular about them */
		ethdev_plan_shorten(&plan);
		err = ethdev_start(port->port_id, &info, cores, &plan, &step);
	}
	if (err != 0) {
		ethdev_plan_strip(&plan);
		err = ethdev_start(port->port_id, &info, cores, &plan, &step);
	}
	if (err != 0)
		return failed(problem, port->name, step, err);
	settle(config, &info, &plan, cores, port);
	return 0;
}

int
ethdev_open(const struct baro_port_config *config, unsigned index, const struct ethdev_cores *cores,
	struct dev_port *port, struct dev_problem *problem)
{
	uint16_t port_id;
	int err;

	*port = (struct dev_port){ .index = (uint16_t)index, .vlan = config->vlan };
	err = find_device(config, index, &port_id, problem);
	if (err != 0)
		return err;
	port->port_id = port_id;
	if (rte_eth_dev_get_name_by_port(port_id, port->name) != 0)
		snprintf(port->name, sizeof(port->name), "port%u", index);
	err = bring_up(config, cores, port, problem);
	if (err != 0)
		ethdev_close(port);
	return err;
}

uint16_t
ethdev_queues(const struct baro_port_config *config, unsigned index, uint16_t n)
{
	struct rte_eth_dev_info info;
	struct dev_problem problem;
	struct ethdev_plan plan;
	uint16_t port_id;

	if (find_device(config, index, &port_id, &problem) != 0 ||
		rte_eth_dev_info_get(port_id, &info) != 0)
		return 0;
	ethdev_plan_make(&info, config, n, &plan);
	return plan.n_queues;
}

void
ethdev_close(struct dev_port *port)
{
	/* both only complain of a port that is not in the right state */
	rte_eth_dev_stop(port->port_id);
	rte_eth_dev_close(port->port_id);
}

int
ethdev_rx_fd(const struct dev_port *port, uint16_t queue)
{
	if (!ethdev_quirk_find(port->driver)->has_rx_fd)
		return -1;
	return rte_eth_dev_rx_intr_ctl_q_get_fd(port->port_id, queue);
}

void
ethdev_rx_kick(const struct dev_port *port)
{
	struct sigaction action;

	if (strcmp(port->driver, "net_tap") != 0)
		return;
	/* without its handler the signal would end us */
	if (sigaction(SIGIO, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
		raise(SIGIO);
}

bool
ethdev_link_is_up(const struct dev_port *port)
{
	struct rte_eth_link link = { 0 };

	return rte_eth_link_get_nowait(port->port_id, &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

bool
ethdev_kernel_side(const struct dev_port *port, char name[DEV_INTERFACE_LEN])
{
	struct rte_eth_dev_info info;

	_Static_assert(DEV_INTERFACE_LEN == IF_NAMESIZE, "room for an interface's name");
	if (!ethdev_quirk_find(port->driver)->has_kernel_side)
		return false;
	if (rte_eth_dev_info_get(port->port_id, &info) != 0 || info.if_index == 0)
		return false;
	return if_indextoname(info.if_index, name) != NULL;
}

void
ethdev_queue_init(struct dev_queue *q, struct dev_port *port, uint16_t queue_id, struct env *env,
	struct rte_mempool *in_pool)
{
	memset(q, 0, sizeof(*q));
	q->port = port;
	q->env = env;
	q->queue_id = queue_id;
	q->in_pool = in_pool;
}
