/* SPDX-License-Identifier: BSD-3-Clause */
/* CUBIC against the formulas of RFC 9438, computed here in floating point. */

#include "growth.h"
#include "tcp/cubic.h"

static double
seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

/** W_cubic(t), segments: RFC 9438 §4.2, figure 1 and 2. */
static double
w_cubic(double t, double w_max, double cwnd_epoch)
{
	return 0.4 * pow(t - cbrt((w_max - cwnd_epoch) / 0.4), 3) + w_max;
}

#define assert_near(got, want, share)                                                         \
	cr_assert(fabs((double)(got) - (double)(want)) <= (share)*fabs((double)(want)) + 1.5, \
		"%.2f, not %.2f", (double)(got), (double)(want))

Test(tcp_cubic, cube_roots_are_exact)
{
	static const uint64_t some[] = { 0, 1, 7, 8, 26, 27, 1000000, UINT64_MAX };

	for (unsigned i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		uint64_t r = cubic_root(some[i]);

		cr_assert_leq(r * r * r, some[i]);
		cr_assert(r >= 2642245 || (r + 1) * (r + 1) * (r + 1) > some[i]);
	}
	for (uint64_t r = 1; r < 2642245; r += 1 + r / 7) {
		cr_assert_eq(cubic_root(r * r * r), r);
		cr_assert_eq(cubic_root(r * r * r - 1), r - 1);
	}
}

/* L15: RFC 9438 §4.2: windows of ten to a million segments */
Test(tcp_cubic, curve_is_the_formula)
{
	for (double w_max = 10; w_max <= 1e6; w_max *= 10) {
		struct tcp_cubic_epoch e = { .w_max = (uint32_t)(w_max * MSS) };
		double begin = w_max * 0.7;
		double k = cbrt((w_max - begin) / 0.4);

		e.k = cubic_k((uint32_t)((w_max - begin) * MSS), MSS);
		for (double t = 0; t < 2.5 * k; t += k / 20) {
			uint32_t units = (uint32_t)(t * 1e9 / (1 << CUBIC_TIME_BITS));
			double want = w_cubic(t, w_max, begin);

			assert_near(cubic_window(&e, units, MSS) / (double)MSS, want, 0.005);
		}
	}
}

/* L15: §4.6 */
Test(tcp_cubic, a_loss_leaves_seven_tenths)
{
	struct cc_lab *l = cc_lab("cubic", 100 * MSS, 50 * NS_PER_MS);

	cc_lose(l);
	cr_assert_eq(l->c.cwnd, 70 * MSS);
	cr_assert_eq(l->c.ssthresh, 70 * MSS);
	l->c.cwnd = 2 * MSS;
	cc_lose(l);
	cr_assert_eq(l->c.ssthresh, 2 * MSS, "not below two segments");
}

/* L15: §4.4 concave up to W_max, §4.5 convex beyond; 1000 segments over 100 ms */
Test(tcp_cubic, window_follows_the_curve_over_time)
{
	const uint64_t rtt = 100 * NS_PER_MS;
	struct cc_lab *l = cc_lab("cubic", 1000 * MSS, rtt);
	double k = cbrt(300 / 0.4);
	uint64_t start;

	cc_lose(l);
	start = l->now_ns + rtt / 350; /* the first acknowledgement begins the epoch */
	while (seconds((int64_t)(l->now_ns - start)) < 2 * k) {
		double t;

		cc_round(l);
		/* cwnd is led to what the curve says a round trip later, for as long as that takes */
		t = seconds((int64_t)(l->now_ns - start));
		cr_assert_geq((double)l->c.cwnd / MSS, w_cubic(t, 1000, 700) * 0.995 - 1.5,
			"%.2f s: %u", t, l->c.cwnd);
		cr_assert_leq((double)l->c.cwnd / MSS,
			w_cubic(t + seconds(rtt), 1000, 700) * 1.005 + 1.5, "%.2f s: %u", t,
			l->c.cwnd);
	}
	cr_assert_geq(l->c.cwnd, 1290 * MSS, "as far above W_max as it was below");
}

/* L15: the window depends on time, not on the round trip */
Test(tcp_cubic, growth_does_not_depend_on_the_round_trip)
{
	uint32_t cwnd[2];

	for (int i = 0; i < 2; i++) {
		struct cc_lab *l = cc_lab("cubic", 2000 * MSS, (i == 0 ? 20 : 200) * NS_PER_MS);

		cc_lose(l);
		cc_run(l, 6 * NS_PER_SEC);
		cwnd[i] = l->c.cwnd;
	}
	assert_near(cwnd[0] / MSS, cwnd[1] / MSS, 0.02);
}

