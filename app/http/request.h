/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

/*
 * Reading one request with llhttp, from pieces of any size. What we need later is
 * copied out of the octets: the target and a few values, all bounded; the rest is only checked.
 */

#include <llhttp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pool.h"

/** Longer values of the fields we know are as good as malformed ones. */
#define HTTP_VALUE_MAX 63

struct http_limits {
	size_t max_target; /* octets of the request target */
	size_t max_header; /* octets of the header section, or of what surrounds chunks */
};

/** Fields whose values are kept. */
enum http_field {
	HTTP_FIELD_EXPECT,
	HTTP_FIELD_HOST,
	HTTP_FIELD_IF_MODIFIED_SINCE,
	HTTP_FIELD_IF_NONE_MATCH,
	HTTP_FIELD_IF_RANGE,
	HTTP_FIELD_RANGE,
	HTTP_FIELD_TRANSFER_ENCODING,
	HTTP_FIELDS,
	HTTP_FIELD_OTHER = HTTP_FIELDS,
};

/** What the requests of a core are read with. */
struct http_reader {
	const struct http_limits *limits;
	struct http_pool *targets; /* buffers of max_target + 1 octets, for long ones */
	llhttp_t parser;           /* before the first octet: copied for each request */
};

struct http_request {
	/* what was asked; valid from HTTP_READ_HEAD on */
	uint8_t method; /* HTTP_GET ... of llhttp */
	uint8_t minor;  /* HTTP/1.minor */
	bool keeps_alive;
	bool has_body;
	bool has_head;    /* the head has been read */
	bool is_complete; /* the last octet has been read */
	uint16_t status;  /* with HTTP_READ_BAD: the answer */
	char *target;
	size_t target_len;
	uint8_t seen[HTTP_FIELDS]; /* times that a field occurred */
	uint8_t too_long;          /* bit by field: its value is not kept whole */
	char value[HTTP_FIELDS][HTTP_VALUE_MAX + 1];

	/* the body; the limit and the reader are the route's */
	uint64_t body_len; /* octets read */
	uint64_t body_max;
	uint32_t body_crc;
	void (*take_body)(struct http_request *r, const char *data, size_t len); /* NULL: drop it */

	/* the parser's own */
	const struct http_reader *reader;
	llhttp_t parser;
	uint64_t head_len;     /* octets of the head so far */
	uint64_t line_len;     /* where its header section begins */
	uint64_t overhead_len; /* octets since the last one of the body */
	const char *piece;     /* what is being read */
	/* Ends of tokens in the piece at hand; NULL when what comes behind has been looked at */
	const char *target_end;
	const char *token_end; /* of a name or a value */
	uint8_t line_ends;     /* behind it */
	char protocol;         /* first visible character behind the target */
	uint8_t version_len;
	uint8_t field; /* enum http_field */
	uint8_t name_len;
	uint8_t value_len;
	bool is_paused;
	char name[20];
	char near_target[160]; /* target, while it is short */
};

/** @limits, @targets  outlive @reader */
void
http_reader_init(
	struct http_reader *reader, const struct http_limits *limits, struct http_pool *targets);

/** @reader  outlives @r */
void
http_request_init(struct http_request *r, const struct http_reader *reader);

/** Free what it took from the pool. */
void
http_request_end(struct http_request *r);

enum http_read {
	HTTP_READ_MORE, /* everything was read; the request goes on */
	HTTP_READ_HEAD, /* the head is there and a body follows */
	HTTP_READ_DONE, /* the request is complete */
	HTTP_READ_BAD,  /* r->status says why; nothing after this can be trusted */
};

/**
 * Read on. HTTP_READ_HEAD comes only if there is a body.
 *
 * @used  octets of @data that belong to what was read
 */
enum http_read
http_request_read(struct http_request *r, const char *data, size_t len, size_t *used);

/** Octets that the body will have; 0 when chunked. Valid at HTTP_READ_HEAD. */
uint64_t
http_request_body_announced(const struct http_request *r);

/** The value of a field that occurred once; NULL otherwise, or when it is too long. */
const char *
http_request_value(const struct http_request *r, enum http_field field);

#endif
