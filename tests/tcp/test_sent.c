/* SPDX-License-Identifier: BSD-3-Clause */
/* Notes on segments in flight, without a core. */

#include <criterion/criterion.h>

#include "base/rand.h"
#include "tcp/sent.h"
#include "tcp/tcp.h"

enum { N_NOTES = 64 };

struct flight {
	struct tcp_conn c;
	struct tcp_cc cc;
	struct tcp_sent note[N_NOTES];
	uint32_t n;
	struct seq end;
};

static struct flight *
flight_from(uint32_t seq)
{
	static struct flight f;

	f = (struct flight){ .cc = { .wants_rate = true } };
	f.c.cc = &f.cc;
	f.c.snd_una.n = seq;
	f.end.n = seq;
	return &f;
}

static struct tcp_sent *
leaves(struct flight *f, uint32_t len, uint64_t at_ms)
{
	struct tcp_sent *s = &f->note[f->n++];

	s->seq = f->end;
	s->len = len;
	s->flags = 0;
	f->end = seq_add(f->end, len);
	sent_add(&f->c, s, at_ms * NS_PER_MS);
	return s;
}

static unsigned
acked(struct flight *f, uint32_t upto, uint64_t at_ms, struct tcp_cc_sample *sample)
{
	struct tcp_sent *done;
	unsigned n = 0;

	struct tcp_rate rate = { .now_ns = at_ms * NS_PER_MS };

	*sample = (struct tcp_cc_sample){ .now_ns = at_ms * NS_PER_MS };
	done = sent_acked(&f->c, (struct seq){ upto }, sample, &rate);
	rate_close(&f->c, &rate, sample);
	for (; done != NULL; done = done->next)
		n++;
	f->c.snd_una.n = upto;
	return n;
}

/* K01 */
Test(tcp_sent, an_ack_gives_back_the_notes_that_it_covers)
{
	struct flight *f = flight_from(0xfffffff0u);
	struct tcp_cc_sample sample;

	leaves(f, 10, 0);
	leaves(f, 10, 1);
	leaves(f, 10, 2);
	cr_assert_eq(acked(f, 0xfffffff0u + 20, 50, &sample), 2);
	cr_assert_eq(sample.acked, 20);
	cr_assert_eq(sample.rtt_ns, 49 * NS_PER_MS, "the round trip of the latest");
	cr_assert_eq(f->c.sent_head, &f->note[2]);
	cr_assert_eq(acked(f, 0xfffffff0u + 30, 60, &sample), 1);
	cr_assert_null(f->c.sent_head);
	cr_assert_eq(f->c.delivered, 30);
}

Test(tcp_sent, a_note_that_is_covered_in_part_is_trimmed)
{
	struct flight *f = flight_from(1000);
	struct tcp_cc_sample sample;

	leaves(f, 10, 0);
	sent_mark_all_lost(&f->c);
	cr_assert_eq(f->c.lost, 10);
	cr_assert_eq(acked(f, 1004, 10, &sample), 0);
	cr_assert_eq(sample.acked, 4);
	cr_assert_eq(f->c.lost, 6);
	cr_assert_eq(f->note[0].seq.n, 1004);
	cr_assert_eq(f->note[0].len, 6);
}

Test(tcp_sent, halves_of_a_note_that_sack_has_told_of_are_two)
{
	struct flight *f = flight_from(1000);
	struct tcp_cc_sample sample;

	leaves(f, 10, 0);
	sent_mark_sacked(&f->c, &f->note[0]);
	cr_assert(sent_split(&f->c, &f->note[0], 4, &f->note[1]));
	cr_assert_eq(f->c.loss.n_sacked, 2);
	acked(f, 1004, 10, &sample);
	cr_assert_eq(f->c.loss.n_sacked, 1);
	acked(f, 1010, 10, &sample);
	cr_assert_eq(f->c.loss.n_sacked, 0);
}

