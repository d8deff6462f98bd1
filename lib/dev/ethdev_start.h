/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_ETHDEV_START_H
#define BARO_DEV_ETHDEV_START_H

#include "dev/ethdev_plan.h"

struct rss;

/** What the cores of a program bring to each port. */
struct ethdev_cores {
	uint16_t n;                       /* a queue pair for each */
	struct rte_mempool *const *pools; /* [core]: text buffers */
	const struct rss *rss;            /* which flow is whose; NULL: there is one core */
};

/**
 * From configuration to start.
 *
 * @plan  its sizes are in the end what the device has
 * @step  what it did not like, if it fails: "does not start"
 * @return 0, or what DPDK says
 */
int
ethdev_start(uint16_t port_id, const struct rte_eth_dev_info *info,
	const struct ethdev_cores *cores, struct ethdev_plan *plan, const char **step);

#endif
