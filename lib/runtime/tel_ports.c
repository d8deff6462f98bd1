/* SPDX-License-Identifier: BSD-3-Clause */

/* Telemetry: the ports, what was wanted of them and what they do. */

#include <rte_ethdev.h>
#include <stdio.h>
#include <string.h>

#include "dev/ethdev.h"
#include "dev/ethdev_plan.h"
#include "runtime/tables.h"
#include "runtime/tel.h"

/* A set of offloads as words. */
static void
add_offloads(struct rte_tel_data *row, const char *name, const struct dev_offload *o)
{
	char text[RTE_TEL_MAX_STRING_LEN];

	snprintf(text, sizeof(text), "%s%s%s%s%s%s%s%s", o->rx_ip_sum ? "rx-ip " : "",
		o->rx_l4_sum ? "rx-tcp-udp " : "", o->tx_ip_sum ? "tx-ip " : "",
		o->tx_tcp_sum ? "tx-tcp " : "", o->tx_udp_sum ? "tx-udp " : "",
		o->tx_multi_seg ? "multi-seg " : "", o->tx_tso ? "tso " : "",
		o->rx_lro ? "lro " : "");
	text[text[0] != '\0' ? strlen(text) - 1 : 0] = '\0';
	rte_tel_data_add_dict_string(row, name, text);
}

static struct dev_offload
wanted_of(const struct baro_port_config *config, const struct dev_port *port)
{
	const struct ethdev_quirk *q = ethdev_quirk_find(port->driver);
	bool sums = ethdev_is_wanted(config->checksum, q);

	return (struct dev_offload){ .rx_ip_sum = sums,
		.rx_l4_sum = sums,
		.tx_ip_sum = sums,
		.tx_tcp_sum = sums,
		.tx_udp_sum = sums,
		.tx_multi_seg = true,
		.tx_tso = ethdev_is_wanted(config->tso, q),
		.rx_lro = ethdev_is_wanted(config->lro, q) };
}

static struct dev_offload
offered_by(const struct rte_eth_dev_info *info)
{
	const uint64_t rx_l4 = RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
	uint64_t rx = info->rx_offload_capa;
	uint64_t tx = info->tx_offload_capa;

	return (struct dev_offload){
		.rx_ip_sum = (rx & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0,
		.rx_l4_sum = (rx & rx_l4) == rx_l4,
		.tx_ip_sum = (tx & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0,
		.tx_tcp_sum = (tx & RTE_ETH_TX_OFFLOAD_TCP_CKSUM) != 0,
		.tx_udp_sum = (tx & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0,
		.tx_multi_seg = (tx & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0,
		.tx_tso = (tx & RTE_ETH_TX_OFFLOAD_TCP_TSO) != 0,
		.rx_lro = (rx & RTE_ETH_RX_OFFLOAD_TCP_LRO) != 0,
	};
}

static void
tell_device(const struct dev_port *port, struct rte_tel_data *row)
{
	struct rte_eth_link link = { 0 };
	struct rte_eth_dev_info info;
	struct dev_offload offered;

	if (rte_eth_link_get_nowait(port->port_id, &link) == 0) {
		rte_tel_data_add_dict_string(
			row, "link", link.link_status == RTE_ETH_LINK_UP ? "up" : "down");
		if (link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
			rte_tel_data_add_dict_u64(row, "mbit_s", link.link_speed);
	}
	if (rte_eth_dev_info_get(port->port_id, &info) != 0)
		return;
	offered = offered_by(&info);
	add_offloads(row, "offered", &offered);
}

static void
tell_port(const struct telemetry *t, unsigned i, struct rte_tel_data *row)
{
	const struct dev_port *port = &t->port[i];
	const struct baro_port_config *config = &t->config->port[i];
	struct dev_offload wanted = wanted_of(config, port);
	const uint8_t *m = port->mac.b;
	char text[32];

	snprintf(text, sizeof(text), "port%u", i);
	rte_tel_data_add_dict_string(row, "port", text);
	rte_tel_data_add_dict_string(row, "device", port->name);
	rte_tel_data_add_dict_string(row, "driver", port->driver);
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
		m[5]);
	rte_tel_data_add_dict_string(row, "mac", text);
	rte_tel_data_add_dict_u64(row, "mtu", port->mtu);
	rte_tel_data_add_dict_u64(row, "vlan", port->vlan);
	rte_tel_data_add_dict_u64(row, "queues", port->n_queues);
	rte_tel_data_add_dict_string(row, "steering",
		t->crew->n_cores > 1 ? ethdev_steering_name(port->steering) : "none: one core");
	add_offloads(row, "wanted", &wanted);
	add_offloads(row, "got", &port->can);
	tell_device(port, row);
}

int
tel_ports(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	struct rte_tel_data *rows = tel_rows();

	(void)params;
	if (rows == NULL)
		return tel_refuse(d, "not enough memory for the answer");
	for (unsigned i = 0; i < BARO_MAX_PORTS; i++) {
		struct rte_tel_data *row = t->port[i].n_queues != 0 ? tel_row(rows, i) : NULL;

		if (row != NULL)
			tell_port(t, i, row);
	}
	return tel_add_rows(d, "ports", rows, TABLE_END);
}
