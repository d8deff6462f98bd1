/* SPDX-License-Identifier: BSD-3-Clause */

/* Two cores, one host: whichever finds a frame, the one that owns its flow takes it. */

#include <errno.h>

#include "two_cores.h"

#include "tcp/table.h"
#include "wire/arp.h"
#include "wire/icmp.h"

enum { N_FLOWS = 200 };

static unsigned n_arp; /* frames sent, by what they carry */
static unsigned n_ip;
static unsigned n_received[N_CORES];                            /* datagrams */
static uint8_t last[ETH_HDR_LEN + IPV4_HDR_LEN + ICMP_HDR_LEN]; /* of the last frame sent */

static void
transmit(const struct iovec *frame, int n, void *user)
{
	struct eth_hdr eth = { 0 };

	(void)n;
	(void)user;
	cr_assert_eq(eth_read(frame[0].iov_base, (uint32_t)frame[0].iov_len, &eth), DROP_NONE);
	n_arp += eth.type == ETH_TYPE_ARP;
	n_ip += eth.type == ETH_TYPE_IPV4;
	memcpy(last, frame[0].iov_base, RTE_MIN(sizeof(last), frame[0].iov_len));
}

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	n_received[baro_core_id(baro_udp_core(u))]++;
	baro_udp_send(u, &d->from, &d->to, d->data, d->len);
}

static void
setup(void)
{
	two_cores_begin(transmit, received);
}

TestSuite(steer, .init = setup, .fini = two_cores_end);

static void
poll_all(uint64_t now_ns)
{
	for (unsigned turn = 0; turn < 20; turn++)
		for (unsigned i = 0; i < N_CORES; i++)
			baro_core_poll(core[i], now_ns);
}

static void
ask_for_us(unsigned at)
{
	uint8_t frame[ETH_HDR_LEN + ARP_LEN];

	eth_write(frame, &(struct eth_hdr){ MAC_BROADCAST, peer_mac, ETH_TYPE_ARP, 0, 0 });
	arp_write(frame + ETH_HDR_LEN,
		&(struct arp_msg){ .op = ARP_REQUEST, .sha = peer_mac, .spa = PEER, .tpa = HOST });
	cr_assert_eq(baro_port_input(port[at], frame, sizeof(frame)), 0);
}

static void
send_datagram(unsigned at, uint16_t src_port)
{
	uint8_t frame[FRAME_LEN] = { 0 };

	write_datagram(frame, src_port);
	cr_assert_eq(baro_port_input(port[at], frame, sizeof(frame)), 0);
}

/* F09: the split does not change answers */
Test(steer, every_flow_is_answered_once_by_its_owner_whoever_finds_it)
{
	unsigned of_core_0;

	ask_for_us(0);
	poll_all(0);
	n_ip = 0;
	for (uint16_t i = 0; i < N_FLOWS; i++)
		send_datagram(0, (uint16_t)(10000 + i));
	poll_all(1000);
	cr_expect_eq(n_ip, N_FLOWS);
	of_core_0 = n_received[0];
	cr_expect_gt(of_core_0, N_FLOWS / 4, "flows are spread");
	cr_expect_lt(of_core_0, N_FLOWS * 3 / 4, "flows are spread");
	cr_expect_eq(core[0]->stack.env.stats[STAT_STEERED], N_FLOWS - of_core_0 + 1 /* ARP */);
	for (uint16_t i = 0; i < N_FLOWS; i++)
		send_datagram(1, (uint16_t)(10000 + i));
	poll_all(2000);
	cr_expect_eq(n_ip, 2 * N_FLOWS);
	cr_expect_eq(n_received[0], 2 * of_core_0, "the same flows, found elsewhere");
}

