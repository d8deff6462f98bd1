/* SPDX-License-Identifier: BSD-3-Clause */

/* Finding keys, what an unknown name may have meant, and defaults. */

#include <stdio.h>
#include <string.h>

#include "base/check.h"

#include "runtime/config_keys.h"

enum { MAX_NAME = 32, MAX_TYPOS = 3 };

int
config_port_index(const char *section)
{
	if (strncmp(section, "port", 4) != 0 || section[4] < '0' ||
		section[4] >= '0' + BARO_MAX_PORTS || section[5] != '\0')
		return -1;
	return section[4] - '0';
}

/* The section's name in the table. */
static const char *
table_section(const char *section)
{
	return config_port_index(section) >= 0 ? "port" : section;
}

const struct config_key *
config_key_find(const char *section, const char *name)
{
	const struct config_key *k;

	if (strcmp(section, "port") == 0)
		return NULL;
	section = table_section(section);
	for (k = config_keys; k->section != NULL; k++)
		if (strcmp(k->section, section) == 0 && strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

bool
config_has_section(const char *section)
{
	const struct config_key *k;

	if (strcmp(section, "port") == 0)
		return false;
	section = table_section(section);
	for (k = config_keys; k->section != NULL; k++)
		if (strcmp(k->section, section) == 0)
			return true;
	return false;
}

void *
config_base(struct baro_config *config, const char *section)
{
	int index = config_port_index(section);

	return index >= 0 ? (void *)&config->port[index] : (void *)config;
}

/* Octets to insert, delete or replace to make one name of the other (Levenshtein). */
static unsigned
typos(const char *a, const char *b)
{
	unsigned row[MAX_NAME + 1];
	size_t n = strlen(b);
	size_t i, j;

	if (n > MAX_NAME)
		return MAX_NAME;
	for (j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (j = 1; j <= n; j++) {
			unsigned replaced = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			row[j] = min_u32(replaced, min_u32(row[j], row[j - 1]) + 1);
		}
	}
	return row[n];
}

/* The key whose name is nearest, of @section (NULL: of any); NULL if none is near. */
static const struct config_key *
nearest(const char *section, const char *name)
{
	const struct config_key *best = NULL;
	const struct config_key *k;
	unsigned best_typos = MAX_TYPOS + 1;

	for (k = config_keys; k->section != NULL; k++) {
		unsigned n = typos(name, k->name);

		if (section != NULL && strcmp(k->section, section) != 0)
			continue;
		/* a name of three letters is not a misspelling of any other three */
		if (n < best_typos && n < strlen(k->name)) {
			best = k;
			best_typos = n;
		}
	}
	return best;
}

static void
suggest_section(const char *section, char *buf, size_t len)
{
	const struct config_key *k;
	const char *best = "port0";
	unsigned best_typos = typos(section, best);

	for (k = config_keys; k->section != NULL; k++) {
		if (typos(section, k->section) < best_typos && strcmp(k->section, "port") != 0) {
			best = k->section;
			best_typos = typos(section, best);
		}
	}
	if (best_typos <= MAX_TYPOS)
		snprintf(buf, len, "did you mean [%s]?", best);
	else
		snprintf(buf, len,
			"there are [eal], [core], [tcp], [neighbour], [ip], [icmp] and [port0] to "
			"[port%d]",
			BARO_MAX_PORTS - 1);
}

/* "[icmp] has error_rate, echo_rate" */
static void
list_keys(const char *section, char *buf, size_t len)
{
	const struct config_key *k;
	const char *comma = "";
	size_t used;

	snprintf(buf, len, "[%s] has", section);
	for (k = config_keys; k->section != NULL; k++) {
		if (strcmp(k->section, table_section(section)) != 0)
			continue;
		used = strlen(buf);
		snprintf(buf + used, len - used, "%s %s", comma, k->name);
		comma = ",";
	}
}

void
config_suggest(const char *section, const char *name, char *buf, size_t len)
{
	const struct config_key *k;

	if (!config_has_section(section)) {
		suggest_section(section, buf, len);
		return;
	}
	k = nearest(table_section(section), name);
	if (k != NULL) {
		snprintf(buf, len, "did you mean %s?", k->name);
		return;
	}
	for (k = config_keys; k->section != NULL; k++) {
		if (strcmp(k->name, name) == 0) {
			snprintf(buf, len, "%s belongs into [%s]", name,
				strcmp(k->section, "port") == 0 ? "port0" : k->section);
			return;
		}
	}
	list_keys(section, buf, len);
}

/* True while a field has never been set, or set to 0: both mean the default. */
static bool
is_unset(const struct config_key *key, const void *base)
{
	const char *field = (const char *)base + key->offset;
	size_t i;

	for (i = 0; i < key->len; i++)
		if (field[i] != 0)
			return false;
	return true;
}

static void
fill_section(struct baro_config *config, const char *section)
{
	void *base = config_base(config, section);
	const struct config_key *k;

	for (k = config_keys; k->section != NULL; k++)
		if (strcmp(k->section, table_section(section)) == 0 && k->fallback != NULL &&
			is_unset(k, base))
			k->type->parse(k, k->fallback, base);
}

void
config_fill(struct baro_config *config)
{
	static const char *const sections[] = { "core", "tcp", "neighbour", "ip", "icmp",
		"resolve" };
	char port[] = "port0";
	unsigned i;

	for (i = 0; i < ARRAY_LEN(sections); i++)
		fill_section(config, sections[i]);
	for (i = 0; i < BARO_MAX_PORTS; i++) {
		port[4] = (char)('0' + i);
		fill_section(config, port);
	}
}
