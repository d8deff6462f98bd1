/* SPDX-License-Identifier: BSD-3-Clause */

/* Parameters of telemetry commands. */

#include <criterion/criterion.h>

#include "runtime/tel.h"

Test(tel, values_by_their_keys)
{
	static const char params[] = "to=198.18.0.0/24,via=198.18.0.1,info,filter=a,b=c";
	char value[32];

	cr_expect(tel_param(params, "to", value, sizeof(value)));
	cr_expect_str_eq(value, "198.18.0.0/24");
	cr_expect(tel_param(params, "via", value, sizeof(value)));
	cr_expect_str_eq(value, "198.18.0.1");
	cr_expect_not(tel_param(params, "info", value, sizeof(value)), "it has none");
	cr_expect_not(tel_param(params, "vi", value, sizeof(value)), "a part of a key is no key");
	cr_expect_not(tel_param(params, "198.18.0.1", value, sizeof(value)));
	cr_expect_not(tel_param(NULL, "to", value, sizeof(value)));
	cr_expect_not(tel_param("", "to", value, sizeof(value)));
	cr_expect(tel_param(params, "to", value, 4));
	cr_expect_str_eq(value, "198", "cut to its room");
}

Test(tel, keys_alone)
{
	cr_expect(tel_flag("at=1,info", "info"));
	cr_expect(tel_flag("info,at=1", "info"));
	cr_expect_not(tel_flag("info=1", "info"));
	cr_expect_not(tel_flag("information", "info"));
	cr_expect_not(tel_flag(NULL, "info"));
}

Test(tel, numbers)
{
	uint64_t n;

	cr_expect(tel_number("at=12", "at", 12, 7, &n));
	cr_expect_eq(n, 12);
	cr_expect(tel_number("info", "at", 12, 7, &n));
	cr_expect_eq(n, 7, "what it is when nobody says");
	cr_expect_not(tel_number("at=13", "at", 12, 7, &n));
	cr_expect_not(tel_number("at=", "at", 12, 7, &n));
	cr_expect_not(tel_number("at=-1", "at", UINT64_MAX, 7, &n));
	cr_expect_not(tel_number("at=1x", "at", 12, 7, &n));
}
