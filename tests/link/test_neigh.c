/* SPDX-License-Identifier: BSD-3-Clause */

/* A neighbour's life: asked, known, doubted, asked again, given up. RFC 4861 §7.3, 1122 §2.3.2. */

#include <criterion/criterion.h>

#include "packets.h"

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

TestSuite(neigh, .init = setup, .fini = teardown);

static enum drop
hear(struct arp_msg msg)
{
	return host_arp(h, &msg);
}

/* Time goes by; the packets sent meanwhile are counted and forgotten. */
static uint32_t
requests_until(uint64_t at_ns)
{
	uint64_t asked = h->env.stats[STAT_ARP_REQUESTS_OUT];

	host_until(h, at_ns);
	while (host_n_sent(h) != 0)
		host_sent(h);
	return (uint32_t)(h->env.stats[STAT_ARP_REQUESTS_OUT] - asked);
}

/* A05 */
Test(neigh, first_packet_asks_and_leaves_right_after_the_answer)
{
	send_to(h, PEER_IP, 1);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	host_sends_nothing(h);
	cr_expect_eq(hear(arp_is_at(PEER_IP, PEER_MAC)), DROP_NONE);
	sends_packet(h, PEER_MAC, 1);
	host_sends_nothing(h);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_OUT, 1),
		COUNTED(STAT_ARP_REQUESTS_OUT, 1), COUNTED(STAT_ARP_REPLIES_IN, 1));
}

/* A05 */
Test(neigh, packets_that_waited_leave_in_order)
{
	for (uint8_t i = 0; i < 10; i++)
		send_to(h, PEER_IP, i);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	host_sends_nothing(h);
	hear(arp_is_at(PEER_IP, PEER_MAC));
	for (uint8_t i = 0; i < 10; i++)
		sends_packet(h, PEER_MAC, i);
	host_sends_nothing(h);
}

/* A05: the latest ones are kept */
Test(neigh, with_too_many_waiting_the_oldest_goes)
{
	for (uint8_t i = 0; i < 67; i++)
		send_to(h, PEER_IP, i);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_OUT, 67),
		COUNTED(STAT_ARP_REQUESTS_OUT, 1), DROPPED(DROP_NEIGH_QUEUE_FULL, 3));
	hear(arp_is_at(PEER_IP, PEER_MAC));
	for (uint8_t i = 3; i < 67; i++)
		sends_packet(h, PEER_MAC, i);
	host_sends_nothing(h);
}

/* A05: the host that we ask may ask us first */
Test(neigh, request_from_the_host_asked_is_as_good_as_an_answer)
{
	send_to(h, PEER_IP, 1);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	hear(arp_who_has(OUR_IP, PEER_IP, PEER_MAC));
	sends_packet(h, PEER_MAC, 1);
	cr_expect_eq(host_sent(h)->arp.op, ARP_REPLY);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_PROBE);
}

/* A05: it tells the MAC, but not that packets go both ways */
Test(neigh, answer_to_another_host_is_used_but_proves_nothing)
{
	struct arp_msg msg = arp_is_at(PEER_IP, PEER_MAC);

	msg.tpa = PEER2_IP;
	send_to(h, PEER_IP, 1);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	cr_expect_eq(hear(msg), DROP_NONE);
	sends_packet(h, PEER_MAC, 1);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_PROBE);
}

/* A09 */
Test(neigh, answer_that_nobody_asked_for_proves_nothing)
{
	hear(arp_who_has(OUR_IP, PEER_IP, PEER_MAC));
	host_sent(h);
	cr_expect_eq(hear(arp_is_at(PEER_IP, PEER_MAC)), DROP_NONE);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_STALE);
}

