/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* Tables and numbers of one core's TCP; see the header. */

#include "tcp/table.h"

#include <string.h>

#include "tcp/cc_change.h"
#include "tcp/quiet.h"
#include "tcp/rest.h"
#include "tcp/sndq.h"
#include "tcp/trace.h"

_Static_assert(offsetof(struct tcp_timewait, flow) == 0, "line_flow()");
_Static_assert(offsetof(struct tcp_embryo, flow) == 0, "line_flow()");

/** The flow of what is no connection: TIME-WAIT, or an embryo. */
static const struct tcp_flow *
line_flow(const struct tcp *tcp, uint32_t value)
{
	const struct slab *slab =
		(value & TCP_TAG_MASK) == TCP_TAG_TIMEWAIT ? &tcp->timewaits : &tcp->embryos;

	return slab_at(slab, value & ~TCP_TAG_MASK);
}

struct tcp_found
tcp_find(const struct tcp *tcp, const struct tcp_flow *f, uint32_t hash)
{
	struct flowtab_cursor at;
	uint32_t value;

	for (value = flowtab_first(&tcp->table, hash, &at); value != FLOWTAB_NONE;
		value = flowtab_next(&tcp->table, &at)) {
		if (likely(value < TCP_TAG_TIMEWAIT)) {
			struct tcp_rest *r = slab_at(&tcp->rests, value);

			if (likely(tcp_flow_eq(&r->flow, f)))
				return (struct tcp_found){ r, value };
		} else if (tcp_flow_eq(line_flow(tcp, value), f)) {
			return (struct tcp_found){ NULL, value };
		}
	}
	return (struct tcp_found){ NULL, FLOWTAB_NONE };
}

struct tcp_listener *
tcp_find_listener(const struct tcp *tcp, uint32_t addr, uint16_t port)
{
	const struct list *bucket = &tcp->listeners[port % TCP_LISTENER_BUCKETS];
	struct tcp_listener *any = NULL;

	for (struct list *n = bucket->next; n != bucket; n = n->next) {
		struct tcp_listener *l = holder_of(n, struct tcp_listener, by_port);

		if (l->lport != port)
			continue;
		if (l->laddr == addr)
			return l;
		if (l->laddr == 0)
			any = l;
	}
	return any;
}

struct tcp_conn *
tcp_conn_new(struct tcp *tcp, const struct tcp_flow *flow, uint32_t hash)
{
	uint32_t index;
	struct tcp_conn *c = slab_get(&tcp->conns, &index);

	if (c == NULL)
		return NULL;
	memset(c, 0, sizeof(*c));
	c->flow = *flow;
	c->index = index;
	c->tcp = tcp;
	c->cc = tcp->common.cc;
	wheel_timer_init(&c->timer, TIMER_TCP_CONN);
	c->hash = hash;
	c->rest = rest_new(tcp, c);
	if (c->rest == NULL || flowtab_add(&tcp->table, hash, c->rest->index) != 0) {
		if (c->rest != NULL)
			rest_free(tcp, c->rest);
		slab_put(&tcp->conns, index);
		return NULL;
	}
	tcp_mark(c, TCP_F_IN_TABLE);
	if (unlikely(tcp->common.trace != NULL))
		trace_conn(c);
	return c;
}

void
tcp_conn_unlist(struct tcp_conn *c)
{
	if (!tcp_is(c, TCP_F_IN_TABLE))
		return;
	flowtab_remove(&c->tcp->table, tcp_conn_hash(c), c->rest->index);
	tcp_unmark(c, TCP_F_IN_TABLE);
}

void
tcp_conn_free(struct tcp_conn *c)
{
	struct tcp *tcp = c->tcp;

	BARO_ASSERT(!tcp_is(c, TCP_F_READY | TCP_F_STARVED));
	tcp_conn_unlist(c);
	wheel_stop(&tcp->common.env->wheel, &c->timer);
	quiet_remove(tcp, c);
	tcp_cc_end(c);
	if (trace_is_on(c))
		trace_forget(c);
	sndq_clear(c);
	rcvq_clear(c);
	rest_free(tcp, c->rest);
	slab_put(&tcp->conns, c->index);
}

uint64_t
tcp_secret_of(const struct tcp *tcp, const struct tcp_flow *flow, enum tcp_salt salt)
{
	uint32_t words[4] = { flow->laddr, flow->faddr, (uint32_t)flow->lport << 16 | flow->fport,
		(uint32_t)salt };

	return siphash24(&tcp->common.env->secret, words, sizeof(words));
}

struct tcp_numbers
tcp_numbers_of(const struct tcp *tcp, const struct tcp_flow *flow, uint64_t now_ns)
{
	uint64_t secret = tcp_secret_of(tcp, flow, TCP_SALT_ISN);
	uint64_t ticks = now_ns / (4 * NS_PER_US);

	return (struct tcp_numbers){
		.iss = { (uint32_t)(ticks + secret) },
		.ts_offset = (uint32_t)(secret >> 32) | 1,
	};
}
