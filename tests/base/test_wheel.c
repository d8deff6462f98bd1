/* SPDX-License-Identifier: BSD-3-Clause */

/* The timer wheel, by hand and against an oracle that just keeps a list. */

#include <criterion/criterion.h>

#include "base/check.h"
#include "base/rand.h"
#include "base/wheel.h"

#define TICK_NS  (UINT64_C(1) << WHEEL_TICK_BITS)
#define HOUR_NS  (3600 * NS_PER_SEC)
#define YEAR_NS  (365 * 24 * HOUR_NS)
#define RANGE_NS (TICK_NS << WHEEL_LEVELS * WHEEL_SLOT_BITS)

static struct wheel w;
static struct list expired;

static void
begin(uint64_t now_ns)
{
	wheel_init(&w, now_ns);
	list_init(&expired);
}

static struct wheel_timer
new_timer(void)
{
	struct wheel_timer t = { .kind = 0 };

	return t;
}

/* Take the first expired timer, or NULL. */
static struct wheel_timer *
take(void)
{
	struct list *node = list_first(&expired);

	if (node == NULL)
		return NULL;
	list_remove(node);
	return holder_of(node, struct wheel_timer, node);
}

static void
start(struct wheel_timer *t, uint64_t deadline_ns)
{
	*t = new_timer();
	wheel_timer_init(t, 0);
	wheel_start(&w, t, deadline_ns);
}

/* A turn has an end: what is due beyond it stays armed, in its order, and can still be stopped and moved */
Test(wheel, of_very_many_that_are_due_a_call_hands_out_a_batch)
{
	enum { MANY = 3 * WHEEL_BATCH };
	static struct wheel_timer t[MANY];
	const uint64_t now_ns = 10 * NS_PER_SEC;
	uint32_t next = 0;

	begin(0);
	/* three a tick, so that batches end between two and within one */
	for (uint32_t i = 0; i < MANY; i++)
		start(&t[i], NS_PER_SEC + i / 3 * TICK_NS);
	wheel_expire(&w, now_ns, &expired);
	for (; next < WHEEL_BATCH; next++)
		cr_assert_eq(take(), &t[next]);
	cr_assert_null(take());
	cr_assert_leq(wheel_next(&w), now_ns);
	cr_assert(t[next].is_armed);
	wheel_stop(&w, &t[next++]);
	wheel_start(&w, &t[MANY - 1], now_ns + NS_PER_SEC);
	for (uint32_t i = 0; i < 2; i++)
		wheel_expire(&w, now_ns, &expired);
	for (; next < MANY - 1; next++)
		cr_assert_eq(take(), &t[next]);
	cr_assert_null(take());
	cr_assert_gt(wheel_next(&w), now_ns);
	wheel_expire(&w, now_ns + 2 * NS_PER_SEC, &expired);
	cr_assert_eq(take(), &t[MANY - 1]);
	cr_assert_eq(w.n_armed, 0);
}

/* What is started while others wait is due after them, however early it would have been */
Test(wheel, one_started_while_others_wait_comes_in_its_turn)
{
	enum { MANY = WHEEL_BATCH + 10 };
	static struct wheel_timer t[MANY];
	struct wheel_timer late;

	begin(0);
	for (uint32_t i = 0; i < MANY; i++)
		start(&t[i], NS_PER_SEC);
	wheel_expire(&w, 2 * NS_PER_SEC, &expired);
	while (take() != NULL)
		;
	start(&late, NS_PER_MS);
	wheel_expire(&w, 2 * NS_PER_SEC, &expired);
	for (uint32_t i = WHEEL_BATCH; i < MANY; i++)
		cr_assert_eq(take(), &t[i]);
	cr_assert_eq(take(), &late);
	cr_assert_null(take());
	cr_assert_eq(w.n_armed, 0);
}

Test(wheel, empty_wheel_has_nothing_to_do)
{
	begin(0);
	cr_expect_eq(wheel_next(&w), TIME_NEVER);
	wheel_expire(&w, 100 * YEAR_NS, &expired);
	cr_expect_null(take());
}

