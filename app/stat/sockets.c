/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-stat sockets: netstat's table, with ss's additions. */

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stat.h"

/* "198.18.0.2:80" as netstat writes it: ports are services unless -n. */
static void
show_endpoint(const struct request *r, const char *text, const char *proto, char out[TABLE_WORD])
{
	const char *colon = strrchr(text, ':');
	struct servent *service = NULL;

	if (colon == NULL) {
		snprintf(out, TABLE_WORD, "%s", text);
		return;
	}
	if (!r->numeric)
		service = getservbyport(htons((uint16_t)atoi(colon + 1)), proto);
	snprintf(out, TABLE_WORD, "%.*s:%s", (int)(colon - text), text,
		service != NULL ? service->s_name : colon + 1);
}

static void
show_timer(const json_t *s, char out[TABLE_WORD])
{
	json_int_t ms = number_of(s, "timer_ms");

	out[0] = '\0';
	if (text_of(s, "timer")[0] != '\0')
		snprintf(out, TABLE_WORD, "%s %lld.%03llds %lld", text_of(s, "timer"),
			(long long)ms / 1000, (long long)ms % 1000,
			(long long)number_of(s, "retries"));
}

/* Everything that is beside the row's own columns: "cc:cubic rtt_us:120 ..." */
static void
show_info(json_t *s, char *out, size_t len)
{
	static const char *const own[] = { "local", "foreign", "state", "recv_q", "send_q", "timer",
		"timer_ms", "retries", "core", NULL };
	const char *key;
	json_t *value;
	size_t n = 0;

	out[0] = '\0';
	json_object_foreach(s, key, value)
	{
		const char *const *known = own;

		while (*known != NULL && strcmp(*known, key) != 0)
			known++;
		if (*known != NULL || n >= len)
			continue;
		if (json_is_string(value))
			n += (size_t)snprintf(out + n, len - n, "%s%s:%s", n != 0 ? " " : "", key,
				json_string_value(value));
		else
			n += (size_t)snprintf(out + n, len - n, "%s%s:%lld", n != 0 ? " " : "", key,
				(long long)json_integer_value(value));
	}
}

static bool
has_no_peer(const json_t *s)
{
	return strcmp(text_of(s, "foreign"), "0.0.0.0:0") == 0;
}

struct columns {
	unsigned queue; /* 0: not shown */
	unsigned timer;
	unsigned local;
	unsigned pid;
};

static void
show_socket(const struct request *r, const struct columns *at, json_t *s, const char *proto,
	const char *program, struct table *t)
{
	char word[TABLE_WORD], info[2048];

	table_row(t);
	table_word(t, 0, "%s", proto);
	if (at->queue != 0) {
		table_word(t, at->queue, "%lld", (long long)number_of(s, "recv_q"));
		table_word(t, at->queue + 1, "%lld", (long long)number_of(s, "send_q"));
	}
	show_endpoint(r, text_of(s, "local"), proto, word);
	table_word(t, at->local, "%s", word);
	show_endpoint(r, text_of(s, "foreign"), proto, word);
	if (has_no_peer(s)) /* netstat's ways to say so */
		table_word(t, at->local + 1, "%s", proto[0] == 't' ? "0.0.0.0:0" : "*:*");
	else
		table_word(t, at->local + 1, "%s", word);
	table_word(t, at->local + 2, "%s", text_of(s, "state"));
	table_word(t, at->pid, "%d%s%s", r->client->pid, program[0] != '\0' ? "/" : "", program);
	if (at->timer != 0) {
		show_timer(s, word);
		table_word(t, at->timer, "%s", word);
	}
	if (r->info && proto[0] == 't' && json_object_get(s, "cc") != NULL) {
		show_info(s, info, sizeof(info));
		table_note(t, info);
	}
}

