/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_TABLE_H
#define BARO_TCP_TABLE_H

/* Who is it for: flows to connections, ports to listeners; and the secrets of flows. */

#include "tcp/tcp.h"

/** What a flow leads to. Two words, to be returned in registers. */
struct tcp_found {
	struct tcp_rest *rest; /* a connection, awake or not; NULL: something else */
	uint32_t value;        /* of the table: FLOWTAB_NONE if there is nothing */
};

struct tcp_found
tcp_find(const struct tcp *tcp, const struct tcp_flow *f, uint32_t hash);

/** Its TIME-WAIT; NULL: it is none. */
static inline struct tcp_timewait *
tcp_found_timewait(const struct tcp *tcp, struct tcp_found found)
{
	bool is_one =
		found.value != FLOWTAB_NONE && (found.value & TCP_TAG_MASK) == TCP_TAG_TIMEWAIT;

	return is_one ? slab_at(&tcp->timewaits, found.value & ~TCP_TAG_MASK) : NULL;
}

/** Its half-made connection; NULL: it is none. */
static inline struct tcp_embryo *
tcp_found_embryo(const struct tcp *tcp, struct tcp_found found)
{
	bool is_one = found.value != FLOWTAB_NONE && (found.value & TCP_TAG_MASK) == TCP_TAG_EMBRYO;

	return is_one ? slab_at(&tcp->embryos, found.value & ~TCP_TAG_MASK) : NULL;
}

/** The listener for @port: one bound to @addr before one bound to any. */
struct tcp_listener *
tcp_find_listener(const struct tcp *tcp, uint32_t addr, uint16_t port);

/** A zeroed connection, in the table under @flow, whose hash is @hash. NULL: no room. */
struct tcp_conn *
tcp_conn_new(struct tcp *tcp, const struct tcp_flow *flow, uint32_t hash);

/** Hash of its flow. */
static inline uint32_t
tcp_conn_hash(const struct tcp_conn *c)
{
	return likely(c->hash != 0) ? c->hash : tcp_hash(c->tcp, &c->flow);
}

/** Take it out of the table: another connection may use its flow. */
void
tcp_conn_unlist(struct tcp_conn *c);

/** Give back the control block and all it holds. */
void
tcp_conn_free(struct tcp_conn *c);

enum tcp_salt {
	TCP_SALT_ISN = 1,
	TCP_SALT_PORT,
	TCP_SALT_FASTOPEN,
};

/** Keyed hash of a flow, one for each purpose. */
uint64_t
tcp_secret_of(const struct tcp *tcp, const struct tcp_flow *flow, enum tcp_salt salt);

/** What a connection of this flow begins with: the two halves of one keyed hash, neither of which tells the other. */
struct tcp_numbers {
	struct seq iss;     /* RFC 6528: M + F(flow, secret), M ticks every 4 us */
	uint32_t ts_offset; /* of its timestamp clock, RFC 7323 §7.1; never 0 */
};

struct tcp_numbers
tcp_numbers_of(const struct tcp *tcp, const struct tcp_flow *flow, uint64_t now_ns);

#endif
