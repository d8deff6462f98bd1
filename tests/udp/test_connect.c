/* SPDX-License-Identifier: BSD-3-Clause */

/* Connected sockets: whose datagrams they take, and what becomes of their port. */

#include <criterion/criterion.h>
#include <errno.h>

#include "rig.h"

static void
setup(void)
{
	rig_begin(NULL, 1500);
}

TestSuite(udp_connect, .init = setup, .fini = rig_end);

static int
connect_to(struct baro_udp *u, uint32_t addr, uint16_t port)
{
	struct baro_endpoint peer = rig_endpoint(addr, port);

	return baro_udp_connect(u, &peer);
}

static void
leave_it(struct baro_udp *u)
{
	(void)u;
}

/* E07 */
Test(udp_connect, only_the_peer_is_heard)
{
	struct baro_udp *u = rig_open(0, 7, NULL);

	cr_assert_eq(connect_to(u, PEER_IP, 1000), 0);
	rig_hear(OUR_IP, 7, 1);
	rig_datagram(PEER_IP, 1001, OUR_IP, 7, 2);
	rig_datagram(PEER2_IP, 1000, OUR_IP, 7, 3);
	rig_hear(BCAST_IP, 7, 4);
	rig_turn();
	cr_expect_eq(rig.n_heard, 1);
	cr_expect_eq(rig.heard[0].data.len, 1);
	cr_expect_eq(rig_drops(DROP_UDP_NO_PORT), 3);
	baro_udp_close(u);
}

/* E07: the four-tuple before our address before any */
Test(udp_connect, most_specific_binding_wins)
{
	static const struct baro_udp_ops ops = { .received = rig_received };
	struct baro_udp *u[3];

	for (unsigned i = 0; i < 3; i++) {
		struct baro_endpoint local = rig_endpoint(i == 1 ? OUR_IP : 0, 7);

		cr_assert_eq(baro_udp_create(rig.core, &ops, NULL, &u[i]), 0);
		cr_assert_eq(baro_udp_set(u[i], BARO_UDP_REUSEADDR, 1), 0);
		cr_assert_eq(baro_udp_bind(u[i], &local), 0);
	}
	cr_assert_eq(connect_to(u[2], PEER_IP, 1000), 0);
	rig_hear(OUR_IP, 7, 1);
	rig_datagram(PEER_IP, 1001, OUR_IP, 7, 1);
	rig_hear(BCAST_IP, 7, 1);
	rig_turn();
	cr_assert_eq(rig.n_heard, 3);
	for (unsigned i = 0; i < 3; i++) { /* in whatever order the sockets are called */
		struct baro_udp *by = rig.heard[i].from.port == 1001                     ? u[1]
				      : baro_addr_to_v4(&rig.heard[i].to.addr) == OUR_IP ? u[2]
											 : u[0];

		cr_expect_eq(rig.heard[i].by, by);
	}
	for (unsigned i = 0; i < 3; i++)
		baro_udp_close(u[i]);
}

/* E07: found by hash; each gets its own */
Test(udp_connect, many_sockets_share_one_port)
{
	enum { N = 2000 };
	static struct baro_udp *u[N];
	struct baro_endpoint local = rig_endpoint(OUR_IP, 7);

	for (unsigned i = 0; i < N; i++) {
		cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &u[i]), 0);
		cr_assert_eq(baro_udp_set(u[i], BARO_UDP_REUSEADDR, 1), 0);
		cr_assert_eq(baro_udp_bind(u[i], &local), 0);
		cr_assert_eq(connect_to(u[i], PEER_IP, (uint16_t)(1000 + i)), 0);
	}
	for (unsigned i = 0; i < N; i += 37) {
		rig_datagram(PEER_IP, (uint16_t)(1000 + i), OUR_IP, 7, 1);
		rig_turn();
		cr_expect_eq(rig.n_heard, i / 37 + 1);
		cr_expect_eq(rig.heard[i / 37].by, u[i]);
	}
	for (unsigned i = 0; i < N; i += 2)
		baro_udp_close(u[i]);
	rig.n_heard = 0;
	for (unsigned i = 0; i < 100; i++)
		rig_datagram(PEER_IP, (uint16_t)(1000 + i), OUR_IP, 7, 1);
	for (unsigned i = 0; i < 10; i++)
		rig_turn();
	cr_expect_eq(rig.n_heard, 50);
	for (unsigned i = 1; i < N; i += 2)
		baro_udp_close(u[i]);
}

Test(udp_connect, peer_needs_not_be_named_when_sending)
{
	struct baro_endpoint other = rig_endpoint(PEER_IP, 2000);
	struct baro_udp *u = rig_open(0, 0, NULL);

	cr_assert_eq(connect_to(u, PEER_IP, 1000), 0);
	cr_expect_eq(baro_udp_send(u, NULL, NULL, "x", 1), 0);
	cr_expect_eq(baro_udp_send(u, &other, NULL, "x", 1), 0); /* as on Linux */
	rig_turn();
	cr_assert_eq(rig.n_sent, 2);
	cr_expect_eq(rig.sent[0].dst_port, 1000);
	cr_expect_eq(rig.sent[1].dst_port, 2000);
	baro_udp_close(u);
}

