/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: fragments are mbufs. */

/* Datagrams in the making; see the header. */

#include "ip/fragq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "dev/pkt.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

enum {
	DATAGRAM_MAX = 65535, /* octets with the header, RFC 791 §3.1 */
	ECN_NOT_ECT = 1u << 0,
	ECN_CE = 1u << 3,
};

/** What a fragment's private area holds. */
struct fragq_note {
	struct rte_mbuf *next;
	uint32_t from; /* octets of payload before it */
	uint32_t to;
};

_Static_assert(sizeof(struct fragq_note) <= PKT_PRIV_LEN, "the note fits into the private area");

static inline struct fragq_note *
fragq_note(struct rte_mbuf *m)
{
	return (struct fragq_note *)rte_mbuf_to_priv(m);
}

int
fragq_init(struct fragq *r, struct env *env, uint32_t max_datagrams, uint64_t max_mem,
	uint64_t timeout_ns)
{
	uint32_t n_buckets = 1;

	while (n_buckets < max_datagrams)
		n_buckets *= 2;
	*r = (struct fragq){
		.env = env,
		.datagram = calloc(max_datagrams, sizeof(*r->datagram)),
		.bucket = malloc(n_buckets * sizeof(*r->bucket)),
		.bucket_mask = n_buckets - 1,
		.max_datagrams = max_datagrams,
		.max_mem = max_mem,
		.timeout_ns = timeout_ns,
	};
	list_init(&r->by_age);
	wheel_timer_init(&r->timer, TIMER_FRAGQ);
	if (r->datagram == NULL || r->bucket == NULL) {
		fragq_fini(r);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n_buckets; i++)
		r->bucket[i] = FRAGQ_NONE;
	for (uint32_t i = 0; i < max_datagrams; i++)
		r->datagram[i].chain = i + 1 < max_datagrams ? i + 1 : FRAGQ_NONE;
	return 0;
}

/** The fragments go. @return how many they were */
static unsigned
release_fragments(struct fragq *r, struct fragq_datagram *d)
{
	unsigned n = d->n_fragments;
	struct rte_mbuf *next;

	for (struct rte_mbuf *m = d->first; m != NULL; m = next) {
		next = fragq_note(m)->next;
		pkt_release(m);
	}
	r->mem -= d->mem;
	d->mem = 0;
	d->first = NULL;
	d->last = NULL;
	d->n_fragments = 0;
	return n;
}

void
fragq_fini(struct fragq *r)
{
	wheel_stop(&r->env->wheel, &r->timer);
	for (struct list *node = r->by_age.next; node != &r->by_age; node = node->next)
		release_fragments(r, holder_of(node, struct fragq_datagram, by_age));
	free(r->datagram);
	free(r->bucket);
	r->datagram = NULL;
	r->bucket = NULL;
	list_init(&r->by_age);
}

/** Keyed: nobody can aim at one chain. */
static uint32_t *
bucket_of(struct fragq *r, uint32_t src, uint32_t dst, uint16_t id, uint8_t proto)
{
	uint64_t addrs = (uint64_t)src << 32 | dst;
	uint64_t rest = (uint64_t)proto << 16 | id;

	return &r->bucket[siphash13_2u64(&r->env->table_key, addrs, rest) & r->bucket_mask];
}

static struct fragq_datagram *
find(struct fragq *r, const struct ip_in *in)
{
	uint32_t i = *bucket_of(r, in->src, in->dst, in->id, in->proto);

	for (; i != FRAGQ_NONE; i = r->datagram[i].chain) {
		struct fragq_datagram *d = &r->datagram[i];

		if (d->src == in->src && d->dst == in->dst && d->id == in->id &&
			d->proto == in->proto)
			return d;
	}
	return NULL;
}

static struct fragq_datagram *
oldest(const struct fragq *r)
{
	return list_is_empty(&r->by_age) ? NULL
					 : holder_of(r->by_age.next, struct fragq_datagram, by_age);
}

/** The timer follows the oldest one. */
static void
set_timer(struct fragq *r)
{
	const struct fragq_datagram *d = oldest(r);

	wheel_start(&r->env->wheel, &r->timer, d != NULL ? d->deadline_ns : TIME_NEVER);
}

/** @d, which holds nothing any more, is free for another. */
static void
forget(struct fragq *r, struct fragq_datagram *d)
{
	uint32_t self = (uint32_t)(d - r->datagram);
	uint32_t *at = bucket_of(r, d->src, d->dst, d->id, d->proto);

	while (*at != self)
		at = &r->datagram[*at].chain;
	*at = d->chain;
	list_remove(&d->by_age);
	d->chain = r->first_free;
	r->first_free = self;
	set_timer(r);
}

void
fragq_drop(struct fragq *r, struct fragq_datagram *d, enum drop why)
{
	r->env->drops[why] += release_fragments(r, d);
	forget(r, d);
}