/* A06 */
Test(neigh, host_that_does_not_answer_is_asked_once_a_second_three_times)
{
	send_to(h, PEER_IP, 1);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	for (unsigned s = 1; s < 3; s++) {
		host_until(h, AT_MS(1000 * s - 10));
		send_to(h, PEER_IP, 2);
		host_sends_nothing(h);
		host_until(h, AT_MS(1000 * s + 10));
		sends_request(h, PEER_IP, MAC_BROADCAST);
		host_sends_nothing(h);
	}
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_INCOMPLETE);
	host_until(h, AT_MS(3010));
	host_sends_nothing(h);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_FAILED);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_OUT, 3),
		COUNTED(STAT_ARP_REQUESTS_OUT, 3), DROPPED(DROP_NEIGH_FAILED, 3));
}

/* A06 */
Test(neigh, failed_host_is_refused_for_a_while_then_asked_again)
{
	send_to(h, PEER_IP, 1);
	cr_expect_eq(requests_until(AT_MS(3010)), 2);
	before = counters_of(&h->env);
	send_to(h, PEER_IP, 2);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_OUT, 1), DROPPED(DROP_NEIGH_FAILED, 1));
	cr_expect_eq(requests_until(AT_MS(8100)), 0);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_FREE);
	send_to(h, PEER_IP, 3);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	hear(arp_is_at(PEER_IP, PEER_MAC));
	sends_packet(h, PEER_MAC, 3);
}

/* A06: at most one a second, however many packets there are */
Test(neigh, packets_do_not_make_requests_more_frequent)
{
	for (unsigned ms = 0; ms < 60000; ms += 10) {
		host_until(h, AT_MS(ms));
		send_to(h, PEER_IP, 1);
	}
	cr_expect_leq(h->env.stats[STAT_ARP_REQUESTS_OUT], 60);
	cr_expect_geq(h->env.stats[STAT_ARP_REQUESTS_OUT], 3 * 60 / 8);
}

Test(neigh, failed_host_that_speaks_is_believed)
{
	send_to(h, PEER_IP, 1);
	requests_until(AT_MS(3010));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_FAILED);
	hear(arp_who_has(OUR_IP, PEER_IP, PEER_MAC));
	host_sent(h);
	send_to(h, PEER_IP, 2);
	sends_packet(h, PEER_MAC, 2);
}

/* A06: paths to an entry that is no more are stale */
Test(neigh, forgotten_entry_makes_its_paths_stale)
{
	struct ip_path path;

	cr_assert_eq(ip_find_path(&h->ip, PEER_IP, h->now_ns, &path), 0);
	send_to(h, PEER_IP, 1);
	cr_expect(ip_path_is_fresh(&h->ip, &path));
	requests_until(AT_S(9));
	cr_expect_not(ip_path_is_fresh(&h->ip, &path));
}

/* A07 */
Test(neigh, entry_in_use_is_asked_again_by_unicast_when_it_is_old)
{
	host_meet(h, PEER_IP, PEER_MAC);
	for (unsigned s = 1; s <= 29; s++) {
		host_until(h, AT_S(s));
		send_to(h, PEER_IP, 1);
		sends_packet(h, PEER_MAC, 1);
	}
	host_sends_nothing(h);
	host_until(h, AT_MS(30010));
	sends_request(h, PEER_IP, PEER_MAC);
	send_to(h, PEER_IP, 2);
	sends_packet(h, PEER_MAC, 2);
	hear(arp_is_at(PEER_IP, PEER_MAC));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
	cr_expect_eq(requests_until(AT_MS(60000)), 0);
}

/* A07 */
Test(neigh, unused_entry_is_left_alone_until_it_is_used)
{
	host_meet(h, PEER_IP, PEER_MAC);
	cr_expect_eq(requests_until(AT_S(600)), 0);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_STALE);
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	host_sends_nothing(h);
	host_until(h, AT_MS(604990));
	host_sends_nothing(h);
	host_until(h, AT_MS(605010));
	sends_request(h, PEER_IP, PEER_MAC);
}

