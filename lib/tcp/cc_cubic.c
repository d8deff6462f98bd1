/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CUBIC (RFC 9438): after a reduction the window grows along a cubic curve that is flat where
 * the last loss was, so it depends on time and not on the round trip; where NewReno would
 * be faster it is as fast as that. An acknowledgement costs two evaluations of the curve, some
 * multiplications; a division is made only when cwnd grows by a segment.
 */

#include "tcp/cc.h"
#include "tcp/cc_window.h"
#include "tcp/cubic.h"

enum {
	BETA = 70,     /* beta_cubic in percent, §4.6 */
	BETA_ECN = 85, /* RFC 8511 §3.1 */
	/* alpha_cubic, §4.3: 3 * (1 - beta) / (1 + beta) = 9 / 17 */
	ALPHA = 9,
	ALPHA_ONE = 17,
};

static uint32_t
cubic_time(uint64_t ns)
{
	return (uint32_t)(ns >> CUBIC_TIME_BITS);
}

static int
open(struct tcp_conn *c, uint64_t now_ns)
{
	(void)now_ns;
	c->cc_state.cubic = (struct tcp_cubic){ 0 };
	hystart_begin(&c->cc_state.cubic.hystart, c->snd_nxt);
	return 0;
}

/** Congestion avoidance begins. Without a W_max, K is 0 and the curve begins here: §4.8, §4.10. */
static void
begin_epoch(struct tcp_conn *c, struct tcp_cubic *q)
{
	struct tcp_cubic_epoch *e = &q->epoch;

	e->is_begun = true;
	e->start = q->last;
	e->w_est = c->cwnd;
	e->w_max = max_u32(e->w_max, c->cwnd);
	e->k = cubic_k(e->w_max - c->cwnd, c->mss);
	if (e->cwnd_prior == 0)
		e->cwnd_prior = c->cwnd;
	q->grown = 0;
	q->est_acked = 0;
}

/** §4.3: what NewReno with this beta would have by now, on average. */
static void
grow_estimate(struct tcp_conn *c, struct tcp_cubic *q, uint32_t acked)
{
	struct tcp_cubic_epoch *e = &q->epoch;

	q->est_acked += (uint64_t)acked * (e->w_est < e->cwnd_prior ? ALPHA : ALPHA_ONE);
	if (q->est_acked >= (uint64_t)ALPHA_ONE * c->cwnd) {
		q->est_acked -= (uint64_t)ALPHA_ONE * c->cwnd;
		e->w_est += c->mss;
	}
}

/** §4.4, §4.5: by (target - cwnd) / cwnd for each segment acknowledged. */
static void
grow_towards(struct tcp_conn *c, struct tcp_cubic *q, uint32_t target, uint32_t acked)
{
	uint64_t segment = (uint64_t)c->cwnd * c->mss;

	target = min_u32(target, c->cwnd + c->cwnd / 2);
	if (target <= c->cwnd)
		return;
	q->grown += (uint64_t)acked * (target - c->cwnd);
	if (q->grown < segment)
		return;
	c->cwnd += (uint32_t)(q->grown / segment) * c->mss;
	q->grown %= segment;
}

static void
avoid_congestion(struct tcp_conn *c, struct tcp_cubic *q, const struct tcp_cc_sample *s)
{
	struct tcp_cubic_epoch *e = &q->epoch;
	uint32_t t;

	if (!e->is_begun)
		begin_epoch(c, q);
	t = q->last - e->start;
	grow_estimate(c, q, s->acked);
	if (cubic_window(e, t, c->mss) < e->w_est)
		c->cwnd = max_u32(c->cwnd, e->w_est);
	else
		grow_towards(c, q, cubic_window(e, t + cubic_time(c->srtt_ns), c->mss), s->acked);
}

static void
acked(struct tcp_conn *c, const struct tcp_cc_sample *s)
{
	struct tcp_cubic *q = &c->cc_state.cubic;
	uint32_t now = cubic_time(s->now_ns);
	uint32_t since = now - q->last;
	uint32_t was = c->cwnd;

	q->last = now;
	if (!cc_window_is_used(c, s)) {
		q->epoch.start += since; /* §5.8: t stands still */
		if (c->cwnd != was)
			q->epoch.is_begun = false;
	} else if (c->cwnd < c->ssthresh) {
		cc_slow_start(c, &q->hystart, s);
	} else {
		avoid_congestion(c, q, s);
	}
}

