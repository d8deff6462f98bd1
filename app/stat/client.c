/* SPDX-License-Identifier: BSD-3-Clause */

/* DPDK's telemetry socket, version 2. */

#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	GREETING_MAX = 1024,
	PATIENCE_S = 10,
};

static json_t *
receive(int fd, size_t max_len)
{
	char *text = malloc(max_len);
	ssize_t n = text != NULL ? recv(fd, text, max_len, 0) : -1;
	json_t *answer = n > 0 ? json_loadb(text, (size_t)n, JSON_DECODE_ANY, NULL) : NULL;

	free(text);
	return answer;
}

/* {"version": "DPDK 22.11.11", "pid": 42, "max_output_len": 16384} */
static int
greet(struct client *c)
{
	json_t *greeting = receive(c->fd, GREETING_MAX);
	json_int_t len = json_integer_value(json_object_get(greeting, "max_output_len"));

	c->pid = (int)json_integer_value(json_object_get(greeting, "pid"));
	c->max_len = len > 0 ? (size_t)len : 16384;
	json_decref(greeting);
	return c->pid > 0 ? 0 : -EPROTO;
}

int
client_open(struct client *c, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int err = 0;

	snprintf(c->path, sizeof(c->path), "%s", path);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		err = -errno;
	if (err == 0)
		err = greet(c);
	if (err != 0)
		client_close(c);
	return err;
}

void
client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

json_t *
client_ask(struct client *c, const char *command)
{
	json_t *answer;
	json_t *content;

	if (send(c->fd, command, strlen(command), MSG_NOSIGNAL) < 0)
		return NULL;
	answer = receive(c->fd, c->max_len + GREETING_MAX);
	/* {"/baro/arp": ...} */
	content = json_object_iter_value(json_object_iter(answer));
	json_incref(content);
	json_decref(answer);
	return content;
}

/* Rows come by their numbers, {"0": {...}, "1": {...}}: they become an array. */
static void
take_rows(json_t *page, const char *name)
{
	json_t *rows = json_array();
	json_t *row;
	const char *key;

	json_object_foreach(json_object_get(page, name), key, row) json_array_append(rows, row);
	if (json_is_object(page))
		json_object_set(page, name, rows);
	json_decref(rows);
}

static json_t *
ask_page(struct client *c, const char *command, const char *params, const char *name, json_int_t at)
{
	json_t *page;
	char text[1024];

	snprintf(text, sizeof(text), "%s,at=%" JSON_INTEGER_FORMAT "%s%s", command, at,
		params[0] != '\0' ? "," : "", params);
	page = client_ask(c, text);
	if (json_object_get(page, name) != NULL)
		take_rows(page, name);
	return page;
}

json_t *
client_ask_all(struct client *c, const char *command, const char *params, const char *name)
{
	json_t *all = ask_page(c, command, params, name, 0);
	json_t *rows = json_object_get(all, name);
	json_t *next = json_object_get(all, "next");

	while (next != NULL) {
		json_t *page = ask_page(c, command, params, name, json_integer_value(next));

		json_object_del(all, "next");
		if (page == NULL) {
			json_decref(all);
			return NULL;
		}
		json_array_extend(rows, json_object_get(page, name));
		if (json_object_get(page, "error") != NULL)
			json_object_set(all, "error", json_object_get(page, "error"));
		next = json_object_get(page, "next");
		if (next != NULL)
			json_object_set(all, "next", next);
		json_decref(page);
		next = json_object_get(all, "next");
	}
	return all;
}
