/* SPDX-License-Identifier: BSD-3-Clause */
/* Delivery rate samples, without a core, and when a connection is short of text. */

#include "story.h"
#include "tcp/rate.h"

enum { LEN = 1000, N_NOTES = 64 };

struct way {
	struct tcp_conn c;
	struct tcp_cc cc;
	struct tcp_sent note[N_NOTES];
	uint32_t n_sent;
	uint64_t now_ms;
	struct tcp_rate rate;
};

static struct way *
way(void)
{
	static struct way w;

	w = (struct way){ .cc = { .wants_rate = true }, .c = { .mss = LEN, .cwnd = 64 * LEN } };
	w.c.cc = &w.cc;
	return &w;
}

/** @n segments leave now. */
static void
leave(struct way *w, uint32_t n)
{
	for (; n != 0; n--) {
		struct tcp_sent *s = &w->note[w->n_sent++];

		*s = (struct tcp_sent){ .seq = w->c.snd_nxt, .len = LEN };
		sent_add(&w->c, s, w->now_ms * NS_PER_MS);
		w->c.snd_nxt = seq_add(w->c.snd_nxt, LEN);
	}
}

/** The news that segment @i has been delivered. */
static void
delivered(struct way *w, uint32_t i)
{
	w->rate.now_ns = w->now_ms * NS_PER_MS;
	rate_delivered(&w->c, &w->note[i].rate, w->note[i].sent_ns, LEN, &w->rate);
}

static struct tcp_cc_sample
sample(struct way *w)
{
	struct tcp_cc_sample s = { .now_ns = w->now_ms * NS_PER_MS };

	rate_close(&w->c, &w->rate, &s);
	w->rate = (struct tcp_rate){ 0 };
	return s;
}

static struct tcp_cc_sample
sample_of(struct way *w, uint32_t i)
{
	delivered(w, i);
	return sample(w);
}

Test(tcp_rate, is_what_was_delivered_in_a_round_trip)
{
	struct way *w = way();

	leave(w, 10);
	w->now_ms = 100;
	for (uint32_t i = 0; i < 10; i++)
		delivered(w, i);
	cr_assert_eq(sample(w).rate, 10 * LEN * 10);
	cr_assert_eq(rate_last(&w->c), 10 * LEN * 10);
}

/* acknowledgements that were held up somewhere arrive in a bunch: what left slowly went slowly */
Test(tcp_rate, the_longer_of_both_intervals_counts)
{
	struct tcp_cc_sample last = { 0 };
	struct way *w = way();

	for (w->now_ms = 0; w->now_ms < 100; w->now_ms += 10)
		leave(w, 1);
	w->now_ms = 110;
	delivered(w, 0);
	sample(w);
	for (; w->now_ms < 200; w->now_ms += 10)
		leave(w, 1);
	w->now_ms =
		240; /* all at once: 18 segments since the first's news, in 130 ms by the clock */
	for (uint32_t i = 1; i < 19; i++) {
		delivered(w, i);
		last = sample(w);
	}
	cr_assert_leq(last.rate, 18 * LEN * 1000 / 130 + 1);
	leave(w, 1);
	w->now_ms = 241; /* in one millisecond: but they had left over 60 */
	cr_assert_leq(sample_of(w, 19).rate, 19 * LEN * 1000 / 50);
}

/* the draft's IsNewestPacket */
Test(tcp_rate, the_segment_that_left_last_decides)
{
	struct tcp_cc_sample s;
	struct way *w = way();

	leave(w, 1);
	w->now_ms = 30;
	leave(w, 1);
	w->c.found_lost = 5 * LEN;
	leave(w, 1);
	w->c.found_lost = 7 * LEN;
	w->now_ms = 100;
	delivered(w, 0);
	delivered(w, 2); /* by SACK, say, and in no order */
	delivered(w, 1);
	s = sample(w);
	cr_assert_eq(s.prior_flight, 2 * LEN, "segment 1 is the last reported of the latest two");
	cr_assert_eq(s.prior_lost, 7 * LEN);
	cr_assert_eq(s.prior_delivered, 0);
	w = way();
	leave(w, 1);
	w->now_ms = 30;
	leave(w, 1);
	w->now_ms = 100;
	delivered(w, 1);
	delivered(w, 0);
	cr_assert_eq(sample(w).prior_flight, 2 * LEN, "segment 0 is older");
}

