/* SPDX-License-Identifier: BSD-3-Clause */

/* Commands that change something: words become parameters, the process decides. */

#include <stdio.h>
#include <string.h>

#include "stat.h"

static int
ask_for(const struct request *r, const char *question)
{
	json_t *answer = client_ask(r->client, question);

	if (is_refused(answer))
		return EXIT_REFUSED;
	if (r->json)
		return print_json(answer);
	json_decref(answer);
	return EXIT_FINE;
}

/* A comma would begin another parameter. */
static bool
is_word(const char *text)
{
	return text[0] != '\0' && strchr(text, ',') == NULL;
}

/* "@path/add,@first=WORD[,KEY=WORD]...": pairs of @keys, each at most once, any order. */
static int
change(const struct request *r, const char *name, const char *first, const char *const *keys)
{
	char question[512];
	size_t n;

	if (r->argc < 2 || (strcmp(r->argv[0], "add") != 0 && strcmp(r->argv[0], "del") != 0))
		return wrong_usage(name, "add or del, and what?");
	if (!is_word(r->argv[1]))
		return wrong_usage(name, "that is no address");
	n = (size_t)snprintf(question, sizeof(question), "/baro/%s/%s,%s=%s", name, r->argv[0],
		first, r->argv[1]);
	for (int i = 2; i < r->argc; i += 2) {
		const char *const *key = keys;

		while (*key != NULL && strcmp(*key, r->argv[i]) != 0)
			key++;
		if (*key == NULL || i + 1 == r->argc || !is_word(r->argv[i + 1]))
			return wrong_usage(name, "I do not know what to do with the last words");
		if (n < sizeof(question))
			n += (size_t)snprintf(
				question + n, sizeof(question) - n, ",%s=%s", *key, r->argv[i + 1]);
	}
	if (n >= sizeof(question))
		return wrong_usage(name, "too long");
	return ask_for(r, question);
}

int
change_route(const struct request *r)
{
	static const char *const keys[] = { "via", "dev", "metric", NULL };

	return change(r, "route", "to", keys);
}

int
change_addr(const struct request *r)
{
	static const char *const keys[] = { "dev", NULL };

	return change(r, "addr", "addr", keys);
}

int
change_neigh(const struct request *r)
{
	static const char *const keys[] = { "mac", "dev", NULL };

	return change(r, "neigh", "addr", keys);
}

int
change_trace(const struct request *r)
{
	char question[256];

	if (r->argc != 1 || strlen(r->argv[0]) > 200)
		return wrong_usage("trace", "which connections? all, or off");
	snprintf(question, sizeof(question), "/baro/trace,%s", r->argv[0]);
	return ask_for(r, question);
}

static int
show_logs(const struct request *r)
{
	json_t *types = client_ask(r->client, "/baro/log");
	const char *key;
	struct table t;
	json_t *value;

	if (is_refused(types))
		return EXIT_REFUSED;
	if (r->json)
		return print_json(types);
	table_init(&t, "Type|Level");
	json_object_foreach(types, key, value)
	{
		table_row(&t);
		table_word(&t, 0, "%s", key);
		table_word(&t, 1, "%s", json_string_value(value));
		/* the socket has '/' for '.' in names */
		for (char *at = t.words + (size_t)(t.n - 1) * 2 * TABLE_WORD; *at != '\0'; at++)
			*at = *at == '/' ? '.' : *at;
	}
	table_print(&t);
	json_decref(types);
	return EXIT_FINE;
}

int
change_log(const struct request *r)
{
	char question[256];

	if (r->argc == 0)
		return show_logs(r);
	if (r->argc != 2 || !is_word(r->argv[0]) || !is_word(r->argv[1]))
		return wrong_usage("log", "a pattern and a level, or nothing");
	snprintf(question, sizeof(question), "/baro/log,type=%.100s,level=%.50s", r->argv[0],
		r->argv[1]);
	return ask_for(r, question);
}
