/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * llhttp (strict mode, no lenient flag) does the parsing and refuses most of what makes
 * two parsers disagree about where a request ends. This file refuses what it lets through:
 * folded lines (RFC 9112 §5.2), empty names, RTSP in the request line, wrong Hosts (§3.2),
 * transfer codings that we cannot undo, and what exceeds the limits.
 */

#include "request.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

static struct http_request *
request_of(llhttp_t *parser)
{
	return parser->data;
}

/* Callbacks refuse a request with a status of their own. */
static int
refuse(struct http_request *r, uint16_t status)
{
	r->status = status;
	return -1;
}

/*
 * Between tokens llhttp is silent. What lies there is looked at here: the octets from
 * the end of a token to the start of the next, over as many pieces as it takes.
 */
static void
find_protocol(struct http_request *r, const char *to)
{
	const char *p = r->target_end;

	if (p == NULL)
		return;
	while (p < to && *p <= ' ')
		p++;
	r->target_end = p < to ? NULL : p;
	if (p < to)
		r->protocol = *p;
}

static void
count_line_ends(struct http_request *r, const char *to)
{
	if (r->token_end == NULL)
		return;
	for (; r->token_end < to; r->token_end++) {
		if (*r->token_end == '\n' && r->line_ends < UINT8_MAX)
			r->line_ends++;
	}
}

static void
end_token(struct http_request *r, const char *end)
{
	r->token_end = end;
	r->line_ends = 0;
}

static int
on_url(llhttp_t *parser, const char *at, size_t len)
{
	struct http_request *r = request_of(parser);
	char *longer;

	r->target_end = at + len;
	if (len > r->reader->limits->max_target - r->target_len)
		return refuse(r, 414);
	if (r->target == r->near_target && r->target_len + len >= sizeof(r->near_target)) {
		longer = http_pool_get(r->reader->targets);
		if (longer == NULL)
			return refuse(r, 503);
		memcpy(longer, r->target, r->target_len);
		r->target = longer;
	}
	memcpy(r->target + r->target_len, at, len);
	r->target_len += len;
	return 0;
}

/* "GET /" and end of line was HTTP/0.9: llhttp says so by its version. */
static int
on_url_complete(llhttp_t *parser)
{
	return parser->http_minor == 9 ? refuse(request_of(parser), 400) : 0;
}

static int
on_version(llhttp_t *parser, const char *at, size_t len)
{
	struct http_request *r = request_of(parser);

	find_protocol(r, at);
	if (r->protocol != 'H')
		return refuse(r, 400);
	r->version_len = (uint8_t)(r->version_len + len);
	r->line_len = r->head_len + (uint64_t)(at + len - r->piece);
	return 0;
}

static bool
is_version_known(const llhttp_t *parser)
{
	return parser->http_major == 1 && parser->http_minor <= 1;
}

static int
on_version_complete(llhttp_t *parser)
{
	return is_version_known(parser) ? 0 : refuse(request_of(parser), 505);
}

static int
on_header_field(llhttp_t *parser, const char *at, size_t len)
{
	struct http_request *r = request_of(parser);

	if (r->name_len + len == 0)
		return refuse(r, 400);
	if (r->name_len + len < sizeof(r->name))
		memcpy(r->name + r->name_len, at, len);
	r->name_len = (uint8_t)(r->name_len + len < sizeof(r->name) ? r->name_len + len
								    : sizeof(r->name));
	end_token(r, at + len);
	return 0;
}

/*
 * @known is in small letters, and @name a token: of its characters none but capitals change. strncasecmp()
 * would ask for the locale each time.
 */
static bool
is_same(const char *name, const char *known, size_t len)
{
	size_t i = 0;

	while (i < len && (name[i] | 0x20) == known[i])
		i++;
	return i == len;
}

static uint8_t
find_field(const char *name, size_t len)
{
	static const struct {
		size_t len;
		const char *name;
	} rows[HTTP_FIELDS] = {
		[HTTP_FIELD_EXPECT] = { 6, "expect" },
		[HTTP_FIELD_HOST] = { 4, "host" },
		[HTTP_FIELD_IF_MODIFIED_SINCE] = { 17, "if-modified-since" },
		[HTTP_FIELD_IF_NONE_MATCH] = { 13, "if-none-match" },
		[HTTP_FIELD_IF_RANGE] = { 8, "if-range" },
		[HTTP_FIELD_RANGE] = { 5, "range" },
		[HTTP_FIELD_TRANSFER_ENCODING] = { 17, "transfer-encoding" },
	};

	for (uint8_t i = 0; i < HTTP_FIELDS; i++) {
		if (rows[i].len == len && is_same(name, rows[i].name, len))
			return i;
	}
	return HTTP_FIELD_OTHER;
}

