/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

/*
 * A response is a handful of facts. Its head (head.h) is made from them whenever it is needed:
 * when the send queue takes only a part, the rest is made again later, and no copy is kept.
 */

#include <baro/conn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct http_common;

enum http_content {
	HTTP_CONTENT_NONE,  /* no body, nor a length */
	HTTP_CONTENT_NOTE,  /* the status in words */
	HTTP_CONTENT_PAGE,  /* the page of a server without files */
	HTTP_CONTENT_SUM,   /* length and checksum of what was received */
	HTTP_CONTENT_BYTES, /* bytes.h */
	HTTP_CONTENT_FILE,
	HTTP_CONTENT_METRICS, /* the counters as they were when the request came */
};

struct http_response {
	uint16_t status;
	uint8_t content; /* enum http_content */
	bool is_head;    /* no body is sent */
	bool keeps_alive;
	bool says_keep_alive; /* to HTTP/1.0, which expects the end otherwise */
	bool has_modified;
	const char *allow;     /* 405: methods; NULL: none */
	const char *directory; /* 301: the decoded path that lacks its slash; NULL: none */
	const char *type;      /* of a file */
	time_t date_s;
	time_t modified_s;
	uint64_t size;  /* octets of the whole content; of what was received */
	uint64_t first; /* octet that the body begins with */
	uint64_t len;   /* octets of a streamed body */
	uint32_t crc;
	int fd;        /* of a file; -1: none */
	char *metrics; /* its text, ours to free; NULL: none */

	/* how far it is */
	uint16_t text_len; /* head and short body; 0: not made yet */
	uint16_t text_sent;
	uint16_t disk_waits; /* in a row */
	uint64_t body_sent;
};

void
http_response_init(struct http_response *r, uint16_t status, enum http_content content);

/** Free what it holds. */
void
http_response_end(struct http_response *r);

enum http_sent {
	HTTP_SENT_ALL,
	HTTP_SENT_FULL,   /* go on in writable() */
	HTTP_SENT_DISK,   /* go on soon */
	HTTP_SENT_BROKEN, /* the promised length cannot be kept: abort */
};

/** Queue what fits. @common: of this second, so that it is not written again; @server: for those of another */
enum http_sent
http_response_send(struct http_response *r, const struct http_common *common, const char *server,
	struct baro_conn *c);

#endif
