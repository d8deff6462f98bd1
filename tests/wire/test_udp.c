/* SPDX-License-Identifier: BSD-3-Clause */

/* UDP headers. */

#include <criterion/criterion.h>

#include "wire/octets.h"
#include "wire/udp.h"

/* E02 */
Test(udp, length_must_hold_the_header_and_fit_the_packet)
{
	static const struct {
		const char *name;
		uint16_t len;
		uint32_t payload_len;
		enum drop why;
	} rows[] = {
		{ "no text", 8, 8, DROP_NONE },
		{ "as long as the packet", 20, 20, DROP_NONE },
		{ "shorter than the packet", 9, 20, DROP_NONE },
		{ "longest", 65515, 65515, DROP_NONE },
		{ "length 0", 0, 20, DROP_UDP_SHORT },
		{ "length 7", 7, 20, DROP_UDP_SHORT },
		{ "one octet beyond the packet", 21, 20, DROP_UDP_SHORT },
		{ "longest in a short packet", 65535, 20, DROP_UDP_SHORT },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t octets[UDP_HDR_LEN] = { 0 };
		uint8_t *p;
		struct udp_hdr h;

		put_u16(octets + 4, rows[i].len);
		p = exact_copy(octets, sizeof(octets));
		cr_expect_eq(udp_read(p, UDP_HDR_LEN, rows[i].payload_len, &h), rows[i].why, "%s",
			rows[i].name);
		cr_expect_eq(h.len, rows[i].len, "%s", rows[i].name);
		free(p);
	}
}

/* E02 R01 */
Test(udp, cut_at_any_length_is_short)
{
	static const uint8_t octets[UDP_HDR_LEN] = { 0, 1, 0, 2, 0, 8, 0, 0 };
	struct udp_hdr h;

	for (uint32_t len = 0; len < UDP_HDR_LEN; len++) {
		uint8_t *p = exact_copy(octets, len);

		cr_expect_eq(udp_read(p, len, len, &h), DROP_UDP_SHORT, "%u octets", len);
		free(p);
	}
}

/* E01 */
Test(udp, checksum_of_zero_means_that_there_is_none)
{
	uint8_t octets[UDP_HDR_LEN] = { 0, 1, 0, 2, 0, 8, 0, 0 };
	struct udp_hdr h;

	cr_assert_eq(udp_read(octets, 8, 8, &h), DROP_NONE);
	cr_expect_not(h.has_sum);
	octets[UDP_SUM_AT + 1] = 1;
	cr_assert_eq(udp_read(octets, 8, 8, &h), DROP_NONE);
	cr_expect(h.has_sum);
	octets[UDP_SUM_AT] = 1;
	octets[UDP_SUM_AT + 1] = 0;
	cr_assert_eq(udp_read(octets, 8, 8, &h), DROP_NONE);
	cr_expect(h.has_sum);
}

Test(udp, what_is_written_is_read_back)
{
	struct rand r;

	rand_seed(&r, 1);
	for (int i = 0; i < 2000; i++) {
		struct udp_hdr out = { .len = (uint16_t)(8 + rand_below(&r, 65508)) };
		struct udp_hdr in;
		uint8_t *p = malloc(UDP_HDR_LEN);

		out.src_port = (uint16_t)rand_u64(&r);
		out.dst_port = (uint16_t)rand_u64(&r);
		udp_write(p, &out);
		cr_assert_eq(udp_read(p, UDP_HDR_LEN, 65535, &in), DROP_NONE);
		cr_assert_eq(in.src_port, out.src_port);
		cr_assert_eq(in.dst_port, out.dst_port);
		cr_assert_eq(in.len, out.len);
		cr_assert_not(in.has_sum);
		free(p);
	}
}
