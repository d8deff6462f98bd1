/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RESOLVER_REPLY_H
#define BARO_RESOLVER_REPLY_H

/*
 * A server's message, kept as it came, and what it says about a question. The cache and the lookups
 * hold the same copy; records are read out of it whenever somebody wants them.
 */

#include "wire/dns.h"

struct reply {
	unsigned n_holders;
	bool was_tcp;
	uint16_t len;
	uint64_t at_ns;   /* when it came */
	uint64_t took_ns; /* since the question */
	struct baro_endpoint server;
	uint8_t octets[];
};

/** A copy of a message; one holder. NULL: no memory */
struct reply *
reply_new(const uint8_t *p, uint16_t len);

struct reply *
reply_hold(struct reply *reply);
/** NULL: nothing happens. */
void
reply_release(struct reply *reply);

/**
 * Does the message answer this question (RFC 5452 §9.1)? It is a response with our identifier, asks
 * what we asked and, unless truncated, is made of records from begin to end.
 */
bool
reply_fits(const struct dns_msg *msg, uint16_t id, const struct dns_name *name, uint16_t type);

/** What a message says. */
struct verdict {
	int err;              /* 0, -ENOENT, -ENODATA, -EREMOTEIO, -EACCES, -EPROTO */
	bool is_chained;      /* by CNAMEs */
	struct dns_name name; /* the canonical one: whose records answer */
	uint32_t ttl_s;       /* holds so long; 0: is not to be kept */
};

/**
 * What a message that fits says about its question. CNAMEs are followed within the answer section,
 * 16 of them at most; records of other names are not looked at (RFC 2181 §5.4.1).
 */
void
reply_judge(
	const struct dns_msg *msg, const struct dns_name *name, uint16_t type, struct verdict *v);

/** It is the server's fault: another one may know. */
bool
reply_is_failure(const struct dns_msg *msg);

/** The next record that answers, of those that belong to v->name. @return false: no more */
bool
reply_next(struct dns_walk *w, const struct verdict *v, uint16_t type, struct dns_record *r);

/** A name within the rdata of @r, at *@at. @return false: it does not end there */
bool
reply_read_name(
	const struct dns_msg *msg, const struct dns_record *r, uint32_t *at, struct dns_name *name);

/** The address of an A or AAAA record. @return false: it has another length */
bool
reply_read_addr(const struct dns_msg *msg, const struct dns_record *r, struct baro_addr *addr);

#endif
