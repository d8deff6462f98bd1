/* SPDX-License-Identifier: BSD-3-Clause */

/* UDP's sockets as rows: those that are not connected by their ports, then the connected ones. */

#include "runtime/core.h"
#include "runtime/tables.h"

enum { PLACE_BITS = 16 };

/* A cursor is a port and a place among its sockets, 16 bits each; behind all ports, lines. */
static const uint64_t LINES = UINT64_C(1) << 32;

static struct baro_endpoint
endpoint(uint32_t addr, uint16_t port)
{
	struct baro_endpoint ep = { .port = port };

	if (addr != 0)
		ep.addr = baro_addr_from_v4(addr);
	return ep;
}

static void
tell_sock(const struct udp_sock *s, struct table_page *page)
{
	page->row.socket[page->n++] = (struct socket_row){
		.local = endpoint(s->flow.laddr, s->flow.lport),
		.foreign = endpoint(s->flow.faddr, s->flow.fport),
		.state = "",
		.recv_q = s->n_queued,
		.timer = "",
	};
}

/* Those of one port, from place @place on, as far as they fit the page. */
static void
tell_port(const struct udp *udp, struct table_page *page)
{
	uint32_t port = (uint32_t)(page->at >> PLACE_BITS);
	uint32_t place = (uint32_t)page->at & ((1u << PLACE_BITS) - 1);
	const struct udp_sock *s = udp->port[port].bound;

	for (; place != 0 && s != NULL; place--)
		s = s->next;
	for (; s != NULL && page->n < page->n_wanted; s = s->next) {
		tell_sock(s, page);
		page->at++;
	}
	if (s == NULL)
		page->at = (uint64_t)(port + 1) << PLACE_BITS;
}

bool
table_udp(struct baro_core *core, void *question)
{
	struct table_page *page = question;
	const struct udp *udp = &core->stack.udp;
	unsigned left = TABLE_SLICE;

	while (page->n < page->n_wanted) {
		if (page->at >= LINES + udp->lines.n_made) {
			page->at = TABLE_END;
			break;
		}
		if (left-- == 0)
			return false;
		if (page->at >= LINES) {
			const struct udp_line *line =
				slab_at(&udp->lines, (uint32_t)(page->at - LINES));

			if (line->sock != NULL)
				tell_sock(line->sock, page);
			page->at++;
		} else {
			tell_port(udp, page);
		}
	}
	return true;
}
