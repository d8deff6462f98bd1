/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* TCP of one core: its life, and the end of its turn. */

#include "tcp/tcp.h"

#include <errno.h>
#include <string.h>

#include "tcp/ack.h"
#include "tcp/output.h"
#include "tcp/sent.h"
#include "tcp/sndq.h"
#include "tcp/table.h"
#include "tcp/timer.h"
#include "tcp/timewait.h"
#include "tcp/xmit.h"

enum {
	SEGMENTS_A_TURN = 64, /* of one connection, so that the others have theirs */
	SENTS_A_BUFFER = 4,   /* segments in flight that share a buffer of text; SYN and FIN need none */
};

static uint64_t
or_default(uint64_t value, uint64_t otherwise)
{
	return value != 0 ? value : otherwise;
}

static uint32_t
or_default32(uint32_t value, uint32_t otherwise)
{
	return value != 0 ? value : otherwise;
}

/** Settings with the defaults of baro/config.h filled in. */
static int
resolve(struct tcp_common *common, const struct baro_tcp_config *config, struct env *env)
{
	common->env = env;
	common->rto_initial_ns = or_default(config->rto_initial_ns, NS_PER_SEC);
	common->rto_min_ns = or_default(config->rto_min_ns, 200 * NS_PER_MS);
	common->rto_max_ns = or_default(config->rto_max_ns, 60 * NS_PER_SEC);
	common->delayed_ack_ns = or_default(config->delayed_ack_ns, 40 * NS_PER_MS);
	common->msl_ns = or_default(config->msl_ns, 15 * NS_PER_SEC);
	common->fin_wait_2_ns = or_default(config->fin_wait_2_ns, 60 * NS_PER_SEC);
	common->user_timeout_ns = or_default(config->user_timeout_ns, 100 * NS_PER_SEC);
	common->connect_timeout_ns = or_default(config->connect_timeout_ns, 180 * NS_PER_SEC);
	common->syn_ack_retries = or_default32(config->syn_ack_retries, 5);
	common->initial_window = or_default32(config->initial_window, 10);
	common->snd_buf = or_default32(config->snd_buf, 256 * 1024);
	common->rcv_buf = or_default32(config->rcv_buf, 256 * 1024);
	common->backlog = or_default32(config->backlog, 1024);
	common->with_ts = config->timestamps != BARO_OFF;
	common->with_sack = config->sack != BARO_OFF;
	common->with_wscale = config->wscale != BARO_OFF;
	common->with_nodelay = config->nodelay == BARO_ON;
	common->with_pacing = config->pacing == BARO_ON;
	common->cc = config->congestion[0] != '\0' ? tcp_cc_find(config->congestion)
						   : tcp_cc_at(0);
	return common->cc != NULL ? 0 : -EINVAL;
}

int
tcp_init(struct tcp *tcp, const struct baro_config *config, struct env *env, struct ip4 *ip,
	struct dev_pool *pool, uint32_t mbufs)
{
	uint32_t limit = or_default32(config->tcp.max_conns, 1000 * 1000);
	int err;

	memset(tcp, 0, sizeof(*tcp));
	tcp->ip = ip;
	tcp->pool = pool;
	tcp->max_snd_mbufs = mbufs / 8 * 3;
	tcp->max_rcv_mbufs = mbufs / 8 * 3;
	for (unsigned i = 0; i < TCP_LISTENER_BUCKETS; i++)
		list_init(&tcp->listeners[i]);
	err = resolve(&tcp->common, &config->tcp, env);
	if (err == 0)
		err = flowtab_init(&tcp->table, 2 * limit);
	if (err == 0)
		err = slab_init(&tcp->conns, sizeof(struct tcp_conn), limit, NULL);
	if (err == 0)
		err = slab_init(&tcp->timewaits, sizeof(struct tcp_timewait), limit, NULL);
	if (err == 0)
		err = slab_init(&tcp->sents, sizeof(struct tcp_sent), limit + SENTS_A_BUFFER * mbufs, NULL);
	if (err != 0)
		tcp_fini(tcp);
	return err;
}

