/* SPDX-License-Identifier: BSD-3-Clause */

/* SipHash against its authors' vectors. */

#include <criterion/criterion.h>

#include "base/check.h"
#include "base/siphash.h"

/* Octets 00..0f as two little-endian words. */
static const struct siphash_key key = {
	UINT64_C(0x0706050403020100),
	UINT64_C(0x0f0e0d0c0b0a0908),
};

/* SipHash-2-4 of the octets 00, 01, .. n - 1, for n = 0..63. */
static const uint64_t vectors[] = {
	0x726fdb47dd0e0e31,
	0x74f839c593dc67fd,
	0x0d6c8009d9a94f5a,
	0x85676696d7fb7e2d,
	0xcf2794e0277187b7,
	0x18765564cd99a68d,
	0xcbc9466e58fee3ce,
	0xab0200f58b01d137,
	0x93f5f5799a932462,
	0x9e0082df0ba9e4b0,
	0x7a5dbbc594ddb9f3,
	0xf4b32f46226bada7,
	0x751e8fbc860ee5fb,
	0x14ea5627c0843d90,
	0xf723ca908e7af2ee,
	0xa129ca6149be45e5,
	0x3f2acc7f57c29bdb,
	0x699ae9f52cbe4794,
	0x4bc1b3f0968dd39c,
	0xbb6dc91da77961bd,
	0xbed65cf21aa2ee98,
	0xd0f2cbb02e3b67c7,
	0x93536795e3a33e88,
	0xa80c038ccd5ccec8,
	0xb8ad50c6f649af94,
	0xbce192de8a85b8ea,
	0x17d835b85bbb15f3,
	0x2f2e6163076bcfad,
	0xde4daaaca71dc9a5,
	0xa6a2506687956571,
	0xad87a3535c49ef28,
	0x32d892fad841c342,
	0x7127512f72f27cce,
	0xa7f32346f95978e3,
	0x12e0b01abb051238,
	0x15e034d40fa197ae,
	0x314dffbe0815a3b4,
	0x027990f029623981,
	0xcadcd4e59ef40c4d,
	0x9abfd8766a33735c,
	0x0e3ea96b5304a7d0,
	0xad0c42d6fc585992,
	0x187306c89bc215a9,
	0xd4a60abcf3792b95,
	0xf935451de4f21df2,
	0xa9538f0419755787,
	0xdb9acddff56ca510,
	0xd06c98cd5c0975eb,
	0xe612a3cb9ecba951,
	0xc766e62cfcadaf96,
	0xee64435a9752fe72,
	0xa192d576b245165a,
	0x0a8787bf8ecb74b2,
	0x81b3e73d20b49b6f,
	0x7fa8220ba3b2ecea,
	0x245731c13ca42499,
	0xb78dbfaf3a8d83bd,
	0xea1ad565322a1a0b,
	0x60e61c23a3795013,
	0x6606d7e446282b93,
	0x6ca4ecb15c5f91e1,
	0x9f626da15c9625f3,
	0xe51b38608ef25f57,
	0x958a324ceb064572,
};

Test(siphash, equals_the_published_vectors)
{
	uint8_t *data;

	cr_assert_eq(ARRAY_LEN(vectors), 64);
	for (size_t len = 0; len < ARRAY_LEN(vectors); len++) {
		data = malloc(len + 1);
		for (size_t i = 0; i < len; i++)
			data[1 + i] = (uint8_t)i;
		cr_expect_eq(siphash24(&key, data + 1, len), vectors[len], "%zu octets", len);
		free(data);
	}
}

/* The value is OpenSSL's, with c-rounds 1 and d-rounds 3. */
Test(siphash, short_form_equals_siphash_1_3_of_sixteen_octets)
{
	uint64_t h = siphash13_2u64(&key, key.k0, key.k1);

	cr_expect_eq(h, UINT64_C(0xcc4fdd1a7d908b66));
}

/* By a model that is equal to OpenSSL for sixteen octets. */
Test(siphash, short_form_equals_siphash_1_3_of_twelve_octets)
{
	uint64_t h = siphash13_u64_u32(&key, key.k0, (uint32_t)key.k1);

	cr_expect_eq(h, UINT64_C(0x78a384b157b4d9a2));
}

Test(siphash, every_bit_of_key_and_text_counts)
{
	uint64_t plain = siphash13_2u64(&key, 1, 2);

	for (int bit = 0; bit < 64; bit++) {
		uint64_t flip = UINT64_C(1) << bit;
		struct siphash_key k0 = { key.k0 ^ flip, key.k1 };
		struct siphash_key k1 = { key.k0, key.k1 ^ flip };

		cr_expect_neq(siphash13_2u64(&k0, 1, 2), plain, "k0 bit %d", bit);
		cr_expect_neq(siphash13_2u64(&k1, 1, 2), plain, "k1 bit %d", bit);
		cr_expect_neq(siphash13_2u64(&key, 1 ^ flip, 2), plain, "a bit %d", bit);
		cr_expect_neq(siphash13_2u64(&key, 1, 2 ^ flip), plain, "b bit %d", bit);
	}
}
