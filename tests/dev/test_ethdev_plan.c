/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>

#include "dev/ethdev_plan.h"

static struct rte_eth_dev_info info;
static struct baro_port_config config;
static struct ethdev_plan plan;

static const uint64_t rx_sums =
	RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
static const uint64_t tx_sums =
	RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM;

static const uint64_t rss_flows = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP;

/* A NIC that can do all we want, and more. */
static void
good_nic(void)
{
	config = (struct baro_port_config){ .tso = BARO_OFF, .lro = BARO_OFF };
	info = (struct rte_eth_dev_info){
		.driver_name = "net_good",
		.min_mtu = 68,
		.max_mtu = 9000,
		.max_rx_queues = 64,
		.max_tx_queues = 64,
		.rx_offload_capa = UINT64_MAX,
		.tx_offload_capa = UINT64_MAX,
		.reta_size = 128,
		.hash_key_size = 40,
		.flow_type_rss_offloads = UINT64_MAX,
	};
}

static void
plan_for(uint16_t n_queues)
{
	ethdev_plan_make(&info, &config, n_queues, &plan);
}

Test(ethdev_plan, all_that_is_wanted_and_no_more)
{
	good_nic();
	plan_for(8);
	cr_assert_eq(plan.n_queues, 8);
	cr_assert_eq(plan.mtu, 1500);
	cr_assert_eq(plan.rx_desc, 1024);
	cr_assert_eq(plan.rx_offloads, rx_sums | RTE_ETH_RX_OFFLOAD_RSS_HASH);
	cr_assert_eq(plan.tx_offloads, tx_sums | RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	cr_assert_eq(plan.rss_hf, rss_flows);
	cr_assert(plan.has_our_rss);
	cr_assert_not(plan.wants_rx_intr);
}

Test(ethdev_plan, never_fast_free)
{
	good_nic();
	plan_for(1);
	cr_assert_eq(plan.tx_offloads & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, 0);
}

Test(ethdev_plan, one_queue_needs_no_rss)
{
	good_nic();
	plan_for(1);
	cr_assert_eq(plan.rss_hf, 0);
	cr_assert_not(plan.has_our_rss);
}

/* Our table has 128 entries and a device takes the hash modulo the size of its own. */
Test(ethdev_plan, our_rss_where_table_and_key_fit)
{
	static const struct {
		uint16_t reta_size;
		uint8_t key_size;
		uint16_t n_queues;
		bool is_ours;
	} rows[] = {
		{ 128, 40, 2, true },
		{ 128, 40, 7, true },
		{ 256, 40, 3, true },
		{ 512, 52, 8, true },
		{ 2048, 40, 64, true },
		{ 384, 40, 3, true },
		{ 64, 40, 2, true },
		{ 64, 40, 64, true },
		{ 64, 40, 3, false },
		{ 4, 40, 8, false },
		{ 0, 40, 2, false },
		{ 100, 40, 2, false },
		{ 4096, 40, 2, false },
		{ 128, 0, 2, false },
		{ 128, 16, 2, false },
		{ 128, 255, 2, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		good_nic();
		info.reta_size = rows[i].reta_size;
		info.hash_key_size = rows[i].key_size;
		plan_for(rows[i].n_queues);
		cr_expect_eq(plan.has_our_rss, rows[i].is_ours, "row %zu", i);
		cr_expect_eq(plan.rss_hf, rss_flows | (rows[i].is_ours ? 0 : RTE_ETH_RSS_IPV4),
			"row %zu", i);
		cr_expect_eq((plan.rx_offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0, rows[i].is_ours,
			"row %zu", i);
	}
}

Test(ethdev_plan, our_rss_needs_tcp)
{
	good_nic();
	info.flow_type_rss_offloads = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	plan_for(2);
	cr_assert_not(plan.has_our_rss);
	cr_assert_eq(plan.rss_hf, info.flow_type_rss_offloads);

	info.flow_type_rss_offloads = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	plan_for(2);
	cr_assert(plan.has_our_rss);
	cr_assert_eq(plan.rss_hf, RTE_ETH_RSS_NONFRAG_IPV4_TCP);
}

Test(ethdev_plan, a_device_that_can_do_nothing)
{
	info = (struct rte_eth_dev_info){ .driver_name = NULL };
	plan_for(4);
	cr_assert_eq(plan.n_queues, 1);
	cr_assert_eq(plan.mtu, 1500);
	cr_assert_eq(plan.rx_offloads, 0);
	cr_assert_eq(plan.tx_offloads, 0);
	cr_assert_eq(plan.rss_hf, 0);
}

Test(ethdev_plan, each_bit_alone)
{
	good_nic();
	for (unsigned bit = 0; bit < 64; bit++) {
		info.rx_offload_capa = UINT64_C(1) << bit;
		info.tx_offload_capa = UINT64_C(1) << bit;
		plan_for(2);
		cr_assert_eq(plan.rx_offloads & ~info.rx_offload_capa, 0);
		cr_assert_eq(plan.tx_offloads & ~info.tx_offload_capa, 0);
	}
}

Test(ethdev_plan, fewer_queues_than_cores)
{
	good_nic();
	info.max_tx_queues = 2;
	plan_for(8);
	cr_assert_eq(plan.n_queues, 2);
}

Test(ethdev_plan, checksums_by_request)
{
	good_nic();
	config.checksum = BARO_OFF;
	plan_for(1);
	cr_assert_eq(plan.rx_offloads, 0);
	cr_assert_eq(plan.tx_offloads, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
}

Test(ethdev_plan, long_frames_where_the_device_cuts_and_joins_them)
{
	good_nic();
	config.tso = config.lro = BARO_AUTO;
	info.max_lro_pkt_size = 32768;
	info.tx_desc_lim.nb_seg_max = 40;
	plan_for(1);
	cr_assert(plan.tx_offloads & RTE_ETH_TX_OFFLOAD_TCP_TSO);
	cr_assert_eq(plan.tso_segs, 40);
	cr_assert_eq(plan.rx_offloads & ~rx_sums,
		RTE_ETH_RX_OFFLOAD_TCP_LRO | RTE_ETH_RX_OFFLOAD_SCATTER);
	cr_assert_eq(plan.max_lro_pkt_size, 32768);

	cr_assert(ethdev_plan_has_long_frames(&plan));
	ethdev_plan_fit_ring(&plan, 64);
	cr_assert_eq(plan.tso_segs, 32, "the ring holds two");
	ethdev_plan_fit_ring(&plan, 8);
	cr_assert_eq(plan.tso_segs, 0, "it is too short for one");
	ethdev_plan_shorten(&plan);
	cr_assert_not(ethdev_plan_has_long_frames(&plan));
	cr_assert_eq(plan.tx_offloads, tx_sums | RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	cr_assert_eq(plan.rx_offloads, rx_sums | RTE_ETH_RX_OFFLOAD_SCATTER);
	cr_assert_eq(plan.tso_segs, 0);

	config.tso = config.lro = BARO_OFF;
	plan_for(1);
	cr_assert_eq(plan.tx_offloads & RTE_ETH_TX_OFFLOAD_TCP_TSO, 0);
	cr_assert_eq(plan.tso_segs, 0);
	cr_assert_eq(plan.rx_offloads & ~rx_sums, 0);
}

/* who cuts segments has to sum them up, and needs more than one buffer */
Test(ethdev_plan, no_long_frames_without_checksums_or_chains)
{
	good_nic();
	config.tso = config.lro = BARO_AUTO;
	config.checksum = BARO_OFF;
	plan_for(1);
	cr_assert_eq(plan.tso_segs, 0);
	cr_assert_eq(plan.rx_offloads, 0);

	good_nic();
	config.tso = BARO_AUTO;
	info.tx_offload_capa &= ~RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	plan_for(1);
	cr_assert_eq(plan.tso_segs, 0);
}

/* a fault on purpose happens to a segment, not to many */
Test(ethdev_plan, no_long_frames_with_faults)
{
	good_nic();
	config.tso = config.lro = BARO_ON;
	config.fault.loss_ppm = 5000;
	plan_for(1);
	cr_assert_eq(plan.tso_segs, 0);
	cr_assert_eq(plan.rx_offloads, rx_sums);
}

Test(ethdev_plan, net_tap_says_more_than_it_does)
{
	good_nic();
	info.driver_name = "net_tap";
	info.max_rx_queues = info.max_tx_queues = 16;
	plan_for(8);
	cr_assert_eq(plan.n_queues, 4);
	cr_assert_eq(plan.rx_desc, 64);
	cr_assert_eq(plan.rx_offloads, 0);
	cr_assert_eq(plan.tx_offloads, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	cr_assert_eq(plan.rss_hf, 0);
	cr_assert(plan.wants_rx_intr);

	config.checksum = BARO_ON;
	plan_for(1);
	cr_assert_eq(plan.rx_offloads, rx_sums);
}

Test(ethdev_plan, net_null_has_no_rss_whatever_its_reta)
{
	good_nic();
	info.driver_name = "net_null";
	plan_for(4);
	cr_assert_eq(plan.rss_hf, 0);
}

struct mtu_row {
	uint16_t wish, min, max;
	bool scatters;
	uint16_t mtu;
};

Test(ethdev_plan, mtu_within_the_devices_limits)
{
	static const struct mtu_row rows[] = {
		{ 0, 68, 9000, true, 1500 },
		{ 9000, 68, 9000, true, 9000 },
		{ 9000, 68, 4000, true, 4000 },
		{ 576, 1280, 9000, true, 1280 },
		{ 9000, 0, 0, true, 9000 },
		{ 9000, 0, 65535, true, 9000 },
		/* without scatter a frame is one buffer */
		{ 9000, 68, 9000, false, 2026 },
		{ 1500, 68, 9000, false, 1500 },
		{ 9000, 0, 0, false, 2026 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		good_nic();
		info.min_mtu = rows[i].min;
		info.max_mtu = rows[i].max;
		if (!rows[i].scatters)
			info.rx_offload_capa &= ~RTE_ETH_RX_OFFLOAD_SCATTER;
		config.mtu = rows[i].wish;
		plan_for(1);
		cr_expect_eq(plan.mtu, rows[i].mtu, "row %zu: %u", i, plan.mtu);
		cr_expect_eq((plan.rx_offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0,
			rows[i].scatters && rows[i].mtu > 2026, "row %zu: scatter", i);
	}
}

Test(ethdev_plan, stripped_to_what_cannot_be_done_without)
{
	good_nic();
	config.mtu = 9000;
	plan_for(4);
	ethdev_plan_strip(&plan);
	cr_assert_not(plan.has_our_rss);
	cr_assert_eq(plan.rx_offloads, RTE_ETH_RX_OFFLOAD_SCATTER);
	cr_assert_eq(plan.tx_offloads, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	cr_assert_eq(plan.rss_hf, 0);
	cr_assert_eq(plan.n_queues, 4);
}

Test(ethdev_plan, another_mac_is_local_and_single)
{
	const uint8_t device[6] = { 0x01, 0x11, 0x22, 0x33, 0x44, 0x55 };
	uint8_t mac[6];

	ethdev_other_mac(device, mac);
	cr_assert_eq(mac[0], 0x02);
	cr_assert_arr_neq(mac, device, 6);
	cr_assert_eq(mac[5], 0x54);
}
