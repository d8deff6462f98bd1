/* SPDX-License-Identifier: BSD-3-Clause */

/* Fragments in: RFC 791 §3.2, 1122 §3.3.2, 1858, 3128, 5722. */

#include <criterion/criterion.h>
#include <string.h>

#include "dev/pkt.h"
#include "kit/host.h"

enum {
	PORT = 53,
	MORE = 1,
	LAST = 0,
};

/** One datagram, header and all, as its sender has it. */
static struct {
	uint32_t len;
	uint8_t b[65535];
} whole;

static struct host *h;
static struct udp_sock sock;
static struct counters before;
static struct ipv4_hdr hdr; /* of the fragments that follow */

static void
begin(const struct host_opts *opts)
{
	h = host_new(opts);
	host_meet(h, PEER_IP, PEER_MAC);
	memset(&sock, 0, sizeof(sock));
	cr_assert_eq(udp_bind(&h->udp, &sock, 0, PORT), 0);
	hdr = (struct ipv4_hdr){ .proto = IP_PROTO_UDP, .id = 77, .src = PEER_IP, .dst = OUR_IP };
	before = counters_of(&h->env);
}

static void
setup(void)
{
	begin(NULL);
}

static void
teardown(void)
{
	udp_unbind(&h->udp, &sock);
	host_delete(h);
}

static void
begin_anew(const struct host_opts *opts)
{
	teardown();
	begin(opts);
}

TestSuite(frag_in, .init = setup, .fini = teardown);

/** The datagram is one of UDP with @len octets in all. */
static void
make_datagram(uint32_t len)
{
	struct udp_hdr udp = { 1000, PORT, (uint16_t)len, false };
	uint32_t sum = cksum_pseudo4(hdr.src, hdr.dst, IP_PROTO_UDP, len);
	uint16_t folded;

	whole.len = len;
	for (uint32_t i = UDP_HDR_LEN; i < len; i++)
		whole.b[i] = (uint8_t)(i * 7 + i / 256);
	udp_write(whole.b, &udp);
	folded = cksum_fold(cksum_add(sum, whole.b, len));
	memcpy(whole.b + UDP_SUM_AT, &folded, sizeof(folded));
}

/** The packet with octets [@from, @from + @len) of it. */
static struct octets
fragment(uint32_t from, uint32_t len, unsigned more)
{
	struct octets piece = { .len = len };
	struct ipv4_hdr of = hdr;

	memcpy(piece.b, whole.b + from, len);
	of.frag = (uint16_t)(from / 8 | (more != 0 ? IPV4_MF : 0u));
	return ip_octets(&of, &piece);
}

static enum drop
take(uint32_t from, uint32_t len, unsigned more)
{
	struct octets o = fragment(from, len, more);

	return host_ip(h, &o);
}

#define takes(from, len, more)      cr_expect_eq(take(from, len, more), DROP_NONE)
#define drops(from, len, more, why) cr_expect_eq(take(from, len, more), why)

static void
delivers_nothing(void)
{
	cr_expect_eq(sock.n_queued, 0, "%u datagrams", sock.n_queued);
}

/** The datagram, once, with all its octets. */
static void
delivers_datagram(void)
{
	static uint8_t flat[65535];
	struct rte_mbuf *m = udp_take(&h->udp, &sock);

	cr_assert_not_null(m, "nothing delivered");
	rte_mbuf_sanity_check(m, 1);
	cr_expect_eq(udp_note(m)->len, whole.len - UDP_HDR_LEN);
	cr_expect_eq(m->pkt_len, whole.len - UDP_HDR_LEN);
	cr_expect_eq(
		memcmp(rte_pktmbuf_read(m, 0, m->pkt_len, flat), whole.b + UDP_HDR_LEN, m->pkt_len),
		0);
	pkt_release(m);
	delivers_nothing();
}

static void
holds_nothing(void)
{
	cr_expect_eq(h->ip.fragq.mem, 0, "%lu octets", h->ip.fragq.mem);
}

