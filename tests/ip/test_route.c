/* SPDX-License-Identifier: BSD-3-Clause */

/* Interfaces and routes: RFC 1122 §3.3.1. */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/host.h"

static const struct baro_config defaults;
static struct host *h;

static void
setup(void)
{
	h = host_new(NULL);
}

static void
teardown(void)
{
	host_delete(h);
}

TestSuite(route, .init = setup, .fini = teardown);

static int
add(uint32_t addr, uint8_t prefix_len, uint32_t gateway, struct netif **netif)
{
	const struct netif_opts opts = {
		.neigh = &defaults.neighbour,
		.queue = &h->queue,
		.name = "port1",
		.addr = addr,
		.prefix_len = prefix_len,
		.gateway = gateway,
	};

	return ip_add_netif(&h->ip, &opts, netif);
}

static struct ip_path
path_to(uint32_t dst)
{
	struct ip_path path;

	cr_assert_eq(ip_find_path(&h->ip, dst, h->now_ns, &path), 0, "to %08x", dst);
	cr_expect(ip_path_is_fresh(&h->ip, &path));
	return path;
}

static int
no_path_to(uint32_t dst)
{
	struct ip_path path;

	return ip_find_path(&h->ip, dst, h->now_ns, &path);
}

Test(route, neighbour_is_its_own_next_hop)
{
	struct ip_path path = path_to(PEER_IP);

	cr_expect_eq(path.neigh->addr, PEER_IP);
	cr_expect_eq(path.netif, h->netif);
	cr_expect_eq(path.src, OUR_IP);
	cr_expect_not(ip_path_is_broadcast(&path));
}

/* A15 */
Test(route, far_host_has_the_gateway_as_next_hop)
{
	cr_expect_eq(path_to(FAR_IP).neigh->addr, GW_IP);
	cr_expect_eq(path_to(IP4(198, 18, 1, 1)).neigh->addr, GW_IP);
}

Test(route, far_host_without_a_gateway_is_unreachable)
{
	struct host *lonely = host_new(&(struct host_opts){ .has_no_gateway = true });
	struct ip_path path;

	cr_expect_eq(ip_find_path(&lonely->ip, FAR_IP, 0, &path), -ENETUNREACH);
	cr_expect_eq(ip_path_drop(-ENETUNREACH), DROP_IP_NO_ROUTE);
	cr_expect_eq(ip_find_path(&lonely->ip, PEER_IP, 0, &path), 0);
	host_delete(lonely);
}

Test(route, broadcasts_are_told_from_hosts)
{
	struct ip_path limited = path_to(IPV4_BROADCAST);
	struct ip_path directed = path_to(BCAST_IP);

	cr_expect(ip_path_is_broadcast(&limited));
	cr_expect(ip_path_is_broadcast(&directed));
	cr_expect_eq(h->netif->link.n_used, 0);
}

Test(route, addresses_that_are_no_host_s_have_no_path)
{
	cr_expect_eq(no_path_to(0), -ENETUNREACH);
	cr_expect_eq(no_path_to(IP4(0, 1, 2, 3)), -ENETUNREACH);
	cr_expect_eq(no_path_to(IP4(240, 0, 0, 1)), -ENETUNREACH);
	cr_expect_eq(no_path_to(IP4(255, 255, 255, 254)), -ENETUNREACH);
}

Test(route, our_own_addresses_are_ourselves)
{
	cr_expect_eq(path_to(OUR_IP).neigh, &h->ip.self);
	cr_expect_eq(path_to(OUR_IP).src, OUR_IP);
	cr_expect_eq(path_to(IP4(127, 0, 0, 1)).src, IP4(127, 0, 0, 1));
	cr_expect_eq(path_to(IP4(127, 9, 9, 9)).src, IP4(127, 0, 0, 1));
	cr_expect_eq(h->netif->link.n_used, 0);
}

