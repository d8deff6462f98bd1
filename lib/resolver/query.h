/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
#ifndef BARO_RESOLVER_QUERY_H
#define BARO_RESOLVER_QUERY_H

/*
 * One question, until a server has answered it or all have failed. Lookups with the same question share
 * it: a forger gets no second chance by asking twice (RFC 5452 §5).
 */

#include <baro/udp.h>

#include "resolver/resolver.h"
#include "resolver/stream.h"

enum {
	ATTEMPTS_MAX = BARO_MAX_NAMESERVERS * 8, /* resolve.tries is 8 at most */
};

/** A datagram sent: port, identifier and server are its own, and an answer must fit all three. */
struct dns_attempt {
	struct dns_query *query;
	struct baro_udp *udp;
	uint16_t id;
	uint8_t server;
};

/** What is asked, and whom. */
struct dns_ask {
	struct dns_name name;
	uint16_t type;
	bool uses_tcp;
	struct baro_endpoint server; /* zero: the configured ones */
};

struct dns_query {
	struct resolver *r;
	struct list node; /* in r->queries */
	struct list waiters;
	struct wheel_timer timer;
	struct dns_ask ask;
	bool is_private; /* of a server of its own: not shared, not kept */
	bool is_done;
	int err;             /* when done: 0, or why there is no reply */
	struct reply *reply; /* when done: what was answered; before: the last failure */
	uint64_t begun_ns;
	struct baro_endpoint server[BARO_MAX_NAMESERVERS];
	uint8_t index[BARO_MAX_NAMESERVERS]; /* of each in the settings */
	uint8_t n_servers;
	uint8_t n_attempts;
	uint8_t n_open;     /* entries of attempt[] */
	uint8_t tcp_server; /* asked by stream */
	uint16_t tcp_id;
	uint32_t has_failed; /* a bit a server: not to be asked again */
	struct dns_stream *stream;
	struct dns_attempt attempt[ATTEMPTS_MAX];
};

/** A question under way that is the same; NULL: there is none. */
struct dns_query *
query_find(const struct resolver *r, const struct dns_ask *ask);

/** Ask. Whatever comes of it, the timer says it, in a later turn. NULL: no memory */
struct dns_query *
query_start(struct resolver *r, const struct dns_ask *ask);

/** Its timer: done, or the next server's turn. @return it is done */
bool
query_timer(struct dns_query *q, uint64_t now_ns);

/** Forget it; waiters are the caller's. */
void
query_free(struct dns_query *q);

/** The core ends. */
void
query_abandon(struct dns_query *q);

#endif
