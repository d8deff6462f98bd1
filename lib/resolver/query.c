/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/*
 * The dialogue with servers: RFC 1035 §4.2.1 and §7, 5452 §9. Each datagram leaves from a random port of
 * its own. Ports stay open until the question is answered: who answers late is heard, too.
 */

#include "resolver/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t AVOID_NS = 30 * NS_PER_SEC;
static const uint64_t TCP_TIMEOUT_NS = 10 * NS_PER_SEC; /* RFC 7766 §6.2.3 leaves it open */

static uint64_t
now_of(const struct dns_query *q)
{
	return q->r->stack->now_ns;
}

struct dns_query *
query_find(const struct resolver *r, const struct dns_ask *ask)
{
	for (struct list *node = r->queries.next; node != &r->queries; node = node->next) {
		struct dns_query *q = holder_of(node, struct dns_query, node);

		if (!q->is_private && !q->is_done && q->ask.type == ask->type &&
			q->ask.uses_tcp == ask->uses_tcp && ask->server.port == 0 &&
			dns_name_is_equal(&q->ask.name, &ask->name))
			return q;
	}
	return NULL;
}

/* The configured order, but those that were silent of late come last. */
static void
choose_servers(struct dns_query *q)
{
	const struct settings *s = &q->r->settings;

	if (q->is_private) {
		q->server[q->n_servers++] = q->ask.server;
		return;
	}
	for (unsigned is_avoided = 0; is_avoided < 2; is_avoided++)
		for (uint8_t i = 0; i < s->n_servers; i++)
			if ((q->r->avoid_until_ns[i] > now_of(q)) == (is_avoided != 0)) {
				q->index[q->n_servers] = i;
				q->server[q->n_servers++] = s->server[i];
			}
}

static void
was_silent(struct dns_query *q, unsigned server, uint64_t now_ns)
{
	if (!q->is_private)
		q->r->avoid_until_ns[q->index[server]] = now_ns + AVOID_NS;
}

static void
was_heard(struct dns_query *q, unsigned server)
{
	if (!q->is_private)
		q->r->avoid_until_ns[q->index[server]] = 0;
}

static void
close_sockets(struct dns_query *q)
{
	for (unsigned i = 0; i < q->n_open; i++)
		baro_udp_close(q->attempt[i].udp);
	q->n_open = 0;
	dns_stream_close(q->stream);
	q->stream = NULL;
}

/* The next turn's timers tell those who wait. */
static void
finish(struct dns_query *q, int err)
{
	close_sockets(q);
	q->is_done = true;
	q->err = q->reply != NULL ? 0 : err;
	wheel_start(&q->r->stack->env.wheel, &q->timer, now_of(q));
}

/* Unpredictable, RFC 5452 §9.2: what leaves is hashed with a secret. */
static uint16_t
random_id(struct dns_query *q)
{
	uint64_t nonce = rand_u64(&q->r->stack->env.rand);

	return (uint16_t)siphash24(&q->r->stack->env.secret, &nonce, sizeof(nonce));
}

static void
ask_next(struct dns_query *q, int err);

static void
keep_reply(struct dns_query *q, unsigned server, const uint8_t *p, uint16_t len, bool was_tcp)
{
	reply_release(q->reply);
	q->reply = reply_new(p, len);
	if (q->reply == NULL)
		return;
	q->reply->server = q->server[server];
	q->reply->at_ns = now_of(q);
	q->reply->took_ns = now_of(q) - q->begun_ns;
	q->reply->was_tcp = was_tcp;
}

/* A message that fits the question. A server that fails is not asked again, another one may know. */
static void
take_reply(struct dns_query *q, unsigned server, const struct dns_msg *msg, bool was_tcp)
{
	count(&q->r->stack->env, STAT_DNS_ANSWERS);
	was_heard(q, server);
	keep_reply(q, server, msg->p, (uint16_t)msg->len, was_tcp);
	if (!reply_is_failure(msg)) {
		finish(q, -ENOMEM);
		return;
	}
	q->has_failed |= 1u << server;
	ask_next(q, -EREMOTEIO);
}

static void
stream_taken(void *user, const uint8_t *p, int len)
{
	struct dns_query *q = user;
	struct dns_stream *s = q->stream; /* holds @p */
	struct dns_msg msg;

	q->stream = NULL;
	if (p != NULL && dns_msg_read(p, (uint32_t)len, &msg) && !msg.hdr.is_truncated &&
		reply_fits(&msg, q->tcp_id, &q->ask.name, q->ask.type)) {
		take_reply(q, q->tcp_server, &msg, true);
	} else {
		if (p != NULL)
			count(&q->r->stack->env, STAT_DNS_IGNORED);
		q->has_failed |= 1u << q->tcp_server;
		ask_next(q, p != NULL ? -EPROTO : len);
	}
	dns_stream_close(s);
}

static int
ask_by_tcp(struct dns_query *q, unsigned server)
{
	uint8_t octets[DNS_QUERY_MAX];
	uint32_t len;
	int err;

	q->tcp_server = (uint8_t)server;
	q->tcp_id = random_id(q);
	len = dns_query_write(octets, q->tcp_id, &q->ask.name, q->ask.type);
	err = dns_stream_open(core_of(q->r->stack), &q->server[server], octets, (uint16_t)len,
		stream_taken, q, &q->stream);
	if (err != 0)
		return err;
	count(&q->r->stack->env, STAT_DNS_OVER_TCP);
	wheel_start(&q->r->stack->env.wheel, &q->timer, now_of(q) + TCP_TIMEOUT_NS);
	return 0;
}