Test(route, smallest_network_wins)
{
	struct netif *wide;
	struct netif *narrow;

	cr_assert_eq(add(IP4(10, 0, 0, 1), 8, 0, &wide), 0);
	cr_assert_eq(add(IP4(10, 1, 0, 1), 16, 0, &narrow), 0);
	cr_expect_eq(path_to(IP4(10, 2, 0, 9)).src, IP4(10, 0, 0, 1));
	cr_expect_eq(path_to(IP4(10, 1, 0, 9)).src, IP4(10, 1, 0, 1));
	cr_expect(ip_path_is_broadcast(&(struct ip_path){
		.netif = narrow, .neigh = path_to(IP4(10, 1, 255, 255)).neigh }));
}

Test(route, new_interface_makes_paths_stale)
{
	struct ip_path path = path_to(PEER_IP);
	struct netif *netif;

	cr_assert_eq(add(IP4(10, 0, 0, 1), 8, 0, &netif), 0);
	cr_expect_not(ip_path_is_fresh(&h->ip, &path));
}

Test(route, path_that_was_never_found_is_not_fresh)
{
	struct ip_path path = { .netif = NULL };

	cr_expect_not(ip_path_is_fresh(&h->ip, &path));
}

/* RFC 3021 */
Test(route, two_hosts_of_a_31_have_no_broadcast)
{
	struct netif *netif;

	cr_assert_eq(add(IP4(10, 0, 0, 0), 31, 0, &netif), 0);
	cr_expect_eq(path_to(IP4(10, 0, 0, 1)).neigh->addr, IP4(10, 0, 0, 1));
}

Test(route, single_address_has_its_gateway_for_a_neighbour)
{
	struct host *lonely = host_new(&(struct host_opts){ .prefix_len = 32 });
	struct ip_path path;

	cr_assert_eq(ip_find_path(&lonely->ip, PEER_IP, 0, &path), 0);
	cr_expect_eq(path.neigh->addr, GW_IP);
	host_delete(lonely);
}

Test(route, interface_that_cannot_be_is_refused)
{
	static const struct {
		const char *name;
		uint32_t addr;
		uint8_t prefix_len;
		uint32_t gateway;
	} row[] = {
		{ "prefix 0", IP4(10, 0, 0, 1), 0, 0 },
		{ "prefix 33", IP4(10, 0, 0, 1), 33, 0 },
		{ "no address", 0, 8, 0 },
		{ "loopback", IP4(127, 0, 0, 1), 8, 0 },
		{ "group", IP4(224, 0, 0, 1), 8, 0 },
		{ "limited broadcast", IPV4_BROADCAST, 8, 0 },
		{ "directed broadcast", IP4(10, 255, 255, 255), 8, 0 },
		{ "network's number", IP4(10, 0, 0, 0), 8, 0 },
		{ "gateway elsewhere", IP4(10, 0, 0, 1), 8, IP4(11, 0, 0, 1) },
		{ "gateway is us", IP4(10, 0, 0, 1), 8, IP4(10, 0, 0, 1) },
		{ "gateway is a broadcast", IP4(10, 0, 0, 1), 8, IP4(10, 255, 255, 255) },
		{ "gateway is a group", IP4(10, 0, 0, 1), 8, IP4(224, 0, 0, 1) },
	};
	struct netif *netif;

	for (unsigned i = 0; i < ARRAY_LEN(row); i++)
		cr_expect_eq(add(row[i].addr, row[i].prefix_len, row[i].gateway, &netif), -EINVAL,
			"%s", row[i].name);
	cr_expect_eq(h->ip.n_netifs, 1);
}

Test(route, interfaces_are_limited)
{
	struct netif *netif;

	for (uint32_t i = 1; i < IP_MAX_NETIFS; i++)
		cr_expect_eq(add(IP4(10, i, 0, 1), 16, 0, &netif), 0);
	cr_expect_eq(add(IP4(10, 99, 0, 1), 16, 0, &netif), -ENOSPC);
	cr_expect(ip_is_local(&h->ip, IP4(10, 3, 0, 1)));
	cr_expect_not(ip_is_local(&h->ip, IP4(10, 99, 0, 1)));
}

