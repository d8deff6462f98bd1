/* SPDX-License-Identifier: BSD-3-Clause */

/* Echo requests of ours, and what becomes of them (baro/ping.h). */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/env.h"
#include "base/time.h"
#include "runtime/core.h"
#include "wire/arp.h"
#include "wire/eth.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"

enum { FRAME_MAX = 2000, FRAMES_MAX = 128, PACKET_MAX = 66000 };

#define OURS UINT32_C(0xc6120002)
#define PEER UINT32_C(0xc6120001)
#define GATE UINT32_C(0xc61200fe)
#define FAR  UINT32_C(0xcb007109)

static const struct mac peer_mac = { { 2, 0, 0, 0, 0, 0x77 } };
static struct baro_core *core;
static struct baro_port *port;
static uint64_t now_ns;

/* IPv4 packets that left, without their Ethernet header */
static uint8_t sent[FRAMES_MAX][FRAME_MAX];
static uint32_t sent_len[FRAMES_MAX];
static unsigned n_sent;

/* what the application heard */
static struct baro_ping_news heard[FRAMES_MAX];
static unsigned n_heard;
static bool closes;

static void
transmit(const struct iovec *iov, int n, void *user)
{
	uint8_t frame[FRAME_MAX];
	struct eth_hdr eth;
	uint32_t len = 0;

	(void)user;
	for (int i = 0; i < n; i++) {
		memcpy(frame + len, iov[i].iov_base, iov[i].iov_len);
		len += (uint32_t)iov[i].iov_len;
	}
	cr_assert_eq(eth_read(frame, len, &eth), DROP_NONE);
	if (eth.type != ETH_TYPE_IPV4)
		return;
	cr_assert_lt(n_sent, FRAMES_MAX);
	sent_len[n_sent] = len - eth.len;
	memcpy(sent[n_sent++], frame + eth.len, len - eth.len);
}

static void
hear(struct baro_ping *p, const struct baro_ping_news *news)
{
	cr_assert_eq(baro_ping_user(p), &n_heard);
	cr_assert_eq(baro_ping_core(p), core);
	cr_assert_lt(n_heard, FRAMES_MAX);
	heard[n_heard++] = *news;
	if (closes)
		baro_ping_close(p);
}

static void
setup(void)
{
	static const struct baro_config config = { .core.seed = 1 };
	struct baro_port_opts opts = { .transmit = transmit,
		.address = baro_addr_from_v4(OURS),
		.gateway = baro_addr_from_v4(GATE) };
	struct baro_addr peer = baro_addr_from_v4(PEER);

	cr_assert_eq(baro_core_create(&config, 0, &core), 0);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	cr_assert_eq(baro_neigh_add(core, "", &peer, peer_mac.b), 0);
	cr_assert_eq(baro_neigh_add(core, "", &opts.gateway, peer_mac.b), 0);
	now_ns = NS_PER_SEC;
	baro_core_poll(core, now_ns);
}

static void
teardown(void)
{
	baro_core_destroy(core);
}

TestSuite(ping, .init = setup, .fini = teardown);

static struct baro_ping *
open_to(uint32_t to, const struct baro_ping_opts *more)
{
	struct baro_ping_opts opts = more != NULL ? *more : (struct baro_ping_opts){ .len = 56 };
	struct baro_ping *p = NULL;

	opts.to = baro_addr_from_v4(to);
	opts.heard = hear;
	opts.user = &n_heard;
	cr_assert_eq(baro_ping_open(core, &opts, &p), 0);
	return p;
}

static void
turn(uint64_t ms)
{
	uint64_t end = now_ns + ms * NS_PER_MS;
	uint64_t next;

	while ((next = baro_core_next_deadline(core)) <= end) {
		now_ns = next > now_ns ? next : now_ns + 1;
		baro_core_poll(core, now_ns);
	}
	now_ns = max_u64(now_ns, end);
	baro_core_poll(core, now_ns);
}

