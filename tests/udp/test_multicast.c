/* SPDX-License-Identifier: BSD-3-Clause */

/* Multicasts and broadcasts, sent and received: RFC 1112 §6, §7. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "rig.h"

#define GROUP_IP  IP4(239, 129, 2, 3)
#define GROUP2_IP IP4(239, 1, 2, 3) /* the same MAC */

static struct baro_addr group;

static void
setup(void)
{
	rig_begin(NULL, 1500);
	group = baro_addr_from_v4(GROUP_IP);
}

TestSuite(udp_multicast, .init = setup, .fini = rig_end);

static struct baro_udp *
open_shared(uint32_t addr)
{
	struct baro_endpoint local = rig_endpoint(addr, 7);
	struct baro_udp *u;

	cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &u), 0);
	cr_assert_eq(baro_udp_set(u, BARO_UDP_REUSEADDR, 1), 0);
	cr_assert_eq(baro_udp_bind(u, &local), 0);
	return u;
}

Test(udp_multicast, members_hear_the_group)
{
	struct baro_udp *u = rig_open(0, 7, NULL);

	rig_hear(GROUP_IP, 7, 1);
	rig_turn();
	cr_expect_eq(rig.n_heard, 0);
	cr_expect_eq(rig_drops(DROP_IP_NOT_OURS), 1);
	cr_assert_eq(baro_udp_join(u, &group, NULL), 0);
	cr_expect_eq(baro_udp_join(u, &group, NULL), -EADDRINUSE);
	rig_hear(GROUP_IP, 7, 2);
	rig_hear(GROUP2_IP, 7, 3); /* the port lets it in */
	rig_turn();
	cr_assert_eq(rig.n_heard, 1);
	cr_expect_eq(rig.heard[0].data.len, 2);
	cr_expect_eq(baro_addr_to_v4(&rig.heard[0].to.addr), GROUP_IP);
	cr_assert_eq(baro_udp_leave(u, &group, NULL), 0);
	cr_expect_eq(baro_udp_leave(u, &group, NULL), -EADDRNOTAVAIL);
	rig_hear(GROUP_IP, 7, 4);
	rig_turn();
	cr_expect_eq(rig.n_heard, 1);
	baro_udp_close(u);
}

Test(udp_multicast, each_member_has_a_copy_and_nobody_else)
{
	struct octets data = some_octets(100);
	struct baro_udp *u[4];

	for (unsigned i = 0; i < 4; i++)
		u[i] = open_shared(i == 2 ? GROUP_IP : 0);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(baro_udp_join(u[i], &group, NULL), 0);
	rig_hear(GROUP_IP, 7, 100);
	rig_turn();
	cr_assert_eq(rig.n_heard, 3);
	for (unsigned i = 0; i < 3; i++) {
		cr_expect_neq(rig.heard[i].by, u[3], "no member");
		cr_expect_eq(rig.heard[i].data.len, 100);
		cr_expect_eq(memcmp(rig.heard[i].data.b, data.b, 100), 0);
	}
	for (unsigned i = 0; i < 4; i++)
		baro_udp_close(u[i]);
}

/* B09: all who share the port hear a broadcast; other datagrams the last one */
Test(udp_multicast, broadcast_is_heard_by_all_who_share_a_port)
{
	struct baro_udp *u[3];

	for (unsigned i = 0; i < 3; i++)
		u[i] = open_shared(0);
	rig_hear(BCAST_IP, 7, 5);
	rig_turn();
	cr_expect_eq(rig.n_heard, 3);
	rig_hear(OUR_IP, 7, 5);
	rig_turn();
	cr_expect_eq(rig.n_heard, 4);
	cr_expect_eq(rig.heard[3].by, u[2]);
	for (unsigned i = 0; i < 3; i++)
		baro_udp_close(u[i]);
}

