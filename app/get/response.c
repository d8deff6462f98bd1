/* SPDX-License-Identifier: BSD-3-Clause */

#include "response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct response *
response_of(llhttp_t *parser)
{
	return (struct response *)(void *)((char *)parser - offsetof(struct response, parser));
}

/* Append what fits; the rest is nothing that we need. */
static void
append(char *text, size_t *len, size_t max, const char *at, size_t n)
{
	if (n > max - 1 - *len)
		n = max - 1 - *len;
	memcpy(text + *len, at, n);
	*len += n;
	text[*len] = '\0';
}

static void
tell_line(struct response *r, const char *line)
{
	if (r->take_line != NULL)
		r->take_line(r, line);
}

static int
on_status(llhttp_t *parser, const char *at, size_t len)
{
	struct response *r = response_of(parser);

	append(r->reason, &r->reason_len, sizeof(r->reason), at, len);
	return 0;
}

static int
on_status_complete(llhttp_t *parser)
{
	struct response *r = response_of(parser);

	snprintf(r->line, sizeof(r->line), "HTTP/%u.%u %u %s", parser->http_major,
		parser->http_minor, parser->status_code, r->reason);
	tell_line(r, r->line);
	return 0;
}

static int
on_field(llhttp_t *parser, const char *at, size_t len)
{
	struct response *r = response_of(parser);

	append(r->name, &r->name_len, sizeof(r->name), at, len);
	return 0;
}

static int
on_value(llhttp_t *parser, const char *at, size_t len)
{
	struct response *r = response_of(parser);

	append(r->value, &r->value_len, sizeof(r->value), at, len);
	return 0;
}

/* RFC 9110 §14.4: "bytes 1000-1999/5000" */
static void
take_range(struct response *r)
{
	const char *p = r->value;
	char *end;

	if (strncasecmp(p, "bytes ", 6) != 0)
		return;
	r->first = strtoull(p + 6, &end, 10);
	r->has_range = *end == '-';
}

static int
on_value_complete(llhttp_t *parser)
{
	struct response *r = response_of(parser);

	if (strcasecmp(r->name, "Location") == 0)
		memcpy(r->location, r->value, r->value_len + 1);
	else if (strcasecmp(r->name, "Content-Range") == 0)
		take_range(r);
	snprintf(r->line, sizeof(r->line), "%s: %.*s", r->name, RESPONSE_VALUE_MAX - 80, r->value);
	tell_line(r, r->line);
	r->name_len = r->value_len = 0;
	r->name[0] = r->value[0] = '\0';
	return 0;
}

/* @return 1: no body follows; -1: an error. 1xx is not the answer yet (RFC 9110 §15.2). */
static int
on_headers_complete(llhttp_t *parser)
{
	struct response *r = response_of(parser);

	tell_line(r, "");
	if (parser->status_code / 100 == 1)
		return 0;
	r->status = (uint16_t)parser->status_code;
	r->is_chunked = (parser->flags & F_CHUNKED) != 0;
	r->len = (parser->flags & F_CONTENT_LENGTH) != 0 ? parser->content_length : UINT64_MAX;
	r->is_headed = true;
	r->err = r->take_head(r);
	if (r->err != 0)
		return -1;
	return r->has_no_body ? 1 : 0;
}

static int
on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct response *r = response_of(parser);

	r->err = r->take_body(r, at, len);
	return r->err != 0 ? -1 : 0;
}

static int
on_message_complete(llhttp_t *parser)
{
	struct response *r = response_of(parser);

	r->reason_len = 0;
	r->reason[0] = '\0';
	if (!r->is_headed)
		return 0; /* it was 1xx */
	r->is_complete = true;
	return HPE_PAUSED; /* what follows is not ours */
}

void
response_init(struct response *r, bool has_no_body)
{
	static const llhttp_settings_t settings = {
		.on_status = on_status,
		.on_status_complete = on_status_complete,
		.on_header_field = on_field,
		.on_header_value = on_value,
		.on_header_value_complete = on_value_complete,
		.on_headers_complete = on_headers_complete,
		.on_body = on_body,
		.on_message_complete = on_message_complete,
	};

	memset(r, 0, sizeof(*r));
	r->has_no_body = has_no_body;
	llhttp_init(&r->parser, HTTP_RESPONSE, &settings);
}

enum response_read
response_read(struct response *r, const char *data, size_t len)
{
	llhttp_errno_t err;

	if (!r->is_headed && (r->head_len += len) > RESPONSE_HEAD_MAX)
		return RESPONSE_BAD;
	err = llhttp_execute(&r->parser, data, len);
	if (r->is_complete)
		return RESPONSE_DONE;
	if (r->err != 0)
		return RESPONSE_STOP;
	return err == HPE_OK ? RESPONSE_MORE : RESPONSE_BAD;
}

bool
response_ends_well(struct response *r)
{
	llhttp_errno_t err = llhttp_finish(&r->parser);

	return r->is_headed && (err == HPE_OK || r->is_complete);
}
