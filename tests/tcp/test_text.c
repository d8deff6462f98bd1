/* SPDX-License-Identifier: BSD-3-Clause */
/* Cutting lists of received text at either end. */

#include <criterion/criterion.h>
#include <string.h>

#include "tcp/text.h"

/* Octets 'a'..'z' at 0xfffffff6..0x00000010, in pieces of 10, 1 and 15: the wrap is inside. */
static const uint8_t alphabet[] = "abcdefghijklmnopqrstuvwxyz";

struct pieces {
	struct text t[3];
};

static struct text *
make(struct pieces *p)
{
	static const uint32_t lens[3] = { 10, 1, 15 };
	uint32_t at = 0;

	for (int i = 0; i < 3; i++) {
		p->t[i] = (struct text){ .next = i < 2 ? &p->t[i + 1] : NULL,
			.data = alphabet + at,
			.seq = { 0xfffffff6u + at },
			.len = lens[i] };
		at += lens[i];
	}
	return &p->t[0];
}

static void
is_text(const struct text *head, uint32_t from, uint32_t to)
{
	uint32_t at = from;

	for (const struct text *t = head; t != NULL; t = t->next) {
		cr_assert_eq(t->seq.n, 0xfffffff6u + at);
		cr_assert_eq(memcmp(t->data, alphabet + at, t->len), 0);
		cr_assert_gt(t->len, 0);
		at += t->len;
	}
	cr_assert_eq(at, head != NULL ? to : from);
}

static unsigned
n_pieces(const struct text *t)
{
	unsigned n = 0;

	for (; t != NULL; t = t->next)
		n++;
	return n;
}

/* I01 F10 */
Test(tcp_text, is_cut_at_any_octet_from_the_left)
{
	for (uint32_t cut = 0; cut <= 30; cut++) {
		struct text_list waste = { NULL, NULL };
		struct pieces p;
		struct text *left =
			text_cut_before(make(&p), (struct seq){ 0xfffffff6u + cut }, &waste);

		cr_assert_eq(left == NULL, cut >= 26);
		is_text(left, cut, 26);
		cr_assert_eq(n_pieces(left) + n_pieces(waste.head), 3);
	}
}

/* I01 F10 */
Test(tcp_text, is_cut_at_any_octet_from_the_right)
{
	for (uint32_t cut = 0; cut <= 30; cut++) {
		struct text_list waste = { NULL, NULL };
		struct pieces p;
		struct text *left =
			text_cut_after(make(&p), (struct seq){ 0xfffffff6u + cut }, &waste);

		cr_assert_eq(left == NULL, cut == 0);
		is_text(left, 0, cut < 26 ? cut : 26);
		cr_assert_eq(n_pieces(left) + n_pieces(waste.head), 3);
	}
}

Test(tcp_text, nothing_of_a_list_outside_the_cut_is_touched)
{
	struct text_list waste = { NULL, NULL };
	struct pieces p;

	is_text(text_cut_before(make(&p), (struct seq){ 0xffffff00u }, &waste), 0, 26);
	is_text(text_cut_after(make(&p), (struct seq){ 0x100 }, &waste), 0, 26);
	cr_assert_null(text_cut_after(make(&p), (struct seq){ 0xffffff00u }, &waste));
	cr_assert_eq(n_pieces(waste.head), 3);
	cr_assert_null(text_cut_before(NULL, (struct seq){ 1 }, &waste));
	cr_assert_null(text_cut_after(NULL, (struct seq){ 1 }, &waste));
}