Test(wheel, fires_neither_early_nor_more_than_a_tick_late)
{
	static const struct {
		const char *name;
		uint64_t begin_ns;
		uint64_t delay_ns;
	} rows[] = {
		{ "at once", 0, 0 },
		{ "one nanosecond", 0, 1 },
		{ "a tick", 0, TICK_NS },
		{ "a tick and a bit, from the middle of one", 12345, TICK_NS + 1 },
		{ "last slot of level 0", 0, 255 * TICK_NS },
		{ "first slot of level 1", 0, 256 * TICK_NS },
		{ "delayed acknowledgement", 7 * NS_PER_SEC, 40 * NS_PER_MS },
		{ "minimum RTO", 7 * NS_PER_SEC + 1, 200 * NS_PER_MS },
		{ "last slot of level 1", 0, 65535 * TICK_NS },
		{ "first slot of level 2", 0, 65536 * TICK_NS },
		{ "keepalive", 123 * NS_PER_SEC, 2 * HOUR_NS },
		{ "level 3", 99, 10 * HOUR_NS },
		{ "last tick of the range", 0, RANGE_NS - 1 },
		{ "just beyond the range", 0, RANGE_NS },
		{ "far beyond the range", 5 * HOUR_NS, 3 * RANGE_NS + 17 * NS_PER_SEC },
		{ "a hundred years, late in life", 100 * YEAR_NS, 100 * YEAR_NS },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t deadline = rows[i].begin_ns + rows[i].delay_ns;
		uint64_t now = rows[i].begin_ns;
		struct wheel_timer t;

		begin(now);
		start(&t, deadline);
		while (t.is_armed) {
			uint64_t next = wheel_next(&w);

			cr_assert_leq(next, deadline + TICK_NS, "%s: next is late", rows[i].name);
			now = max_u64(now, next);
			wheel_expire(&w, now, &expired);
		}
		cr_expect(now >= deadline && now < deadline + TICK_NS, "%s: %lu", rows[i].name,
			(unsigned long)now);
		cr_expect(take() == &t, "%s", rows[i].name);
	}
}

Test(wheel, next_is_exact_within_level_0_and_needs_few_calls_above)
{
	struct wheel_timer t;
	uint64_t deadline = 2 * HOUR_NS;
	int n_calls = 0;

	begin(0);
	start(&t, 200 * TICK_NS);
	cr_expect_eq(wheel_next(&w), 200 * TICK_NS);
	wheel_start(&w, &t, deadline);
	while (t.is_armed) {
		wheel_expire(&w, wheel_next(&w), &expired);
		n_calls++;
	}
	cr_expect_leq(n_calls, WHEEL_LEVELS);
}

Test(wheel, starting_again_moves_the_timer)
{
	struct wheel_timer t;

	begin(0);
	start(&t, 10 * NS_PER_MS);
	wheel_start(&w, &t, 500 * NS_PER_MS);
	cr_expect_eq(w.n_armed, 1);
	wheel_expire(&w, 499 * NS_PER_MS, &expired);
	cr_expect_null(take());
	wheel_start(&w, &t, 499 * NS_PER_MS);
	wheel_expire(&w, 499 * NS_PER_MS + TICK_NS, &expired);
	cr_expect(take() == &t);
	cr_expect_eq(w.n_armed, 0);
}

Test(wheel, stopped_timer_does_not_fire)
{
	struct wheel_timer t;

	begin(0);
	start(&t, 10 * NS_PER_MS);
	wheel_stop(&w, &t);
	wheel_stop(&w, &t);
	cr_expect_eq(wheel_next(&w), TIME_NEVER);
	wheel_expire(&w, NS_PER_SEC, &expired);
	cr_expect_null(take());
}

Test(wheel, deadline_of_never_disarms)
{
	struct wheel_timer t;

	begin(0);
	start(&t, 10 * NS_PER_MS);
	wheel_start(&w, &t, TIME_NEVER);
	cr_expect_not(t.is_armed);
	cr_expect_eq(wheel_next(&w), TIME_NEVER);
}

Test(wheel, latest_deadline_of_all_can_be_armed_and_stopped)
{
	struct wheel_timer t;

	begin(TIME_NEVER - NS_PER_SEC);
	start(&t, TIME_NEVER - 1);
	cr_expect(t.is_armed);
	cr_expect_geq(wheel_next(&w), TIME_NEVER - NS_PER_SEC);
	wheel_expire(&w, TIME_NEVER - 2, &expired);
	cr_expect_null(take());
	wheel_stop(&w, &t);
	cr_expect_eq(w.n_armed, 0);
}

Test(wheel, deadline_in_the_past_fires_at_the_next_expire_of_the_same_instant)
{
	struct wheel_timer t;

	begin(0);
	wheel_expire(&w, NS_PER_SEC, &expired);
	start(&t, 5);
	cr_expect_leq(wheel_next(&w), NS_PER_SEC);
	wheel_expire(&w, NS_PER_SEC, &expired);
	cr_expect(take() == &t);
}

