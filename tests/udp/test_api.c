/* SPDX-License-Identifier: BSD-3-Clause */

/* UDP as applications see it: baro/udp.h over a whole core and a port of two functions. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "rig.h"

static void
setup(void)
{
	rig_begin(NULL, 1500);
}

TestSuite(udp_api, .init = setup, .fini = rig_end);

static struct baro_udp *
open_at(uint32_t addr, uint16_t at_port, baro_udp_received received)
{
	struct baro_endpoint local = rig_endpoint(addr, at_port);
	struct baro_udp *u = NULL;

	cr_assert_eq(baro_udp_open(rig.core, &local, received, &rig, &u), 0);
	return u;
}

/* E03, E10 */
Test(udp_api, datagrams_are_handed_over_one_by_one)
{
	struct baro_udp *u = open_at(0, 7, rig_received);

	for (uint32_t len = 0; len < 5; len++)
		rig_hear(OUR_IP, 7, len);
	rig_turn();
	cr_expect_eq(rig.n_heard, 5);
	for (uint32_t len = 0; len < 5; len++) {
		struct octets data = some_octets(len);

		cr_expect_eq(rig.heard[len].by, u);
		cr_expect_eq(baro_addr_to_v4(&rig.heard[len].from.addr), PEER_IP);
		cr_expect_eq(rig.heard[len].from.port, 1000);
		cr_expect_eq(baro_addr_to_v4(&rig.heard[len].to.addr), OUR_IP);
		cr_expect_eq(rig.heard[len].to.port, 7);
		cr_expect_eq(rig.heard[len].data.len, len);
		cr_expect_eq(memcmp(rig.heard[len].data.b, data.b, len), 0);
	}
	cr_expect_eq(baro_udp_user(u), &rig);
	cr_expect_eq(baro_udp_core(u), rig.core);
	baro_udp_close(u);
}

/* B09 */
Test(udp_api, broadcasts_are_heard)
{
	struct baro_udp *u = open_at(0, 7, rig_received);

	rig_hear(BCAST_IP, 7, 5);
	rig_hear(IPV4_BROADCAST, 7, 6);
	rig_turn();
	cr_expect_eq(rig.n_heard, 2);
	cr_expect_eq(baro_addr_to_v4(&rig.heard[0].to.addr), BCAST_IP);
	baro_udp_close(u);
}

/* R02: the callback sees it in one piece */
Test(udp_api, datagram_in_several_buffers_is_put_together)
{
	struct octets data = some_octets(8900);
	struct baro_udp *u;

	baro_core_destroy(rig.core);
	rig_begin(NULL, 9000);
	u = open_at(0, 7, rig_received);
	rig_hear(OUR_IP, 7, 8900);
	rig_turn();
	cr_assert_eq(rig.n_heard, 1);
	cr_expect_eq(rig.heard[0].data.len, 8900);
	cr_expect_eq(memcmp(rig.heard[0].data.b, data.b, 8900), 0);
	baro_udp_close(u);
}

static void
answer(struct baro_udp *u, const struct baro_datagram *d)
{
	rig.n_heard++;
	cr_expect_eq(baro_udp_send(u, &d->from, &d->to, d->data, d->len), 0);
}

/* E04 */
Test(udp_api, answer_sent_in_the_callback_leaves_in_the_same_turn)
{
	struct baro_udp *u = open_at(0, 7, answer);
	struct octets data = some_octets(100);
	struct ipv4_hdr ip;

	rig_hear(OUR_IP, 7, 100);
	rig_turn();
	cr_assert_eq(rig.n_sent, 1);
	ip = rig.sent[0].ip;
	cr_expect_eq(ip.src, OUR_IP);
	cr_expect_eq(ip.dst, PEER_IP);
	cr_expect_eq(memcmp(rig.sent[0].data, data.b, 100), 0);
	baro_udp_close(u);
}

/* E04 B09 */
Test(udp_api, answer_to_a_broadcast_leaves_from_our_own_address)
{
	struct baro_udp *u = open_at(0, 7, answer);
	struct ipv4_hdr ip;

	rig_hear(BCAST_IP, 7, 100);
	rig_hear(IPV4_BROADCAST, 7, 100);
	rig_turn();
	cr_assert_eq(rig.n_sent, 2);
	for (unsigned i = 0; i < 2; i++) {
		ip = rig.sent[i].ip;
		cr_expect_eq(ip.src, OUR_IP);
		cr_expect_eq(ip.dst, PEER_IP);
	}
	baro_udp_close(u);
}

static void
close_self(struct baro_udp *u, const struct baro_datagram *d)
{
	rig_received(u, d);
	baro_udp_close(u);
	baro_udp_close(u);
	cr_expect_eq(((const uint8_t *)d->data)[0], 1, "still ours until we return");
}

