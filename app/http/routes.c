/* SPDX-License-Identifier: BSD-3-Clause */

#include "routes.h"

#include <baro/stats.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "date.h"
#include "files.h"
#include "head.h"
#include "range.h"
#include "sink.h"
#include "target.h"
#include "types.h"

struct route {
	const char *path;
	bool is_prefix;
	bool wants_body; /* PUT and POST, else GET and HEAD */
	void (*answer)(
		const struct http_site *site, struct http_request *req, struct http_response *resp);
};

static void
set(struct http_response *resp, uint16_t status, enum http_content content)
{
	resp->status = status;
	resp->content = (uint8_t)content;
}

/* A range is asked for, and If-Range (RFC 9110 §13.1.5) does not take that back. */
static const char *
wanted_range(const struct http_request *req, const struct http_response *resp)
{
	const char *date = http_request_value(req, HTTP_FIELD_IF_RANGE);
	time_t known_s;

	if (req->method != HTTP_GET)
		return NULL;
	if (req->seen[HTTP_FIELD_IF_RANGE] > 0 &&
		(date == NULL || !resp->has_modified || !http_date_read(date, &known_s) ||
			known_s != resp->modified_s))
		return NULL;
	return http_request_value(req, HTTP_FIELD_RANGE);
}

/* 200, 206 or 416 with content of @size octets. */
static void
answer_with(const struct http_request *req, struct http_response *resp, uint64_t size)
{
	const char *range = wanted_range(req, resp);
	enum http_range_verdict verdict = HTTP_RANGE_IGNORE;

	resp->size = size;
	resp->len = size;
	if (range != NULL)
		verdict = http_range_read(range, size, &resp->first, &resp->len);
	if (verdict == HTTP_RANGE_PART)
		resp->status = 206;
	else if (verdict == HTTP_RANGE_OUTSIDE)
		set(resp, 416, HTTP_CONTENT_NOTE);
}

static void
answer_bytes(const struct http_site *site, struct http_request *req, struct http_response *resp)
{
	uint64_t n;
	const char *end = http_number_read(req->target + strlen("/bytes/"), HTTP_BYTES_MAX, &n);

	(void)site;
	if (end == NULL || *end != '\0')
		return;
	set(resp, 200, HTTP_CONTENT_BYTES);
	answer_with(req, resp, n);
}

static void
answer_sink(const struct http_site *site, struct http_request *req, struct http_response *resp)
{
	(void)site;
	set(resp, 200, HTTP_CONTENT_SUM);
	http_sink_begin(req);
}

/* The numbers grow while they are read: what is longer than asked for by then is asked for again. */
static void
answer_metrics(const struct http_site *site, struct http_request *req, struct http_response *resp)
{
	size_t room = 0;
	size_t len = baro_metrics_write(site->core, NULL, 0);

	(void)req;
	while (len >= room) {
		free(resp->metrics);
		room = len + len / 8 + 1;
		resp->metrics = malloc(room);
		if (resp->metrics == NULL) {
			set(resp, 503, HTTP_CONTENT_NOTE);
			return;
		}
		len = baro_metrics_write(site->core, resp->metrics, room);
	}
	set(resp, 200, HTTP_CONTENT_METRICS);
	resp->size = len;
	resp->len = len;
}

static void
answer_page(const struct http_site *site, struct http_request *req, struct http_response *resp)
{
	(void)site;
	(void)req;
	set(resp, 200, HTTP_CONTENT_PAGE);
}

/* RFC 9110 §13.1.3: not looked at when there is an If-None-Match; we have no entity tags. */
static bool
is_unmodified(const struct http_request *req, time_t modified_s)
{
	const char *since = http_request_value(req, HTTP_FIELD_IF_MODIFIED_SINCE);
	time_t since_s;

	return since != NULL && req->seen[HTTP_FIELD_IF_NONE_MATCH] == 0 &&
	       http_date_read(since, &since_s) && modified_s <= since_s;
}

static void
answer_with_file(
	const struct http_request *req, const struct http_file *file, struct http_response *resp)
{
	resp->fd = file->fd;
	resp->has_modified = true;
	resp->modified_s = file->modified_s;
	set(resp, 200, HTTP_CONTENT_FILE);
	if (is_unmodified(req, file->modified_s))
		set(resp, 304, HTTP_CONTENT_NONE);
	else
		answer_with(req, resp, file->size);
}

