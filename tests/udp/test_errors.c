/* SPDX-License-Identifier: BSD-3-Clause */

/* What the network says about our datagrams: RFC 1122 §4.1.3.3. */

#include <criterion/criterion.h>
#include <errno.h>

#include "rig.h"

static void
setup(void)
{
	rig_begin(NULL, 1500);
}

TestSuite(udp_errors, .init = setup, .fini = rig_end);

static const struct icmp_hdr port_unreachable = { ICMP_UNREACHABLE, ICMP_UNREACH_PORT, 0 };

static struct baro_udp *
connected(const struct baro_udp_ops *ops)
{
	struct baro_endpoint peer = rig_endpoint(PEER_IP, 9);
	struct baro_udp *u = rig_open(0, 53, ops);

	cr_assert_eq(baro_udp_connect(u, &peer), 0);
	return u;
}

/** @u sends, and hears of it by @h. */
static void
send_and_fail(struct baro_udp *u, const struct baro_endpoint *to, uint32_t by, struct icmp_hdr h)
{
	rig.n_sent = 0;
	cr_assert_eq(baro_udp_send(u, to, NULL, "x", 1), 0);
	rig_turn();
	rig_icmp(by, &h, 0);
	rig_turn();
}

/* E05 */
Test(udp_errors, refusal_is_told_once_and_the_socket_goes_on)
{
	struct baro_udp *u = connected(NULL);

	send_and_fail(u, NULL, PEER_IP, port_unreachable);
	cr_expect_eq(baro_udp_send(u, NULL, NULL, "x", 1), -ECONNREFUSED);
	cr_expect_eq(baro_udp_send(u, NULL, NULL, "x", 1), 0);
	rig_datagram(PEER_IP, 9, OUR_IP, 53, 5);
	rig_turn();
	cr_expect_eq(rig.n_sent, 2, "what was refused was not sent");
	cr_expect_eq(rig.n_heard, 1);
	baro_udp_close(u);
}

/* E05: by callback */
Test(udp_errors, refusal_is_told_by_callback_once)
{
	struct baro_udp *u = connected(&rig_ops);
	const struct baro_udp_error *e = &rig.failed[0].what;

	send_and_fail(u, NULL, PEER_IP, port_unreachable);
	rig_turn();
	cr_assert_eq(rig.n_failed, 1);
	cr_expect_eq(rig.failed[0].by, u);
	cr_expect_eq(e->err, -ECONNREFUSED);
	cr_expect(e->is_hard);
	cr_expect_eq(baro_addr_to_v4(&e->to.addr), PEER_IP);
	cr_expect_eq(e->to.port, 9);
	cr_expect_eq(baro_addr_to_v4(&e->by), PEER_IP);
	cr_expect_eq(e->type, ICMP_UNREACHABLE);
	cr_expect_eq(e->code, ICMP_UNREACH_PORT);
	cr_expect_eq(baro_udp_send(u, NULL, NULL, "x", 1), 0);
	baro_udp_close(u);
}

Test(udp_errors, each_error_has_its_meaning)
{
	static const struct {
		uint8_t type, code;
		int err;
		bool is_hard;
	} rows[] = {
		{ ICMP_UNREACHABLE, ICMP_UNREACH_NET, -ENETUNREACH, false },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_HOST, -EHOSTUNREACH, false },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_PROTO, -ENOPROTOOPT, true },
		{ ICMP_UNREACHABLE, 5, -EHOSTUNREACH, false },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_NET_UNKNOWN, -ENETUNREACH, true },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_HOST_UNKNOWN, -EHOSTUNREACH, true },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_NET_PROHIBITED, -ENETUNREACH, true },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_HOST_PROHIBITED, -EHOSTUNREACH, true },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_NET_TOS, -ENETUNREACH, false },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_FILTERED, -EHOSTUNREACH, true },
		{ ICMP_TIME_EXCEEDED, ICMP_EXCEEDED_TTL, -EHOSTUNREACH, false },
		{ ICMP_PARAMETER, 0, -EPROTO, true },
	};
	struct baro_udp *u = connected(&rig_ops);

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		send_and_fail(u, NULL, GW_IP, (struct icmp_hdr){ rows[i].type, rows[i].code, 0 });
		cr_assert_eq(rig.n_failed, i + 1);
		cr_expect_eq(rig.failed[i].what.err, rows[i].err, "row %u", i);
		cr_expect_eq(rig.failed[i].what.is_hard, rows[i].is_hard, "row %u", i);
		cr_expect_eq(baro_addr_to_v4(&rig.failed[i].what.by), GW_IP);
	}
	baro_udp_close(u);
}

