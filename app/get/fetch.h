/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GET_FETCH_H
#define GET_FETCH_H

/*
 * One URL fetched, redirections included: name, connection, request, response, close. Each step is
 * a callback that begins the next; story.c tells of them, report.c sums up.
 */

#include <baro/baro.h>

#include "options.h"
#include "output.h"
#include "response.h"
#include "url.h"

/** Exit statuses, curl's. */
enum get_status {
	GET_OK = 0,
	GET_PROTOCOL = 1, /* no http:// */
	GET_URL = 3,
	GET_NAME = 6,
	GET_CONNECT = 7,
	GET_NOT_HTTP = 8,
	GET_PARTIAL = 18,
	GET_FAILED = 22, /* -f and 400 or above */
	GET_FILE = 23,
	GET_TIME = 28,
	GET_RESUME = 33,
	GET_REDIRECTS = 47,
	GET_NOTHING = 52,
	GET_SEND = 55,
	GET_RECEIVE = 56,
};

enum fetch_phase {
	FETCH_NAME,
	FETCH_CONNECT,
	FETCH_RESPONSE, /* the request goes out, too */
	FETCH_CLOSE,
	FETCH_DONE,
};

/** When things happened; 0: not yet. */
struct fetch_times {
	uint64_t begun_ns;
	uint64_t named_ns;
	uint64_t connected_ns;
	uint64_t asked_ns;
	uint64_t first_ns; /* octet of the response */
	uint64_t done_ns;
};

struct fetch {
	struct baro_core *core;
	const struct get_options *options;
	void (*done)(struct fetch *f); /* f->status is set */
	void *user;
	FILE *story; /* where -v goes */

	enum fetch_phase phase;
	int status;        /* enum get_status */
	char problem[256]; /* in words, with a status other than 0 */
	struct url url;
	struct fetch_times times;
	unsigned n_redirects;

	struct baro_lookup *lookup; /* under way; NULL: none */
	struct baro_addr addr[BARO_HOST_ADDRS];
	unsigned n_addrs;
	unsigned n_tried;
	struct baro_conn *conn; /* NULL: none */
	struct baro_endpoint local;
	struct baro_endpoint remote;
	struct baro_tcp_info info; /* as last looked at */
	bool peer_has_closed;
	char *request;
	size_t request_len;
	size_t request_sent;
	struct response response;
	char location[RESPONSE_VALUE_MAX]; /* to go on with; "": nowhere */
	bool is_discarded;                 /* the body: of a redirection, or of an error with -f */
	struct output output;
	char path[URL_TARGET_MAX + 1]; /* -O */
	struct baro_timer deadline;    /* max-time, connect-timeout, and the end of closing */
	struct baro_timer tick;        /* progress, and what only looking tells */
	uint64_t counters[3];          /* before the connection: story.c's */
	bool told_acked;
	const char *told_state;
};

/** Begin. @f is zeroed but for core, options, done, user and story; it lives until done(). */
void
fetch_start(struct fetch *f);

/** The program is to end: give up what is under way. */
void
fetch_stop(struct fetch *f);

#endif
