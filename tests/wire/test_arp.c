/* SPDX-License-Identifier: BSD-3-Clause */

/* ARP messages. */

#include <criterion/criterion.h>

#include "wire/arp.h"
#include "wire/octets.h"

/* Who has 10.0.0.1? Tell 10.0.0.2, at 02:00:00:00:00:02. */
static const uint8_t request[ARP_LEN] = {
	0x00,
	0x01,
	0x08,
	0x00,
	6,
	4,
	0x00,
	0x01,
	0x02,
	0x00,
	0x00,
	0x00,
	0x00,
	0x02,
	10,
	0,
	0,
	2,
	0x00,
	0x00,
	0x00,
	0x00,
	0x00,
	0x00,
	10,
	0,
	0,
	1,
};

Test(arp, reads_every_field_of_a_request)
{
	uint8_t *p = exact_copy(request, ARP_LEN);
	struct arp_msg m;

	cr_assert_eq(arp_read(p, ARP_LEN, &m), DROP_NONE);
	cr_expect_eq(m.op, ARP_REQUEST);
	cr_expect(mac_eq(m.sha, (struct mac){ { 2, 0, 0, 0, 0, 2 } }));
	cr_expect_eq(m.spa, 0x0a000002);
	cr_expect(mac_is_zero(m.tha));
	cr_expect_eq(m.tpa, 0x0a000001);
	free(p);
}

/* A08 */
Test(arp, anything_but_ethernet_over_ipv4_is_refused)
{
	static const struct {
		const char *name;
		uint8_t at;
		uint8_t value;
	} rows[] = {
		{ "hardware type, high octet", 0, 1 },
		{ "hardware type 0", 1, 0 },
		{ "hardware type 6", 1, 6 },
		{ "protocol type 0x0900", 2, 9 },
		{ "protocol type 0x0806", 3, 6 },
		{ "hardware length 0", 4, 0 },
		{ "hardware length 8", 4, 8 },
		{ "protocol length 16", 5, 16 },
		{ "operation 0", 7, 0 },
		{ "operation 3", 7, 3 },
		{ "operation, high octet", 6, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t *p = exact_copy(request, ARP_LEN);
		struct arp_msg m;

		p[rows[i].at] = rows[i].value;
		cr_expect_eq(arp_read(p, ARP_LEN, &m), DROP_ARP_FORMAT, "%s", rows[i].name);
		free(p);
	}
}

/* A08 R01 */
Test(arp, cut_at_any_length_is_short)
{
	struct arp_msg m;

	for (uint32_t len = 0; len < ARP_LEN; len++) {
		uint8_t *p = exact_copy(request, len);

		cr_expect_eq(arp_read(p, len, &m), DROP_ARP_SHORT, "%u octets", len);
		free(p);
	}
}

/* A17 */
Test(arp, padding_behind_the_message_is_ignored)
{
	uint8_t padded[ETH_MIN_LEN - ETH_HDR_LEN];
	struct arp_msg m;

	memset(padded, 0xff, sizeof(padded));
	memcpy(padded, request, ARP_LEN);
	cr_expect_eq(arp_read(padded, sizeof(padded), &m), DROP_NONE);
	cr_expect_eq(m.tpa, 0x0a000001);
}

Test(arp, what_is_written_is_read_back)
{
	struct rand r;

	rand_seed(&r, 1);
	for (int i = 0; i < 2000; i++) {
		struct arp_msg out;
		struct arp_msg in;
		uint8_t *p = malloc(ARP_LEN);

		fill_any(&r, &out, sizeof(out));
		out.op = (uint16_t)(ARP_REQUEST + i % 2);
		arp_write(p, &out);
		cr_assert_eq(arp_read(p, ARP_LEN, &in), DROP_NONE);
		cr_assert(mac_eq(in.sha, out.sha) && mac_eq(in.tha, out.tha));
		cr_assert_eq(in.spa, out.spa);
		cr_assert_eq(in.tpa, out.tpa);
		cr_assert_eq(in.op, out.op);
		free(p);
	}
}
