/* SPDX-License-Identifier: BSD-3-Clause */

/* ICMP headers. */

#include <criterion/criterion.h>

#include "wire/bytes.h"
#include "wire/cksum.h"
#include "wire/icmp.h"
#include "wire/octets.h"

Test(icmp, reads_every_field_of_an_echo_request)
{
	static const uint8_t octets[] = { 8, 3, 0xaa, 0xbb, 0x12, 0x34, 0x00, 0x01 };
	struct icmp_hdr h;

	cr_assert_eq(icmp_read(octets, sizeof(octets), &h), DROP_NONE);
	cr_expect_eq(h.type, ICMP_ECHO);
	cr_expect_eq(h.code, 3);
	cr_expect_eq(h.rest, 0x12340001);
}

/* R01 */
Test(icmp, cut_at_any_length_is_short)
{
	static const uint8_t octets[ICMP_HDR_LEN] = { 8 };
	struct icmp_hdr h;

	for (uint32_t len = 0; len < ICMP_HDR_LEN; len++) {
		uint8_t *p = exact_copy(octets, len);

		cr_expect_eq(icmp_read(p, len, &h), DROP_ICMP_SHORT, "%u octets", len);
		free(p);
	}
}

Test(icmp, what_is_written_is_read_back_and_sums_to_zero)
{
	struct rand r;

	rand_seed(&r, 1);
	for (int i = 0; i < 2000; i++) {
		struct icmp_hdr out = { .rest = (uint32_t)rand_u64(&r) };
		struct icmp_hdr in;
		uint8_t *p = malloc(ICMP_HDR_LEN);

		out.type = (uint8_t)rand_u64(&r);
		out.code = (uint8_t)rand_u64(&r);
		icmp_write(p, &out);
		cr_assert_eq(get_u16(p + 2), 0);
		icmp_write_sum(p, cksum_fold(cksum_add(0, p, ICMP_HDR_LEN)));
		cr_assert_eq(cksum_fold(cksum_add(0, p, ICMP_HDR_LEN)), 0);
		cr_assert_eq(icmp_read(p, ICMP_HDR_LEN, &in), DROP_NONE);
		cr_assert_eq(in.type, out.type);
		cr_assert_eq(in.code, out.code);
		cr_assert_eq(in.rest, out.rest);
		free(p);
	}
}

/* D04 */
Test(icmp, five_types_are_errors_and_no_other)
{
	for (unsigned type = 0; type < 256; type++) {
		bool is_error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;

		cr_expect_eq(icmp_is_error((uint8_t)type), is_error, "type %u", type);
	}
}
