/* SPDX-License-Identifier: BSD-3-Clause */

/* Another thread asks a core: answered in slices, a turn each. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "runtime/core.h"

static struct baro_core *core;

struct question {
	unsigned n_slices;
	unsigned n_done;
	pthread_t answered_by;
	struct mailbox *box;
	uint64_t patience_ns;
	int err;
	atomic_bool is_over;
};

static bool
slice(struct baro_core *of, void *question)
{
	struct question *q = question;

	cr_assert_eq(of, core);
	q->answered_by = pthread_self();
	return ++q->n_done == q->n_slices;
}

static void *
ask(void *arg)
{
	struct question *q = arg;

	q->err = mailbox_ask(q->box, NULL, slice, q, q->patience_ns);
	atomic_store(&q->is_over, true);
	return NULL;
}

static void
setup(void)
{
	cr_assert_eq(baro_core_create(NULL, 0, &core), 0);
}

static void
teardown(void)
{
	baro_core_destroy(core);
}

TestSuite(mailbox, .init = setup, .fini = teardown, .timeout = 30);

/* however many rows: the data path goes on meanwhile */
Test(mailbox, a_core_answers_in_its_own_turns_a_slice_each)
{
	struct question q = {
		.n_slices = 5, .box = &core->mailbox, .patience_ns = 10 * NS_PER_SEC
	};
	unsigned n_turns = 0;
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, ask, &q), 0);
	while (!atomic_load(&q.is_over))
		n_turns += baro_core_poll(core, 0); /* a slice is work: the loop does not sleep */
	pthread_join(thread, NULL);
	cr_expect_eq(q.err, 0);
	cr_expect_eq(q.n_done, 5);
	cr_expect_eq(n_turns, 5, "one slice a turn, not %u turns", n_turns);
	cr_expect(pthread_equal(q.answered_by, pthread_self()));
}

Test(mailbox, who_asks_a_core_that_takes_no_turns_is_told)
{
	struct question q = { .n_slices = 1, .box = &core->mailbox, .patience_ns = NS_PER_MS };

	ask(&q);
	cr_expect_eq(q.err, -ETIMEDOUT);
	baro_core_poll(core, 0);
	cr_expect_eq(q.n_done, 0, "the question was withdrawn");
}

/* Slices that go on keep the asker patient, however long all of them take. */
Test(mailbox, patience_begins_anew_with_each_slice)
{
	struct question q = {
		.n_slices = 40, .box = &core->mailbox, .patience_ns = 40 * NS_PER_MS
	};
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, ask, &q), 0);
	while (!atomic_load(&q.is_over)) {
		baro_core_poll(core, 0);
		nanosleep(&(struct timespec){ .tv_nsec = 2 * 1000 * 1000 }, NULL);
	}
	pthread_join(thread, NULL);
	cr_expect_eq(q.err, 0, "%d after %u slices", q.err, q.n_done);
}

Test(mailbox, a_core_that_has_ended_answers_nobody)
{
	struct question q = { .n_slices = 1, .box = &core->mailbox, .patience_ns = NS_PER_SEC };

	mailbox_close(&core->mailbox);
	ask(&q);
	cr_expect_eq(q.err, -ESHUTDOWN);
}

Test(mailbox, a_core_that_ends_lets_the_asker_go)
{
	struct question q = {
		.n_slices = 2, .box = &core->mailbox, .patience_ns = 20 * NS_PER_SEC
	};
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, ask, &q), 0);
	while (baro_core_poll(core, 0) == 0)
		;
	mailbox_close(&core->mailbox);
	pthread_join(thread, NULL);
	cr_expect_eq(q.err, -ESHUTDOWN);
	cr_expect_eq(q.n_done, 1);
}

enum { N_ASKERS = 4, N_QUESTIONS = 200 };

static void *
ask_often(void *arg)
{
	for (unsigned i = 0; i < N_QUESTIONS; i++) {
		struct question q = {
			.n_slices = 1 + i % 3, .box = &core->mailbox, .patience_ns = 10 * NS_PER_SEC
		};

		ask(&q);
		cr_assert_eq(q.err, 0);
		cr_assert_eq(q.n_done, q.n_slices);
	}
	atomic_fetch_add((atomic_uint *)arg, 1);
	return NULL;
}

Test(mailbox, askers_take_turns)
{
	atomic_uint n_over = 0;
	pthread_t thread[N_ASKERS];

	for (unsigned i = 0; i < N_ASKERS; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, ask_often, &n_over), 0);
	while (atomic_load(&n_over) < N_ASKERS)
		baro_core_poll(core, 0);
	for (unsigned i = 0; i < N_ASKERS; i++)
		pthread_join(thread[i], NULL);
}
