/* SPDX-License-Identifier: BSD-3-Clause */

/* Values on the command lines of the programs. */

#include <criterion/criterion.h>

#include "../../app/value.h"

enum { NONE = -1 };

Test(value, numbers_with_a_factor)
{
	static const struct {
		const char *text;
		int64_t whole; /* 1..2000000; NONE: refused */
	} rows[] = {
		{ "1", 1 },
		{ "10k", 10000 },
		{ "1.5M", 1500000 },
		{ "0x10", 16 },
		{ "0", NONE },
		{ "3M", NONE },
		{ "1.5", NONE },
		{ "10K", NONE },
		{ "10kk", NONE },
		{ "-1", NONE },
		{ "+1", NONE },
		{ " 1", NONE },
		{ "", NONE },
		{ ".", NONE },
		{ "nan", NONE },
		{ "inf", NONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t n = 0;
		bool is_read = value_whole(rows[i].text, 1, 2000000, &n);

		cr_expect_eq(is_read ? (int64_t)n : NONE, rows[i].whole, "'%s'", rows[i].text);
	}
}

Test(value, times_have_units_and_seconds_have_none)
{
	static const struct {
		const char *text;
		int64_t ns;
		int64_t seconds_ns;
	} rows[] = {
		{ "10s", 10000000000, NONE },
		{ "500ms", 500000000, NONE },
		{ "2min", 120000000000, NONE },
		{ "0s", 0, NONE },
		{ "1.5s", 1500000000, NONE },
		{ "86401s", NONE, NONE },
		{ "10", NONE, 10000000000 },
		{ "0.25", NONE, 250000000 },
		{ "0", NONE, NONE },
		{ "11", NONE, NONE },
		{ "s", NONE, NONE },
		{ "-1s", NONE, NONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t ns = 0;
		bool is_read = value_time(rows[i].text, &ns);

		cr_expect_eq(is_read ? (int64_t)ns : NONE, rows[i].ns, "'%s'", rows[i].text);
		is_read = value_seconds(rows[i].text, 0.001, 10, &ns);
		cr_expect_eq(is_read ? (int64_t)ns : NONE, rows[i].seconds_ns, "'%s' seconds",
			rows[i].text);
	}
}

Test(value, ports_and_sizes)
{
	uint16_t port = 0;
	size_t octets = 0;

	cr_expect(value_port("65535", &port));
	cr_expect_eq(port, 65535);
	cr_expect_not(value_port("65536", &port));
	cr_expect_not(value_port("0", &port));
	cr_expect_not(value_port("1k", &port));
	cr_expect_not(value_port("", &port));
	cr_expect(value_size("16KiB", 65536, &octets));
	cr_expect_eq(octets, 16384);
	cr_expect_not(value_size("65KiB", 65536, &octets));
	cr_expect_not(value_size("1k", 65536, &octets));
}