/* A07: RFC 4861 §7.3.1 */
Test(neigh, proof_by_tcp_saves_the_request)
{
	struct ip_path path;

	host_meet(h, PEER_IP, PEER_MAC);
	cr_assert_eq(ip_find_path(&h->ip, PEER_IP, h->now_ns, &path), 0);
	for (unsigned s = 0; s < 300; s++) {
		host_until(h, AT_S(s));
		send_to(h, PEER_IP, 1);
		sends_packet(h, PEER_MAC, 1);
		neigh_confirm(path.neigh, h->now_ns);
	}
	host_sends_nothing(h);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
}

/* A07 */
Test(neigh, proof_by_tcp_while_in_doubt_saves_the_request)
{
	struct ip_path path;

	hear(arp_who_has(OUR_IP, PEER_IP, PEER_MAC));
	host_sent(h);
	cr_assert_eq(ip_find_path(&h->ip, PEER_IP, h->now_ns, &path), 0);
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_PROBE);
	neigh_confirm(path.neigh, h->now_ns);
	cr_expect_eq(requests_until(AT_S(20)), 0);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
}

/* A07 */
Test(neigh, proof_by_tcp_of_an_old_entry_saves_the_doubt)
{
	struct ip_path path;

	hear(arp_who_has(OUR_IP, PEER_IP, PEER_MAC));
	host_sent(h);
	cr_assert_eq(ip_find_path(&h->ip, PEER_IP, h->now_ns, &path), 0);
	neigh_confirm(path.neigh, h->now_ns);
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
}

/* A06: however short the time that a proof holds */
Test(neigh, entry_that_is_soon_in_doubt_is_not_asked_more_often)
{
	struct baro_config config = {
		.neighbour = { .reachable_ns = NS_PER_SEC, .retrans_ns = 3 * NS_PER_SEC },
	};
	struct host *other = host_new(&(struct host_opts){ .config = config });
	struct arp_msg answer = arp_is_at(PEER_IP, PEER_MAC);

	for (unsigned ms = 0; ms < 60000; ms += 100) {
		host_until(other, AT_MS(ms));
		send_to(other, PEER_IP, 1);
		while (host_n_sent(other) != 0) {
			if (host_sent(other)->eth.type == ETH_TYPE_ARP)
				host_arp(other, &answer);
		}
	}
	cr_expect_leq(other->env.stats[STAT_ARP_REQUESTS_OUT], 20);
	cr_expect_geq(other->env.stats[STAT_ARP_REQUESTS_OUT], 15);
	host_delete(other);
}

/* A07: nothing goes to a dead MAC for ever */
Test(neigh, dead_mac_is_probed_then_asked_for_everywhere_then_given_up)
{
	host_meet(h, PEER_IP, PEER_MAC);
	host_until(h, AT_S(29));
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	for (unsigned i = 0; i < 3; i++) {
		host_until(h, AT_MS(30010 + 1000 * i));
		sends_request(h, PEER_IP, PEER_MAC);
	}
	for (unsigned i = 0; i < 3; i++) {
		host_until(h, AT_MS(33010 + 1000 * i));
		sends_request(h, PEER_IP, MAC_BROADCAST);
		send_to(h, PEER_IP, 2);
		host_sends_nothing(h);
	}
	host_until(h, AT_MS(36010));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_FAILED);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_OUT, 4),
		COUNTED(STAT_ARP_REQUESTS_OUT, 6), DROPPED(DROP_NEIGH_FAILED, 3));
}

/* A07: the host lives on under another MAC */
Test(neigh, host_with_a_new_mac_is_found_again)
{
	host_meet(h, PEER_IP, PEER_MAC);
	host_until(h, AT_S(29));
	send_to(h, PEER_IP, 1);
	requests_until(AT_MS(33010));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_INCOMPLETE);
	send_to(h, PEER_IP, 2);
	hear(arp_is_at(PEER_IP, OTHER_MAC));
	sends_packet(h, OTHER_MAC, 2);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
}

