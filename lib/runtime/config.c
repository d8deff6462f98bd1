/* SPDX-License-Identifier: BSD-3-Clause */

/* Loading a configuration file and setting single keys: lib/baro/config.h. */

#include <baro/config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config_keys.h"
#include "runtime/ini.h"

enum { MAX_TEXT = 512 };

/* Where problems go, and under which name. */
struct report {
	baro_config_complaint complain;
	void *user;
	const char *path; /* of the file; NULL: the command line */
	unsigned n;
};

__attribute__((format(printf, 3, 4))) static void
problem(struct report *r, const char *where, const char *form, ...)
{
	char text[MAX_TEXT];
	va_list args;

	r->n++;
	if (r->complain == NULL)
		return;
	va_start(args, form);
	vsnprintf(text, sizeof(text), form, args);
	va_end(args);
	r->complain(where, text, r->user);
}

static void
report_range(struct report *r, const char *where, const struct config_key *key, const char *value)
{
	char min[32];
	char max[32];

	if (!key->type->is_number) {
		problem(r, where, "\"%s\" is too long; %zu characters are allowed", value,
			key->len - 1);
		return;
	}
	problem(r, where, "%s is out of range; %s to %s is allowed", value,
		value_format(key->min, key->type->units, min, sizeof(min)),
		value_format(key->max, key->type->units, max, sizeof(max)));
}

/* @return 0, -ENOENT, -EINVAL; told to @r */
static int
set_key(struct baro_config *config, const char *section, const char *name, const char *value,
	struct report *r, const char *where)
{
	const struct config_key *key = config_key_find(section, name);
	int index = config_port_index(section);
	char hint[MAX_TEXT / 2];
	int err;

	if (key == NULL) {
		config_suggest(section, name, hint, sizeof(hint));
		problem(r, where, "no such key; %s", hint);
		return -ENOENT;
	}
	if (index >= 0)
		config->port[index].is_used = true;
	err = key->type->parse(key, value, config_base(config, section));
	if (err == -ERANGE)
		report_range(r, where, key, value);
	else if (err != 0)
		problem(r, where, "\"%s\" is not %s", value, key->type->expects);
	return err == 0 ? 0 : -EINVAL;
}

/* A heading alone brings a port into use; an unknown one is told once, not with each key. */
static bool
take_heading(struct baro_config *config, const struct ini_entry *e, struct report *r)
{
	char where[MAX_TEXT];
	char hint[MAX_TEXT / 2];
	int index = config_port_index(e->section);

	if (index >= 0)
		config->port[index].is_used = true;
	if (config_has_section(e->section))
		return true;
	snprintf(where, sizeof(where), "%s:%u: [%s]", r->path, e->line, e->section);
	config_suggest(e->section, "", hint, sizeof(hint));
	problem(r, where, "no such section; %s", hint);
	return false;
}

/* The line on which the same key was set before; 0 if it was not. */
static unsigned
find_earlier(const struct ini *ini, const struct ini_entry *e)
{
	const struct ini_entry *p;

	for (p = ini->entry; p < e; p++)
		if (strcmp(p->section, e->section) == 0 && strcmp(p->key, e->key) == 0)
			return p->line;
	return 0;
}

static void
take_entries(struct baro_config *config, const struct ini *ini, struct report *r)
{
	const struct ini_entry *end = ini->entry + ini->n;
	const struct ini_entry *e;
	bool is_known = false;
	char where[MAX_TEXT];
	unsigned line;

	for (e = ini->entry; e < end; e++) {
		if (e->key[0] == '\0') {
			is_known = take_heading(config, e, r);
			continue;
		}
		if (!is_known)
			continue;
		snprintf(where, sizeof(where), "%s:%u: [%s] %s", r->path, e->line, e->section,
			e->key);
		line = find_earlier(ini, e);
		if (line != 0)
			problem(r, where, "set before on line %u; remove one of them", line);
		else
			set_key(config, e->section, e->key, e->value, r, where);
	}
}

static void
report_line(unsigned line, const char *text, void *user)
{
	struct report *r = user;
	char where[MAX_TEXT];

	snprintf(where, sizeof(where), "%s:%u", r->path, line);
	problem(r, where, "%s", text);
}

int
baro_config_load(
	struct baro_config *config, const char *path, baro_config_complaint complain, void *user)
{
	struct report r = { .complain = complain, .user = user, .path = path };
	struct ini ini;
	int err;

	err = ini_read(path, report_line, &r, &ini);
	if (err == 0) {
		take_entries(config, &ini, &r);
		ini_free(&ini);
	} else if (r.n == 0) {
		problem(&r, path, "cannot be read: %s", strerror(-err));
		return err;
	}
	return r.n == 0 ? 0 : -EINVAL;
}

int
baro_config_set(struct baro_config *config, const char *key, const char *value,
	baro_config_complaint complain, void *user)
{
	struct report r = { .complain = complain, .user = user };
	const char *dot = strchr(key, '.');
	char where[MAX_TEXT];
	char section[32];

	snprintf(where, sizeof(where), "--%s", key);
	if (dot == NULL || (size_t)(dot - key) >= sizeof(section)) {
		problem(&r, where, "no such key; keys are named section.key, as in tcp.msl");
		return -ENOENT;
	}
	memcpy(section, key, (size_t)(dot - key));
	section[dot - key] = '\0';
	return set_key(config, section, dot + 1, value, &r, where);
}
