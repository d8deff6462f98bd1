/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: messages are mbufs. */

/* Echo requests (RFC 792) and their answers (baro/ping.h). */

#include <baro/ping.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pkt.h"
#include "ip/out4.h"
#include "socket/stack.h"
#include "wire/icmp.h"

enum {
	NEWS_MAX = 128, /* that wait for the application; those of a turn */
	IDS = UINT16_MAX + 1,
	ID_TRIES = 64,
};

#define DEFAULT_TIMEOUT_NS NS_PER_SEC

_Static_assert((BARO_PING_FLIGHT & (BARO_PING_FLIGHT - 1)) == 0, "slots are found by a mask");

/** A request under way, or answered lately. */
struct slot {
	uint64_t sent_ns;
	uint16_t seq;
	bool is_used;
	bool is_waiting;
};

struct baro_ping {
	struct baro_core *core;
	struct baro_ping_opts opts;
	struct list by_core; /* in pings->all */
	struct list ready;   /* in pings->ready, while there is news */
	uint16_t id;
	uint16_t next_seq;
	uint16_t oldest; /* no earlier request waits */
	bool is_busy;    /* its callback is running: closing waits for its end */
	bool is_closed;
	struct wheel_timer timer; /* TIMER_PING: the time of the oldest is over */
	struct baro_ping_news news[NEWS_MAX];
	unsigned n_news;
	struct slot slot[BARO_PING_FLIGHT];
};

void
pings_init(struct pings *pings, unsigned n_cores)
{
	list_init(&pings->all);
	list_init(&pings->ready);
	pings->n_cores = n_cores;
}

static struct baro_ping *
find(const struct pings *pings, uint16_t id)
{
	for (struct list *node = pings->all.next; node != &pings->all; node = node->next) {
		struct baro_ping *p = holder_of(node, struct baro_ping, by_core);

		if (p->id == id)
			return p;
	}
	return NULL;
}

/** Random, nobody else's, and one whose answers come to this core. @return false: none found */
static bool
choose_id(struct stack *stack, struct baro_ping *p)
{
	unsigned n = stack->pings.n_cores;

	for (unsigned i = 0; i < ID_TRIES; i++) {
		p->id = (uint16_t)(rand_below(&stack->env.rand, IDS / n) * n + stack->id);
		if (find(&stack->pings, p->id) == NULL)
			return true;
	}
	return false;
}

int
baro_ping_open(struct baro_core *core, const struct baro_ping_opts *opts, struct baro_ping **out)
{
	struct stack *stack = stack_of(core);
	uint32_t from = baro_addr_to_v4(&opts->from);
	struct baro_ping *p;

	if (opts->heard == NULL || opts->len > BARO_PING_MAX)
		return -EINVAL;
	if (!baro_addr_is_v4(&opts->from) || (from != 0 && !ip_is_local(&stack->ip, from)))
		return -EADDRNOTAVAIL;
	if (!baro_addr_is_v4(&opts->to))
		return -ENETUNREACH;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->core = core;
	p->opts = *opts;
	if (p->opts.timeout_ns == 0)
		p->opts.timeout_ns = DEFAULT_TIMEOUT_NS;
	list_init(&p->ready);
	wheel_timer_init(&p->timer, TIMER_PING);
	if (!choose_id(stack, p)) {
		free(p);
		return -ENOMEM;
	}
	list_add(&stack->pings.all, &p->by_core);
	*out = p;
	return 0;
}

void
baro_ping_close(struct baro_ping *p)
{
	if (p->is_closed)
		return;
	p->is_closed = true;
	wheel_stop(&stack_of(p->core)->env.wheel, &p->timer);
	list_remove(&p->by_core);
	list_remove(&p->ready);
	if (!p->is_busy)
		free(p);
}

void *
baro_ping_user(const struct baro_ping *p)
{
	return p->opts.user;
}

struct baro_core *
baro_ping_core(const struct baro_ping *p)
{
	return p->core;
}

/* What is sent */

/** The i-th octet of data. */
static uint8_t
pattern(uint32_t i)
{
	return (uint8_t)i;
}

/** A chain of @len octets: eight of header, the pattern. NULL: no buffers. */
static struct rte_mbuf *
make_message(const struct dev_pool *pool, uint32_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool->text);
	struct rte_mbuf *last = m;
	uint32_t at = 0;

	if (m == NULL)
		return NULL;
	rte_pktmbuf_append(m, ICMP_HDR_LEN);
	while (at < len) {
		uint32_t n = min_u32(len - at, rte_pktmbuf_tailroom(last));
		uint8_t *p = rte_pktmbuf_mtod_offset(last, uint8_t *, last->data_len);

		for (uint32_t i = 0; i < n; i++)
			p[i] = pattern(at + i);
		last->data_len = (uint16_t)(last->data_len + n);
		m->pkt_len += n;
		at += n;
		if (at == len)
			break;
		last->next = rte_pktmbuf_alloc(pool->text);
		if (last->next == NULL) {
			pkt_release(m);
			return NULL;
		}
		last = last->next;
		last->data_off = 0; /* no header goes in front of it */
		m->nb_segs++;
	}
	return m;
}

