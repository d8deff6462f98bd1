/* SPDX-License-Identifier: BSD-3-Clause */

/* IPv4 in: what is taken, what is not, and why. RFC 791, 1122 §3.2.1. */

#include <criterion/criterion.h>
#include <string.h>

#include "dev/pkt.h"
#include "kit/host.h"

enum { PROTO_NONE = 253 }; /* RFC 3692: for experiments */

static struct host *h;
static struct counters before;

static void
setup(void)
{
	h = host_new(NULL);
}

static void
teardown(void)
{
	host_delete(h);
}

TestSuite(in4, .init = setup, .fini = teardown);

static struct octets
packet(struct ipv4_hdr hdr, uint32_t len)
{
	struct octets text = some_octets(len);

	hdr.proto = hdr.proto != 0 ? hdr.proto : PROTO_NONE;
	return ip_octets(&hdr, &text);
}

/* It is dropped for this reason: no other counter moves, and nobody is told. */
static void
is_dropped(const char *name, const struct octets *o, enum drop why)
{
	enum drop verdict;

	before = counters_of(&h->env);
	verdict = host_ip(h, o);
	cr_expect_eq(verdict, why, "%s: %u instead of %u", name, verdict, why);
	host_sends_nothing(h);
	expect_counters(&before, &h->env, DROPPED(why, 1));
}

/* It is taken, and its payload is this. @m is the packet's mbufs. */
static struct ip_in
is_taken(struct rte_mbuf *m, const struct octets *text)
{
	uint8_t flat[OCTETS_MAX];
	struct ip_in in;
	enum drop why;

	before = counters_of(&h->env);
	why = ip_input(&h->ip, h->netif, &m, &in);
	cr_assert_eq(why, DROP_NONE, "verdict %u", why);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1));
	cr_expect_eq(in.len, text->len);
	cr_expect_eq(m->pkt_len, text->len);
	cr_expect_geq(m->data_len, min_u32(text->len, IP_PULL));
	cr_expect_eq(memcmp(rte_pktmbuf_read(m, 0, text->len, flat), text->b, text->len), 0);
	cr_expect_eq(pkt_data(m)[-(int)in.hdr_len] >> 4, 4, "the header is in front");
	rte_mbuf_sanity_check(m, 1);
	pkt_release(m);
	return in;
}

static struct ip_in
is_taken_whole(const struct octets *o, const struct octets *text)
{
	return is_taken(host_chain(h, o, o->len, 0), text);
}

Test(in4, packet_for_us_is_read)
{
	struct octets text = some_octets(100);
	struct octets o = ip_octets(
		&(struct ipv4_hdr){ .proto = PROTO_NONE, .tos = 0xb9, .ttl = 7, .id = 5 }, &text);
	struct ip_in in = is_taken_whole(&o, &text);

	cr_expect_eq(in.netif, h->netif);
	cr_expect_eq(in.src, PEER_IP);
	cr_expect_eq(in.dst, OUR_IP);
	cr_expect_eq(in.hdr_len, 20);
	cr_expect_eq(in.proto, PROTO_NONE);
	cr_expect_eq(in.tos, 0xb9);
	cr_expect_eq(in.ttl, 7);
	cr_expect_not(in.is_group);
	cr_expect_not(in.is_l4_sum_good);
}

Test(in4, packet_without_payload_is_one)
{
	struct octets text = some_octets(0);
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 0);

	is_taken_whole(&o, &text);
}

/* B01 */
Test(in4, other_version_is_dropped)
{
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);

	for (unsigned version = 0; version < 16; version++) {
		o.b[0] = (uint8_t)(version << 4 | 5);
		ip_octets_sum(&o);
		if (version != 4)
			is_dropped("version", &o, DROP_IP_VERSION);
	}
}

/* B02 */
Test(in4, wrong_header_checksum_is_dropped)
{
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);

	o.b[10] ^= 1;
	is_dropped("checksum", &o, DROP_IP_CHECKSUM);
}

