/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_LIST_H
#define BARO_BASE_LIST_H

/*
 * Intrusive doubly linked list with a sentinel head. A node that is in no list
 * points to itself, so list_remove() may be called at any time.
 */

#include <stdbool.h>

struct list {
	struct list *next;
	struct list *prev;
};

static inline void
list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool
list_is_empty(const struct list *l)
{
	return l->next == l;
}

/** Put @node before @at; with a head as @at, at the end of that list. */
static inline void
list_add(struct list *at, struct list *node)
{
	node->next = at;
	node->prev = at->prev;
	at->prev->next = node;
	at->prev = node;
}

static inline void
list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/** Move all of @from to the end of @to; @from is empty then. */
static inline void
list_splice(struct list *to, struct list *from)
{
	if (list_is_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/** First node, or NULL. */
static inline struct list *
list_first(const struct list *l)
{
	return list_is_empty(l) ? (struct list *)0 : l->next;
}

#endif
