/* SPDX-License-Identifier: BSD-3-Clause */

/* TCP options, well formed and not. */

#include <criterion/criterion.h>

#include "wire/octets.h"
#include "wire/tcp.h"

/* Whatever the bits of @has name must be equal. */
static void
expect_equal(const struct tcp_opts *in, const struct tcp_opts *out, const char *name)
{
	cr_assert_eq(in->has, out->has, "%s: has %#x, not %#x", name, in->has, out->has);
	if (out->has & TCP_HAS_MSS)
		cr_expect_eq(in->mss, out->mss, "%s: MSS %u", name, in->mss);
	if (out->has & TCP_HAS_WSCALE)
		cr_expect_eq(in->wscale, out->wscale, "%s: scale %u", name, in->wscale);
	if (out->has & TCP_HAS_TS) {
		cr_expect_eq(in->tsval, out->tsval, "%s: TSval %u", name, in->tsval);
		cr_expect_eq(in->tsecr, out->tsecr, "%s: TSecr %u", name, in->tsecr);
	}
	if (out->has & TCP_HAS_SACK) {
		cr_assert_eq(in->n_sack, out->n_sack, "%s: %u blocks", name, in->n_sack);
		for (int i = 0; i < out->n_sack; i++) {
			cr_expect(seq_eq(in->sack[i].from, out->sack[i].from), "%s: %d", name, i);
			cr_expect(seq_eq(in->sack[i].to, out->sack[i].to), "%s: %d", name, i);
		}
	}
	if (out->has & TCP_HAS_FASTOPEN) {
		cr_assert_eq(
			in->cookie.len, out->cookie.len, "%s: cookie of %u", name, in->cookie.len);
		cr_expect_arr_eq(
			in->cookie.octets, out->cookie.octets, out->cookie.len, "%s", name);
	}
}

#define MSS_1460     2, 4, 0x05, 0xb4
#define HAS_MSS_1460 .has = TCP_HAS_MSS, .mss = 1460

