/* SPDX-License-Identifier: BSD-3-Clause */

/* Fast Open keys that hosts share, and their cookies. */

#include <criterion/criterion.h>
#include <errno.h>

#include "base/check.h"
#include "tcp/fast_key.h"

#define KEY        "03020100-07060504-0b0a0908-0f0e0d0c"
#define THREE      KEY "," KEY "," KEY
#define NONE_FIRST "," KEY
#define OTHER      "00000000-00000000-00000000-000000Ff"

/* G19: what Linux 6.18 gave out with this key in net.ipv4.tcp_fastopen_key, and these two addresses */
Test(fast_key, cookies_are_those_of_linux)
{
	static const uint8_t want[] = { 0x30, 0x63, 0xfd, 0x72, 0xc7, 0xf0, 0x73, 0x97 };
	struct fast_keys keys;
	struct tcp_cookie cookie;

	cr_assert_eq(fast_keys_read(KEY, &keys), 0);
	cr_assert_eq(keys.n, 1);
	cookie = fast_cookie(&keys.key[0], 0xc6120001, 0xc6120002);
	cr_assert_eq(cookie.len, sizeof(want));
	cr_assert_arr_eq(cookie.octets, want, sizeof(want));
}

Test(fast_key, there_may_be_two_or_none)
{
	struct fast_keys keys;

	cr_assert_eq(fast_keys_read("", &keys), 0);
	cr_assert_eq(keys.n, 0);
	cr_assert_eq(fast_keys_read(OTHER "," KEY, &keys), 0);
	cr_assert_eq(keys.n, 2);
	cr_assert_eq(keys.key[0].k0, 0);
	cr_assert_eq(keys.key[0].k1, UINT64_C(0xff) << 32);
	cr_assert_eq(keys.key[1].k0, UINT64_C(0x0706050403020100));
}

Test(fast_key, everything_else_does_not_read)
{
	static const char *const bad[] = { "0", "03020100-07060504-0b0a0908", KEY ",", KEY "-",
		KEY "0", THREE, NONE_FIRST, "03020100 07060504 0b0a0908 0f0e0d0c",
		"0x020100-07060504-0b0a0908-0f0e0d0c", "-3020100-07060504-0b0a0908-0f0e0d0c" };
	struct fast_keys keys;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect_eq(fast_keys_read(bad[i], &keys), -EINVAL, "\"%s\" reads", bad[i]);
}
