/* SPDX-License-Identifier: BSD-3-Clause */

/* Drop reasons and counters as strings. */

#include <criterion/criterion.h>

#include "base/names.h"

static bool
is_layer(const char *name)
{
	static const char *const layers[] = { "dev", "link", "ip", "icmp", "igmp", "udp", "tcp",
		"socket", "resolver", "runtime" };

	for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
		if (strcmp(name, layers[i]) == 0)
			return true;
	}
	return false;
}

Test(names, every_drop_says_what_it_is)
{
	for (int i = DROP_NONE + 1; i < DROP_COUNT; i++) {
		enum drop why = (enum drop)i;

		cr_expect(is_layer(drop_layer(why)), "%s: %s", drop_name(why), drop_layer(why));
		cr_expect_gt(strlen(drop_sentence(why)), 10, "%s", drop_name(why));
		for (int other = DROP_NONE; other < i; other++) {
			cr_expect_str_neq(drop_name(why), drop_name((enum drop)other));
			cr_expect_str_neq(drop_sentence(why), drop_sentence((enum drop)other));
		}
	}
}

Test(names, every_counter_says_what_it_counts)
{
	for (int i = 0; i < STAT_COUNT; i++) {
		enum stat what = (enum stat)i;

		cr_expect(is_layer(stat_layer(what)), "%s: %s", stat_name(what), stat_layer(what));
		cr_expect_gt(strlen(stat_sentence(what)), 7, "%s", stat_name(what));
		for (int other = 0; other < i; other++) {
			cr_expect_str_neq(stat_name(what), stat_name((enum stat)other));
			cr_expect_str_neq(stat_sentence(what), stat_sentence((enum stat)other));
		}
	}
}

Test(names, strings_are_those_of_the_def_files)
{
	cr_expect_str_eq(drop_name(DROP_TCP_SEQ), "TCP_SEQ");
	cr_expect_str_eq(drop_layer(DROP_TCP_SEQ), "tcp");
	cr_expect_str_eq(drop_sentence(DROP_TCP_SEQ), "segment outside the receive window");
	cr_expect_str_eq(stat_name(STAT_TCP_IN_SEGS), "TCP_IN_SEGS");
	cr_expect_str_eq(stat_layer(STAT_TCP_IN_SEGS), "tcp");
	cr_expect_str_eq(stat_sentence(STAT_TCP_IN_SEGS), "segments received");
}

Test(names, what_is_no_reason_or_counter_has_a_string_too)
{
	cr_expect_str_eq(drop_name(DROP_NONE), "NONE");
	cr_expect_str_eq(drop_name(DROP_COUNT), "?");
	cr_expect_str_eq(drop_layer(DROP_COUNT), "?");
	cr_expect_str_eq(drop_sentence(DROP_COUNT), "?");
	cr_expect_str_eq(stat_name(STAT_COUNT), "?");
	cr_expect_str_eq(stat_layer(STAT_COUNT), "?");
	cr_expect_str_eq(stat_sentence(STAT_COUNT), "?");
}