Test(route, without_interfaces_nothing_is_reachable)
{
	struct ip4 ip;
	struct ip_path path;

	cr_assert_eq(ip_init(&ip, &defaults, &h->env, &h->pool), 0);
	cr_expect_eq(ip_find_path(&ip, IPV4_BROADCAST, 0, &path), -ENETUNREACH);
	cr_expect_eq(ip_find_path(&ip, PEER_IP, 0, &path), -ENETUNREACH);
	ip_fini(&ip);
}

Test(limit, burst_of_a_second_s_worth_then_as_it_comes)
{
	struct ip_limit limit = { .credit_ns = NS_PER_SEC, .ns_per_event = NS_PER_SEC / 10 };
	uint64_t now_ns = AT_S(0);

	limit.last_ns = now_ns;
	for (unsigned i = 0; i < 10; i++)
		cr_expect(ip_limit_allows(&limit, now_ns));
	cr_expect_not(ip_limit_allows(&limit, now_ns));
	cr_expect_not(ip_limit_allows(&limit, now_ns + 99 * NS_PER_MS));
	cr_expect(ip_limit_allows(&limit, now_ns + 100 * NS_PER_MS));
	cr_expect_not(ip_limit_allows(&limit, now_ns + 100 * NS_PER_MS));
	now_ns += 3600 * NS_PER_SEC; /* R04: rest does not add up */
	for (unsigned i = 0; i < 10; i++)
		cr_expect(ip_limit_allows(&limit, now_ns));
	cr_expect_not(ip_limit_allows(&limit, now_ns));
}

/** A static route of the test's. */
static struct fib_route
route(uint32_t dest, uint8_t prefix_len, uint32_t gateway, uint32_t metric)
{
	return (struct fib_route){
		.dest = dest, .prefix_len = prefix_len, .gateway = gateway, .metric = metric
	};
}

static int
add_route(uint32_t dest, uint8_t prefix_len, uint32_t gateway, uint32_t metric)
{
	struct fib_route r = route(dest, prefix_len, gateway, metric);

	return ip_add_route(&h->ip, &r);
}

#define NET_10    IP4(10, 0, 0, 0)
#define NET_10_1  IP4(10, 1, 0, 0)
#define GW2_IP    IP4(198, 18, 0, 253)
#define HOST_10   IP4(10, 9, 9, 9)
#define HOST_10_1 IP4(10, 1, 9, 9)

/* A15 */
Test(route, longest_prefix_wins_whatever_the_order_and_the_metric)
{
	cr_assert_eq(add_route(NET_10_1, 16, PEER2_IP, 900), 0);
	cr_assert_eq(add_route(NET_10, 8, GW2_IP, 1), 0);
	cr_assert_eq(add_route(HOST_10_1, 32, PEER_IP, 999), 0);
	cr_expect_eq(path_to(HOST_10).neigh->addr, GW2_IP);
	cr_expect_eq(path_to(IP4(10, 1, 0, 1)).neigh->addr, PEER2_IP);
	cr_expect_eq(path_to(HOST_10_1).neigh->addr, PEER_IP);
	cr_expect_eq(path_to(FAR_IP).neigh->addr, GW_IP);
}

/* A15 */
Test(route, least_metric_wins_then_the_oldest)
{
	struct fib_route r;

	cr_assert_eq(add_route(NET_10, 8, PEER_IP, 20), 0);
	cr_assert_eq(add_route(NET_10, 8, PEER2_IP, 20), 0);
	cr_expect_eq(path_to(HOST_10).neigh->addr, PEER_IP);
	cr_assert_eq(add_route(NET_10, 8, GW2_IP, 10), 0);
	cr_expect_eq(path_to(HOST_10).neigh->addr, GW2_IP);
	r = route(NET_10, 8, GW2_IP, 0);
	cr_expect_eq(ip_remove_route(&h->ip, &r), 0);
	cr_expect_eq(path_to(HOST_10).neigh->addr, PEER_IP);
	r = route(NET_10, 8, PEER_IP, 0);
	cr_expect_eq(ip_remove_route(&h->ip, &r), 0);
	cr_expect_eq(path_to(HOST_10).neigh->addr, PEER2_IP);
	r = route(NET_10, 8, 0, 0); /* by whomever */
	cr_expect_eq(ip_remove_route(&h->ip, &r), 0);
	cr_expect_eq(ip_remove_route(&h->ip, &r), -ENOENT);
	cr_expect_eq(path_to(HOST_10).neigh->addr, GW_IP);
}

