/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STAT_TABLE_H
#define STAT_TABLE_H

/* Rows of words in columns that are as wide as their longest word. */

#include <stdbool.h>
#include <stddef.h>

enum {
	TABLE_COLUMNS = 16,
	TABLE_WORD = 128,
};

struct table {
	unsigned n_columns;
	const char *head[TABLE_COLUMNS];
	bool is_number[TABLE_COLUMNS]; /* aligned to the right */
	size_t width[TABLE_COLUMNS];
	char *words; /* n * n_columns of TABLE_WORD octets */
	char **note; /* a line below each row; NULL: none */
	unsigned n;
	unsigned n_room;
};

/** @head  column names, separated by '|'; "Recv-Q>" is aligned to the right. Stays the caller's */
void
table_init(struct table *t, const char *head);

/** Another row, of empty words. */
void
table_row(struct table *t);

/** The next word of the last row is printed so. */
void
table_word(struct table *t, unsigned column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** A line below the last row. */
void
table_note(struct table *t, const char *note);

/** To stdout, with its head; everything is freed. */
void
table_print(struct table *t);

#endif