/* A directory: its index.html, once the path ends with a slash. */
static int
open_index(
	int root_fd, struct http_request *req, struct http_response *resp, struct http_file *file)
{
	char path[HTTP_LOCATION_MAX];
	size_t len = strlen(req->target);

	if (len + sizeof("index.html") > sizeof(path))
		return -ENOENT;
	if (req->target[len - 1] != '/') {
		if (http_target_encode(req->target, path, sizeof(path)) > 0) {
			set(resp, 301, HTTP_CONTENT_NOTE);
			resp->directory = req->target;
		}
		return -EISDIR;
	}
	memcpy(path, req->target, len);
	memcpy(path + len, "index.html", sizeof("index.html"));
	resp->type = http_type_of(path);
	return http_files_open(root_fd, path, file) == 0 ? 0 : -ENOENT;
}

static void
answer_file(const struct http_site *site, struct http_request *req, struct http_response *resp)
{
	struct http_file file;
	int err = http_files_open(site->root_fd, req->target, &file);

	resp->type = http_type_of(req->target);
	if (err == -EISDIR)
		err = open_index(site->root_fd, req, resp, &file);
	if (err == -EMFILE)
		set(resp, 503, HTTP_CONTENT_NOTE);
	if (err == 0)
		answer_with_file(req, &file, resp);
}

static const struct route routes[] = {
	{ .path = "/sink", .wants_body = true, .answer = answer_sink },
	{ .path = "/bytes/", .is_prefix = true, .answer = answer_bytes },
};
static const struct route metrics_route = { .path = "", .answer = answer_metrics };
static const struct route page_route = { .path = "/", .answer = answer_page };
static const struct route file_route = { .path = "/", .is_prefix = true, .answer = answer_file };

static bool
matches(const struct route *route, const char *path)
{
	return route->is_prefix ? strncmp(path, route->path, strlen(route->path)) == 0
				: strcmp(path, route->path) == 0;
}

static const struct route *
find_route(const struct http_site *site, const char *path)
{
	const struct route *last = site->root_fd >= 0 ? &file_route : &page_route;

	if (site->metrics != NULL && strcmp(path, site->metrics) == 0)
		return &metrics_route;
	/* Most differ in their first letter */
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (routes[i].path[1] == path[1] && matches(&routes[i], path))
			return &routes[i];
	}
	return matches(last, path) ? last : NULL;
}

/* Methods of RFC 9110 and PATCH are known, if not all allowed; llhttp has many more. */
static bool
is_known(uint8_t method)
{
	return method <= HTTP_TRACE || method == HTTP_PATCH;
}

static bool
is_allowed(const struct route *route, uint8_t method)
{
	return route->wants_body ? method == HTTP_PUT || method == HTTP_POST
				 : method == HTTP_GET || method == HTTP_HEAD;
}

/* RFC 9110 §10.1.1: 100-continue is the only expectation, and HTTP/1.0 has none. */
static bool
is_expectation_met(const struct http_request *req)
{
	const char *expect = http_request_value(req, HTTP_FIELD_EXPECT);

	return req->minor == 0 || req->seen[HTTP_FIELD_EXPECT] == 0 ||
	       (expect != NULL && strcasecmp(expect, "100-continue") == 0);
}

static void
answer(const struct http_site *site, struct http_request *req, struct http_response *resp)
{
	const struct route *route;

	if (!is_known(req->method)) {
		resp->status = 501;
		return;
	}
	if (req->method == HTTP_CONNECT || req->method == HTTP_OPTIONS) {
		resp->status = 405;
		resp->allow = "GET, HEAD, PUT, POST";
		return;
	}
	if (!http_target_decode(req->target, req->target_len)) {
		resp->status = 400;
		return;
	}
	route = find_route(site, req->target);
	if (route == NULL)
		return;
	if (!is_allowed(route, req->method)) {
		resp->status = 405;
		resp->allow = route->wants_body ? "PUT, POST" : "GET, HEAD";
		return;
	}
	route->answer(site, req, resp);
}

void
http_route(const struct http_site *site, struct http_request *req, struct http_response *resp)
{
	set(resp, 404, HTTP_CONTENT_NOTE);
	req->target[req->target_len] = '\0';
	req->body_max = HTTP_UNWANTED_BODY_MAX;
	if (is_expectation_met(req))
		answer(site, req, resp);
	else
		resp->status = 417;
	if (resp->status < 400 && http_request_body_announced(req) > req->body_max) {
		http_response_end(resp);
		http_response_init(resp, 413, HTTP_CONTENT_NOTE);
	}
}
