/* SPDX-License-Identifier: BSD-3-Clause */

/* Toeplitz against Microsoft's verification suite and against DPDK's; who owns which flow. */

#include <criterion/criterion.h>
#include <rte_thash.h>
#include <string.h>

#include "base/check.h"
#include "base/rand.h"
#include "base/rss.h"

static const uint8_t published_key[RSS_KEY_LEN] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
	0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30,
	0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac,
	0x01, 0xfa };

static struct rss rss;

#define ADDR(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

Test(rss, published_vectors)
{
	/* "Verifying the RSS Hash Calculation": source, destination; with TCP ports */
	static const struct {
		struct flow flow; /* ours is the destination */
		uint32_t hash;
	} rows[] = {
		{ { ADDR(161, 142, 100, 80), ADDR(66, 9, 149, 187), 1766, 2794 }, 0x51ccc178 },
		{ { ADDR(65, 69, 140, 83), ADDR(199, 92, 111, 2), 4739, 14230 }, 0xc626b0ea },
		{ { ADDR(12, 22, 207, 184), ADDR(24, 19, 198, 95), 38024, 12898 }, 0x5c2b394a },
		{ { ADDR(209, 142, 163, 6), ADDR(38, 27, 205, 30), 2217, 48228 }, 0xafc7327f },
		{ { ADDR(202, 188, 127, 2), ADDR(153, 39, 163, 191), 1303, 44251 }, 0x10e828a2 },
	};

	rss_init(&rss, published_key, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_eq(rss_hash(&rss, &rows[i].flow), rows[i].hash, "row %zu: %08x", i,
			rss_hash(&rss, &rows[i].flow));
}

Test(rss, dpdk_computes_the_same)
{
	union {
		uint8_t octets[RSS_KEY_LEN];
		uint32_t words[RSS_KEY_LEN / 4];
	} key, converted;
	struct rand seq;

	rand_seed(&seq, 7);
	for (unsigned n = 0; n < 10000; n++) {
		uint64_t addrs = rand_u64(&seq);
		uint32_t ports = (uint32_t)rand_u64(&seq);
		uint32_t tuple[3] = { (uint32_t)(addrs >> 32), (uint32_t)addrs, ports };
		struct flow f = { (uint32_t)addrs, (uint32_t)(addrs >> 32), (uint16_t)ports,
			(uint16_t)(ports >> 16) };

		if (n % 100 == 0) {
			for (unsigned i = 0; i < RSS_KEY_LEN; i++)
				key.octets[i] = (uint8_t)rand_u64(&seq);
			rte_convert_rss_key(key.words, converted.words, RSS_KEY_LEN);
			rss_init(&rss, key.octets, 3);
		}
		cr_assert_eq(rss_hash(&rss, &f), rte_softrss_be(tuple, 3, converted.octets));
	}
}

Test(rss, entries_name_the_cores_in_turn)
{
	rss_init(&rss, published_key, 3);
	for (uint32_t i = 0; i < 1000; i++)
		cr_expect_eq(rss_owner(&rss, i), i % RSS_ENTRIES % 3);
	for (unsigned i = RSS_KEY_LEN; i < RSS_KEY_ROOM; i++)
		cr_expect_eq(rss.key[i], 0);
}

/* From wherever one begins, whoever the peer is: connect() has not far to look. */
Test(rss, ports_in_a_row_reach_every_core)
{
	struct rand seq;

	rand_seed(&seq, 9);
	for (unsigned draw = 0; draw < 20; draw++) {
		struct flow f = { (uint32_t)rand_u64(&seq), (uint32_t)rand_u64(&seq),
			(uint16_t)(32768 + 128 * draw), (uint16_t)(1024 + 128 * draw) };
		unsigned by_lport[64] = { 0 };
		unsigned by_fport[64] = { 0 };

		cr_assert_eq(rss_draw(&rss, 64), 0);
		for (unsigned i = 0; i < RSS_ENTRIES; i++, f.lport++)
			by_lport[rss_owner(&rss, rss_hash(&rss, &f))]++;
		for (unsigned i = 0; i < RSS_ENTRIES; i++, f.fport++)
			by_fport[rss_owner(&rss, rss_hash(&rss, &f))]++;
		for (unsigned core = 0; core < 64; core++) {
			cr_expect_eq(by_lport[core], 2);
			cr_expect_eq(by_fport[core], 2);
		}
	}
}

Test(rss, no_two_keys_are_alike)
{
	static struct rss other;

	cr_assert_eq(rss_draw(&rss, 2), 0);
	cr_assert_eq(rss_draw(&other, 2), 0);
	cr_expect_neq(memcmp(rss.key, other.key, RSS_KEY_LEN), 0);
	cr_expect_neq(memcmp(rss.key, published_key, RSS_KEY_LEN), 0);
}