/** RFC 5722 §4: what has come goes, and what will still come is not taken. */
static enum drop
give_up(struct fragq *r, struct fragq_datagram *d, enum drop why)
{
	r->env->drops[why] += release_fragments(r, d);
	d->is_dead = true;
	return why;
}

static struct fragq_datagram *
make(struct fragq *r, const struct ip_in *in, uint64_t now_ns)
{
	uint32_t *bucket = bucket_of(r, in->src, in->dst, in->id, in->proto);
	struct fragq_datagram *d;
	uint32_t i;

	if (r->first_free == FRAGQ_NONE)
		fragq_drop(r, oldest(r), DROP_IP_REASS_FULL);
	i = r->first_free;
	d = &r->datagram[i];
	r->first_free = d->chain;
	*d = (struct fragq_datagram){
		.chain = *bucket,
		.src = in->src,
		.dst = in->dst,
		.id = in->id,
		.proto = in->proto,
		.deadline_ns = now_ns + r->timeout_ns,
	};
	*bucket = i;
	list_init(&d->by_age);
	list_add(&r->by_age, &d->by_age);
	set_timer(r);
	return d;
}

/** Octets of memory that a packet occupies, whatever it carries. */
static uint32_t
mem_of(const struct rte_mbuf *m)
{
	uint32_t len = 0;

	for (; m != NULL; m = m->next)
		len += m->buf_len + (uint32_t)sizeof(*m);
	return len;
}

/** Room for @len octets more, if need be in place of older datagrams. */
static bool
make_room(struct fragq *r, const struct fragq_datagram *d, uint32_t len)
{
	while (r->mem + len > r->max_mem) {
		if (oldest(r) == d)
			return false;
		fragq_drop(r, oldest(r), DROP_IP_REASS_FULL);
	}
	return true;
}

/**
 * RFC 791 §3.2, and RFC 1858 §3, RFC 3128 §3: what no sender makes, or only one who wants to hide a
 * TCP header from a filter.
 */
static enum drop
check_fragment(const struct rte_mbuf *m, const struct ip_in *in, uint32_t from)
{
	bool has_more = (in->frag & IPV4_MF) != 0;

	if (in->len == 0 || (has_more && in->len % 8 != 0))
		return DROP_IP_FRAGMENT;
	if (from + in->len + in->hdr_len > DATAGRAM_MAX) /* the "ping of death" */
		return DROP_IP_FRAGMENT;
	if (in->proto != IP_PROTO_TCP)
		return DROP_NONE;
	if (from == 8)
		return DROP_IP_FRAGMENT_TINY;
	if (from == 0 &&
		(in->len < TCP_HDR_LEN ||
			in->len <
				(uint32_t)(*rte_pktmbuf_mtod_offset(m, const uint8_t *, 12) >> 4) *
					4))
		return DROP_IP_FRAGMENT_TINY;
	return DROP_NONE;
}

/** The octets [@from, @to) of the datagram in @a and in @b, both of which hold them, are the same. */
static bool
is_same(struct rte_mbuf *a, struct rte_mbuf *b, uint32_t from, uint32_t to)
{
	uint8_t copy[2][256];

	while (from < to) {
		uint32_t n = min_u32(to - from, sizeof(copy[0]));
		const void *p = rte_pktmbuf_read(a, from - fragq_note(a)->from, n, copy[0]);
		const void *q = rte_pktmbuf_read(b, from - fragq_note(b)->from, n, copy[1]);

		if (memcmp(p, q, n) != 0)
			return false;
		from += n;
	}
	return true;
}

/** The last fragment that begins before @from; NULL: none. Most come in order. */
static struct rte_mbuf *
find_before(const struct fragq_datagram *d, uint32_t from)
{
	struct rte_mbuf *before = NULL;

	if (d->last != NULL && fragq_note(d->last)->from < from)
		return d->last;
	for (struct rte_mbuf *m = d->first; m != NULL && fragq_note(m)->from < from;
		m = fragq_note(m)->next)
		before = m;
	return before;
}

/** Does @m only say again what the fragment @other holds? */
static bool
is_repeated(struct rte_mbuf *other, struct rte_mbuf *m)
{
	const struct fragq_note *old = other != NULL ? fragq_note(other) : NULL;
	const struct fragq_note *new = fragq_note(m);

	return old != NULL &&
	       old->from <= new->from &&new->to <= old->to &&is_same(other, m, new->from, new->to);
}

/** The end of the datagram is where it was said to be before, and nothing lies beyond it. */
static bool
is_end_sound(const struct fragq_datagram *d, const struct fragq_note *new, bool has_more)
{
	if (d->total != 0)
		return has_more ? new->to < d->total : new->to == d->total;
	return has_more || d->last == NULL || fragq_note(d->last)->to < new->to;
}

static void
insert(struct fragq_datagram *d, struct rte_mbuf *before, struct rte_mbuf *m)
{
	struct rte_mbuf **at = before != NULL ? &fragq_note(before)->next : &d->first;

	fragq_note(m)->next = *at;
	*at = m;
	if (d->last == before)
		d->last = m;
	d->n_fragments++;
}