/* L15: §4.3: short round trips: NewReno with 9/17 of a segment a round trip would be faster */
Test(tcp_cubic, is_never_slower_than_newreno)
{
	struct cc_lab *l = cc_lab("cubic", 100 * MSS, NS_PER_MS);

	cc_lose(l);
	for (unsigned n = 1; n <= 50; n++) {
		cc_round(l);
		assert_near((double)l->c.cwnd / MSS, 70 + 9.0 / 17 * n, 0.01);
	}
	while (l->c.cwnd < 100 * MSS)
		cc_round(l);
	for (unsigned n = 1; n <= 40; n++) { /* alpha is 1 from cwnd_prior on */
		cc_round(l);
		assert_near((double)l->c.cwnd / MSS, 100 + n, 0.02);
	}
}

/* L16: §4.7 */
Test(tcp_cubic, fast_convergence_leaves_room_for_others)
{
	struct cc_lab *l = cc_lab("cubic", 1000 * MSS, 100 * NS_PER_MS);
	const struct tcp_cubic_epoch *e = &l->c.cc_state.cubic.epoch;

	cc_lose(l);
	cr_assert_eq(e->w_max, 1000 * MSS);
	cc_run(l, NS_PER_SEC);
	cr_assert_lt(l->c.cwnd, 1000 * MSS);
	l->c.cwnd = 800 * MSS;
	cc_lose(l);
	cr_assert_eq(e->w_max, 680 * MSS, "800 * (1 + 0.7) / 2");
	cr_assert_eq(l->c.cwnd, 560 * MSS);
	l->c.cwnd = 700 * MSS;
	cc_lose(l);
	cr_assert_eq(e->w_max, 700 * MSS, "it had come further than the last time");
}

/* L16: §4.8: slow start to ssthresh, then a curve that begins there with K = 0 */
Test(tcp_cubic, time_out_begins_a_curve_where_slow_start_ends)
{
	const uint64_t rtt = 100 * NS_PER_MS;
	struct cc_lab *l = cc_lab("cubic", 1000 * MSS, rtt);
	uint64_t start;

	cc_lose(l);
	l->c.cc->timed_out(&l->c, 700 * MSS, true, l->now_ns);
	cr_assert_eq(l->c.cwnd, MSS);
	cr_assert_eq(l->c.ssthresh, 490 * MSS);
	l->c.cc->timed_out(&l->c, MSS, false, l->now_ns);
	cr_assert_eq(l->c.ssthresh, 490 * MSS, "once");
	while (l->c.cwnd < l->c.ssthresh)
		cc_round(l);
	cr_assert_eq(l->c.cwnd, 490 * MSS);
	cc_ack(l, 2 * MSS);
	start = l->now_ns;
	cr_assert_eq(l->c.cc_state.cubic.epoch.k, 0);
	while (seconds((int64_t)(l->now_ns - start)) < 8) {
		double newreno; /* as fast as it at least, §4.3 */
		double t;

		cc_round(l);
		t = seconds((int64_t)(l->now_ns - start));
		newreno = 490 + 9.0 / 17 * t / seconds(rtt);
		cr_assert_geq(
			(double)l->c.cwnd / MSS, fmax(490 + 0.4 * pow(t, 3), newreno) * 0.995 - 2);
		cr_assert_leq((double)l->c.cwnd / MSS,
			fmax(490 + 0.4 * pow(t + 0.1, 3), newreno) * 1.005 + 2);
	}
}

/* L16: §4.9 */
Test(tcp_cubic, a_reduction_taken_back_leaves_the_curve_as_it_was)
{
	struct cc_lab *l = cc_lab("cubic", 1000 * MSS, 100 * NS_PER_MS);
	uint32_t undisturbed;
	struct tcp_conn before;
	uint64_t now;

	cc_lose(l);
	cc_run(l, 3 * NS_PER_SEC);
	before = l->c;
	now = l->now_ns;
	cc_run(l, 3 * NS_PER_SEC);
	undisturbed = l->c.cwnd;
	for (int is_timeout = 0; is_timeout < 2; is_timeout++) {
		l->c = before;
		l->now_ns = now;
		if (is_timeout)
			l->c.cc->timed_out(&l->c, l->c.cwnd, true, l->now_ns);
		else
			l->c.cc->lost(&l->c, l->c.cwnd, l->now_ns);
		l->c.cwnd = before.cwnd; /* as whoever found out does */
		l->c.ssthresh = before.ssthresh;
		l->c.cc->undone(&l->c, l->now_ns);
		cc_run(l, 3 * NS_PER_SEC);
		assert_near(l->c.cwnd / MSS, undisturbed / MSS, 0.001);
	}
}

