/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* RSTs and their queue; see the header. */

#include "tcp/farewell.h"

#include <errno.h>
#include <stdlib.h>

#include "tcp/xmit.h"

enum {
	WAITING_MAX = 4096, /* a power of two; pages that nobody needs are never touched */
};

static const uint64_t PATIENCE_NS = 200 * NS_PER_MS; /* then the peer has asked again */

int
farewell_init(struct tcp *tcp)
{
	tcp->farewells.entry = calloc(WAITING_MAX, sizeof(*tcp->farewells.entry));
	return tcp->farewells.entry != NULL ? 0 : -ENOMEM;
}

void
farewell_fini(struct tcp *tcp)
{
	free(tcp->farewells.entry);
	tcp->farewells.entry = NULL;
}

/** @path may be NULL: to be found. @return DROP_NONE, or why it did not leave */
static enum drop
try_to_send(
	struct tcp *tcp, const struct tcp_farewell *f, const struct ip_path *path, uint64_t now_ns)
{
	struct tcp_reply r = { .flow = f->flow, .tos = f->tos, .ttl = f->ttl };

	r.h.seq = f->seq;
	r.h.ack = f->ack;
	r.h.flags = TCP_RST | TCP_ACK;
	return path != NULL ? xmit_reply_by(tcp, path, &r, now_ns)
			    : xmit_reply_if_room(tcp, &r, now_ns);
}

static struct tcp_farewell *
place(const struct tcp_farewells *q, uint32_t at)
{
	return &q->entry[at & (WAITING_MAX - 1)];
}

/** @why  it could not be sent: what is counted if it cannot wait either */
static BARO_COLD void
wait(struct tcp *tcp, const struct tcp_farewell *f, enum drop why, uint64_t now_ns)
{
	struct tcp_farewells *q = &tcp->farewells;
	struct tcp_farewell *at = place(q, q->tail);

	if (q->tail - q->head == WAITING_MAX) {
		tcp->common.env->drops[why]++;
		return;
	}
	q->tail++;
	*at = *f;
	at->until_ns = now_ns + PATIENCE_NS;
}

static void
say_by(struct tcp *tcp, const struct tcp_farewell *f, const struct ip_path *path, uint64_t now_ns)
{
	enum drop why = try_to_send(tcp, f, path, now_ns);

	if (unlikely(why != DROP_NONE))
		wait(tcp, f, why, now_ns);
}

void
farewell_say(struct tcp *tcp, const struct tcp_farewell *f, uint64_t now_ns)
{
	say_by(tcp, f, NULL, now_ns);
}

void
farewell_conn(struct tcp_conn *c, uint64_t now_ns)
{
	const struct tcp_farewell f = {
		.flow = c->flow,
		.seq = c->snd_nxt,
		.ack = c->rcv_nxt,
		.tos = c->tos,
		.ttl = c->ttl,
	};
	struct ip_path path;

	say_by(c->tcp, &f, xmit_last_path(c, &path) ? &path : NULL, now_ns);
}

/** @return false: it has to wait on */
static bool
retry(struct tcp *tcp, const struct tcp_farewell *f, uint64_t now_ns)
{
	enum drop why;

	if (!ip_is_local(tcp->ip, f->flow.laddr)) /* removed, or given up: RFC 5227 §2.4 */
		return true;
	why = try_to_send(tcp, f, NULL, now_ns);
	if (why != DROP_NONE && now_ns < f->until_ns)
		return false;
	if (why != DROP_NONE)
		tcp->common.env->drops[why]++;
	return true;
}

void
farewell_retry(struct tcp *tcp, unsigned n_vain, uint64_t now_ns)
{
	struct tcp_farewells *q = &tcp->farewells;

	for (uint32_t n = q->tail - q->head; n != 0 && n_vain != 0; n--) {
		struct tcp_farewell f = *place(q, q->head);

		q->head++;
		if (retry(tcp, &f, now_ns))
			continue;
		*place(q, q->tail++) = f; /* those of another port may find room meanwhile */
		n_vain--;
	}
}