void
tcp_fini(struct tcp *tcp)
{
	for (uint32_t i = 0; i < tcp->conns.n_made; i++) {
		struct tcp_conn *c = slab_at(&tcp->conns, i);

		if (c->tcp == tcp) {
			sndq_clear(c);
			rcvq_clear(c);
		}
	}
	for (unsigned i = 0; i < TCP_LISTENER_BUCKETS; i++)
		while (!list_is_empty(&tcp->listeners[i]))
			tcp_listener_free(holder_of(tcp->listeners[i].next, struct tcp_listener,
				by_port));
	slab_fini(&tcp->sents);
	slab_fini(&tcp->timewaits);
	slab_fini(&tcp->conns);
	flowtab_fini(&tcp->table);
}

void
tcp_conn_timer(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	tcp_timer(c, now_ns);
	tcp_ready(tcp, c);
}

void
tcp_starve(struct tcp *tcp, struct tcp_conn *c)
{
	if (tcp_is(c, TCP_F_STARVED))
		return;
	tcp_mark(c, TCP_F_STARVED);
	c->ready_next = tcp->starved;
	tcp->starved = c;
}

void
tcp_feed_starved(struct tcp *tcp)
{
	struct tcp_conn *c = tcp->starved;
	struct tcp_conn *next;

	tcp->starved = NULL;
	for (; c != NULL; c = next) {
		next = c->ready_next;
		tcp_unmark(c, TCP_F_STARVED);
		if (tcp_is(c, TCP_F_FULL) && c->snd_queued == 0) {
			tcp_unmark(c, TCP_F_FULL);
			c->events |= TCP_EV_WRITABLE;
		}
		tcp_ready(tcp, c);
	}
}

/** Send all that may leave. @return false: something could not for want of buffers or turn */
static bool
send_all(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp_out o;

	for (unsigned n = 0; tcp_next_out(c, now_ns, &o); n++) {
		uint32_t index;
		struct tcp_sent *note;

		if (n == SEGMENTS_A_TURN)
			return false;
		note = slab_get(&tcp->sents, &index);
		if (note == NULL)
			return false;
		note->index = index;
		if (!xmit_segment(c, &o, now_ns)) {
			slab_put(&tcp->sents, index);
			return false;
		}
		if (!tcp_was_sent(c, &o, note, now_ns))
			slab_put(&tcp->sents, index);
	}
	return true;
}

/** Duplicate acknowledgements, one for each segment that came out of order; then text; then what is left. */
static bool
send_due(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	for (; c->dups_owed != 0; c->dups_owed--) {
		if (!xmit_ack(c, now_ns))
			return false;
		ack_sent(c);
	}
	if (!send_all(tcp, c, now_ns))
		return false;
	if (tcp_is(c, TCP_F_ACK_NOW)) {
		if (!xmit_ack(c, now_ns))
			return false;
		ack_sent(c);
	}
	tcp_output_done(c, now_ns);
	return true;
}

/** Nobody needs the control block any more. */
static bool
is_over(const struct tcp_conn *c)
{
	bool is_ended = c->state == TCP_ST_CLOSED || c->state == TCP_ST_TIME_WAIT;

	return is_ended && (c->events & TCP_EV_CLOSED) == 0 &&
		(tcp_is(c, TCP_F_ORPHAN) || !tcp_is(c, TCP_F_KNOWN));
}

void
tcp_flush(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	bool is_done = c->state == TCP_ST_CLOSED || send_due(tcp, c, now_ns);

	if (!is_done && !tcp_is(c, TCP_F_STARVED | TCP_F_READY)) {
		tcp_starve(tcp, c);
		return;
	}
	if (c->state == TCP_ST_TIME_WAIT && tcp_is(c, TCP_F_IN_TABLE)) {
		timewait_begin(c, now_ns);
		c->rexmt_ns = c->ack_ns = c->idle_ns = TIME_NEVER;
		if (!tcp_is(c, TCP_F_ORPHAN)) {
			c->events |= TCP_EV_CLOSED;
			tcp_ready(tcp, c);
		}
	} else if (c->state == TCP_ST_CLOSED) {
		tcp_conn_unlist(c);
		sndq_clear(c);
	}
	if (is_over(c) && !tcp_is(c, TCP_F_READY | TCP_F_STARVED))
		tcp_conn_free(c);
	else
		tcp_timer_update(c);
}