/* B02 */
Test(in4, no_header_with_a_flipped_bit_is_taken)
{
	struct octets good = packet((struct ipv4_hdr){ .ttl = 1 }, 20);
	struct octets o;

	for (unsigned bit = 0; bit < 8 * IPV4_HDR_LEN; bit++) {
		o = good;
		o.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_expect_neq(host_ip(h, &o), DROP_NONE, "bit %u", bit);
	}
	cr_expect_eq(h->env.stats[STAT_IP_IN], 0);
	host_sends_nothing(h);
}

/* B03 */
Test(in4, header_length_that_cannot_be_is_dropped)
{
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);

	for (unsigned ihl = 0; ihl < 5; ihl++) {
		o.b[0] = (uint8_t)(0x40 | ihl);
		is_dropped("IHL below 5", &o, DROP_IP_HEADER_LEN);
	}
	for (unsigned ihl = 11; ihl < 16; ihl++) {
		o.b[0] = (uint8_t)(0x40 | ihl);
		is_dropped("IHL beyond the total length", &o, DROP_IP_HEADER_LEN);
	}
}

/* B03 */
Test(in4, total_length_that_contradicts_the_packet_is_dropped)
{
	struct octets o;

	for (uint16_t len = 1; len < IPV4_HDR_LEN; len++) {
		o = packet((struct ipv4_hdr){ .total_len = len }, 20);
		is_dropped("below the header", &o, DROP_IP_HEADER_LEN);
	}
	o = packet((struct ipv4_hdr){ .total_len = 41 }, 20);
	is_dropped("one more than there is", &o, DROP_IP_SHORT);
	o = packet((struct ipv4_hdr){ .total_len = 65535 }, 20);
	is_dropped("much more than there is", &o, DROP_IP_SHORT);
}

/* B03, R01 */
Test(in4, packet_cut_anywhere_is_dropped)
{
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);

	while (o.len-- > 0)
		is_dropped("cut", &o, DROP_IP_SHORT);
}

/* A17 */
Test(in4, padding_is_cut_off)
{
	for (uint32_t len = 0; len < 26; len++) {
		struct octets text = some_octets(len);
		struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, len);

		memset(o.b + o.len, 0xee, 46 - o.len);
		o.len = 46;
		is_taken_whole(&o, &text);
	}
}

/* B04, E06 */
Test(in4, source_that_names_no_single_host_is_dropped)
{
	static const struct {
		const char *name;
		uint32_t src;
	} row[] = {
		{ "limited broadcast", IPV4_BROADCAST },
		{ "our network's broadcast", BCAST_IP },
		{ "group", IP4(224, 0, 0, 1) },
		{ "last group", IP4(239, 255, 255, 255) },
		{ "class E", IP4(240, 0, 0, 1) },
		{ "loopback", IP4(127, 0, 0, 1) },
		{ "last loopback", IP4(127, 255, 255, 254) },
		{ "network zero", IP4(0, 0, 0, 1) },
		{ "ourselves", OUR_IP },
	};
	struct octets o;

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		o = packet((struct ipv4_hdr){ .src = row[i].src }, 20);
		is_dropped(row[i].name, &o, DROP_IP_SOURCE);
	}
}

/* B04: a host that has no address yet */
Test(in4, source_of_all_zeros_is_dropped)
{
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);

	memset(o.b + 12, 0, 4);
	ip_octets_sum(&o);
	is_dropped("all zeros", &o, DROP_IP_SOURCE);
}

/* B04: what only we may mean does not come from a wire */
Test(in4, packet_to_or_from_the_loopback_network_is_dropped)
{
	struct octets o = packet((struct ipv4_hdr){ .dst = IP4(127, 0, 0, 1) }, 20);

	is_dropped("to", &o, DROP_IP_NOT_OURS);
	o = packet((struct ipv4_hdr){ .src = IP4(127, 0, 0, 1) }, 20);
	is_dropped("from", &o, DROP_IP_SOURCE);
	o = packet((struct ipv4_hdr){ .src = IP4(127, 1, 2, 3), .dst = IP4(127, 0, 0, 1) }, 20);
	is_dropped("both", &o, DROP_IP_SOURCE);
}

