/* SPDX-License-Identifier: BSD-3-Clause */

/* TCP's sockets as rows: five tables, one behind the other. */

#include "runtime/core.h"
#include "runtime/tables.h"

/* A cursor is the table in the high half, the entry in the low one. */
enum part {
	PART_LISTENERS, /* bucket and place in its list, 16 bits each */
	PART_CONNS,
	PART_EMBRYOS,
	PART_TIMEWAITS,
	PART_COUNT,
};

enum { PLACE_BITS = 16 };

static struct baro_endpoint
endpoint(uint32_t addr, uint16_t port)
{
	struct baro_endpoint ep = { .port = port };

	if (addr != 0)
		ep.addr = baro_addr_from_v4(addr);
	return ep;
}

static void
tell_flow(const struct tcp_flow *f, const char *state, struct socket_row *row)
{
	*row = (struct socket_row){
		.local = endpoint(f->laddr, f->lport),
		.foreign = endpoint(f->faddr, f->fport),
		.state = state,
		.timer = "",
	};
}

static void
tell_timer(const char *name, uint64_t deadline_ns, uint64_t now_ns, struct socket_row *row)
{
	if (deadline_ns == TIME_NEVER)
		return;
	row->timer = name;
	row->timer_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
}

static void
tell_listener(const struct tcp_listener *l, struct socket_row *row)
{
	tell_flow(&(struct tcp_flow){ .laddr = l->laddr, .lport = l->lport }, "LISTEN", row);
	row->recv_q = l->n_unaccepted;
	row->send_q = l->backlog;
}

/* Of several deadlines the earliest, as it is what happens next. */
static void
tell_conn_timer(const struct tcp_conn *c, uint64_t now_ns, struct socket_row *row)
{
	uint64_t first = min_u64(c->rexmt_ns, min_u64(c->ack_ns, c->idle_ns));

	if (first == c->rexmt_ns)
		tell_timer(tcp_flight(c) != 0 ? "rexmt" : "probe", first, now_ns, row);
	else if (first == c->ack_ns)
		tell_timer("delack", first, now_ns, row);
	else
		tell_timer(tcp_is(c, TCP_F_ORPHAN) ? "finwait" : "keepalive", first, now_ns, row);
}

static void
tell_conn(const struct tcp_conn *c, bool with_info, uint64_t now_ns, struct socket_row *row)
{
	tell_flow(&c->flow, tcp_state_name(c->state), row);
	row->recv_q = c->rcv_queued;
	row->send_q = c->snd_queued;
	row->retries = c->backoff;
	tell_conn_timer(c, now_ns, row);
	row->has_info = with_info;
	if (with_info)
		conn_tell_info(c, now_ns, &row->info);
}

/** Whether it is awake or not: who wakes or comes to rest meanwhile stays where it is. @return false: it is none */
static bool
tell_rest(const struct tcp_rest *r, bool with_info, uint64_t now_ns, struct socket_row *row)
{
	const struct tcp_conn *c = rest_awake(r);
	struct tcp_conn copy;

	if (r->is_resting) {
		rest_read(r, now_ns, &copy);
		c = &copy;
	}
	if (c == NULL || !tcp_is(c, TCP_F_IN_TABLE))
		return false;
	tell_conn(c, with_info, now_ns, row);
	return true;
}

static void
tell_embryo(const struct tcp_embryo *e, uint64_t now_ns, struct socket_row *row)
{
	tell_flow(&e->flow, tcp_state_name(TCP_ST_SYN_RECEIVED), row);
	row->retries = e->n_resent;
	tell_timer("synack", e->timer.deadline_ns, now_ns, row);
}

static void
tell_timewait(const struct tcp_timewait *tw, uint64_t now_ns, struct socket_row *row)
{
	tell_flow(&tw->flow, tcp_state_name(TCP_ST_TIME_WAIT), row);
	tell_timer("timewait", tw->timer.deadline_ns, now_ns, row);
}

/* The listener at @entry; NULL: its bucket has no more. */
static const struct tcp_listener *
listener_at(const struct tcp *tcp, uint32_t entry)
{
	const struct list *bucket = &tcp->listeners[entry >> PLACE_BITS];
	struct list *node = bucket->next;

	for (uint32_t place = entry & ((1u << PLACE_BITS) - 1); place != 0 && node != bucket;
		place--)
		node = node->next;
	return node != bucket ? holder_of(node, struct tcp_listener, by_port) : NULL;
}

static uint32_t
entries_of(const struct tcp *tcp, enum part part, const struct table_page *page)
{
	switch (part) {
	case PART_LISTENERS:
		return page->wants_listening ? TCP_LISTENER_BUCKETS << PLACE_BITS : 0;
	case PART_CONNS:
		return page->wants_connected ? tcp->rests.n_made : 0;
	case PART_EMBRYOS:
		return page->wants_connected ? tcp->embryos.n_made : 0;
	default:
		return page->wants_connected ? tcp->timewaits.n_made : 0;
	}
}

/* Row of @entry, if there is something. @return the next entry to look at */
static uint32_t
take_entry(
	struct tcp *tcp, enum part part, uint32_t entry, uint64_t now_ns, struct table_page *page)
{
	struct socket_row *row = &page->row.socket[page->n];

	if (part == PART_LISTENERS) {
		const struct tcp_listener *l = listener_at(tcp, entry);

		if (l == NULL)
			return ((entry >> PLACE_BITS) + 1) << PLACE_BITS;
		tell_listener(l, row);
		page->n++;
	} else if (part == PART_CONNS) {
		page->n += tell_rest(slab_at(&tcp->rests, entry), page->wants_info, now_ns, row);
	} else if (part == PART_EMBRYOS) {
		const struct tcp_embryo *e = slab_at(&tcp->embryos, entry);

		if ((e->flags & EMBRYO_LIVE) != 0) {
			tell_embryo(e, now_ns, row);
			page->n++;
		}
	} else {
		const struct tcp_timewait *tw = slab_at(&tcp->timewaits, entry);

		if (tw->timer.is_armed) {
			tell_timewait(tw, now_ns, row);
			page->n++;
		}
	}
	return entry + 1;
}

bool
table_tcp(struct baro_core *core, void *question)
{
	struct table_page *page = question;
	struct tcp *tcp = &core->stack.tcp;
	unsigned left = TABLE_SLICE;

	while (page->n < page->n_wanted) {
		uint32_t part = (uint32_t)(page->at >> 32);
		uint32_t entry = (uint32_t)page->at;

		if (part >= PART_COUNT) {
			page->at = TABLE_END;
			break;
		}
		if (entry >= entries_of(tcp, (enum part)part, page)) {
			page->at = (uint64_t)(part + 1) << 32;
			continue;
		}
		if (left-- == 0)
			return false;
		entry = take_entry(tcp, (enum part)part, entry, core->stack.now_ns, page);
		page->at = (uint64_t)part << 32 | entry;
	}
	return true;
}
