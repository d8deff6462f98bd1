/* SPDX-License-Identifier: BSD-3-Clause */

/* ICMP: echo, errors sent, errors taken. RFC 792, 1122 §3.2.2. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "dev/pkt.h"
#include "kit/host.h"

enum { CLOSED_PORT = 9 };

static struct host *h;
static struct counters before;

static void
begin(const struct host_opts *opts)
{
	h = host_new(opts);
	host_meet(h, PEER_IP, PEER_MAC);
	before = counters_of(&h->env);
}

static void
setup(void)
{
	begin(NULL);
}

static void
begin_anew(const struct host_opts *opts)
{
	host_delete(h);
	begin(opts);
}

static void
teardown(void)
{
	host_delete(h);
}

TestSuite(icmp, .init = setup, .fini = teardown);

static struct octets
icmp_packet(struct ipv4_hdr ip, const struct octets *message)
{
	ip.proto = IP_PROTO_ICMP;
	return ip_octets(&ip, message);
}

static struct octets
echo(uint32_t len)
{
	struct octets data = some_octets(len);
	struct octets message =
		icmp_octets(&(struct icmp_hdr){ .type = ICMP_ECHO, .rest = 0x12345678 }, &data);

	return icmp_packet((struct ipv4_hdr){ .tos = 0x10 }, &message);
}

static void
sends_echo_reply(uint32_t len)
{
	const struct sent *s = host_sent(h);
	struct octets data = some_octets(len);

	cr_expect(mac_eq(s->eth.dst, PEER_MAC));
	cr_expect_eq(s->ip.src, OUR_IP);
	cr_expect_eq(s->ip.dst, PEER_IP);
	cr_expect_eq(s->ip.ttl, 64);
	cr_expect_eq(s->ip.tos, 0x10);
	cr_expect_eq(s->icmp.type, ICMP_ECHO_REPLY);
	cr_expect_eq(s->icmp.code, 0);
	cr_expect_eq(s->icmp.rest, 0x12345678);
	cr_expect_eq(s->len, len);
	cr_expect_eq(memcmp(s->data, data.b, len), 0, "%u octets", len);
}

/* D01 */
Test(icmp, echo_of_any_size_is_answered)
{
	struct octets o;

	for (uint32_t len = 0; len <= 1472; len++) {
		o = echo(len);
		cr_expect_eq(host_ip(h, &o), DROP_NONE);
		cr_expect_not(h->has_echo_copy);
		sends_echo_reply(len);
		host_sends_nothing(h);
	}
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1473), COUNTED(STAT_ICMP_IN, 1473),
		COUNTED(STAT_ICMP_ECHO_REPLIES, 1473), COUNTED(STAT_IP_OUT, 1473));
}

/* D01: the checksum is renewed, not computed: no octets may upset it */
Test(icmp, checksum_of_the_reply_is_right_for_any_octets)
{
	struct octets data = { .len = 2 };
	struct octets message;
	struct octets o;

	for (uint32_t i = 0; i < 65536; i += 5) {
		data.b[0] = (uint8_t)(i >> 8);
		data.b[1] = (uint8_t)i;
		message = icmp_octets(&(struct icmp_hdr){ .type = ICMP_ECHO }, &data);
		o = icmp_packet((struct ipv4_hdr){ .tos = 0 }, &message);
		cr_assert_eq(host_ip(h, &o), DROP_NONE);
		cr_expect_eq(host_sent(h)->icmp.type, ICMP_ECHO_REPLY);
	}
}

/* D01 */
Test(icmp, echo_of_a_stranger_waits_for_his_mac)
{
	struct octets data = some_octets(56);
	struct octets message = icmp_octets(&(struct icmp_hdr){ .type = ICMP_ECHO }, &data);
	struct octets o = icmp_packet((struct ipv4_hdr){ .src = PEER2_IP }, &message);
	struct arp_msg answer = arp_is_at(PEER2_IP, PEER2_MAC);

	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	cr_expect_eq(host_sent(h)->eth.type, ETH_TYPE_ARP);
	host_arp(h, &answer);
	cr_expect_eq(host_sent(h)->icmp.type, ICMP_ECHO_REPLY);
}