/** An IPv4 packet arrives. */
static void
receive(uint32_t src, const uint8_t *payload, uint32_t len, uint8_t ttl)
{
	uint8_t b[FRAME_MAX];

	eth_write(b,
		&(struct eth_hdr){ core->port[0]->queue.port->mac, peer_mac, ETH_TYPE_IPV4, 0, 0 });
	ipv4_write(b + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = src,
			.dst = OURS,
			.total_len = (uint16_t)(IPV4_HDR_LEN + len),
			.ttl = ttl,
			.proto = IP_PROTO_ICMP },
		true);
	memcpy(b + ETH_HDR_LEN + IPV4_HDR_LEN, payload, len);
	cr_assert_eq(baro_port_input(port, b, ETH_HDR_LEN + IPV4_HDR_LEN + len), 0);
	turn(0);
}

/** The request @i that left is answered; octet @bad of its data is not what was sent (0: all is). */
static void
answer(unsigned i, uint32_t bad)
{
	uint8_t b[FRAME_MAX];
	uint32_t len = sent_len[i] - IPV4_HDR_LEN;
	struct icmp_hdr h;

	memcpy(b, sent[i] + IPV4_HDR_LEN, len);
	cr_assert_eq(icmp_read(b, len, &h), DROP_NONE);
	cr_assert_eq(h.type, ICMP_ECHO);
	h.type = ICMP_ECHO_REPLY;
	b[ICMP_HDR_LEN + bad] ^= bad != 0;
	icmp_write(b, &h);
	icmp_write_sum(b, cksum_fold(cksum_add(0, b, len)));
	receive(PEER, b, len, 61);
}

/** Somebody says that request @i was not delivered. */
static void
complain(unsigned i, uint8_t type, uint8_t code, uint16_t mtu)
{
	uint8_t b[ICMP_HDR_LEN + IPV4_HDR_LEN + ICMP_QUOTE_LEN];

	icmp_write(b, &(struct icmp_hdr){ .type = type, .code = code, .rest = mtu });
	memcpy(b + ICMP_HDR_LEN, sent[i], IPV4_HDR_LEN + ICMP_QUOTE_LEN);
	icmp_write_sum(b, cksum_fold(cksum_add(0, b, sizeof(b))));
	receive(GATE, b, sizeof(b), 64);
}

static uint64_t
counter(enum drop why)
{
	return core->stack.env.drops[why];
}

static uint16_t
id_of(unsigned i)
{
	return get_u16(sent[i] + IPV4_HDR_LEN + 4);
}

Test(ping, request_is_as_asked_for_and_its_answer_is_told)
{
	struct baro_ping *p = open_to(
		PEER, &(struct baro_ping_opts){ .len = 100, .ttl = 9, .tos = 0x28, .df = true });
	struct ipv4_hdr ip;

	cr_assert_eq(baro_ping_send(p), 0);
	turn(0);
	cr_assert_eq(n_sent, 1);
	cr_assert_eq(ipv4_read(sent[0], sent_len[0], sent_len[0], false, &ip), DROP_NONE);
	cr_expect_eq(ip.total_len, 128);
	cr_expect_eq(ip.ttl, 9);
	cr_expect_eq(ip.tos, 0x28);
	cr_expect_eq(ip.frag, IPV4_DF);
	cr_expect_eq(ip.src, OURS);
	cr_expect_eq(cksum_fold(cksum_add(0, sent[0] + IPV4_HDR_LEN, 108)), 0);
	turn(7);
	answer(0, 0);
	cr_assert_eq(n_heard, 1);
	cr_expect_eq(heard[0].what, BARO_PING_REPLY);
	cr_expect_eq(heard[0].seq, 0);
	cr_expect_geq(heard[0].rtt_ns, 7 * NS_PER_MS);
	cr_expect_leq(heard[0].rtt_ns, 7 * NS_PER_MS + 1000);
	cr_expect_eq(heard[0].len, 100);
	cr_expect_eq(heard[0].ttl, 61);
	cr_expect_eq(baro_addr_to_v4(&heard[0].from), PEER);
	cr_expect_not(heard[0].is_duplicate);
	cr_expect_not(heard[0].is_damaged);
	turn(5000); /* and no time-out follows */
	cr_expect_eq(n_heard, 1);
}

