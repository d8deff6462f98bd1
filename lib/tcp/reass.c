/* SPDX-License-Identifier: BSD-3-Clause */
/* Reassembly of out-of-order text; see the header. */

#include "tcp/reass.h"

#include <string.h>

#include "base/check.h"

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
	if (r->near == t)
		r->near = before;
	r->octets -= t->len;
	r->n_pieces--;
	text_append(waste, t);
}

/**
 * Last piece that begins at or before @at; NULL: none. The tail is the usual answer; what fills hole
 * after hole finds its place near the piece before it.
 */
static struct text *
find_before(const struct tcp_reass *r, struct seq at)
{
	struct text *before = NULL;
	struct text *t = r->head;

	if (r->tail != NULL && seq_le(r->tail->seq, at))
		return r->tail;
	if (r->near != NULL && seq_le(r->near->seq, at))
		t = r->near;
	for (; t != NULL && seq_le(t->seq, at); t = t->next)
		before = t;
	return before;
}

/** From @from to @to was held already. What is told of is without a hole (RFC 2883 §4). */
static void
note_dup(struct tcp_reass *r, struct seq from, struct seq to)
{
	if (seq_eq(r->dup.from, r->dup.to))
		r->dup = (struct tcp_sack){ .from = from, .to = to };
	else if (seq_eq(r->dup.to, from))
		r->dup.to = to;
}

/** Insert one piece. What is held wins over what comes, but a piece swallowed whole gives way. */
static uint32_t
add_piece(struct tcp_reass *r, struct text *t, struct text_list *waste)
{
	struct text *before = find_before(r, t->seq);
	struct text *after;
	uint32_t was = r->octets;

	if (before != NULL && seq_gt(text_end(before), t->seq)) {
		note_dup(r, t->seq, seq_min(text_end(before), text_end(t)));
		if (seq_ge(text_end(before), text_end(t))) {
			text_append(waste, t);
			r->near = before;
			return 0;
		}
		text_skip(t, seq_len(t->seq, text_end(before)));
	}
	while ((after = before != NULL ? before->next : r->head) != NULL &&
		seq_le(text_end(after), text_end(t))) {
		note_dup(r, after->seq, text_end(after));
		unlink_piece(r, before, waste);
	}
	if (after != NULL && seq_lt(after->seq, text_end(t))) {
		note_dup(r, after->seq, text_end(t));
		t->len = seq_len(t->seq, after->seq);
	}
	if (t->len == 0) { /* two pieces that touch hold all of it */
		text_append(waste, t);
		return 0;
	}
	link_piece(r, before, t);
	r->near = t;
	return r->octets - was;
}

/** The run told of that holds @at, or ends there; NULL: none. */
static const struct tcp_sack *
find_told(const struct tcp_reass *r, struct seq at)
{
	for (uint32_t i = 0; i < r->n_recent; i++)
		if (seq_le(r->recent[i].from, at) && seq_le(at, r->recent[i].to))
			return &r->recent[i];
	return NULL;
}

/** Before an arrival at @at: where will its run begin? What is told of needs no walk. */
static struct seq
run_begin(const struct tcp_reass *r, struct seq at)
{
	const struct text *before = find_before(r, at);
	const struct tcp_sack *told;
	struct seq from;

	if (before == NULL || seq_lt(text_end(before), at))
		return at;
	told = find_told(r, before->seq);
	if (told != NULL)
		return told->from;
	from = r->head->seq;
	for (const struct text *t = r->head; t != before; t = t->next)
		if (!seq_eq(text_end(t), t->next->seq))
			from = t->next->seq;
	return from;
}

/** After an arrival that ended at @end: where does its run end? */
static struct seq
run_end(const struct tcp_reass *r, struct seq end)
{
	const struct tcp_sack *told = find_told(r, end);
	const struct text *t;

	if (told != NULL)
		return told->to;
	for (t = find_before(r, end); t->next != NULL; t = t->next)
		if (!seq_eq(text_end(t), t->next->seq))
			break;
	return text_end(t);
}

/**
 * @run has had the latest arrival: it takes the place of those told of that lie in it. What
 * recent[] says is true at any time: a run grows by arrivals alone.
 */
static void
note_arrival(struct tcp_reass *r, struct tcp_sack run)
{
	struct tcp_sack kept[REASS_RECENT] = { run };
	uint32_t n = 1;

	for (uint32_t i = 0; i < r->n_recent && n < REASS_RECENT; i++)
		if (seq_lt(r->recent[i].from, run.from) || seq_gt(r->recent[i].to, run.to))
			kept[n++] = r->recent[i];
	memcpy(r->recent, kept, sizeof(kept));
	r->n_recent = n;
}

/** Runs that begin before @rcv_nxt have been taken whole. */
static void
forget_taken(struct tcp_reass *r, struct seq rcv_nxt)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n_recent; i++)
		if (seq_ge(r->recent[i].from, rcv_nxt))
			r->recent[n++] = r->recent[i];
	r->n_recent = n;
}

uint32_t
reass_add(struct tcp_reass *r, struct text *t, struct text_list *waste)
{
	struct tcp_sack run = { .from = run_begin(r, t->seq) };
	struct seq end = t->seq;
	uint32_t added = 0;

	r->dup.to = r->dup.from;
	while (t != NULL) {
		struct text *next = t->next;

		end = text_end(t);
		added += add_piece(r, t, waste);
		t = next;
	}
	run.to = run_end(r, end);
	note_arrival(r, run);
	return added;
}

struct seq
reass_take(
	struct tcp_reass *r, struct seq rcv_nxt, struct text_list *ready, struct text_list *waste)
{
	r->dup.to = r->dup.from;
	while (r->head != NULL && seq_le(r->head->seq, rcv_nxt)) {
		struct text *t = r->head;

		if (seq_lt(t->seq, rcv_nxt))
			note_dup(r, t->seq, seq_min(text_end(t), rcv_nxt));
		r->head = t->next;
		if (r->near == t)
			r->near = NULL;
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
	if (r->head == NULL)
		r->tail = NULL;
	forget_taken(r, rcv_nxt);
	return rcv_nxt;
}

void
reass_cut(struct tcp_reass *r, struct seq end, struct text_list *waste)
{
	struct text *last = NULL;
	uint32_t n = 0;

	for (struct text *t = r->head; t != NULL && seq_lt(t->seq, end); t = t->next)
		last = t;
	while ((last != NULL ? last->next : r->head) != NULL)
		unlink_piece(r, last, waste);
	if (last != NULL && seq_gt(text_end(last), end)) {
		r->octets -= seq_len(end, text_end(last));
		last->len = seq_len(last->seq, end);
	}
	r->near = NULL;
	for (uint32_t i = 0; i < r->n_recent; i++) {
		if (seq_ge(r->recent[i].from, end))
			continue;
		r->recent[n] = r->recent[i];
		r->recent[n].to = seq_min(r->recent[n].to, end);
		n++;
	}
	r->n_recent = n;
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
	uint32_t n = min_u32(max, r->n_recent);

	memcpy(block, r->recent, n * sizeof(*block));
	return n;
}
