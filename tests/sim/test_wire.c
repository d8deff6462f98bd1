/* SPDX-License-Identifier: BSD-3-Clause */

/* What the wire does to frames, seen by whole cores: UDP and raw frames. */

#include <stdio.h>
#include <string.h>

#include "sim/pair.h"

static struct pair p;

/* Datagrams that came back to end 0. */
static struct {
	uint32_t n;
	uint64_t last_ns;
	uint8_t seen[65536]; /* how often each number came */
	uint32_t n_backward; /* numbers lower than one before */
	uint16_t highest;
} back;

static void
echo(struct baro_udp *u, const struct baro_datagram *d)
{
	baro_udp_send(u, &d->from, &d->to, d->data, d->len);
}

static void
take(struct baro_udp *u, const struct baro_datagram *d)
{
	uint16_t number;

	cr_assert_geq(d->len, sizeof(number));
	memcpy(&number, d->data, sizeof(number));
	back.n++;
	back.last_ns = baro_core_now(baro_udp_core(u));
	back.seen[number]++;
	back.n_backward += number < back.highest;
	if (number > back.highest)
		back.highest = number;
}

struct echo_pair {
	struct baro_udp *client;
	struct baro_udp *server;
};

static struct echo_pair
open_echo(void)
{
	struct baro_endpoint any = { .port = 0 };
	struct baro_endpoint echo_port = { .port = 7 };
	struct echo_pair e;

	cr_assert_eq(baro_udp_open(p.core[0], &any, take, NULL, &e.client), 0);
	cr_assert_eq(baro_udp_open(p.core[1], &echo_port, echo, NULL, &e.server), 0);
	return e;
}

static void
close_echo(struct echo_pair e)
{
	baro_udp_close(e.client);
	baro_udp_close(e.server);
}

static void
send_number(struct echo_pair e, uint16_t number, size_t len)
{
	struct baro_endpoint to = { .addr = p.addr[1], .port = 7 };
	uint8_t octets[1472] = { 0 };

	memcpy(octets, &number, sizeof(number));
	cr_assert_eq(baro_udp_send(e.client, &to, NULL, octets, len), 0);
}

Test(sim_wire, a_round_trip_takes_twice_the_delay_to_the_nanosecond)
{
	static const struct baro_fault_config late = { .delay_ns = 5000001 };
	struct echo_pair e;
	uint64_t begin_ns;

	pair_open(&p, &late, 1);
	e = open_echo();
	send_number(e, 0, 100);
	pair_run(&p, NS_PER_SEC);
	cr_assert_eq(back.n, 1);
	begin_ns = p.now_ns;
	send_number(e, 1, 100);
	pair_run(&p, NS_PER_SEC);
	cr_assert_eq(back.n, 2);
	cr_expect_eq(back.last_ns - begin_ns, 2 * 5000001);
	close_echo(e);
	pair_close(&p);
}

Test(sim_wire, a_rate_lets_through_what_it_says)
{
	/* 1,000 octets of payload are 1,042 of frame: 8.336 us each at 1 Gbit/s */
	static const struct baro_fault_config gigabit = { .rate_bps = 1000000000 };
	struct echo_pair e;
	uint64_t begin_ns;

	pair_open(&p, &gigabit, 1);
	e = open_echo();
	send_number(e, 0, 100);
	pair_run(&p, NS_PER_SEC);
	begin_ns = p.now_ns;
	for (uint16_t i = 1; i <= 100; i++)
		send_number(e, i, 1000);
	pair_run(&p, NS_PER_SEC);
	cr_assert_eq(back.n, 101);
	cr_expect_eq(back.n_backward, 0);
	cr_expect_eq(back.last_ns - begin_ns, 101 * 8336);
	close_echo(e);
	pair_close(&p);
}

Test(sim_wire, lost_datagrams_stay_lost_and_the_rest_comes)
{
	static const struct baro_fault_config lossy = { .loss_ppm = 100000, .delay_ns = 1000 };
	struct echo_pair e;

	pair_open(&p, NULL, 1);
	e = open_echo();
	send_number(e, 0, 100);
	pair_run(&p, NS_PER_SEC);
	baro_sim_set(p.sim, 0, &lossy);
	for (uint16_t i = 1; i <= 10000; i++) {
		send_number(e, i, 100);
		pair_run(&p, 10 * NS_PER_US);
	}
	pair_run(&p, NS_PER_SEC);
	cr_expect_geq(back.n, 8800);
	cr_expect_leq(back.n, 9200);
	cr_expect_eq(baro_sim_lost(p.sim, 0), 10001 - back.n);
	cr_expect_eq(baro_sim_lost(p.sim, 1), 0);
	cr_expect_eq(back.n_backward, 0);
	close_echo(e);
	pair_close(&p);
}

