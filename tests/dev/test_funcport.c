/* SPDX-License-Identifier: BSD-3-Clause */

/* The port made of two functions. */

#include <baro/addr.h>
#include <errno.h>

#include "dev/funcport.h"
#include "dev/port.h"
#include "dev/rig.h"

enum {
	MBUFS = 8192,
	FRAME_MAX = 9000 + 18,
};

/* What came out. */
static struct {
	uint8_t octets[FRAME_MAX + 64];
	size_t len;
	int n_pieces;
	unsigned n_frames;
} sent;

static struct rig rig;
static struct dev_port port;
static struct dev_queue q;

static void
take_frame(const struct iovec *frame, int n, void *user)
{
	cr_assert_eq(user, &sent);
	sent.len = 0;
	sent.n_pieces = n;
	sent.n_frames++;
	for (int i = 0; i < n; i++) {
		cr_assert_leq(sent.len + frame[i].iov_len, sizeof(sent.octets));
		memcpy(sent.octets + sent.len, frame[i].iov_base, frame[i].iov_len);
		sent.len += frame[i].iov_len;
	}
}

static const struct baro_port_opts usual = {
	.transmit = take_frame,
	.user = &sent,
	.prefix_len = 24,
};

static void
open_with_mtu(uint16_t mtu)
{
	struct baro_port_opts opts = usual;

	opts.address = baro_addr_from_v4(0xc6120002);
	opts.mtu = mtu;
	cr_assert_eq(funcport_init(&q, &port, 0, &opts, &rig.env, rig.pool.text), 0);
}

static void
setup(void)
{
	rig_init(&rig, MBUFS);
	open_with_mtu(0);
}

static void
teardown(void)
{
	funcport_fini(&q);
	rig_fini(&rig);
}

TestSuite(funcport, .init = setup, .fini = teardown);

Test(funcport, defaults)
{
	static const struct mac made = { { 0x02, 0x00, 198, 18, 0, 2 } };

	cr_expect_str_eq(port.name, "port0");
	cr_expect_str_eq(port.driver, "function");
	cr_expect_eq(port.port_id, UINT16_MAX);
	cr_expect_eq(port.n_queues, 1);
	cr_expect_eq(port.mtu, 1500);
	cr_expect_eq(port.vlan, 0);
	cr_expect(mac_eq(port.mac, made));
	cr_expect(port.can.tx_multi_seg);
	cr_expect_not(port.can.rx_ip_sum || port.can.rx_l4_sum || port.can.tx_ip_sum ||
		      port.can.tx_tcp_sum || port.can.tx_udp_sum);
	cr_expect_eq(dev_next(&q), TIME_NEVER);
}

Test(funcport, refuses_what_cannot_be)
{
	static const struct {
		const char *name;
		struct baro_port_opts opts;
		int result;
	} rows[] = {
		{ "as it should be", { .transmit = take_frame, .prefix_len = 32 }, 0 },
		{ "no transmit", { .prefix_len = 24 }, -EINVAL },
		{ "prefix of 33", { .transmit = take_frame, .prefix_len = 33 }, -EINVAL },
		{ "least MTU", { .transmit = take_frame, .mtu = 576 }, 0 },
		{ "MTU too small", { .transmit = take_frame, .mtu = 575 }, -EINVAL },
		{ "largest MTU", { .transmit = take_frame, .mtu = 9000 }, 0 },
		{ "MTU too large", { .transmit = take_frame, .mtu = 9001 }, -EINVAL },
		{ "last VLAN", { .transmit = take_frame, .vlan = 4094 }, 0 },
		{ "reserved VLAN", { .transmit = take_frame, .vlan = 4095 }, -EINVAL },
		{ "group MAC", { .transmit = take_frame, .mac = { 1 } }, -EINVAL },
		{ "MAC of its own", { .transmit = take_frame, .mac = { 2, 1, 2, 3, 4, 5 } }, 0 },
		{ "IPv6 address", { .transmit = take_frame, .address = { { 0xfd } } }, -EINVAL },
		{ "IPv6 gateway", { .transmit = take_frame, .gateway = { { 0xfd } } }, -EINVAL },
	};
	struct dev_queue queue;
	struct dev_port other;
	int result;

	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		result = funcport_init(&queue, &other, 7, &rows[i].opts, &rig.env, rig.pool.text);
		cr_expect_eq(result, rows[i].result, "%s: %d", rows[i].name, result);
		if (result == 0) {
			cr_expect_str_eq(other.name, "port7");
			cr_expect_not(mac_is_zero(other.mac), "%s", rows[i].name);
			funcport_fini(&queue);
		}
	}
}

