/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GET_RESPONSE_H
#define GET_RESPONSE_H

/* One response, read with llhttp from pieces of any size: facts of the head, and the body piece by piece. */

#include <llhttp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RESPONSE_HEAD_MAX = 65536, /* octets of a head */
	RESPONSE_VALUE_MAX = 4096,
};

struct response {
	/* valid when is_headed */
	uint16_t status;
	bool is_chunked;
	uint64_t len;   /* Content-Length; UINT64_MAX: it ends with the connection, or in chunks */
	uint64_t first; /* of Content-Range: where the body begins */
	bool has_range;
	char location[RESPONSE_VALUE_MAX]; /* "": none */

	bool is_headed; /* the head is there */
	bool is_complete;
	int err; /* of take_head() or take_body(): the end of reading */

	/** The head is there. @return 0, or an error that ends reading */
	int (*take_head)(struct response *r);
	int (*take_body)(struct response *r, const char *data, size_t len);
	/** A line of the head, without its end; NULL: not wanted */
	void (*take_line)(struct response *r, const char *line);
	void *user;

	/* the parser's own */
	llhttp_t parser;
	bool has_no_body; /* the answer to HEAD */
	size_t head_len;
	char line[RESPONSE_VALUE_MAX];
	char name[64];
	char value[RESPONSE_VALUE_MAX];
	size_t name_len;
	size_t value_len;
	char reason[64];
	size_t reason_len;
};

/** @has_no_body  it answers HEAD */
void
response_init(struct response *r, bool has_no_body);

enum response_read {
	RESPONSE_MORE,
	RESPONSE_DONE,
	RESPONSE_BAD,  /* not HTTP */
	RESPONSE_STOP, /* r->err */
};

/** Read on. */
enum response_read
response_read(struct response *r, const char *data, size_t len);

/** The connection has ended: is the response whole? */
bool
response_ends_well(struct response *r);

#endif
