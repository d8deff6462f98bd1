/* SPDX-License-Identifier: BSD-3-Clause */

/* Is our address free? And if somebody else takes it? RFC 5227. */

#include <criterion/criterion.h>

#include "packets.h"

static struct host *h;

static void
begin(enum baro_switch acd, enum baro_switch give_up)
{
	h = host_new(&(struct host_opts){ .config.neighbour = { .acd = acd, .give_up = give_up } });
	neigh_announce(&h->netif->link, h->now_ns);
}

static void
setup(void)
{
	begin(BARO_ON, BARO_AUTO);
}

static void
teardown(void)
{
	host_delete(h);
}

TestSuite(acd, .init = setup, .fini = teardown);

static void
sends_probe(void)
{
	const struct sent *s = host_sent(h);

	cr_expect_eq(s->eth.type, ETH_TYPE_ARP);
	cr_expect(mac_eq(s->eth.dst, MAC_BROADCAST));
	cr_expect_eq(s->arp.op, ARP_REQUEST);
	cr_expect(mac_eq(s->arp.sha, OUR_MAC));
	cr_expect_eq(s->arp.spa, 0);
	cr_expect(mac_is_zero(s->arp.tha));
	cr_expect_eq(s->arp.tpa, OUR_IP);
}

static void
sends_announcement(void)
{
	const struct sent *s = host_sent(h);

	cr_expect_eq(s->arp.op, ARP_REQUEST);
	cr_expect_eq(s->arp.spa, OUR_IP);
	cr_expect_eq(s->arp.tpa, OUR_IP);
}

/** Time goes on until a frame leaves, but not beyond @at_ns. @return when; 0: none did */
static uint64_t
next_frame(uint64_t at_ns)
{
	uint64_t next;

	while (host_n_sent(h) == 0 && (next = wheel_next(&h->env.wheel)) <= at_ns)
		host_until(h, next);
	return host_n_sent(h) != 0 ? h->now_ns : 0;
}

static bool
is_used(void)
{
	struct ip_path path;

	return ip_has_addr(&h->ip, OUR_IP) && h->netif->addr == OUR_IP &&
	       ip_find_path(&h->ip, PEER_IP, h->now_ns, &path) == 0 && path.src == OUR_IP;
}

static bool
is_unused(void)
{
	struct ip_path path;

	return !ip_has_addr(&h->ip, OUR_IP) && h->netif->addr == 0 &&
	       ip_find_path(&h->ip, PEER_IP, h->now_ns, &path) == -ENETUNREACH &&
	       ip_find_path(&h->ip, FAR_IP, h->now_ns, &path) == -ENETUNREACH &&
	       ip_find_path(&h->ip, IPV4_BROADCAST, h->now_ns, &path) == -ENETUNREACH;
}

static void
until_used(void)
{
	host_until(h, AT_S(20));
	while (host_n_sent(h) != 0)
		host_sent(h);
	cr_assert(is_used());
}

/* A11, A12 */
Test(acd, address_is_probed_three_times_then_used_and_announced_twice)
{
	uint64_t at[5];

	for (unsigned i = 0; i < 3; i++) {
		at[i] = next_frame(AT_S(20));
		sends_probe();
		host_sends_nothing(h);
		cr_expect(is_unused(), "probe %u", i);
	}
	for (unsigned i = 3; i < 5; i++) {
		at[i] = next_frame(AT_S(20));
		sends_announcement();
		host_sends_nothing(h);
		cr_expect(is_used());
	}
	cr_expect_eq(next_frame(AT_S(100)), 0);
	/* RFC 5227 §1.1: PROBE_WAIT, PROBE_MIN, PROBE_MAX, ANNOUNCE_WAIT, ANNOUNCE_INTERVAL */
	cr_expect_leq(at[0], AT_MS(1001));
	for (unsigned i = 1; i < 3; i++) {
		cr_expect_geq(at[i] - at[i - 1], 1000 * NS_PER_MS);
		cr_expect_leq(at[i] - at[i - 1], 2001 * NS_PER_MS);
	}
	cr_expect_geq(at[3] - at[2], 2000 * NS_PER_MS);
	cr_expect_leq(at[3] - at[2], 2001 * NS_PER_MS);
	cr_expect_geq(at[4] - at[3], 2000 * NS_PER_MS);
	cr_expect_leq(at[4] - at[3], 2001 * NS_PER_MS);
}

/* A11: cores share a key, and by it the times */
Test(acd, times_are_the_same_for_who_has_the_same_key_and_differ_between_hosts)
{
	struct host *first = h;
	uint64_t at = next_frame(AT_S(20));
	unsigned n_equal = 0;

	begin(BARO_ON, BARO_AUTO);
	cr_expect_eq(next_frame(AT_S(20)), at);
	for (uint64_t key = 10; key < 20; key++) {
		host_delete(h);
		begin(BARO_ON, BARO_AUTO);
		h->env.table_key.k0 = key;
		neigh_announce(&h->netif->link, h->now_ns);
		n_equal += next_frame(AT_S(20)) == at;
	}
	cr_expect_lt(n_equal, 3);
	host_delete(h);
	h = first;
}

