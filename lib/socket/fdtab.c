/* SPDX-License-Identifier: BSD-3-Clause */

/* Numbers of descriptors, given out in turn. */

#include "socket/fdtab.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"

/** The page of @number, made if there is none; NULL: no memory. */
static struct fd_page *
page_for(struct fdtab *t, uint32_t number)
{
	struct fd_page **page = &t->page[number >> FD_PAGE_BITS];

	if (*page != NULL)
		return *page;
	*page = t->spare != NULL ? t->spare : calloc(1, sizeof(**page));
	t->spare = NULL;
	return *page;
}

/** The first free number from t->next on; one is free. */
static uint32_t
find_free(const struct fdtab *t)
{
	uint32_t number = t->next;

	for (;;) {
		const struct fd_page *page = t->page[number >> FD_PAGE_BITS];

		if (page == NULL || page->object[number & (FD_PAGE - 1)] == NULL)
			return number;
		if (page->n_used == FD_PAGE)
			number |= FD_PAGE - 1; /* on to the next page */
		number = (number + 1) % FD_NUMBERS;
	}
}

int
fdtab_add(struct fdtab *t, void *object)
{
	struct fd_page *page;
	uint32_t number;

	if (t->n_used == FD_NUMBERS)
		return -ENFILE;
	if (t->page == NULL)
		t->page = calloc(FD_PAGES, sizeof(*t->page));
	if (t->page == NULL)
		return -ENOMEM;
	number = find_free(t);
	page = page_for(t, number);
	if (page == NULL)
		return -ENOMEM;
	page->object[number & (FD_PAGE - 1)] = object;
	page->n_used++;
	t->n_used++;
	t->next = (number + 1) % FD_NUMBERS;
	return (int)number;
}

void
fdtab_remove(struct fdtab *t, uint32_t number)
{
	struct fd_page *page = t->page[number >> FD_PAGE_BITS];

	BARO_ASSERT(page != NULL && page->object[number & (FD_PAGE - 1)] != NULL);
	page->object[number & (FD_PAGE - 1)] = NULL;
	t->n_used--;
	if (--page->n_used != 0)
		return;
	t->page[number >> FD_PAGE_BITS] = NULL;
	if (t->spare == NULL)
		t->spare = page;
	else
		free(page);
}

void
fdtab_fini(struct fdtab *t)
{
	for (uint32_t i = 0; t->page != NULL && i < FD_PAGES; i++)
		free(t->page[i]);
	free(t->page);
	free(t->spare);
	*t = (struct fdtab){ 0 };
}
