/* SPDX-License-Identifier: BSD-3-Clause */
/* Reassembly against an array of octets that is filled naively. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rand.h"
#include "tcp/reass.h"

enum {
	SPAN = 400,   /* octets beyond rcv_nxt that pieces may touch */
	TOTAL = 4096, /* octets of the stream */
};

/** The stream that is put together, and what the naive receiver knows of it. */
struct stream {
	struct tcp_reass reass;
	struct seq base;             /* of octet 0 */
	uint32_t nxt;                /* octets in order */
	uint32_t n_texts;            /* not freed */
	bool held[TOTAL + SPAN];     /* beyond nxt */
	unsigned when[TOTAL + SPAN]; /* arrival that last began here; 0: none */
	unsigned n_arrivals;
};

static const uint8_t *
octets_from(uint32_t at)
{
	static uint8_t octets[TOTAL + SPAN];

	for (uint32_t i = 0; octets[1] == 0 && i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7 % 251);
	return octets + at;
}

static struct text *
new_text(struct stream *s, uint32_t at, uint32_t len)
{
	struct text *t = malloc(sizeof(*t));

	*t = (struct text){ .data = octets_from(at), .seq = seq_add(s->base, at), .len = len };
	s->n_texts++;
	return t;
}

static void
free_texts(struct stream *s, struct text_list *l)
{
	struct text *next;

	for (struct text *t = l->head; t != NULL; t = next) {
		next = t->next;
		free(t);
		s->n_texts--;
	}
	l->head = NULL;
}

/** What of octets [@at, @at + @len), which are to arrive, is held: the first piece of it without a hole. */
static struct tcp_sack
first_held(const struct stream *s, uint32_t at, uint32_t len)
{
	uint32_t from = at;
	uint32_t to;

	while (from < at + len && !s->held[from])
		from++;
	for (to = from; to < at + len && s->held[to];)
		to++;
	return (struct tcp_sack){ seq_add(s->base, from), seq_add(s->base, to) };
}

/* I07: exactly that is told */
static void
check_dup(const struct stream *s, struct tcp_sack dup)
{
	const struct tcp_sack *told = &s->reass.dup;

	cr_assert_eq(seq_len(told->from, told->to), seq_len(dup.from, dup.to));
	cr_assert(seq_eq(dup.from, dup.to) || seq_eq(told->from, dup.from));
}

/** Octets [@at, @at + @len) arrive as one segment of @n pieces. */
static void
arrive(struct stream *s, uint32_t at, uint32_t len, uint32_t n)
{
	struct text_list pieces = { NULL, NULL };
	struct text_list waste = { NULL, NULL };
	struct tcp_sack dup = first_held(s, at, len);
	uint32_t fresh = 0;
	uint32_t from = at;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t part = i + 1 < n ? len / n : at + len - from;

		if (part != 0)
			text_append(&pieces, new_text(s, from, part));
		from += part;
	}
	for (uint32_t i = at; i < at + len; i++) {
		fresh += !s->held[i];
		s->held[i] = true;
	}
	s->when[at] = ++s->n_arrivals;
	cr_assert_eq(reass_add(&s->reass, pieces.head, &waste), fresh);
	check_dup(s, dup);
	free_texts(s, &waste);
}

/** The naive receiver's run around octet @at. */
static void
run_around(const struct stream *s, uint32_t at, uint32_t *from, uint32_t *to)
{
	for (*from = at; *from > s->nxt && s->held[*from - 1]; --*from)
		;
	for (*to = at; s->held[*to]; ++*to)
		;
}

static unsigned
latest_arrival(const struct stream *s, uint32_t from, uint32_t to)
{
	unsigned latest = 0;

	for (uint32_t i = from; i < to; i++)
		if (s->when[i] > latest)
			latest = s->when[i];
	return latest;
}

static unsigned
count_runs(const struct stream *s)
{
	unsigned n = 0;

	for (uint32_t i = s->nxt; i < TOTAL + SPAN; i++)
		n += s->held[i] && (i == s->nxt || !s->held[i - 1]);
	return n;
}

