/* SPDX-License-Identifier: BSD-3-Clause */

/* Datagrams that wait for who reads by himself, and the bounds of what may wait. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "rig.h"

static unsigned n_readable;

static void
note_readable(struct baro_udp *u)
{
	(void)u;
	n_readable++;
}

static const struct baro_udp_ops ops = { .readable = note_readable };
static struct baro_udp *u;

static void
setup(void)
{
	rig_begin(NULL, 1500);
	u = rig_open(0, 7, &ops);
}

static void
teardown(void)
{
	baro_udp_close(u);
	rig_end();
}

TestSuite(udp_queue, .init = setup, .fini = teardown);

/** Datagrams of @from..@to octets come. */
static void
hear(uint32_t from, uint32_t to)
{
	for (uint32_t len = from; len <= to; len++)
		rig_hear(OUR_IP, 7, len);
	rig_turn();
}

Test(udp_queue, reader_is_called_once_a_turn)
{
	hear(1, 5);
	cr_expect_eq(n_readable, 1);
	rig_turn();
	cr_expect_eq(n_readable, 1, "what he left is no news");
	hear(6, 6);
	cr_expect_eq(n_readable, 2);
}

/* E10 */
Test(udp_queue, waiting_datagrams_are_seen_in_bursts)
{
	struct baro_datagram d[8];
	size_t octets;

	hear(0, 9);
	cr_expect_eq(baro_udp_recv_queued(u, &octets), 10);
	cr_expect_eq(octets, 45);
	for (unsigned round = 0; round < 2; round++) { /* looking takes nothing */
		cr_assert_eq(baro_udp_peek(u, d, 8), 8);
		for (uint32_t i = 0; i < 8; i++) {
			struct octets data = some_octets(i);

			cr_expect_eq(d[i].len, i);
			cr_expect_eq(d[i].from.port, 1000);
			cr_expect_eq(d[i].to.port, 7);
			cr_expect_eq(memcmp(d[i].data, data.b, i), 0);
		}
	}
	baro_udp_consume(u, 8);
	cr_assert_eq(baro_udp_peek(u, d, 8), 2);
	cr_expect_eq(d[0].len, 8);
	baro_udp_consume(u, 2);
	cr_expect_eq(baro_udp_peek(u, d, 8), 0);
	cr_expect_eq(baro_udp_recv_queued(u, &octets), 0);
	cr_expect_eq(octets, 0);
}

/* E09 */
Test(udp_queue, what_does_not_fit_is_cut_and_told)
{
	struct octets data = some_octets(100);
	struct baro_datagram d;
	uint8_t buf[40];

	hear(100, 101);
	cr_assert_eq(baro_udp_recv(u, buf, sizeof(buf), &d), 40);
	cr_expect_eq(memcmp(buf, data.b, 40), 0);
	cr_expect_eq(d.len, 100, "its whole length");
	cr_expect_eq(d.data, buf);
	cr_expect_eq(baro_addr_to_v4(&d.from.addr), PEER_IP);
	cr_assert_eq(baro_udp_recv(u, buf, sizeof(buf), &d), 40);
	cr_expect_eq(d.len, 101, "the next one, not the rest");
	cr_expect_eq(baro_udp_recv(u, buf, sizeof(buf), &d), -EAGAIN);
}

/* E03 */
Test(udp_queue, empty_datagram_is_one)
{
	struct baro_datagram d;
	uint8_t buf[4];

	hear(0, 0);
	cr_expect_eq(n_readable, 1);
	cr_expect_eq(baro_udp_recv(u, buf, sizeof(buf), &d), 0);
	cr_expect_eq(d.len, 0);
	cr_expect_eq(baro_udp_recv(u, buf, sizeof(buf), NULL), -EAGAIN);
}

/* E08 */
Test(udp_queue, datagrams_too_many_are_dropped_and_the_socket_goes_on)
{
	cr_assert_eq(baro_udp_set(u, BARO_UDP_RCV_DATAGRAMS, 3), 0);
	hear(1, 5);
	cr_expect_eq(baro_udp_recv_queued(u, NULL), 3);
	cr_expect_eq(rig_drops(DROP_UDP_QUEUE_FULL), 2);
	cr_expect_eq(rig.n_sent, 0, "no ICMP");
	baro_udp_consume(u, 1);
	hear(6, 7);
	cr_expect_eq(baro_udp_recv_queued(u, NULL), 3);
	cr_expect_eq(rig_drops(DROP_UDP_QUEUE_FULL), 3);
}