/* C01 */
Test(frag_in, two_fragments_in_either_order_are_one_datagram)
{
	make_datagram(2000);
	takes(0, 1480, MORE);
	delivers_nothing();
	takes(1480, 520, LAST);
	delivers_datagram();
	holds_nothing();
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 2), COUNTED(STAT_IP_REASSEMBLED, 1),
		COUNTED(STAT_UDP_IN, 1));
	hdr.id++;
	takes(1480, 520, LAST);
	delivers_nothing();
	takes(0, 1480, MORE);
	delivers_datagram();
	host_sends_nothing(h);
}

/* C01: in any order, each said twice */
Test(frag_in, fragments_in_any_order_with_duplicates_are_one_datagram)
{
	static const uint32_t from[] = { 0, 64, 200, 208, 600 };
	static const uint32_t to[] = { 64, 200, 208, 600, 999 };
	unsigned at[5];

	make_datagram(999);
	for (unsigned order = 0; order < 5 * 5 * 5 * 5 * 5; order++) {
		unsigned seen = 0;

		for (unsigned k = 0, rest = order; k < 5; k++, rest /= 5) {
			at[k] = rest % 5;
			seen |= 1u << at[k];
		}
		if (seen != 31)
			continue;
		hdr.id++;
		for (unsigned k = 0; k < 5; k++) {
			unsigned i = at[k];

			takes(from[i], to[i] - from[i], i < 4);
			if (k == 4)
				break;
			drops(from[i], to[i] - from[i], i < 4, DROP_IP_FRAGMENT_REPEATED);
		}
		delivers_datagram();
	}
}

/* C01, R02: scattered fragments, and the transport's header in pieces of 8 octets */
Test(frag_in, scattered_and_tiny_fragments_are_one_datagram)
{
	make_datagram(333);
	for (uint32_t first = 0; first < 60; first += 3) {
		hdr.id++;
		for (uint32_t from = 0; from < 333; from += 8) {
			struct octets o = fragment(from, min_u32(8, 333 - from), from + 8 < 333);

			cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, first, 5)), DROP_NONE);
		}
		delivers_datagram();
	}
}

/* C02 */
Test(frag_in, datagrams_of_all_sizes_up_to_the_longest_are_reassembled)
{
	static const uint32_t len[] = { 556, 576, 1481, 4096, 9000, 30000, 65515 };

	for (unsigned i = 0; i < ARRAY_LEN(len); i++) {
		make_datagram(len[i]);
		hdr.id++;
		for (uint32_t from = 0; from < len[i]; from += 552)
			takes(from, min_u32(552, len[i] - from), from + 552 < len[i]);
		delivers_datagram();
	}
}

/* C02: what only arrives last is the first */
Test(frag_in, longest_datagram_arrives_backwards)
{
	make_datagram(65515);
	for (uint32_t from = 65515 / 1480 * 1480;; from -= 1480) {
		takes(from, min_u32(1480, 65515 - from), from + 1480 < 65515);
		if (from == 0)
			break;
	}
	delivers_datagram();
}

/* C03, D05: as far as it came it is quoted */
Test(frag_in, sender_is_told_when_time_is_over_and_the_first_one_had_come)
{
	const struct sent *s;
	struct octets first;

	make_datagram(2000);
	first = fragment(0, 1480, MORE);
	takes(0, 1480, MORE);
	host_until(h, AT_MS(59999));
	host_sends_nothing(h);
	takes(1488, 512, LAST); /* others do not prolong it */
	before = counters_of(&h->env);
	host_until(h, AT_MS(60001));
	s = host_sent(h);
	while (s->eth.type == ETH_TYPE_ARP)
		s = host_sent(h);
	cr_expect_eq(s->ip.dst, PEER_IP);
	cr_expect_eq(s->icmp.type, ICMP_TIME_EXCEEDED);
	cr_expect_eq(s->icmp.code, ICMP_EXCEEDED_REASS);
	cr_expect_eq(s->ip.total_len, 576);
	cr_expect_eq(memcmp(s->data, first.b, s->len), 0);
	host_sends_nothing(h);
	cr_expect_eq(h->env.drops[DROP_IP_REASS_TIMEOUT], 2);
	holds_nothing();
	/* and now it is another datagram */
	takes(1480, 520, LAST);
	delivers_nothing();
}

