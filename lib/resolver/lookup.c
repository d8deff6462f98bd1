/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Lookups: names to try (resolv.conf(5), "search"), cache, questions; and their end. */

#include "resolver/lookup.h"

#include <errno.h>
#include <stdlib.h>

int
lookup_new(struct baro_core *core, const struct baro_resolve_opts *opts, struct baro_lookup **out)
{
	struct resolver *r = resolver_of(stack_of(core));
	struct baro_lookup *l;

	if (r == NULL)
		return -ENOMEM;
	if (r->n_lookups == LOOKUPS_MAX)
		return -EAGAIN;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return -ENOMEM;
	l->r = r;
	if (opts != NULL)
		l->opts = *opts;
	wheel_timer_init(&l->timer, TIMER_DNS_LOOKUP);
	list_init(&l->node);
	list_add(&r->lookups, &l->node);
	r->n_lookups++;
	*out = l;
	return 0;
}

void
lookup_is_known(struct baro_lookup *l, int err)
{
	l->err = err;
	wheel_start(&l->r->stack->env.wheel, &l->timer, l->r->stack->now_ns);
}

/* The @i-th name to try. @return false: there are no more */
static bool
candidate(const struct baro_lookup *l, unsigned i, struct dns_name *name)
{
	const struct settings *s = &l->r->settings;
	unsigned n = l->is_absolute ? 0 : s->n_search;
	bool is_first = dns_name_labels(&l->name) - 2 >= s->ndots; /* dots, but for the last */
	unsigned domain = is_first ? i - 1 : i;

	if (i > n)
		return false;
	*name = l->name;
	if (is_first ? i != 0 : i != n)
		return dns_name_join(name, &s->search[domain]) == 0;
	return true;
}

/* Take the next candidate that can be. */
static bool
next_candidate(struct baro_lookup *l, struct dns_name *name)
{
	unsigned n = l->is_absolute ? 0 : l->r->settings.n_search;

	while (l->n_tried <= n)
		if (candidate(l, l->n_tried++, name))
			return true;
	return false;
}

static void
drop_replies(struct baro_lookup *l)
{
	for (unsigned i = 0; i < l->n_parts; i++) {
		reply_release(l->part[i].reply);
		l->part[i].reply = NULL;
	}
}

/* Known already, or a question that may be under way. @return 0, -ENOMEM */
static int
ask_part(struct baro_lookup *l, struct lookup_part *p, const struct dns_name *name)
{
	struct dns_ask ask = { .name = *name,
		.type = p->type,
		.uses_tcp = l->opts.uses_tcp,
		.server = l->opts.server };
	struct resolver *r = l->r;
	struct reply *reply = NULL;

	p->lookup = l;
	p->err = 0;
	if (!l->opts.no_cache && ask.server.port == 0)
		reply = cache_find(&r->cache, name, p->type, r->stack->now_ns);
	if (reply != NULL) {
		count(&r->stack->env, STAT_DNS_CACHE_HITS);
		p->reply = reply_hold(reply);
		p->source = BARO_SOURCE_CACHE;
		return 0;
	}
	p->query = query_find(r, &ask);
	if (p->query == NULL)
		p->query = query_start(r, &ask);
	if (p->query == NULL)
		return -ENOMEM;
	p->source = BARO_SOURCE_SERVER;
	list_init(&p->node);
	list_add(&p->query->waiters, &p->node);
	return 0;
}

static bool
is_waiting(const struct baro_lookup *l)
{
	for (unsigned i = 0; i < l->n_parts; i++)
		if (l->part[i].query != NULL)
			return true;
	return false;
}

/* What one part has come to. */
static int
judge_part(const struct lookup_part *p)
{
	struct dns_question q;
	struct verdict v;
	struct dns_msg msg;

	if (p->reply == NULL)
		return p->err;
	dns_msg_read(p->reply->octets, p->reply->len, &msg);
	dns_question_read(&msg, &q);
	reply_judge(&msg, &q.name, p->type, &v);
	return v.err;
}

/* The part that knows most speaks for all: found, nothing of this type, no such name, failure. */
static int
judge(const struct baro_lookup *l)
{
	int err = judge_part(&l->part[0]);

	for (unsigned i = 1; i < l->n_parts; i++) {
		int other = judge_part(&l->part[i]);

		if (other == 0 || (err != 0 && err != -ENODATA && other == -ENODATA))
			err = other;
	}
	return err;
}

