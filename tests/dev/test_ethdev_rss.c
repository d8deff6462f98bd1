/* SPDX-License-Identifier: BSD-3-Clause */

/* Key and table in a device: net_null keeps what it is given, and says so when asked. */

#include <criterion/criterion.h>
#include <rte_eal.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "dev/ethdev.h"
#include "dev/ethdev_rss.h"

enum { N_QUEUES = 3 };

static struct rss rss;
static uint16_t port_id;
static struct rte_eth_dev_info info;
static struct rte_eth_rss_conf conf;
static struct dev_hash hash;
static struct rte_mempool *pool;

static void
setup(void)
{
	char lcores[16];
	char *args[] = { "test", "--no-huge", "--no-shconf", "--no-telemetry", "--no-pci", "-m",
		"64", "--lcores", lcores, "--log-level=lib.*:error", "--vdev=net_null0", NULL };

	snprintf(lcores, sizeof(lcores), "0@%d", sched_getcpu());
	cr_assert_gt(rte_eal_init((int)(sizeof(args) / sizeof(args[0])) - 1, args), 0);
	cr_assert_eq(rte_eth_dev_get_port_by_name("net_null0", &port_id), 0);
	cr_assert_eq(rte_eth_dev_info_get(port_id, &info), 0);
	cr_assert_eq(info.reta_size, 128);
	info.hash_key_size = RSS_KEY_LEN; /* it has one and does not say so */
	pool = rte_pktmbuf_pool_create("text", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	cr_assert_neq(pool, NULL);
	cr_assert_eq(rss_draw(&rss, N_QUEUES), 0);
}

TestSuite(ethdev_rss, .init = setup);

static void
start(uint64_t rss_hf)
{
	struct rte_eth_conf port_conf = { .rxmode.mq_mode = RTE_ETH_MQ_RX_RSS };

	ethdev_rss_configure(&rss, &info, rss_hf, &conf);
	port_conf.rx_adv_conf.rss_conf = conf;
	cr_assert_eq(rte_eth_dev_configure(port_id, N_QUEUES, N_QUEUES, &port_conf), 0);
	for (uint16_t i = 0; i < N_QUEUES; i++) {
		cr_assert_eq(rte_eth_rx_queue_setup(port_id, i, 64, SOCKET_ID_ANY, NULL, pool), 0);
		cr_assert_eq(rte_eth_tx_queue_setup(port_id, i, 64, SOCKET_ID_ANY, NULL), 0);
	}
	cr_assert_eq(rte_eth_dev_start(port_id), 0);
}

static void
expect_reta(void)
{
	struct rte_eth_rss_reta_entry64 reta[2] = { { .mask = UINT64_MAX },
		{ .mask = UINT64_MAX } };

	cr_assert_eq(rte_eth_dev_rss_reta_query(port_id, reta, 128), 0);
	for (unsigned i = 0; i < 128; i++)
		cr_expect_eq(reta[i / 64].reta[i % 64], i % N_QUEUES, "entry %u", i);
}

Test(ethdev_rss, device_has_what_it_was_given)
{
	uint8_t key[RSS_KEY_LEN];
	struct rte_eth_rss_conf now = { .rss_key = key, .rss_key_len = sizeof(key) };

	start(RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP);
	cr_assert(ethdev_rss_program(port_id, &info, &rss, &conf, &hash));
	cr_expect(hash.is_of_tcp);
	cr_expect(hash.is_of_udp);
	cr_assert_eq(rte_eth_dev_rss_hash_conf_get(port_id, &now), 0);
	cr_expect_arr_eq(key, rss.key, RSS_KEY_LEN);
	expect_reta();
}

Test(ethdev_rss, udp_may_be_missing)
{
	start(RTE_ETH_RSS_NONFRAG_IPV4_TCP);
	cr_assert(ethdev_rss_program(port_id, &info, &rss, &conf, &hash));
	cr_expect(hash.is_of_tcp);
	cr_expect_not(hash.is_of_udp);
}

/* What it refuses, or takes and does not keep, leaves the steering to us. */
Test(ethdev_rss, all_or_nothing)
{
	start(RTE_ETH_RSS_NONFRAG_IPV4_UDP);
	cr_expect_not(ethdev_rss_program(port_id, &info, &rss, &conf, &hash), "no TCP");
	conf.rss_hf |= RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	info.reta_size = 64;
	cr_expect_not(ethdev_rss_program(port_id, &info, &rss, &conf, &hash), "another size");
	info.reta_size = 128;
	cr_expect_not(ethdev_rss_program(port_id + 1, &info, &rss, &conf, &hash), "no device");
	cr_expect_not(hash.is_of_tcp);
	cr_expect(ethdev_rss_program(port_id, &info, &rss, &conf, &hash));
}

/* net_null itself is known to spread nothing. */
Test(ethdev_rss, port_that_is_known_better_is_steered_in_software)
{
	struct rte_mempool *const pools[N_QUEUES] = { pool, pool, pool };
	const struct ethdev_cores cores = { N_QUEUES, pools, &rss };
	const struct baro_port_config config = { .device = "net_null0" };
	struct dev_problem problem;
	struct dev_port port;

	cr_assert_eq(ethdev_open(&config, 0, &cores, &port, &problem), 0, "%s", problem.text);
	cr_expect_eq(port.n_queues, N_QUEUES);
	cr_expect_str_eq(ethdev_steering_name(port.steering), "software");
	cr_expect_not(port.hash.is_of_tcp);
	ethdev_close(&port);
}