/* D01: the address pinged is the one that answers */
Test(icmp, reply_leaves_from_the_address_that_was_asked)
{
	struct octets data = some_octets(8);
	struct octets message = icmp_octets(&(struct icmp_hdr){ .type = ICMP_ECHO }, &data);
	struct octets o = icmp_packet((struct ipv4_hdr){ .dst = IP4(10, 0, 0, 1) }, &message);

	host_add_netif(h, IP4(10, 0, 0, 1), 8, 0);
	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	cr_expect_eq(host_sent(h)->ip.src, IP4(10, 0, 0, 1));
}

/* D01, R02 */
Test(icmp, echo_in_pieces_is_answered)
{
	struct octets o = echo(300);

	for (uint32_t first = 0; first <= o.len; first++) {
		cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, first, 0)), DROP_NONE);
		sends_echo_reply(300);
		cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, first, 11)), DROP_NONE);
		sends_echo_reply(300);
	}
}

/* D01, R02: others hold the same octets; they must stay as they are */
Test(icmp, echo_in_shared_octets_is_answered_by_a_copy)
{
	struct octets o = echo(300);
	struct rte_mbuf *m = host_chain(h, &o, o.len, 0);
	struct rte_mbuf *clone = rte_pktmbuf_clone(m, h->pool.head);

	cr_expect_eq(host_ip_mbuf(h, clone), DROP_NONE);
	cr_expect(h->has_echo_copy);
	sends_echo_reply(300);
	cr_expect_eq(memcmp(pkt_data(m), o.b, o.len), 0);

	clone = rte_pktmbuf_clone(m, h->pool.head);
	cr_expect_eq(host_ip_mbuf(h, m), DROP_NONE);
	cr_expect(h->has_echo_copy);
	sends_echo_reply(300);
	cr_expect_eq(memcmp(pkt_data(clone), o.b, o.len), 0);
	pkt_release(clone);
}

/* D01, R02: a driver may leave no room in front */
Test(icmp, echo_without_headroom_is_answered_by_a_copy)
{
	struct octets o = echo(300);
	struct rte_mbuf *m = host_chain(h, &o, o.len, 0);

	m->data_off = 0;
	memcpy(pkt_data(m), o.b, o.len);
	cr_expect_eq(host_ip_mbuf(h, m), DROP_NONE);
	cr_expect(h->has_echo_copy);
	sends_echo_reply(300);
}

/* D01: what the port said on the way in means nothing on the way out */
Test(icmp, flags_of_the_request_do_not_leave_with_the_reply)
{
	struct octets o = echo(10);
	struct rte_mbuf *m = host_chain(h, &o, o.len, 0);
	const struct sent *s;

	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	m->tx_offload = UINT64_MAX;
	cr_expect_eq(host_ip_mbuf(h, m), DROP_NONE);
	s = host_sent(h);
	cr_expect_eq(s->ol_flags, 0);
	cr_expect_eq(s->tx_offload, rte_mbuf_tx_offload(ETH_HDR_LEN, IPV4_HDR_LEN, 0, 0, 0, 0, 0));
}

/* D01, R05 */
Test(icmp, echo_is_answered_over_a_tagged_port_that_does_checksums)
{
	struct octets o = echo(100);

	begin_anew(&(struct host_opts){ .vlan = 5, .can.tx_ip_sum = true });
	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	sends_echo_reply(100);
}

static void
is_dropped(const char *name, const struct octets *o, enum drop why)
{
	enum drop verdict;

	before = counters_of(&h->env);
	verdict = host_ip(h, o);
	cr_expect_eq(verdict, why, "%s: %u instead of %u", name, verdict, why);
	cr_expect_eq(h->note.proto, 0, "%s", name);
	host_sends_nothing(h);
}

Test(icmp, message_cut_short_is_dropped)
{
	struct octets o;

	for (uint32_t len = 0; len < ICMP_HDR_LEN; len++) {
		struct octets message = some_octets(len);

		o = icmp_packet((struct ipv4_hdr){ .tos = 0 }, &message);
		is_dropped("short", &o, DROP_ICMP_SHORT);
		expect_counters(
			&before, &h->env, COUNTED(STAT_IP_IN, 1), DROPPED(DROP_ICMP_SHORT, 1));
	}
}

/* D02 */
Test(icmp, wrong_checksum_is_dropped)
{
	for (uint32_t at = IPV4_HDR_LEN; at < IPV4_HDR_LEN + ICMP_HDR_LEN + 101; at += 13) {
		struct octets o = echo(101);

		o.b[at] ^= 0x20;
		is_dropped("checksum", &o, DROP_ICMP_CHECKSUM);
		expect_counters(
			&before, &h->env, COUNTED(STAT_IP_IN, 1), DROPPED(DROP_ICMP_CHECKSUM, 1));
	}
}

