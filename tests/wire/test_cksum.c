/* SPDX-License-Identifier: BSD-3-Clause */

/* The Internet checksum against the plain loop of RFC 1071 §4.1. */

#include <criterion/criterion.h>

#include "base/check.h"
#include "wire/bytes.h"
#include "wire/cksum.h"
#include "wire/octets.h"

/* The checksum as a number in host order. */
static uint16_t
reference(const uint8_t *p, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* A stored checksum read as the receiver would. */
static uint16_t
host_order(uint16_t stored)
{
	uint8_t wire[2];

	memcpy(wire, &stored, sizeof(wire));
	return get_u16(wire);
}

Test(cksum, equals_the_example_of_rfc_1071)
{
	static const uint8_t example[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	cr_expect_eq(host_order(cksum_fold_seed(cksum_add(0, example, 8))), 0xddf2);
	cr_expect_eq(host_order(cksum_fold(cksum_add(0, example, 8))), 0x220d);
}

Test(cksum, equals_the_reference_at_any_length_and_alignment)
{
	enum { LEN_MAX = 200, ALIGNMENTS = 8 };
	struct rand r;

	rand_seed(&r, 1);
	for (uint32_t len = 0; len <= LEN_MAX; len++) {
		for (uint32_t before = 0; before < ALIGNMENTS; before++) {
			uint8_t octets[LEN_MAX + ALIGNMENTS];
			uint8_t *p;

			fill_any(&r, octets, sizeof(octets));
			p = exact_copy(octets, before + len);
			cr_assert_eq(host_order(cksum_fold(cksum_add(0, p + before, len))),
				reference(p + before, len), "%u octets at %u", len, before);
			free(p);
		}
	}
}

Test(cksum, carries_are_not_lost_in_the_longest_packet_of_ones)
{
	enum { LEN = 65535 };
	uint8_t *p = malloc(LEN);

	memset(p, 0xff, LEN);
	cr_expect_eq(host_order(cksum_fold(cksum_add(0, p, LEN))), reference(p, LEN));
	cr_expect_eq(host_order(cksum_fold(cksum_add(UINT32_MAX, p, LEN - 1))), 0);
	free(p);
}

Test(cksum, sum_is_zero_for_zeros_alone)
{
	uint8_t zeros[64] = { 0 };

	cr_expect_eq(cksum_add(0, zeros, sizeof(zeros)), 0);
	zeros[40] = 0xff;
	zeros[41] = 0xff;
	cr_expect_neq(cksum_add(0, zeros, sizeof(zeros)), 0);
	cr_expect_eq(cksum_fold(cksum_add(0, zeros, sizeof(zeros))), 0);
}

Test(cksum, pieces_sum_up_wherever_the_data_is_cut)
{
	enum { LEN = 67 };
	uint8_t octets[LEN];
	struct rand r;

	rand_seed(&r, 2);
	fill_any(&r, octets, LEN);
	for (uint32_t cut = 0; cut <= LEN; cut++) {
		for (uint32_t cut2 = cut; cut2 <= LEN; cut2++) {
			const uint32_t at[] = { 0, cut, cut2, LEN };
			uint32_t sum = 0;

			for (int i = 0; i < 3; i++) {
				if (at[i] % 2 == 0)
					sum = cksum_add(sum, octets + at[i], at[i + 1] - at[i]);
				else
					sum = cksum_add_odd(sum, octets + at[i], at[i + 1] - at[i]);
			}
			cr_assert_eq(host_order(cksum_fold(sum)), reference(octets, LEN),
				"cut at %u and %u", cut, cut2);
		}
	}
}

Test(cksum, ipv4_header_sum_equals_the_general_one)
{
	struct rand r;

	rand_seed(&r, 3);
	for (int i = 0; i < 2000; i++) {
		uint8_t hdr[20];

		fill_any(&r, hdr, sizeof(hdr));
		if (i == 0)
			memset(hdr, 0xff, sizeof(hdr));
		cr_assert_eq(cksum_fold(cksum_ipv4_hdr(hdr)), cksum_fold(cksum_add(0, hdr, 20)));
	}
}

Test(cksum, pseudo_header_sum_equals_that_of_its_octets)
{
	struct rand r;

	rand_seed(&r, 4);
	for (int i = 0; i < 2000; i++) {
		uint8_t octets[12] = { 0 };
		uint32_t src = (uint32_t)rand_u64(&r);
		uint32_t dst = (uint32_t)rand_u64(&r);
		uint8_t proto = (uint8_t)rand_u64(&r);
		uint16_t len = (uint16_t)rand_u64(&r);

		put_u32(octets, src);
		put_u32(octets + 4, dst);
		octets[9] = proto;
		put_u16(octets + 10, len);
		cr_assert_eq(host_order(cksum_fold(cksum_pseudo4(src, dst, proto, len))),
			reference(octets, sizeof(octets)));
	}
}

Test(cksum, data_with_its_checksum_in_place_sums_to_zero)
{
	struct rand r;

	rand_seed(&r, 5);
	for (int i = 0; i < 500; i++) {
		uint8_t octets[100];
		uint16_t sum;

		fill_any(&r, octets, sizeof(octets));
		memset(octets + 16, 0, 2);
		sum = cksum_fold(cksum_add(7, octets, sizeof(octets)));
		memcpy(octets + 16, &sum, sizeof(sum));
		cr_assert_eq(cksum_fold(cksum_add(7, octets, sizeof(octets))), 0);
	}
}