Test(wheel, clock_that_goes_back_expires_nothing)
{
	struct wheel_timer t;

	begin(NS_PER_SEC);
	start(&t, NS_PER_SEC / 2);
	wheel_expire(&w, NS_PER_SEC / 4, &expired);
	cr_expect_null(take());
	wheel_expire(&w, NS_PER_SEC, &expired);
	cr_expect(take() == &t);
}

/* The first was hung lower on its way: that must not be remembered as something to be done */
Test(wheel, clock_that_goes_back_behind_what_expired_is_where_it_was)
{
	const uint64_t first = 1000;
	struct wheel_timer a;
	struct wheel_timer b;

	begin(0);
	start(&a, first * TICK_NS);
	wheel_expire(&w, (first + 1000) * TICK_NS, &expired);
	cr_expect(take() == &a);
	start(&a, (first + 1005) * TICK_NS);
	start(&b, (first + 1200) * TICK_NS);
	wheel_expire(&w, (first + 500) * TICK_NS, &expired);
	cr_expect_null(take());
	wheel_expire(&w, (first + 1100) * TICK_NS, &expired);
	cr_expect(take() == &a);
	cr_expect_null(take());
	wheel_expire(&w, (first + 1199) * TICK_NS, &expired);
	cr_expect_null(take());
	wheel_expire(&w, (first + 1200) * TICK_NS, &expired);
	cr_expect(take() == &b);
}

Test(wheel, expired_timer_can_be_stopped_before_its_turn)
{
	struct wheel_timer a;
	struct wheel_timer b;
	struct wheel_timer c;

	begin(0);
	start(&a, 1 * NS_PER_MS);
	start(&b, 2 * NS_PER_MS);
	start(&c, 3 * NS_PER_MS);
	wheel_expire(&w, NS_PER_SEC, &expired);
	cr_expect(take() == &a);
	wheel_stop(&w, &b);
	cr_expect(take() == &c);
	cr_expect_null(take());
	cr_expect_eq(w.n_armed, 0);
}

Test(wheel, expired_timer_can_be_started_before_its_turn)
{
	struct wheel_timer a;
	struct wheel_timer b;

	begin(0);
	start(&a, 1 * NS_PER_MS);
	start(&b, 2 * NS_PER_MS);
	wheel_expire(&w, NS_PER_SEC, &expired);
	cr_expect(take() == &a);
	wheel_start(&w, &a, NS_PER_SEC + NS_PER_MS);
	wheel_start(&w, &b, NS_PER_SEC + 2 * NS_PER_MS);
	cr_expect_null(take());
	wheel_expire(&w, 2 * NS_PER_SEC, &expired);
	cr_expect(take() == &a);
	cr_expect(take() == &b);
}

/* R04 */
Test(wheel, clock_jump_fires_each_timer_once_and_in_order)
{
	static const struct {
		const char *name;
		uint64_t jump_ns;
	} rows[] = {
		{ "a second", NS_PER_SEC },
		{ "an hour", HOUR_NS },
		{ "a day", 24 * HOUR_NS },
		{ "a hundred years", 100 * YEAR_NS },
	};
	enum { N = 64 };
	struct wheel_timer t[N];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		/* powers of two lie in every level and beyond; the latest is armed first */
		begin(0);
		for (unsigned n = N; n-- > 0;)
			start(&t[n], UINT64_C(1) << n);
		wheel_expire(&w, rows[i].jump_ns, &expired);
		for (unsigned n = 0; n < N; n++) {
			uint64_t deadline = UINT64_C(1) << n;

			if (deadline > rows[i].jump_ns / TICK_NS * TICK_NS)
				cr_expect(t[n].is_armed, "%s: %u", rows[i].name, n);
			else if (deadline > TICK_NS)
				cr_expect(take() == &t[n], "%s: %u", rows[i].name, n);
			else /* all due in the first tick */
				cr_expect_not_null(take(), "%s: %u", rows[i].name, n);
		}
		cr_expect_null(take(), "%s", rows[i].name);
	}
}

/* R04 */
Test(wheel, tick_that_passes_32_bits_is_nothing_special)
{
	uint64_t wrap_ns = TICK_NS << 32;
	struct wheel_timer before;
	struct wheel_timer at;
	struct wheel_timer after;

	begin(wrap_ns - 10 * TICK_NS);
	start(&after, wrap_ns + 5 * TICK_NS);
	start(&at, wrap_ns);
	start(&before, wrap_ns - 5 * TICK_NS);
	wheel_expire(&w, wrap_ns - 1, &expired);
	cr_expect(take() == &before);
	cr_expect_null(take());
	cr_expect_eq(wheel_next(&w), wrap_ns);
	wheel_expire(&w, wrap_ns, &expired);
	cr_expect(take() == &at);
	cr_expect_null(take());
	wheel_expire(&w, wrap_ns + 5 * TICK_NS, &expired);
	cr_expect(take() == &after);
}