/* RFC 1035 §4.2.1, 7766 §5: what does not fit into a datagram is asked for again over TCP. */
static void
take_truncated(struct dns_query *q, unsigned server)
{
	int err;

	if (q->stream != NULL)
		return;
	was_heard(q, server);
	err = ask_by_tcp(q, server);
	if (err == 0)
		return;
	q->has_failed |= 1u << server;
	ask_next(q, err);
}

/*
 * RFC 5452 §9.1: from the address asked, to the port asked from, with identifier and question. The socket
 * is connected: others' datagrams do not come here.
 */
static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	struct dns_attempt *a = baro_udp_user(u);
	struct dns_query *q = a->query;
	struct dns_msg msg;

	if (!dns_msg_read(d->data, (uint32_t)d->len, &msg) ||
		!reply_fits(&msg, a->id, &q->ask.name, q->ask.type)) {
		count(&q->r->stack->env, STAT_DNS_IGNORED);
		return;
	}
	if (msg.hdr.is_truncated)
		take_truncated(q, a->server);
	else if ((q->has_failed >> a->server & 1) == 0)
		take_reply(q, a->server, &msg, false);
}

/* An ICMP error: nobody listens there, or there is no way. */
static void
refused(struct baro_udp *u, const struct baro_udp_error *e)
{
	const struct dns_attempt *a = baro_udp_user(u);
	struct dns_query *q = a->query;
	bool is_awaited = (q->n_attempts - 1u) % q->n_servers == a->server;

	if (!e->is_hard || (q->has_failed >> a->server & 1) != 0)
		return;
	q->has_failed |= 1u << a->server;
	if (is_awaited && q->stream == NULL)
		ask_next(q, e->err);
}

static int
ask_by_udp(struct dns_query *q, unsigned server)
{
	static const struct baro_udp_ops ops = { .received = received, .failed = refused };
	struct dns_attempt *a = &q->attempt[q->n_open];
	uint8_t octets[DNS_QUERY_MAX];
	uint32_t len;
	int err = baro_udp_create(core_of(q->r->stack), &ops, a, &a->udp);

	if (err != 0)
		return err;
	a->query = q;
	a->id = random_id(q);
	a->server = (uint8_t)server;
	len = dns_query_write(octets, a->id, &q->ask.name, q->ask.type);
	err = baro_udp_connect(a->udp, &q->server[server]);
	if (err == 0)
		err = baro_udp_send(a->udp, NULL, NULL, octets, len);
	if (err != 0) {
		baro_udp_close(a->udp);
		return err;
	}
	q->n_open++;
	return 0;
}

/* RFC 1035 §7.2 and 4.2.1: longer with each round. */
static uint64_t
timeout_of(const struct dns_query *q, unsigned attempt)
{
	return q->r->settings.timeout_ns << attempt / q->n_servers;
}

static int
ask_server(struct dns_query *q, unsigned server, unsigned attempt)
{
	int err;

	if (q->ask.uses_tcp)
		err = ask_by_tcp(q, server);
	else
		err = ask_by_udp(q, server);
	if (err != 0)
		return err;
	count(&q->r->stack->env, STAT_DNS_QUERIES);
	if (attempt != 0)
		count(&q->r->stack->env, STAT_DNS_RETRIES);
	if (!q->ask.uses_tcp)
		wheel_start(&q->r->stack->env.wheel, &q->timer, now_of(q) + timeout_of(q, attempt));
	return 0;
}

/* The next server that has not failed, round after round; @err if there is none. */
static void
ask_next(struct dns_query *q, int err)
{
	while (q->n_attempts < q->n_servers * q->r->settings.tries) {
		unsigned attempt = q->n_attempts++;
		unsigned server = attempt % q->n_servers;
		int why;

		if ((q->has_failed >> server & 1) != 0)
			continue;
		why = ask_server(q, server, attempt);
		if (why == 0)
			return;
		err = why;
		q->has_failed |= 1u << server;
	}
	if (err == -ETIMEDOUT)
		count(&q->r->stack->env, STAT_DNS_TIMEOUTS);
	finish(q, err);
}

struct dns_query *
query_start(struct resolver *r, const struct dns_ask *ask)
{
	struct dns_query *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->r = r;
	q->ask = *ask;
	q->is_private = ask->server.port != 0;
	q->begun_ns = r->stack->now_ns;
	list_init(&q->waiters);
	list_init(&q->node);
	list_add(&r->queries, &q->node);
	wheel_timer_init(&q->timer, TIMER_DNS_QUERY);
	choose_servers(q);
	ask_next(q, -ETIMEDOUT);
	return q;
}

bool
query_timer(struct dns_query *q, uint64_t now_ns)
{
	if (q->is_done)
		return true;
	if (q->stream != NULL) {
		dns_stream_close(q->stream);
		q->stream = NULL;
		was_silent(q, q->tcp_server, now_ns);
		q->has_failed |= 1u << q->tcp_server;
	} else {
		was_silent(q, (q->n_attempts - 1u) % q->n_servers, now_ns);
	}
	ask_next(q, -ETIMEDOUT);
	return false;
}

void
query_free(struct dns_query *q)
{
	close_sockets(q);
	query_abandon(q);
}

void
query_abandon(struct dns_query *q)
{
	wheel_stop(&q->r->stack->env.wheel, &q->timer);
	for (unsigned i = 0; i < q->n_open; i++)
		baro_udp_close(q->attempt[i].udp);
	dns_stream_free(q->stream);
	list_remove(&q->node);
	reply_release(q->reply);
	free(q);
}