/* D03 */
Test(icmp, echo_to_everybody_is_not_answered)
{
	struct octets data = some_octets(8);
	struct octets message = icmp_octets(&(struct icmp_hdr){ .type = ICMP_ECHO }, &data);
	static const uint32_t dst[] = { BCAST_IP, IPV4_BROADCAST };

	for (unsigned i = 0; i < ARRAY_LEN(dst); i++) {
		struct octets o = icmp_packet((struct ipv4_hdr){ .dst = dst[i] }, &message);

		is_dropped("broadcast", &o, DROP_ICMP_BROADCAST);
		expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
			DROPPED(DROP_ICMP_BROADCAST, 1));
	}
}

Test(icmp, echoes_beyond_the_limit_are_dropped)
{
	struct octets o = echo(0);

	begin_anew(&(struct host_opts){ .config.icmp.echo_rate = 10 });
	for (unsigned i = 0; i < 10; i++)
		cr_expect_eq(host_ip(h, &o), DROP_NONE);
	before = counters_of(&h->env);
	cr_expect_eq(host_ip(h, &o), DROP_ICMP_RATE);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
		DROPPED(DROP_ICMP_RATE, 1));
	host_until(h, AT_MS(100));
	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	cr_expect_eq(host_n_sent(h), 11);
}

Test(icmp, reply_without_a_way_back_is_dropped)
{
	struct octets data = some_octets(8);
	struct octets message = icmp_octets(&(struct icmp_hdr){ .type = ICMP_ECHO }, &data);
	struct octets o = icmp_packet((struct ipv4_hdr){ .src = FAR_IP }, &message);

	begin_anew(&(struct host_opts){ .has_no_gateway = true });
	cr_expect_eq(host_ip(h, &o), DROP_IP_NO_ROUTE);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
		DROPPED(DROP_IP_NO_ROUTE, 1));
}

Test(icmp, reply_without_room_for_the_neighbour_is_dropped)
{
	struct octets data = some_octets(8);
	struct octets message = icmp_octets(&(struct icmp_hdr){ .type = ICMP_ECHO }, &data);
	struct octets o = icmp_packet((struct ipv4_hdr){ .src = PEER2_IP }, &message);

	begin_anew(&(struct host_opts){ .config.neighbour.max_entries = 1 });
	cr_expect_eq(host_ip(h, &o), DROP_NEIGH_TABLE_FULL);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
		DROPPED(DROP_NEIGH_TABLE_FULL, 1));
}

/* R03 */
Test(icmp, without_a_buffer_nothing_is_copied_or_quoted)
{
	struct octets o = echo(100);
	struct octets none = some_octets(0);
	struct octets datagram = udp_octets(1, CLOSED_PORT, &none);
	struct octets o2 = ip_octets(&(struct ipv4_hdr){ .proto = IP_PROTO_UDP }, &datagram);
	struct rte_mbuf *clone;
	struct rte_mbuf *m;
	struct rte_mbuf *m2;
	struct rte_mbuf *held[4096];
	unsigned n = 0;

	m = host_chain(h, &o, o.len, 0);
	m2 = host_chain(h, &o2, o2.len, 0);
	clone = rte_pktmbuf_clone(m, h->pool.head);
	while ((held[n] = rte_pktmbuf_alloc(h->pool.text)) != NULL)
		n++;
	cr_expect_eq(host_ip_mbuf(h, clone), DROP_NO_MBUF);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
		DROPPED(DROP_NO_MBUF, 1));
	before = counters_of(&h->env);
	cr_expect_eq(host_ip_mbuf(h, m2), DROP_UDP_NO_PORT);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), DROPPED(DROP_UDP_NO_PORT, 1),
		DROPPED(DROP_NO_MBUF, 1));
	host_sends_nothing(h);
	while (n > 0)
		pkt_release(held[--n]);
	pkt_release(m);
}

