/* SPDX-License-Identifier: BSD-3-Clause */

/* A plan is carried out: configuration, queues, MTU, start. */

#include "dev/ethdev_start.h"

#include <rte_ethdev.h>

#include "dev/ethdev_rss.h"

/* Some drivers name a longest frame that they do not insist on: what is beyond it is for set_mtu(). */
static uint32_t
mtu_within(const struct rte_eth_dev_info *info, uint32_t mtu)
{
	const uint32_t overhead = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;

	return info->max_rx_pktlen > overhead ? min_u32(mtu, info->max_rx_pktlen - overhead) : mtu;
}

static int
configure(uint16_t port_id, const struct rte_eth_dev_info *info, const struct ethdev_plan *plan,
	const struct rss *rss)
{
	struct rte_eth_conf conf = {
		.rxmode = { .offloads = plan->rx_offloads,
			.mtu = mtu_within(info, plan->mtu),
			.max_lro_pkt_size = plan->max_lro_pkt_size },
		.txmode = { .offloads = plan->tx_offloads },
		.intr_conf = { .rxq = plan->wants_rx_intr },
	};

	if (plan->rss_hf != 0) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = plan->rss_hf;
	}
	if (plan->has_our_rss)
		ethdev_rss_configure(rss, info, plan->rss_hf, &conf.rx_adv_conf.rss_conf);
	return rte_eth_dev_configure(port_id, plan->n_queues, plan->n_queues, &conf);
}

static int
set_up_queues(uint16_t port_id, const struct rte_eth_dev_info *info, const struct ethdev_plan *plan,
	struct rte_mempool *const *pools)
{
	struct rte_eth_rxconf rxconf = info->default_rxconf;
	struct rte_eth_txconf txconf = info->default_txconf;
	unsigned socket = (unsigned)rte_eth_dev_socket_id(port_id);
	uint16_t i;
	int err = 0;

	/* offloads are set for the whole port; a driver's defaults may name what it lacks */
	rxconf.offloads = plan->rx_offloads;
	txconf.offloads = plan->tx_offloads;
	for (i = 0; i < plan->n_queues && err == 0; i++) {
		err = rte_eth_tx_queue_setup(port_id, i, plan->tx_desc, socket, &txconf);
		if (err == 0)
			err = rte_eth_rx_queue_setup(
				port_id, i, plan->rx_desc, socket, &rxconf, pools[i]);
	}
	return err;
}

/* A driver that cannot set the MTU keeps its own. */
static void
set_mtu(uint16_t port_id, struct ethdev_plan *plan, const struct ethdev_quirk *quirk)
{
	uint16_t now = 0;

	if (rte_eth_dev_get_mtu(port_id, &now) == 0 && now == plan->mtu && now == RTE_ETHER_MTU)
		return;
	if (rte_eth_dev_set_mtu(port_id, plan->mtu) == 0 || quirk->takes_any_mtu)
		return;
	plan->mtu = (uint16_t)min_u32(plan->mtu, RTE_ETHER_MTU);
}

int
ethdev_start(uint16_t port_id, const struct rte_eth_dev_info *info,
	const struct ethdev_cores *cores, struct ethdev_plan *plan, const char **step)
{
	int err;

	*step = "refuses its configuration";
	err = configure(port_id, info, plan, cores->rss);
	if (err != 0)
		return err;
	/* of no effect where the limits are not known */
	rte_eth_dev_adjust_nb_rx_tx_desc(port_id, &plan->rx_desc, &plan->tx_desc);
	ethdev_plan_fit_ring(plan, plan->tx_desc);
	*step = "cannot set up its queues";
	err = set_up_queues(port_id, info, plan, cores->pools);
	if (err != 0)
		return err;
	set_mtu(port_id, plan, ethdev_quirk_find(info->driver_name));
	*step = "does not start";
	return rte_eth_dev_start(port_id);
}