static void
add_news(struct stack *stack, struct baro_ping *p, const struct baro_ping_news *news)
{
	p->news[p->n_news++] = *news;
	if (list_is_empty(&p->ready))
		list_add(&stack->pings.ready, &p->ready);
}

/** Request @seq has waited long enough. */
static void
expire(struct stack *stack, struct baro_ping *p, struct slot *s, uint64_t now_ns)
{
	s->is_waiting = false;
	if (p->n_news < NEWS_MAX)
		add_news(stack, p,
			&(struct baro_ping_news){
				.what = BARO_PING_TIMEOUT,
				.seq = s->seq,
				.from = p->opts.to,
				.rtt_ns = now_ns - s->sent_ns,
			});
	else
		stack->env.drops[DROP_PING_FULL]++;
}

static struct slot *
slot_of(struct baro_ping *p, uint16_t seq)
{
	return &p->slot[seq % BARO_PING_FLIGHT];
}

/** Request @seq waits for an answer; its slot may be another's by now. */
static bool
is_waiting(struct baro_ping *p, uint16_t seq)
{
	const struct slot *s = slot_of(p, seq);

	return s->is_waiting && s->seq == seq;
}

/** The timer follows the oldest request that waits. */
static void
set_timer(struct stack *stack, struct baro_ping *p)
{
	while (p->oldest != p->next_seq && !is_waiting(p, p->oldest))
		p->oldest++;
	wheel_start(&stack->env.wheel, &p->timer,
		p->oldest == p->next_seq ? TIME_NEVER
					 : slot_of(p, p->oldest)->sent_ns + p->opts.timeout_ns);
}

/** Request next_seq is under way. @return its number */
static int
note_sent(struct stack *stack, struct baro_ping *p, uint64_t now_ns)
{
	uint16_t seq = p->next_seq++;
	struct slot *s = slot_of(p, seq);

	if (s->is_waiting)
		expire(stack, p, s, now_ns);
	*s = (struct slot){ .sent_ns = now_ns, .seq = seq, .is_used = true, .is_waiting = true };
	if (p->timer.is_armed)
		return seq;
	p->oldest = seq;
	set_timer(stack, p);
	return seq;
}

/** @return 0, -errno as baro_ping_send() */
static int
find_way(struct stack *stack, const struct baro_ping *p, struct ip_out *out, struct ip_path *path)
{
	uint32_t len = (uint32_t)IPV4_HDR_LEN + ICMP_HDR_LEN + p->opts.len;
	int rc = ip_find_path(&stack->ip, out->dst, stack->now_ns, path);

	if (rc != 0)
		return rc;
	if (out->src == 0)
		out->src = path->src;
	if (!ip_is_local(&stack->ip, out->src) ||
		!ip_path_allows_source(&stack->ip, path, out->src))
		return -EADDRNOTAVAIL;
	if (path->neigh->state == NEIGH_FAILED)
		return -EHOSTUNREACH;
	return len > path->mtu && !out->may_fragment ? -EMSGSIZE : 0;
}

int
baro_ping_send(struct baro_ping *p)
{
	struct stack *stack = stack_of(p->core);
	struct ip_out out = {
		.src = baro_addr_to_v4(&p->opts.from),
		.dst = baro_addr_to_v4(&p->opts.to),
		.proto = IP_PROTO_ICMP,
		.tos = p->opts.tos,
		.ttl = p->opts.ttl,
		.may_fragment = !p->opts.df,
	};
	struct icmp_hdr h = { .type = ICMP_ECHO, .rest = (uint32_t)p->id << 16 | p->next_seq };
	struct ip_path path;
	struct rte_mbuf *m;
	int rc = find_way(stack, p, &out, &path);

	if (rc != 0)
		return rc;
	m = make_message(&stack->pool, p->opts.len);
	if (m == NULL) {
		stack->env.drops[DROP_NO_MBUF]++;
		return -ENOBUFS;
	}
	icmp_write(pkt_data(m), &h);
	icmp_write_sum(pkt_data(m), cksum_fold(ip_sum_chain(m, 0, m->pkt_len)));
	count(&stack->env, STAT_ICMP_ECHOES_OUT);
	if (m->pkt_len + (uint32_t)IPV4_HDR_LEN > path.mtu)
		rc = ip_fragment(&stack->ip, &path, m, &out, stack->now_ns);
	else
		ip_output(&stack->ip, &path, m, &out, stack->now_ns);
	return rc != 0 ? rc : note_sent(stack, p, stack->now_ns);
}

