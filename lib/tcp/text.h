/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_TEXT_H
#define BARO_TCP_TEXT_H

/*
 * Received text: a list of pieces, each an octet range in somebody's buffer and its
 * place in the sequence. The glue keeps a piece in the private area of the mbuf that
 * holds the octets; nothing here knows that.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/seq.h"

struct text {
	struct text *next;
	const uint8_t *data;
	struct seq seq; /* of data[0] */
	uint32_t len;   /* octets, at least 1 */
};

/** Pieces in order; tail means nothing while head is NULL. */
struct text_list {
	struct text *head;
	struct text *tail;
};

static inline struct seq
text_end(const struct text *t)
{
	return seq_add(t->seq, t->len);
}

static inline void
text_append(struct text_list *l, struct text *t)
{
	t->next = NULL;
	if (l->head == NULL)
		l->head = t;
	else
		l->tail->next = t;
	l->tail = t;
}

/** Forget the first @n octets of one piece; @n < t->len. */
static inline void
text_skip(struct text *t, uint32_t n)
{
	t->data += n;
	t->seq = seq_add(t->seq, n);
	t->len -= n;
}

/** Cut everything before @from off the list @head; whole pieces go to @waste. @return what is left */
struct text *
text_cut_before(struct text *head, struct seq from, struct text_list *waste);

/** Cut everything from @to on. */
struct text *
text_cut_after(struct text *head, struct seq to, struct text_list *waste);

#endif