Test(funcport, frames_come_in_as_they_were_in_order)
{
	struct rte_mbuf *pkts[DEV_BURST_MAX];
	uint8_t frame[1514];
	uint32_t n = 0;
	uint16_t got;

	for (uint32_t i = 0; i < 100; i++) {
		for (uint32_t at = 0; at < 60 + i; at++)
			frame[at] = rig_octet(i, at);
		cr_assert_eq(funcport_input(&q, frame, 60 + i), 0);
	}
	memset(frame, 0, sizeof(frame)); /* the port has its own copy */
	cr_expect_eq(dev_next(&q), 0);
	while ((got = dev_rx(&q, pkts, 32, 1)) > 0) {
		cr_expect_eq(got, n < 96 ? 32 : 4);
		for (uint16_t i = 0; i < got; i++, n++) {
			cr_expect_eq(pkts[i]->pkt_len, 60 + n);
			cr_expect_eq(rig_flipped(pkts[i], n), 0);
			cr_expect_eq(pkts[i]->ol_flags, 0);
			cr_expect_eq(rte_pktmbuf_headroom(pkts[i]), PKT_HEADROOM);
			pkt_release(pkts[i]);
		}
	}
	cr_expect_eq(n, 100);
	cr_expect_eq(rig.env.stats[STAT_RX_PACKETS], 100);
	cr_expect_eq(rig.env.stats[STAT_RX_OCTETS], 100 * 60 + 99 * 100 / 2);
	cr_expect_eq(dev_next(&q), TIME_NEVER);
	cr_expect_eq(rig_drops(&rig), 0);
}

Test(funcport, every_length_comes_in_and_goes_out_whole)
{
	uint8_t frame[FRAME_MAX];
	struct rte_mbuf *m;
	size_t padded;

	funcport_fini(&q);
	open_with_mtu(9000);
	for (uint32_t at = 0; at < FRAME_MAX; at++)
		frame[at] = rig_octet(5, at);
	for (size_t len = 0; len <= FRAME_MAX; len += len < 80 ? 1 : len < 8900 ? 31 : 1) {
		cr_assert_eq(funcport_input(&q, frame, len), 0);
		cr_assert_eq(dev_rx(&q, &m, 1, 1), 1);
		cr_assert_eq(m->pkt_len, len);
		cr_assert_eq(m->nb_segs, len == 0 ? 1 : (len - 1) / POOL_TEXT_ROOM + 1);
		rte_mbuf_sanity_check(m, 1);
		dev_tx(&q, m);
		dev_flush(&q, 1);
		padded = RTE_MAX(len, (size_t)ETH_MIN_LEN);
		cr_assert_eq(sent.len, padded, "%zu octets became %zu", len, sent.len);
		cr_assert_arr_eq(sent.octets, frame, len);
		for (size_t at = len; at < padded; at++)
			cr_assert_eq(sent.octets[at], 0, "padding is zero");
	}
	cr_expect_eq(rig.env.stats[STAT_TX_PACKETS], rig.env.stats[STAT_RX_PACKETS]);
	cr_expect_eq(rig.env.stats[STAT_TX_OCTETS], rig.env.stats[STAT_RX_OCTETS]);
}

Test(funcport, a_frame_longer_than_the_mtu_is_refused)
{
	static const uint8_t frame[1519];

	cr_expect_eq(funcport_input(&q, frame, 1518), 0, "a VLAN tag may be there");
	cr_expect_eq(funcport_input(&q, frame, 1519), -EMSGSIZE);
	cr_expect_eq(rig.env.drops[DROP_RX_LONG], 1);
	cr_expect_eq(rig_drops(&rig), 1);
}

Test(funcport, the_4097th_frame_that_waits_is_refused)
{
	static const uint8_t frame[60];
	struct rte_mbuf *m;

	for (int i = 0; i < DEV_IN_MAX; i++)
		cr_assert_eq(funcport_input(&q, frame, sizeof(frame)), 0);
	cr_expect_eq(funcport_input(&q, frame, sizeof(frame)), -ENOBUFS);
	cr_expect_eq(rig.env.drops[DROP_RX_FULL], 1);
	cr_assert_eq(dev_rx(&q, &m, 1, 1), 1);
	pkt_release(m);
	cr_expect_eq(funcport_input(&q, frame, sizeof(frame)), 0, "room again");
	cr_expect_eq(rig_drops(&rig), 1);
}

Test(funcport, the_ring_survives_the_wrap_of_its_counters)
{
	struct rte_mbuf *m;
	uint8_t frame[60] = { 0 };

	q.in_head = q.in_tail = UINT32_MAX - 2;
	for (uint8_t i = 0; i < 10; i++) {
		frame[0] = i;
		cr_assert_eq(funcport_input(&q, frame, sizeof(frame)), 0);
	}
	for (uint32_t i = 0; i < 10; i++) {
		cr_assert_eq(dev_rx(&q, &m, 1, 1), 1);
		cr_expect_eq(rig_number(m), i);
		pkt_release(m);
	}
	cr_expect_eq(dev_rx(&q, &m, 1, 1), 0);
}