Test(udp_multicast, members_without_room_cost_the_others_nothing)
{
	struct baro_udp *full = open_shared(0);
	struct baro_udp *u = open_shared(0);

	cr_assert_eq(baro_udp_join(full, &group, NULL), 0);
	cr_assert_eq(baro_udp_join(u, &group, NULL), 0);
	cr_assert_eq(baro_udp_set(full, BARO_UDP_RCVBUF, 3), 0);
	rig_hear(GROUP_IP, 7, 4);
	rig_turn();
	cr_expect_eq(rig.n_heard, 1);
	cr_expect_eq(rig.heard[0].by, u);
	cr_expect_eq(rig_drops(DROP_UDP_QUEUE_FULL), 1);
	baro_udp_close(u);
	baro_udp_close(full);
}

Test(udp_multicast, what_is_sent_has_the_group_s_mac_and_ttl_1)
{
	struct baro_endpoint to = rig_endpoint(GROUP_IP, 9);
	struct baro_udp *u = rig_open(0, 7, NULL);

	cr_assert_eq(baro_udp_send(u, &to, NULL, "x", 1), 0);
	cr_assert_eq(baro_udp_set(u, BARO_UDP_GROUP_TTL, 30), 0);
	cr_assert_eq(baro_udp_send(u, &to, NULL, "x", 1), 0);
	rig_turn();
	cr_assert_eq(rig.n_sent, 2);
	cr_expect(mac_eq(rig.sent[0].dst, (struct mac){ { 1, 0, 0x5e, 1, 2, 3 } }));
	cr_expect_eq(rig.sent[0].ip.ttl, 1);
	cr_expect_eq(rig.sent[0].ip.src, OUR_IP);
	cr_expect_eq(rig.sent[1].ip.ttl, 30);
	cr_expect_eq(rig.n_heard, 0);
	baro_udp_close(u);
}

/* RFC 1112 §6.1 */
Test(udp_multicast, our_own_members_hear_what_we_send)
{
	struct baro_endpoint to = rig_endpoint(GROUP_IP, 7);
	struct baro_udp *u = rig_open(0, 7, NULL);

	cr_assert_eq(baro_udp_join(u, &group, NULL), 0);
	rig_turn();
	rig.n_sent = 0;
	cr_assert_eq(baro_udp_send(u, &to, NULL, "x", 1), 0);
	rig_turn();
	rig_turn();
	cr_expect_eq(rig.n_sent, 1);
	cr_assert_eq(rig.n_heard, 1);
	cr_expect_eq(baro_addr_to_v4(&rig.heard[0].from.addr), OUR_IP);
	cr_expect_eq(baro_addr_to_v4(&rig.heard[0].to.addr), GROUP_IP);

	cr_assert_eq(baro_udp_set(u, BARO_UDP_GROUP_TTL, 0), 0);
	cr_assert_eq(baro_udp_send(u, &to, NULL, "x", 1), 0);
	rig_turn();
	rig_turn();
	cr_expect_eq(rig.n_sent, 1, "to ourselves only");
	cr_expect_eq(rig.n_heard, 2);

	cr_assert_eq(baro_udp_set(u, BARO_UDP_GROUP_LOOP, 0), 0);
	cr_assert_eq(baro_udp_send(u, &to, NULL, "x", 1), 0);
	rig_turn();
	rig_turn();
	cr_expect_eq(rig.n_sent, 1);
	cr_expect_eq(rig.n_heard, 2);
	baro_udp_close(u);
}

Test(udp_multicast, many_groups_are_told_apart)
{
	struct baro_udp *u = rig_open(0, 7, NULL);

	for (uint32_t i = 0; i < 60; i++) {
		struct baro_endpoint to = rig_endpoint(IP4(239, 0, 1, i), 9);

		cr_assert_eq(baro_udp_send(u, &to, NULL, "x", 1), 0);
		cr_assert_eq(
			baro_udp_send(u, &(struct baro_endpoint){ baro_addr_from_v4(PEER_IP), 9 },
				NULL, "x", 1),
			0);
	}
	rig_turn();
	cr_assert_eq(rig.n_sent, 120);
	for (uint32_t i = 0; i < 60; i++) {
		cr_expect(mac_eq(
			rig.sent[2 * i].dst, (struct mac){ { 1, 0, 0x5e, 0, 1, (uint8_t)i } }));
		cr_expect(mac_eq(rig.sent[2 * i + 1].dst, PEER_MAC));
	}
	baro_udp_close(u);
}