Test(udp_connect, both_ends_are_told)
{
	struct baro_endpoint ep;
	struct baro_udp *u;

	cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &u), 0);
	baro_udp_remote(u, &ep);
	cr_expect_eq(ep.port, 0);
	cr_expect_eq(baro_udp_disconnect(u), -ENOTCONN);
	cr_assert_eq(connect_to(u, PEER_IP, 1000), 0);
	baro_udp_remote(u, &ep);
	cr_expect_eq(baro_addr_to_v4(&ep.addr), PEER_IP);
	cr_expect_eq(ep.port, 1000);
	baro_udp_local(u, &ep);
	cr_expect_eq(baro_addr_to_v4(&ep.addr), OUR_IP); /* that of the route */
	cr_expect_neq(ep.port, 0);
	baro_udp_close(u);
}

Test(udp_connect, disconnected_socket_hears_everybody_again)
{
	struct baro_udp *u = rig_open(0, 7, NULL);
	struct baro_endpoint ep;

	cr_assert_eq(connect_to(u, PEER_IP, 1000), 0);
	cr_assert_eq(baro_udp_disconnect(u), 0);
	baro_udp_local(u, &ep);
	cr_expect_eq(baro_addr_to_v4(&ep.addr), 0);
	cr_expect_eq(ep.port, 7);
	rig_datagram(PEER2_IP, 5, OUR_IP, 7, 2);
	rig_hear(BCAST_IP, 7, 4);
	rig_turn();
	cr_expect_eq(rig.n_heard, 2);
	baro_udp_close(u);
}

Test(udp_connect, another_peer_replaces_the_first)
{
	struct baro_udp *u = rig_open(OUR_IP, 7, NULL);

	cr_assert_eq(connect_to(u, PEER_IP, 1000), 0);
	cr_assert_eq(connect_to(u, PEER_IP, 1000), 0);
	cr_assert_eq(connect_to(u, PEER2_IP, 2000), 0);
	rig_hear(OUR_IP, 7, 1);
	rig_datagram(PEER2_IP, 2000, OUR_IP, 7, 2);
	rig_turn();
	cr_expect_eq(rig.n_heard, 1);
	cr_expect_eq(rig.heard[0].data.len, 2);
	baro_udp_close(u);
}

Test(udp_connect, what_waited_from_others_stays)
{
	static const struct baro_udp_ops ops = { .readable = leave_it };
	struct baro_udp *u = rig_open(0, 7, &ops);
	struct baro_datagram d;

	rig_datagram(PEER2_IP, 5, OUR_IP, 7, 3);
	rig_turn();
	cr_assert_eq(connect_to(u, PEER_IP, 1000), 0);
	cr_assert_eq(baro_udp_peek(u, &d, 1), 1);
	cr_expect_eq(d.len, 3);
	baro_udp_close(u);
}

Test(udp_connect, port_of_a_connected_socket_is_taken)
{
	struct baro_udp *u = rig_open(OUR_IP, 7, NULL);
	struct baro_endpoint local = rig_endpoint(0, 7);
	struct baro_udp *other;

	cr_assert_eq(connect_to(u, PEER_IP, 1000), 0);
	cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &other), 0);
	cr_expect_eq(baro_udp_bind(other, &local), -EADDRINUSE);
	cr_expect_eq(baro_udp_set(other, BARO_UDP_REUSEADDR, 1), 0);
	cr_expect_eq(baro_udp_bind(other, &local), -EADDRINUSE, "the first one does not share");
	baro_udp_close(u);
	cr_expect_eq(baro_udp_bind(other, &local), 0);
	baro_udp_close(other);
}

Test(udp_connect, what_cannot_be_connected_is_refused)
{
	struct baro_udp *u = rig_open(0, 7, NULL);
	struct baro_endpoint v6 = { .addr.b = { 0x20, 1 }, .port = 9 };
	struct baro_endpoint ep;

	cr_expect_eq(connect_to(u, PEER_IP, 0), -EADDRNOTAVAIL);
	cr_expect_eq(connect_to(u, 0, 9), -ENETUNREACH);
	cr_expect_eq(connect_to(u, BCAST_IP, 9), -EACCES);
	cr_expect_eq(baro_udp_connect(u, &v6), -EADDRNOTAVAIL);
	baro_udp_remote(u, &ep);
	cr_expect_eq(ep.port, 0);
	cr_assert_eq(baro_udp_set(u, BARO_UDP_BROADCAST, 1), 0);
	cr_expect_eq(connect_to(u, BCAST_IP, 9), 0);
	baro_udp_close(u);
}

Test(udp_connect, pair_of_ends_is_taken_once)
{
	struct baro_endpoint local = rig_endpoint(OUR_IP, 7);
	struct baro_udp *u[2];

	for (unsigned i = 0; i < 2; i++) {
		cr_assert_eq(baro_udp_create(rig.core, &rig_ops, NULL, &u[i]), 0);
		cr_assert_eq(baro_udp_set(u[i], BARO_UDP_REUSEADDR, 1), 0);
		cr_assert_eq(baro_udp_bind(u[i], &local), 0);
	}
	cr_expect_eq(connect_to(u[0], PEER_IP, 1000), 0);
	cr_expect_eq(connect_to(u[1], PEER_IP, 1000), -EADDRINUSE);
	cr_expect_eq(connect_to(u[1], PEER_IP, 1001), 0);
	baro_udp_close(u[0]);
	cr_expect_eq(connect_to(u[1], PEER_IP, 1000), 0);
	baro_udp_close(u[1]);
}
