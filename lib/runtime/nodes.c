/* SPDX-License-Identifier: BSD-3-Clause */

/* Which cores are far from which ports. */

#include "runtime/nodes.h"

#include <stdbool.h>

#include "runtime/eal_args.h"
#include "runtime/machine.h"

static bool
is_far(int port_node, int core_node)
{
	return port_node >= 0 && core_node >= 0 && port_node != core_node;
}

void
nodes_compare(const char *port, int port_node, const int *core_node, unsigned n, const char *near,
	FILE *out)
{
	unsigned n_far = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!is_far(port_node, core_node[i]))
			continue;
		if (n_far++ == 0)
			fprintf(out, "warning: %s is on NUMA node %d, but", port, port_node);
		fprintf(out, "%s core%u on %d", n_far == 1 ? "" : ",", i, core_node[i]);
	}
	if (n_far == 0)
		return;
	fputs(": each of their frames crosses over", out);
	if (near[0] != '\0')
		fprintf(out, "; CPUs near it are -l %s", near);
	fputc('\n', out);
}

void
nodes_warn(const struct dev_port port[BARO_MAX_PORTS], const unsigned *cpu, unsigned n, FILE *out)
{
	int core_node[BARO_MAX_CORES];
	char near[512];

	for (unsigned i = 0; i < n; i++)
		core_node[i] = machine_cpu_node(cpu[i]);
	for (unsigned i = 0; i < BARO_MAX_PORTS; i++) {
		int node;

		if (port[i].n_queues == 0 || !eal_is_pci(port[i].name))
			continue;
		node = machine_pci_node(port[i].name);
		machine_node_cpus(node, near, sizeof(near));
		nodes_compare(port[i].name, node, core_node, n, near, out);
	}
}
