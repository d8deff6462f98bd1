/* SPDX-License-Identifier: BSD-3-Clause */

/* Changes on all cores: made by all or by none, and told exactly where neither can be. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "runtime/crew.h"

enum { N = 3 };

static struct crew crew;
static struct baro_core *core[N];
static pthread_t thread;
static atomic_bool is_over;
static bool has[N];             /* what is changed */
static int makes[N], undoes[N]; /* what each of them answers */

static void *
turn_all(void *arg)
{
	while (!atomic_load(&is_over))
		for (unsigned i = 0; i < N; i++)
			baro_core_poll(core[i], 0);
	return arg;
}

static void
setup(void)
{
	cr_assert_eq(crew_init(&crew, N, NULL), 0);
	for (unsigned i = 0; i < N; i++) {
		cr_assert_eq(baro_core_create(NULL, 0, &core[i]), 0);
		crew_join(&crew, i, core[i]);
	}
	cr_assert_eq(pthread_create(&thread, NULL, turn_all, NULL), 0);
}

static void
teardown(void)
{
	atomic_store(&is_over, true);
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < N; i++)
		baro_core_destroy(core[i]);
	crew_fini(&crew);
}

TestSuite(crew, .init = setup, .fini = teardown, .timeout = 60);

static int
change(const struct baro_core *of, const int *answers, bool becomes)
{
	unsigned i = 0;

	while (core[i] != of)
		i++;
	if (answers[i] == 0)
		has[i] = becomes;
	return answers[i];
}

static int
add(struct baro_core *of, const void *what)
{
	cr_assert_eq(what, has);
	return change(of, makes, true);
}

static int
take_back(struct baro_core *of, const void *what)
{
	cr_assert_eq(what, has);
	return change(of, undoes, false);
}

static int
del(struct baro_core *of, const void *what)
{
	cr_assert_eq(what, has);
	return change(of, makes, false);
}

static void
all_have(bool it)
{
	for (unsigned i = 0; i < N; i++)
		has[i] = it;
}

static void
is(struct crew_outcome o, int err, unsigned at, uint64_t made)
{
	cr_expect_eq(o.err, err);
	cr_expect_eq(o.core, at);
	cr_expect_eq(o.made, made);
}

Test(crew, a_change_is_made_by_all)
{
	cr_expect_eq(crew_change(&crew, add, take_back, has).err, 0);
	cr_expect(has[0] && has[1] && has[2]);
}

Test(crew, a_change_that_one_refuses_is_taken_back_by_those_before)
{
	makes[2] = -ENOMEM;
	is(crew_change(&crew, add, take_back, has), -ENOMEM, 2, 0);
	cr_expect_not(has[0] || has[1] || has[2]);
}

Test(crew, what_is_not_taken_back_is_told)
{
	makes[2] = -ENOMEM;
	undoes[1] = -ENOENT;
	is(crew_change(&crew, add, take_back, has), -ENOMEM, 2, 1 << 1);
	cr_expect(!has[0] && has[1] && !has[2]);
}

Test(crew, what_goes_goes_from_all_who_have_it)
{
	all_have(true);
	makes[0] = -ENOENT;
	cr_expect_eq(crew_remove(&crew, del, has).err, 0);
	cr_expect(!has[1] && !has[2]);
}

Test(crew, one_who_refuses_to_let_go_is_named_and_the_others_too)
{
	all_have(true);
	makes[0] = -EBUSY;
	makes[1] = -ENOENT;
	is(crew_remove(&crew, del, has), -EBUSY, 0, 1 << 2);
	cr_expect_not(has[2]);
}

Test(crew, what_nobody_has_is_not_there)
{
	makes[0] = makes[1] = makes[2] = -ENOENT;
	is(crew_remove(&crew, del, has), -ENOENT, 0, 0);
}

Test(crew, a_core_that_is_not_there_yet_keeps_all_from_changing)
{
	atomic_store(&crew.core[1], NULL);
	is(crew_change(&crew, add, take_back, has), -ESHUTDOWN, 1, 0);
	cr_expect_not(has[0]);
	all_have(true);
	is(crew_remove(&crew, del, has), -ESHUTDOWN, 1, 1 | 1 << 2);
}