/* The name is whole. */
static void
begin_value(struct http_request *r)
{
	bool is_trailer = (r->parser.flags & F_TRAILING) != 0;

	r->field = is_trailer ? HTTP_FIELD_OTHER : find_field(r->name, r->name_len);
	r->name_len = 0;
	r->value_len = 0;
	if (r->field != HTTP_FIELD_OTHER && r->seen[r->field] < UINT8_MAX)
		r->seen[r->field]++;
}

/* A piece of a value. After an empty one llhttp stands on the next line already. */
static int
on_header_value(llhttp_t *parser, const char *at, size_t len)
{
	struct http_request *r = request_of(parser);

	if (r->name_len > 0)
		begin_value(r);
	count_line_ends(r, at);
	if (r->line_ends > (len == 0))
		return refuse(r, 400); /* obs-fold */
	end_token(r, at + len);
	if (r->field == HTTP_FIELD_OTHER || len == 0)
		return 0;
	if (len > (size_t)(HTTP_VALUE_MAX - r->value_len)) {
		r->too_long |= (uint8_t)(1u << r->field);
		return 0;
	}
	memcpy(r->value[r->field] + r->value_len, at, len);
	r->value_len = (uint8_t)(r->value_len + len);
	r->value[r->field][r->value_len] = '\0';
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int
on_header_value_complete(llhttp_t *parser)
{
	struct http_request *r = request_of(parser);

	r->token_end = NULL;
	if (r->field != HTTP_FIELD_OTHER) {
		while (r->value_len > 0 && is_blank(r->value[r->field][r->value_len - 1]))
			r->value_len--;
		r->value[r->field][r->value_len] = '\0';
	}
	return 0;
}

/* What no host has, and what would make another part of a URL of it. */
static const bool ends_host[UCHAR_MAX + 1] = {
	['\0'] = true,
	['\t'] = true,
	[' '] = true,
	['"'] = true,
	['#'] = true,
	[','] = true,
	['/'] = true,
	['<'] = true,
	['>'] = true,
	['?'] = true,
	['@'] = true,
	['\\'] = true,
};

static bool
is_host_valid(const struct http_request *r)
{
	const char *host = r->value[HTTP_FIELD_HOST];

	if (r->seen[HTTP_FIELD_HOST] == 0)
		return r->minor == 0;
	while (!ends_host[(unsigned char)*host])
		host++;
	return r->seen[HTTP_FIELD_HOST] == 1 && *host == '\0';
}

/* RFC 9112 §6.1: chunked alone is what we can undo. */
static int
check_coding(struct http_request *r)
{
	if (r->seen[HTTP_FIELD_TRANSFER_ENCODING] == 0)
		return 0;
	if (r->minor == 0 || (r->parser.flags & F_CHUNKED) == 0)
		return refuse(r, 400);
	if (r->seen[HTTP_FIELD_TRANSFER_ENCODING] > 1 ||
		strcasecmp(r->value[HTTP_FIELD_TRANSFER_ENCODING], "chunked") != 0)
		return refuse(r, 501);
	return 0;
}

static int
pause_reading(struct http_request *r)
{
	r->is_paused = true;
	return HPE_PAUSED;
}

static int
on_headers_complete(llhttp_t *parser)
{
	struct http_request *r = request_of(parser);

	r->has_head = true;
	r->method = parser->method;
	r->minor = parser->http_minor;
	r->keeps_alive = llhttp_should_keep_alive(parser);
	r->has_body = (parser->flags & F_CHUNKED) != 0 || parser->content_length > 0;
	parser->upgrade = 0; /* no other protocol is spoken here, and CONNECT is refused */
	if (!is_host_valid(r))
		return refuse(r, 400);
	if (check_coding(r) != 0)
		return -1;
	return r->has_body ? pause_reading(r) : 0;
}

static int
on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct http_request *r = request_of(parser);

	if (len > r->body_max - r->body_len)
		return refuse(r, 413);
	r->body_len += len;
	if (r->take_body != NULL)
		r->take_body(r, at, len);
	return 0;
}

static int
on_message_complete(llhttp_t *parser)
{
	request_of(parser)->is_complete = true;
	return pause_reading(request_of(parser));
}