/** A frame as core 0 finds it, in two buffers cut at @cut; 0: in one. @return true: handed over */
static bool
is_handed_over(const uint8_t frame[FRAME_LEN], uint16_t cut)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(core[0]->stack.pool.text);
	struct rte_mbuf *rest = NULL;
	uint16_t first = cut != 0 ? cut : FRAME_LEN;
	uint16_t kept;

	memcpy(rte_pktmbuf_append(m, first), frame, first);
	if (cut != 0) {
		rest = rte_pktmbuf_alloc(core[0]->stack.pool.text);
		memcpy(rte_pktmbuf_append(rest, (uint16_t)(FRAME_LEN - cut)), frame + cut,
			FRAME_LEN - cut);
		cr_assert_eq(rte_pktmbuf_chain(m, rest), 0);
	}
	kept = steer_out(core[0], 0, &m, 1);
	if (kept == 0)
		cr_assert_eq(steer_in(core[1], &(uint32_t){ 0 }, &m, 1), 1);
	pkt_release(m);
	return kept == 0;
}

/* R02 F09: headers that lie scattered */
Test(steer, owner_is_the_same_wherever_a_frame_is_cut)
{
	uint8_t frame[FRAME_LEN] = { 0 };
	uint16_t src_port = 10000;

	do
		write_datagram(frame, src_port++);
	while (!is_handed_over(frame, 0));
	for (uint16_t cut = 1; cut < FRAME_LEN; cut++)
		cr_expect(is_handed_over(frame, cut), "cut at %u", cut);
}

/* A01 A03 */
Test(steer, arp_is_heard_by_every_core_and_answered_by_one)
{
	struct baro_usage usage;

	poll_all(0);
	cr_expect_eq(n_arp, 1, "one core announces the address");
	for (unsigned at = 0; at < N_CORES; at++) {
		n_arp = 0;
		ask_for_us(at);
		poll_all(1000);
		cr_expect_eq(n_arp, 1, "asked at core %u", at);
	}
	for (unsigned i = 0; i < N_CORES; i++) {
		baro_usage_read(core[i], &usage);
		cr_expect_eq(usage.neighbours, 1, "core %u knows the peer", i);
	}
}

Test(steer, connections_get_ports_whose_answers_come_to_their_core)
{
	static const struct baro_conn_ops ops = { 0 };
	const struct baro_endpoint peer = { baro_addr_from_v4(PEER), 80 };

	for (unsigned n = 0; n < 100; n++) {
		const struct baro_endpoint own = { .port = (uint16_t)(1000 + n) };
		struct tcp_conn *c;
		struct baro_conn *conn;
		unsigned i = n % N_CORES;

		cr_assert_eq(baro_connect(core[i], &peer, NULL, &ops, NULL, &conn), 0);
		c = tcp_of(conn);
		cr_expect_eq(tcp_owner(c->tcp, &c->flow), i);
		/* a port of one's own is taken by the core to which the answers come, and no other */
		cr_expect_eq((baro_connect(core[0], &peer, &own, &ops, NULL, &conn) == 0) +
				     (baro_connect(core[1], &peer, &own, &ops, NULL, &conn) == 0),
			1);
	}
}

/** A router says that the SYN of @c cannot be delivered; the frame is found by core @at. */
static void
refuse(unsigned at, const struct tcp_conn *c)
{
	uint8_t frame[ETH_HDR_LEN + 2 * IPV4_HDR_LEN + ICMP_HDR_LEN + ICMP_QUOTE_LEN];
	uint8_t *icmp = frame + ETH_HDR_LEN + IPV4_HDR_LEN;
	uint8_t *quote = icmp + ICMP_HDR_LEN;
	const uint32_t len = sizeof(frame) - ETH_HDR_LEN;

	eth_write(frame, &(struct eth_hdr){ host_mac, peer_mac, ETH_TYPE_IPV4, 0, 0 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = PEER + 7,
			.dst = HOST,
			.total_len = (uint16_t)len,
			.ttl = 64,
			.proto = IP_PROTO_ICMP },
		true);
	icmp_write(icmp, &(struct icmp_hdr){ .type = ICMP_UNREACHABLE, .code = ICMP_UNREACH_PORT });
	ipv4_write(quote,
		&(struct ipv4_hdr){
			.src = HOST, .dst = PEER, .total_len = 60, .proto = IP_PROTO_TCP },
		true);
	put_u16(quote + IPV4_HDR_LEN, c->flow.lport);
	put_u16(quote + IPV4_HDR_LEN + 2, c->flow.fport);
	put_u32(quote + IPV4_HDR_LEN + 4, c->iss.n);
	icmp_write_sum(icmp, cksum_fold(cksum_add(0, icmp, len - IPV4_HDR_LEN)));
	cr_assert_eq(baro_port_input(port[at], frame, sizeof(frame)), 0);
}

