/* SPDX-License-Identifier: BSD-3-Clause */

/* What to ask of a device: wishes, capabilities and experience, intersected. */

#include "dev/ethdev_plan.h"

#include <string.h>

#include "base/check.h"

#include "dev/ethdev_rss.h"
#include "dev/fault.h"
#include "dev/pool.h"

enum {
	DEFAULT_DESC = 1024,
	DEFAULT_MTU = 1500,
	TSO_SEGS_MIN = 8,
	TSO_SEGS = 48, /* 64 KiB of segments, and the header; some NICs take little more */
	FRAME_OVERHEAD = 18 + 4, /* Ethernet header, a VLAN tag, frame check sequence */
};

/*
 * net_tap (DPDK 22.11): claims 16 queues and crashes above 4; its transmit checksum is wrong
 * when a segment in the middle of a chain has an odd length; each descriptor pins a buffer
 * and buys nothing, as the kernel queues the frames. The kernel spreads flows by a hash of its own until it
 * has heard of them from us, and forgets those that are silent for some seconds.
 * net_memif: opens as many queue pairs as the client connects, whatever was asked for; the others
 * take frames and send none.
 * net_null: claims a RETA of 128 and has no RSS.
 */
static const struct ethdev_quirk quirks[] = {
	{ "net_tap", .max_queues = 4, .max_rx_desc = 64, .has_rx_fd = true, .has_kernel_side = true,
		.sums_in_software = true, .has_no_rss = true, .learns_queues = true },
	{ "net_af_packet", .has_no_rss = true, .leaves_frames = true },
	{ "net_af_xdp", .has_no_rss = true },
	{ "net_memif", .max_queues = 1, .has_no_rss = true, .takes_any_mtu = true },
	{ "net_null", .has_no_rss = true, .takes_any_mtu = true },
	{ "net_pcap", .has_no_rss = true },
	{ "net_ring", .has_no_rss = true, .takes_any_mtu = true },
	{ .driver = NULL },
};

const struct ethdev_quirk *
ethdev_quirk_find(const char *driver)
{
	static const struct ethdev_quirk none = { .driver = "" };
	const struct ethdev_quirk *q;

	for (q = quirks; driver != NULL && q->driver != NULL; q++)
		if (strcmp(q->driver, driver) == 0)
			return q;
	return &none;
}

static uint16_t
clamp(uint16_t wish, uint16_t min, uint16_t max)
{
	if (max != 0 && wish > max)
		wish = max;
	return wish < min ? min : wish;
}

static uint16_t
plan_queues(const struct rte_eth_dev_info *info, const struct ethdev_quirk *q, uint16_t wish)
{
	uint16_t n = (uint16_t)min_u32(info->max_rx_queues, info->max_tx_queues);

	if (q->max_queues != 0 && n > q->max_queues)
		n = q->max_queues;
	/* a device of no queues is none: let it refuse one itself */
	return clamp(wish, 1, n == 0 ? 1 : n);
}

/* A device that knows no limits says 0, or 65535. */
static uint16_t
plan_mtu(const struct rte_eth_dev_info *info, const struct ethdev_quirk *q, uint16_t wish)
{
	uint16_t max = info->max_mtu;

	if (wish == 0)
		wish = DEFAULT_MTU;
	if (q->takes_any_mtu)
		return wish;
	/* one buffer a frame, unless the device can chain them */
	if ((info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) == 0 &&
		(max == 0 || max > POOL_TEXT_ROOM - FRAME_OVERHEAD))
		max = POOL_TEXT_ROOM - FRAME_OVERHEAD;
	return clamp(wish, info->min_mtu, max);
}

bool
ethdev_is_wanted(enum baro_switch wish, const struct ethdev_quirk *q)
{
	return wish == BARO_ON || (wish == BARO_AUTO && !q->sums_in_software);
}

static void
plan_offloads(const struct rte_eth_dev_info *info, const struct ethdev_quirk *q,
	enum baro_switch checksum, struct ethdev_plan *plan)
{
	uint64_t rx = 0;
	uint64_t tx = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;

	if (ethdev_is_wanted(checksum, q)) {
		rx |= RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM |
		      RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
		tx |= RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM |
		      RTE_ETH_TX_OFFLOAD_TCP_CKSUM;
	}
	if (plan->mtu + FRAME_OVERHEAD > POOL_TEXT_ROOM)
		rx |= RTE_ETH_RX_OFFLOAD_SCATTER;
	plan->rx_offloads = rx & info->rx_offload_capa;
	plan->tx_offloads = tx & info->tx_offload_capa;
}