/* A11: not ours yet, so not answered for, and nothing comes in for it */
Test(acd, address_that_is_being_probed_is_not_used)
{
	struct octets text = some_octets(8);
	struct octets message = icmp_octets(&(struct icmp_hdr){ .type = ICMP_ECHO }, &text);
	struct octets o = ip_octets(&(struct ipv4_hdr){ .proto = IP_PROTO_ICMP }, &message);
	struct arp_msg msg = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);

	cr_expect_eq(host_arp(h, &msg), DROP_ARP_NOT_OURS);
	cr_expect_eq(host_ip(h, &o), DROP_IP_NOT_OURS);
	o = ip_octets(&(struct ipv4_hdr){ .dst = 1, .proto = IP_PROTO_ICMP }, &message);
	o.b[19] = 0; /* to 0.0.0.0 */
	ip_octets_sum(&o);
	cr_expect_eq(host_ip(h, &o), DROP_IP_NOT_OURS);
	host_sends_nothing(h);
}

/* A11: whoever says that it is his has it */
Test(acd, address_that_somebody_has_is_given_up)
{
	struct arp_msg msg = arp_is_at(OUR_IP, OTHER_MAC);

	next_frame(AT_S(20));
	sends_probe();
	cr_expect_eq(host_arp(h, &msg), DROP_ARP_CONFLICT);
	cr_expect_eq(h->env.stats[STAT_ADDR_GIVEN_UP], 1);
	cr_expect_eq(next_frame(AT_S(100)), 0);
	cr_expect(is_unused());
	cr_expect_eq(h->netif->link.addr[0].state, LINK_ADDR_GIVEN_UP);
	/* it is a host like others now */
	cr_expect_eq(host_arp(h, &msg), DROP_ARP_NOT_OURS);
	msg = arp_who_has(OUR_IP, 0, PEER_MAC);
	cr_expect_eq(host_arp(h, &msg), DROP_ARP_NOT_OURS);
	host_sends_nothing(h);
}

/* A11: two who probe for it at the same time (RFC 5227 §2.1.1) */
Test(acd, address_that_somebody_else_probes_for_is_given_up)
{
	struct arp_msg msg = arp_who_has(OUR_IP, 0, OTHER_MAC);
	struct arp_msg own = arp_who_has(OUR_IP, 0, OUR_MAC);

	cr_expect_eq(host_arp(h, &own), DROP_ARP_NOT_OURS); /* ours, come back */
	cr_expect_eq(h->netif->link.addr[0].state, LINK_ADDR_PROBING);
	cr_expect_eq(host_arp(h, &msg), DROP_ARP_CONFLICT);
	cr_expect_eq(h->netif->link.addr[0].state, LINK_ADDR_GIVEN_UP);
	cr_expect_eq(next_frame(AT_S(100)), 0);
}

/* A14: RFC 5227 §2.4 (b) */
Test(acd, address_claimed_again_within_ten_seconds_is_given_up)
{
	struct arp_msg claim = arp_who_has(OUR_IP, OUR_IP, OTHER_MAC);

	until_used();
	host_arp(h, &claim);
	sends_announcement();
	host_until(h, AT_S(29));
	cr_expect(is_used());
	host_arp(h, &claim);
	host_sends_nothing(h);
	cr_expect(is_unused());
	cr_expect_eq(h->env.stats[STAT_ADDR_GIVEN_UP], 1);
}

/* A14: RFC 5227 §2.4 (b) */
Test(acd, address_claimed_now_and_then_is_defended_each_time)
{
	struct arp_msg claim = arp_who_has(OUR_IP, OUR_IP, OTHER_MAC);

	until_used();
	for (unsigned i = 0; i < 5; i++) {
		host_until(h, AT_S(30 + 11 * i));
		host_arp(h, &claim);
		sends_announcement();
	}
	cr_expect(is_used());
}

/* A14 */
Test(acd, probing_and_giving_up_are_settings_of_their_own)
{
	struct arp_msg claim = arp_who_has(OUR_IP, OUR_IP, OTHER_MAC);

	host_delete(h);
	begin(BARO_ON, BARO_OFF);
	until_used();
	host_arp(h, &claim);
	host_arp(h, &claim);
	cr_expect(is_used());
	while (host_n_sent(h) != 0)
		host_sent(h);

	host_delete(h);
	begin(BARO_OFF, BARO_ON);
	cr_expect(is_used());
	sends_announcement();
	host_arp(h, &claim);
	sends_announcement();
	host_arp(h, &claim);
	cr_expect(is_unused());
}

/* A11: an address beside others is probed alone, and they serve meanwhile */
Test(acd, second_address_is_probed_while_the_first_is_used)
{
	struct arp_msg msg = arp_is_at(PEER2_IP, OTHER_MAC);
	struct ip_path path;

	until_used();
	cr_assert_eq(ip_add_addr(&h->ip, h->netif, PEER2_IP, 24), 0);
	link_announce(&h->netif->link, PEER2_IP, h->now_ns);
	cr_expect(is_used());
	cr_expect_not(ip_has_addr(&h->ip, PEER2_IP));
	cr_expect_eq(ip_add_addr(&h->ip, h->netif, PEER2_IP, 24), -EEXIST);
	cr_expect_eq(ip_find_path(&h->ip, PEER_IP, h->now_ns, &path), 0);
	cr_expect_eq(path.src, OUR_IP);
	host_arp(h, &msg);
	cr_expect(is_used());
	cr_expect_eq(h->netif->link.addr[1].state, LINK_ADDR_GIVEN_UP);
	/* removed and added again it has another chance */
	cr_expect_eq(ip_remove_addr(&h->ip, h->netif, PEER2_IP), 0);
	cr_assert_eq(ip_add_addr(&h->ip, h->netif, PEER2_IP, 24), 0);
	link_announce(&h->netif->link, PEER2_IP, h->now_ns);
	host_until(h, AT_S(60));
	cr_expect(ip_has_addr(&h->ip, PEER2_IP));
}
