/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* Who may send text on a SYN; see the header. */

#include "tcp/fastopen.h"

#include <errno.h>
#include <string.h>

#include "tcp/embryo.h"
#include "tcp/fast.h"
#include "tcp/table.h"

enum { HELD_S = 60 };

/* Cookies that we give */

/** The key of the @period'th life. */
static struct siphash_key
key_of_life(const struct tcp *tcp, uint64_t period)
{
	const struct siphash_key *root = &tcp->common.env->table_key; /* all cores have this one */
	uint64_t words[3] = { TCP_SALT_FASTOPEN, period, 0 };
	struct siphash_key key;

	key.k0 = siphash24(root, words, sizeof(words));
	words[2] = 1;
	key.k1 = siphash24(root, words, sizeof(words));
	return key;
}

/** The key in use, or the one before it; @return false: there is no such key */
static bool
find_key(const struct tcp *tcp, bool is_old, uint64_t now_ns, struct siphash_key *key)
{
	const struct fast_keys *shared = &tcp->common.fastopen_keys;
	uint64_t period = now_ns / tcp->common.fastopen_key_life_ns;

	if (shared->n != 0) {
		*key = shared->key[is_old];
		return is_old < shared->n;
	}
	*key = key_of_life(tcp, period - is_old);
	return is_old <= period;
}

static bool
make_cookie(const struct tcp *tcp, const struct tcp_flow *flow, bool is_old, uint64_t now_ns,
	struct tcp_cookie *cookie)
{
	struct siphash_key key;

	if (!find_key(tcp, is_old, now_ns, &key))
		return false;
	*cookie = fast_cookie(&key, flow->faddr, flow->laddr);
	return true;
}

static bool
cookie_eq(const struct tcp_cookie *a, const struct tcp_cookie *b)
{
	return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0;
}

/* The limit on connections that wait for their third ACK, RFC 7413 §5.1 */

/**
 * A place whose connection was reset counts for one to two minutes more: else who sends SYNs in the name
 * of hosts that answer SYN|ACK by RST would never fill the queue.
 */
static void
age_held(struct tcp_fast_queue *q, uint64_t now_ns)
{
	uint64_t minute = now_ns / (HELD_S * NS_PER_SEC);

	if (minute == q->minute)
		return;
	q->held[1] = minute == q->minute + 1 ? q->held[0] : 0;
	q->held[0] = 0;
	q->minute = minute;
}

static bool
has_room(struct tcp_fast_queue *q, uint64_t now_ns)
{
	age_held(q, now_ns);
	return q->pending + q->held[0] + q->held[1] < q->limit;
}

bool
fastopen_judge(
	struct tcp_listener *l, const struct tcp_flow *flow, struct tcp_hdr *syn, uint64_t now_ns)
{
	const struct tcp *tcp = l->tcp;
	struct env *env = tcp->common.env;
	struct tcp_opts *o = &syn->opts;
	struct tcp_cookie told = o->cookie;
	struct tcp_cookie cookie;

	if ((o->has & TCP_HAS_FASTOPEN) == 0)
		return false;
	o->has &= (uint8_t)~TCP_HAS_FASTOPEN;
	if (l->fast.limit == 0 || !tcp->common.with_fastopen)
		return false;
	if (!has_room(&l->fast, now_ns)) {
		count(env, STAT_TCP_FASTOPEN_OVERFLOWS);
		return false;
	}
	make_cookie(tcp, flow, false, now_ns, &o->cookie);
	if (cookie_eq(&told, &o->cookie))
		return true;
	o->has |= TCP_HAS_FASTOPEN;
	count(env, STAT_TCP_FASTOPEN_COOKIES_OUT);
	if (told.len == 0)
		return false;
	if (make_cookie(tcp, flow, true, now_ns, &cookie) && cookie_eq(&told, &cookie))
		return true;
	count(env, STAT_TCP_FASTOPEN_REFUSED);
	return false;
}

