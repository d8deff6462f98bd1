/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_SOCKET_FDTAB_H
#define BARO_SOCKET_FDTAB_H

/*
 * The numbers behind descriptors. They are given out in turn, all 2^24 of them, before the first one
 * comes again: what was closed stays closed for whoever still holds its number. That is a generation for
 * each place of the table, without places that wear out. The table is a directory of pages, made when a
 * number of theirs is used and freed when none is.
 */

#include <stddef.h>
#include <stdint.h>

enum {
	FD_NUMBER_BITS = 24,
	FD_PAGE_BITS = 10,
	FD_NUMBERS = 1 << FD_NUMBER_BITS,
	FD_PAGE = 1 << FD_PAGE_BITS,
	FD_PAGES = FD_NUMBERS / FD_PAGE,
};

struct fd_page {
	uint32_t n_used;
	void *object[FD_PAGE];
};

/** A zeroed one is empty. */
struct fdtab {
	struct fd_page **page; /* FD_PAGES of them; NULL: nothing was added yet */
	struct fd_page
		*spare; /* an empty one, so that a number that comes and goes costs no allocation */
	uint32_t next;  /* the number to try first */
	uint32_t n_used;
};

/** @return its number, -ENFILE (every number is in use), -ENOMEM */
int
fdtab_add(struct fdtab *t, void *object);

/** NULL: no object has this number. */
static inline void *
fdtab_find(const struct fdtab *t, uint32_t number)
{
	const struct fd_page *page;

	if (t->page == NULL || number >= FD_NUMBERS)
		return NULL;
	page = t->page[number >> FD_PAGE_BITS];
	return page != NULL ? page->object[number & (FD_PAGE - 1)] : NULL;
}

/** @number is in use. */
void
fdtab_remove(struct fdtab *t, uint32_t number);

/** Give the memory back; numbers in use are forgotten. */
void
fdtab_fini(struct fdtab *t);

#endif