/* Of several names that are not there the first one's reason is told, unless a later one exists. */
static void
note(struct baro_lookup *l, int err)
{
	if (l->err == 0 || l->err == -ENOENT || err == 0)
		l->err = err;
}

/* It may be that another name is there. */
static bool
is_worth_going_on(int err)
{
	return err == -ENOENT || err == -ENODATA || err == -EREMOTEIO;
}

/* All parts of a name are known, or cannot be: go on to the next name, or tell. */
static void
advance(struct baro_lookup *l)
{
	struct dns_name name;
	int err = 0;

	while (!is_waiting(l)) {
		if (l->n_tried != 0) {
			err = judge(l);
			note(l, err);
			if (!is_worth_going_on(err))
				break;
		}
		if (!next_candidate(l, &name))
			break;
		drop_replies(l);
		for (unsigned i = 0; i < l->n_parts; i++)
			if (ask_part(l, &l->part[i], &name) != 0)
				l->part[i].err = -ENOMEM;
	}
	if (!is_waiting(l))
		lookup_is_known(l, l->err);
}

int
lookup_begin(struct baro_lookup *l)
{
	if (l->opts.server.port == 0 && l->r->settings.n_servers == 0)
		return -EDESTADDRREQ;
	advance(l);
	return 0;
}

static void
stop_waiting(struct lookup_part *p)
{
	struct dns_query *q = p->query;

	if (q == NULL)
		return;
	list_remove(&p->node);
	p->query = NULL;
	if (list_is_empty(&q->waiters))
		query_free(q);
}

void
lookup_free(struct baro_lookup *l)
{
	for (unsigned i = 0; i < l->n_parts; i++)
		stop_waiting(&l->part[i]);
	drop_replies(l);
	wheel_stop(&l->r->stack->env.wheel, &l->timer);
	list_remove(&l->node);
	l->r->n_lookups--;
	free(l->known);
	free(l);
}

void
baro_lookup_cancel(struct baro_lookup *l)
{
	if (!l->is_telling)
		lookup_free(l);
}

/* What was answered stays for others to find, RFC 2181 §5, 2308 §5. */
static void
keep(struct dns_query *q)
{
	struct resolver *r = q->r;
	struct verdict v;
	struct dns_msg msg;
	uint32_t ttl_s;

	if (q->reply == NULL || q->is_private)
		return;
	dns_msg_read(q->reply->octets, q->reply->len, &msg);
	reply_judge(&msg, &q->ask.name, q->ask.type, &v);
	ttl_s = min_u32(v.ttl_s, r->settings.max_ttl_s);
	if (ttl_s == 0)
		return;
	count_many(&r->stack->env, STAT_DNS_CACHE_EVICTED,
		cache_add(&r->cache, &q->ask.name,
			v.err == -ENOENT && !v.is_chained ? 0 : q->ask.type, q->reply,
			q->reply->at_ns + ttl_s * NS_PER_SEC));
}

void
resolver_query_timer(struct wheel_timer *t, uint64_t now_ns)
{
	struct dns_query *q = holder_of(t, struct dns_query, timer);
	struct list *node;

	if (!query_timer(q, now_ns))
		return;
	keep(q);
	while ((node = list_first(&q->waiters)) != NULL) {
		struct lookup_part *p = holder_of(node, struct lookup_part, node);

		list_remove(node);
		p->query = NULL;
		p->err = q->err;
		p->reply = q->reply != NULL ? reply_hold(q->reply) : NULL;
		advance(p->lookup);
	}
	query_free(q);
}

void
resolver_lookup_timer(struct wheel_timer *t, uint64_t now_ns)
{
	struct baro_lookup *l = holder_of(t, struct baro_lookup, timer);

	(void)now_ns;
	l->is_telling = true;
	l->tell(l, l->err);
	lookup_free(l);
}

void
resolver_destroy(struct resolver *r)
{
	if (r == NULL)
		return;
	while (!list_is_empty(&r->queries))
		query_abandon(holder_of(r->queries.next, struct dns_query, node));
	while (!list_is_empty(&r->lookups)) {
		struct baro_lookup *l = holder_of(r->lookups.next, struct baro_lookup, node);

		for (unsigned i = 0; i < l->n_parts; i++)
			l->part[i].query = NULL;
		lookup_free(l);
	}
	cache_fini(&r->cache);
	hosts_free(&r->hosts);
	r->stack->resolver = NULL;
	free(r);
}