static unsigned n_refused;

static void
refused(struct baro_conn *c, int err)
{
	(void)c;
	cr_expect_eq(err, -ECONNREFUSED);
	n_refused++;
}

/* D08 F09: and nobody else sees an error that quotes nothing of his */
Test(steer, icmp_error_goes_to_the_core_of_the_flow_that_it_quotes)
{
	static const struct baro_conn_ops ops = { .closed = refused };
	const struct baro_endpoint peer = { baro_addr_from_v4(PEER), 80 };
	uint64_t taken = 0;

	ask_for_us(0);
	poll_all(0);
	for (unsigned n = 0; n < 40; n++) {
		struct baro_conn *conn;

		cr_assert_eq(baro_connect(core[n % N_CORES], &peer, NULL, &ops, NULL, &conn), 0);
		poll_all(0);
		refuse(n / N_CORES % N_CORES, tcp_of(conn));
		poll_all(0);
		cr_assert_eq(n_refused, n + 1);
	}
	for (unsigned i = 0; i < N_CORES; i++) {
		taken += core[i]->stack.env.stats[STAT_ICMP_ERRORS_IN];
		cr_expect_eq(core[i]->stack.env.drops[DROP_ICMP_QUOTE], 0, "core %u", i);
	}
	cr_expect_eq(taken, 40);
}

static unsigned n_heard[N_CORES];
static enum baro_ping_what what_heard;

static void
heard(struct baro_ping *p, const struct baro_ping_news *news)
{
	n_heard[baro_core_id(baro_ping_core(p))]++;
	what_heard = news->what;
}

/** The echo request that left last is answered, or a router complains; the frame is found by core @at. */
static void
settle_echo(unsigned at, bool is_answered)
{
	uint8_t frame[ETH_HDR_LEN + IPV4_HDR_LEN + ICMP_HDR_LEN + IPV4_HDR_LEN + ICMP_HDR_LEN] = {
		0
	};
	uint8_t *icmp = frame + ETH_HDR_LEN + IPV4_HDR_LEN;
	uint32_t len = ICMP_HDR_LEN + (is_answered ? 0 : IPV4_HDR_LEN + ICMP_HDR_LEN);

	eth_write(frame, &(struct eth_hdr){ host_mac, peer_mac, ETH_TYPE_IPV4, 0, 0 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = PEER,
			.dst = HOST,
			.total_len = (uint16_t)(IPV4_HDR_LEN + len),
			.ttl = 64,
			.proto = IP_PROTO_ICMP },
		true);
	icmp_write(
		icmp, &(struct icmp_hdr){ .type = is_answered ? ICMP_ECHO_REPLY : ICMP_UNREACHABLE,
			      .rest = get_u32(last + ETH_HDR_LEN + IPV4_HDR_LEN + 4) });
	if (!is_answered)
		memcpy(icmp + ICMP_HDR_LEN, last + ETH_HDR_LEN, IPV4_HDR_LEN + ICMP_HDR_LEN);
	icmp_write_sum(icmp, cksum_fold(cksum_add(0, icmp, len)));
	cr_assert_eq(baro_port_input(port[at], frame, ETH_HDR_LEN + IPV4_HDR_LEN + len), 0);
}

/* D01: what comes of a ping comes to its core, wherever it is found */
Test(steer, answers_and_errors_go_to_the_core_of_the_ping)
{
	const struct baro_ping_opts opts = { .to = baro_addr_from_v4(PEER), .heard = heard };

	ask_for_us(0);
	poll_all(0);
	for (unsigned n = 0; n < 8 * N_CORES; n++) {
		unsigned owner = n % N_CORES;
		struct baro_ping *p;

		cr_assert_eq(baro_ping_open(core[owner], &opts, &p), 0);
		cr_assert_eq(baro_ping_send(p), 0);
		poll_all(0);
		settle_echo(n / N_CORES % N_CORES, n % 3 != 0);
		poll_all(0);
		cr_expect_eq(n_heard[owner], n / N_CORES + 1, "ping %u", n);
		cr_expect_eq(what_heard, n % 3 != 0 ? BARO_PING_REPLY : BARO_PING_ERROR);
		baro_ping_close(p);
	}
}

