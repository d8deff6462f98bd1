/* SPDX-License-Identifier: BSD-3-Clause */

/* Ethernet headers, tagged and not. */

#include <criterion/criterion.h>

#include "wire/eth.h"
#include "wire/octets.h"

static const struct {
	const char *name;
	const uint8_t *octets;
	size_t len;
	struct eth_hdr hdr;
} rows[] = {
	{
		"IPv4",
		OCTETS(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00),
		{ .type = ETH_TYPE_IPV4, .len = 14 },
	},
	{
		"ARP in VLAN 5 with priority 7",
		OCTETS(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0xe0, 0x05, 0x08, 0x06),
		{ .type = ETH_TYPE_ARP, .vlan = 5, .len = 18 },
	},
	{
		"priority tag: VLAN 0 is no VLAN",
		OCTETS(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0xe0, 0x00, 0x08, 0x00),
		{ .type = ETH_TYPE_IPV4, .vlan = 0, .len = 18 },
	},
	{
		"802.3 length",
		OCTETS(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x00, 0x2e),
		{ .type = 0x2e, .len = 14 },
	},
};

Test(eth, reads_every_kind_of_header)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t *p = exact_copy(rows[i].octets, rows[i].len);
		struct eth_hdr h;

		cr_expect_eq(eth_read(p, rows[i].len, &h), DROP_NONE, "%s", rows[i].name);
		cr_expect_eq(h.type, rows[i].hdr.type, "%s", rows[i].name);
		cr_expect_eq(h.vlan, rows[i].hdr.vlan, "%s", rows[i].name);
		cr_expect_eq(h.len, rows[i].hdr.len, "%s", rows[i].name);
		cr_expect(mac_eq(h.dst, (struct mac){ { 2, 0, 0, 0, 0, 1 } }), "%s", rows[i].name);
		cr_expect(mac_eq(h.src, (struct mac){ { 2, 0, 0, 0, 0, 2 } }), "%s", rows[i].name);
		free(p);
	}
}

/* R01 */
Test(eth, cut_at_any_length_is_short)
{
	struct eth_hdr h;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (uint32_t len = 0; len < rows[i].len; len++) {
			uint8_t *p = exact_copy(rows[i].octets, len);

			cr_expect_eq(eth_read(p, len, &h), DROP_ETH_SHORT, "%s, %u octets",
				rows[i].name, len);
			free(p);
		}
	}
}

Test(eth, what_is_written_is_read_back)
{
	struct rand r;

	rand_seed(&r, 1);
	for (int i = 0; i < 2000; i++) {
		uint16_t vlan = i % 2 == 0 ? 0 : (uint16_t)(1 + rand_below(&r, 4094));
		struct eth_hdr out = { .vlan = vlan, .len = eth_hdr_len(vlan) };
		struct eth_hdr in;
		uint8_t *p = malloc(out.len);

		fill_any(&r, &out.dst, sizeof(out.dst));
		fill_any(&r, &out.src, sizeof(out.src));
		do {
			out.type = (uint16_t)rand_u64(&r);
		} while (out.type == ETH_TYPE_VLAN);
		eth_write(p, &out);
		cr_assert_eq(eth_read(p, out.len, &in), DROP_NONE);
		cr_assert(mac_eq(in.dst, out.dst) && mac_eq(in.src, out.src));
		cr_assert_eq(in.type, out.type);
		cr_assert_eq(in.vlan, out.vlan);
		cr_assert_eq(in.len, out.len);
		free(p);
	}
}

Test(eth, group_bit_and_zero_are_told_from_one_hosts_address)
{
	static const struct {
		const char *name;
		struct mac mac;
		bool is_group;
		bool is_zero;
	} macs[] = {
		{ "zero", { { 0 } }, false, true },
		{ "last octet alone", { { 0, 0, 0, 0, 0, 1 } }, false, false },
		{ "one host", { { 2, 0, 0, 0, 0, 1 } }, false, false },
		{ "multicast", { { 1, 0, 0x5e, 0, 0, 1 } }, true, false },
		{ "broadcast", { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(macs); i++) {
		cr_expect_eq(mac_is_group(macs[i].mac), macs[i].is_group, "%s", macs[i].name);
		cr_expect_eq(mac_is_zero(macs[i].mac), macs[i].is_zero, "%s", macs[i].name);
	}
	cr_expect(mac_eq(MAC_BROADCAST, macs[4].mac));
}