/* D15, D18 */
Test(icmp, messages_that_we_do_not_act_on_are_dropped)
{
	static const uint8_t type[] = {
		ICMP_SOURCE_QUENCH,
		9,  /* router advertisement */
		13, /* timestamp */
		15, /* information */
		17, /* address mask */
		30,
		255,
	};
	struct octets data = some_octets(40);
	struct octets message;
	struct octets o;

	for (unsigned i = 0; i < ARRAY_LEN(type); i++) {
		message = icmp_octets(&(struct icmp_hdr){ .type = type[i] }, &data);
		o = icmp_packet((struct ipv4_hdr){ .tos = 0 }, &message);
		is_dropped("type", &o, DROP_ICMP_TYPE);
		expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
			DROPPED(DROP_ICMP_TYPE, 1));
	}
}

static struct octets
timestamp(uint32_t len)
{
	struct octets data = some_octets(len);
	struct octets message = icmp_octets(
		&(struct icmp_hdr){ .type = ICMP_TIMESTAMP, .rest = 0x12345678 }, &data);

	return icmp_packet((struct ipv4_hdr){ .tos = 0x10 }, &message);
}

/* D18: RFC 1122 §3.2.2.8 */
Test(icmp, timestamp_is_answered_where_configured)
{
	struct octets o = timestamp(12);
	const struct sent *s;

	begin_anew(&(struct host_opts){ .config.icmp.timestamp = BARO_ON });
	host_until(h, AT_MS(5000));
	before = counters_of(&h->env);
	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	s = host_sent(h);
	cr_expect_eq(s->icmp.type, ICMP_TIMESTAMP_REPLY);
	cr_expect_eq(s->icmp.rest, 0x12345678);
	cr_expect_eq(s->ip.tos, 0x10);
	cr_expect_eq(s->len, 12);
	cr_expect_eq(memcmp(s->data, o.b + 28, 4), 0, "the sender's time");
	cr_expect_eq(get_u32(s->data + 4), 0x80000000u | 1005000);
	cr_expect_eq(get_u32(s->data + 8), 0x80000000u | 1005000);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
		COUNTED(STAT_ICMP_TIMESTAMP_REPLIES, 1), COUNTED(STAT_IP_OUT, 1));
}

/* D18, D03 */
Test(icmp, timestamp_cut_short_to_everybody_or_too_often_is_dropped)
{
	struct octets o;

	begin_anew(&(struct host_opts){ .config.icmp = { .timestamp = BARO_ON, .echo_rate = 1 } });
	for (uint32_t len = 0; len < 12; len++) {
		o = timestamp(len);
		is_dropped("short", &o, DROP_ICMP_SHORT);
	}
	o = timestamp(12);
	o.b[19] = 255;
	ip_octets_sum(&o);
	is_dropped("broadcast", &o, DROP_ICMP_BROADCAST);
	o = timestamp(12);
	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	host_sent(h);
	is_dropped("rate", &o, DROP_ICMP_RATE);
}

Test(icmp, echo_reply_is_noted)
{
	struct octets data = some_octets(40);
	struct octets message = icmp_octets(
		&(struct icmp_hdr){ .type = ICMP_ECHO_REPLY, .rest = 0x00070009 }, &data);
	struct octets o = icmp_packet((struct ipv4_hdr){ .tos = 0 }, &message);

	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	cr_expect_eq(h->note.proto, IP_PROTO_ICMP);
	cr_expect_eq(h->note.type, ICMP_ECHO_REPLY);
	cr_expect_eq(h->note.seq, 0x00070009);
	cr_expect_eq(h->note.by, PEER_IP);
	cr_expect_eq(h->note.err, 0);
	host_sends_nothing(h);
}

/* errors in */

/* A packet that we may have sent, as an error quotes it. */
static struct octets
our_packet(struct ipv4_hdr ip, uint32_t len)
{
	static const uint8_t transport[] = { 0x12, 0x34, 0, 80, 0xca, 0xfe, 0xba, 0xbe };
	struct octets text = some_octets(len);

	memcpy(text.b, transport, min_u32(len, sizeof(transport)));
	ip.src = ip.src != 0 ? ip.src : OUR_IP;
	ip.dst = ip.dst != 0 ? ip.dst : FAR_IP;
	ip.proto = ip.proto != 0 ? ip.proto : IP_PROTO_TCP;
	ip.total_len = 1500; /* what follows is cut off */
	return ip_octets(&ip, &text);
}

static struct octets
error_about(uint8_t type, uint8_t code, uint32_t rest, const struct octets *quote)
{
	struct octets message =
		icmp_octets(&(struct icmp_hdr){ .type = type, .code = code, .rest = rest }, quote);

	return icmp_packet((struct ipv4_hdr){ .src = GW_IP }, &message);
}