Test(udp_api, socket_may_be_closed_in_its_own_callback)
{
	open_at(0, 7, close_self);
	for (unsigned i = 0; i < 3; i++)
		rig_hear(OUR_IP, 7, 5);
	rig_turn();
	cr_expect_eq(rig.n_heard, 1);
	rig_hear(OUR_IP, 7, 5);
	rig_turn();
	cr_expect_eq(rig.n_heard, 1);
	baro_udp_close(open_at(0, 7, rig_received)); /* the port is free again */
}

static struct baro_udp *victim;

static void
close_other(struct baro_udp *u, const struct baro_datagram *d)
{
	rig_received(u, d);
	if (victim != NULL)
		baro_udp_close(victim);
	victim = NULL;
}

Test(udp_api, another_socket_may_be_closed_in_a_callback)
{
	struct baro_udp *first = open_at(0, 7, close_other);

	victim = open_at(0, 8, rig_received);
	rig_hear(OUR_IP, 7, 1);
	rig_hear(OUR_IP, 8, 2);
	rig_hear(OUR_IP, 7, 3);
	rig_turn();
	cr_expect_eq(rig.n_heard, 2);
	baro_udp_close(first);
}

static void
replace_self(struct baro_udp *u, const struct baro_datagram *d)
{
	rig_received(u, d);
	baro_udp_close(u);
	victim = open_at(0, 7, rig_received);
}

Test(udp_api, socket_may_be_replaced_in_its_own_callback)
{
	open_at(0, 7, replace_self);
	rig_hear(OUR_IP, 7, 1);
	rig_turn();
	rig_hear(OUR_IP, 7, 2);
	rig_turn();
	cr_expect_eq(rig.n_heard, 2);
	cr_expect_eq(rig.heard[1].by, victim);
	baro_udp_close(victim);
}

Test(udp_api, local_endpoint_is_told)
{
	struct baro_udp *any = open_at(0, 0, rig_received);
	struct baro_udp *ours = open_at(OUR_IP, 99, rig_received);
	struct baro_endpoint ep;

	baro_udp_local(any, &ep);
	cr_expect_eq(baro_addr_to_v4(&ep.addr), 0);
	cr_expect_neq(ep.port, 0);
	baro_udp_local(ours, &ep);
	cr_expect_eq(baro_addr_to_v4(&ep.addr), OUR_IP);
	cr_expect_eq(ep.port, 99);
	baro_udp_close(any);
	baro_udp_close(ours);
}

Test(udp_api, what_cannot_be_opened_is_refused)
{
	struct baro_udp *u = open_at(0, 7, rig_received);
	struct baro_udp *none = NULL;
	struct baro_endpoint ep = rig_endpoint(0, 7);

	cr_expect_eq(baro_udp_open(rig.core, &ep, rig_received, NULL, &none), -EADDRINUSE);
	ep = rig_endpoint(PEER_IP, 8);
	cr_expect_eq(baro_udp_open(rig.core, &ep, rig_received, NULL, &none), -EADDRNOTAVAIL);
	ep = (struct baro_endpoint){ .addr.b = { 0x20, 1 }, .port = 8 };
	cr_expect_eq(baro_udp_open(rig.core, &ep, rig_received, NULL, &none), -EADDRNOTAVAIL);
	cr_expect_null(none);
	baro_udp_close(u);
}

Test(udp_api, what_cannot_be_sent_is_refused)
{
	struct baro_udp *u = open_at(0, 7, rig_received);
	struct baro_endpoint peer = rig_endpoint(PEER_IP, 9);
	struct baro_endpoint far = rig_endpoint(FAR_IP, 9);
	struct baro_endpoint v6 = { .addr.b = { 0x20, 1 }, .port = 9 };
	static const uint8_t data[70000];

	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, 1473), 0);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, sizeof(data)), -EMSGSIZE);
	cr_expect_eq(baro_udp_set(u, BARO_UDP_DF, 1), 0);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, 1472), 0);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, 1473), -EMSGSIZE); /* C11 */
	cr_expect_eq(baro_udp_set(u, BARO_UDP_DF, 2), -EINVAL);
	cr_expect_eq(baro_udp_set(u, BARO_UDP_TTL, 256), -EINVAL);
	cr_expect_eq(baro_udp_set(u, BARO_UDP_TOS, -1), -EINVAL);
	cr_expect_eq(baro_udp_set(u, (enum baro_udp_option)99, 0), -ENOPROTOOPT);
	cr_expect_eq(baro_udp_send(u, &v6, NULL, data, 1), -ENETUNREACH);
	cr_expect_eq(baro_udp_send(u, &peer, &far, data, 1), -EADDRNOTAVAIL);
	cr_expect_eq(baro_udp_send(u, &peer, &v6, data, 1), -EADDRNOTAVAIL);
	cr_expect_eq(baro_udp_send(u, NULL, NULL, data, 1), -EDESTADDRREQ);
	peer.port = 0;
	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, 1), -EADDRNOTAVAIL);
	baro_udp_close(u);
}