/* K03 */
Test(tcp_sent, what_was_sent_again_gives_no_round_trip)
{
	struct flight *f = flight_from(1000);
	struct tcp_cc_sample sample;

	leaves(f, 10, 0);
	sent_again(&f->c, &f->note[0], 100 * NS_PER_MS);
	acked(f, 1010, 110, &sample);
	cr_assert_eq(sample.acked, 10);
	cr_assert_eq(sample.rtt_ns, 0);
}

/* K03: what waited at the receiver for the segment sent again has no round trip of the network's */
Test(tcp_sent, what_waited_behind_a_segment_sent_again_gives_no_round_trip)
{
	struct flight *f = flight_from(1000);
	struct tcp_cc_sample sample;

	leaves(f, 10, 0);
	leaves(f, 10, 1);
	sent_mark_all_lost(&f->c);
	sent_again(&f->c, &f->note[0], 1000 * NS_PER_MS);
	acked(f, 1020, 1010, &sample);
	cr_assert_eq(sample.rtt_ns, 0);
	leaves(f, 10, 1010);
	acked(f, 1030, 1030, &sample);
	cr_assert_eq(sample.rtt_ns, 20 * NS_PER_MS);
}

Test(tcp_sent, lost_octets_are_counted_once_and_found_oldest_first)
{
	struct flight *f = flight_from(1000);

	leaves(f, 10, 0);
	leaves(f, 20, 0);
	leaves(f, 30, 0);
	cr_assert_null(sent_first_lost(&f->c));
	sent_mark_lost(&f->c, &f->note[1]);
	sent_mark_lost(&f->c, &f->note[1]);
	cr_assert_eq(f->c.lost, 20);
	cr_assert_eq(sent_first_lost(&f->c), &f->note[1]);
	sent_mark_all_lost(&f->c);
	cr_assert_eq(f->c.lost, 60);
	cr_assert_eq(sent_first_lost(&f->c), &f->note[0]);
	sent_again(&f->c, &f->note[0], NS_PER_SEC);
	cr_assert_eq(f->c.lost, 50);
	cr_assert_eq(sent_first_lost(&f->c), &f->note[1]);
}

/* octets delivered in the time between: 10 segments of 1000 octets in 100 ms */
Test(tcp_sent, tells_the_rate_of_delivery)
{
	struct flight *f = flight_from(1000);
	struct tcp_cc_sample sample;

	for (uint32_t i = 0; i < 10; i++)
		leaves(f, 1000, 0);
	acked(f, 11000, 100, &sample);
	cr_assert_eq(sample.rate, 100000);
}

/* Never more lost than in flight, whatever happens in whatever order. */
Test(tcp_sent, octets_lost_are_those_of_the_notes_marked)
{
	struct tcp_cc_sample sample;
	struct rand r;

	rand_seed(&r, 7);
	for (int round = 0; round < 500; round++) {
		struct flight *f = flight_from(0xffffff00u);
		uint32_t in_flight = 0;

		for (int i = 0; i < 60; i++) {
			struct tcp_sent *s = f->c.sent_head;
			uint32_t lost = 0;

			for (uint32_t n = rand_below(&r, 8); s != NULL && n != 0; n--)
				s = s->next;
			switch (rand_below(&r, 5)) {
			case 0:
				leaves(f, 1 + rand_below(&r, 100), (uint64_t)i);
				break;
			case 1:
				if (s != NULL)
					sent_mark_lost(&f->c, s);
				break;
			case 2:
				if (s != NULL)
					sent_again(&f->c, s, (uint64_t)i * NS_PER_MS);
				break;
			case 3:
				if (rand_below(&r, 8) == 0)
					sent_mark_all_lost(&f->c);
				break;
			case 4:
				if (f->c.sent_head != NULL)
					acked(f, f->c.snd_una.n + rand_below(&r, 1 + in_flight),
						(uint64_t)i, &sample);
				break;
			}
			in_flight = 0;
			for (s = f->c.sent_head; s != NULL; s = s->next) {
				in_flight += s->len;
				lost += s->flags & SENT_LOST ? s->len : 0;
			}
			cr_assert_eq(f->c.lost, lost);
			cr_assert_eq(in_flight, seq_len(f->c.snd_una, f->end));
		}
	}
}