static const struct {
	const char *name;
	const uint8_t *octets;
	size_t len;
	struct tcp_opts opts;
} rows[] = {
	{ "MSS alone", OCTETS(MSS_1460), { HAS_MSS_1460 } },
	{ "NOPs alone", OCTETS(1, 1, 1, 1), { .has = 0 } },
	{ "end of list alone", OCTETS(0, 0, 0, 0), { .has = 0 } },
	{ "MSS after NOPs", OCTETS(1, 1, 1, 1, MSS_1460), { HAS_MSS_1460 } },
	{ "MSS unaligned, then end of list", OCTETS(1, MSS_1460, 0, 0, 0), { HAS_MSS_1460 } },
	{ "octets after end of list are ignored", OCTETS(MSS_1460, 0, 2, 4, 1, 0, 3, 3, 3),
		{ HAS_MSS_1460 } },
	{ "option hidden behind end of list", OCTETS(0, MSS_1460, 0, 0, 0), { .has = 0 } },
	{ "SYN of Linux", OCTETS(MSS_1460, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7),
		{ .has = TCP_HAS_MSS | TCP_HAS_SACK_OK | TCP_HAS_TS | TCP_HAS_WSCALE,
			.mss = 1460,
			.wscale = 7,
			.tsval = 9 } },
	{ "SYN of Windows", OCTETS(MSS_1460, 1, 3, 3, 8, 1, 1, 4, 2),
		{ .has = TCP_HAS_MSS | TCP_HAS_SACK_OK | TCP_HAS_WSCALE,
			.mss = 1460,
			.wscale = 8 } },
	{ "the same backwards", OCTETS(4, 2, 3, 3, 8, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 5, MSS_1460),
		{ .has = TCP_HAS_MSS | TCP_HAS_SACK_OK | TCP_HAS_TS | TCP_HAS_WSCALE,
			.mss = 1460,
			.wscale = 8,
			.tsval = 9,
			.tsecr = 5 } },
	{ "timestamps in the usual layout", OCTETS(1, 1, 8, 10, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4),
		{ .has = TCP_HAS_TS, .tsval = 0xffffffff, .tsecr = 0x01020304 } },
	{ "timestamps first, NOPs behind", OCTETS(8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1),
		{ .has = TCP_HAS_TS, .tsval = 1, .tsecr = 2 } },
	{ "scale 255 is left to the reader", OCTETS(3, 3, 255, 0),
		{ .has = TCP_HAS_WSCALE, .wscale = 255 } },
	{ "one SACK block", OCTETS(1, 1, 5, 10, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0x10),
		{ .has = TCP_HAS_SACK, .n_sack = 1, .sack = { { { 0xfffffff0 }, { 0x10 } } } } },
	{ "unknown option in front", OCTETS(254, 4, 0xf9, 0x89, MSS_1460), { HAS_MSS_1460 } },
	{ "unknown option of no content", OCTETS(99, 2, MSS_1460, 1, 1), { HAS_MSS_1460 } },
	{ "unknown option to the very end", OCTETS(MSS_1460, 99, 4, 1, 2), { HAS_MSS_1460 } },
	{ "the second MSS counts", OCTETS(2, 4, 0, 1, MSS_1460), { HAS_MSS_1460 } },
	{ "length 0 ends the list", OCTETS(MSS_1460, 99, 0, 3, 3, 7, 1, 1, 1), { HAS_MSS_1460 } },
	{ "length 1 ends the list", OCTETS(MSS_1460, 99, 1, 3, 3, 7, 1, 1, 1), { HAS_MSS_1460 } },
	{ "length 0 in front", OCTETS(2, 0, 5, 0xb4, MSS_1460), { .has = 0 } },
	{ "length one past the end", OCTETS(MSS_1460, 8, 5, 0, 0), { HAS_MSS_1460 } },
	{ "length 255", OCTETS(MSS_1460, 99, 255, 0, 0), { HAS_MSS_1460 } },
	{ "timestamps cut by the end", OCTETS(1, 1, 8, 10, 0, 0, 0, 1), { .has = 0 } },
	{ "kind without length at the end", OCTETS(MSS_1460, 1, 1, 1, 8), { HAS_MSS_1460 } },
	{ "MSS of length 3 is skipped", OCTETS(2, 3, 5, MSS_1460, 1), { HAS_MSS_1460 } },
	{ "MSS of length 6 is skipped", OCTETS(2, 6, 5, 0xb4, 0, 0, 1, 1), { .has = 0 } },
	{ "scale of length 2 is skipped", OCTETS(3, 2, MSS_1460, 1, 1), { HAS_MSS_1460 } },
	{ "scale of length 4 is skipped", OCTETS(3, 4, 7, 7), { .has = 0 } },
	{ "SACK-permitted of length 3 is skipped", OCTETS(4, 3, 0, 1), { .has = 0 } },
	{ "timestamps of length 9 are skipped",
		OCTETS(8, 9, 0, 0, 0, 0, 0, 0, 0, MSS_1460, 1, 1, 1), { HAS_MSS_1460 } },
	{ "SACK of no block", OCTETS(5, 2, MSS_1460, 1, 1), { HAS_MSS_1460 } },
	{ "SACK of half a block", OCTETS(5, 6, 0, 0, 0, 1, 1, 1, MSS_1460), { HAS_MSS_1460 } },
	{ "SACK of one block and one octet", OCTETS(5, 11, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1),
		{ .has = 0 } },
	{ "Fast Open cookie is asked for", OCTETS(1, 1, 34, 2),
		{ .has = TCP_HAS_FASTOPEN, .cookie = { 0, { 0 } } } },
	{ "Fast Open cookie of 4 octets", OCTETS(34, 6, 1, 2, 3, 4, 1, 1),
		{ .has = TCP_HAS_FASTOPEN, .cookie = { 4, { 1, 2, 3, 4 } } } },
	{ "Fast Open cookie of 16 octets",
		OCTETS(1, 1, 34, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
		{ .has = TCP_HAS_FASTOPEN,
			.cookie = { 16,
				{ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } } } },
	{ "Fast Open cookie of 2 octets is skipped", OCTETS(34, 4, 1, 2, MSS_1460),
		{ HAS_MSS_1460 } },
	{ "Fast Open cookie of 5 octets is skipped", OCTETS(34, 7, 1, 2, 3, 4, 5, 1),
		{ .has = 0 } },
	{ "Fast Open cookie of 18 octets is skipped",
		OCTETS(34, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18),
		{ .has = 0 } },
	{ "Fast Open cookie cut by the end", OCTETS(1, 1, 34, 10, 1, 2, 3, 4), { .has = 0 } },
	{ "SACK cut by the end", OCTETS(1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2), { .has = 0 } },
};

/* F03 F04 */
Test(tcp_opts, every_list_is_read_as_far_as_it_makes_sense)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t *p = exact_copy(rows[i].octets, rows[i].len);
		struct tcp_opts opts;

		memset(&opts, 0xff, sizeof(opts));
		tcp_opts_read(p, (uint32_t)rows[i].len, &opts);
		expect_equal(&opts, &rows[i].opts, rows[i].name);
		free(p);
	}
}