/* B05, B04: with many addresses, none of which hides another's */
Test(in4, every_address_of_an_interface_is_ours_and_nobody_else_s)
{
	struct octets text = some_octets(20);
	struct octets o;

	for (uint32_t i = 0; i < LINK_ADDRS_MAX - 1; i++)
		cr_assert_eq(ip_add_addr(&h->ip, h->netif, IP4(10, i, 7, 9), 16), 0);
	for (uint32_t i = 0; i < LINK_ADDRS_MAX - 1; i++) {
		o = packet((struct ipv4_hdr){ .dst = IP4(10, i, 7, 9) }, 20);
		cr_expect_not(is_taken_whole(&o, &text).is_group);
		o = packet((struct ipv4_hdr){ .dst = IP4(10, i, 255, 255) }, 20);
		cr_expect(is_taken_whole(&o, &text).is_group);
		o = packet((struct ipv4_hdr){ .dst = IP4(10, i, 7, 9 + 64) }, 20);
		is_dropped("another host", &o, DROP_IP_NOT_OURS);
		o = packet((struct ipv4_hdr){ .src = IP4(10, i, 7, 9) }, 20);
		is_dropped("from ourselves", &o, DROP_IP_SOURCE);
		o = packet((struct ipv4_hdr){ .src = IP4(10, i, 255, 255) }, 20);
		is_dropped("from a broadcast", &o, DROP_IP_SOURCE);
		o = packet((struct ipv4_hdr){ .src = IP4(10, i, 7, 9 + 64) }, 20);
		is_taken_whole(&o, &text);
	}
}

/* B05 */
Test(in4, destination_that_is_not_ours_is_dropped_in_silence)
{
	static const struct {
		const char *name;
		uint32_t dst;
	} row[] = {
		{ "neighbour", PEER2_IP },
		{ "far host", FAR_IP },
		{ "another network's broadcast", IP4(198, 18, 1, 255) },
		{ "our network's number", IP4(198, 18, 0, 0) },
		{ "routers of RIP", IP4(224, 0, 0, 9) },
		{ "group", IP4(239, 1, 2, 3) },
		{ "class E", IP4(240, 0, 0, 1) },
		{ "loopback", IP4(127, 0, 0, 1) },
		{ "network zero", IP4(0, 0, 0, 2) },
	};
	struct octets o;

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		o = packet((struct ipv4_hdr){ .dst = row[i].dst }, 20);
		is_dropped(row[i].name, &o, DROP_IP_NOT_OURS);
	}
}

/* B06 */
Test(in4, ttl_of_a_packet_for_us_does_not_matter)
{
	struct octets text = some_octets(20);
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);

	cr_expect_eq(is_taken_whole(&o, &text).ttl, 1);
	o.b[8] = 0;
	ip_octets_sum(&o);
	cr_expect_eq(is_taken_whole(&o, &text).ttl, 0);
}

static struct octets
with_options(const uint8_t *opt, uint32_t len, const struct octets *text)
{
	return ip_octets_opt(&(struct ipv4_hdr){ .proto = PROTO_NONE }, opt, len, text);
}

/* B07 */
Test(in4, options_are_skipped)
{
	static const uint8_t row[][8] = {
		{ 1, 1, 1, 1, 1, 1, 1, 1 },          /* no operation */
		{ 0, 0xff, 0xff, 0xff, 0, 0, 0, 0 }, /* end; what follows means nothing */
		{ 0x94, 4, 0, 0, 0, 0, 0, 0 },       /* router alert */
		{ 7, 7, 4, 0, 0, 0, 0, 0 },          /* record route */
		{ 0x5e, 8, 1, 2, 3, 4, 5, 6 },       /* nobody knows */
		{ 1, 1, 1, 1, 1, 1, 0x5e, 2 },
	};
	struct octets text = some_octets(30);
	struct octets o;

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		o = with_options(row[i], sizeof(row[i]), &text);
		cr_expect_eq(is_taken_whole(&o, &text).hdr_len, 28, "row %u", i);
	}
}

