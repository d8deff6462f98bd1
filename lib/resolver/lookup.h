/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
#ifndef BARO_RESOLVER_LOOKUP_H
#define BARO_RESOLVER_LOOKUP_H

/*
 * What an application wants to know: one question or several, by the names that a short one may stand
 * for, until something is found. Cache and hosts are looked into first.
 */

#include "resolver/query.h"

enum { LOOKUP_PARTS = 2 }; /* A and AAAA */

/** One record type of a lookup. */
struct lookup_part {
	struct list node; /* in query->waiters */
	struct baro_lookup *lookup;
	struct dns_query *query; /* awaited; NULL: it is known */
	uint16_t type;
	int err;
	enum baro_source source;
	struct reply *reply;
};

struct baro_lookup {
	struct resolver *r;
	struct list node; /* in r->lookups */
	struct wheel_timer timer;
	struct baro_resolve_opts opts;
	struct dns_name name;
	bool is_absolute;
	bool is_telling;  /* its callback runs */
	unsigned n_tried; /* names, of lookup_candidate() */
	int err;          /* so far */
	unsigned n_parts;
	struct lookup_part part[LOOKUP_PARTS];
	struct baro_addr addr;   /* of baro_getnameinfo() */
	struct baro_host *known; /* without the DNS; NULL: by parts */
	/** Tell the application. @err as in the callbacks */
	void (*tell)(struct baro_lookup *l, int err);
	union {
		baro_host_found host;
		baro_records_found records;
	} found;
	void *user;
};

/** A new lookup on the core's list. @return 0, -EAGAIN, -ENOMEM */
int
lookup_new(struct baro_core *core, const struct baro_resolve_opts *opts, struct baro_lookup **out);

/** Ask for the names and types that it has, and tell when it is known. @return 0, -EDESTADDRREQ */
int
lookup_begin(struct baro_lookup *l);

/** It is known: the next turn tells. */
void
lookup_is_known(struct baro_lookup *l, int err);

/** Free it, and what only it awaits. */
void
lookup_free(struct baro_lookup *l);

#endif