static void
is_noted(uint8_t type, uint8_t code, uint16_t mtu)
{
	struct octets quote = our_packet((struct ipv4_hdr){ .ttl = 1 }, 8);
	struct octets o = error_about(type, code, 0xabcd0000u | mtu, &quote);

	before = counters_of(&h->env);
	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
		COUNTED(STAT_ICMP_ERRORS_IN, 1));
	cr_expect_eq(h->note.type, type);
	cr_expect_eq(h->note.code, code);
	cr_expect_eq(h->note.mtu, mtu);
	cr_expect_eq(h->note.len, 1500);
	cr_expect_eq(h->note.proto, IP_PROTO_TCP);
	cr_expect_eq(h->note.src, OUR_IP);
	cr_expect_eq(h->note.dst, FAR_IP);
	cr_expect_eq(h->note.src_port, 0x1234);
	cr_expect_eq(h->note.dst_port, 80);
	cr_expect_eq(h->note.seq, 0xcafebabe);
	host_sends_nothing(h);
}

Test(icmp, errors_about_our_packets_are_noted)
{
	for (uint8_t code = 0; code < 16; code++)
		is_noted(ICMP_UNREACHABLE, code, 0);
	is_noted(ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 1400);
	is_noted(ICMP_TIME_EXCEEDED, 0, 0);
	is_noted(ICMP_PARAMETER, 0, 0);
}

/* D08, D07, D19: what the caller of whom it concerns will hear */
Test(icmp, errors_mean_an_errno_and_some_are_final)
{
	static const struct {
		uint8_t type, code;
		int err;
		bool is_hard;
	} row[] = {
		{ ICMP_UNREACHABLE, 0, -ENETUNREACH, false },
		{ ICMP_UNREACHABLE, 1, -EHOSTUNREACH, false },
		{ ICMP_UNREACHABLE, 2, -ECONNREFUSED, true },
		{ ICMP_UNREACHABLE, 3, -ECONNREFUSED, true },
		{ ICMP_UNREACHABLE, 4, -EMSGSIZE, false },
		{ ICMP_UNREACHABLE, 5, -EHOSTUNREACH, false },
		{ ICMP_UNREACHABLE, 6, -ENETUNREACH, false },
		{ ICMP_UNREACHABLE, 9, -ENETUNREACH, true },
		{ ICMP_UNREACHABLE, 10, -EHOSTUNREACH, true },
		{ ICMP_UNREACHABLE, 11, -ENETUNREACH, false },
		{ ICMP_UNREACHABLE, 13, -EHOSTUNREACH, true },
		{ ICMP_TIME_EXCEEDED, 0, -EHOSTUNREACH, false },
		{ ICMP_PARAMETER, 0, -EPROTO, false },
	};

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		is_noted(row[i].type, row[i].code, 0);
		cr_expect_eq(h->note.err, row[i].err, "row %u: %d", i, h->note.err);
		cr_expect_eq(h->note.is_hard, row[i].is_hard, "row %u", i);
		cr_expect_eq(h->note.by, GW_IP);
	}
}

/* R02 */
Test(icmp, error_in_pieces_is_noted)
{
	static const uint8_t opt[40] = { 1 };
	struct octets text = some_octets(8);
	struct octets quote = ip_octets_opt(
		&(struct ipv4_hdr){ .src = OUR_IP, .dst = FAR_IP, .proto = IP_PROTO_UDP }, opt,
		sizeof(opt), &text);
	struct octets o = error_about(ICMP_UNREACHABLE, 3, 0, &quote);

	for (uint32_t first = 0; first <= o.len; first++) {
		cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, first, 0)), DROP_NONE);
		cr_expect_eq(h->note.proto, IP_PROTO_UDP);
		cr_expect_eq(h->note.src_port, 0x0108);
		cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, first, 3)), DROP_NONE);
		cr_expect_eq(h->note.seq, 0x1d242b32);
	}
}

static void
is_no_quote(const char *name, const struct octets *quote)
{
	struct octets o = error_about(ICMP_UNREACHABLE, 3, 0, quote);

	is_dropped(name, &o, DROP_ICMP_QUOTE);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
		DROPPED(DROP_ICMP_QUOTE, 1));
}

