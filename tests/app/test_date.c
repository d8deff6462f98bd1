/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>

#include "../../app/http/date.h"

Test(http_date, writes_imf_fixdate)
{
	char text[HTTP_DATE_LEN + 1];

	http_date_write(784111777, text);
	cr_expect_str_eq(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	http_date_write(0, text);
	cr_expect_str_eq(text, "Thu, 01 Jan 1970 00:00:00 GMT");
}

Test(http_date, reads_all_three_forms)
{
	static const char *const forms[] = {
		"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
	};

	for (size_t i = 0; i < 3; i++) {
		time_t t = 0;

		cr_expect(http_date_read(forms[i], &t), "%s", forms[i]);
		cr_expect_eq(t, 784111777, "%s", forms[i]);
	}
}

Test(http_date, refuses_other_text)
{
	static const char *const texts[] = {
		"",
		"now",
		"1994-11-06T08:49:37Z",
		"Sun, 06 Nov 1994 08:49:37 GMT+1",
		"Sun, 06 Nov 1994",
		"Sun, 99 Nov 1994 08:49:37 GMT",
	};
	time_t t;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect_not(http_date_read(texts[i], &t), "%s", texts[i]);
}

Test(http_date, clock_changes_once_a_second)
{
	struct http_clock clock = { 0 };
	uint64_t next_ns;

	cr_expect(http_clock_update(&clock, 5));
	next_ns = clock.next_ns;
	cr_expect(next_ns > 5 && next_ns <= 5 + UINT64_C(1000000000));
	cr_expect_not(http_clock_update(&clock, next_ns - 1));
	cr_expect_eq(clock.next_ns, next_ns);
}