/* F03 F04 */
Test(tcp_opts, the_same_lists_are_read_behind_a_header)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t len = TCP_HDR_LEN + (uint32_t)rows[i].len;
		uint8_t octets[TCP_HDR_MAX] = { 0 };
		uint8_t *p;
		struct tcp_hdr h;

		cr_assert_eq(rows[i].len % 4, 0, "%s: fit for a header", rows[i].name);
		octets[12] = (uint8_t)(len / 4 << 4);
		memcpy(octets + TCP_HDR_LEN, rows[i].octets, rows[i].len);
		p = exact_copy(octets, len);
		cr_expect_eq(tcp_read(p, len, &h), DROP_NONE, "%s", rows[i].name);
		expect_equal(&h.opts, &rows[i].opts, rows[i].name);
		free(p);
	}
}

/* F03 R01 */
Test(tcp_opts, lists_cut_at_any_octet_are_read_within_their_bounds)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (uint32_t len = 0; len < rows[i].len; len++) {
			uint8_t *p = exact_copy(rows[i].octets, len);
			struct tcp_opts opts;

			tcp_opts_read(p, len, &opts);
			cr_expect_eq(opts.has & ~rows[i].opts.has, 0, "%s, %u octets", rows[i].name,
				len);
			free(p);
		}
	}
}

/* F03 R01 */
Test(tcp_opts, random_octets_are_read_within_their_bounds)
{
	struct rand r;

	rand_seed(&r, 1);
	for (int i = 0; i < 20000; i++) {
		uint32_t len = rand_below(&r, TCP_OPT_MAX + 1);
		struct tcp_opts opts = { .n_sack = 0 };
		uint8_t octets[TCP_OPT_MAX];
		uint8_t *p;

		for (uint32_t k = 0; k < len; k++)
			octets[k] = (uint8_t)rand_below(&r, i % 4 == 0 ? 256 : 12);
		p = exact_copy(octets, len);
		tcp_opts_read(p, len, &opts);
		if (opts.has & TCP_HAS_SACK)
			cr_assert(opts.n_sack >= 1 && opts.n_sack <= TCP_SACK_MAX);
		free(p);
	}
}

Test(tcp_opts, four_sack_blocks_fill_the_list)
{
	struct tcp_opts out = { .has = TCP_HAS_SACK, .n_sack = 4 };
	struct tcp_opts in;
	uint8_t octets[TCP_OPT_MAX];

	for (uint32_t i = 0; i < 4; i++)
		out.sack[i] = (struct tcp_sack){ { i * 10 }, { i * 10 + 5 } };
	cr_expect_eq(tcp_opts_len(&out), 36);
	cr_expect_eq(tcp_opts_write(octets, &out), 36);
	tcp_opts_read(octets, 36, &in);
	expect_equal(&in, &out, "four blocks");
}

/* No header has room for them, but the reader does not rely on that. */
Test(tcp_opts, fifth_sack_block_is_not_believed)
{
	uint8_t octets[42] = { 5, 42 };
	struct tcp_opts opts;

	tcp_opts_read(octets, sizeof(octets), &opts);
	cr_expect_eq(opts.has, 0);
}

