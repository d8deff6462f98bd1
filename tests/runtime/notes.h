/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_RUNTIME_NOTES_H
#define TESTS_RUNTIME_NOTES_H

/* Collects complaints of the configuration, as "where: problem" lines. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct notes {
	char text[8192];
	unsigned n;
};

static inline void
note(const char *where, const char *problem, void *user)
{
	struct notes *notes = user;
	size_t used = strlen(notes->text);

	notes->n++;
	snprintf(notes->text + used, sizeof(notes->text) - used, "%s: %s\n", where, problem);
}

#define notes_are(notes, expected) \
	cr_assert_str_eq((notes)->text, expected, "complaints were:\n%s", (notes)->text)
#define notes_have(notes, part) \
	cr_assert_not_null(strstr((notes)->text, part), "no \"%s\" in:\n%s", part, (notes)->text)

#endif
