/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whatever two applications do over whatever wire: every octet written is read, once and in order,
 * until an end that both can explain, and nothing is left behind (trial.h, explain.c).
 *
 * A seed that fails is made smaller, and printed with the command that tells its story:
 *
 *	BARO_TRIAL=SEED[:STEPS[:WITHOUT]] build/tests/test-property --filter='property/story'
 *
 * BARO_SEEDS=N runs N seeds a test; BARO_FIRST=N begins at seed N.
 */

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>

#include "property/trial.h"

enum {
	TESTS = 20,
	SEEDS = 500, /* of each */
};

static unsigned long
number_of(const char *variable, unsigned long otherwise)
{
	const char *value = getenv(variable);

	return value != NULL ? strtoul(value, NULL, 0) : otherwise;
}

/** Leave out what it fails without; then the last steps. */
static void
shrink(struct trial *t)
{
	for (unsigned i = 0; i < WITH_FEATURES; i++) {
		t->without |= 1u << i;
		if (trial_run(t) == NULL)
			t->without &= ~(1u << i);
	}
	for (unsigned steps = 1; steps < 250; steps++) {
		t->steps = steps;
		if (trial_run(t) != NULL)
			return;
	}
	t->steps = 0;
}

static void
fail(uint64_t seed)
{
	struct trial t = { .seed = seed };
	char with[200] = "";
	int n = 0;

	shrink(&t);
	for (unsigned i = 0; i < WITH_FEATURES; i++)
		if ((t.without & 1u << i) == 0)
			n += snprintf(with + n, sizeof(with) - (size_t)n, " %s", trial_feature(i));
	cr_assert_fail("seed %lu: %s\n  in the smallest form found, with%s: %s\n"
		       "  BARO_TRIAL=%lu:%u:%#x build/tests/test-property "
		       "--filter='property/story' tells its story",
		(unsigned long)seed, trial_run(&(struct trial){ .seed = seed }), with,
		trial_run(&t), (unsigned long)seed, t.steps, t.without);
}

ParameterizedTestParameters(property, every_octet_arrives_or_both_know_why)
{
	static unsigned block[TESTS];

	for (unsigned i = 0; i < TESTS; i++)
		block[i] = i;
	return cr_make_param_array(unsigned, block, TESTS);
}

/* F10, I05, O01, O03: and everything that is written down in explain.c */
ParameterizedTest(const unsigned *block, property, every_octet_arrives_or_both_know_why)
{
	uint64_t n = number_of("BARO_SEEDS", SEEDS);
	uint64_t first = number_of("BARO_FIRST", 1) + *block * n;

	for (uint64_t seed = first; seed < first + n; seed++)
		if (trial_run(&(struct trial){ .seed = seed }) != NULL)
			fail(seed);
}

/** One trial of the user's choice, told. */
Test(property, story)
{
	struct trial t = { .seed = 1 };
	const char *which = getenv("BARO_TRIAL");
	char *end;
	const char *why;

	if (which != NULL) {
		t.is_told = true;
		t.seed = strtoull(which, &end, 0);
		t.steps = *end == ':' ? (unsigned)strtoul(end + 1, &end, 0) : 0;
		t.without = *end == ':' ? (unsigned)strtoul(end + 1, &end, 0) : 0;
	}
	why = trial_run(&t);
	cr_assert_null(why, "%s", why);
}
