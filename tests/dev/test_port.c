/* SPDX-License-Identifier: BSD-3-Clause */

/* Bursts in and out of a port of DPDK: a driver of three functions, put where ethdev looks. */

#include <errno.h>
#include <rte_ethdev.h>

#include "dev/fault.h"
#include "dev/port.h"
#include "dev/rig.h"

enum {
	MBUFS = 2048,
	PORT_ID = 3,
	QUEUE_ID = 1,
};

/* The driver. */
static struct {
	struct rte_mbuf *out[4096];
	uint32_t n_out;
	uint16_t room; /* packets that it takes in a call */
	unsigned n_tx_calls;
	unsigned n_prepare_calls;
	uint32_t bad; /* number of the packet that it cannot send */
	bool has_bad;
	uint32_t n_in; /* packets that it will give */
	uint32_t next_in;
} nic;

static struct rig rig;
static struct dev_port port;
static struct dev_queue q;

static uint16_t
nic_rx(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t got;

	cr_assert_eq(queue, &nic);
	for (got = 0; got < n && nic.n_in > 0; got++, nic.n_in--) {
		pkts[got] = rig_packet(&rig, nic.next_in++, 100);
		pkts[got]->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	}
	return got;
}

static uint16_t
nic_tx(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t taken = RTE_MIN(n, nic.room);

	cr_assert_eq(queue, &nic);
	for (uint16_t i = 0; i < taken; i++)
		nic.out[nic.n_out++] = pkts[i];
	nic.n_tx_calls++;
	return taken;
}

static uint16_t
nic_prepare(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;

	cr_assert_eq(queue, &nic);
	nic.n_prepare_calls++;
	for (i = 0; i < n; i++) {
		if (nic.has_bad && rig_number(pkts[i]) == nic.bad)
			break;
	}
	return i;
}

static void
setup(void)
{
	static void *queues[] = { NULL, &nic };
	static struct rte_eth_rxtx_callback *callbacks[2];

	rte_eth_fp_ops[PORT_ID] = (struct rte_eth_fp_ops){
		.rx_pkt_burst = nic_rx,
		.tx_pkt_burst = nic_tx,
		.tx_pkt_prepare = nic_prepare,
		.rxq = { .data = queues, .clbk = (void **)callbacks },
		.txq = { .data = queues, .clbk = (void **)callbacks },
	};
	rig_init(&rig, MBUFS);
	nic.room = UINT16_MAX;
	port = (struct dev_port){ .port_id = PORT_ID, .can = { .tx_multi_seg = true } };
	q = (struct dev_queue){
		.port = &port,
		.env = &rig.env,
		.queue_id = QUEUE_ID,
		.in_pool = rig.pool.text,
	};
}

static void
free_sent(void)
{
	while (nic.n_out > 0)
		pkt_release(nic.out[--nic.n_out]);
}

static void
teardown(void)
{
	free_sent();
	fault_destroy(q.rx_fault);
	fault_destroy(q.tx_fault);
	rig_fini(&rig);
}

TestSuite(port, .init = setup, .fini = teardown);

static void
queue_packets(uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		dev_tx(&q, rig_packet(&rig, first + i, (uint16_t)(60 + first + i)));
}

static void
expect_sent_in_order(uint32_t n)
{
	cr_assert_eq(nic.n_out, n, "%u sent, not %u", nic.n_out, n);
	for (uint32_t i = 0; i < n; i++)
		cr_assert_eq(rig_number(nic.out[i]), i);
}

Test(port, a_turn_is_one_call_to_the_driver)
{
	queue_packets(0, 100);
	cr_expect_eq(nic.n_tx_calls, 0);
	dev_flush(&q, 1);
	cr_expect_eq(nic.n_tx_calls, 1);
	cr_expect_eq(nic.n_prepare_calls, 0, "no offload needs it");
	expect_sent_in_order(100);
	cr_expect_eq(rig.env.stats[STAT_TX_PACKETS], 100);
	cr_expect_eq(rig.env.stats[STAT_TX_OCTETS], 100 * 60 + 99 * 100 / 2);
	dev_flush(&q, 2);
	cr_expect_eq(nic.n_tx_calls, 1, "nothing to send, no call");
}

Test(port, what_the_driver_does_not_take_stays_in_order)
{
	nic.room = 7;
	queue_packets(0, 20);
	dev_flush(&q, 1);
	expect_sent_in_order(7);
	cr_expect_eq(q.n_tx, 13);
	cr_expect_eq(dev_next(&q), 0);
	cr_expect_eq(rig.env.stats[STAT_TX_PACKETS], 7);
	cr_expect_eq(rig.env.stats[STAT_TX_OCTETS], 7 * 60 + 6 * 7 / 2);
	queue_packets(20, 1);
	dev_flush(&q, 2);
	dev_flush(&q, 3);
	expect_sent_in_order(21);
	cr_expect_eq(q.n_tx, 0);
	cr_expect_eq(rig.env.stats[STAT_TX_OCTETS], 21 * 60 + 20 * 21 / 2);
	cr_expect_eq(dev_next(&q), TIME_NEVER);
}