/* B07: and its sender is told where it is wrong (RFC 1122 §3.2.2.5) */
Test(in4, option_that_cannot_be_is_dropped_and_answered)
{
	static const struct {
		uint8_t opt[8];
		uint8_t at;
	} row[] = {
		{ { 0x5e, 0, 0, 0, 0, 0, 0, 0 }, 21 }, /* no length */
		{ { 0x5e, 1, 0, 0, 0, 0, 0, 0 }, 21 }, /* shorter than itself */
		{ { 0x5e, 9, 0, 0, 0, 0, 0, 0 }, 21 }, /* beyond the header */
		{ { 1, 1, 0x5e, 3, 0, 7, 1, 0 }, 26 },
		{ { 1, 1, 1, 1, 1, 1, 1, 0x5e }, 27 }, /* cut */
	};
	struct octets text = some_octets(30);
	const struct sent *s;
	struct octets o;

	host_meet(h, PEER_IP, PEER_MAC);
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		o = with_options(row[i].opt, sizeof(row[i].opt), &text);
		before = counters_of(&h->env);
		cr_expect_eq(host_ip(h, &o), DROP_IP_OPTION, "row %u", i);
		expect_counters(&before, &h->env, DROPPED(DROP_IP_OPTION, 1),
			COUNTED(STAT_ICMP_ERRORS_OUT, 1), COUNTED(STAT_IP_OUT, 1));
		s = host_sent(h);
		cr_expect_eq(s->ip.dst, PEER_IP);
		cr_expect_eq(s->icmp.type, ICMP_PARAMETER);
		cr_expect_eq(s->icmp.code, 0);
		cr_expect_eq(s->icmp.rest, (uint32_t)row[i].at << 24, "row %u: octet %u", i,
			s->icmp.rest >> 24);
		cr_expect_eq(s->len, o.len);
		cr_expect_eq(memcmp(s->data, o.b, o.len), 0, "quotes it");
	}
}

/* B07, D04: nothing is said about a broadcast, to nobody, or to who is not speaking to us */
Test(in4, bad_option_of_a_packet_that_may_not_be_answered_is_dropped_in_silence)
{
	static const uint8_t opt[8] = { 0x5e, 0 };
	static const struct ipv4_hdr row[] = {
		{ .dst = BCAST_IP },
		{ .src = IP4(224, 0, 0, 1) },
		{ .dst = PEER2_IP },
		{ .frag = 5 },
	};
	struct octets text = some_octets(30);
	struct octets o;

	host_meet(h, PEER_IP, PEER_MAC);
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		o = ip_octets_opt(&row[i], opt, sizeof(opt), &text);
		is_dropped("row", &o, DROP_IP_OPTION);
	}
}

/* B08 */
Test(in4, source_route_is_dropped_in_silence)
{
	static const uint8_t row[][8] = {
		{ 0x83, 7, 4, 10, 0, 0, 1, 0 }, /* loose source route */
		{ 1, 0x89, 7, 4, 10, 0, 0, 1 }, /* strict source route */
	};
	struct octets text = some_octets(30);
	struct octets o;

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		o = with_options(row[i], sizeof(row[i]), &text);
		is_dropped("option", &o, DROP_IP_OPTION);
	}
}

/* B09 */
Test(in4, broadcasts_are_taken_and_marked)
{
	struct octets text = some_octets(20);
	struct octets o = packet((struct ipv4_hdr){ .dst = BCAST_IP }, 20);

	cr_expect(is_taken_whole(&o, &text).is_group);
	o = packet((struct ipv4_hdr){ .dst = IPV4_BROADCAST }, 20);
	cr_expect(is_taken_whole(&o, &text).is_group);
}

Test(in4, any_of_our_addresses_is_ours_on_every_interface)
{
	struct octets text = some_octets(20);
	struct octets o = packet((struct ipv4_hdr){ .dst = IP4(10, 0, 0, 1) }, 20);

	is_dropped("not yet", &o, DROP_IP_NOT_OURS);
	host_add_netif(h, IP4(10, 0, 0, 1), 8, 0);
	is_taken_whole(&o, &text);
	o = packet((struct ipv4_hdr){ .src = IP4(10, 0, 0, 1) }, 20);
	is_dropped("ourselves from elsewhere", &o, DROP_IP_SOURCE);
}