/* B09: broadcasts need permission, as POSIX has it */
Test(udp_api, broadcast_needs_permission)
{
	struct baro_udp *u = open_at(0, 7, rig_received);
	struct baro_endpoint all = rig_endpoint(BCAST_IP, 9);
	struct baro_endpoint limited = rig_endpoint(IPV4_BROADCAST, 9);

	for (unsigned i = 0; i < 2; i++) {
		cr_expect_eq(baro_udp_send(u, &all, NULL, "x", 1), -EACCES);
		cr_expect_eq(baro_udp_send(u, &limited, NULL, "x", 1), -EACCES);
	}
	cr_expect_eq(baro_udp_set(u, BARO_UDP_BROADCAST, 1), 0);
	cr_expect_eq(baro_udp_send(u, &all, NULL, "x", 1), 0);
	cr_expect_eq(baro_udp_send(u, &limited, NULL, "x", 1), 0);
	rig_turn();
	cr_assert_eq(rig.n_sent, 2);
	cr_expect(mac_eq(rig.sent[0].dst, MAC_BROADCAST));
	cr_expect_eq(rig.sent[1].ip.dst, IPV4_BROADCAST);
	cr_expect_eq(baro_udp_set(u, BARO_UDP_BROADCAST, 0), 0);
	cr_expect_eq(baro_udp_send(u, &limited, NULL, "x", 1), -EACCES);
	baro_udp_close(u);
}

Test(udp_api, options_read_as_they_were_set)
{
	static const struct {
		enum baro_udp_option option;
		int first, min, max;
	} rows[] = {
		{ BARO_UDP_DF, 0, 0, 1 },
		{ BARO_UDP_TOS, 0, 0, 255 },
		{ BARO_UDP_TTL, 0, 0, 255 },
		{ BARO_UDP_BROADCAST, 0, 0, 1 },
		{ BARO_UDP_REUSEADDR, 0, 0, 1 },
		{ BARO_UDP_RCVBUF, 1 << 20, 1, 1 << 30 },
		{ BARO_UDP_RCV_DATAGRAMS, 512, 1, 1 << 20 },
		{ BARO_UDP_GROUP_TTL, 1, 0, 255 },
		{ BARO_UDP_GROUP_LOOP, 1, 0, 1 },
	};
	struct baro_endpoint local = rig_endpoint(0, 7);
	struct baro_udp *u;
	int value;

	cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &u), 0);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		enum baro_udp_option o = rows[i].option;

		cr_expect_eq(baro_udp_get(u, o, &value), 0);
		cr_expect_eq(value, rows[i].first, "option %u", i);
		cr_expect_eq(baro_udp_set(u, o, rows[i].min - 1), -EINVAL);
		cr_expect_eq(baro_udp_set(u, o, rows[i].max + 1), -EINVAL);
		cr_expect_eq(baro_udp_set(u, o, rows[i].max), 0);
		cr_expect_eq(baro_udp_get(u, o, &value), 0);
		cr_expect_eq(value, rows[i].max, "option %u", i);
	}
	cr_expect_eq(baro_udp_get(u, (enum baro_udp_option)99, &value), -ENOPROTOOPT);
	cr_assert_eq(baro_udp_bind(u, &local), 0);
	cr_expect_eq(baro_udp_bind(u, &local), -EINVAL);
	cr_expect_eq(baro_udp_set(u, BARO_UDP_REUSEADDR, 0), -EINVAL);
	baro_udp_close(u);
}

/* Interface, TTL and TOS are told with every datagram, as by IP_PKTINFO, IP_RECVTTL and IP_RECVTOS */
Test(udp_api, what_the_header_said_is_told)
{
	struct baro_udp *u = open_at(0, 7, rig_received);

	rig_hear(OUR_IP, 7, 3);
	rig_turn();
	cr_assert_eq(rig.n_heard, 1);
	cr_expect_str_eq(rig.heard[0].iface, "port0");
	cr_expect_eq(rig.heard[0].ttl, 63);
	cr_expect_eq(rig.heard[0].tos, 0xb8);
	baro_udp_close(u);
}

Test(udp_api, sending_binds)
{
	struct baro_endpoint peer = rig_endpoint(PEER_IP, 9);
	struct baro_endpoint local;
	struct baro_udp *u;

	cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &u), 0);
	baro_udp_local(u, &local);
	cr_expect_eq(local.port, 0);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, "x", 1), 0);
	baro_udp_local(u, &local);
	cr_expect_neq(local.port, 0);
	rig_turn();
	cr_expect_eq(rig.sent[0].src_port, local.port);
	baro_udp_close(u);
}

Test(udp_api, socket_that_was_never_bound_closes)
{
	struct baro_udp *u;

	cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &u), 0);
	baro_udp_close(u);
}

/* The core's end closes what the application left open. */
Test(udp_api, socket_left_open_ends_with_the_core)
{
	struct baro_addr group = baro_addr_from_v4(IP4(239, 1, 2, 3));
	struct baro_udp *u = open_at(0, 7, rig_received);

	cr_assert_eq(baro_udp_join(u, &group, NULL), 0);
	cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &u), 0);
	cr_assert_eq(baro_udp_join(u, &group, NULL), 0);
}