Test(sim_wire, duplicates_come_twice)
{
	static const struct baro_fault_config twice = { .duplicate_ppm = 1000000 };
	struct echo_pair e;

	pair_open(&p, NULL, 1);
	e = open_echo();
	baro_sim_set(p.sim, 1, &twice);
	for (uint16_t i = 0; i < 100; i++) {
		send_number(e, i, 100);
		pair_run(&p, NS_PER_MS);
	}
	for (uint16_t i = 0; i < 100; i++)
		cr_expect_eq(back.seen[i], 2);
	close_echo(e);
	pair_close(&p);
}

Test(sim_wire, reordering_changes_the_order_and_loses_nothing)
{
	static const struct baro_fault_config shuffled = {
		.reorder_ppm = 100000, .reorder_ns = 100000, .delay_ns = 1000
	};
	struct echo_pair e;

	pair_open(&p, NULL, 1);
	e = open_echo();
	send_number(e, 0, 100);
	pair_run(&p, NS_PER_SEC);
	baro_sim_set(p.sim, 0, &shuffled);
	for (uint16_t i = 1; i <= 1000; i++) {
		send_number(e, i, 100);
		pair_run(&p, 10 * NS_PER_US);
	}
	pair_run(&p, NS_PER_SEC);
	cr_expect_eq(back.n, 1001);
	cr_expect_geq(back.n_backward, 50);
	for (uint16_t i = 0; i <= 1000; i++)
		cr_expect_eq(back.seen[i], 1);
	close_echo(e);
	pair_close(&p);
}

Test(sim_wire, a_corrupted_frame_is_noticed_by_a_checksum_or_changes_no_payload)
{
	static const struct baro_fault_config broken = { .corrupt_ppm = 1000000 };
	struct echo_pair e;
	uint64_t n_noticed = 0;

	pair_open(&p, NULL, 1);
	e = open_echo();
	send_number(e, 0, 100);
	pair_run(&p, NS_PER_SEC);
	baro_sim_set(p.sim, 0, &broken);
	for (uint16_t i = 1; i <= 1000; i++) {
		send_number(e, i, 100);
		pair_run(&p, 10 * NS_PER_US);
	}
	pair_run(&p, NS_PER_SEC);
	n_noticed = pair_count(&p, 1, "IP_CHECKSUM") + pair_count(&p, 1, "UDP_CHECKSUM");
	cr_expect_geq(n_noticed, 900);
	/* a flipped bit cannot pass a checksum: not one came back */
	cr_expect_eq(back.n, 1);
	close_echo(e);
	pair_close(&p);
}

Test(sim_wire, an_end_where_nobody_joined_swallows_what_comes)
{
	static const uint8_t ping[] = { /* to 02:00:c6:12:00:01 from 02:00:00:00:00:09, IPv4 */
		0x02, 0x00, 0xc6, 0x12, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x09, 0x08, 0x00,
		/* 198.18.0.9 to 198.18.0.1, ICMP, 28 octets */
		0x45, 0x00, 0x00, 0x1c, 0x00, 0x01, 0x00, 0x00, 0x40, 0x01, 0xee, 0xb1, 0xc6, 0x12,
		0x00, 0x09, 0xc6, 0x12, 0x00, 0x01,
		/* echo request, identifier 1, number 1 */
		0x08, 0x00, 0xf7, 0xfd, 0x00, 0x01, 0x00, 0x01
	};
	uint64_t before;

	pair_open(&p, NULL, 1);
	pair_run(&p, NS_PER_SEC);
	baro_sim_join(p.sim, 1, NULL, NULL);
	before = p.n_frames[0];
	cr_assert_eq(baro_port_input(p.port[0], ping, sizeof(ping)), 0);
	pair_run(&p, NS_PER_SEC);
	cr_expect_gt(p.n_frames[0], before, "ARP for the reply, at least");
	cr_expect_eq(pair_count(&p, 0, "ICMP_ECHO_REPLIES"), 1);
	pair_run(&p, 60 * NS_PER_SEC); /* the parked reply gives up */
	pair_close(&p);
}

Test(sim_wire, five_thousand_frames_due_at_once_all_arrive)
{
	static const struct baro_fault_config late = { .delay_ns = NS_PER_SEC };
	struct echo_pair e;

	pair_open(&p, NULL, 1);
	e = open_echo();
	send_number(e, 0, 100);
	pair_run(&p, NS_PER_SEC);
	baro_sim_set(p.sim, 0, &late);
	for (uint16_t i = 1; i <= 5000; i++) {
		send_number(e, i, 100);
		if (i % 100 == 0)
			pair_run(&p, 0);
	}
	pair_run(&p, 10 * NS_PER_SEC);
	cr_expect_eq(back.n, 5001);
	cr_expect_eq(pair_count(&p, 1, "RX_FULL"), 0);
	close_echo(e);
	pair_close(&p);
}
