/* SPDX-License-Identifier: BSD-3-Clause */

/* ARP in: who asks, who tells, who lies. RFC 826, 5227. */

#include <criterion/criterion.h>
#include <string.h>

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

TestSuite(arp, .init = setup, .fini = teardown);

static enum drop
hear(struct arp_msg msg)
{
	return host_arp(h, &msg);
}

static void
sends_reply(struct mac to, uint32_t to_ip)
{
	const struct sent *s = host_sent(h);

	cr_expect_eq(s->eth.type, ETH_TYPE_ARP);
	cr_expect(mac_eq(s->eth.dst, to));
	cr_expect_eq(s->arp.op, ARP_REPLY);
	cr_expect(mac_eq(s->arp.sha, OUR_MAC));
	cr_expect_eq(s->arp.spa, OUR_IP);
	cr_expect(mac_eq(s->arp.tha, to));
	cr_expect_eq(s->arp.tpa, to_ip);
}

static void
sends_announcement(void)
{
	const struct sent *s = host_sent(h);

	cr_expect_eq(s->eth.type, ETH_TYPE_ARP);
	cr_expect(mac_eq(s->eth.dst, MAC_BROADCAST));
	cr_expect_eq(s->arp.op, ARP_REQUEST);
	cr_expect(mac_eq(s->arp.sha, OUR_MAC));
	cr_expect_eq(s->arp.spa, OUR_IP);
	cr_expect_eq(s->arp.tpa, OUR_IP);
}

/* A01 */
Test(arp, who_has_us_gets_one_unicast_reply)
{
	cr_expect_eq(hear(arp_who_has(OUR_IP, PEER_IP, PEER_MAC)), DROP_NONE);
	sends_reply(PEER_MAC, PEER_IP);
	host_sends_nothing(h);
	expect_counters(&before, &h->env, COUNTED(STAT_ARP_REQUESTS_IN, 1),
		COUNTED(STAT_ARP_REPLIES_OUT, 1));
}

/* A01: a request by unicast is one, too (RFC 1122 §2.3.2.1) */
Test(arp, a_poll_by_unicast_is_answered)
{
	struct arp_msg msg = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);

	msg.tha = OUR_MAC;
	cr_expect_eq(hear(msg), DROP_NONE);
	sends_reply(PEER_MAC, PEER_IP);
}

/* A01, A17: an ARP message is followed by the padding of its frame */
Test(arp, padding_behind_a_message_is_ignored)
{
	struct arp_msg msg = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);
	struct octets o = arp_octets(&msg);

	memset(o.b + o.len, 0xee, 18);
	o.len += 18;
	cr_expect_eq(host_arp_octets(h, &o), DROP_NONE);
	sends_reply(PEER_MAC, PEER_IP);
}

/* A02 */
Test(arp, who_has_somebody_else_is_not_our_business)
{
	cr_expect_eq(hear(arp_who_has(PEER2_IP, PEER_IP, PEER_MAC)), DROP_ARP_NOT_OURS);
	host_sends_nothing(h);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_FREE);
	expect_counters(&before, &h->env, DROPPED(DROP_ARP_NOT_OURS, 1));
}

/* A03 */
Test(arp, who_asks_for_us_is_learnt)
{
	hear(arp_who_has(OUR_IP, PEER_IP, PEER_MAC));
	sends_reply(PEER_MAC, PEER_IP);
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
	host_sends_nothing(h);
}

/* A04 */
Test(arp, known_sender_is_updated_by_any_message)
{
	static const struct {
		const char *name;
		struct arp_msg msg;
	} row[] = {
		{ "request for us", { ARP_REQUEST, { { 2, 1 } }, PEER_IP, { { 0 } }, OUR_IP } },
		{ "request for another", { ARP_REQUEST, { { 2, 2 } }, PEER_IP, { { 0 } }, GW_IP } },
		{ "gratuitous request",
			{ ARP_REQUEST, { { 2, 3 } }, PEER_IP, { { 0 } }, PEER_IP } },
		{ "gratuitous reply", { ARP_REPLY, { { 2, 4 } }, PEER_IP, { { 0 } }, PEER_IP } },
		{ "reply to us", { ARP_REPLY, { { 2, 5 } }, PEER_IP, { { 0 } }, OUR_IP } },
		{ "reply to another", { ARP_REPLY, { { 2, 6 } }, PEER_IP, { { 0 } }, GW_IP } },
	};

	host_meet(h, PEER_IP, PEER_MAC);
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		cr_expect_eq(hear(row[i].msg), DROP_NONE, "%s", row[i].name);
		cr_expect_eq(h->env.stats[STAT_NEIGH_CHANGED], i + 1, "%s", row[i].name);
		if (host_n_sent(h) != 0)
			sends_reply(row[i].msg.sha, PEER_IP);
		send_to(h, PEER_IP, (uint8_t)i);
		sends_packet(h, row[i].msg.sha, (uint8_t)i);
		host_sends_nothing(h);
	}
}