Test(ping, second_answer_is_a_duplicate_and_other_data_is_damaged)
{
	struct baro_ping *p = open_to(PEER, NULL);

	baro_ping_send(p);
	baro_ping_send(p);
	turn(0);
	answer(0, 0);
	answer(0, 0);
	answer(1, 55);
	cr_assert_eq(n_heard, 3);
	cr_expect(heard[1].is_duplicate);
	cr_expect_not(heard[1].is_damaged);
	cr_expect(heard[2].is_damaged);
	cr_expect_eq(heard[2].seq, 1);
}

Test(ping, request_without_an_answer_is_told_when_its_time_is_over)
{
	struct baro_ping *p =
		open_to(PEER, &(struct baro_ping_opts){ .timeout_ns = 500 * NS_PER_MS });

	for (unsigned i = 0; i < 3; i++) {
		baro_ping_send(p);
		turn(100);
	}
	answer(1, 0); /* at 300 ms */
	turn(195);
	cr_expect_eq(n_heard, 1);
	turn(10);
	cr_assert_eq(n_heard, 2);
	cr_expect_eq(heard[1].what, BARO_PING_TIMEOUT);
	cr_expect_eq(heard[1].seq, 0);
	turn(500);
	cr_assert_eq(n_heard, 3);
	cr_expect_eq(heard[2].seq, 2);
	answer(0, 0); /* too late */
	cr_assert_eq(n_heard, 4);
	cr_expect_eq(heard[3].what, BARO_PING_REPLY);
	cr_expect(heard[3].is_duplicate);
}

Test(ping, errors_about_requests_under_way_are_told)
{
	static const struct {
		uint8_t type, code;
		int err;
	} row[] = {
		{ ICMP_UNREACHABLE, ICMP_UNREACH_NET, -ENETUNREACH },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_HOST, -EHOSTUNREACH },
		{ ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, -EMSGSIZE },
		{ ICMP_TIME_EXCEEDED, ICMP_EXCEEDED_TTL, -EHOSTUNREACH },
		{ ICMP_PARAMETER, 0, -EPROTO },
	};
	struct baro_ping *p = open_to(FAR, NULL);

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		cr_assert_eq(baro_ping_send(p), (int)i);
		turn(1);
		complain(i, row[i].type, row[i].code, 0);
		cr_assert_eq(n_heard, i + 1);
		cr_expect_eq(heard[i].what, BARO_PING_ERROR);
		cr_expect_eq(heard[i].seq, i);
		cr_expect_eq(heard[i].type, row[i].type);
		cr_expect_eq(heard[i].code, row[i].code);
		cr_expect_eq(heard[i].err, row[i].err);
		cr_expect_eq(baro_addr_to_v4(&heard[i].from), GATE);
	}
	complain(0, ICMP_UNREACHABLE, ICMP_UNREACH_HOST, 0); /* that one is over */
	cr_expect_eq(n_heard, ARRAY_LEN(row));
	cr_expect_eq(counter(DROP_ICMP_QUOTE), 1);
}

/* D11 */
Test(ping, way_that_carries_less_is_known_to_the_next_request)
{
	struct baro_ping *p = open_to(FAR, &(struct baro_ping_opts){ .len = 1400, .df = true });

	cr_assert_eq(baro_ping_send(p), 0);
	turn(0);
	complain(0, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 1000);
	cr_assert_eq(n_heard, 1);
	cr_expect_eq(heard[0].mtu, 1000);
	cr_expect_eq(baro_ping_send(p), -EMSGSIZE);
}

/* D17 */
Test(ping, answers_that_nobody_waits_for_are_dropped)
{
	struct baro_ping *p = open_to(PEER, NULL);

	baro_ping_send(p);
	turn(0);
	sent[0][IPV4_HDR_LEN + 4] ^= 0x40; /* another identifier */
	answer(0, 0);
	sent[0][IPV4_HDR_LEN + 4] ^= 0x40;
	sent[0][IPV4_HDR_LEN + 7] = 9; /* a request that was never sent */
	answer(0, 0);
	complain(0, ICMP_UNREACHABLE, 1, 0);
	sent[0][IPV4_HDR_LEN + 7] = 0;
	sent[0][19]++; /* to another host */
	complain(0, ICMP_UNREACHABLE, 1, 0);
	sent[0][19]--;
	sent[0][IPV4_HDR_LEN] =
		ICMP_TIMESTAMP; /* no echo: an error like others, that concerns nobody */
	complain(0, ICMP_UNREACHABLE, 1, 0);
	cr_expect_eq(n_heard, 0);
	cr_expect_eq(counter(DROP_ICMP_ECHO_REPLY), 2);
	cr_expect_eq(counter(DROP_ICMP_QUOTE), 2);
}