/** Blocks are whole runs, the latest arrival's first, none told twice. */
static void
check_sack(const struct stream *s, bool is_after_arrival)
{
	struct tcp_sack block[4];
	uint32_t n = reass_sack(&s->reass, block, 4);
	unsigned before = UINT32_MAX;

	cr_assert_leq(n, count_runs(s));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = seq_len(s->base, block[i].from);
		unsigned latest;
		uint32_t from, to;

		run_around(s, at, &from, &to);
		cr_assert_eq(at, from);
		cr_assert_eq(seq_len(s->base, block[i].to), to);
		latest = latest_arrival(s, from, to);
		cr_assert_lt(latest, before, "block %u is not older than the one before it", i);
		before = latest;
		if (i == 0 && is_after_arrival)
			cr_assert_eq(latest, s->n_arrivals, "the latest arrival comes first");
	}
	if (is_after_arrival)
		cr_assert_geq(n, 1);
	if (n < 4 && s->n_arrivals <= 4)
		cr_assert_eq(n, count_runs(s));
}

static void
check_held(const struct stream *s)
{
	const struct text *t = s->reass.head;
	uint32_t n_pieces = 0;
	uint32_t octets = 0;
	uint32_t at = s->nxt;

	for (; t != NULL; t = t->next, n_pieces++) {
		uint32_t from = seq_len(s->base, t->seq);

		cr_assert_geq(from, at, "in order, and no octet twice");
		cr_assert_gt(t->len, 0);
		cr_assert_eq(memcmp(t->data, octets_from(from), t->len), 0);
		for (; at < from; at++)
			cr_assert(!s->held[at]);
		for (; at < from + t->len; at++)
			cr_assert(s->held[at]);
		octets += t->len;
	}
	for (; at < TOTAL + SPAN; at++)
		cr_assert(!s->held[at]);
	cr_assert_eq(s->reass.octets, octets);
	cr_assert_eq(s->reass.n_pieces, n_pieces);
	cr_assert_eq(s->n_texts, n_pieces, "a piece was lost");
}

/** @len octets arrive in order, which may connect to what is held. */
static void
arrive_in_order(struct stream *s, uint32_t len)
{
	struct text_list ready = { NULL, NULL };
	struct text_list waste = { NULL, NULL };
	struct tcp_sack dup = first_held(s, s->nxt, len);
	uint32_t end = s->nxt + len;
	uint32_t at = end;
	struct seq nxt;

	for (uint32_t i = s->nxt; i < end; i++)
		s->held[i] = false;
	while (s->held[end])
		s->held[end++] = false;
	nxt = reass_take(&s->reass, seq_add(s->base, at), &ready, &waste);
	cr_assert_eq(seq_len(s->base, nxt), end);
	check_dup(s, dup);
	for (const struct text *t = ready.head; t != NULL; t = t->next) {
		cr_assert_eq(seq_len(s->base, t->seq), at);
		cr_assert_eq(memcmp(t->data, octets_from(at), t->len), 0);
		at += t->len;
	}
	cr_assert_eq(at, end);
	s->nxt = end;
	free_texts(s, &ready);
	free_texts(s, &waste);
}

static void
run_stream(uint64_t seed, uint32_t base, uint32_t longest)
{
	static struct stream s;
	struct text_list waste = { NULL, NULL };
	struct rand r;

	memset(&s, 0, sizeof(s));
	s.base.n = base;
	rand_seed(&r, seed);
	while (s.nxt < TOTAL - SPAN) {
		for (unsigned i = rand_below(&r, 12); i != 0; i--) {
			uint32_t at = s.nxt + 1 + rand_below(&r, SPAN / 2);

			if (s.held[s.nxt])
				break;
			arrive(&s, at, 1 + rand_below(&r, longest), 1 + rand_below(&r, 3));
			check_held(&s);
			check_sack(&s, true);
		}
		arrive_in_order(&s, 1 + rand_below(&r, 40));
		check_held(&s);
		check_sack(&s, false);
	}
	reass_clear(&s.reass, &waste);
	free_texts(&s, &waste);
	cr_assert_eq(s.n_texts, 0);
}

/* I05 I06 F10 */
Test(tcp_reass, puts_any_pieces_together_as_a_naive_receiver_would)
{
	for (uint64_t seed = 1; seed <= 300; seed++)
		run_stream(seed, seed % 3 == 0 ? 0xfffff800u : (uint32_t)(seed * 0x01234567u),
			1 + (uint32_t)seed % 90);
}