/* A04: an update of what we have changes nothing */
Test(arp, known_sender_with_the_same_mac_has_not_changed)
{
	host_meet(h, PEER_IP, PEER_MAC);
	cr_expect_eq(hear(arp_who_has(PEER2_IP, PEER_IP, PEER_MAC)), DROP_NONE);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_REACHABLE);
	host_sends_nothing(h);
	expect_no_counter(&before, &h->env);
}

static void
message_with(uint32_t at, uint8_t value, uint32_t len, enum drop why)
{
	struct arp_msg msg = arp_who_has(OUR_IP, PEER_IP, OTHER_MAC);
	struct octets o = arp_octets(&msg);

	before = counters_of(&h->env);
	o.b[at] = value;
	o.len = len;
	cr_expect_eq(host_arp_octets(h, &o), why, "octet %u is %u, %u octets", at, value, len);
	host_sends_nothing(h);
	expect_counters(&before, &h->env, DROPPED(why, 1));
}

/* A08 */
Test(arp, garbled_message_changes_nothing)
{
	host_meet(h, PEER_IP, PEER_MAC);
	message_with(0, 1, ARP_LEN, DROP_ARP_FORMAT);
	message_with(1, 6, ARP_LEN, DROP_ARP_FORMAT);
	message_with(2, 0x86, ARP_LEN, DROP_ARP_FORMAT);
	message_with(3, 1, ARP_LEN, DROP_ARP_FORMAT);
	message_with(4, 8, ARP_LEN, DROP_ARP_FORMAT);
	message_with(5, 16, ARP_LEN, DROP_ARP_FORMAT);
	message_with(7, 0, ARP_LEN, DROP_ARP_FORMAT);
	message_with(7, 3, ARP_LEN, DROP_ARP_FORMAT);
	for (uint32_t len = 0; len < ARP_LEN; len++)
		message_with(0, 0, len, DROP_ARP_SHORT);
	send_to(h, PEER_IP, 1);
	sends_packet(h, PEER_MAC, 1);
}

/* A09 */
Test(arp, reply_that_nobody_asked_for_makes_no_entry)
{
	cr_expect_eq(hear(arp_is_at(PEER_IP, PEER_MAC)), DROP_ARP_NOT_OURS);
	cr_expect_eq(state_of(h, PEER_IP), NEIGH_FREE);
	expect_counters(&before, &h->env, DROPPED(DROP_ARP_NOT_OURS, 1));
}

/* A10 */
Test(arp, sender_that_names_no_single_host_is_not_believed)
{
	static const struct {
		const char *name;
		struct mac sha;
		uint32_t spa;
		uint16_t op;
	} row[] = {
		{ "broadcast MAC", { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, PEER_IP,
			ARP_REQUEST },
		{ "group MAC", { { 0x01, 0, 0x5e, 0, 0, 1 } }, PEER_IP, ARP_REQUEST },
		{ "zero MAC", { { 0 } }, PEER_IP, ARP_REQUEST },
		{ "limited broadcast", { { 2, 1 } }, IPV4_BROADCAST, ARP_REQUEST },
		{ "our network's broadcast", { { 2, 1 } }, BCAST_IP, ARP_REQUEST },
		{ "group address", { { 2, 1 } }, IP4(224, 0, 0, 1), ARP_REQUEST },
		{ "class E", { { 2, 1 } }, IP4(240, 0, 0, 1), ARP_REQUEST },
		{ "loopback", { { 2, 1 } }, IP4(127, 0, 0, 1), ARP_REQUEST },
		{ "network zero", { { 2, 1 } }, IP4(0, 0, 0, 7), ARP_REQUEST },
		{ "reply from nobody", { { 2, 1 } }, 0, ARP_REPLY },
		{ "probe from a group MAC", { { 3, 1 } }, 0, ARP_REQUEST },
	};

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		before = counters_of(&h->env);
		cr_expect_eq(hear((struct arp_msg){ .op = row[i].op,
				     .sha = row[i].sha,
				     .spa = row[i].spa,
				     .tpa = OUR_IP }),
			DROP_ARP_SENDER, "%s", row[i].name);
		host_sends_nothing(h);
		expect_counters(&before, &h->env, DROPPED(DROP_ARP_SENDER, 1));
	}
	cr_expect_eq(h->netif->link.n_used, 0);
}

/* A12 */
Test(arp, address_is_announced_twice_two_seconds_apart)
{
	neigh_announce(&h->netif->link, h->now_ns);
	sends_announcement();
	host_until(h, AT_MS(1999));
	host_sends_nothing(h);
	host_until(h, AT_MS(2001));
	sends_announcement();
	host_until(h, AT_S(100));
	host_sends_nothing(h);
	expect_counters(&before, &h->env, COUNTED(STAT_ARP_REQUESTS_OUT, 2));
}

