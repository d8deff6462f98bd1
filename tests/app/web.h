/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APP_WEB_H
#define APP_WEB_H

/* baro-http on a fake core, and clients that say requests to it. */

#include <criterion/criterion.h>

#include "../../app/http/options.h"
#include "../../app/http/service.h"
#include "kit/fake_conn.h"

#define MS(n) ((uint64_t)(n)*1000000)
#define S(n)  MS((n)*1000)

struct web {
	struct http_options options;
	struct http_service *service;
	char root[64]; /* temporary folder; "": none */
};

extern struct web web;

/** A server without files, defaults elsewhere. */
void
web_start(void);

/** A server with files below an empty temporary folder. */
void
web_start_root(void);

/** Start with the options of web.options. */
void
web_start_as_set(void);

/** Stop, remove the folder. No connection may be left but those of clients not yet freed. */
void
web_stop(void);

/** Make a file of the root, folders included. @data NULL: @len octets, i mod 256 */
void
web_file(const char *name, const void *data, size_t len);

struct fake_client *
web_connect(void);

void
say(struct fake_client *f, const char *text);

/** What was heard since the last call, Date fields replaced by "Date: *". Valid until the next call. */
const char *
hear(struct fake_client *f);

/** One request over a connection of its own. Valid until the next call of hear() or ask(). */
const char *
ask(const char *request);

/** The three digits of ask(@request). */
int
ask_status(const char *request);

/** The value of a field of the response @text; NULL: it has none. Valid until the next call. */
const char *
field(const char *text, const char *name);

/** What follows the head. */
const char *
body(const char *text);

bool
contains(const char *text, const char *part);
bool
begins(const char *text, const char *start);

#endif
