/* SPDX-License-Identifier: BSD-3-Clause */

/* Network order, at any address. */

#include <criterion/criterion.h>

#include "wire/bytes.h"
#include "wire/octets.h"

Test(bytes, first_octet_is_the_highest)
{
	static const uint8_t octets[] = { 0x12, 0x34, 0x56, 0xf8 };

	cr_expect_eq(get_u16(octets), 0x1234);
	cr_expect_eq(get_u16(octets + 1), 0x3456);
	cr_expect_eq(get_u32(octets), 0x123456f8);
}

Test(bytes, what_is_put_is_got_at_any_alignment)
{
	struct rand r;

	rand_seed(&r, 1);
	for (unsigned at = 0; at < 8; at++) {
		for (int i = 0; i < 100; i++) {
			uint32_t v = (uint32_t)rand_u64(&r);
			uint8_t octets[12];

			put_u32(octets + at, v);
			cr_assert_eq(get_u32(octets + at), v);
			put_u16(octets + at, (uint16_t)v);
			cr_assert_eq(get_u16(octets + at), (uint16_t)v);
		}
	}
}