/* R03 */
Test(steer, full_ring_drops_by_name_and_nothing_is_lost_but_the_frame)
{
	struct baro_usage usage;

	for (uint16_t i = 0; i < 3000; i++)
		send_datagram(0, (uint16_t)(10000 + i));
	for (unsigned turn = 0; turn < 200; turn++)
		baro_core_poll(core[0], 0);
	cr_expect_gt(core[0]->stack.env.drops[DROP_STEER_FULL], 0);
	cr_expect_eq(core[0]->stack.env.drops[DROP_STEER_FULL] +
			     core[0]->stack.env.stats[STAT_STEERED] + n_received[0],
		3000);
	for (unsigned s = 1; s < 10; s++)
		poll_all(s * NS_PER_SEC); /* what waits for a MAC is given up */
	for (unsigned i = 0; i < N_CORES; i++) {
		baro_usage_read(core[i], &usage);
		cr_expect_eq(usage.mbufs, 0, "core %u holds %u", i, usage.mbufs);
	}
}

/** A half of a datagram of 2 * HALF octets, as core @at finds it. */
static void
send_half(unsigned at, uint16_t id, uint16_t src_port, unsigned half)
{
	enum { HALF = 1024 };
	uint8_t frame[ETH_HDR_LEN + IPV4_HDR_LEN + HALF] = { 0 };

	eth_write(frame, &(struct eth_hdr){ host_mac, peer_mac, ETH_TYPE_IPV4, 0, 0 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = PEER,
			.dst = HOST,
			.total_len = IPV4_HDR_LEN + HALF,
			.id = id,
			.frag = half == 0 ? IPV4_MF : HALF / 8,
			.ttl = 64,
			.proto = IP_PROTO_UDP },
		true);
	if (half == 0)
		udp_write(frame + ETH_HDR_LEN + IPV4_HDR_LEN,
			&(struct udp_hdr){ src_port, ECHO_PORT, 2 * HALF, false });
	cr_assert_eq(baro_port_input(port[at], frame, sizeof(frame)), 0);
}

/* C01 F09: halves that different cores find meet on one, and their datagram goes to its flow's */
Test(steer, fragments_meet_wherever_they_are_found)
{
	unsigned n_foreign = 0;

	ask_for_us(0);
	poll_all(0);
	for (uint16_t i = 0; i < N_FLOWS; i++) {
		struct tcp_flow flow = { HOST, PEER, ECHO_PORT, (uint16_t)(10000 + i) };
		unsigned owner = tcp_owner(&core[0]->stack.tcp, &flow);
		unsigned before = n_received[owner];

		for (unsigned half = 0; half < 2; half++)
			send_half((i >> half) % 2, i, flow.fport, (half + i / 4) % 2);
		poll_all(1000);
		cr_expect_eq(n_received[owner], before + 1, "flow %u", i);
		n_foreign += core[1 - owner]->stack.env.stats[STAT_IP_REASSEMBLED] != 0;
	}
	cr_expect_eq(n_received[0] + n_received[1], N_FLOWS);
	cr_expect_eq(core[0]->stack.env.stats[STAT_IP_REASSEMBLED] +
			     core[1]->stack.env.stats[STAT_IP_REASSEMBLED],
		N_FLOWS);
	cr_expect_gt(core[0]->stack.env.stats[STAT_IP_REASSEMBLED], N_FLOWS / 4, "spread");
	cr_expect_lt(core[0]->stack.env.stats[STAT_IP_REASSEMBLED], N_FLOWS * 3 / 4, "spread");
	cr_expect_gt(n_foreign, 0);
}