Test(route, change_makes_paths_stale)
{
	struct ip_path path = path_to(HOST_10);
	struct fib_route r = route(NET_10, 8, PEER_IP, 0);

	cr_assert_eq(ip_add_route(&h->ip, &r), 0);
	cr_expect_not(ip_path_is_fresh(&h->ip, &path));
	path = path_to(HOST_10);
	cr_assert_eq(ip_remove_route(&h->ip, &r), 0);
	cr_expect_not(ip_path_is_fresh(&h->ip, &path));
}

Test(route, host_beyond_no_gateway_is_on_the_link)
{
	struct fib_route r = route(NET_10, 8, 0, 0);

	r.netif = h->netif;
	cr_assert_eq(ip_add_route(&h->ip, &r), 0);
	cr_expect_eq(path_to(HOST_10).neigh->addr, HOST_10);
	cr_expect_eq(path_to(HOST_10).src, OUR_IP);
	/* and may be a gateway then */
	cr_expect_eq(add_route(NET_10_1, 16, IP4(10, 5, 5, 5), 0), 0);
	cr_expect_eq(path_to(HOST_10_1).neigh->addr, IP4(10, 5, 5, 5));
}

Test(route, impossible_routes_are_refused)
{
	static const struct {
		struct fib_route r;
		int rc;
	} row[] = {
		{ { .dest = HOST_10, .prefix_len = 8, .gateway = PEER_IP }, -EINVAL },
		{ { .dest = NET_10, .prefix_len = 33, .gateway = PEER_IP }, -EINVAL },
		{ { .dest = NET_10, .prefix_len = 8 }, -EINVAL },
		{ { .dest = NET_10, .prefix_len = 8, .gateway = OUR_IP }, -EINVAL },
		{ { .dest = NET_10, .prefix_len = 8, .gateway = BCAST_IP }, -EINVAL },
		{ { .dest = NET_10, .prefix_len = 8, .gateway = IP4(224, 0, 0, 1) }, -EINVAL },
		{ { .dest = NET_10, .prefix_len = 8, .gateway = FAR_IP }, -ENETUNREACH },
		{ { .dest = IP4(127, 0, 0, 0), .prefix_len = 8, .gateway = PEER_IP }, -EINVAL },
		{ { .dest = IP4(224, 0, 0, 0), .prefix_len = 24, .gateway = PEER_IP }, -EINVAL },
		{ { .dest = NET_10_1, .prefix_len = 16, .gateway = PEER_IP }, -EEXIST },
	};
	uint32_t gen;

	cr_assert_eq(add_route(NET_10_1, 16, PEER_IP, 0), 0);
	gen = h->ip.route_gen;
	for (unsigned i = 0; i < ARRAY_LEN(row); i++)
		cr_expect_eq(ip_add_route(&h->ip, &row[i].r), row[i].rc, "row %u", i);
	cr_expect_eq(h->ip.route_gen, gen);
}

/* A15: several adapters; RFC 1122 §3.3.4.3: the next hop's network gives the source */
Test(route, interface_and_source_follow_from_the_next_hop)
{
	struct netif *other;
	struct ip_path path;

	cr_assert_eq(add(IP4(10, 0, 0, 1), 24, 0, &other), 0);
	cr_assert_eq(ip_add_addr(&h->ip, other, IP4(10, 0, 5, 1), 24), 0);
	cr_assert_eq(add_route(IP4(172, 16, 0, 0), 12, IP4(10, 0, 0, 9), 0), 0);
	cr_assert_eq(add_route(IP4(172, 17, 0, 0), 16, IP4(10, 0, 5, 9), 0), 0);
	path = path_to(IP4(172, 16, 0, 1));
	cr_expect_eq(path.netif, other);
	cr_expect_eq(path.src, IP4(10, 0, 0, 1));
	path = path_to(IP4(172, 17, 0, 1));
	cr_expect_eq(path.netif, other);
	cr_expect_eq(path.src, IP4(10, 0, 5, 1));
	cr_expect_eq(path_to(IP4(10, 0, 5, 77)).src, IP4(10, 0, 5, 1));
	cr_expect_eq(path_to(FAR_IP).src, OUR_IP);
}

