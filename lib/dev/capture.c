/* SPDX-License-Identifier: BSD-3-Clause */

/* Frames recorded for a capture file; see the header. */

#include "dev/capture.h"

#include <errno.h>
#include <rte_ip.h>
#include <stdlib.h>
#include <string.h>

#include "wire/eth.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum {
	RECORD_ALIGN = 8,
};

int
capture_create(uint32_t ring_len, uint32_t snap_len,
	bool (*wants)(const void *filter, const uint8_t *frame, uint32_t cap_len, uint32_t len),
	const void *filter, struct capture **out)
{
	struct capture *c = aligned_alloc(BARO_CACHE_LINE, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	memset(c, 0, sizeof(*c));
	c->ring = aligned_alloc(BARO_CACHE_LINE, ring_len);
	c->ring_len = ring_len;
	c->snap_len = snap_len;
	c->wants = wants;
	c->filter = filter;
	if (c->ring == NULL) {
		free(c);
		return -ENOMEM;
	}
	*out = c;
	return 0;
}

void
capture_destroy(struct capture *c)
{
	free(c->ring);
	free(c);
}

static struct capture_record *
record_at(const struct capture *c, uint64_t at)
{
	return (struct capture_record *)(void *)(c->ring + (at & (c->ring_len - 1)));
}

/* Room for a record of @cap_len octets in one piece; NULL: the writer is behind. */
static struct capture_record *
reserve(struct capture *c, uint32_t cap_len)
{
	uint32_t room = RTE_ALIGN_CEIL(
		(uint32_t)sizeof(struct capture_record) + cap_len, (uint32_t)RECORD_ALIGN);
	uint64_t head = atomic_load_explicit(&c->head, memory_order_acquire);
	uint32_t to_end = c->ring_len - (uint32_t)(c->next & (c->ring_len - 1));
	uint32_t gap = room > to_end ? to_end : 0;
	struct capture_record *r;

	if (c->next - head + gap + room > c->ring_len)
		return NULL;
	if (gap != 0) {
		r = record_at(c, c->next);
		/* of a gap shorter than a record only this is looked at */
		r->room = gap;
		if (gap >= sizeof(*r))
			r->is_gap = 1;
		c->next += gap;
	}
	r = record_at(c, c->next);
	c->next += room;
	*r = (struct capture_record){ .room = room, .cap_len = cap_len };
	return r;
}

/* What the port would have filled in, as it will be on the wire. @l2_len octets stand before IP. */
static void
complete_sums(const struct rte_mbuf *m, uint8_t *frame, uint32_t cap_len, uint32_t l2_len)
{
	uint64_t l4 = m->ol_flags & RTE_MBUF_F_TX_L4_MASK;
	uint32_t l4_at = l2_len + IPV4_HDR_LEN;
	uint32_t sum_at = l4_at + (l4 == RTE_MBUF_F_TX_UDP_CKSUM ? UDP_SUM_AT : TCP_SUM_AT);
	uint16_t sum;

	if ((m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0 && cap_len >= l4_at) {
		memset(frame + l2_len + IPV4_SUM_AT, 0, sizeof(sum));
		sum = cksum_fold(cksum_ipv4_hdr(frame + l2_len));
		memcpy(frame + l2_len + IPV4_SUM_AT, &sum, sizeof(sum));
	}
	if (l4 == 0 || cap_len < sum_at + sizeof(sum))
		return;
	/* the field holds the pseudo-header's sum */
	if (rte_raw_cksum_mbuf(m, l4_at, m->pkt_len - l4_at, &sum) != 0)
		return;
	/* that of a frame that the port cuts leaves the length out */
	if ((m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0)
		sum = cksum_fold_seed((uint32_t)sum + htons((uint16_t)(m->pkt_len - l4_at)));
	sum = (uint16_t)~sum;
	if (l4 == RTE_MBUF_F_TX_UDP_CKSUM && sum == 0)
		sum = UINT16_MAX;
	memcpy(frame + sum_at, &sum, sizeof(sum));
}

static bool
is_wanted(const struct capture *c, const struct rte_mbuf *m, uint8_t *octets)
{
	uint32_t cap_len = min_u32(m->pkt_len, c->snap_len);
	const uint8_t *p;

	if (c->wants == NULL)
		return true;
	p = rte_pktmbuf_read(m, 0, cap_len, octets);
	return p != NULL && c->wants(c->filter, p, cap_len, m->pkt_len);
}

/* @return its record; NULL: lost */
static struct capture_record *
record(struct env *env, const struct rte_mbuf *m, uint64_t now_ns)
{
	struct capture *c = env->capture;
	uint32_t cap_len = min_u32(m->pkt_len, c->snap_len);
	struct capture_record *r = reserve(c, cap_len);
	uint8_t *octets = (uint8_t *)(r + 1);
	const uint8_t *p;

	if (r == NULL) {
		count(env, STAT_CAPTURE_LOST);
		atomic_fetch_add_explicit(&c->n_lost, 1, memory_order_relaxed);
		return NULL;
	}
	p = rte_pktmbuf_read(m, 0, cap_len, octets);
	if (p != octets)
		memcpy(octets, p, cap_len);
	r->len = m->pkt_len;
	r->time_ns = now_ns;
	count(env, STAT_CAPTURED);
	return r;
}

/* With more frames in a turn than marks the first are shown early, without reasons. */
static void
mark(struct env *env, const struct rte_mbuf *m, struct capture_record *r)
{
	struct capture *c = env->capture;

	if (c->n_marks == CAPTURE_MARKS)
		capture_publish(env);
	c->mark[c->n_marks++] = (struct capture_mark){ m, r };
}

void
capture_frames(struct env *env, uint16_t port, struct rte_mbuf *const *m, uint16_t n, bool is_out,
	uint64_t now_ns)
{
	uint8_t octets[UINT16_MAX];

	for (uint16_t i = 0; i < n; i++) {
		struct capture_record *r;

		if (!is_wanted(env->capture, m[i], octets))
			continue;
		r = record(env, m[i], now_ns);
		if (r == NULL)
			continue;
		r->port = port;
		r->is_out = is_out;
		if (is_out)
			complete_sums(m[i], (uint8_t *)(r + 1), r->cap_len, m[i]->l2_len);
		mark(env, m[i], r);
	}
}

/* Packets of ours that end before they have a frame; they begin with their IP header. */
static bool
is_of_unsent(enum drop why)
{
	return why == DROP_NEIGH_QUEUE_FULL || why == DROP_NEIGH_TABLE_FULL ||
	       why == DROP_NEIGH_FAILED || why == DROP_LOOP_FULL;
}

static void
record_unsent(struct env *env, const struct rte_mbuf *m, enum drop why)
{
	uint8_t header[IPV4_HDR_MAX];
	uint32_t len = min_u32(m->pkt_len, sizeof(header));
	struct capture_record *r;
	struct ipv4_hdr ip;

	/* filters look for Ethernet */
	if (env->capture->wants != NULL || ipv4_read(rte_pktmbuf_read(m, 0, len, header), len,
						   m->pkt_len, true, &ip) != DROP_NONE)
		return;
	r = record(env, m, env->wheel.tick << WHEEL_TICK_BITS);
	if (r == NULL)
		return;
	r->port = CAPTURE_UNSENT;
	r->is_out = true;
	r->why = why;
	complete_sums(m, (uint8_t *)(r + 1), r->cap_len, 0);
}

void
capture_drop(struct env *env, const struct rte_mbuf *m, enum drop why)
{
	struct capture *c = env->capture;

	if (is_of_unsent(why)) {
		record_unsent(env, m, why);
		return;
	}
	if (why == DROP_TX_FULL) /* has not been recorded yet; its buffer may have been another's */
		return;
	/* the same buffer may have come twice: the last one counts */
	for (unsigned i = c->n_marks; i-- > 0;) {
		if (c->mark[i].m == m) {
			c->mark[i].record->why = why;
			return;
		}
	}
}

void
capture_publish(struct env *env)
{
	struct capture *c = env->capture;

	c->n_marks = 0;
	atomic_store_explicit(&c->tail, c->next, memory_order_release);
}

const struct capture_record *
capture_peek(struct capture *c)
{
	uint64_t tail = atomic_load_explicit(&c->tail, memory_order_acquire);
	uint64_t head = atomic_load_explicit(&c->head, memory_order_relaxed);

	while (head != tail) {
		const struct capture_record *r = record_at(c, head);

		if (r->room >= sizeof(*r) && !r->is_gap)
			return r;
		head += r->room;
		atomic_store_explicit(&c->head, head, memory_order_release);
	}
	return NULL;
}

void
capture_release(struct capture *c, const struct capture_record *r)
{
	atomic_fetch_add_explicit(&c->head, r->room, memory_order_release);
}
