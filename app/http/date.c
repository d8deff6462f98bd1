/* SPDX-License-Identifier: BSD-3-Clause */

/* The program never calls setlocale(): names of days and months are the "C" locale's. */

#include "date.h"

#include <string.h>

#define NS_PER_SEC 1000000000

void
http_date_write(time_t t, char text[HTTP_DATE_LEN + 1])
{
	struct tm tm;

	memset(text, 0, HTTP_DATE_LEN + 1);
	if (gmtime_r(&t, &tm) == NULL || strftime(text, HTTP_DATE_LEN + 1,
						 "%a, %d %b %Y %H:%M:%S GMT", &tm) != HTTP_DATE_LEN)
		memcpy(text, "Thu, 01 Jan 1970 00:00:00 GMT", HTTP_DATE_LEN);
}

bool
http_date_read(const char *text, time_t *t)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
		"%a, %d-%b-%y %H:%M:%S GMT", /* RFC 850; %a takes whole names too */
		"%a %b %e %H:%M:%S %Y",      /* asctime() */
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_mday = 1 };
		const char *end = strptime(text, forms[i], &tm);

		if (end != NULL && *end == '\0') {
			*t = timegm(&tm);
			return true;
		}
	}
	return false;
}

bool
http_clock_update(struct http_clock *clock, uint64_t now_ns)
{
	struct timespec now;

	if (now_ns < clock->next_ns)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	clock->next_ns = now_ns + (uint64_t)(NS_PER_SEC - now.tv_nsec);
	if (now.tv_sec == clock->now_s)
		return false;
	clock->now_s = now.tv_sec;
	return true;
}