static const llhttp_settings_t settings = {
	.on_url = on_url,
	.on_url_complete = on_url_complete,
	.on_version = on_version,
	.on_version_complete = on_version_complete,
	.on_header_field = on_header_field,
	.on_header_value = on_header_value,
	.on_header_value_complete = on_header_value_complete,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

void
http_reader_init(
	struct http_reader *reader, const struct http_limits *limits, struct http_pool *targets)
{
	reader->limits = limits;
	reader->targets = targets;
	llhttp_init(&reader->parser, HTTP_REQUEST, &settings);
}

/* Once a request, so in three parts: values and the name need no zeros. */
void
http_request_init(struct http_request *r, const struct http_reader *reader)
{
	memset(r, 0, offsetof(struct http_request, value));
	memset(&r->body_len, 0,
		offsetof(struct http_request, reader) - offsetof(struct http_request, body_len));
	memset(&r->head_len, 0,
		offsetof(struct http_request, name) - offsetof(struct http_request, head_len));
	r->reader = reader;
	r->target = r->near_target;
	r->parser = reader->parser;
	r->parser.data = r;
}

void
http_request_end(struct http_request *r)
{
	if (r->target != r->near_target)
		http_pool_put(r->reader->targets, r->target);
	r->target = r->near_target;
}

static bool
is_token_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* A word that is no method we know gets 501, and anything else 400. */
static uint16_t
method_status(const struct http_request *r, const char *at, const char *data)
{
	bool is_first = r->head_len == 0 && at == data;

	return is_token_char(*at) || (*at == ' ' && !is_first) ? 501 : 400;
}

static uint16_t
error_status(const struct http_request *r, llhttp_errno_t err, const char *data)
{
	switch (err) {
	case HPE_INVALID_METHOD:
		return method_status(r, llhttp_get_error_pos(&r->parser), data);
	case HPE_INVALID_CONSTANT: /* a method of RTSP, or no "HTTP/" */
		return r->protocol == 'H' && r->parser.method > HTTP_SOURCE ? 501 : 400;
	case HPE_INVALID_VERSION:
		return r->version_len == 3 && !is_version_known(&r->parser) ? 505 : 400;
	default:
		return 400;
	}
}

/* Count octets of the head. @return false: more than the limits allow */
static bool
count_head(struct http_request *r, size_t used)
{
	r->head_len += used;
	return r->line_len == 0 ? r->head_len <= r->reader->limits->max_target +
							 r->reader->limits->max_header
				: r->head_len - r->line_len <= r->reader->limits->max_header;
}

/* Count what surrounds the octets of the body: chunk sizes, extensions, trailers. */
static bool
count_overhead(struct http_request *r, size_t used, bool has_moved)
{
	r->overhead_len = has_moved ? 0 : r->overhead_len + used;
	return r->overhead_len <= r->reader->limits->max_header;
}

static enum http_read
bad(struct http_request *r, uint16_t status)
{
	if (r->status == 0)
		r->status = status;
	return HTTP_READ_BAD;
}

enum http_read
http_request_read(struct http_request *r, const char *data, size_t len, size_t *used)
{
	const bool is_body = r->has_body;
	const uint64_t old_body_len = r->body_len;
	llhttp_errno_t err;

	if (r->is_paused)
		llhttp_resume(&r->parser);
	r->is_paused = false;
	r->piece = data;
	if (r->target_end != NULL)
		r->target_end = data;
	if (r->token_end != NULL)
		r->token_end = data;
	err = llhttp_execute(&r->parser, data, len);
	*used = err == HPE_OK ? len : (size_t)(llhttp_get_error_pos(&r->parser) - data);
	find_protocol(r, data + *used);
	count_line_ends(r, data + *used);
	if (err != HPE_OK && err != HPE_PAUSED)
		return bad(r, error_status(r, err, data));
	if (!(is_body ? count_overhead(r, *used, r->body_len != old_body_len)
		      : count_head(r, *used)))
		return bad(r, 431);
	if (err == HPE_OK)
		return HTTP_READ_MORE;
	return r->is_complete ? HTTP_READ_DONE : HTTP_READ_HEAD;
}

uint64_t
http_request_body_announced(const struct http_request *r)
{
	return r->parser.content_length;
}

const char *
http_request_value(const struct http_request *r, enum http_field field)
{
	return r->seen[field] == 1 && (r->too_long & 1u << field) == 0 ? r->value[field] : NULL;
}
