/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_ROUTES_H
#define HTTP_ROUTES_H

/* Which resource a request is for, and what the answer will be. */

#include "request.h"
#include "response.h"

/** Octets of a body that nobody asked for: read and dropped, up to here. */
#define HTTP_UNWANTED_BODY_MAX (64 * 1024)

/** What there is to be had. */
struct http_site {
	int root_fd;         /* directory to serve files from; -1: the page */
	const char *metrics; /* path of the core's counters; NULL: none */
	const struct baro_core *core;
};

/**
 * Decide about a request whose head is there: fills in @resp, which is fresh, and how @req's body is to be
 * taken. With a status of 400 and more the body need not be read.
 */
void
http_route(const struct http_site *site, struct http_request *req, struct http_response *resp);

#endif