/* The oracle: for each timer, the tick at which it is due. */

enum { N_TIMERS = 48 };

struct oracle {
	struct wheel_timer timer[N_TIMERS];
	uint64_t due[N_TIMERS]; /* UINT64_MAX: not armed */
	uint64_t now_ns;
	struct rand rand;
};

/* A number of any magnitude below 2^@bits. */
static uint64_t
any_size(struct rand *r, uint32_t bits)
{
	return rand_u64(r) >> (64 - bits + rand_below(r, bits));
}

static void
start_any(struct oracle *o)
{
	uint32_t i = rand_below(&o->rand, N_TIMERS);
	uint64_t deadline = o->now_ns + any_size(&o->rand, 56);

	if (rand_below(&o->rand, 8) == 0)
		deadline = o->now_ns - min_u64(o->now_ns, any_size(&o->rand, 30));
	wheel_start(&w, &o->timer[i], deadline);
	o->due[i] = max_u64((deadline + TICK_NS - 1) / TICK_NS, o->now_ns / TICK_NS);
}

static void
stop_any(struct oracle *o)
{
	uint32_t i = rand_below(&o->rand, N_TIMERS);

	wheel_stop(&w, &o->timer[i]);
	o->due[i] = UINT64_MAX;
}

static void
expire_and_compare(struct oracle *o, uint64_t step)
{
	uint64_t last = 0;
	struct wheel_timer *t;

	wheel_expire(&w, o->now_ns, &expired);
	while ((t = take()) != NULL) {
		uint64_t due = o->due[t - o->timer];

		cr_assert_leq(due, o->now_ns / TICK_NS, "step %lu: early", (unsigned long)step);
		cr_assert_geq(due, last, "step %lu: out of order", (unsigned long)step);
		cr_assert_not(t->is_armed);
		o->due[t - o->timer] = UINT64_MAX;
		last = due;
	}
}

static void
compare_armed(const struct oracle *o, uint64_t step)
{
	uint64_t first = UINT64_MAX;
	uint32_t n_armed = 0;
	uint64_t next = wheel_next(&w);

	for (int i = 0; i < N_TIMERS; i++) {
		cr_assert_eq(o->timer[i].is_armed, o->due[i] != UINT64_MAX, "step %lu: timer %d",
			(unsigned long)step, i);
		n_armed += o->timer[i].is_armed;
		first = min_u64(first, o->due[i]);
	}
	cr_assert_eq(w.n_armed, n_armed);
	if (first == UINT64_MAX) {
		cr_assert_eq(next, TIME_NEVER);
		return;
	}
	cr_assert_leq(next, first * TICK_NS, "step %lu: next is late", (unsigned long)step);
	if (first >> WHEEL_SLOT_BITS == o->now_ns / TICK_NS >> WHEEL_SLOT_BITS)
		cr_assert_eq(next, first * TICK_NS, "step %lu: inexact", (unsigned long)step);
	else
		cr_assert_gt(next, o->now_ns, "step %lu: would spin", (unsigned long)step);
}

static void
run_against_oracle(uint64_t seed, uint64_t begin_ns, uint32_t jump_bits)
{
	struct oracle o = { .now_ns = begin_ns };

	rand_seed(&o.rand, seed);
	begin(begin_ns);
	for (int i = 0; i < N_TIMERS; i++) {
		wheel_timer_init(&o.timer[i], 0);
		o.due[i] = UINT64_MAX;
	}
	for (uint64_t step = 0; step < 6000; step++) {
		switch (rand_below(&o.rand, 4)) {
		case 0:
			stop_any(&o);
			break;
		case 1:
			o.now_ns += any_size(&o.rand, jump_bits);
			expire_and_compare(&o, step);
			break;
		default:
			start_any(&o);
		}
		compare_armed(&o, step);
	}
}

Test(wheel, agrees_with_the_oracle_under_small_steps)
{
	run_against_oracle(1, 0, 24);
}

Test(wheel, agrees_with_the_oracle_under_steps_of_any_size)
{
	run_against_oracle(2, 0, 50);
}

/* R04 */
Test(wheel, agrees_with_the_oracle_where_the_top_level_turns_over)
{
	run_against_oracle(3, RANGE_NS - NS_PER_SEC, 44);
}

Test(wheel, agrees_with_the_oracle_late_in_life)
{
	run_against_oracle(4, 200 * YEAR_NS + 12345, 48);
}
