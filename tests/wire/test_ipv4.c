/* SPDX-License-Identifier: BSD-3-Clause */

/* IPv4 headers and their options. */

#include <criterion/criterion.h>

#include "wire/ipv4.h"
#include "wire/octets.h"

/* A header of 20..60 octets with a right checksum and @opt for options. Its packet ends with it. */
static uint32_t
make_header(uint8_t *p, const uint8_t *opt, size_t opt_len)
{
	uint32_t hdr_len = IPV4_HDR_LEN + ((uint32_t)opt_len + 3) / 4 * 4;
	struct ipv4_hdr h = {
		.src = 0x0a000002,
		.dst = 0x0a000001,
		.total_len = (uint16_t)hdr_len,
		.ttl = 64,
		.proto = IP_PROTO_UDP,
	};

	memset(p, 0, IPV4_HDR_MAX);
	ipv4_write(p, &h, false);
	p[0] = (uint8_t)(0x40 | hdr_len / 4);
	if (opt_len > 0)
		memcpy(p + IPV4_HDR_LEN, opt, opt_len);
	return hdr_len;
}

static void
write_sum(uint8_t *p, uint32_t hdr_len)
{
	uint16_t sum;

	memset(p + 10, 0, 2);
	sum = cksum_fold(cksum_add(0, p, hdr_len));
	memcpy(p + 10, &sum, sizeof(sum));
}

/* Read in memory that ends with @len; @packet_len octets are said to exist. */
static enum drop
read_exact(const uint8_t *octets, uint32_t len, uint32_t packet_len, struct ipv4_hdr *h)
{
	uint8_t *p = exact_copy(octets, len);
	enum drop why = ipv4_read(p, len, packet_len, false, h);

	free(p);
	return why;
}

Test(ipv4, reads_every_field)
{
	/* the well-known example of a UDP packet from 192.168.0.1 to 192.168.0.199 */
	static const uint8_t octets[] = { 0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40,
		0x11, 0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7 };
	struct ipv4_hdr h;

	cr_assert_eq(read_exact(octets, 20, 0x73, &h), DROP_NONE);
	cr_expect_eq(h.src, 0xc0a80001);
	cr_expect_eq(h.dst, 0xc0a800c7);
	cr_expect_eq(h.total_len, 0x73);
	cr_expect_eq(h.hdr_len, 20);
	cr_expect_eq(h.frag, IPV4_DF);
	cr_expect_eq(h.id, 0);
	cr_expect_eq(h.tos, 0);
	cr_expect_eq(h.ttl, 64);
	cr_expect_eq(h.proto, IP_PROTO_UDP);
}

/* B01 B02 B03 */
Test(ipv4, header_that_contradicts_itself_is_dropped_by_name)
{
	static const struct {
		const char *name;
		uint8_t at;
		uint8_t value;
		uint32_t packet_len;
		enum drop why;
	} rows[] = {
		{ "nothing wrong", 0, 0x45, 20, DROP_NONE },
		{ "padding behind the packet", 0, 0x45, 46, DROP_NONE },
		{ "version 6", 0, 0x65, 20, DROP_IP_VERSION },
		{ "version 0", 0, 0x05, 20, DROP_IP_VERSION },
		{ "IHL 0", 0, 0x40, 20, DROP_IP_HEADER_LEN },
		{ "IHL 4", 0, 0x44, 20, DROP_IP_HEADER_LEN },
		{ "IHL 6 in a packet of 20", 0, 0x46, 20, DROP_IP_HEADER_LEN },
		{ "total length 19", 3, 19, 20, DROP_IP_HEADER_LEN },
		{ "total length 0", 3, 0, 20, DROP_IP_HEADER_LEN },
		{ "total length beyond the frame", 3, 21, 20, DROP_IP_SHORT },
		{ "total length far beyond the frame", 2, 0xff, 20, DROP_IP_SHORT },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t octets[IPV4_HDR_MAX];
		struct ipv4_hdr h;

		make_header(octets, NULL, 0);
		octets[rows[i].at] = rows[i].value;
		write_sum(octets, IPV4_HDR_LEN);
		cr_expect_eq(read_exact(octets, 20, rows[i].packet_len, &h), rows[i].why, "%s",
			rows[i].name);
	}
}

