/* SPDX-License-Identifier: BSD-3-Clause */

/* Our key and table in a device, and read back; see the header. */

#include "dev/ethdev_rss.h"

#include <string.h>

enum {
	GROUPS_MAX = 32, /* of 64 entries: no device has more than 2048 */
	GROUP_LEN = RTE_ETH_RETA_GROUP_SIZE,
};

/**
 * A device takes the hash modulo the size of its table: one of many entries repeats ours, one of fewer is as
 * good where cores repeat within it.
 */
static bool
reta_fits(uint16_t size, uint16_t n_queues)
{
	if (size == 0 || size > GROUPS_MAX * GROUP_LEN)
		return false;
	return size % RSS_ENTRIES == 0 || (RSS_ENTRIES % size == 0 && size % n_queues == 0);
}

bool
ethdev_rss_fits(const struct rte_eth_dev_info *info, uint16_t n_queues)
{
	return info->hash_key_size >= RSS_KEY_LEN && info->hash_key_size <= RSS_KEY_ROOM &&
	       (info->flow_type_rss_offloads & RTE_ETH_RSS_NONFRAG_IPV4_TCP) != 0 &&
	       reta_fits(info->reta_size, n_queues);
}

void
ethdev_rss_configure(const struct rss *rss, const struct rte_eth_dev_info *info, uint64_t rss_hf,
	struct rte_eth_rss_conf *conf)
{
	*conf = (struct rte_eth_rss_conf){
		/* DPDK only reads it */
		.rss_key = (uint8_t *)(uintptr_t)rss->key,
		.rss_key_len = info->hash_key_size,
		.rss_hf = rss_hf,
	};
}

/* Key and types, as the device has them. */
static bool
has_key(uint16_t port_id, const struct rte_eth_rss_conf *wanted, uint64_t *rss_hf)
{
	uint8_t key[UINT8_MAX + 1] = { 0 };
	struct rte_eth_rss_conf conf = { .rss_key = key, .rss_key_len = wanted->rss_key_len };

	if (rte_eth_dev_rss_hash_conf_get(port_id, &conf) != 0 ||
		memcmp(key, wanted->rss_key, RSS_KEY_LEN) != 0)
		return false;
	*rss_hf = conf.rss_hf;
	return (conf.rss_hf & RTE_ETH_RSS_NONFRAG_IPV4_TCP) != 0;
}

/* Some drivers take a key from rte_eth_dev_configure(), some when they run. */
static bool
takes_key(uint16_t port_id, const struct rte_eth_rss_conf *wanted, uint64_t *rss_hf)
{
	struct rte_eth_rss_conf conf = *wanted;

	if (has_key(port_id, wanted, rss_hf))
		return true;
	return rte_eth_dev_rss_hash_update(port_id, &conf) == 0 && has_key(port_id, wanted, rss_hf);
}

static bool
takes_reta(uint16_t port_id, uint16_t size, const struct rss *rss)
{
	struct rte_eth_rss_reta_entry64 wanted[GROUPS_MAX] = { 0 };
	struct rte_eth_rss_reta_entry64 has[GROUPS_MAX] = { 0 };

	for (unsigned i = 0; i < size; i++) {
		wanted[i / GROUP_LEN].mask |= UINT64_C(1) << i % GROUP_LEN;
		wanted[i / GROUP_LEN].reta[i % GROUP_LEN] = rss->core[i % RSS_ENTRIES];
		has[i / GROUP_LEN].mask |= UINT64_C(1) << i % GROUP_LEN;
		has[i / GROUP_LEN].reta[i % GROUP_LEN] = UINT16_MAX;
	}
	if (rte_eth_dev_rss_reta_update(port_id, wanted, size) != 0 ||
		rte_eth_dev_rss_reta_query(port_id, has, size) != 0)
		return false;
	for (unsigned i = 0; i < size; i++)
		if (has[i / GROUP_LEN].reta[i % GROUP_LEN] != rss->core[i % RSS_ENTRIES])
			return false;
	return true;
}

bool
ethdev_rss_program(uint16_t port_id, const struct rte_eth_dev_info *info, const struct rss *rss,
	const struct rte_eth_rss_conf *conf, struct dev_hash *hash)
{
	uint64_t rss_hf;

	if (!takes_key(port_id, conf, &rss_hf) || !takes_reta(port_id, info->reta_size, rss))
		return false;
	hash->is_of_tcp = true;
	hash->is_of_udp = (rss_hf & RTE_ETH_RSS_NONFRAG_IPV4_UDP) != 0;
	return true;
}