Test(funcport, without_buffers_frames_are_refused_until_some_are_free)
{
	static const uint8_t frame[9018];
	struct rig small;
	struct dev_queue queue;
	struct dev_port other;
	struct rte_mbuf *m;
	struct baro_port_opts opts = usual;

	rig_init(&small, 7);
	opts.mtu = 9000;
	cr_assert_eq(funcport_init(&queue, &other, 0, &opts, &small.env, small.pool.text), 0);
	cr_expect_eq(funcport_input(&queue, frame, sizeof(frame)), 0);
	cr_expect_eq(dev_pool_in_use(&small.pool), 5);
	cr_expect_eq(funcport_input(&queue, frame, sizeof(frame)), -ENOBUFS);
	cr_expect_eq(dev_pool_in_use(&small.pool), 5, "no half frame stays");
	cr_expect_eq(small.env.drops[DROP_RX_FULL], 1);
	cr_assert_eq(dev_rx(&queue, &m, 1, 1), 1);
	pkt_release(m);
	cr_expect_eq(funcport_input(&queue, frame, sizeof(frame)), 0);
	funcport_fini(&queue);
	rig_fini(&small);
}

Test(funcport, chains_go_out_in_pieces_without_a_copy)
{
	struct rte_mbuf *m = rig_chain(&rig, 9, 1400, 500);

	dev_tx(&q, m);
	cr_expect_eq(sent.n_frames, 0, "nothing leaves before the flush");
	cr_expect_eq(dev_next(&q), 0, "what is queued is work at once");
	dev_flush(&q, 1);
	cr_expect_eq(sent.n_pieces, 3);
	cr_expect_eq(sent.len, 1400);
	for (uint32_t at = 0; at < 1400; at++)
		cr_assert_eq(sent.octets[at], rig_octet(9, at));
	cr_expect_eq(rig.env.stats[STAT_TX_PACKETS], 1);
	cr_expect_eq(rig.env.stats[STAT_TX_OCTETS], 1400);
}

Test(funcport, a_frame_in_a_thousand_pieces_goes_out_whole)
{
	dev_tx(&q, rig_chain(&rig, 9, 1400, 1));
	dev_tx(&q, rig_chain(&rig, 9, 59, 1));
	dev_flush(&q, 1);
	cr_expect_eq(sent.n_frames, 2);
	cr_expect_eq(sent.len, 60, "and is padded");
	cr_expect_eq(sent.octets[58], rig_octet(9, 58));
	cr_expect_eq(sent.octets[59], 0);
	dev_tx(&q, rig_chain(&rig, 3, 1400, 1));
	dev_flush(&q, 1);
	cr_expect_eq(sent.len, 1400);
	for (uint32_t at = 0; at < 1400; at++)
		cr_assert_eq(sent.octets[at], rig_octet(3, at));
}

Test(funcport, a_frame_that_no_ethernet_carries_is_dropped)
{
	dev_tx(&q, rig_chain(&rig, 9, FRAME_MAX + 1, 500));
	dev_tx(&q, rig_packet(&rig, 1, 100));
	dev_flush(&q, 1);
	cr_expect_eq(sent.n_frames, 1);
	cr_expect_eq(sent.len, 100);
	cr_expect_eq(rig.env.drops[DROP_TX_REFUSED], 1);
	cr_expect_eq(rig_drops(&rig), 1);
	cr_expect_eq(rig.env.stats[STAT_TX_PACKETS], 1);
}

Test(funcport, the_257th_packet_of_a_turn_is_dropped)
{
	for (uint32_t i = 0; i < DEV_TX_RING + 1; i++)
		dev_tx(&q, rig_packet(&rig, i, 60));
	cr_expect_eq(dev_tx_room(&q), 0);
	cr_expect_eq(rig.env.drops[DROP_TX_FULL], 1);
	dev_flush(&q, 1);
	cr_expect_eq(dev_tx_room(&q), DEV_TX_RING);
	cr_expect_eq(sent.n_frames, DEV_TX_RING);
	cr_expect_eq(rig_drops(&rig), 1);
}

Test(funcport, closing_releases_what_waits_either_way)
{
	static const uint8_t frame[60];

	cr_assert_eq(funcport_input(&q, frame, sizeof(frame)), 0);
	dev_tx(&q, rig_packet(&rig, 0, 60));
	funcport_fini(&q);
	cr_expect_eq(dev_pool_in_use(&rig.pool), 0);
	cr_expect_eq(sent.n_frames, 0);
	open_with_mtu(0);
}