Test(in4, fragments_are_told_from_whole_packets)
{
	static const uint16_t frag[] = { IPV4_MF, IPV4_MF | 1, 1, 0x1fff, IPV4_DF | IPV4_MF };
	struct octets text = some_octets(24);
	struct octets o;
	struct ip_in in;

	for (unsigned i = 0; i < ARRAY_LEN(frag); i++) {
		struct rte_mbuf *m;

		o = packet((struct ipv4_hdr){ .frag = frag[i], .id = 7 }, 24);
		m = host_chain(h, &o, o.len, 0);
		cr_expect_eq(ip_input(&h->ip, h->netif, &m, &in), DROP_IP_FRAGMENT);
		cr_expect_eq(in.frag, frag[i]);
		cr_expect_eq(in.id, 7);
		pkt_release(m);
	}
	o = packet((struct ipv4_hdr){ .frag = IPV4_DF }, 24);
	is_taken_whole(&o, &text);
	o = packet((struct ipv4_hdr){ .frag = 0x8000 }, 24); /* reserved bit, RFC 791 §3.1 */
	is_taken_whole(&o, &text);
}

/* R02: the header and what follows, over two mbufs in every way */
Test(in4, header_split_anywhere_is_read_all_the_same)
{
	static const uint8_t opt[40] = { 1, 1, 1, 1 };
	struct octets text = some_octets(70);
	struct octets o = with_options(opt, sizeof(opt), &text);

	for (uint32_t first = 0; first <= o.len; first++)
		cr_expect_eq(is_taken(host_chain(h, &o, first, 0), &text).hdr_len, 60);
}

/* R02 */
Test(in4, packet_in_tiny_pieces_is_read_all_the_same)
{
	struct octets text = some_octets(200);
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 200);

	for (uint32_t piece = 1; piece < 20; piece++)
		is_taken(host_chain(h, &o, piece, piece), &text);
}

/* R02, A17: padding over several mbufs */
Test(in4, padding_is_cut_off_of_a_scattered_packet)
{
	struct octets text = some_octets(150);
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 150);

	memset(o.b + o.len, 0xee, 20);
	o.len += 20;
	for (uint32_t first = 0; first <= o.len; first++) {
		is_taken(host_chain(h, &o, first, 0), &text);
		is_taken(host_chain(h, &o, first, 7), &text);
	}
}

/* R02: what another holder of the buffer sees is left as it was */
Test(in4, shared_octets_are_not_written_to)
{
	struct octets text = some_octets(100);
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 100);
	struct octets after = { .len = o.len };
	struct rte_mbuf *m;
	struct rte_mbuf *clone;

	for (uint32_t first = 1; first <= o.len; first++) {
		m = host_chain(h, &o, first, 0);
		clone = rte_pktmbuf_clone(m, h->pool.head);
		cr_assert_not_null(clone);
		is_taken(clone, &text);
		memcpy(after.b, rte_pktmbuf_read(m, 0, o.len, after.b), m->data_len);
		if (m->nb_segs == 2)
			memcpy(after.b + first, pkt_data(m->next), m->next->data_len);
		cr_expect_eq(memcmp(after.b, o.b, o.len), 0, "split at %u", first);
		is_taken(m, &text);
	}
}

/* R03 */
Test(in4, scattered_packet_without_a_buffer_to_gather_it_is_dropped)
{
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);
	struct rte_mbuf *held[4096];
	unsigned n = 0;

	while ((held[n] = rte_pktmbuf_alloc(h->pool.head)) != NULL)
		n++;
	before = counters_of(&h->env);
	cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, 10, 0)), DROP_NO_MBUF);
	expect_counters(&before, &h->env, DROPPED(DROP_NO_MBUF, 1));
	while (n > 0)
		pkt_release(held[--n]);
}

static enum drop
verdict_with(bool port_checks, uint64_t ol_flags, const struct octets *o, bool *is_l4_sum_good)
{
	struct rte_mbuf *m = host_chain(h, o, o->len, 0);
	struct ip_in in = { .len = 0 };
	enum drop why;

	h->port.can.rx_ip_sum = port_checks;
	h->port.can.rx_l4_sum = port_checks;
	m->ol_flags |= ol_flags;
	why = ip_input(&h->ip, h->netif, &m, &in);
	*is_l4_sum_good = in.is_l4_sum_good;
	pkt_release(m);
	return why;
}