/* C03 */
Test(frag_in, nothing_is_said_when_time_is_over_and_the_first_one_is_missing)
{
	make_datagram(2000);
	takes(1480, 520, LAST);
	host_until(h, AT_S(61));
	host_sends_nothing(h);
	expect_counters(
		&before, &h->env, COUNTED(STAT_IP_IN, 1), DROPPED(DROP_IP_REASS_TIMEOUT, 1));
}

/* C03: [ip] reass.timeout */
Test(frag_in, time_is_as_configured)
{
	begin_anew(&(struct host_opts){ .config.ip.reass_timeout_ns = 2 * NS_PER_SEC });
	make_datagram(2000);
	takes(1480, 520, LAST);
	host_until(h, AT_MS(1999));
	cr_expect_eq(h->env.drops[DROP_IP_REASS_TIMEOUT], 0);
	host_until(h, AT_MS(2001));
	cr_expect_eq(h->env.drops[DROP_IP_REASS_TIMEOUT], 1);
}

/* C04 */
Test(frag_in, length_that_is_no_multiple_of_8_is_the_last_one_s)
{
	make_datagram(2000);
	for (uint32_t len = 1473; len < 1480; len++)
		drops(0, len, MORE, DROP_IP_FRAGMENT);
	drops(1480, 0, MORE, DROP_IP_FRAGMENT);
	drops(1480, 0, LAST, DROP_IP_FRAGMENT);
	holds_nothing();
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 9), DROPPED(DROP_IP_FRAGMENT, 9));
}

/* C05: the "ping of death" */
Test(frag_in, fragment_beyond_the_longest_datagram_is_dropped)
{
	struct octets text = some_octets(1480);

	hdr.proto = IP_PROTO_ICMP;
	for (uint32_t from = 65528; from + text.len + IPV4_HDR_LEN > 65535; from -= 8) {
		struct octets o;

		hdr.frag = (uint16_t)(from / 8);
		o = ip_octets(&hdr, &text);
		cr_expect_eq(host_ip(h, &o), DROP_IP_FRAGMENT, "at %u", from);
	}
	delivers_nothing();
	holds_nothing();
}

/* C05: the header of the first one is longer than that of the last one was */
Test(frag_in, datagram_longer_than_the_longest_packet_is_dropped)
{
	static const uint8_t opt[4] = { 1, 1, 1, 0 };
	struct octets piece = { .len = 1480 };
	struct octets o;

	make_datagram(65515);
	for (uint32_t from = 1480; from < 65515; from += 1480)
		takes(from, min_u32(1480, 65515 - from), from + 1480 < 65515);
	memcpy(piece.b, whole.b, 1480);
	hdr.frag = IPV4_MF;
	o = ip_octets_opt(&hdr, opt, sizeof(opt), &piece);
	host_ip(h, &o);
	delivers_nothing();
	cr_expect_eq(h->env.drops[DROP_IP_FRAGMENT], 45);
	holds_nothing();
}

/* C06 */
Test(frag_in, overlap_ends_the_datagram_and_all_that_follows_of_it)
{
	static const struct {
		uint32_t from, to;
	} row[] = {
		{ 72, 96 },  /* begins in the one before */
		{ 88, 104 }, /* ends in the one behind */
		{ 72, 104 }, /* both */
		{ 0, 200 },  /* around them all */
		{ 96, 120 }, /* begins with one, and is longer */
	};

	make_datagram(400);
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		hdr.id++;
		before = counters_of(&h->env);
		takes(0, 80, MORE);
		takes(96, 16, MORE);
		drops(row[i].from, row[i].to - row[i].from, MORE, DROP_IP_FRAGMENT_OVERLAP);
		drops(80, 16, MORE, DROP_IP_FRAGMENT_OVERLAP);
		drops(112, 288, LAST, DROP_IP_FRAGMENT_OVERLAP);
		delivers_nothing();
		holds_nothing();
		expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 5),
			DROPPED(DROP_IP_FRAGMENT_OVERLAP, 5));
	}
	host_until(h, AT_S(61)); /* nothing can be quoted of it any more */
	host_sends_nothing(h);
}

