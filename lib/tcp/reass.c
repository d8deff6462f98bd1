/* SPDX-License-Identifier: BSD-3-Clause */
/* Reassembly of out-of-order text; see the header. */

#include "tcp/reass.h"

#include <string.h>

/** Link @t behind @before (NULL: at the head). */
static void
link_piece(struct tcp_reass *r, struct text *before, struct text *t)
{
	struct text **link = before != NULL ? &before->next : &r->head;

	t->next = *link;
	*link = t;
	if (t->next == NULL)
		r->tail = t;
	r->octets += t->len;
	r->n_pieces++;
}

/** Unlink the piece behind @before (NULL: the head) and throw it away. */
static void
unlink_piece(struct tcp_reass *r, struct text *before, struct text_list *waste)
{
	struct text **link = before != NULL ? &before->next : &r->head;
	struct text *t = *link;

	*link = t->next;
	if (t->next == NULL)
		r->tail = before;
	r->octets -= t->len;
	r->n_pieces--;
	text_append(waste, t);
}

/** Last piece that begins at or before @at; NULL: none. The tail is the usual answer. */
static struct text *
find_before(const struct tcp_reass *r, struct seq at)
{
	struct text *before = NULL;

	if (r->tail != NULL && seq_le(r->tail->seq, at))
		return r->tail;
	for (struct text *t = r->head; t != NULL && seq_le(t->seq, at); t = t->next)
		before = t;
	return before;
}

/** Insert one piece. What is held wins over what comes, but a piece swallowed whole gives way. */
static uint32_t
add_piece(struct tcp_reass *r, struct text *t, struct text_list *waste)
{
	struct text *before = find_before(r, t->seq);
	struct text *after;
	uint32_t was = r->octets;

	if (before != NULL && seq_gt(text_end(before), t->seq)) {
		if (seq_ge(text_end(before), text_end(t))) {
			text_append(waste, t);
			return 0;
		}
		text_skip(t, seq_len(t->seq, text_end(before)));
	}
	while ((after = before != NULL ? before->next : r->head) != NULL &&
		seq_le(text_end(after), text_end(t)))
		unlink_piece(r, before, waste);
	if (after != NULL && seq_lt(after->seq, text_end(t)))
		t->len = seq_len(t->seq, after->seq);
	if (t->len == 0) { /* two pieces that touch hold all of it */
		text_append(waste, t);
		return 0;
	}
	link_piece(r, before, t);
	return r->octets - was;
}

/** The run of touching pieces that holds @at. @return false: nothing there any more */
static bool
find_run(const struct tcp_reass *r, struct seq at, struct tcp_sack *run)
{
	const struct text *t = r->head;

	while (t != NULL) {
		run->from = t->seq;
		run->to = text_end(t);
		while ((t = t->next) != NULL && seq_eq(t->seq, run->to))
			run->to = text_end(t);
		if (seq_le(run->from, at) && seq_lt(at, run->to))
			return true;
	}
	return false;
}

/**
 * Remember @at as the latest arrival, in place of those that lie in the same run and of those
 * that have been taken: each stands for a SACK block of its own.
 */
static void
note_arrival(struct tcp_reass *r, struct seq at)
{
	struct seq kept[REASS_RECENT] = { at };
	uint8_t n = 1;
	struct tcp_sack run;

	if (!find_run(r, at, &run))
		return;
	for (uint8_t i = 0; i < r->n_recent && n < REASS_RECENT; i++)
		if (!seq_within(r->recent[i], run.from, seq_len(run.from, run.to)) &&
			seq_ge(r->recent[i], r->head->seq))
			kept[n++] = r->recent[i];
	memcpy(r->recent, kept, sizeof(kept));
	r->n_recent = n;
}

uint32_t
reass_add(struct tcp_reass *r, struct text *t, struct text_list *waste)
{
	struct seq first = t->seq;
	uint32_t added = 0;

	while (t != NULL) {
		struct text *next = t->next;

		added += add_piece(r, t, waste);
		t = next;
	}
	note_arrival(r, first);
	return added;
}

struct seq
reass_take(
	struct tcp_reass *r, struct seq rcv_nxt, struct text_list *ready, struct text_list *waste)
{
	while (r->head != NULL && seq_le(r->head->seq, rcv_nxt)) {
		struct text *t = r->head;

		r->head = t->next;
		r->octets -= t->len;
		r->n_pieces--;
		if (seq_le(text_end(t), rcv_nxt)) {
			text_append(waste, t);
			continue;
		}
		text_skip(t, seq_len(t->seq, rcv_nxt));
		rcv_nxt = text_end(t);
		text_append(ready, t);
	}
	if (r->head == NULL) {
		r->tail = NULL;
		r->n_recent = 0;
	}
	return rcv_nxt;
}

void
reass_clear(struct tcp_reass *r, struct text_list *waste)
{
	struct text *next;

	for (struct text *t = r->head; t != NULL; t = next) {
		next = t->next;
		text_append(waste, t);
	}
	memset(r, 0, sizeof(*r));
}

uint32_t
reass_sack(const struct tcp_reass *r, struct tcp_sack *block, uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n_recent && n < max; i++)
		if (find_run(r, r->recent[i], &block[n]))
			n++;
	return n;
}