Test(udp_multicast, groups_of_a_core_are_bounded)
{
	struct baro_udp *u = rig_open(0, 7, NULL);
	uint32_t n = 0;
	int rc;

	do {
		struct baro_addr a = baro_addr_from_v4(IP4(239, 0, n >> 8, n & 0xff));

		rc = baro_udp_join(u, &a, NULL);
		n += rc == 0;
		rig_turn();
		rig.n_sent = 0;
	} while (rc == 0);
	cr_expect_eq(rc, -ENOSPC);
	cr_expect_eq(n, 256);
	cr_expect_eq(baro_udp_leave(u, &(struct baro_addr){ { 0 } }, NULL), -EADDRNOTAVAIL);
	baro_udp_close(u);
}

Test(udp_multicast, what_cannot_be_joined_is_refused)
{
	struct baro_addr no_group = baro_addr_from_v4(PEER_IP);
	struct baro_udp *u = rig_open(0, 7, NULL);

	cr_expect_eq(baro_udp_join(u, &no_group, NULL), -EINVAL);
	cr_expect_eq(baro_udp_join(u, &group, "port9"), -ENODEV);
	cr_expect_eq(baro_udp_leave(u, &group, "port9"), -ENODEV);
	cr_expect_eq(baro_udp_set_group_iface(u, "port9"), -ENODEV);
	cr_expect_eq(baro_udp_set_iface(u, "port9"), -ENODEV);
	baro_udp_close(u);
}

static void
open_vlan(void)
{
	const struct baro_vlan_opts opts = { .vlan = 5,
		.address = baro_addr_from_v4(IP4(10, 0, 0, 1)) };

	cr_assert_eq(baro_vlan_open(rig.core, "port0", &opts), 0);
}

static uint16_t
vlan_of(unsigned i)
{
	struct eth_hdr eth = { .vlan = 0 };

	cr_assert_eq(eth_read(rig.sent[i].frame.b, rig.sent[i].frame.len, &eth), DROP_NONE);
	return eth.vlan;
}

Test(udp_multicast, interface_of_the_group_is_chosen)
{
	struct baro_endpoint to = rig_endpoint(GROUP_IP, 9);
	struct baro_udp *u = rig_open(0, 7, NULL);

	open_vlan();
	cr_assert_eq(baro_udp_set_group_iface(u, "port0.5"), 0);
	cr_assert_eq(baro_udp_send(u, &to, NULL, "x", 1), 0);
	cr_assert_eq(baro_udp_set_group_iface(u, NULL), 0);
	cr_assert_eq(baro_udp_send(u, &to, NULL, "x", 1), 0);
	rig_turn();
	cr_assert_eq(rig.n_sent, 2);
	cr_expect_eq(vlan_of(0), 5);
	cr_expect_eq(rig.sent[0].ip.src, IP4(10, 0, 0, 1));
	cr_expect_eq(vlan_of(1), 0);
	cr_assert_eq(baro_udp_join(u, &group, "port0.5"), 0);
	rig_hear(GROUP_IP, 7, 1);
	rig_turn();
	cr_expect_eq(rig.n_heard, 0, "joined elsewhere");
	baro_udp_close(u);
}

Test(udp_multicast, socket_of_one_interface_hears_and_sends_there)
{
	struct baro_endpoint all = rig_endpoint(IPV4_BROADCAST, 9);
	struct baro_udp *u = rig_open(0, 7, NULL);

	open_vlan();
	cr_assert_eq(baro_udp_set(u, BARO_UDP_BROADCAST, 1), 0);
	cr_assert_eq(baro_udp_set_iface(u, "port0.5"), 0);
	cr_assert_eq(baro_udp_send(u, &all, NULL, "x", 1), 0);
	rig_hear(OUR_IP, 7, 1);
	rig_hear(BCAST_IP, 7, 1);
	rig_turn();
	cr_expect_eq(rig.n_heard, 0);
	cr_expect_eq(vlan_of(0), 5);
	cr_assert_eq(baro_udp_set_iface(u, NULL), 0);
	rig_hear(OUR_IP, 7, 1);
	rig_turn();
	cr_expect_eq(rig.n_heard, 1);
	baro_udp_close(u);
}
