/* SPDX-License-Identifier: BSD-3-Clause */

#include <baro/addr.h>
#include <criterion/criterion.h>
#include <errno.h>

Test(addr, v4_goes_in_and_out)
{
	struct baro_addr addr = baro_addr_from_v4(0xc6120002);
	char text[BARO_ADDR_STRLEN];

	cr_assert_eq(baro_addr_to_v4(&addr), 0xc6120002);
	cr_assert(baro_addr_is_v4(&addr));
	cr_assert_eq(addr.b[10], 0xff);
	cr_assert_eq(addr.b[12], 198);
	cr_assert_str_eq(baro_addr_format(&addr, text), "198.18.0.2");
}

Test(addr, zero_is_any)
{
	struct baro_addr addr = { { 0 } };
	char text[BARO_ADDR_STRLEN];

	cr_assert(baro_addr_is_v4(&addr));
	cr_assert_eq(baro_addr_to_v4(&addr), 0);
	cr_assert_str_eq(baro_addr_format(&addr, text), "0.0.0.0");
}

Test(addr, v6_is_not_v4)
{
	struct baro_addr addr = { { [0] = 0xfe, [1] = 0x80, [15] = 1 } };
	char text[BARO_ADDR_STRLEN];

	cr_assert_not(baro_addr_is_v4(&addr));
	cr_assert_eq(baro_addr_to_v4(&addr), 0);
	cr_assert_str_eq(baro_addr_format(&addr, text), "fe80::1");
}

Test(addr, parse_refuses_what_is_no_address)
{
	static const char *const bad[] = { "", "198.18.0", "198.18.0.256", "198.18.0.2/24",
		" 1.2.3.4", "1.2.3.4 ", "01.2.3.4x", "localhost", "1.2.3.4.5", "-1.2.3.4" };
	struct baro_addr addr;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(baro_addr_parse(bad[i], &addr), -EINVAL, "\"%s\" was taken", bad[i]);
	cr_assert_eq(baro_addr_parse(NULL, &addr), -EINVAL);
	cr_assert_eq(baro_addr_parse("255.255.255.255", &addr), 0);
	cr_assert_eq(baro_addr_to_v4(&addr), UINT32_MAX);
}

Test(addr, endpoint_round_trips)
{
	struct baro_endpoint ep;
	char text[BARO_ENDPOINT_STRLEN];

	cr_assert_eq(baro_endpoint_parse("198.18.0.2:65535", &ep), 0);
	cr_assert_eq(baro_addr_to_v4(&ep.addr), 0xc6120002);
	cr_assert_eq(ep.port, 65535);
	cr_assert_str_eq(baro_endpoint_format(&ep, text), "198.18.0.2:65535");

	cr_assert_eq(baro_endpoint_parse("*:80", &ep), 0);
	cr_assert_eq(baro_addr_to_v4(&ep.addr), 0);
	cr_assert_eq(ep.port, 80);
	cr_assert_str_eq(baro_endpoint_format(&ep, text), "0.0.0.0:80");
}

Test(addr, endpoint_longest_text_fits)
{
	struct baro_endpoint ep = { .port = 65535 };
	char text[BARO_ENDPOINT_STRLEN];

	memset(ep.addr.b, 0xff, sizeof(ep.addr.b));
	cr_assert_str_eq(
		baro_endpoint_format(&ep, text), "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

Test(addr, endpoint_parse_refuses_what_is_none)
{
	static const char *const bad[] = { "", "198.18.0.2", "198.18.0.2:", ":80", "1.2.3.4:65536",
		"1.2.3.4:-1", "1.2.3.4:80x", "1.2.3.4: 80", "1.2.3.4:000080", "**:80",
		"1111111111111111111111111111111111111111111111111111:1" };
	struct baro_endpoint ep = { .port = 7 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(baro_endpoint_parse(bad[i], &ep), -EINVAL, "\"%s\" was taken", bad[i]);
	cr_assert_eq(baro_endpoint_parse(NULL, &ep), -EINVAL);
	cr_assert_eq(ep.port, 7, "a refused text changed the endpoint");
}
