/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* Choice of a local port; see the header. */

#include "tcp/port.h"

#include <errno.h>

#include "tcp/table.h"
#include "tcp/timewait.h"

enum {
	PORT_FIRST = 32768, /* RFC 6056 §3.2 allows from 1024 on; listeners live below */
	PORT_COUNT = 32768,
	TRIES = 16, /* ports looked at after one that would do, for one that is free */
};

/** What stands in the way of a new connection. */
enum use {
	USE_FREE,
	USE_RENEWABLE, /* in TIME-WAIT, long enough for another connection to follow */
	USE_TAKEN,
	USE_ELSEWHERE, /* the answers would come to another core */
};

/** @place  that of @flow, unless it is taken or elsewhere */
static enum use
use_of(const struct tcp *tcp, const struct tcp_flow *flow, uint64_t now_ns, struct tcp_place *place)
{
	struct tcp_found found;

	if (tcp_owner(tcp, flow) != tcp->core)
		return USE_ELSEWHERE;
	place->hash = tcp_hash(tcp, flow);
	found = tcp_find(tcp, flow, place->hash);
	place->old = tcp_found_timewait(tcp, found);
	if (found.value == FLOWTAB_NONE)
		return USE_FREE;
	return place->old != NULL && timewait_is_renewable(tcp, place->old, now_ns) ? USE_RENEWABLE
										    : USE_TAKEN;
}

int
port_check(const struct tcp *tcp, const struct tcp_flow *flow, uint64_t now_ns,
	struct tcp_place *place)
{
	switch (use_of(tcp, flow, now_ns, place)) {
	case USE_TAKEN:
		return -EADDRINUSE;
	case USE_ELSEWHERE:
		return -EADDRNOTAVAIL;
	default:
		return 0;
	}
}

int
port_choose(struct tcp *tcp, struct tcp_flow *flow, uint64_t now_ns, struct tcp_place *place)
{
	uint32_t start;
	uint32_t last = PORT_COUNT;
	struct tcp_place renewable_place;
	uint16_t renewable = 0;

	flow->lport = 0;
	start = (uint32_t)tcp_secret_of(tcp, flow, TCP_SALT_PORT) + tcp->next_port++;
	for (uint32_t i = 0; i < last; i++) {
		enum use use;

		flow->lport = (uint16_t)(PORT_FIRST + (start + i) % PORT_COUNT);
		use = use_of(tcp, flow, now_ns, place);
		if (use > USE_RENEWABLE || tcp_find_listener(tcp, flow->laddr, flow->lport) != NULL)
			continue;
		if (use == USE_FREE)
			return 0;
		if (renewable == 0) {
			renewable = flow->lport;
			renewable_place = *place;
			last = min_u32(last, i + 1 + TRIES);
		}
	}
	if (renewable == 0)
		return -EADDRNOTAVAIL;
	flow->lport = renewable;
	*place = renewable_place;
	return 0;
}