Test(tcp_rate, a_pause_is_no_part_of_it)
{
	struct way *w = way();

	leave(w, 1);
	w->now_ms = 50;
	sample_of(w, 0);
	w->c.sent_head = NULL;
	w->now_ms = 5000;
	leave(w, 4);
	w->now_ms = 5050;
	for (uint32_t i = 1; i < 5; i++)
		delivered(w, i);
	cr_assert_eq(sample(w).rate, 4 * LEN * 20);
}

Test(tcp_rate, losses_are_counted_since_the_segment_left)
{
	struct tcp_cc_sample s;
	struct way *w = way();

	leave(w, 4);
	sent_mark_lost(&w->c, &w->note[0]);
	sent_mark_lost(&w->c, &w->note[0]);
	sent_again(&w->c, &w->note[0], 1);
	sent_mark_lost(&w->c, &w->note[0]);
	cr_assert_eq(w->c.found_lost, 2 * LEN, "lost twice");
	w->now_ms = 10;
	leave(w, 1);
	sent_mark_lost(&w->c, &w->note[1]);
	s = sample_of(w, 4);
	cr_assert_eq(s.prior_lost, LEN, "what was lost before it left is not its matter");
	cr_assert_eq(s.prior_flight, 4 * LEN);
}

Test(tcp_rate, nothing_new_is_no_sample)
{
	struct tcp_cc_sample s = { 0 };
	struct way *w = way();

	leave(w, 1);
	w->now_ms = 10;
	s = sample(w);
	cr_assert_eq(s.rate, 0);
	cr_assert_eq(rate_last(&w->c), 0);
	w->cc.wants_rate = false;
	s = sample_of(w, 0);
	cr_assert_eq(s.rate, 0, "nobody looks");
	cr_assert_eq(rate_last(&w->c), LEN * 100);
}

enum { MSS = 1460 };

/* The application is short of text: what leaves until all of that flight has arrived says little. */
Test(tcp_rate, a_sender_short_of_text_is_marked)
{
	const struct tcp_conn *c;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	c = lab_tcp(&l);
	lab_write(&l, 3 * MSS); /* of ten that the window would bear */
	cr_assert_neq(c->app_limited, 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	lab_write(&l, MSS);
	cr_assert(c->sent_tail->rate.is_app_limited);
	lab_write(&l, 30 * MSS); /* now the window is full */
	cr_assert_neq(c->app_limited, 0, "until what left so far has arrived");
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 3 * MSS));
	cr_assert_neq(c->app_limited, 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 5 * MSS));
	cr_assert_eq(c->app_limited, 0);
	cr_assert(!c->sent_tail->rate.is_app_limited);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* The window is full when the text ends: the way, not the application, holds it down. */
Test(tcp_rate, a_sender_that_fills_the_window_is_not_marked)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_tcp(&l)->app_limited = 0;
	lab_write(&l, 10 * MSS);
	cr_assert_eq(tcp_pipe(lab_tcp(&l)), lab_tcp(&l)->cwnd);
	cr_assert_eq(lab_tcp(&l)->app_limited, 0);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* A peer that closes its window holds the sender up, the application does not. */
Test(tcp_rate, a_sender_short_of_window_is_not_marked)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_tcp(&l)->app_limited = 0;
	lab_tcp(&l)->snd_wnd = 2 * MSS;
	lab_write(&l, 8 * MSS);
	cr_assert_eq(lab_tcp(&l)->app_limited, 0);
	lab_tcp(&l)->snd_wnd = LAB_WND;
	lab_skip_all(&l);
	story_end_clean(&l);
}