/* A12: the address appears again */
Test(arp, announcing_anew_starts_over)
{
	neigh_announce(&h->netif->link, h->now_ns);
	host_until(h, AT_MS(1500));
	neigh_announce(&h->netif->link, h->now_ns);
	host_until(h, AT_S(10));
	cr_expect_eq(host_n_sent(h), 3);
}

/* A12 */
Test(arp, address_that_reappears_is_announced_twice_again)
{
	neigh_announce(&h->netif->link, h->now_ns);
	host_until(h, AT_S(10));
	neigh_announce(&h->netif->link, h->now_ns);
	host_until(h, AT_S(20));
	cr_expect_eq(host_n_sent(h), 4);
}

/* A13 */
Test(arp, probe_for_our_address_is_answered_and_teaches_nothing)
{
	cr_expect_eq(hear(arp_who_has(OUR_IP, 0, OTHER_MAC)), DROP_NONE);
	sends_reply(OTHER_MAC, 0);
	host_sends_nothing(h);
	cr_expect_eq(h->netif->link.n_used, 0);
	expect_counters(&before, &h->env, COUNTED(STAT_ARP_REQUESTS_IN, 1),
		COUNTED(STAT_ARP_REPLIES_OUT, 1));
}

/* A13 */
Test(arp, probe_for_another_address_is_not_our_business)
{
	cr_expect_eq(hear(arp_who_has(PEER_IP, 0, OTHER_MAC)), DROP_ARP_NOT_OURS);
	host_sends_nothing(h);
}

/* A14 */
Test(arp, claim_to_our_address_is_defended_once_in_ten_seconds)
{
	const struct arp_msg claim = arp_who_has(OUR_IP, OUR_IP, OTHER_MAC);

	for (unsigned i = 0; i < 100; i++)
		cr_expect_eq(hear(claim), DROP_ARP_CONFLICT);
	sends_announcement();
	host_sends_nothing(h);
	host_until(h, AT_MS(9999));
	hear(claim);
	host_sends_nothing(h);
	host_until(h, AT_MS(10001));
	hear(claim);
	sends_announcement();
	host_sends_nothing(h);
	cr_expect_eq(state_of(h, OUR_IP), NEIGH_FREE);
	expect_counters(&before, &h->env, DROPPED(DROP_ARP_CONFLICT, 102),
		COUNTED(STAT_ARP_REQUESTS_OUT, 2));
}

/* A14: whatever the message is */
Test(arp, claim_in_a_reply_or_in_a_request_for_another_is_one)
{
	cr_expect_eq(hear(arp_who_has(PEER_IP, OUR_IP, OTHER_MAC)), DROP_ARP_CONFLICT);
	cr_expect_eq(hear(arp_is_at(OUR_IP, OTHER_MAC)), DROP_ARP_CONFLICT);
}

/* A14: a switch that sends our own frames back is no enemy */
Test(arp, own_frame_that_comes_back_is_ignored)
{
	cr_expect_eq(hear(arp_who_has(OUR_IP, OUR_IP, OUR_MAC)), DROP_ARP_NOT_OURS);
	cr_expect_eq(hear(arp_who_has(OUR_IP, 0, OUR_MAC)), DROP_ARP_NOT_OURS);
	host_sends_nothing(h);
	expect_counters(&before, &h->env, DROPPED(DROP_ARP_NOT_OURS, 2));
}

/* R03 */
Test(arp, without_a_buffer_nothing_is_answered_and_it_is_counted)
{
	struct host *small = host_new(&(struct host_opts){ .mbufs = 64 });
	struct rte_mbuf *held[4096];
	struct arp_msg msg = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);
	unsigned n = 0;

	while ((held[n] = rte_pktmbuf_alloc(small->pool.head)) != NULL)
		n++;
	before = counters_of(&small->env);
	cr_expect_eq(host_arp(small, &msg), DROP_NONE);
	host_sends_nothing(small);
	expect_counters(
		&before, &small->env, DROPPED(DROP_NO_MBUF, 1), COUNTED(STAT_ARP_REQUESTS_IN, 1));
	while (n > 0)
		pkt_release(held[--n]);
	host_arp(small, &msg);
	cr_expect_eq(host_n_sent(small), 1);
	host_delete(small);
}

/* A01, in a VLAN */
Test(arp, reply_bears_the_tag_of_the_port)
{
	struct host *tagged = host_new(&(struct host_opts){ .vlan = 42 });
	struct arp_msg msg = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);

	host_arp(tagged, &msg);
	cr_expect_eq(host_sent(tagged)->eth.vlan, 42);
	host_delete(tagged);
}