Test(tcp_opts, layout_on_the_wire_is_aligned)
{
	static const struct {
		const char *name;
		struct tcp_opts opts;
		uint8_t len;
		uint8_t octets[TCP_OPT_MAX];
	} layouts[] = {
		{ "nothing", { .has = 0 }, 0, { 0 } },
		{ "MSS", { HAS_MSS_1460 }, 4, { MSS_1460 } },
		{ "scale", { .has = TCP_HAS_WSCALE, .wscale = 7 }, 4, { 1, 3, 3, 7 } },
		{ "SACK-permitted", { .has = TCP_HAS_SACK_OK }, 4, { 1, 1, 4, 2 } },
		{ "timestamps", { .has = TCP_HAS_TS, .tsval = 1, .tsecr = 2 }, 12,
			{ 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2 } },
		{ "SACK-permitted in the padding of timestamps",
			{ .has = TCP_HAS_TS | TCP_HAS_SACK_OK, .tsval = 1, .tsecr = 2 }, 12,
			{ 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2 } },
		{ "SACK", { .has = TCP_HAS_SACK, .n_sack = 1, .sack = { { { 3 }, { 4 } } } }, 12,
			{ 1, 1, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4 } },
		{ "SACK of no block is left out", { .has = TCP_HAS_SACK, .n_sack = 0 }, 0, { 0 } },
		{ "everything in a SYN",
			{ .has = TCP_HAS_MSS | TCP_HAS_WSCALE | TCP_HAS_TS | TCP_HAS_SACK_OK,
				.mss = 1460,
				.wscale = 7,
				.tsval = 1 },
			20, { MSS_1460, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0 } },
		{ "a Fast Open cookie is asked for", { .has = TCP_HAS_FASTOPEN }, 4,
			{ 1, 1, 34, 2 } },
		{ "Fast Open cookie",
			{ .has = TCP_HAS_FASTOPEN, .cookie = { 6, { 1, 2, 3, 4, 5, 6 } } }, 8,
			{ 34, 8, 1, 2, 3, 4, 5, 6 } },
		{ "everything and the longest cookie in a SYN",
			{ .has = TCP_HAS_MSS | TCP_HAS_WSCALE | TCP_HAS_TS | TCP_HAS_SACK_OK |
				 TCP_HAS_FASTOPEN,
				.mss = 1460,
				.wscale = 7,
				.tsval = 1,
				.cookie = { 16, { 9 } } },
			40,
			{ MSS_1460, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 34, 18,
				9 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
		uint8_t *p = malloc(TCP_OPT_MAX);

		cr_expect_eq(tcp_opts_len(&layouts[i].opts), layouts[i].len, "%s", layouts[i].name);
		cr_expect_eq(
			tcp_opts_write(p, &layouts[i].opts), layouts[i].len, "%s", layouts[i].name);
		cr_expect_eq(
			memcmp(p, layouts[i].octets, layouts[i].len), 0, "%s", layouts[i].name);
		free(p);
	}
}

/* Every combination; SACK blocks that do not fit are left out, and only they. */
Test(tcp_opts, what_is_written_is_read_back)
{
	struct rand r;

	rand_seed(&r, 2);
	for (int i = 0; i < 4000; i++) {
		struct tcp_opts out;
		struct tcp_opts in;
		uint32_t len;
		uint8_t *p;

		fill_any(&r, &out, sizeof(out));
		out.has = (uint8_t)(i % 64);
		out.cookie.len = (uint8_t)(2 * rand_below(&r, 9));
		if (out.cookie.len == 2)
			out.cookie.len = 0;
		out.n_sack = (uint8_t)(1 + rand_below(&r, TCP_SACK_MAX));
		len = tcp_opts_len(&out);
		cr_assert(len % 4 == 0 && len <= TCP_OPT_MAX);
		p = malloc(len);
		cr_assert_eq(tcp_opts_write(p, &out), len);
		tcp_opts_read(p, len, &in);
		free(p);
		if (in.has & TCP_HAS_SACK) {
			cr_assert(in.n_sack == out.n_sack || len > TCP_OPT_MAX - 8);
			out.n_sack = in.n_sack;
		} else if (len > TCP_OPT_MAX - 12) {
			out.has &= (uint8_t)~TCP_HAS_SACK;
		}
		expect_equal(&in, &out, "random options");
	}
}

Test(tcp_opts, three_sack_blocks_fit_beside_timestamps)
{
	struct tcp_opts out = { .has = TCP_HAS_SACK | TCP_HAS_TS, .n_sack = 4 };
	struct tcp_opts in;
	uint8_t octets[TCP_OPT_MAX];

	cr_expect_eq(tcp_opts_len(&out), TCP_OPT_MAX);
	cr_expect_eq(tcp_opts_write(octets, &out), TCP_OPT_MAX);
	tcp_opts_read(octets, TCP_OPT_MAX, &in);
	cr_expect_eq(in.n_sack, 3);
}

/* The short way of tcp_read() must say what the long one says. */
Test(tcp_opts, timestamps_alone_are_read_alike_on_both_ways)
{
	static const uint8_t octets[] = { 1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 8 };
	static const uint8_t trailing[] = { 8, 10, 0, 0, 0, 7, 0, 0, 0, 8, 1, 1 };
	struct tcp_opts quick;
	struct tcp_opts full;

	cr_assert(tcp_opts_read_ts_only(octets, sizeof(octets), &quick));
	tcp_opts_read(octets, sizeof(octets), &full);
	expect_equal(&quick, &full, "timestamps");
	cr_expect_not(tcp_opts_read_ts_only(octets, sizeof(octets) - 4, &quick));
	cr_expect_not(tcp_opts_read_ts_only(trailing, sizeof(trailing), &quick));
}