/* D17 */
Test(icmp, error_with_a_quote_cut_short_is_dropped)
{
	struct octets quote = our_packet((struct ipv4_hdr){ .ttl = 1 }, 8);

	while (quote.len-- > 0)
		is_no_quote("cut", &quote);
}

/* D17 */
Test(icmp, error_that_quotes_nothing_of_ours_is_dropped)
{
	struct octets quote = our_packet((struct ipv4_hdr){ .src = PEER_IP }, 8);

	is_no_quote("another host's", &quote);
	quote = our_packet((struct ipv4_hdr){ .frag = 1 }, 8);
	is_no_quote("a later fragment", &quote);
	quote = our_packet((struct ipv4_hdr){ .ttl = 1 }, 8);
	quote.b[0] = 0x65;
	is_no_quote("another version", &quote);
	quote.b[0] = 0x44;
	is_no_quote("IHL below 5", &quote);
	quote.b[0] = 0x4f;
	is_no_quote("IHL beyond the quote", &quote);
}

/* D17: sent to everybody, it cannot be about a packet of ours */
Test(icmp, error_to_everybody_is_dropped)
{
	struct octets quote = our_packet((struct ipv4_hdr){ .ttl = 1 }, 8);
	struct octets message =
		icmp_octets(&(struct icmp_hdr){ .type = ICMP_UNREACHABLE, .code = 3 }, &quote);
	struct octets o = icmp_packet((struct ipv4_hdr){ .dst = BCAST_IP }, &message);

	is_dropped("broadcast", &o, DROP_ICMP_QUOTE);
}

Test(icmp, error_about_an_echo_reply_concerns_nobody)
{
	struct octets quote = our_packet((struct ipv4_hdr){ .proto = IP_PROTO_ICMP }, 8);
	struct octets o = error_about(ICMP_UNREACHABLE, 1, 0, &quote);

	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	cr_expect_eq(h->note.proto, 0);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_ICMP_IN, 1),
		COUNTED(STAT_ICMP_ERRORS_IN, 1));
}

/* errors out */

static struct octets
datagram_to(uint32_t dst, uint32_t len)
{
	struct octets data = some_octets(len);
	struct octets datagram = udp_octets_between(PEER_IP, dst, 1000, CLOSED_PORT, &data);

	return ip_octets(
		&(struct ipv4_hdr){
			.dst = dst, .proto = IP_PROTO_UDP, .tos = 0xb8, .ttl = 3, .id = 77 },
		&datagram);
}

static void
sends_port_unreachable(const struct octets *about)
{
	const struct sent *s = host_sent(h);

	cr_expect(mac_eq(s->eth.dst, PEER_MAC));
	cr_expect_eq(s->ip.src, OUR_IP);
	cr_expect_eq(s->ip.dst, PEER_IP);
	cr_expect_eq(s->ip.tos, 0);
	cr_expect_eq(s->ip.ttl, 64);
	cr_expect_leq(s->ip.total_len, 576);
	cr_expect_eq(s->icmp.type, ICMP_UNREACHABLE);
	cr_expect_eq(s->icmp.code, ICMP_UNREACH_PORT);
	cr_expect_eq(s->icmp.rest, 0);
	cr_expect_eq(s->len, min_u32(about->len, 576 - 28));
	cr_expect_eq(memcmp(s->data, about->b, s->len), 0);
}

/* D05, D06 */
Test(icmp, datagram_to_a_closed_port_is_answered_quoting_it)
{
	static const uint32_t len[] = { 0, 1, 9, 100, 519, 520, 521, 1000, 1472 };

	for (unsigned i = 0; i < ARRAY_LEN(len); i++) {
		struct octets o = datagram_to(OUR_IP, len[i]);

		before = counters_of(&h->env);
		cr_expect_eq(host_ip(h, &o), DROP_UDP_NO_PORT);
		expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_IP_OUT, 1),
			DROPPED(DROP_UDP_NO_PORT, 1), COUNTED(STAT_ICMP_ERRORS_OUT, 1));
		sends_port_unreachable(&o);
		host_sends_nothing(h);
	}
}

/* D05, R02: options are quoted, and pieces make no difference */
Test(icmp, quote_has_the_options_and_what_lay_scattered)
{
	static const uint8_t opt[8] = { 7, 7, 4, 0, 0, 0, 0, 0 };
	struct octets data = some_octets(700);
	struct octets datagram = udp_octets(1000, CLOSED_PORT, &data);
	struct octets o = ip_octets_opt(
		&(struct ipv4_hdr){ .proto = IP_PROTO_UDP }, opt, sizeof(opt), &datagram);

	for (uint32_t piece = 1; piece <= o.len; piece += 7) {
		cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, piece, piece)), DROP_UDP_NO_PORT);
		sends_port_unreachable(&o);
	}
}

