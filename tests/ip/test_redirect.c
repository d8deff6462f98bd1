/* SPDX-License-Identifier: BSD-3-Clause */

/* Redirects: whose word counts, for how long. RFC 1122 §3.2.2.2. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ip/out4.h"
#include "kit/host.h"

#define BETTER_IP IP4(198, 18, 0, 77)

static struct host *h;
static struct counters before;

static void
setup(void)
{
	h = host_new(NULL);
	before = counters_of(&h->env);
}

static void
teardown(void)
{
	host_delete(h);
}

TestSuite(redirect, .init = setup, .fini = teardown);

static uint32_t
next_hop(uint32_t dst)
{
	struct ip_path path;

	return ip_find_path(&h->ip, dst, h->now_ns, &path) == 0 ? path.neigh->addr : 0;
}

/** @from says that what we sent to @dst is to go by @gateway. */
static enum drop
hear(uint32_t from, uint32_t dst, uint32_t gateway, uint8_t code)
{
	struct octets text = some_octets(8);
	struct octets quote = ip_octets(
		&(struct ipv4_hdr){ .src = OUR_IP, .dst = dst, .proto = IP_PROTO_TCP }, &text);
	struct octets message = icmp_octets(
		&(struct icmp_hdr){ .type = ICMP_REDIRECT, .code = code, .rest = gateway }, &quote);
	struct octets o =
		ip_octets(&(struct ipv4_hdr){ .src = from, .proto = IP_PROTO_ICMP }, &message);

	return host_ip(h, &o);
}

/* D16 */
Test(redirect, gateway_in_use_is_believed_about_one_host)
{
	struct ip_path path;

	for (uint8_t code = 0; code < 4; code++) { /* of a network too: RFC 1122 §3.2.2.2 */
		cr_assert_eq(ip_find_path(&h->ip, FAR_IP + code, h->now_ns, &path), 0);
		cr_expect_eq(hear(GW_IP, FAR_IP + code, BETTER_IP, code), DROP_NONE);
		cr_expect_not(ip_path_is_fresh(&h->ip, &path));
		cr_expect_eq(next_hop(FAR_IP + code), BETTER_IP);
	}
	cr_expect_eq(next_hop(FAR_IP + 4), GW_IP);
	cr_expect_eq(h->env.stats[STAT_ICMP_REDIRECTS_IN], 4);
	host_sends_nothing(h);
}

/* D16 */
Test(redirect, others_are_not_believed_and_none_leads_off_the_link)
{
	static const struct {
		const char *name;
		uint32_t from, dst, gateway;
	} row[] = {
		{ "another neighbour", PEER_IP, FAR_IP, BETTER_IP },
		{ "somebody far away", FAR_IP + 9, FAR_IP, BETTER_IP },
		{ "to a gateway that is no neighbour", GW_IP, FAR_IP, IP4(10, 0, 0, 1) },
		{ "to ourselves", GW_IP, FAR_IP, OUR_IP },
		{ "to everybody", GW_IP, FAR_IP, BCAST_IP },
		{ "to a group", GW_IP, FAR_IP, IP4(224, 0, 0, 1) },
		{ "to nobody", GW_IP, FAR_IP, 0 },
		{ "about a neighbour", GW_IP, PEER_IP, BETTER_IP },
		{ "about a group", GW_IP, IP4(224, 0, 0, 9), BETTER_IP },
	};

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		uint32_t gen = h->ip.route_gen;

		before = counters_of(&h->env);
		cr_expect_eq(hear(row[i].from, row[i].dst, row[i].gateway, 1), DROP_ICMP_REDIRECT,
			"%s", row[i].name);
		expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
			DROPPED(DROP_ICMP_REDIRECT, 1));
		cr_expect_eq(h->ip.route_gen, gen, "%s", row[i].name);
	}
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
	host_sends_nothing(h);
}

/* D16, D17: not even the gateway's word, about packets that were not ours, or cut */
Test(redirect, about_a_packet_that_is_not_ours_is_dropped)
{
	struct octets text = some_octets(8);
	struct octets quote = ip_octets(
		&(struct ipv4_hdr){ .src = PEER_IP, .dst = FAR_IP, .proto = IP_PROTO_TCP }, &text);
	struct octets message =
		icmp_octets(&(struct icmp_hdr){ .type = ICMP_REDIRECT, .rest = BETTER_IP }, &quote);
	struct octets o =
		ip_octets(&(struct ipv4_hdr){ .src = GW_IP, .proto = IP_PROTO_ICMP }, &message);

	cr_expect_eq(host_ip(h, &o), DROP_ICMP_QUOTE);
	quote = ip_octets(
		&(struct ipv4_hdr){ .src = OUR_IP, .dst = FAR_IP, .proto = IP_PROTO_TCP }, &text);
	while (quote.len-- > 0) {
		message = icmp_octets(
			&(struct icmp_hdr){ .type = ICMP_REDIRECT, .rest = BETTER_IP }, &quote);
		o = ip_octets(&(struct ipv4_hdr){ .src = GW_IP, .proto = IP_PROTO_ICMP }, &message);
		cr_expect_eq(host_ip(h, &o), DROP_ICMP_QUOTE, "%u octets", quote.len);
	}
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
}

