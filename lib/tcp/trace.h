/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_TRACE_H
#define BARO_TCP_TRACE_H

/*
 * What happens to the connections that somebody wants to watch, as data: records that
 * runtime/trace.c makes lines of at the end of each turn. While nobody watches, common->trace is NULL,
 * and a turn of a connection costs one comparison of it.
 *
 * Most of it is found at the end of a connection's turn, by what differs from the end of the turn
 * before: so it costs its mechanisms nothing, and tells what a burst of segments has led to. What
 * would get lost by that, states and what is sent again, is told where it happens.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/slab.h"
#include "tcp/conn.h"

enum tcp_event_kind {
#define EVENT(name, ...) TCP_TRACE_##name,
#include "tcp/trace.def"
#undef EVENT
	TCP_TRACE_KINDS
};

enum {
	TCP_TRACE_FILTERS = 8,
	TCP_TRACE_VALUES = 4,
	TCP_TRACE_RECORDS = 4096, /* of one turn; what does not fit is counted */
};

struct tcp_event {
	struct tcp_flow flow;
	uint32_t kind; /* enum tcp_event_kind */
	uint64_t value[TCP_TRACE_VALUES];
};

/** Connections with this address and port at either end; 0: any. */
struct tcp_trace_filter {
	uint32_t addr;
	uint16_t port;
};

/** What was told of a connection last. */
struct tcp_trace_mark {
	uint32_t cwnd;
	uint32_t ssthresh;
	uint32_t snd_wnd;
	uint32_t rcv_buf;
	uint32_t found_lost;
	uint32_t timeouts;
	uint32_t probes;
	uint32_t undone;
	uint64_t srtt_ns;
	uint64_t rto_ns;
	uint16_t mss;
	bool is_recovering;
};

struct tcp_trace {
	struct tcp_trace_filter filter[TCP_TRACE_FILTERS];
	unsigned n_filters;
	struct slab marks; /* one of each connection that is watched */
	unsigned n;        /* records of this turn */
	uint64_t n_missed;
	struct tcp_event event[TCP_TRACE_RECORDS];
};

/** A connection begins: watch it, if a filter says so. */
BARO_COLD void
trace_conn(struct tcp_conn *c);

/** It is gone, or is watched no more. */
BARO_COLD void
trace_forget(struct tcp_conn *c);

/** The end of its turn. */
BARO_COLD void
trace_turn(struct tcp_conn *c);

/** @value  as many as the kind has fields, the rest 0 */
BARO_COLD void
trace_put(
	const struct tcp_conn *c, enum tcp_event_kind kind, const uint64_t value[TCP_TRACE_VALUES]);

/** Is @c watched? */
static inline bool
trace_is_on(const struct tcp_conn *c)
{
	return unlikely(common_of(c)->trace != NULL) && c->trace_mark != 0;
}

#endif