/* A04 A07: what proved the old MAC right proves nothing of the new one */
Test(neigh, changed_mac_is_asked_for_soon_however_lately_the_old_one_was_proved)
{
	host_meet(h, PEER_IP, PEER_MAC);
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	hear(arp_who_has(IP4(198, 18, 0, 77), PEER_IP, OTHER_MAC));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_PROBE);
	send_to(h, PEER_IP, 2);
	sends_packet(h, OTHER_MAC, 2);
	host_until(h, AT_MS(5010));
	sends_request(h, PEER_IP, OTHER_MAC);
	cr_expect_eq(requests_until(AT_MS(9000)), 3);
	hear(arp_is_at(PEER_IP, PEER_MAC));
	send_to(h, PEER_IP, 3);
	sends_packet(h, PEER_MAC, 3);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
}

/* A07 */
Test(neigh, entry_that_nobody_uses_is_forgotten_at_last)
{
	host_meet(h, PEER_IP, PEER_MAC);
	host_until(h, AT_S(30 + 20 * 60 - 1));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_STALE);
	host_until(h, AT_S(30 + 20 * 60 + 1));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_FREE);
	cr_expect_eq(h->netif->link.n_used, 0);
}

Test(neigh, entry_that_was_never_sent_to_is_forgotten_at_last)
{
	neigh_find(&h->netif->link, PEER_IP, h->now_ns);
	host_until(h, AT_S(20 * 60 + 1));
	cr_expect_eq(h->netif->link.n_used, 0);
	expect_no_counter(&before, &h->env);
}

static void
flood(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		hear(arp_who_has(OUR_IP, IP4(198, 18, 100, 0) + i, PEER2_MAC));
		host_sent(h);
	}
}

/* A18 */
Test(neigh, flood_of_who_has_does_not_push_out_those_in_use)
{
	host_meet(h, PEER_IP, PEER_MAC);
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	send_to(h, GW_IP, 2);
	sends_request(h, GW_IP, MAC_BROADCAST);
	flood(20000);
	cr_expect_eq(h->netif->link.n_used, 1024);
	send_to(h, PEER_IP, 3);
	sends_packet(h, PEER_MAC, 3);
	hear(arp_is_at(GW_IP, GW_MAC));
	sends_packet(h, GW_MAC, 2);
	cr_expect_eq(h->env.stats[STAT_NEIGH_EVICTED], 20000 - 1022);
}

/* A18: a host that is being asked is not pushed out, and a new one finds room */
Test(neigh, new_host_finds_room_in_a_table_full_of_strangers)
{
	flood(2000);
	send_to(h, PEER_IP, 1);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	flood(2000);
	hear(arp_is_at(PEER_IP, PEER_MAC));
	sends_packet(h, PEER_MAC, 1);
}

/* A18: of two that may go, the one that nobody has sent to */
Test(neigh, stranger_goes_before_an_old_acquaintance)
{
	host_meet(h, PEER_IP, PEER_MAC);
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	host_until(h, AT_S(100));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_STALE);
	flood(5000);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_STALE);
}

/* A18: a single packet, that had to wait, is use enough */
Test(neigh, host_sent_to_once_is_an_acquaintance)
{
	send_to(h, PEER_IP, 1);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	hear(arp_is_at(PEER_IP, PEER_MAC));
	sends_packet(h, PEER_MAC, 1);
	host_until(h, AT_S(100));
	flood(5000);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_STALE);
}

/* A18 */
Test(neigh, of_old_acquaintances_the_one_unused_longest_goes_first)
{
	struct baro_config config = { .neighbour.max_entries = 3 };
	struct host *small = host_new(&(struct host_opts){ .config = config });

	for (uint32_t i = 0; i < 3; i++) {
		host_meet(small, IP4(198, 18, 0, 10) + i, PEER_MAC);
		send_to(small, IP4(198, 18, 0, 10) + i, 1);
		host_until(small, AT_S(10 * (i + 1)));
	}
	host_until(small, AT_S(100));
	cr_assert_not_null(neigh_find(&small->netif->link, PEER_IP, small->now_ns));
	cr_expect_eq(state_of(small, IP4(198, 18, 0, 10)), NEIGH_FREE);
	cr_expect_eq(state_of(small, IP4(198, 18, 0, 11)), NEIGH_STALE);
	host_delete(small);
}