/* D16 */
Test(redirect, route_to_just_this_host_is_not_overridden)
{
	struct fib_route r = { .dest = FAR_IP, .prefix_len = 32, .gateway = GW_IP };

	cr_assert_eq(ip_add_route(&h->ip, &r), 0);
	cr_expect_eq(hear(GW_IP, FAR_IP, BETTER_IP, 1), DROP_ICMP_REDIRECT);
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
}

/* D16: the gateway that was named may name another; the first one no longer */
Test(redirect, later_word_replaces_the_earlier)
{
	hear(GW_IP, FAR_IP, BETTER_IP, 1);
	cr_expect_eq(hear(GW_IP, FAR_IP, PEER_IP, 1), DROP_ICMP_REDIRECT);
	cr_expect_eq(hear(BETTER_IP, FAR_IP, PEER_IP, 1), DROP_NONE);
	cr_expect_eq(next_hop(FAR_IP), PEER_IP);
	cr_expect_eq(hear(PEER_IP, FAR_IP, GW_IP, 1), DROP_NONE);
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
	cr_expect_eq(h->ip.redirects.n, 1);
}

/* D16 */
Test(redirect, word_holds_ten_minutes_or_as_configured)
{
	hear(GW_IP, FAR_IP, BETTER_IP, 1);
	host_until(h, AT_S(300));
	hear(GW_IP, FAR_IP + 1, BETTER_IP, 1);
	host_until(h, AT_S(599));
	cr_expect_eq(next_hop(FAR_IP), BETTER_IP);
	host_until(h, AT_S(601));
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
	cr_expect_eq(next_hop(FAR_IP + 1), BETTER_IP);
	host_until(h, AT_S(901));
	cr_expect_eq(next_hop(FAR_IP + 1), GW_IP);

	host_delete(h);
	h = host_new(&(struct host_opts){ .config.ip.redirect_expiry_ns = 5 * NS_PER_SEC });
	hear(GW_IP, FAR_IP, BETTER_IP, 1);
	host_until(h, AT_MS(4990));
	cr_expect_eq(next_hop(FAR_IP), BETTER_IP);
	host_until(h, AT_MS(5010));
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
}

/* D16 */
Test(redirect, off_switch_drops_them)
{
	host_delete(h);
	h = host_new(&(struct host_opts){ .config.ip.redirects = BARO_OFF });
	cr_expect_eq(hear(GW_IP, FAR_IP, BETTER_IP, 1), DROP_ICMP_TYPE);
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
}

/* D16: memory is bounded, the oldest goes */
Test(redirect, of_too_many_the_oldest_goes)
{
	for (uint32_t i = 0; i < REDIRECTS_MAX + 10; i++)
		cr_expect_eq(hear(GW_IP, FAR_IP + i, BETTER_IP, 1), DROP_NONE);
	cr_expect_eq(h->ip.redirects.n, REDIRECTS_MAX);
	cr_expect_eq(next_hop(FAR_IP + 9), GW_IP);
	cr_expect_eq(next_hop(FAR_IP + 10), BETTER_IP);
	cr_expect_eq(next_hop(FAR_IP + REDIRECTS_MAX + 9), BETTER_IP);
}

/* D16: RFC 1122 §3.3.1.4: a silent gateway leads nowhere */
Test(redirect, gateway_that_does_not_answer_is_forgotten)
{
	struct ip_out out = { .src = OUR_IP, .dst = FAR_IP, .proto = 253 };
	struct rte_mbuf *m = host_chain(h, &(struct octets){ .len = 1 }, 1, 0);
	struct ip_path path;

	hear(GW_IP, FAR_IP, BETTER_IP, 1);
	hear(GW_IP, FAR_IP + 1, PEER_IP, 1);
	cr_assert_eq(ip_find_path(&h->ip, FAR_IP, h->now_ns, &path), 0);
	ip_output(&h->ip, &path, m, &out, h->now_ns);
	host_until(h, AT_S(4));
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
	cr_expect_eq(next_hop(FAR_IP + 1), PEER_IP);
}

/* D16: an address goes, and with it what its network's gateway has told */
Test(redirect, word_goes_with_an_address)
{
	hear(GW_IP, FAR_IP, BETTER_IP, 1);
	cr_assert_eq(ip_add_addr(&h->ip, h->netif, PEER2_IP, 24), 0);
	cr_assert_eq(ip_remove_addr(&h->ip, h->netif, PEER2_IP), 0);
	cr_expect_eq(next_hop(FAR_IP), GW_IP);
}
