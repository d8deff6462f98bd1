/* SPDX-License-Identifier: BSD-3-Clause */

/* Neighbours that somebody has named: ARP has no say. */

#include <criterion/criterion.h>

#include "packets.h"

static struct host *h;

static void
setup(void)
{
	h = host_new(NULL);
	cr_assert_eq(neigh_add_static(&h->netif->link, PEER_IP, PEER_MAC, h->now_ns), 0);
}

static void
teardown(void)
{
	host_delete(h);
}

TestSuite(neigh_static, .init = setup, .fini = teardown);

Test(neigh_static, packet_leaves_without_a_question)
{
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	host_sends_nothing(h);
}

/* A07: nor is it ever asked for again, or forgotten */
Test(neigh_static, entry_never_expires)
{
	for (unsigned hours = 1; hours < 5; hours++) {
		host_until(h, AT_S(3600 * hours));
		send_to(h, PEER_IP, 1);
		sends_packet(h, PEER_MAC, 1);
		host_sends_nothing(h);
	}
	host_until(h, AT_S(1000000));
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
}

/* A04: but for what was said to be so */
Test(neigh_static, entry_is_not_learnt_over)
{
	struct arp_msg msg = arp_who_has(OUR_IP, PEER_IP, OTHER_MAC);

	host_arp(h, &msg);
	cr_expect(mac_eq(host_sent(h)->eth.dst, OTHER_MAC)); /* who asks is answered */
	msg = arp_is_at(PEER_IP, OTHER_MAC);
	host_arp(h, &msg);
	send_to(h, PEER_IP, 2);
	sends_packet(h, PEER_MAC, 2);
	cr_expect_eq(h->env.stats[STAT_NEIGH_CHANGED], 0);
}

/* A18: and a flood does not push it out */
Test(neigh_static, entry_outlives_a_flood)
{
	struct host *small = host_new(&(struct host_opts){ .config.neighbour.max_entries = 4 });
	struct link *l = &small->netif->link;
	struct arp_msg msg;

	cr_assert_eq(neigh_add_static(l, PEER_IP, PEER_MAC, small->now_ns), 0);
	for (uint32_t i = 0; i < 100; i++) {
		msg = arp_who_has(OUR_IP, IP4(198, 18, 0, 100) + i, OTHER_MAC);
		host_arp(small, &msg);
		host_sent(small);
	}
	cr_expect_eq(l->n_used, 4);
	send_to(small, PEER_IP, 3);
	sends_packet(small, PEER_MAC, 3);
	/* a table full of them takes no more */
	for (uint32_t i = 0; i < 3; i++)
		cr_expect_eq(neigh_add_static(l, PEER2_IP + i, PEER2_MAC, small->now_ns), 0);
	cr_expect_eq(neigh_add_static(l, PEER2_IP + 3, PEER2_MAC, small->now_ns), -ENOBUFS);
	cr_expect_eq(neigh_delete(l, PEER2_IP), 0);
	cr_expect_eq(neigh_add_static(l, PEER2_IP + 3, PEER2_MAC, small->now_ns), 0);
	host_delete(small);
}

/* A05 */
Test(neigh_static, what_waits_leaves_when_the_entry_is_made)
{
	send_to(h, PEER2_IP, 4);
	sends_request(h, PEER2_IP, MAC_BROADCAST);
	cr_assert_eq(neigh_add_static(&h->netif->link, PEER2_IP, PEER2_MAC, h->now_ns), 0);
	sends_packet(h, PEER2_MAC, 4);
	host_until(h, AT_S(10));
	host_sends_nothing(h);
}

Test(neigh_static, entry_that_is_deleted_is_asked_for_again)
{
	struct ip_path path;

	cr_assert_eq(ip_find_path(&h->ip, PEER_IP, h->now_ns, &path), 0);
	cr_expect_eq(neigh_delete(&h->netif->link, PEER_IP), 0);
	cr_expect_eq(neigh_delete(&h->netif->link, PEER_IP), -ENOENT);
	cr_expect_not(ip_path_is_fresh(&h->ip, &path));
	send_to(h, PEER_IP, 5);
	sends_request(h, PEER_IP, MAC_BROADCAST);
	/* and with it goes what waits */
	cr_expect_eq(neigh_delete(&h->netif->link, PEER_IP), 0);
	cr_expect_eq(h->env.drops[DROP_NEIGH_FAILED], 1);
}
