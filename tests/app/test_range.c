/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>

#include "../../app/http/range.h"

struct row {
	const char *value;
	uint64_t size;
	enum http_range_verdict verdict;
	uint64_t first, len;
};

static const struct row rows[] = {
	{ "bytes=0-0", 10, HTTP_RANGE_PART, 0, 1 },
	{ "bytes=0-", 10, HTTP_RANGE_PART, 0, 10 },
	{ "bytes=3-5", 10, HTTP_RANGE_PART, 3, 3 },
	{ "Bytes=9-9", 10, HTTP_RANGE_PART, 9, 1 },
	{ "bytes=9-99999", 10, HTTP_RANGE_PART, 9, 1 },
	{ "bytes=0-18446744073709551615", 10, HTTP_RANGE_PART, 0, 10 },
	{ "bytes=-1", 10, HTTP_RANGE_PART, 9, 1 },
	{ "bytes=-10", 10, HTTP_RANGE_PART, 0, 10 },
	{ "bytes=-11", 10, HTTP_RANGE_PART, 0, 10 },
	{ "bytes=10-", 10, HTTP_RANGE_OUTSIDE, 0, 0 },
	{ "bytes=10-20", 10, HTTP_RANGE_OUTSIDE, 0, 0 },
	{ "bytes=-0", 10, HTTP_RANGE_OUTSIDE, 0, 0 },
	{ "bytes=0-", 0, HTTP_RANGE_OUTSIDE, 0, 0 },
	{ "bytes=-5", 0, HTTP_RANGE_OUTSIDE, 0, 0 },
	{ "bytes=5-3", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "bytes=0-1,3-4", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "bytes=", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "bytes=-", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "bytes=a-b", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "bytes=1", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "bytes=+1-2", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "bytes=1-2x", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "bytes=18446744073709551616-", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "seconds=1-2", 10, HTTP_RANGE_IGNORE, 0, 0 },
	{ "", 10, HTTP_RANGE_IGNORE, 0, 0 },
};

Test(http_range, reads_one_range)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		uint64_t first = 0, len = 0;

		cr_expect_eq(http_range_read(r->value, r->size, &first, &len), r->verdict, "%s",
			r->value);
		if (r->verdict == HTTP_RANGE_PART)
			cr_expect(first == r->first && len == r->len, "%s", r->value);
	}
}

Test(http_range, numbers_do_not_wrap)
{
	uint64_t n;

	cr_expect_not_null(http_number_read("18446744073709551615", UINT64_MAX, &n));
	cr_expect_eq(n, UINT64_MAX);
	cr_expect_null(http_number_read("18446744073709551616", UINT64_MAX, &n));
	cr_expect_null(http_number_read("99999999999999999999999", UINT64_MAX, &n));
	cr_expect_null(http_number_read("256", 255, &n));
	cr_expect_null(http_number_read("", 255, &n));
	cr_expect_null(http_number_read("-1", 255, &n));
}