/* D06 */
Test(icmp, errors_are_limited_in_rate)
{
	struct octets o = datagram_to(OUR_IP, 10);

	begin_anew(&(struct host_opts){ .config.icmp.error_rate = 5 });
	for (unsigned i = 0; i < 100; i++)
		cr_expect_eq(host_ip(h, &o), DROP_UDP_NO_PORT);
	cr_expect_eq(host_n_sent(h), 5);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 100), COUNTED(STAT_IP_OUT, 5),
		DROPPED(DROP_UDP_NO_PORT, 100), COUNTED(STAT_ICMP_ERRORS_OUT, 5),
		DROPPED(DROP_ICMP_RATE, 95));
	host_until(h, AT_MS(200));
	host_ip(h, &o);
	host_ip(h, &o);
	cr_expect_eq(host_n_sent(h), 6);
}

/* D04 */
Test(icmp, nothing_is_said_about_a_broadcast)
{
	struct octets o = datagram_to(BCAST_IP, 10);

	cr_expect_eq(host_ip(h, &o), DROP_UDP_NO_PORT);
	o = datagram_to(IPV4_BROADCAST, 10);
	cr_expect_eq(host_ip(h, &o), DROP_UDP_NO_PORT);
	host_sends_nothing(h);
}

/* D04 */
Test(icmp, nothing_is_said_about_a_later_fragment_or_a_source_that_is_no_host)
{
	struct octets text = some_octets(16);
	struct octets o;

	o = ip_octets(&(struct ipv4_hdr){ .proto = IP_PROTO_UDP, .frag = 2 }, &text);
	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	host_until(h, AT_S(120));
	cr_expect_eq(h->env.drops[DROP_IP_REASS_TIMEOUT], 1);
	o = ip_octets(&(struct ipv4_hdr){ .src = BCAST_IP, .proto = IP_PROTO_UDP }, &text);
	cr_expect_eq(host_ip(h, &o), DROP_IP_SOURCE);
	host_sends_nothing(h);
}

static void
ask_for_error_about(uint8_t type, uint32_t len, bool is_sent)
{
	struct octets data = some_octets(len);
	struct octets message = icmp_octets(&(struct icmp_hdr){ .type = type }, &data);
	struct octets o = icmp_packet((struct ipv4_hdr){ .tos = 0 }, &message);
	struct rte_mbuf *m = host_chain(h, &o, o.len, 0);
	struct ip_in in;

	cr_assert_eq(ip_input(&h->ip, h->netif, &m, &in), DROP_NONE);
	icmp_send_unreachable(&h->ip, m, &in, ICMP_UNREACH_PROTO, h->now_ns);
	pkt_release(m);
	cr_expect_eq(host_n_sent(h), is_sent ? 1 : 0, "type %u", type);
	if (is_sent)
		host_sent(h);
}

/* D04 */
Test(icmp, nothing_is_said_about_an_icmp_error)
{
	ask_for_error_about(ICMP_UNREACHABLE, 28, false);
	ask_for_error_about(ICMP_TIME_EXCEEDED, 28, false);
	ask_for_error_about(ICMP_PARAMETER, 28, false);
	ask_for_error_about(ICMP_REDIRECT, 28, false);
	ask_for_error_about(ICMP_SOURCE_QUENCH, 28, false);
	ask_for_error_about(ICMP_ECHO, 28, true);
}

/* D06 */
Test(icmp, error_without_a_way_back_is_not_sent)
{
	struct octets data = some_octets(10);
	struct octets datagram = udp_octets_between(FAR_IP, OUR_IP, 1, CLOSED_PORT, &data);
	struct octets o =
		ip_octets(&(struct ipv4_hdr){ .src = FAR_IP, .proto = IP_PROTO_UDP }, &datagram);

	begin_anew(&(struct host_opts){ .has_no_gateway = true });
	cr_expect_eq(host_ip(h, &o), DROP_UDP_NO_PORT);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), DROPPED(DROP_UDP_NO_PORT, 1),
		DROPPED(DROP_IP_NO_ROUTE, 1));
}