void
ping_timer(struct wheel_timer *t, uint64_t now_ns)
{
	struct baro_ping *p = holder_of(t, struct baro_ping, timer);
	struct stack *stack = stack_of(p->core);

	for (; p->oldest != p->next_seq; p->oldest++) {
		struct slot *s = slot_of(p, p->oldest);

		if (!is_waiting(p, p->oldest))
			continue;
		if (now_ns < s->sent_ns + p->opts.timeout_ns)
			break;
		expire(stack, p, s, now_ns);
	}
	set_timer(stack, p);
}

/* What comes back */

/** The data of the message @m, @len octets behind its header, is not what was sent. */
static bool
is_damaged(const struct rte_mbuf *m, uint32_t len)
{
	uint32_t skip = ICMP_HDR_LEN;
	uint32_t i = 0;

	for (; m != NULL && i < len; m = m->next) {
		const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

		for (uint32_t k = skip; k < m->data_len && i < len; k++)
			if (p[k] != pattern(i++))
				return true;
		skip = skip > m->data_len ? skip - m->data_len : 0;
	}
	return false;
}

static void
write_reply(const struct baro_ping *p, struct rte_mbuf *m, const struct ip_in *in,
	struct baro_ping_news *news)
{
	news->what = BARO_PING_REPLY;
	news->len = (uint16_t)(in->len - ICMP_HDR_LEN);
	news->ttl = in->ttl;
	news->is_damaged = news->len != p->opts.len || is_damaged(m, news->len);
}

/** RFC 1191: what a router tells of the way is good for the next request. */
static void
write_error(struct stack *stack, const struct icmp_note *note, struct baro_ping_news *news,
	uint64_t now_ns)
{
	news->what = BARO_PING_ERROR;
	news->type = note->type;
	news->code = note->code;
	news->err = note->err;
	if (note->err != -EMSGSIZE)
		return;
	news->mtu = note->mtu;
	ip_pmtu_learn(&stack->ip, note->dst, note->mtu, note->len, now_ns);
}

/** Whom does it concern, and which request? NULL: nobody, or none that we remember. */
static struct baro_ping *
find_request(struct stack *stack, const struct icmp_note *note, struct slot **s)
{
	struct baro_ping *p = find(&stack->pings, (uint16_t)(note->seq >> 16));

	if (p == NULL)
		return NULL;
	*s = slot_of(p, (uint16_t)note->seq);
	return (*s)->is_used && (*s)->seq == (uint16_t)note->seq ? p : NULL;
}

enum drop
ping_take(struct stack *stack, const struct icmp_note *note, struct rte_mbuf *m,
	const struct ip_in *in, uint64_t now_ns)
{
	bool is_reply = note->type == ICMP_ECHO_REPLY;
	struct baro_ping_news news = { .seq = (uint16_t)note->seq };
	struct slot *s;
	struct baro_ping *p = find_request(stack, note, &s);

	if (is_reply && p == NULL)
		return DROP_ICMP_ECHO_REPLY;
	/* of a request that is over nobody wants to hear complaints */
	if (!is_reply && (p == NULL || !s->is_waiting || note->src_port >> 8 != ICMP_ECHO ||
				 note->dst != baro_addr_to_v4(&p->opts.to)))
		return DROP_ICMP_QUOTE;
	if (p->n_news == NEWS_MAX)
		return DROP_PING_FULL;
	news.from = baro_addr_from_v4(note->by != 0 ? note->by : note->src);
	news.rtt_ns = now_ns - s->sent_ns;
	news.is_duplicate = !s->is_waiting;
	if (is_reply)
		write_reply(p, m, in, &news);
	else
		write_error(stack, note, &news, now_ns);
	s->is_waiting = false;
	add_news(stack, p, &news);
	set_timer(stack, p);
	return DROP_NONE;
}

/** The callback may send, and close this ping or any other: look again each time. */
static void
call_back(struct baro_ping *p)
{
	struct baro_ping_news news[NEWS_MAX];
	unsigned n = p->n_news;

	memcpy(news, p->news, n * sizeof(news[0]));
	p->n_news = 0;
	p->is_busy = true;
	for (unsigned i = 0; i < n && !p->is_closed; i++)
		p->opts.heard(p, &news[i]);
	p->is_busy = false;
	if (p->is_closed)
		free(p);
}

void
ping_dispatch(struct stack *stack)
{
	struct list ready; /* what becomes of requests that they send now is for the next turn */
	struct list *node;

	list_init(&ready);
	list_splice(&ready, &stack->pings.ready);
	while ((node = list_first(&ready)) != NULL) {
		list_remove(node);
		call_back(holder_of(node, struct baro_ping, ready));
	}
}

void
ping_close_all(struct stack *stack)
{
	struct list *node;

	while ((node = list_first(&stack->pings.all)) != NULL)
		baro_ping_close(holder_of(node, struct baro_ping, by_core));
}