/* As on Linux: what may heal does not disturb who does not ask for it. */
Test(udp_errors, soft_error_is_not_told_to_the_next_send)
{
	struct baro_udp *u = connected(NULL);

	send_and_fail(u, NULL, GW_IP, (struct icmp_hdr){ ICMP_UNREACHABLE, ICMP_UNREACH_HOST, 0 });
	cr_expect_eq(baro_udp_send(u, NULL, NULL, "x", 1), 0);
	baro_udp_close(u);
}

Test(udp_errors, socket_that_is_not_connected_hears_by_callback_alone)
{
	struct baro_endpoint peer = rig_endpoint(PEER_IP, 9);
	struct baro_udp *u = rig_open(0, 53, NULL);

	send_and_fail(u, &peer, PEER_IP, port_unreachable);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, "x", 1), 0);
	baro_udp_close(u);
	u = rig_open(0, 53, &rig_ops);
	send_and_fail(u, &peer, PEER_IP, port_unreachable);
	cr_assert_eq(rig.n_failed, 1);
	cr_expect_eq(rig.failed[0].what.to.port, 9);
	baro_udp_close(u);
}

Test(udp_errors, error_about_another_peer_is_nobody_s)
{
	struct baro_udp *u = connected(&rig_ops);
	struct baro_endpoint other = rig_endpoint(PEER_IP, 10);

	send_and_fail(u, &other, PEER_IP, port_unreachable);
	cr_expect_eq(rig.n_failed, 0);
	cr_expect_eq(rig_drops(DROP_ICMP_QUOTE), 1);
	baro_udp_close(u);
}

Test(udp_errors, reconnecting_forgets_what_was_said)
{
	struct baro_udp *u = connected(NULL);
	struct baro_endpoint other = rig_endpoint(PEER_IP, 10);

	send_and_fail(u, NULL, PEER_IP, port_unreachable);
	cr_assert_eq(baro_udp_connect(u, &other), 0);
	cr_expect_eq(baro_udp_send(u, NULL, NULL, "x", 1), 0);
	baro_udp_close(u);
}

/* C11: RFC 1191 */
Test(udp_errors, path_mtu_is_told_and_kept)
{
	static const uint8_t data[1400];
	struct baro_endpoint far = rig_endpoint(FAR_IP, 9);
	struct baro_udp *u = rig_open(0, 53, &rig_ops);
	struct icmp_hdr too_big = { ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 1300 };

	cr_assert_eq(baro_udp_set(u, BARO_UDP_DF, 1), 0);
	cr_assert_eq(baro_udp_send(u, &far, NULL, data, sizeof(data)), 0);
	rig_turn();
	rig_icmp(GW_IP, &too_big, 0);
	rig_turn();
	cr_assert_eq(rig.n_failed, 1);
	cr_expect_eq(rig.failed[0].what.err, -EMSGSIZE);
	cr_expect_eq(rig.failed[0].what.mtu, 1300);
	cr_expect_eq(baro_udp_send(u, &far, NULL, data, 1273), -EMSGSIZE);
	cr_expect_eq(baro_udp_send(u, &far, NULL, data, 1272), 0);
	rig_turn();
	rig_icmp(GW_IP, &(struct icmp_hdr){ ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 1300 }, 1);
	rig_turn();
	cr_expect_eq(rig.n_failed, 1, "what fits was not too big");
	baro_udp_close(u);
}

