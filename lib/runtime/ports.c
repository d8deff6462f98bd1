/* SPDX-License-Identifier: BSD-3-Clause */

/* The ports of a program: open, describe, close. */

#include "runtime/ports.h"

#include <errno.h>
#include <rte_cycles.h>
#include <string.h>

#include "base/check.h"
#include "dev/host.h"

/*
 * A port that is stopped forgets what lies on its ring, the last RSTs among it. And a peer on memif loses
 * the shared memory as we leave: its driver crashes if it is in the middle of a burst just then, and
 * the fewer frames there are, the shorter those are.
 */
enum { DRAIN_US = 10 * 1000 };

/* The kernel's end of a tap gets its address, if one is configured. */
static int
set_host_address(const struct baro_port_config *config, const struct dev_port *port,
	struct dev_problem *problem)
{
	uint32_t addr = baro_addr_to_v4(&config->host_address);
	char interface[DEV_INTERFACE_LEN];
	int err;

	if (addr == 0)
		return 0;
	if (!ethdev_kernel_side(port, interface)) {
		snprintf(problem->text, sizeof(problem->text),
			"%s: has no kernel side to give host_address to; remove that key",
			port->name);
		return -EINVAL;
	}
	err = host_interface_up(interface, addr, config->host_prefix_len);
	if (err != 0)
		snprintf(problem->text, sizeof(problem->text),
			"%s: cannot give %s its host_address: %s", port->name, interface,
			strerror(-err));
	return err;
}

int
ports_open(const struct baro_config *config, const struct ethdev_cores *cores,
	struct dev_port port[BARO_MAX_PORTS], struct dev_problem *problem)
{
	unsigned i;
	int err;

	memset(port, 0, BARO_MAX_PORTS * sizeof(port[0]));
	for (i = 0; i < BARO_MAX_PORTS; i++) {
		const struct baro_port_config *c = &config->port[i];

		if (!c->is_used)
			continue;
		err = ethdev_open(c, i, cores, &port[i], problem);
		if (err != 0)
			port[i].n_queues = 0;
		else
			err = set_host_address(c, &port[i], problem);
		if (err != 0) {
			ports_close(port);
			return err;
		}
	}
	return 0;
}

void
ports_close(struct dev_port port[BARO_MAX_PORTS])
{
	unsigned i;

	rte_delay_us_sleep(DRAIN_US);
	for (i = 0; i < BARO_MAX_PORTS; i++) {
		if (port[i].n_queues != 0)
			ethdev_close(&port[i]);
		port[i].n_queues = 0;
	}
}

/* "rx and tx by the device", "in software" */
static const char *
describe_sums(const struct dev_offload *can)
{
	bool rx = can->rx_ip_sum && can->rx_l4_sum;
	bool tx = can->tx_ip_sum && can->tx_tcp_sum && can->tx_udp_sum;
	bool none = !can->rx_ip_sum && !can->rx_l4_sum && !can->tx_ip_sum && !can->tx_tcp_sum &&
		    !can->tx_udp_sum;

	if (none)
		return "in software";
	if (rx && tx)
		return "by the device";
	if (rx)
		return "in by the device, out in software";
	if (tx)
		return "out by the device, in in software";
	return "partly by the device";
}

static void
print_port(unsigned index, const struct baro_port_config *c, const struct dev_port *p, FILE *out)
{
	char address[BARO_ADDR_STRLEN];
	char interface[DEV_INTERFACE_LEN];
	const uint8_t *m = p->mac.b;

	fprintf(out, "port%u   %s/%u on %s, MAC %02x:%02x:%02x:%02x:%02x:%02x, MTU %u, %u queue%s",
		index, baro_addr_format(&c->address, address), c->prefix_len, p->name, m[0], m[1],
		m[2], m[3], m[4], m[5], p->mtu, p->n_queues, p->n_queues == 1 ? "" : "s");
	if (c->mtu != 0 && c->mtu != p->mtu)
		fprintf(out, " (MTU %u was asked for: the device carries no more)", c->mtu);
	if (p->vlan != 0)
		fprintf(out, ", VLAN %u", p->vlan);
	if (p->n_queues > 1)
		fprintf(out, ", steering %s", ethdev_steering_name(p->steering));
	fprintf(out, ", checksums %s%s", describe_sums(&p->can),
		ethdev_link_is_up(p) ? "" : ", link down: waits for its peer");
	if (p->can.tx_tso || p->can.rx_lro)
		fprintf(out, ", %s",
			!p->can.rx_lro   ? "TSO"
			: !p->can.tx_tso ? "LRO"
					 : "TSO and LRO");
	if (baro_addr_to_v4(&c->host_address) != 0 && ethdev_kernel_side(p, interface))
		fprintf(out, "; kernel: %s/%u on %s", baro_addr_format(&c->host_address, address),
			c->host_prefix_len, interface);
	fputc('\n', out);
}

void
ports_print(const struct baro_config *config, const struct dev_port port[BARO_MAX_PORTS], FILE *out)
{
	unsigned i;

	for (i = 0; i < BARO_MAX_PORTS; i++)
		if (port[i].n_queues != 0)
			print_port(i, &config->port[i], &port[i], out);
}