/* L03: §5.8: time in which the window was not used is no time of the curve */
Test(tcp_cubic, unused_time_does_not_count)
{
	struct cc_lab *l = cc_lab("cubic", 1000 * MSS, 100 * NS_PER_MS);
	uint32_t undisturbed;
	struct tcp_conn before;
	uint64_t now;

	l->c.rto_ns = 3600 * NS_PER_SEC; /* what shrinks windows is another test's matter */
	cc_lose(l);
	cc_run(l, 2 * NS_PER_SEC);
	before = l->c;
	now = l->now_ns;
	cc_run(l, 2 * NS_PER_SEC);
	undisturbed = l->c.cwnd;
	l->c = before; /* short of text */
	l->now_ns = now;
	l->is_idle = true;
	for (int i = 0; i < 300; i++) {
		l->now_ns += 100 * NS_PER_MS;
		cc_ack(l, MSS);
	}
	cr_assert_eq(l->c.cwnd, before.cwnd);
	l->is_idle = false;
	cc_run(l, 2 * NS_PER_SEC);
	assert_near(l->c.cwnd / MSS, undisturbed / MSS, 0.01);
	l->c = before; /* silent */
	l->now_ns = now + 30 * NS_PER_SEC;
	l->c.cc->idle(&l->c, 30 * NS_PER_SEC);
	cr_assert_eq(l->c.cwnd, before.cwnd);
	cc_run(l, 2 * NS_PER_SEC);
	assert_near(l->c.cwnd / MSS, undisturbed / MSS, 0.01);
}

/* L03: §5.8: pauses shorter than a time-out, after each of which a little is sent */
Test(tcp_cubic, pauses_do_not_turn_the_curve_back)
{
	struct cc_lab *l = cc_lab("cubic", 1000 * MSS, 10 * NS_PER_MS);
	const struct tcp_cubic *q = &l->c.cc_state.cubic;
	uint32_t t;

	l->c.rto_ns = 3600 * NS_PER_SEC;
	cc_lose(l);
	cc_run(l, NS_PER_SEC);
	t = q->last - q->epoch.start;
	l->is_idle = true;
	for (int i = 0; i < 100; i++) {
		l->now_ns += 100 * NS_PER_MS;
		l->c.cc->idle(&l->c, 100 * NS_PER_MS);
		l->now_ns += l->rtt_ns;
		cc_ack(l, MSS);
	}
	cr_expect_eq(q->last - q->epoch.start, t);
}

/* L03: after a pause slow start leads back, and a new curve to where the window had been */
Test(tcp_cubic, a_pause_is_followed_by_slow_start)
{
	struct cc_lab *l = cc_lab("cubic", 1000 * MSS, 100 * NS_PER_MS);

	cc_lose(l);
	cc_run(l, 3 * NS_PER_SEC);
	l->c.cc->idle(&l->c, NS_PER_SEC);
	cr_assert_eq(l->c.cwnd, 10 * MSS);
	cr_assert_geq(l->c.ssthresh, 700 * MSS);
	l->now_ns += NS_PER_SEC;
	cc_rounds(l, 9);
	cr_assert_geq(l->c.cwnd, l->c.ssthresh);
	cr_assert_leq(l->c.cwnd, l->c.ssthresh + l->c.ssthresh / 10, "no leap to an old estimate");
}

/* L15: RFC 8511: 0.85 for a mark, if wanted */
Test(tcp_cubic, a_mark_counts_as_a_loss_or_less)
{
	struct cc_lab *l = cc_lab("cubic", 1000 * MSS, 100 * NS_PER_MS);

	l->c.cc->marked(&l->c, l->c.cwnd, l->now_ns);
	cr_assert_eq(l->c.cwnd, 700 * MSS);
	l = cc_lab("cubic", 1000 * MSS, 100 * NS_PER_MS);
	l->tcp.common.with_abe = true;
	l->c.cc->marked(&l->c, l->c.cwnd, l->now_ns);
	cr_assert_eq(l->c.cwnd, 850 * MSS);
	l->c.cc->lost(&l->c, l->c.cwnd, l->now_ns);
	cr_assert_eq(l->c.cwnd, 595 * MSS);
}

/* L02 L15: §4.2: at most half a window more a round trip */
Test(tcp_cubic, growth_is_bounded_far_out_on_the_curve)
{
	struct cc_lab *l = cc_lab("cubic", 100 * MSS, 100 * NS_PER_MS);

	cc_lose(l);
	cc_round(l);
	l->now_ns += 100 * NS_PER_SEC;
	for (int i = 0; i < 5; i++) {
		uint32_t was = l->c.cwnd;

		cc_round(l);
		cr_assert_leq(l->c.cwnd, was * 17 / 10, "%u after %u", l->c.cwnd, was);
	}
}
