/* SPDX-License-Identifier: BSD-3-Clause */

/* INI files: a scan for faults and line numbers, then rte_cfgfile for the values. */

#include "runtime/ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* rte_cfgfile refuses a longer line, its newline included. */
enum { MAX_LINE = CFG_NAME_LEN + CFG_VALUE_LEN + 2 };

enum line_kind {
	LINE_EMPTY,
	LINE_SECTION,
	LINE_ENTRY,
	LINE_FAULT,
};

struct scan {
	unsigned *line; /* line numbers of headings and entries, in order */
	unsigned n;
	unsigned n_faults;
	bool is_in_section;
	ini_fault fault;
	void *user;
};

static const struct rte_cfgfile_parameters ini_params = { .comment_character = '#' };

/* Cut the comment and the blanks around, as rte_cfgfile does. */
static char *
trim(char *text)
{
	char *hash = strchr(text, '#');
	size_t len;

	if (hash != NULL && (hash == text || hash[-1] != '\\'))
		*hash = '\0';
	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* @problem is set for LINE_FAULT only. */
static enum line_kind
look_at_section(const char *text, const char **problem)
{
	const char *end = strchr(text, ']');

	if (end == NULL)
		*problem = "section without its closing bracket; write [name]";
	else if (end[1] != '\0')
		*problem = "text after a section's bracket; put it on a line of its own";
	else if (end - text > CFG_NAME_LEN)
		*problem = "section name of more than 63 characters";
	else
		return LINE_SECTION;
	return LINE_FAULT;
}

static enum line_kind
look_at_line(char *line, bool is_in_section, const char **problem)
{
	const char *text = trim(line);
	const char *equals = strchr(text, '=');

	if (text[0] == '\0')
		return LINE_EMPTY;
	if (text[0] == '[')
		return look_at_section(text, problem);
	if (equals == NULL)
		*problem = "neither [section] nor key = value; comments begin with #";
	else if (equals == text)
		*problem = "value without a key; write key = value";
	else if (equals[1] == '\0')
		*problem = "key without a value; write key = value, or remove the line";
	else if (equals - text >= CFG_NAME_LEN)
		*problem = "key of more than 63 characters";
	else if (strlen(equals + 1 + strspn(equals + 1, " \t")) >= CFG_VALUE_LEN)
		*problem = "value of more than 255 characters";
	else if (!is_in_section)
		*problem = "key before the first [section]";
	else
		return LINE_ENTRY;
	return LINE_FAULT;
}

static void
complain(struct scan *s, unsigned line, const char *problem)
{
	s->n_faults++;
	if (s->fault != NULL)
		s->fault(line, problem, s->user);
}

static int
scan_line(struct scan *s, unsigned number, char *text, size_t len)
{
	const char *problem = NULL;
	unsigned *grown;

	if (len > MAX_LINE) {
		complain(s, number, "line of more than 320 characters; break it up");
		return 0;
	}
	switch (look_at_line(text, s->is_in_section, &problem)) {
	case LINE_EMPTY:
		return 0;
	case LINE_FAULT:
		complain(s, number, problem);
		return 0;
	case LINE_SECTION:
		s->is_in_section = true;
		break;
	case LINE_ENTRY:
		break;
	}
	grown = reallocarray(s->line, s->n + 1, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	s->line = grown;
	s->line[s->n++] = number;
	return 0;
}

/* Every line of the file; @s collects faults and line numbers. */
static int
scan_file(struct scan *s, const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned number = 0;
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int err = 0;

	if (f == NULL)
		return -errno;
	errno = 0;
	while (err == 0 && (len = getline(&text, &room, f)) >= 0)
		err = scan_line(s, ++number, text, (size_t)len);
	if (err == 0 && ferror(f))
		err = errno != 0 ? -errno : -EIO;
	free(text);
	fclose(f);
	if (err == 0 && s->n_faults != 0)
		err = -EINVAL;
	return err;
}

/* The entries of section @i, with the heading in front. */
static int
copy_section(struct rte_cfgfile *file, int i, struct ini *out, const struct scan *s)
{
	struct rte_cfgfile_entry *entries;
	char name[CFG_NAME_LEN];
	int n = rte_cfgfile_section_num_entries_by_index(file, name, i);
	int k;

	if (n < 0 || out->n + (unsigned)n + 1 > s->n)
		return -EINVAL;
	entries = calloc((size_t)n + 1, sizeof(*entries));
	if (entries == NULL)
		return -ENOMEM;
	rte_cfgfile_section_entries_by_index(file, i, name, entries, n);
	for (k = -1; k < n; k++) {
		struct ini_entry *e = &out->entry[out->n];

		memcpy(e->section, name, sizeof(name));
		if (k >= 0) {
			memcpy(e->key, entries[k].name, sizeof(e->key));
			memcpy(e->value, entries[k].value, sizeof(e->value));
		}
		e->line = s->line[out->n++];
	}
	free(entries);
	return 0;
}

static int
copy_entries(struct rte_cfgfile *file, struct ini *out, const struct scan *s)
{
	int n = rte_cfgfile_num_sections(file, NULL, 0);
	int err = 0;
	int i;

	out->entry = calloc((size_t)s->n + 1, sizeof(*out->entry));
	if (out->entry == NULL)
		return -ENOMEM;
	for (i = 0; i < n && err == 0; i++)
		err = copy_section(file, i, out, s);
	if (err == 0 && out->n != s->n)
		err = -EINVAL;
	return err;
}

int
ini_read(const char *path, ini_fault fault, void *user, struct ini *out)
{
	struct scan s = { .fault = fault, .user = user };
	struct rte_cfgfile *file;
	int err;

	*out = (struct ini){ 0 };
	err = scan_file(&s, path);
	if (err != 0)
		goto done;
	file = rte_cfgfile_load_with_params(path, 0, &ini_params);
	if (file == NULL) {
		err = -EIO;
		goto done;
	}
	err = copy_entries(file, out, &s);
	rte_cfgfile_close(file);
	if (err != 0)
		ini_free(out);
done:
	free(s.line);
	return err;
}

void
ini_free(struct ini *ini)
{
	free(ini->entry);
	*ini = (struct ini){ 0 };
}
