/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_FAREWELL_H
#define BARO_TCP_FAREWELL_H

/*
 * RST by which a connection ends. It is said once: a peer that misses it keeps its half, and challenges the next SYN
 * from the same port (RFC 5961 §4), which costs that a second. So one that finds no buffer, or no room in the transmit
 * ring, waits for it here, 200 ms at most, and up to 4096 of them. Its connection does not wait with it. One that waits
 * in vain is counted as dropped, for what it lacked; but not one whose way or source address has gone meanwhile.
 */

#include "tcp/tcp.h"

struct tcp_farewell {
	uint64_t until_ns; /* when it waits no longer; set by farewell_say() */
	struct tcp_flow flow;
	struct seq seq;
	struct seq ack;
	uint8_t tos;
	uint8_t ttl; /* 0: the default */
};

/** @return 0, -ENOMEM */
int
farewell_init(struct tcp *tcp);

void
farewell_fini(struct tcp *tcp);

/** Send <SEQ=seq><ACK=ack><CTL=RST,ACK>, now or as soon as there is room. */
void
farewell_say(struct tcp *tcp, const struct tcp_farewell *f, uint64_t now_ns);

/** From @c, whose peer's SYN is known. */
void
farewell_conn(struct tcp_conn *c, uint64_t now_ns);

static inline bool
farewell_waits(const struct tcp *tcp)
{
	return tcp->farewells.head != tcp->farewells.tail;
}

/** Those that wait, each once, until @n_vain of them have found no room again: they go to the end. */
BARO_COLD void
farewell_retry(struct tcp *tcp, unsigned n_vain, uint64_t now_ns);

#endif