Test(ping, several_at_a_time_have_identifiers_of_their_own_and_random_ones)
{
	struct baro_ping *p[20];
	unsigned n_near = 0;

	for (unsigned i = 0; i < ARRAY_LEN(p); i++) {
		p[i] = open_to(PEER, NULL);
		baro_ping_send(p[i]);
		turn(0);
		for (unsigned k = 0; k < i; k++)
			cr_expect_neq(id_of(k), id_of(i));
		n_near += i > 0 && (uint16_t)(id_of(i) - id_of(i - 1) + 8) < 16;
	}
	cr_expect_lt(n_near, 3);
	answer(7, 0);
	cr_assert_eq(n_heard, 1);
	for (unsigned i = 0; i < ARRAY_LEN(p); i++)
		baro_ping_close(p[i]);
}

/* A06: our own link's word */
Test(ping, neighbour_that_is_silent_is_told_by_ourselves)
{
	struct baro_ping *p =
		open_to(PEER + 8, &(struct baro_ping_opts){ .timeout_ns = 10 * NS_PER_SEC });

	baro_ping_send(p);
	turn(4000);
	cr_expect_eq(n_sent, 0);
	cr_assert_eq(n_heard, 1);
	cr_expect_eq(heard[0].what, BARO_PING_ERROR);
	cr_expect_eq(heard[0].err, -EHOSTUNREACH);
	cr_expect_eq(baro_addr_to_v4(&heard[0].from), OURS);
	cr_expect_eq(baro_ping_send(p), -EHOSTUNREACH);
}

/* D01, C10: as long as packets can be, over ourselves */
Test(ping, requests_of_all_sizes_come_back_from_ourselves)
{
	static const uint16_t row[] = { 0, 1, 56, 1472, 1473, 9000, 60000, BARO_PING_MAX };

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		struct baro_ping *p = open_to(OURS, &(struct baro_ping_opts){ .len = row[i] });

		n_heard = 0;
		cr_assert_eq(baro_ping_send(p), 0, "%u", row[i]);
		turn(1);
		cr_assert_eq(n_heard, 1, "%u octets", row[i]);
		cr_expect_eq(heard[0].what, BARO_PING_REPLY);
		cr_expect_eq(heard[0].len, row[i]);
		cr_expect_not(heard[0].is_damaged, "%u octets", row[i]);
		baro_ping_close(p);
	}
}

/* C10, C01 */
Test(ping, long_request_leaves_in_fragments_that_are_the_right_octets)
{
	static uint8_t whole[PACKET_MAX];
	struct baro_ping *p = open_to(PEER, &(struct baro_ping_opts){ .len = 60000 });
	struct ipv4_hdr ip;
	uint32_t len = 0;

	cr_assert_eq(baro_ping_send(p), 0);
	turn(0);
	cr_expect_eq(n_sent, (60008 + 1479) / 1480);
	for (unsigned i = 0; i < n_sent; i++) {
		uint32_t off;

		cr_assert_eq(ipv4_read(sent[i], sent_len[i], sent_len[i], false, &ip), DROP_NONE);
		off = (ip.frag & IPV4_FRAG_OFF) * 8u;
		memcpy(whole + off, sent[i] + IPV4_HDR_LEN, sent_len[i] - IPV4_HDR_LEN);
		len += sent_len[i] - IPV4_HDR_LEN;
	}
	cr_expect_eq(len, 60008);
	cr_expect_eq(cksum_fold(cksum_add(0, whole, len)), 0);
	for (uint32_t i = 0; i < 60000; i++)
		cr_assert_eq(whole[ICMP_HDR_LEN + i], (uint8_t)i);
}

