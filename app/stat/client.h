/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STAT_CLIENT_H
#define STAT_CLIENT_H

/* A running process, asked by DPDK's telemetry socket: a command in a packet, JSON in another. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct client {
	int fd;
	int pid;
	size_t max_len; /* octets of an answer at most */
	char path[108];
};

/** @return 0, -errno (-ECONNREFUSED: nobody listens there; -EACCES), -EPROTO */
int
client_open(struct client *c, const char *path);
void
client_close(struct client *c);

/**
 * What the command answers, without its name around it. The caller's to json_decref(). NULL: the
 * process has ended, or says no JSON; a command that it does not know is json_null().
 */
json_t *
client_ask(struct client *c, const char *command);

/**
 * All pages of a list joined: the array @name of the answers of "@command,at=N[,@params]".
 *
 * @return as client_ask(), with @name and what the first page has beside it
 */
json_t *
client_ask_all(struct client *c, const char *command, const char *params, const char *name);

#endif