/* I06 */
Test(tcp_reass, older_blocks_are_told_however_many_segments_the_latest_run_has)
{
	static struct stream s;
	struct text_list waste = { NULL, NULL };
	struct tcp_sack block[4];

	s.base.n = 1000;
	arrive(&s, 10, 5, 1);
	arrive(&s, 30, 5, 1);
	for (uint32_t i = 0; i < 20; i++)
		arrive(&s, 50 + 5 * i, 5, 1);
	cr_assert_eq(reass_sack(&s.reass, block, 4), 3);
	cr_assert_eq(block[0].from.n, 1050);
	cr_assert_eq(block[0].to.n, 1150);
	cr_assert_eq(block[1].from.n, 1030);
	cr_assert_eq(block[2].from.n, 1010);
	cr_assert_eq(reass_sack(&s.reass, block, 2), 2);
	/* a hole between two of them is filled: they are one */
	arrive(&s, 35, 15, 1);
	cr_assert_eq(reass_sack(&s.reass, block, 4), 2);
	cr_assert_eq(block[0].from.n, 1030);
	cr_assert_eq(block[0].to.n, 1150);
	/* a duplicate is an arrival, too */
	arrive(&s, 10, 5, 1);
	cr_assert_eq(reass_sack(&s.reass, block, 4), 2);
	cr_assert_eq(block[0].from.n, 1010);
	reass_clear(&s.reass, &waste);
	free_texts(&s, &waste);
	cr_assert(reass_is_empty(&s.reass));
	cr_assert_eq(reass_sack(&s.reass, block, 4), 0);
}

/** Segments of 10 octets at places 1, 3, 5.. and then those between them, but for the first. */
static void
fill_every_other(struct tcp_reass *r, struct text *text, uint32_t n)
{
	struct text_list waste = { NULL, NULL };

	for (uint32_t i = 1; i < n; i += 2)
		cr_assert_eq(reass_add(r, &text[i], &waste), 10);
	for (uint32_t i = 2; i < n; i += 2)
		cr_assert_eq(reass_add(r, &text[i], &waste), 10);
	cr_assert_null(waste.head);
}

/* I05: a window of megabytes; each segment finds its place without a walk over the others */
Test(tcp_reass, a_hundred_thousand_segments_cost_no_more_each_than_ten)
{
	enum { N = 100000 };
	struct text *text = calloc(N, sizeof(*text));
	struct tcp_reass r = { 0 };
	struct tcp_sack block;
	clock_t begin = clock();

	for (uint32_t i = 0; i < N; i++)
		text[i] = (struct text){ .seq = { 10 * i }, .len = 10 };
	fill_every_other(&r, text, N);
	cr_assert_eq(r.n_pieces, N - 1);
	cr_assert_eq(reass_sack(&r, &block, 1), 1);
	cr_expect_eq(block.from.n, 10);
	cr_expect_eq(block.to.n, 10 * N);
	cr_expect_lt((double)(clock() - begin) / CLOCKS_PER_SEC, 2.0);
	free(text);
}

/* I05 */
Test(tcp_reass, of_two_versions_of_an_octet_the_first_is_kept)
{
	struct tcp_reass r = { 0 };
	struct text_list waste = { NULL, NULL };
	struct text first = { .data = (const uint8_t *)"FIRST", .seq = { 10 }, .len = 5 };
	struct text second = { .data = (const uint8_t *)"seco", .seq = { 8 }, .len = 4 };
	struct text third = { .data = (const uint8_t *)"third", .seq = { 13 }, .len = 5 };

	cr_assert_eq(reass_add(&r, &first, &waste), 5);
	cr_assert_eq(reass_add(&r, &second, &waste), 2);
	cr_assert_eq(reass_add(&r, &third, &waste), 3);
	cr_assert_null(waste.head);
	cr_assert_eq(r.head, &second);
	cr_assert_eq(second.len, 2);
	cr_assert_eq(first.len, 5);
	cr_assert_eq(third.seq.n, 15);
	cr_assert_eq(memcmp(third.data, "ird", 3), 0);
}