/* Every core has the listeners and bound sockets of its own: one row for those of one address. */
static void
join_cores(json_t *rows)
{
	size_t i = 0;

	while (i < json_array_size(rows)) {
		json_t *row = json_array_get(rows, i);
		size_t first = 0;

		while (first < i && (!has_no_peer(json_array_get(rows, first)) ||
					    strcmp(text_of(json_array_get(rows, first), "local"),
						    text_of(row, "local")) != 0))
			first++;
		if (!has_no_peer(row) || number_of(row, "core") == 0 || first == i) {
			i++;
			continue;
		}
		json_object_set_new(json_array_get(rows, first), "recv_q",
			json_integer(number_of(json_array_get(rows, first), "recv_q") +
				     number_of(row, "recv_q")));
		json_array_remove(rows, i);
	}
}

static json_t *
ask_tcp(const struct request *r)
{
	char params[64];

	snprintf(params, sizeof(params), "%s%s", r->info ? "info," : "",
		r->all         ? "all"
		: r->listening ? "listening"
			       : "connected");
	return client_ask_all(r->client, "/baro/tcp/sockets", params, "sockets");
}

/* UDP's sockets have no state: without a peer they are those that listen, as ss has it. */
static json_t *
ask_udp(const struct request *r)
{
	json_t *all = client_ask_all(r->client, "/baro/udp/sockets", "", "sockets");
	json_t *rows = json_object_get(all, "sockets");
	size_t i = 0;

	while (!r->all && i < json_array_size(rows)) {
		bool is_listening = has_no_peer(json_array_get(rows, i));

		if (is_listening == r->listening)
			i++;
		else
			json_array_remove(rows, i);
	}
	return all;
}

/* @return false: refused */
static bool
ask(const struct request *r, json_t **tcp, json_t **udp)
{
	bool both = r->tcp == r->udp;

	*tcp = *udp = NULL;
	if (r->tcp || both) {
		*tcp = ask_tcp(r);
		if (is_refused(*tcp))
			return false;
	}
	if (r->udp || both) {
		*udp = ask_udp(r);
		if (!is_refused(*udp))
			return true;
		json_decref(*tcp);
		return false;
	}
	return true;
}

static int
print_both(json_t *tcp, json_t *udp)
{
	json_t *both = json_object();

	if (tcp != NULL)
		json_object_set(both, "tcp", json_object_get(tcp, "sockets"));
	if (udp != NULL)
		json_object_set(both, "udp", json_object_get(udp, "sockets"));
	json_decref(tcp);
	json_decref(udp);
	return print_json(both);
}

int
show_sockets(const struct request *r)
{
	bool with_queues = r->queues || r->info;
	struct columns at = {
		.queue = with_queues ? 1 : 0,
		.local = with_queues ? 3 : 1,
		.pid = with_queues ? 6 : 4,
	};
	json_t *version, *tcp, *udp, *row;
	struct table t;
	char head[128];
	size_t i;

	if (!ask(r, &tcp, &udp))
		return EXIT_REFUSED;
	join_cores(json_object_get(tcp, "sockets"));
	join_cores(json_object_get(udp, "sockets"));
	if (r->json)
		return print_both(tcp, udp);
	if (r->timers)
		at.timer = at.pid + 1;
	snprintf(head, sizeof(head), "Proto%s|Local Address|Foreign Address|State|%s%s",
		with_queues ? "|Recv-Q>|Send-Q>" : "", r->process ? "PID/Program" : "PID",
		r->timers ? "|Timer" : "");
	version = r->process ? client_ask(r->client, "/baro/version") : NULL;
	table_init(&t, head);
	json_array_foreach(json_object_get(tcp, "sockets"), i, row)
		show_socket(r, &at, row, "tcp", text_of(version, "program"), &t);
	json_array_foreach(json_object_get(udp, "sockets"), i, row)
		show_socket(r, &at, row, "udp", text_of(version, "program"), &t);
	table_print(&t);
	json_decref(version);
	json_decref(tcp);
	json_decref(udp);
	return EXIT_FINE;
}
