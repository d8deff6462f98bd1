/* SPDX-License-Identifier: BSD-3-Clause */

/* The commands that show one list or dictionary as it comes. */

#include <stdio.h>
#include <string.h>

#include "stat.h"

/** A column: its head, the key of its value, and whether that is a number. */
struct column {
	const char *head;
	const char *key;
};

static void
show_value(struct table *t, unsigned column, const json_t *value)
{
	if (json_is_integer(value))
		table_word(t, column, "%lld", (long long)json_integer_value(value));
	else if (json_is_string(value))
		table_word(t, column, "%s", json_string_value(value));
}

/* The list "@name" of @command as a table; @columns ends with a NULL head. */
static int
show_list(const struct request *r, const char *command, const char *name,
	const struct column *columns)
{
	json_t *answer = client_ask_all(r->client, command, "", name);
	char head[256] = "";
	struct table t;
	json_t *row;
	size_t i;

	if (is_refused(answer))
		return EXIT_REFUSED;
	if (r->json) {
		json_t *rows = json_incref(json_object_get(answer, name));

		json_decref(answer);
		return print_json(rows);
	}
	for (unsigned c = 0; columns[c].head != NULL; c++)
		snprintf(head + strlen(head), sizeof(head) - strlen(head), "%s%s",
			c != 0 ? "|" : "", columns[c].head);
	table_init(&t, head);
	json_array_foreach(json_object_get(answer, name), i, row)
	{
		table_row(&t);
		for (unsigned c = 0; columns[c].head != NULL; c++)
			show_value(&t, c, json_object_get(row, columns[c].key));
	}
	table_print(&t);
	json_decref(answer);
	return EXIT_FINE;
}

int
show_arp(const struct request *r)
{
	static const struct column columns[] = {
		{ "Address", "address" },
		{ "MAC", "mac" },
		{ "State", "state" },
		{ "Interface", "interface" },
		{ "Core>", "core" },
		{ "Parked>", "parked" },
		{ "Confirmed ms>", "confirmed_ms" },
		{ NULL, NULL },
	};

	return show_list(r, "/baro/arp", "neighbours", columns);
}

int
show_routes(const struct request *r)
{
	static const struct column columns[] = {
		{ "Destination", "destination" },
		{ "Gateway", "gateway" },
		{ "Interface", "interface" },
		{ "Metric>", "metric" },
		{ "Kind", "kind" },
		{ NULL, NULL },
	};

	return show_list(r, "/baro/routes", "routes", columns);
}

int
show_interfaces(const struct request *r)
{
	static const struct column columns[] = {
		{ "Interface", "interface" },
		{ "Address", "address" },
		{ "MTU>", "mtu" },
		{ NULL, NULL },
	};

	return show_list(r, "/baro/interfaces", "interfaces", columns);
}

int
show_memory(const struct request *r)
{
	static const struct column columns[] = {
		{ "Core>", "core" },
		{ "Text mbufs>", "text_mbufs_used" },
		{ "of>", "text_mbufs" },
		{ "Head mbufs>", "head_mbufs_used" },
		{ "of>", "head_mbufs" },
		{ "Connections>", "rests_used" },
		{ "of>", "rests_max" },
		{ "Awake>", "conns_used" },
		{ "SYN-RECEIVED>", "embryos_used" },
		{ "TIME-WAIT>", "timewaits_used" },
		{ "Listeners>", "listeners" },
		{ "Neighbours>", "neighbours" },
		{ "Timers>", "timers" },
		{ NULL, NULL },
	};

	return show_list(r, "/baro/memory", "cores", columns);
}

/* A port has more to say than fits a line: a paragraph each. */
int
show_ports(const struct request *r)
{
	json_t *answer = client_ask_all(r->client, "/baro/ports", "", "ports");
	json_t *rows, *row, *value;
	const char *key;
	size_t i;

	if (is_refused(answer))
		return EXIT_REFUSED;
	rows = json_object_get(answer, "ports");
	if (r->json) {
		json_incref(rows);
		json_decref(answer);
		return print_json(rows);
	}
	json_array_foreach(rows, i, row)
	{
		printf("%s%s\n", i != 0 ? "\n" : "", text_of(row, "port"));
		json_object_foreach(row, key, value)
		{
			if (json_is_integer(value))
				printf("  %-10s%lld\n", key, (long long)json_integer_value(value));
			else if (strcmp(key, "port") != 0)
				printf("  %-10s%s\n", key, json_string_value(value));
		}
	}
	json_decref(answer);
	return EXIT_FINE;
}

/* Names, numbers, and what they mean; zeros with -a only. */
static int
show_counted(const struct request *r, const char *command, const char *nothing)
{
	json_t *numbers = client_ask(r->client, command);
	json_t *about, *value;
	char question[64];
	const char *key;
	struct table t;

	if (is_refused(numbers))
		return EXIT_REFUSED;
	if (r->json)
		return print_json(numbers);
	snprintf(question, sizeof(question), "%s,about", command);
	about = client_ask(r->client, question);
	table_init(&t, "Count>|Name|Meaning");
	json_object_foreach(numbers, key, value)
	{
		if (json_integer_value(value) == 0 && !r->all)
			continue;
		table_row(&t);
		table_word(&t, 0, "%lld", (long long)json_integer_value(value));
		table_word(&t, 1, "%s", key);
		table_word(&t, 2, "%s", text_of(about, key));
	}
	if (t.n == 0)
		puts(nothing);
	else
		table_print(&t);
	json_decref(about);
	json_decref(numbers);
	return EXIT_FINE;
}

int
show_counters(const struct request *r)
{
	return show_counted(r, "/baro/counters", "nothing happened yet");
}

int
show_drops(const struct request *r)
{
	return show_counted(r, "/baro/drops", "nothing was dropped");
}

int
show_version(const struct request *r)
{
	json_t *v = client_ask(r->client, "/baro/version");

	if (is_refused(v))
		return EXIT_REFUSED;
	if (r->json)
		return print_json(v);
	printf("%s %s, %s, pid %lld, %lld core%s\n", text_of(v, "program"), text_of(v, "baro"),
		text_of(v, "dpdk"), (long long)number_of(v, "pid"),
		(long long)number_of(v, "cores"), number_of(v, "cores") == 1 ? "" : "s");
	json_decref(v);
	return EXIT_FINE;
}