/* C06: the same place, other octets */
Test(frag_in, repetition_with_other_octets_ends_the_datagram)
{
	make_datagram(400);
	takes(0, 80, MORE);
	drops(16, 64, MORE, DROP_IP_FRAGMENT_REPEATED); /* a part of it, the same */
	whole.b[79] ^= 1;
	drops(0, 80, MORE, DROP_IP_FRAGMENT_OVERLAP);
	whole.b[79] ^= 1;
	drops(80, 320, LAST, DROP_IP_FRAGMENT_OVERLAP);
	delivers_nothing();
}

static void
make_tcp(uint8_t doff)
{
	make_datagram(200);
	hdr.proto = IP_PROTO_TCP;
	whole.b[12] = (uint8_t)(doff << 4);
}

/* C07: RFC 1858 §3, RFC 3128 §3 */
Test(frag_in, fragment_that_cuts_a_tcp_header_is_dropped)
{
	make_tcp(5);
	drops(0, 8, MORE, DROP_IP_FRAGMENT_TINY);
	drops(0, 16, MORE, DROP_IP_FRAGMENT_TINY);
	drops(8, 192, LAST, DROP_IP_FRAGMENT_TINY);
	holds_nothing();
	takes(0, 24, MORE);
	hdr.id++;
	make_tcp(15);
	drops(0, 56, MORE, DROP_IP_FRAGMENT_TINY);
	takes(0, 64, MORE);
}

/* C08 */
Test(frag_in, fragments_of_different_datagrams_do_not_mix)
{
	static const struct ipv4_hdr other[] = {
		{ .src = PEER2_IP, .dst = OUR_IP, .id = 77, .proto = IP_PROTO_UDP },
		{ .src = PEER_IP, .dst = BCAST_IP, .id = 77, .proto = IP_PROTO_UDP },
		{ .src = PEER_IP, .dst = OUR_IP, .id = 78, .proto = IP_PROTO_UDP },
		{ .src = PEER_IP, .dst = OUR_IP, .id = 77, .proto = IP_PROTO_ICMP },
	};
	struct ipv4_hdr ours = hdr;

	make_datagram(2000);
	for (unsigned i = 0; i < ARRAY_LEN(other); i++) {
		hdr = other[i];
		takes(1480, 520, LAST);
	}
	hdr = ours;
	takes(0, 1480, MORE);
	delivers_nothing();
	takes(1480, 520, LAST);
	delivers_datagram();
}

/* C09: [ip] reass.max_datagrams */
Test(frag_in, of_too_many_datagrams_the_oldest_goes)
{
	begin_anew(&(struct host_opts){ .config.ip.reass_max_datagrams = 10 });
	make_datagram(2000);
	for (unsigned i = 0; i < 11; i++) {
		hdr.id = (uint16_t)i;
		takes(0, 1480, MORE);
	}
	cr_expect_eq(h->env.drops[DROP_IP_REASS_FULL], 1);
	hdr.id = 1;
	takes(1480, 520, LAST);
	delivers_datagram();
	hdr.id = 0;
	takes(1480, 520, LAST); /* alone now */
	delivers_nothing();
}

/* C09: [ip] reass.max_mem counts buffers, not octets carried */
Test(frag_in, memory_is_bounded_whatever_the_fragments_size)
{
	const uint64_t max_mem = 64 << 10;

	begin_anew(&(struct host_opts){
		.config.ip = { .reass_mem = max_mem, .reass_max_datagrams = 4096 } });
	make_datagram(2000);
	for (unsigned i = 0; i < 1000; i++) {
		hdr.id = (uint16_t)i;
		takes(0, i % 2 != 0 ? 8 : 1480, MORE);
		cr_expect_leq(h->ip.fragq.mem, max_mem);
	}
	cr_expect_leq(dev_pool_in_use(&h->pool), max_mem / 2048);
	cr_expect_gt(h->env.drops[DROP_IP_REASS_FULL], 900);
	hdr.id = 998; /* the young are still good */
	takes(1480, 520, LAST);
	delivers_datagram();
}

