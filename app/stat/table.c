/* SPDX-License-Identifier: BSD-3-Clause */

#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Out of memory: there is nothing to be shown. */
static void *
grow(void *old, size_t n, size_t len)
{
	void *p = reallocarray(old, n, len);

	if (p == NULL) {
		fprintf(stderr, "baro-stat: not enough memory\n");
		exit(1);
	}
	return p;
}

void
table_init(struct table *t, const char *head)
{
	memset(t, 0, sizeof(*t));
	for (;;) {
		size_t len = strcspn(head, "|");

		t->is_number[t->n_columns] = len > 0 && head[len - 1] == '>';
		t->head[t->n_columns] = head;
		t->width[t->n_columns] = len - t->is_number[t->n_columns];
		t->n_columns++;
		if (head[len] == '\0')
			return;
		head += len + 1;
	}
}

static char *
word_at(const struct table *t, unsigned row, unsigned column)
{
	return t->words + ((size_t)row * t->n_columns + column) * TABLE_WORD;
}

void
table_row(struct table *t)
{
	if (t->n == t->n_room) {
		t->n_room = t->n_room != 0 ? 2 * t->n_room : 64;
		t->words = grow(t->words, t->n_room, (size_t)t->n_columns * TABLE_WORD);
		t->note = grow(t->note, t->n_room, sizeof(t->note[0]));
	}
	for (unsigned i = 0; i < t->n_columns; i++)
		word_at(t, t->n, i)[0] = '\0';
	t->note[t->n] = NULL;
	t->n++;
}

void
table_word(struct table *t, unsigned column, const char *format, ...)
{
	char *word = word_at(t, t->n - 1, column);
	va_list args;

	va_start(args, format);
	vsnprintf(word, TABLE_WORD, format, args);
	va_end(args);
	if (strlen(word) > t->width[column])
		t->width[column] = strlen(word);
}

void
table_note(struct table *t, const char *note)
{
	t->note[t->n - 1] = strdup(note);
}

/* No blanks at the end of a line. */
static void
print_word(const struct table *t, unsigned column, const char *word, size_t len)
{
	bool is_last = column + 1 == t->n_columns;
	int pad = (int)(t->width[column] - len);

	if (t->is_number[column])
		printf("%*s", pad, "");
	printf("%.*s", (int)len, word);
	if (!is_last)
		printf("%*s", t->is_number[column] ? 2 : pad + 2, "");
}

void
table_print(struct table *t)
{
	for (unsigned i = 0; i < t->n_columns; i++)
		print_word(t, i, t->head[i], strcspn(t->head[i], ">|"));
	putchar('\n');
	for (unsigned row = 0; row < t->n; row++) {
		for (unsigned i = 0; i < t->n_columns; i++)
			print_word(t, i, word_at(t, row, i), strlen(word_at(t, row, i)));
		putchar('\n');
		if (t->note[row] != NULL)
			printf("\t%s\n", t->note[row]);
		free(t->note[row]);
	}
	free(t->words);
	free(t->note);
}