/** §4.6, §4.7: where cwnd has not come as far as the last time, others want a share: leave more. */
static void
remember(struct tcp_conn *c, uint32_t percent)
{
	struct tcp_cubic *q = &c->cc_state.cubic;
	struct tcp_cubic_epoch *e = &q->epoch;
	bool is_shrinking = c->cwnd < e->w_max;

	q->undo = *e;
	e->w_max = is_shrinking ? (uint32_t)((uint64_t)c->cwnd * (100 + percent) / 200) : c->cwnd;
	e->cwnd_prior = c->cwnd;
	e->is_begun = false;
}

static void
reduce(struct tcp_conn *c, uint32_t flight, uint32_t percent)
{
	remember(c, percent);
	c->ssthresh = cc_reduced(c, flight, percent);
	c->cwnd = c->ssthresh;
}

static void
lost(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	(void)now_ns;
	reduce(c, flight, BETA);
}

static void
marked(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	(void)now_ns;
	reduce(c, flight, common_of(c)->with_abe ? BETA_ECN : BETA);
}

/** §4.8: slow start to ssthresh; the curve then begins there, with K = 0. */
static void
timed_out(struct tcp_conn *c, uint32_t flight, bool is_first, uint64_t now_ns)
{
	(void)now_ns;
	if (is_first) {
		remember(c, BETA);
		c->ssthresh = cc_reduced(c, flight, BETA);
	}
	c->cc_state.cubic.epoch.w_max = 0;
	c->cwnd = c->mss;
}

/** §4.9 */
static void
undone(struct tcp_conn *c, uint64_t now_ns)
{
	(void)now_ns;
	c->cc_state.cubic.epoch = c->cc_state.cubic.undo;
}

/** The curve begins anew where cwnd is now. */
static void
raised(struct tcp_conn *c)
{
	c->cc_state.cubic.epoch.is_begun = false;
	c->cc_state.cubic.undo.is_begun = false;
}

static void
idle(struct tcp_conn *c, uint64_t idle_ns)
{
	struct tcp_cubic *q = &c->cc_state.cubic;
	uint32_t unused = cubic_time(idle_ns - min_u64(idle_ns, c->srtt_ns));
	uint32_t was = c->cwnd;

	/* §5.8: t stands still, but for the round trip in which the last segments were under way */
	q->epoch.start += unused;
	q->last += unused; /* the next acknowledgement, too, counts from there */
	cc_restart(c, idle_ns);
	if (c->cwnd != was)
		q->epoch.is_begun = false;
}

/** The first slow start, before there was any loss, has no curve; later there is no HyStart. */
static bool
is_first_slow_start(const struct tcp_conn *c)
{
	return c->ssthresh == UINT32_MAX;
}

#define EPOCH_BEGUN (UINT32_C(1) << 31) /* K is far below */

/** The parts of a segment that cwnd and W_est were about to grow by are lost: less than one each. */
static void
rest(const struct tcp_conn *c, struct tcp_cc_rest *kept)
{
	const struct tcp_cubic *q = &c->cc_state.cubic;
	const struct tcp_cubic_epoch *e = &q->epoch;

	if (is_first_slow_start(c)) {
		hystart_rest(&q->hystart, kept->word);
		kept->word[5] = q->last;
	} else {
		*kept = (struct tcp_cc_rest){ { e->start, e->w_max, e->w_est, e->cwnd_prior,
			e->k | (e->is_begun ? EPOCH_BEGUN : 0), q->last } };
	}
}

static void
resume(struct tcp_conn *c, const struct tcp_cc_rest *kept)
{
	struct tcp_cubic *q = &c->cc_state.cubic;
	const uint32_t *word = kept->word;

	*q = (struct tcp_cubic){ .last = word[5] };
	if (is_first_slow_start(c))
		hystart_resume(&q->hystart, word);
	else
		q->epoch = (struct tcp_cubic_epoch){
			.start = word[0],
			.w_max = word[1],
			.w_est = word[2],
			.cwnd_prior = word[3],
			.k = word[4] & ~EPOCH_BEGUN,
			.is_begun = (word[4] & EPOCH_BEGUN) != 0,
		};
}

const struct tcp_cc cc_cubic;
const struct tcp_cc cc_cubic = {
	.name = "cubic",
	.open = open,
	.acked = acked,
	.lost = lost,
	.marked = marked,
	.timed_out = timed_out,
	.undone = undone,
	.raised = raised,
	.recovered = cc_recovered,
	.idle = idle,
	.rest = rest,
	.resume = resume,
};