/* A18: a failed one is worth least */
Test(neigh, failed_host_goes_first)
{
	struct baro_config config = { .neighbour.max_entries = 2 };
	struct host *small = host_new(&(struct host_opts){ .config = config });
	struct arp_msg ask = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);

	host_arp(small, &ask);
	send_to(small, PEER2_IP, 1);
	host_until(small, AT_MS(3010));
	cr_expect_eq(state_of(small, PEER2_IP), NEIGH_FAILED);
	cr_assert_not_null(neigh_find(&small->netif->link, GW_IP, small->now_ns));
	cr_expect_eq(state_of(small, PEER2_IP), NEIGH_FREE);
	cr_expect_eq(state_of(small, PEER_IP), NEIGH_STALE);
	host_delete(small);
}

/* A18 */
Test(neigh, table_full_of_busy_entries_takes_no_more_and_recovers)
{
	struct baro_config config = { .neighbour.max_entries = 4 };
	struct host *small = host_new(&(struct host_opts){ .config = config });
	struct ip_path path;

	for (uint32_t i = 0; i < 4; i++)
		send_to(small, IP4(198, 18, 0, 10) + i, 1);
	cr_expect_eq(ip_find_path(&small->ip, PEER_IP, small->now_ns, &path), -ENOBUFS);
	cr_expect_eq(ip_path_drop(-ENOBUFS), DROP_NEIGH_TABLE_FULL);
	host_until(small, AT_S(4));
	cr_expect_eq(ip_find_path(&small->ip, PEER_IP, small->now_ns, &path), 0);
	host_delete(small);
}

/* A18: it is answered all the same */
Test(neigh, stranger_without_room_gets_his_reply)
{
	struct baro_config config = { .neighbour.max_entries = 1 };
	struct host *small = host_new(&(struct host_opts){ .config = config });
	struct arp_msg ask = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);

	send_to(small, PEER2_IP, 1);
	host_sent(small);
	cr_expect_eq(host_arp(small, &ask), DROP_NONE);
	cr_expect_eq(host_sent(small)->arp.op, ARP_REPLY);
	host_delete(small);
}

/* The wire's limit, not the neighbour's */
Test(neigh, packets_that_waited_for_long_do_not_overrun_the_port)
{
	for (unsigned i = 0; i < DEV_TX_RING; i++)
		send_to(h, IPV4_BROADCAST, 0);
	send_to(h, PEER_IP, 1);
	before = counters_of(&h->env);
	send_to(h, PEER_IP, 2);
	hear(arp_is_at(PEER_IP, PEER_MAC));
	expect_counters(&before, &h->env, COUNTED(STAT_IP_OUT, 1), COUNTED(STAT_ARP_REPLIES_IN, 1),
		DROPPED(DROP_TX_FULL, 2));
}

/* A06, A07 */
Test(neigh, configured_times_are_obeyed)
{
	struct baro_config config = {
		.neighbour = {
			.reachable_ns = 5 * NS_PER_SEC,
			.stale_ns = 60 * NS_PER_SEC,
			.retrans_ns = 2 * NS_PER_SEC,
			.max_parked = 1,
		},
	};
	struct host *other = host_new(&(struct host_opts){ .config = config });

	send_to(other, PEER_IP, 1);
	send_to(other, PEER_IP, 2);
	cr_expect_eq(other->env.drops[DROP_NEIGH_QUEUE_FULL], 1);
	host_until(other, AT_MS(3990));
	cr_expect_eq(other->env.stats[STAT_ARP_REQUESTS_OUT], 2);
	host_meet(other, PEER_IP, PEER_MAC);
	host_until(other, AT_MS(3990 + 5010));
	cr_expect_eq(state_of(other, PEER_IP), NEIGH_STALE);
	host_until(other, AT_MS(3990 + 65020));
	cr_expect_eq(state_of(other, PEER_IP), NEIGH_FREE);
	host_delete(other);
}