Test(port, a_driver_that_takes_nothing_fills_the_queue)
{
	nic.room = 0;
	queue_packets(0, DEV_TX_RING);
	dev_flush(&q, 1);
	cr_expect_eq(dev_tx_room(&q), 0);
	queue_packets(DEV_TX_RING, 3);
	cr_expect_eq(rig.env.drops[DROP_TX_FULL], 3);
	nic.room = UINT16_MAX;
	dev_flush(&q, 2);
	expect_sent_in_order(DEV_TX_RING);
	cr_expect_eq(rig_drops(&rig), 3);
}

Test(port, offloads_are_prepared_and_the_refused_packet_goes_alone)
{
	port.can.tx_tcp_sum = true;
	nic.has_bad = true;
	nic.bad = 5;
	queue_packets(0, 5);
	queue_packets(6, 4);
	dev_tx(&q, rig_packet(&rig, 5, 60));
	queue_packets(10, 1);
	dev_flush(&q, 1);
	cr_expect_eq(nic.n_prepare_calls, 2);
	cr_expect_eq(nic.n_out, 10);
	cr_expect_eq(rig.env.drops[DROP_TX_REFUSED], 1);
	cr_expect_eq(rig_drops(&rig), 1);
	cr_expect_eq(rig.env.stats[STAT_TX_PACKETS], 10);
	cr_expect_eq(q.n_tx, 0);
}

Test(port, refused_packets_at_either_end_do_no_harm)
{
	port.can.tx_ip_sum = true;
	nic.has_bad = true;
	nic.bad = 1;
	dev_tx(&q, rig_packet(&rig, 1, 60));
	dev_tx(&q, rig_packet(&rig, 1, 60));
	dev_tx(&q, rig_packet(&rig, 0, 60));
	dev_tx(&q, rig_packet(&rig, 1, 60));
	dev_flush(&q, 1);
	expect_sent_in_order(1);
	cr_expect_eq(rig.env.drops[DROP_TX_REFUSED], 3);
	cr_expect_eq(q.n_tx, 0);
}

Test(port, a_full_driver_is_not_asked_about_the_rest)
{
	port.can.tx_udp_sum = true;
	nic.has_bad = true;
	nic.bad = 8;
	nic.room = 4;
	queue_packets(0, 10);
	dev_flush(&q, 1);
	expect_sent_in_order(4);
	cr_expect_eq(q.n_tx, 6);
	cr_expect_eq(rig_drops(&rig), 0, "its time has not come");
	dev_flush(&q, 2);
	cr_expect_eq(rig.env.drops[DROP_TX_REFUSED], 1);
	dev_flush(&q, 3);
	cr_expect_eq(nic.n_out, 9);
	cr_expect_eq(q.n_tx, 0);
}

Test(port, chains_are_made_flat_for_a_driver_without_chains)
{
	struct rte_mbuf *chain = rig_chain(&rig, 1, 1514, 400);

	port.can.tx_multi_seg = false;
	chain->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM;
	chain->l2_len = 14;
	queue_packets(0, 1);
	dev_tx(&q, chain);
	queue_packets(2, 1);
	dev_flush(&q, 1);
	expect_sent_in_order(3);
	cr_expect_eq(nic.out[1]->nb_segs, 1);
	cr_expect_eq(nic.out[1]->pkt_len, 1514);
	cr_expect_eq(rig_flipped(nic.out[1], 1), 0);
	cr_expect_eq(nic.out[1]->ol_flags, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM);
	cr_expect_eq(nic.out[1]->l2_len, 14);
	cr_expect_eq(rig_drops(&rig), 0);
}

Test(port, chains_go_as_they_are_to_a_driver_that_takes_them)
{
	dev_tx(&q, rig_chain(&rig, 0, 1514, 400));
	dev_flush(&q, 1);
	expect_sent_in_order(1);
	cr_expect_eq(nic.out[0]->nb_segs, 4);
}

Test(port, a_chain_too_long_to_be_flat_is_dropped)
{
	port.can.tx_multi_seg = false;
	dev_tx(&q, rig_chain(&rig, 9, POOL_TEXT_ROOM + 1, 500));
	dev_tx(&q, rig_chain(&rig, 0, POOL_TEXT_ROOM, 500));
	dev_flush(&q, 1);
	expect_sent_in_order(1);
	cr_expect_eq(rig.env.drops[DROP_TX_REFUSED], 1);
	cr_expect_eq(rig_drops(&rig), 1);
}