/* C09: one datagram alone cannot take it all */
Test(frag_in, datagram_of_too_many_fragments_is_given_up)
{
	make_datagram(60000);
	for (uint32_t i = 0; i < FRAGQ_FRAGMENTS_MAX; i++)
		takes(i * 16, 8, MORE);
	drops(FRAGQ_FRAGMENTS_MAX * 16, 8, MORE, DROP_IP_REASS_FULL);
	holds_nothing();
	cr_expect_eq(h->env.drops[DROP_IP_REASS_FULL], FRAGQ_FRAGMENTS_MAX + 1);

	begin_anew(&(struct host_opts){ .config.ip.reass_mem = 64 << 10 });
	for (uint32_t i = 0; take(i * 16, 8, MORE) == DROP_NONE; i++)
		cr_assert_lt(i, 100);
	holds_nothing();
}

/* C09: of a small pool no more than a quarter */
Test(frag_in, what_waits_leaves_buffers_for_others)
{
	begin_anew(&(struct host_opts){ .mbufs = 512 });
	make_datagram(2000);
	for (unsigned i = 0; i < 1000; i++) {
		hdr.id = (uint16_t)i;
		takes(0, 1480, MORE);
	}
	cr_expect_leq(dev_pool_in_use(&h->pool), 512 / 4);
}

/* C12 */
Test(frag_in, ends_that_contradict_each_other_end_the_datagram)
{
	static const struct {
		uint32_t from, len;
		unsigned more;
	} row[][2] = {
		{ { 160, 40, LAST }, { 200, 40, LAST } }, /* another end, behind */
		{ { 160, 40, LAST }, { 80, 40, LAST } },  /* and before */
		{ { 160, 40, LAST }, { 200, 40, MORE } }, /* octets beyond the end */
		{ { 160, 40, MORE }, { 80, 40, LAST } },  /* known before the end */
		{ { 160, 40, LAST }, { 160, 40, MORE } }, /* the end is none */
		{ { 160, 40, MORE }, { 160, 40, LAST } },
	};

	make_datagram(400);
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		hdr.id++;
		takes(0, 80, MORE);
		takes(row[i][0].from, row[i][0].len, row[i][0].more);
		drops(row[i][1].from, row[i][1].len, row[i][1].more, DROP_IP_FRAGMENT_OVERLAP);
		cr_expect_eq(h->ip.fragq.mem, 0, "row %u", i);
	}
	delivers_nothing();
}

/* RFC 3168 §5.3 */
Test(frag_in, congestion_met_by_one_fragment_is_met_by_the_datagram)
{
	static const struct {
		uint8_t a, b;
		bool is_delivered;
	} row[] = {
		{ 2, 3, true },
		{ 3, 1, true },
		{ 3, 3, true },
		{ 2, 1, true },
		{ 0, 2, true },
		{ 0, 3, false },
	};

	make_datagram(2000);
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		hdr.id++;
		hdr.tos = row[i].a;
		takes(0, 1480, MORE);
		hdr.tos = row[i].b;
		takes(1480, 520, LAST);
		if (row[i].is_delivered)
			delivers_datagram();
		else
			cr_expect_eq(h->env.drops[DROP_IP_FRAGMENT_ECN], 2);
	}
	delivers_nothing();
	holds_nothing();
}