struct tcp_conn *
fastopen_begin(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_seg *syn,
	struct seq iss, uint16_t mtu, uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;
	struct tcp_embryo e = { .flow = *flow, .iss = iss };
	struct tcp_conn *c;

	embryo_read_syn(tcp, &syn->h, &e);
	c = embryo_begin_conn(l, &e, syn->hash, mtu, now_ns);
	if (c == NULL)
		return NULL;
	c->fast.has_option = (syn->h.opts.has & TCP_HAS_FASTOPEN) != 0;
	c->fast.cookie = syn->h.opts.cookie;
	c->fast.pending_of = l;
	l->fast.pending++;
	fast_begin(c, syn, now_ns);
	count(tcp->common.env, STAT_TCP_PASSIVE_OPENS);
	count(tcp->common.env, STAT_TCP_FASTOPEN_PASSIVE);
	return c;
}

void
fastopen_forget(struct tcp_listener *l)
{
	struct tcp *tcp = l->tcp;

	for (uint32_t i = 0; i < tcp->conns.n_made && l->fast.pending != 0; i++) {
		struct tcp_conn *c = slab_at(&tcp->conns, i);

		if (c->tcp != tcp || c->fast.pending_of != l)
			continue;
		c->fast.pending_of = NULL;
		l->fast.pending--;
	}
}

/** It does not wait for its third ACK any more. */
static void
leave_queue(struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp_fast_queue *q = &c->fast.pending_of->fast;

	c->fast.pending_of = NULL;
	q->pending--;
	if (c->state != TCP_ST_CLOSED || c->err != -ECONNRESET)
		return;
	age_held(q, now_ns);
	q->held[0]++;
}

/* Cookies that we are given */

void
fastopen_ask(struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp *tcp = c->tcp;
	const struct fast_entry *e =
		fast_cache_find(&tcp->fast_cache, c->flow.laddr, c->flow.faddr, now_ns);

	c->fast.is_early = true;
	if (!tcp->common.with_fastopen || (e != NULL && fast_entry_is_held(e, now_ns)))
		return;
	c->fast.has_option = true;
	c->fast.is_awaited = true;
	c->fast.cookie.len = 0;
	if (e == NULL)
		return;
	c->fast.cookie = e->cookie;
	c->fast.mss = e->mss;
}

void
fastopen_do_not_ask(struct tcp_conn *c)
{
	c->fast.is_early = false;
	c->fast.has_option = false;
	c->fast.is_awaited = false;
}

/** SYN|ACK with header @h has opened it. @return false: Fast Open seems not to work here */
static bool
has_worked(const struct tcp_conn *c, const struct tcp_hdr *h)
{
	if (c->fast.is_used || (h->opts.has & TCP_HAS_FASTOPEN) != 0)
		return true;
	/* A cookie without text has no answer; no other answer than a lost SYN, or a server's no */
	return c->syn_retries == 0 && c->fast.cookie.len != 0 && c->totals.segs_out == 0;
}

/** Our SYN has been answered, or never was. */
static void
note_answer(struct tcp_conn *c, const struct tcp_hdr *h, uint64_t now_ns)
{
	struct tcp *tcp = c->tcp;
	struct fast_entry *e =
		fast_cache_get(&tcp->fast_cache, c->flow.laddr, c->flow.faddr, now_ns);
	bool is_open = c->state != TCP_ST_CLOSED && h != NULL && (h->flags & TCP_ACK) != 0;

	c->fast.is_awaited = false;
	if (is_open) {
		e->mss = c->mtu.peer_mss;
		if ((h->opts.has & TCP_HAS_FASTOPEN) != 0 && h->opts.cookie.len != 0)
			e->cookie = h->opts.cookie;
	}
	if (is_open && has_worked(c, h)) {
		e->n_failed = 0;
		count_many(tcp->common.env, STAT_TCP_FASTOPEN_ACTIVE, c->fast.is_used);
		return;
	}
	fast_entry_hold(e, tcp->common.fastopen_hold_max_ns, now_ns);
	count(tcp->common.env, STAT_TCP_FASTOPEN_HELD);
}

void
fastopen_learn(struct tcp_conn *c, const struct tcp_hdr *h, uint64_t now_ns)
{
	bool was_dropped = c->state == TCP_ST_CLOSED && (c->err == 0 || c->err == -ECONNABORTED);

	if (c->fast.is_awaited && c->state != TCP_ST_SYN_SENT && !was_dropped)
		note_answer(c, h, now_ns);
	if (c->fast.pending_of != NULL && c->state != TCP_ST_SYN_RECEIVED)
		leave_queue(c, now_ns);
}