/* E08: in octets */
Test(udp_queue, octets_too_many_are_dropped)
{
	size_t octets;

	cr_assert_eq(baro_udp_set(u, BARO_UDP_RCVBUF, 100), 0);
	hear(60, 60);
	hear(41, 41);
	hear(40, 40);
	hear(1, 1);
	hear(0, 0); /* takes no room */
	cr_expect_eq(baro_udp_recv_queued(u, &octets), 3);
	cr_expect_eq(octets, 100);
	cr_expect_eq(rig_drops(DROP_UDP_QUEUE_FULL), 2);
}

/* E08: by configuration */
Test(udp_queue, bounds_are_configured)
{
	struct baro_config config = { .udp = { .rcv_buf = 5000, .rcv_datagrams = 4 } };
	int value;

	baro_udp_close(u);
	rig_end();
	rig_begin(&config, 1500);
	u = rig_open(0, 7, &ops);
	cr_expect_eq(baro_udp_get(u, BARO_UDP_RCVBUF, &value), 0);
	cr_expect_eq(value, 5000);
	hear(1, 5);
	cr_expect_eq(baro_udp_recv_queued(u, NULL), 4);
	baro_udp_consume(u, 4);
	for (unsigned i = 0; i < 4; i++)
		hear(1400, 1400);
	cr_expect_eq(baro_udp_recv_queued(u, NULL), 3);
}

/* E08, R03: those who never read leave buffers to the others */
Test(udp_queue, sockets_that_nobody_reads_do_not_starve_the_core)
{
	struct baro_config config = { .core.mbufs = 512 };
	struct baro_udp *echo;

	baro_udp_close(u);
	rig_end();
	rig_begin(&config, 1500);
	u = rig_open(0, 7, &ops);
	echo = rig_open(0, 8, NULL);
	for (unsigned i = 0; i < 40; i++)
		hear(1, 10);
	cr_expect_eq(baro_udp_recv_queued(u, NULL), 128, "a quarter of the buffers");
	cr_expect_eq(rig_drops(DROP_UDP_QUEUE_FULL), 400 - 128);
	baro_udp_consume(u, 1);
	rig_hear(OUR_IP, 8, 1);
	rig_turn();
	cr_expect_eq(rig.n_heard, 1);
	baro_udp_close(echo);
}

/* R02: one that lies in pieces is put together, the next one at the next look */
Test(udp_queue, scattered_datagrams_are_seen_one_at_a_time)
{
	struct octets data = some_octets(8000);
	struct baro_datagram d[4];
	static uint8_t buf[9000];

	baro_udp_close(u);
	rig_end();
	rig_begin(NULL, 9000);
	u = rig_open(0, 7, &ops);
	hear(5, 5);
	hear(8000, 8001);
	cr_assert_eq(baro_udp_peek(u, d, 4), 2);
	cr_expect_eq(d[1].len, 8000);
	cr_expect_eq(memcmp(d[1].data, data.b, 8000), 0);
	baro_udp_consume(u, 1);
	cr_assert_eq(baro_udp_recv(u, buf, sizeof(buf), NULL), 8000);
	cr_expect_eq(memcmp(buf, data.b, 8000), 0);
	cr_assert_eq(baro_udp_peek(u, d, 4), 1);
	cr_expect_eq(d[0].len, 8001);
}

/** The same octets on the wire, but for what tells packets apart: identification and header checksum. */
static bool
is_same_frame(const struct rig_sent *a, const struct rig_sent *b)
{
	const uint32_t id_at = ETH_HDR_LEN + 4;
	const uint32_t sum_at = ETH_HDR_LEN + 10;

	for (uint32_t i = 0; i < a->frame.len; i++)
		if (a->frame.b[i] != b->frame.b[i] && (i & ~1u) != id_at && (i & ~1u) != sum_at)
			return false;
	return a->frame.len == b->frame.len;
}