/* D01, C02, C10: `ping -s 60000` */
Test(frag_in, long_echo_is_answered_in_fragments)
{
	static uint8_t reply[65535];
	uint32_t have = 0;
	uint16_t sum;

	whole.len = 60008;
	for (uint32_t i = 0; i < whole.len; i++)
		whole.b[i] = (uint8_t)(i * 7 + i / 256);
	icmp_write(whole.b, &(struct icmp_hdr){ .type = ICMP_ECHO, .rest = 0x00070001 });
	sum = cksum_fold(cksum_add(0, whole.b, whole.len));
	icmp_write_sum(whole.b, sum);
	hdr.proto = IP_PROTO_ICMP;
	for (uint32_t from = 0; from < whole.len; from += 1480)
		takes(from, min_u32(1480, whole.len - from), from + 1480 < whole.len);
	cr_assert_eq(host_n_sent(h), 41);
	while (host_n_sent(h) != 0) {
		const struct sent *s = host_sent(h);

		cr_expect_eq((s->ip.frag & IPV4_FRAG_OFF) * 8u, have);
		cr_expect_eq((s->ip.frag & IPV4_MF) != 0, host_n_sent(h) != 0);
		cr_expect_leq(s->ip.total_len, 1500);
		memcpy(reply + have, s->data, s->len);
		have += s->len;
	}
	cr_expect_eq(have, whole.len);
	cr_expect_eq(reply[0], ICMP_ECHO_REPLY);
	cr_expect_eq(cksum_fold(cksum_add(0, reply, have)), 0);
	cr_expect_eq(memcmp(reply + 4, whole.b + 4, have - 4), 0);
}

/* D04, D06: the error about a datagram in fragments quotes it as if it had been one packet */
Test(frag_in, datagram_in_fragments_to_a_closed_port_is_answered)
{
	const struct sent *s;

	udp_unbind(&h->udp, &sock);
	make_datagram(2000);
	takes(0, 1480, MORE);
	drops(1480, 520, LAST, DROP_UDP_NO_PORT);
	s = host_sent(h);
	cr_expect_eq(s->icmp.code, ICMP_UNREACH_PORT);
	cr_expect_eq(get_u16(s->data + 2), 2020);
	cr_expect_eq(get_u16(s->data + 6), 0);
	cr_expect_eq(cksum_fold(cksum_add(0, s->data, IPV4_HDR_LEN)), 0);
	cr_expect_eq(memcmp(s->data + IPV4_HDR_LEN, whole.b, s->len - IPV4_HDR_LEN), 0);
	cr_assert_eq(udp_bind(&h->udp, &sock, 0, PORT), 0);
}

/* R02: a fragment whose octets others hold, too, is not written to */
Test(frag_in, shared_fragments_are_joined_all_the_same)
{
	struct octets o;
	struct rte_mbuf *m;

	make_datagram(2000);
	o = fragment(0, 1480, MORE);
	m = host_chain(h, &o, o.len, 0);
	cr_expect_eq(host_ip_mbuf(h, rte_pktmbuf_clone(m, h->pool.head)), DROP_NONE);
	takes(1480, 520, LAST);
	delivers_datagram();
	cr_expect_eq(memcmp(pkt_data(m), o.b, o.len), 0);
	pkt_release(m);
}

/* R01: nothing a peer makes up stops others, or leaks */
Test(frag_in, fragments_at_random_are_survived)
{
	struct rand random;

	begin_anew(&(struct host_opts){
		.config.ip = { .reass_max_datagrams = 16, .reass_mem = 200 << 10 } });
	rand_seed(&random, 42);
	make_datagram(4000);
	for (unsigned i = 0; i < 50000; i++) {
		uint64_t dice = rand_u64(&random);
		uint32_t from = (uint32_t)(dice % 400) * 8;
		uint32_t len = (uint32_t)(dice >> 16) % min_u32(4000 - from, 600);
		struct rte_mbuf *m;

		hdr.id = (uint16_t)((dice >> 32) % 24);
		hdr.proto = (dice >> 40) % 8 == 0 ? IP_PROTO_TCP : IP_PROTO_UDP;
		if ((dice >> 44) % 4 != 0)
			len &= ~7u;
		if ((dice >> 46) % 2 != 0)
			from = from / 512 * 512, len = 512;
		take(from, len, from + len < 4000 && (dice >> 50) % 64 != 0);
		while ((m = udp_take(&h->udp, &sock)) != NULL)
			pkt_release(m);
		h->now_ns += NS_PER_MS;
		while (host_n_sent(h) != 0)
			host_sent(h);
	}
	hdr = (struct ipv4_hdr){ .src = PEER_IP, .dst = OUR_IP, .id = 999, .proto = IP_PROTO_UDP };
	takes(0, 2000, MORE);
	takes(2000, 2000, LAST);
	cr_expect_eq(sock.n_queued, 1);
}