/* RFC 1191 §6.5: only what must not be cut can be too big */
Test(udp_errors, path_mtu_of_what_may_be_fragmented_is_a_lie)
{
	static const uint8_t data[1400];
	struct baro_endpoint far = rig_endpoint(FAR_IP, 9);
	struct baro_udp *u = rig_open(0, 53, &rig_ops);

	cr_assert_eq(baro_udp_send(u, &far, NULL, data, sizeof(data)), 0);
	rig_turn();
	rig_icmp(GW_IP, &(struct icmp_hdr){ ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 600 }, 0);
	rig_turn();
	cr_expect_eq(rig.n_failed, 0);
	cr_expect_eq(rig_drops(DROP_ICMP_QUOTE), 1);
	baro_udp_close(u);
}

/* A06: our own link's word */
Test(udp_errors, silent_neighbour_is_told)
{
	struct baro_endpoint nobody = rig_endpoint(PEER2_IP, 9);
	struct baro_udp *u = rig_open(0, 53, &rig_ops);

	cr_assert_eq(baro_udp_send(u, &nobody, NULL, "x", 1), 0);
	rig_until(AT_S(10));
	cr_assert_eq(rig.n_failed, 1);
	cr_expect_eq(rig.failed[0].what.err, -EHOSTUNREACH);
	cr_expect_eq(baro_addr_to_v4(&rig.failed[0].what.to.addr), PEER2_IP);
	cr_expect_eq(baro_addr_to_v4(&rig.failed[0].what.by), 0);
	baro_udp_close(u);
}

static void
close_on_error(struct baro_udp *u, const struct baro_udp_error *e)
{
	rig_note_failed(u, e);
	baro_udp_close(u);
}

Test(udp_errors, socket_may_be_closed_in_the_callback)
{
	static const struct baro_udp_ops ops = { .received = rig_received,
		.failed = close_on_error };
	struct baro_udp *u = connected(&ops);

	cr_assert_eq(baro_udp_send(u, NULL, NULL, "x", 1), 0);
	rig_turn();
	rig_datagram(PEER_IP, 9, OUR_IP, 53, 5);
	rig_icmp(PEER_IP, &port_unreachable, 0);
	rig_icmp(PEER_IP, &port_unreachable, 0);
	rig_turn();
	cr_expect_eq(rig.n_failed, 1);
	cr_expect_eq(rig.n_heard, 0);
}

/* E05: from ourselves */
Test(udp_errors, refusal_comes_by_loopback_too)
{
	struct baro_endpoint ourselves = rig_endpoint(IPV4_LOOPBACK, 9);
	struct baro_udp *u = rig_open(0, 0, &rig_ops);

	cr_assert_eq(baro_udp_connect(u, &ourselves), 0);
	cr_assert_eq(baro_udp_send(u, NULL, NULL, "x", 1), 0);
	rig_turn();
	rig_turn();
	cr_assert_eq(rig.n_failed, 1);
	cr_expect_eq(rig.failed[0].what.err, -ECONNREFUSED);
	baro_udp_close(u);
}

Test(udp_errors, more_than_a_turn_passes_on_are_dropped)
{
	struct baro_config config = { .core.burst = 64 };
	struct baro_endpoint ourselves = rig_endpoint(OUR_IP, 9);
	struct baro_endpoint peer = rig_endpoint(PEER_IP, 9);
	struct baro_udp *u;

	rig_end();
	rig_begin(&config, 1500);
	u = rig_open(0, 53, &rig_ops);
	cr_assert_eq(baro_udp_send(u, &peer, NULL, "x", 1), 0);
	cr_assert_eq(baro_udp_send(u, &ourselves, NULL, "x", 1), 0);
	rig_turn(); /* nobody is there: our own error comes in the next turn, behind these */
	for (unsigned i = 0; i < 64; i++)
		rig_icmp(PEER_IP, &port_unreachable, 0);
	rig_turn();
	cr_expect_eq(rig.n_failed, 64);
	cr_expect_eq(rig_drops(DROP_UDP_ERRORS_FULL), 1);
	rig_icmp(PEER_IP, &port_unreachable, 0);
	rig_turn();
	cr_expect_eq(rig.n_failed, 65);
	baro_udp_close(u);
}
