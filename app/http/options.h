/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_OPTIONS_H
#define HTTP_OPTIONS_H

#include <baro/app.h>

#include "request.h"

struct http_options {
	uint16_t port;
	uint16_t echo_port;  /* 0: no echo service */
	int root_fd;         /* -1: no files */
	const char *metrics; /* path of Prometheus's text; NULL: off */
	const char *log;     /* file name, "-" for standard output, NULL for none */
	const char *server_name;
	uint64_t idle_timeout_ns;   /* without progress */
	uint64_t header_timeout_ns; /* from the first octet of a request to the end of its head */
	struct http_limits limits;
};

void
http_options_init(struct http_options *options);

/** Ends with a NULL name; their user is a struct http_options. */
extern const struct baro_app_option http_option_table[];

#endif
