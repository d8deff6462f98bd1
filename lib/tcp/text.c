/* SPDX-License-Identifier: BSD-3-Clause */
/* Cutting received text at either end. */

#include "tcp/text.h"

struct text *
text_cut_before(struct text *head, struct seq from, struct text_list *waste)
{
	while (head != NULL && seq_lt(head->seq, from)) {
		struct text *next = head->next;

		if (seq_gt(text_end(head), from)) {
			text_skip(head, seq_len(head->seq, from));
			break;
		}
		text_append(waste, head);
		head = next;
	}
	return head;
}

struct text *
text_cut_after(struct text *head, struct seq to, struct text_list *waste)
{
	struct text **link = &head;
	struct text *next;

	while (*link != NULL && seq_lt((*link)->seq, to)) {
		if (seq_gt(text_end(*link), to))
			(*link)->len = seq_len((*link)->seq, to);
		link = &(*link)->next;
	}
	for (struct text *t = *link; t != NULL; t = next) {
		next = t->next;
		text_append(waste, t);
	}
	*link = NULL;
	return head;
}