/* From each pool, and in fragments, to one peer and the other: what one call sends is what several do. */
Test(udp_queue, a_burst_is_on_the_wire_what_single_datagrams_are)
{
	static const uint16_t lens[] = { 0, 1, 64, 248, 249, 300, 1472, 1473, 4000, 5, 6, 7 };
	const struct baro_endpoint peers[2] = { rig_endpoint(PEER_IP, 9),
		rig_endpoint(PEER_IP, 10) };
	static struct octets data;
	struct baro_udp_msg msg[ARRAY_LEN(lens)];
	unsigned n_single;

	data = some_octets(OCTETS_MAX);
	for (unsigned i = 0; i < ARRAY_LEN(lens); i++) {
		msg[i] = (struct baro_udp_msg){
			.to = &peers[i > 8], .data = data.b, .len = min_u32(lens[i], data.len)
		};
		cr_expect_eq(baro_udp_send(u, msg[i].to, NULL, msg[i].data, msg[i].len), 0);
	}
	rig_turn();
	n_single = rig.n_sent;
	cr_expect_gt(n_single, ARRAY_LEN(lens), "some went in fragments");
	cr_expect_eq(baro_udp_send_burst(u, msg, ARRAY_LEN(lens)), (int)ARRAY_LEN(lens));
	rig_turn();
	cr_assert_eq(rig.n_sent, 2 * n_single);
	for (unsigned i = 0; i < n_single; i++)
		cr_expect(is_same_frame(&rig.sent[i], &rig.sent[n_single + i]), "frame %u", i);
	/* RFC 6864: no two datagrams have one identification, fragments of one have */
	for (unsigned i = 1; i < 7; i++)
		cr_expect_eq(rig.sent[n_single + i].ip.id,
			(uint16_t)(rig.sent[n_single + i - 1].ip.id + 1));
}

Test(udp_queue, a_burst_ends_where_a_datagram_is_too_long)
{
	const struct baro_endpoint peer = rig_endpoint(PEER_IP, 9);
	static const char data[2000];
	struct baro_udp_msg msg[3] = {
		{ .to = &peer, .data = data, .len = 1472 },
		{ .to = &peer, .data = data, .len = 1473 },
		{ .to = &peer, .data = data, .len = 1 },
	};

	cr_assert_eq(baro_udp_set(u, BARO_UDP_DF, 1), 0);
	cr_expect_eq(baro_udp_send_burst(u, msg, 3), 1);
	cr_expect_eq(baro_udp_send_burst(u, msg + 1, 2), -EMSGSIZE);
	msg[1].len = BARO_UDP_MAX + 1;
	cr_assert_eq(baro_udp_set(u, BARO_UDP_DF, 0), 0);
	cr_expect_eq(baro_udp_send_burst(u, msg + 1, 2), -EMSGSIZE);
	rig_turn();
	cr_expect_eq(rig.n_sent, 1);
}

Test(udp_queue, a_burst_may_be_long)
{
	const struct baro_endpoint peer = rig_endpoint(PEER_IP, 9);
	static const uint8_t text[100];
	struct baro_udp_msg msg[100];

	for (unsigned i = 0; i < ARRAY_LEN(msg); i++)
		msg[i] = (struct baro_udp_msg){ .to = &peer, .data = text, .len = i };
	cr_expect_eq(baro_udp_send_burst(u, msg, 100), 100);
	rig_turn();
	cr_assert_eq(rig.n_sent, 100);
	for (unsigned i = 0; i < 100; i++)
		cr_expect_eq(rig.sent[i].ip.total_len, IPV4_HDR_LEN + UDP_HDR_LEN + i);
}

Test(udp_queue, bursts_are_sent_until_one_fails)
{
	struct baro_endpoint peer = rig_endpoint(PEER_IP, 9);
	struct baro_endpoint v6 = { .addr.b = { 0x20, 1 }, .port = 9 };
	struct baro_udp_msg msg[4] = {
		{ .to = &peer, .data = "a", .len = 1 },
		{ .to = &peer, .data = "bb", .len = 2 },
		{ .to = &peer, .data = "ccc", .len = 3 },
		{ .to = &v6, .data = "d", .len = 1 },
	};

	cr_expect_eq(baro_udp_send_burst(u, msg, 3), 3);
	cr_expect_eq(baro_udp_send_burst(u, msg + 2, 2), 1);
	cr_expect_eq(baro_udp_send_burst(u, msg + 3, 1), -ENETUNREACH);
	cr_expect_eq(baro_udp_send_burst(u, msg, 0), 0);
	rig_turn();
	cr_assert_eq(rig.n_sent, 4);
	for (unsigned i = 0; i < 3; i++)
		cr_expect_eq(memcmp(rig.sent[i].data, msg[i].data, msg[i].len), 0);
}
