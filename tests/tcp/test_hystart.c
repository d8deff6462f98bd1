/* SPDX-License-Identifier: BSD-3-Clause */
/* HyStart++: RFC 9406. */

#include "story.h"
#include "tcp/hystart.h"

enum { MSS = 1000 };

struct way {
	struct tcp_hystart h;
	uint32_t una;
	uint32_t nxt;
};

/** A round in which @n acknowledgements of a segment tell of @rtt_us each. @return the last verdict */
static enum hystart_phase
pass_round(struct way *w, int n, uint64_t rtt_us)
{
	enum hystart_phase phase = HYSTART_SLOW_START;

	for (int i = 0; i < n; i++) {
		w->una += MSS;
		w->nxt += 2 * MSS;
		phase = hystart_acked(
			&w->h, (struct seq){ w->una }, (struct seq){ w->nxt }, rtt_us * NS_PER_US);
	}
	return phase;
}

/** @rounds rounds, each as long as what was in flight when it began. */
static enum hystart_phase
pass(struct way *w, int rounds, uint64_t rtt_us)
{
	enum hystart_phase phase = HYSTART_SLOW_START;

	for (; rounds > 0; rounds--)
		phase = pass_round(w, (int)((w->h.window_end.n - w->una) / MSS), rtt_us);
	return phase;
}

/** Slow start with @n segments in flight. */
static struct way
way(uint32_t n)
{
	struct way w = { .una = 0xfffff000u, .nxt = 0xfffff000u + n * MSS };

	hystart_begin(&w.h, (struct seq){ w.nxt });
	return w;
}

/* L02: RFC 9406 §4.2 */
Test(tcp_hystart, steady_round_trips_leave_slow_start_alone)
{
	struct way w = way(10);

	cr_assert_eq(pass(&w, 8, 100000), HYSTART_SLOW_START);
}

/* the threshold is an eighth of the round trip, 4 ms at least and 16 ms at most */
Test(tcp_hystart, round_trips_that_grow_lead_to_css)
{
	static const struct {
		uint64_t rtt_us;
		uint64_t thresh_us;
	} rows[] = { { 1000, 4000 }, { 80000, 10000 }, { 400000, 16000 } };

	for (unsigned i = 0; i < 3; i++) {
		struct way w = way(10);

		pass(&w, 2, rows[i].rtt_us);
		cr_assert_eq(pass_round(&w, 8, rows[i].rtt_us + rows[i].thresh_us - 1),
			HYSTART_SLOW_START);
		w = way(10);
		pass(&w, 2, rows[i].rtt_us);
		cr_assert_eq(pass_round(&w, 7, rows[i].rtt_us + rows[i].thresh_us),
			HYSTART_SLOW_START, "eight samples are needed");
		cr_assert_eq(pass_round(&w, 1, rows[i].rtt_us + rows[i].thresh_us), HYSTART_CSS);
	}
}

Test(tcp_hystart, one_quick_segment_shows_that_there_is_no_queue)
{
	struct way w = way(10);

	pass(&w, 2, 50000);
	pass_round(&w, 1, 50000);
	cr_assert_eq(pass_round(&w, 20, 90000), HYSTART_SLOW_START);
}

Test(tcp_hystart, css_lasts_five_rounds)
{
	struct way w = way(10);

	pass(&w, 2, 50000);
	cr_assert_eq(pass_round(&w, 8, 60000), HYSTART_CSS);
	cr_assert_eq(pass(&w, 4, 60000), HYSTART_CSS, "the rest of this round counts as one");
	cr_assert_eq(pass(&w, 1, 60000), HYSTART_OVER);
}

/* §4.2: when the delay goes although cwnd grows, it was not ours */
Test(tcp_hystart, a_delay_that_goes_leads_back_to_slow_start)
{
	struct way w = way(10);

	pass(&w, 2, 50000);
	pass_round(&w, 8, 60000);
	cr_assert_eq(pass(&w, 2, 60000), HYSTART_CSS);
	cr_assert_eq(pass(&w, 1, 55000), HYSTART_SLOW_START);
	cr_assert_eq(pass(&w, 3, 55000), HYSTART_SLOW_START);
	cr_assert_eq(pass_round(&w, 8, 70000), HYSTART_CSS, "and it may begin again");
	cr_assert_eq(pass(&w, 4, 70000), HYSTART_CSS, "with five rounds again");
	cr_assert_eq(pass(&w, 1, 70000), HYSTART_OVER);
}

Test(tcp_hystart, acknowledgements_without_a_round_trip_are_no_samples)
{
	struct way w = way(10);

	pass(&w, 2, 50000);
	cr_assert_eq(pass_round(&w, 20, 0), HYSTART_SLOW_START);
	cr_assert_eq(pass_round(&w, 8, 60000), HYSTART_CSS);
}