/* Frames longer than the MTU, out and in: who cuts or joins segments has to look after their sums. */
static void
plan_long_frames(const struct rte_eth_dev_info *info, const struct ethdev_quirk *q,
	const struct baro_port_config *config, struct ethdev_plan *plan)
{
	const uint64_t cuts = RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	const uint64_t rx_l4 = RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
	const uint64_t joins = RTE_ETH_RX_OFFLOAD_TCP_LRO | RTE_ETH_RX_OFFLOAD_SCATTER;
	uint16_t segs = info->tx_desc_lim.nb_seg_max;

	if (fault_is_wanted(&config->fault)) /* it is a segment's */
		return;
	if (ethdev_is_wanted(config->tso, q) && (info->tx_offload_capa & cuts) == cuts &&
		(plan->tx_offloads & RTE_ETH_TX_OFFLOAD_TCP_CKSUM) != 0) {
		plan->tx_offloads |= cuts;
		plan->tso_segs = segs == 0 ? TSO_SEGS : (uint16_t)min_u32(segs, TSO_SEGS);
	}
	if (ethdev_is_wanted(config->lro, q) &&
		(info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_TCP_LRO) != 0 &&
		(plan->rx_offloads & rx_l4) == rx_l4) {
		plan->rx_offloads |= joins & info->rx_offload_capa;
		plan->max_lro_pkt_size = info->max_lro_pkt_size;
	}
}

/* Only flows need spreading: with 2-tuples in it a hash would say less of itself. */
static void
plan_rss(const struct rte_eth_dev_info *info, struct ethdev_plan *plan)
{
	uint64_t rss = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP;

	plan->has_our_rss = ethdev_rss_fits(info, plan->n_queues);
	if (plan->has_our_rss)
		plan->rx_offloads |= RTE_ETH_RX_OFFLOAD_RSS_HASH & info->rx_offload_capa;
	else
		rss |= RTE_ETH_RSS_IPV4;
	plan->rss_hf = rss & info->flow_type_rss_offloads;
}

void
ethdev_plan_make(const struct rte_eth_dev_info *info, const struct baro_port_config *config,
	uint16_t n_queues, struct ethdev_plan *plan)
{
	const struct ethdev_quirk *q = ethdev_quirk_find(info->driver_name);

	*plan = (struct ethdev_plan){
		.n_queues = plan_queues(info, q, n_queues),
		.rx_desc = config->rx_desc != 0 ? config->rx_desc : DEFAULT_DESC,
		.tx_desc = config->tx_desc != 0 ? config->tx_desc : DEFAULT_DESC,
		.mtu = plan_mtu(info, q, config->mtu),
		.wants_rx_intr = q->has_rx_fd,
	};
	if (q->max_rx_desc != 0 && plan->rx_desc > q->max_rx_desc)
		plan->rx_desc = q->max_rx_desc;
	plan_offloads(info, q, config->checksum, plan);
	plan_long_frames(info, q, config, plan);
	if (plan->n_queues > 1 && !q->has_no_rss)
		plan_rss(info, plan);
}

void
ethdev_plan_fit_ring(struct ethdev_plan *plan, uint16_t tx_desc)
{
	plan->tso_segs = (uint16_t)min_u32(plan->tso_segs, tx_desc / 2u);
	if (plan->tso_segs < TSO_SEGS_MIN)
		plan->tso_segs = 0;
}

bool
ethdev_plan_has_long_frames(const struct ethdev_plan *plan)
{
	return (plan->tx_offloads & RTE_ETH_TX_OFFLOAD_TCP_TSO) != 0 ||
	       (plan->rx_offloads & RTE_ETH_RX_OFFLOAD_TCP_LRO) != 0;
}

void
ethdev_plan_shorten(struct ethdev_plan *plan)
{
	plan->tx_offloads &= ~RTE_ETH_TX_OFFLOAD_TCP_TSO;
	plan->rx_offloads &= ~RTE_ETH_RX_OFFLOAD_TCP_LRO;
	plan->tso_segs = 0;
	plan->max_lro_pkt_size = 0;
}

void
ethdev_plan_strip(struct ethdev_plan *plan)
{
	ethdev_plan_shorten(plan);
	plan->rx_offloads &= RTE_ETH_RX_OFFLOAD_SCATTER;
	plan->tx_offloads &= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	plan->rss_hf = 0;
	plan->has_our_rss = false;
	plan->wants_rx_intr = false;
}

void
ethdev_other_mac(const uint8_t device[6], uint8_t mac[6])
{
	memcpy(mac, device, 6);
	mac[0] = (uint8_t)((mac[0] | 0x02) & ~0x01);
	mac[5] ^= 0x01;
}
