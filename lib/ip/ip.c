/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: struct ip knows the pools of mbufs. */

/* IPv4 of one core: its making, its interfaces, its rate limits. */

#include "ip/ip.h"

#include <string.h>

#include "dev/pkt.h"
#include "dev/pool.h"

enum {
	DEFAULT_ERROR_RATE = 1000,
	DEFAULT_ECHO_RATE = 100000,
	DEFAULT_REASS_DATAGRAMS = 256,
	DEFAULT_REASS_MEM = 4 << 20,
};

#define DEFAULT_REDIRECT_EXPIRY_NS (10 * 60 * NS_PER_SEC)
#define DEFAULT_REASS_TIMEOUT_NS   (60 * NS_PER_SEC) /* RFC 1122 §3.3.2 */

static struct ip_limit
make_limit(uint32_t rate, uint32_t fallback)
{
	uint64_t ns_per_event = NS_PER_SEC / (rate != 0 ? rate : fallback);

	return (struct ip_limit){
		.credit_ns = NS_PER_SEC,
		.ns_per_event = max_u64(ns_per_event, 1),
	};
}

/* Credit is time that went by, at most a second of it. */
bool
ip_limit_allows(struct ip_limit *limit, uint64_t now_ns)
{
	limit->credit_ns = min_u64(limit->credit_ns + (now_ns - limit->last_ns), NS_PER_SEC);
	limit->last_ns = now_ns;
	if (limit->credit_ns < limit->ns_per_event)
		return false;
	limit->credit_ns -= limit->ns_per_event;
	return true;
}

/* What waits for its rest may not starve what is whole: a quarter of the buffers at most. */
static int
init_reass(struct ip4 *ip, const struct baro_ip_config *config)
{
	const struct rte_mempool *text = ip->pool->text;
	uint64_t all = (uint64_t)text->size * (rte_pktmbuf_data_room_size(ip->pool->text) +
						      (uint32_t)sizeof(struct rte_mbuf));
	uint64_t mem = config->reass_mem != 0 ? config->reass_mem : DEFAULT_REASS_MEM;
	uint64_t timeout_ns = config->reass_timeout_ns;

	return fragq_init(&ip->fragq, ip->env,
		config->reass_max_datagrams != 0 ? config->reass_max_datagrams
						 : DEFAULT_REASS_DATAGRAMS,
		min_u64(mem, all / 4), timeout_ns != 0 ? timeout_ns : DEFAULT_REASS_TIMEOUT_NS);
}

static void
init_redirects(struct ip4 *ip, const struct baro_ip_config *config)
{
	ip->redirects.is_on = config->redirects != BARO_OFF;
	ip->redirects.expiry_ns = config->redirect_expiry_ns != 0 ? config->redirect_expiry_ns
								  : DEFAULT_REDIRECT_EXPIRY_NS;
	wheel_timer_init(&ip->redirects.timer, TIMER_REDIRECT);
}

int
ip_init(struct ip4 *ip, const struct baro_config *config, struct env *env, struct dev_pool *pool)
{
	int rc;

	memset(ip, 0, sizeof(*ip));
	ip->env = env;
	ip->pool = pool;
	ip->route_gen = 1;
	ip_loop_init(ip);
	ip->error_limit = make_limit(config->icmp.error_rate, DEFAULT_ERROR_RATE);
	ip->echo_limit = make_limit(config->icmp.echo_rate, DEFAULT_ECHO_RATE);
	ip->tells_time = config->icmp.timestamp == BARO_ON;
	init_redirects(ip, &config->ip);
	for (uint32_t i = 0; i < IP_IDS; i++)
		ip->next_id[i] = (uint16_t)rand_u64(&env->rand);
	rc = pmtu_init(&ip->pmtu, env, config->ip.path_mtu_expiry_ns, config->ip.path_mtu_min);
	if (rc != 0)
		return rc;
	rc = init_reass(ip, &config->ip);
	if (rc == 0) {
		rc = fib_init(&ip->fib);
		if (rc == 0) {
			rc = group_init(ip);
			if (rc == 0)
				return 0;
			fib_fini(&ip->fib);
		}
		fragq_fini(&ip->fragq);
	}
	pmtu_fini(&ip->pmtu);
	return rc;
}

void
ip_fini(struct ip4 *ip)
{
	struct rte_mbuf *m;

	fragq_fini(&ip->fragq);
	wheel_stop(&ip->env->wheel, &ip->redirects.timer);
	group_fini(ip);
	for (uint32_t i = 0; i < ip->n_netifs; i++)
		link_fini(&ip->netif[i].link);
	while ((m = ip_loop_take(ip)) != NULL)
		pkt_release(m);
	pmtu_fini(&ip->pmtu);
	fib_fini(&ip->fib);
	ip->n_netifs = 0;
	ip->route_gen++;
}
