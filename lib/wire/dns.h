/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_DNS_H
#define BARO_WIRE_DNS_H

/*
 * DNS messages, RFC 1035 §4. A name is kept as the wire has it, but whole: labels, each behind its
 * length, and the root's 0. Compression (§4.1.4) ends in dns_name_read().
 */

#include <baro/resolve.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	DNS_PORT = 53,
	DNS_HDR_LEN = 12,
	DNS_LABEL_MAX = 63, /* RFC 1035 §2.3.4 */
	DNS_NAME_MAX = 255,
	DNS_QUERY_MAX = DNS_HDR_LEN + DNS_NAME_MAX + 4,
	DNS_UDP_MAX = 512, /* octets of a message that UDP carries: RFC 1035 §2.3.4 */
	DNS_LENGTH_LEN = 2,
	DNS_CLASS_IN = 1,
};

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
};

struct dns_name {
	uint8_t len; /* octets, the root's 0 included */
	uint8_t octets[DNS_NAME_MAX];
};

/* Names as text */

/**
 * "www.lab", "www.lab." or "."; \. is a dot within a label, \065 an octet in decimal (§5.1).
 * @return 0, -EINVAL (an empty or too long label, or too long in all)
 */
int
dns_name_parse(struct dns_name *name, const char *text);

/** Without a dot at its end; the root is ".". @return @buf */
char *
dns_name_format(const struct dns_name *name, char buf[BARO_NAME_STRLEN]);

/** Without regard to case, RFC 1034 §3.1. */
bool
dns_name_is_equal(const struct dns_name *a, const struct dns_name *b);

/** Labels of @name and the root's. */
unsigned
dns_name_labels(const struct dns_name *name);

/** @name within @domain. @return 0, -EINVAL (too long) */
int
dns_name_join(struct dns_name *name, const struct dns_name *domain);

/** A-Z become a-z. */
void
dns_name_lower(struct dns_name *name);

/* Messages */

struct dns_hdr {
	uint16_t id;
	uint8_t opcode;
	uint8_t rcode;
	bool is_response;      /* QR */
	bool is_authoritative; /* AA */
	bool is_truncated;     /* TC */
	bool has_recursion;    /* RA */
	uint16_t n_questions;
	uint16_t n_records[3]; /* by enum baro_dns_section */
};

/** Checked view: the header is readable. Only dns_msg_read() makes one. */
struct dns_msg {
	const uint8_t *p;
	uint32_t len;
	struct dns_hdr hdr;
};

struct dns_question {
	struct dns_name name;
	uint16_t type;
	uint16_t class_;
};

/** A record whose rdata, @len octets at @at, lies within the message. */
struct dns_record {
	struct dns_name name;
	uint16_t type;
	uint16_t class_;
	uint32_t ttl_s; /* 0 if the top bit was set: RFC 2181 §8 */
	uint32_t at;
	uint16_t len;
	uint8_t section;
};

/** Where a walk through the records of a message stands. */
struct dns_walk {
	const struct dns_msg *msg;
	uint32_t at;
	uint16_t n_left[3];
	bool is_broken; /* it ended at something that is not a record */
};

/** Write a query with recursion desired. @return its octets, DNS_QUERY_MAX at most */
uint32_t
dns_query_write(uint8_t *p, uint16_t id, const struct dns_name *name, uint16_t type);

/** @return false: shorter than a header */
bool
dns_msg_read(const uint8_t *p, uint32_t len, struct dns_msg *msg);

/**
 * Read a name at *@at, which moves behind it. Pointers lead backwards only, so that there is an end.
 * @return false: cut, a pointer forwards or to itself, or longer than a name may be
 */
bool
dns_name_read(const struct dns_msg *msg, uint32_t *at, struct dns_name *name);

/** The only question. @return false: there is not one, or it is cut */
bool
dns_question_read(const struct dns_msg *msg, struct dns_question *q);

/** Begin behind the questions. */
void
dns_walk_begin(struct dns_walk *w, const struct dns_msg *msg);

/** @return false: the records are at their end, or w->is_broken */
bool
dns_walk_next(struct dns_walk *w, struct dns_record *r);

/** Over TCP each message stands behind its length, RFC 1035 §4.2.2. */
void
dns_length_write(uint8_t p[DNS_LENGTH_LEN], uint16_t len);
uint16_t
dns_length_read(const uint8_t p[DNS_LENGTH_LEN]);

/** Numbers within rdata: @at + 2 or 4 octets are in the message. */
uint16_t
dns_u16(const struct dns_msg *msg, uint32_t at);
uint32_t
dns_u32(const struct dns_msg *msg, uint32_t at);

#endif