/* B02, R05: only "good", and only from a port that was asked to look */
Test(in4, checksum_that_the_port_found_good_is_not_looked_at_again)
{
	static const struct {
		bool port_checks;
		uint64_t flags;
		bool is_trusted;
	} row[] = {
		{ false, 0, false },
		{ false, RTE_MBUF_F_RX_IP_CKSUM_GOOD, false },
		{ true, 0, false },
		{ true, RTE_MBUF_F_RX_IP_CKSUM_GOOD, true },
		{ true, RTE_MBUF_F_RX_IP_CKSUM_BAD, false },
		{ true, RTE_MBUF_F_RX_IP_CKSUM_NONE, false },
	};
	struct octets good = packet((struct ipv4_hdr){ .ttl = 1 }, 20);
	struct octets bad = good;
	bool ignored;

	bad.b[10] ^= 1;
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		cr_expect_eq(verdict_with(row[i].port_checks, row[i].flags, &good, &ignored),
			DROP_NONE, "row %u", i);
		cr_expect_eq(verdict_with(row[i].port_checks, row[i].flags, &bad, &ignored),
			row[i].is_trusted ? DROP_NONE : DROP_IP_CHECKSUM, "row %u", i);
	}
}

/* E01, R05 */
Test(in4, port_s_word_on_the_transport_checksum_is_passed_on)
{
	static const struct {
		bool port_checks;
		uint64_t flags;
		bool is_trusted;
	} row[] = {
		{ false, 0, false },
		{ false, RTE_MBUF_F_RX_L4_CKSUM_GOOD, false },
		{ true, 0, false },
		{ true, RTE_MBUF_F_RX_L4_CKSUM_GOOD, true },
		{ true, RTE_MBUF_F_RX_L4_CKSUM_BAD, false },
		{ true, RTE_MBUF_F_RX_L4_CKSUM_NONE, true },
	};
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);
	bool is_good;

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		cr_expect_eq(
			verdict_with(row[i].port_checks, row[i].flags, &o, &is_good), DROP_NONE);
		cr_expect_eq(is_good, row[i].is_trusted, "row %u", i);
	}
}

/* R02, R05: the port's word survives that the headers are gathered */
Test(in4, port_s_word_holds_for_a_scattered_packet_too)
{
	struct octets o = packet((struct ipv4_hdr){ .ttl = 1 }, 20);
	struct rte_mbuf *m = host_chain(h, &o, 10, 0);
	struct ip_in in;

	h->port.can.rx_l4_sum = true;
	m->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	cr_assert_eq(ip_input(&h->ip, h->netif, &m, &in), DROP_NONE);
	cr_expect(in.is_l4_sum_good);
	pkt_release(m);
}

/* B13 */
Test(in4, unknown_protocol_is_answered_by_protocol_unreachable)
{
	struct octets o = packet((struct ipv4_hdr){ .ttl = 9 }, 20);
	const struct sent *s;

	host_meet(h, PEER_IP, PEER_MAC);
	before = counters_of(&h->env);
	cr_expect_eq(host_ip(h, &o), DROP_IP_PROTO);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), DROPPED(DROP_IP_PROTO, 1),
		COUNTED(STAT_ICMP_ERRORS_OUT, 1), COUNTED(STAT_IP_OUT, 1));
	s = host_sent(h);
	cr_expect_eq(s->ip.dst, PEER_IP);
	cr_expect_eq(s->icmp.type, ICMP_UNREACHABLE);
	cr_expect_eq(s->icmp.code, ICMP_UNREACH_PROTO);
	cr_expect_eq(s->len, o.len);
	cr_expect_eq(memcmp(s->data, o.b, o.len), 0);
	host_sends_nothing(h);
}

/* B13: not to everybody */
Test(in4, unknown_protocol_to_a_broadcast_is_dropped_in_silence)
{
	struct octets o = packet((struct ipv4_hdr){ .dst = BCAST_IP }, 20);

	cr_expect_eq(host_ip(h, &o), DROP_IP_PROTO);
	host_sends_nothing(h);
}
