/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_NODES_H
#define BARO_RUNTIME_NODES_H

/* NUMA: a core's buffers and tables lie on its own node; whether its ports do is for the user to arrange. */

#include <baro/config.h>
#include <stdio.h>

#include "dev/queue.h"

/**
 * Say to @out that cores are far from a port, and which CPUs are near; say nothing of a node that is unknown (-1).
 *
 * @port       its name
 * @port_node  its NUMA node
 * @core_node  those of the @n cores
 * @near       CPUs of the port's node, "8-15"; "": unknown
 */
void
nodes_compare(const char *port, int port_node, const int *core_node, unsigned n, const char *near,
	FILE *out);

/** The same of every PCI device among @port, with cores on the @n CPUs of @cpu. */
void
nodes_warn(const struct dev_port port[BARO_MAX_PORTS], const unsigned *cpu, unsigned n, FILE *out);

#endif