Test(port, a_chain_without_a_buffer_to_be_flat_in_is_dropped)
{
	static struct rte_mbuf *all[MBUFS];

	port.can.tx_multi_seg = false;
	dev_tx(&q, rig_chain(&rig, 9, 1000, 500));
	cr_assert_eq(rte_pktmbuf_alloc_bulk(rig.pool.text, all, MBUFS), 0);
	dev_flush(&q, 1);
	cr_expect_eq(rig.env.drops[DROP_NO_MBUF], 1);
	cr_expect_eq(rig_drops(&rig), 1);
	rte_pktmbuf_free_bulk(all, MBUFS);
}

Test(port, received_packets_are_counted)
{
	struct rte_mbuf *pkts[DEV_BURST_MAX];
	uint16_t got;

	nic.n_in = 40;
	got = dev_rx(&q, pkts, 32, 1);
	cr_assert_eq(got, 32);
	rte_pktmbuf_free_bulk(pkts, got);
	got = dev_rx(&q, pkts, 32, 1);
	cr_assert_eq(got, 8);
	rte_pktmbuf_free_bulk(pkts, got);
	cr_expect_eq(rig.env.stats[STAT_RX_PACKETS], 40);
	cr_expect_eq(rig.env.stats[STAT_RX_OCTETS], 4000);
}

Test(port, a_fault_holds_received_packets_back)
{
	static const struct baro_fault_config late = { .delay_ns = 1000 };
	struct rte_mbuf *pkts[DEV_BURST_MAX];

	cr_assert_eq(fault_create(&late, &rig.env, rig.pool.text, &q.rx_fault), 0);
	nic.n_in = 2;
	cr_expect_eq(dev_rx(&q, pkts, 32, 500), 0);
	cr_expect_eq(rig.env.stats[STAT_RX_PACKETS], 0);
	cr_expect_eq(dev_next(&q), 1500);
	cr_expect_eq(dev_rx(&q, pkts, 32, 1499), 0);
	cr_assert_eq(dev_rx(&q, pkts, 32, 1500), 2);
	cr_expect_eq(rig_number(pkts[0]), 0);
	cr_expect_eq(rig_number(pkts[1]), 1);
	cr_expect_neq(pkts[0]->ol_flags, 0, "the device's word on checksums stays");
	rte_pktmbuf_free_bulk(pkts, 2);
	cr_expect_eq(rig.env.stats[STAT_RX_PACKETS], 2);
	cr_expect_eq(dev_next(&q), TIME_NEVER);
}

Test(port, a_fault_holds_packets_to_be_sent_back)
{
	static const struct baro_fault_config late = { .delay_ns = 1000 };

	cr_assert_eq(fault_create(&late, &rig.env, rig.pool.text, &q.tx_fault), 0);
	queue_packets(0, 3);
	dev_flush(&q, 500);
	cr_expect_eq(nic.n_out, 0);
	cr_expect_eq(dev_next(&q), 1500);
	cr_expect_eq(rig.env.stats[STAT_TX_PACKETS], 0);
	dev_flush(&q, 1500);
	expect_sent_in_order(3);
	cr_expect_eq(rig.env.stats[STAT_TX_PACKETS], 3);
	cr_expect_eq(dev_next(&q), TIME_NEVER);
}

Test(port, what_came_through_a_fault_does_not_enter_it_again)
{
	static const struct baro_fault_config late = { .delay_ns = 1000 };

	cr_assert_eq(fault_create(&late, &rig.env, rig.pool.text, &q.tx_fault), 0);
	nic.room = 2;
	queue_packets(0, 5);
	dev_flush(&q, 0);
	dev_flush(&q, 1000);
	expect_sent_in_order(2);
	queue_packets(5, 1);
	dev_flush(&q, 1001);
	expect_sent_in_order(4);
	dev_flush(&q, 1002);
	expect_sent_in_order(5);
	cr_expect_eq(dev_next(&q), 2001);
	dev_flush(&q, 2001);
	expect_sent_in_order(6);
	cr_expect_eq(rig_drops(&rig), 0);
}

Test(port, more_packets_due_than_fit_wait_in_the_fault)
{
	static const struct baro_fault_config late = { .delay_ns = 1000 };

	cr_assert_eq(fault_create(&late, &rig.env, rig.pool.text, &q.tx_fault), 0);
	for (uint32_t i = 0; i < 3; i++) {
		queue_packets(i * 200, 200);
		dev_flush(&q, 0);
	}
	dev_flush(&q, 1000);
	expect_sent_in_order(DEV_TX_RING);
	cr_expect_eq(dev_next(&q), 1000);
	dev_flush(&q, 1000);
	dev_flush(&q, 1000);
	expect_sent_in_order(600);
}