/* B02 */
Test(ipv4, any_flipped_bit_is_caught_by_the_checksum_or_before)
{
	static const uint8_t nops[40] = { 1, 1, 1, 1 };

	for (size_t opt_len = 0; opt_len <= 40; opt_len += 20) {
		uint8_t octets[IPV4_HDR_MAX];
		uint32_t len = make_header(octets, nops, opt_len);
		struct ipv4_hdr h;

		write_sum(octets, len);
		cr_assert_eq(read_exact(octets, len, len, &h), DROP_NONE);
		for (uint32_t bit = 0; bit < len * 8; bit++) {
			octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
			cr_expect_neq(read_exact(octets, len, len, &h), DROP_NONE, "bit %u", bit);
			octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* B02 */
Test(ipv4, checksum_is_not_looked_at_when_the_port_vouches_for_it)
{
	uint8_t octets[IPV4_HDR_MAX];
	struct ipv4_hdr h;

	make_header(octets, NULL, 0);
	octets[10] = 0x12;
	cr_expect_eq(ipv4_read(octets, 20, 20, false, &h), DROP_IP_CHECKSUM);
	cr_expect_eq(ipv4_read(octets, 20, 20, true, &h), DROP_NONE);
}

/* B03 R01 */
Test(ipv4, cut_at_any_length_is_short)
{
	static const uint8_t record_route[40] = { 7, 39, 4 };
	uint8_t octets[IPV4_HDR_MAX];
	uint32_t hdr_len = make_header(octets, record_route, sizeof(record_route));
	struct ipv4_hdr h;

	cr_assert_eq(hdr_len, IPV4_HDR_MAX);
	write_sum(octets, hdr_len);
	cr_expect_eq(read_exact(octets, hdr_len, hdr_len, &h), DROP_NONE);
	for (uint32_t len = 0; len < hdr_len; len++) {
		cr_expect_eq(read_exact(octets, len, len, &h), DROP_IP_SHORT, "%u octets", len);
		cr_expect_eq(read_exact(octets, len, hdr_len, &h), DROP_IP_SHORT,
			"%u octets in the first of several buffers", len);
	}
}

static const struct {
	const char *name;
	const uint8_t *octets;
	size_t len;
	enum drop why;
} option_rows[] = {
	{ "NOPs", OCTETS(1, 1, 1, 1), DROP_NONE },
	{ "end of list", OCTETS(0, 0, 0, 0), DROP_NONE },
	{ "rubbish after the end of list", OCTETS(1, 0, 131, 0), DROP_NONE },
	{ "router alert", OCTETS(148, 4, 0, 0), DROP_NONE },
	{ "unknown option", OCTETS(222, 3, 0xff, 0), DROP_NONE },
	{ "unknown option of no content", OCTETS(222, 2, 222, 2), DROP_NONE },
	{ "timestamp", OCTETS(68, 8, 5, 0, 0, 0, 0, 0), DROP_NONE },
	{ "record route to the very end", OCTETS(1, 7, 7, 4, 0, 0, 0, 0), DROP_NONE },
	{ "length 0", OCTETS(7, 0, 0, 0), DROP_IP_OPTION },
	{ "length 1", OCTETS(7, 1, 0, 0), DROP_IP_OPTION },
	{ "length past the end", OCTETS(7, 5, 0, 0), DROP_IP_OPTION },
	{ "length far past the end", OCTETS(1, 1, 222, 255), DROP_IP_OPTION },
	{ "no length", OCTETS(1, 1, 1, 7), DROP_IP_OPTION },
	{ "loose source route", OCTETS(131, 7, 4, 10, 0, 0, 9, 0), DROP_IP_OPTION },
	{ "strict source route", OCTETS(1, 137, 7, 4, 10, 0, 0, 9), DROP_IP_OPTION },
	{ "source route behind another option", OCTETS(222, 2, 131, 2), DROP_IP_OPTION },
};

/* B07 B08 */
Test(ipv4, unknown_options_are_skipped_and_impossible_ones_dropped)
{
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++) {
		uint8_t octets[IPV4_HDR_MAX];
		uint32_t len = make_header(octets, option_rows[i].octets, option_rows[i].len);
		struct ipv4_hdr h = { 0 };

		write_sum(octets, len);
		cr_expect_eq(read_exact(octets, len, len, &h), option_rows[i].why, "%s",
			option_rows[i].name);
		cr_expect_eq(h.hdr_len, len, "%s", option_rows[i].name);
	}
}

/* B07 R01 */
Test(ipv4, no_options_make_the_walk_leave_them)
{
	struct rand r;

	rand_seed(&r, 1);
	for (int i = 0; i < 5000; i++) {
		uint32_t len = rand_below(&r, 41);
		uint8_t octets[40];
		uint8_t *p;

		for (uint32_t k = 0; k < len; k++)
			octets[k] = (uint8_t)rand_below(&r, i % 2 == 0 ? 8 : 256);
		p = exact_copy(octets, len);
		ipv4_check_options(p, len);
		free(p);
	}
}

/* B02 */
Test(ipv4, what_is_written_is_read_back)
{
	struct rand r;

	rand_seed(&r, 2);
	for (int i = 0; i < 2000; i++) {
		struct ipv4_hdr out;
		struct ipv4_hdr in;
		uint8_t *p = malloc(IPV4_HDR_LEN);

		fill_any(&r, &out, sizeof(out));
		out.hdr_len = IPV4_HDR_LEN;
		out.total_len = (uint16_t)(20 + rand_below(&r, 65516));
		ipv4_write(p, &out, true);
		cr_assert_eq(ipv4_read(p, 20, 65535, false, &in), DROP_NONE);
		cr_assert_eq(in.src, out.src);
		cr_assert_eq(in.dst, out.dst);
		cr_assert_eq(in.total_len, out.total_len);
		cr_assert_eq(in.hdr_len, out.hdr_len);
		cr_assert_eq(in.id, out.id);
		cr_assert_eq(in.frag, out.frag);
		cr_assert_eq(in.tos, out.tos);
		cr_assert_eq(in.ttl, out.ttl);
		cr_assert_eq(in.proto, out.proto);
		free(p);
	}
}

Test(ipv4, checksum_field_is_zero_when_left_to_the_port)
{
	struct ipv4_hdr h = { .src = 1, .dst = 2, .total_len = 20, .ttl = 64 };
	uint8_t octets[IPV4_HDR_LEN];

	memset(octets, 0xff, sizeof(octets));
	ipv4_write(octets, &h, false);
	cr_expect_eq(get_u16(octets + 10), 0);
}

Test(ipv4, addresses_are_told_apart)
{
	static const struct {
		const char *name;
		uint32_t addr;
		bool is_unicast;
		bool is_multicast;
		bool is_loopback;
	} rows[] = {
		{ "0.0.0.0", 0x00000000, false, false, false },
		{ "0.255.255.255", 0x00ffffff, false, false, false },
		{ "1.0.0.0", 0x01000000, true, false, false },
		{ "10.0.0.1", 0x0a000001, true, false, false },
		{ "126.255.255.255", 0x7effffff, true, false, false },
		{ "127.0.0.1", 0x7f000001, false, false, true },
		{ "128.0.0.0", 0x80000000, true, false, false },
		{ "223.255.255.255", 0xdfffffff, true, false, false },
		{ "224.0.0.1", 0xe0000001, false, true, false },
		{ "239.255.255.255", 0xefffffff, false, true, false },
		{ "240.0.0.1", 0xf0000001, false, false, false },
		{ "255.255.255.255", IPV4_BROADCAST, false, false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t addr = rows[i].addr;

		cr_expect_eq(ipv4_is_unicast(addr), rows[i].is_unicast, "%s", rows[i].name);
		cr_expect_eq(ipv4_is_multicast(addr), rows[i].is_multicast, "%s", rows[i].name);
		cr_expect_eq(ipv4_is_loopback(addr), rows[i].is_loopback, "%s", rows[i].name);
	}
}