/** Where it belongs: DROP_NONE when it has been put there. */
static enum drop
place(struct fragq *r, struct fragq_datagram *d, struct rte_mbuf *m, bool has_more)
{
	const struct fragq_note *new = fragq_note(m);
	struct rte_mbuf *before = find_before(d, new->from);
	struct rte_mbuf *after = before != NULL ? fragq_note(before)->next : d->first;

	if (!is_end_sound(d, new, has_more))
		return give_up(r, d, DROP_IP_FRAGMENT_OVERLAP);
	if (is_repeated(before, m) || is_repeated(after, m))
		return DROP_IP_FRAGMENT_REPEATED;
	if ((before != NULL && fragq_note(before)->to > new->from) ||
		(after != NULL && fragq_note(after)->from < new->to))
		return give_up(r, d, DROP_IP_FRAGMENT_OVERLAP);
	insert(d, before, m);
	return DROP_NONE;
}

/** RFC 3168 §5.3: congestion met by one is met by all; it is not met by half of an ECN datagram. */
static enum drop
join_ecn(uint8_t seen, uint8_t *tos)
{
	if ((seen & ECN_CE) == 0)
		return DROP_NONE;
	if ((seen & ECN_NOT_ECT) != 0)
		return DROP_IP_FRAGMENT_ECN;
	*tos |= 3;
	return DROP_NONE;
}

/** One chain of all fragments, by offset. */
static struct rte_mbuf *
join(struct fragq_datagram *d)
{
	struct rte_mbuf *head = d->first;
	struct rte_mbuf *tail = NULL;
	struct rte_mbuf *next;
	uint16_t n_segs = 0;

	for (struct rte_mbuf *m = head; m != NULL; m = next) {
		next = fragq_note(m)->next;
		n_segs = (uint16_t)(n_segs + m->nb_segs);
		if (tail != NULL)
			tail->next = m;
		tail = rte_pktmbuf_lastseg(m);
	}
	head->nb_segs = n_segs;
	head->pkt_len = d->total;
	d->first = NULL;
	d->n_fragments = 0;
	return head;
}

/** All is there. */
static enum drop
complete(struct fragq *r, struct fragq_datagram *d, struct rte_mbuf **m, struct ip_in *in)
{
	enum drop why = join_ecn(d->ecn, &d->in.tos);

	*in = d->in;
	if (why == DROP_NONE && d->total + in->hdr_len > DATAGRAM_MAX)
		why = DROP_IP_FRAGMENT;
	if (why != DROP_NONE) {
		*m = NULL; /* among the others */
		fragq_drop(r, d, why);
		return DROP_NONE;
	}
	in->len = (uint16_t)d->total;
	in->frag = 0;
	in->is_l4_sum_good = false; /* said of a fragment, it meant nothing */
	*m = join(d);
	r->mem -= d->mem;
	forget(r, d);
	return DROP_NONE;
}

/** @m is in its place. */
static void
take_note(struct fragq *r, struct fragq_datagram *d, const struct rte_mbuf *m,
	const struct ip_in *in, const struct fragq_note *new)
{
	uint32_t mem = mem_of(m);

	d->mem += mem;
	r->mem += mem;
	d->have += in->len;
	d->ecn |= (uint8_t)(1u << (in->tos & 3));
	if ((in->frag & IPV4_MF) == 0)
		d->total = new->to;
	if (new->from == 0) {
		d->in = *in;
		d->has_first = true;
	}
}

enum drop
fragq_add(struct fragq *r, struct rte_mbuf **mp, struct ip_in *in, uint64_t now_ns)
{
	uint32_t from = (in->frag & IPV4_FRAG_OFF) * 8u;
	struct fragq_datagram *d;
	struct rte_mbuf *m = *mp;
	enum drop why;

	why = check_fragment(m, in, from);
	if (why != DROP_NONE)
		return why;
	d = find(r, in);
	if (d == NULL)
		d = make(r, in, now_ns);
	if (d->is_dead)
		return DROP_IP_FRAGMENT_OVERLAP;
	if (d->n_fragments == FRAGQ_FRAGMENTS_MAX || !make_room(r, d, mem_of(m)))
		return give_up(r, d, DROP_IP_REASS_FULL);
	*fragq_note(m) = (struct fragq_note){ .from = from, .to = from + in->len };
	why = place(r, d, m, (in->frag & IPV4_MF) != 0);
	if (why != DROP_NONE)
		return why;
	take_note(r, d, m, in, fragq_note(m));
	*mp = NULL;
	return d->have == d->total ? complete(r, d, mp, in) : DROP_NONE;
}

struct fragq_datagram *
fragq_expired(struct fragq *r, uint64_t now_ns)
{
	struct fragq_datagram *d = oldest(r);

	set_timer(r);
	return d != NULL && d->deadline_ns <= now_ns ? d : NULL;
}