Test(ping, closing_in_the_callback_and_with_requests_under_way_is_fine)
{
	struct baro_ping *p = open_to(PEER, NULL);
	struct baro_ping *q = open_to(PEER, NULL);

	baro_ping_send(p);
	baro_ping_send(p);
	baro_ping_send(q);
	turn(0);
	closes = true;
	answer(0, 0);
	cr_expect_eq(n_heard, 1);
	answer(1, 0);
	cr_expect_eq(n_heard, 1);
	cr_expect_eq(counter(DROP_ICMP_ECHO_REPLY), 1);
	/* q goes with its core */
	(void)q;
}

Test(ping, more_requests_than_fit_push_the_oldest_out)
{
	struct baro_ping *p =
		open_to(OURS + 5, &(struct baro_ping_opts){ .timeout_ns = 100 * NS_PER_SEC });
	unsigned i;

	/* nobody is there; what waits for his MAC is bounded by itself */
	for (i = 0; i < BARO_PING_FLIGHT; i++)
		cr_assert_eq(baro_ping_send(p), (int)i);
	turn(0);
	cr_expect_eq(n_heard, 0);
	cr_assert_eq(baro_ping_send(p), (int)i);
	turn(0);
	cr_assert_eq(n_heard, 1);
	cr_expect_eq(heard[0].what, BARO_PING_TIMEOUT);
	cr_expect_eq(heard[0].seq, 0);
}

Test(ping, news_that_nobody_takes_are_bounded)
{
	struct baro_ping *p = open_to(PEER, &(struct baro_ping_opts){ .len = 0 });
	uint8_t b[ICMP_HDR_LEN];
	struct icmp_hdr h = { .type = ICMP_ECHO_REPLY };
	struct icmp_note note = { .type = ICMP_ECHO_REPLY, .proto = IP_PROTO_ICMP };
	struct ip_in in = { .len = ICMP_HDR_LEN };
	struct rte_mbuf *m = rte_pktmbuf_alloc(core->stack.pool.head);
	enum drop why = DROP_NONE;
	unsigned n = 0;

	baro_ping_send(p);
	turn(0);
	h.rest = note.seq = (uint32_t)id_of(0) << 16;
	icmp_write(b, &h);
	memcpy(rte_pktmbuf_append(m, sizeof(b)), b, sizeof(b));
	for (; why == DROP_NONE && n < 1000; n++)
		why = ping_take(&core->stack, &note, m, &in, now_ns);
	cr_expect_eq(why, DROP_PING_FULL);
	cr_expect_leq(n, 129);
	rte_pktmbuf_free(m);
	n_heard = 0;
	closes = true;
	turn(0);
}

Test(ping, impossible_pings_are_refused)
{
	struct baro_ping_opts opts = { .to = baro_addr_from_v4(PEER), .heard = hear };
	struct baro_ping *p;

	opts.heard = NULL;
	cr_expect_eq(baro_ping_open(core, &opts, &p), -EINVAL);
	opts.heard = hear;
	opts.len = 65508;
	cr_expect_eq(baro_ping_open(core, &opts, &p), -EINVAL);
	opts.len = 0;
	opts.from = baro_addr_from_v4(PEER);
	cr_expect_eq(baro_ping_open(core, &opts, &p), -EADDRNOTAVAIL);
	opts.from = (struct baro_addr){ .b = { 0x20, 1 } };
	cr_expect_eq(baro_ping_open(core, &opts, &p), -EADDRNOTAVAIL);
	opts.from = (struct baro_addr){ .b = { 0 } };
	opts.to = (struct baro_addr){ .b = { 0x20, 1 } };
	cr_expect_eq(baro_ping_open(core, &opts, &p), -ENETUNREACH);
	opts.to = baro_addr_from_v4(UINT32_C(0xf0000001));
	opts.user = &n_heard;
	cr_assert_eq(baro_ping_open(core, &opts, &p), 0);
	cr_expect_eq(baro_ping_send(p), -ENETUNREACH);
	baro_ping_close(p);
	opts.to = baro_addr_from_v4(PEER);
	opts.from = baro_addr_from_v4(IPV4_LOOPBACK);
	cr_assert_eq(baro_ping_open(core, &opts, &p), 0);
	cr_expect_eq(baro_ping_send(p), -EADDRNOTAVAIL);
	baro_ping_close(p);
}