Test(route, address_that_is_added_is_ours_and_brings_its_network)
{
	struct ip_path path = path_to(HOST_10);

	cr_assert_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, 7), 8), 0);
	cr_expect_not(ip_path_is_fresh(&h->ip, &path));
	cr_expect(ip_is_local(&h->ip, IP4(10, 0, 0, 7)));
	cr_expect_eq(path_to(HOST_10).neigh->addr, HOST_10);
	cr_expect_eq(path_to(HOST_10).src, IP4(10, 0, 0, 7));
	cr_expect(ip_is_broadcast(h->netif, IP4(10, 255, 255, 255)));
	path = path_to(IP4(10, 255, 255, 255));
	cr_expect(ip_path_is_broadcast(&path));
	cr_expect_eq(path.src, IP4(10, 0, 0, 7));
	cr_expect_eq(path_to(PEER_IP).src, OUR_IP);
}

Test(route, address_that_is_removed_takes_its_network_and_its_gateways_along)
{
	cr_assert_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, 7), 8), 0);
	cr_assert_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, 8), 8), 0);
	cr_assert_eq(add_route(IP4(172, 16, 0, 0), 12, IP4(10, 0, 0, 9), 0), 0);
	cr_expect_eq(ip_remove_addr(&h->ip, h->netif, IP4(10, 0, 0, 7)), 0);
	cr_expect_not(ip_is_local(&h->ip, IP4(10, 0, 0, 7)));
	cr_expect_eq(path_to(HOST_10).src, IP4(10, 0, 0, 8)); /* has the network, too */
	cr_expect_eq(path_to(IP4(172, 16, 0, 1)).neigh->addr, IP4(10, 0, 0, 9));
	cr_expect_eq(ip_remove_addr(&h->ip, h->netif, IP4(10, 0, 0, 8)), 0);
	cr_expect_eq(path_to(HOST_10).neigh->addr, GW_IP);
	cr_expect_eq(path_to(IP4(172, 16, 0, 1)).neigh->addr, GW_IP);
	cr_expect_eq(ip_remove_addr(&h->ip, h->netif, IP4(10, 0, 0, 8)), -ENOENT);
	cr_expect_eq(ip_remove_addr(&h->ip, h->netif, OUR_IP), -EBUSY);
}

Test(route, primary_address_may_go_if_another_is_there)
{
	cr_assert_eq(ip_add_addr(&h->ip, h->netif, IP4(198, 18, 0, 77), 24), 0);
	cr_assert_eq(ip_remove_addr(&h->ip, h->netif, OUR_IP), 0);
	cr_expect_eq(path_to(PEER_IP).src, IP4(198, 18, 0, 77));
	cr_expect_eq(path_to(FAR_IP).neigh->addr, GW_IP);
	cr_expect_not(ip_is_local(&h->ip, OUR_IP));
}

Test(route, impossible_addresses_are_refused)
{
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, OUR_IP, 24), -EEXIST);
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, BCAST_IP, 24), -EINVAL);
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, 0), 8), -EINVAL);
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, 1), 0), -EINVAL);
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, 1), 33), -EINVAL);
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, IP4(127, 0, 0, 1), 8), -EINVAL);
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, IP4(224, 0, 0, 1), 8), -EINVAL);
	for (uint32_t i = 1; i < LINK_ADDRS_MAX; i++)
		cr_expect_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, i), 8), 0);
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, 99), 8), -ENOSPC);
	cr_expect_not(ip_is_local(&h->ip, IP4(10, 0, 0, 99)));
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, IP4(10, 0, 0, 99), 8), -ENOSPC);
}
