/* SPDX-License-Identifier: BSD-3-Clause */

/* Routes, addresses and neighbours of a core as rows; sockets are in tables_tcp.c, tables_udp.c. */

#include "runtime/tables.h"

#include <stdio.h>
#include <string.h>

#include "runtime/core.h"

bool
table_routes(struct baro_core *core, void *question)
{
	struct table_page *page = question;

	while (page->n < page->n_wanted) {
		if (baro_route_read(core, (unsigned)page->at, &page->row.route[page->n]) != 0) {
			page->at = TABLE_END;
			break;
		}
		page->at++;
		page->n++;
	}
	return true;
}

bool
table_addrs(struct baro_core *core, void *question)
{
	struct table_page *page = question;

	while (page->n < page->n_wanted) {
		if (baro_addr_read(core, (unsigned)page->at, &page->row.addr[page->n]) != 0) {
			page->at = TABLE_END;
			break;
		}
		page->at++;
		page->n++;
	}
	return true;
}

static const char *
state_name(const struct neigh *n)
{
	static const char *const names[] = {
		[NEIGH_FREE] = "FREE",
		[NEIGH_INCOMPLETE] = "INCOMPLETE",
		[NEIGH_REACHABLE] = "REACHABLE",
		[NEIGH_STALE] = "STALE",
		[NEIGH_PROBE] = "PROBE",
		[NEIGH_FAILED] = "FAILED",
		[NEIGH_SELF] = "SELF",
	};

	if (n->is_static)
		return "STATIC";
	return n->state == NEIGH_PROBE && n->n_sent == 0 ? "DELAY" : names[n->state];
}

static void
tell_neigh(const struct netif *netif, const struct neigh *n, uint64_t now_ns, struct neigh_row *row)
{
	*row = (struct neigh_row){
		.addr = baro_addr_from_v4(n->addr),
		.has_mac = n->state == NEIGH_REACHABLE || n->state == NEIGH_STALE ||
			   n->state == NEIGH_PROBE,
		.state = state_name(n),
		.n_parked = n->n_parked,
		.confirmed_ns = n->confirmed_ns != 0 ? max_u64(now_ns - n->confirmed_ns, 1) : 0,
	};
	memcpy(row->mac, n->mac.b, sizeof(row->mac));
	snprintf(row->iface, sizeof(row->iface), "%s", netif->name);
}

/* A cursor is the interface in the high half, the entry in the low one. */
bool
table_neigh(struct baro_core *core, void *question)
{
	struct table_page *page = question;
	struct ip4 *ip = &core->stack.ip;
	unsigned left = TABLE_SLICE;

	while (page->n < page->n_wanted) {
		uint32_t i = (uint32_t)(page->at >> 32);
		uint32_t entry = (uint32_t)page->at;
		const struct link *link;

		if (i >= ip->n_netifs) {
			page->at = TABLE_END;
			break;
		}
		link = &ip->netif[i].link;
		if (entry >= link->n_made) {
			page->at = (uint64_t)(i + 1) << 32;
			continue;
		}
		if (left-- == 0)
			return false;
		page->at++;
		if (link->neigh[entry].state != NEIGH_FREE)
			tell_neigh(&ip->netif[i], &link->neigh[entry], core->stack.now_ns,
				&page->row.neigh[page->n++]);
	}
	return true;
}