/* F09: what we send to ourselves comes to the core of its flow, too */
Test(steer, packets_to_ourselves_come_to_their_owner)
{
	const struct baro_endpoint us = { baro_addr_from_v4(HOST), ECHO_PORT };

	poll_all(0);
	n_ip = 0;
	for (uint16_t i = 0; i < N_FLOWS; i++) {
		struct baro_endpoint from = { .port = (uint16_t)(10000 + i) };
		struct tcp_flow flow = { HOST, HOST, ECHO_PORT, from.port };
		unsigned owner = tcp_owner(&core[0]->stack.tcp, &flow);
		unsigned before = n_received[owner];
		struct baro_udp *u;

		cr_assert_eq(baro_udp_open(core[i % N_CORES], &from, received, NULL, &u), 0);
		cr_assert_eq(baro_udp_send(u, &us, NULL, "x", 1), 0);
		baro_udp_close(u); /* what comes back finds nobody */
		poll_all(1000);
		cr_expect_eq(n_received[owner], before + 1, "flow %u", i);
	}
	cr_expect_eq(n_received[0] + n_received[1], N_FLOWS);
	cr_expect_eq(n_ip, 0);
}

/** A datagram from the peer to one of our ports; found by core @finder. */
static void
hear_datagram(unsigned finder, uint16_t src_port, uint16_t dst_port)
{
	uint8_t frame[FRAME_LEN] = { 0 };

	eth_write(frame,
		&(struct eth_hdr){ .dst = host_mac, .src = peer_mac, .type = ETH_TYPE_IPV4 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = PEER,
			.dst = HOST,
			.total_len = IPV4_HDR_LEN + UDP_HDR_LEN,
			.ttl = 64,
			.proto = IP_PROTO_UDP },
		true);
	udp_write(frame + ETH_HDR_LEN + IPV4_HDR_LEN,
		&(struct udp_hdr){
			.src_port = src_port, .dst_port = dst_port, .len = UDP_HDR_LEN });
	cr_assert_eq(baro_port_input(port[finder], frame, sizeof(frame)), 0);
}

/* E07, F09: a port that one core has open is that core's, whoever sends there and whoever finds it */
Test(steer, answers_come_to_the_core_that_asked)
{
	const struct baro_endpoint any = { .port = 0 };
	struct baro_endpoint local;

	for (unsigned i = 0; i < N_CORES; i++) {
		struct baro_endpoint peer = { baro_addr_from_v4(PEER), 2000 };
		struct baro_udp *u;

		for (unsigned connect = 0; connect < 2; connect++) {
			cr_assert_eq(baro_udp_open(core[i], &any, received, NULL, &u), 0);
			baro_udp_local(u, &local);
			if (connect != 0)
				cr_assert_eq(baro_udp_connect(u, &peer), 0);
			n_received[0] = n_received[1] = 0;
			for (uint16_t k = 0; k < 40; k++)
				hear_datagram(k % N_CORES,
					(uint16_t)(connect != 0 ? 2000 : 2000 + k), local.port);
			poll_all(0);
			cr_expect_eq(n_received[i], 40, "core %u", i);
			baro_udp_close(u);
		}
	}
}

Test(steer, chosen_ports_are_one_core_s)
{
	const struct baro_endpoint any = { .port = 0 };
	static bool is_used[65536];

	for (unsigned i = 0; i < 2000; i++) {
		struct baro_endpoint local;
		struct baro_udp *u;

		cr_assert_eq(baro_udp_open(core[i % N_CORES], &any, received, NULL, &u), 0);
		baro_udp_local(u, &local);
		cr_expect(!is_used[local.port]);
		is_used[local.port] = true;
	}
}

/* A port that all have is shared out by flows; who is another core's cannot be connected to. */
Test(steer, peer_of_another_core_cannot_be_connected_to)
{
	const struct baro_endpoint shared = { .port = 5000 };
	unsigned n_others = 0;

	for (uint16_t i = 0; i < 100; i++) {
		struct baro_endpoint peer = { baro_addr_from_v4(PEER), (uint16_t)(2000 + i) };
		unsigned n_mine = 0;
		struct baro_udp *u[N_CORES];

		for (unsigned k = 0; k < N_CORES; k++)
			cr_assert_eq(baro_udp_open(core[k], &shared, received, NULL, &u[k]), 0);
		for (unsigned k = 0; k < N_CORES; k++)
			n_mine += baro_udp_connect(u[k], &peer) == 0;
		cr_expect_eq(n_mine, 1);
		n_others += N_CORES - n_mine;
		for (unsigned k = 0; k < N_CORES; k++)
			baro_udp_close(u[k]);
	}
	cr_expect_eq(n_others, 100 * (N_CORES - 1));
}
