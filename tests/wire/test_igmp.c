/* SPDX-License-Identifier: BSD-3-Clause */

/* IGMP's formats. */

#include <criterion/criterion.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/cksum.h"
#include "wire/igmp.h"

#define GROUP 0xef010203u

Test(igmp, short_message_reads_as_it_was_written)
{
	static const uint8_t types[] = { IGMP_V1_REPORT, IGMP_V2_REPORT, IGMP_LEAVE };

	for (unsigned i = 0; i < sizeof(types); i++) {
		uint8_t p[IGMP_LEN];
		struct igmp_msg m;

		igmp_write(p, types[i], GROUP);
		cr_expect_eq(cksum_fold(cksum_add(0, p, sizeof(p))), 0);
		cr_assert_eq(igmp_read(p, sizeof(p), sizeof(p), &m), DROP_NONE);
		cr_expect_eq(m.type, types[i]);
		cr_expect_eq(m.group, GROUP);
	}
}

Test(igmp, report_has_its_records)
{
	uint8_t p[IGMP_V3_REPORT_LEN + 2 * IGMP_RECORD_LEN];

	igmp_write_record(p + 8, IGMP_TO_EXCLUDE, GROUP);
	igmp_write_record(p + 16, IGMP_TO_INCLUDE, GROUP + 1);
	igmp_write_report(p, 2);
	cr_expect_eq(cksum_fold(cksum_add(0, p, sizeof(p))), 0);
	cr_expect_eq(p[0], 0x22);
	cr_expect_eq(get_u16(p + 6), 2);
	cr_expect_eq(p[8], 4);
	cr_expect_eq(get_u32(p + 12), GROUP);
	cr_expect_eq(p[16], 3);
}

/* RFC 3376 §4.1.1, §7.1 */
Test(igmp, query_s_version_and_times_are_read)
{
	static const struct {
		uint8_t code;
		uint32_t len;
		unsigned version;
		uint32_t ms;
	} rows[] = {
		{ 0, 8, 1, 10000 },
		{ 100, 8, 2, 10000 },
		{ 255, 8, 2, 25500 },
		{ 0, 12, 3, 0 },
		{ 127, 12, 3, 12700 },
		{ 0x80, 12, 3, 12800 },
		{ 0xff, 12, 3, 3174400 },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t p[12] = { IGMP_QUERY, rows[i].code, 0, 0, 0, 0, 0, 0, 0x0b, 20 };
		struct igmp_msg m;

		cr_assert_eq(igmp_read(p, rows[i].len, rows[i].len, &m), DROP_NONE);
		cr_expect_eq(m.version, rows[i].version, "row %u", i);
		cr_expect_eq(m.max_resp_ms, rows[i].ms, "row %u", i);
		cr_expect_eq(m.robustness, rows[i].version == 3 ? 3 : 0, "row %u", i);
	}
}

Test(igmp, what_is_cut_short_is_dropped)
{
	uint8_t p[12] = { IGMP_QUERY };
	struct igmp_msg m;

	for (uint32_t len = 0; len < 8; len++)
		cr_expect_eq(igmp_read(p, len, len, &m), DROP_IGMP_SHORT);
	for (uint32_t len = 8; len < 12; len++)
		cr_expect_eq(igmp_read(p, len, 12, &m), DROP_IGMP_SHORT);
}
