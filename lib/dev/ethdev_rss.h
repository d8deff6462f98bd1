/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_ETHDEV_RSS_H
#define BARO_DEV_ETHDEV_RSS_H

/*
 * A device that delivers frames where their flows belong: it is given our key and table (base/rss.h), and what
 * it says when asked for them decides. Anything less is steering in software, which is as right.
 */

#include <rte_ethdev.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rss.h"
#include "dev/queue.h"

/** Could our key and table for @n_queues cores be told to a device that says this of itself? */
bool
ethdev_rss_fits(const struct rte_eth_dev_info *info, uint16_t n_queues);

/** For rte_eth_dev_configure(). Points to the key: drivers look there until the port is closed. */
void
ethdev_rss_configure(const struct rss *rss, const struct rte_eth_dev_info *info, uint64_t rss_hf,
	struct rte_eth_rss_conf *conf);

/**
 * Give a port that is started the table, and see whether it has taken all of what was wanted.
 *
 * @conf  as it was configured
 * @hash  of which protocols it hashes the ports
 */
bool
ethdev_rss_program(uint16_t port_id, const struct rte_eth_dev_info *info, const struct rss *rss,
	const struct rte_eth_rss_conf *conf, struct dev_hash *hash);

#endif
