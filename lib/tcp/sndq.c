/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: queued text lies in mbufs. */
/* The send queue of a connection; see the header. */

#include "tcp/sndq.h"

#include "dev/pkt.h"
#include "tcp/sent.h"

enum {
	ROOM_FLOOR = 4 * 1460, /* what a connection may always queue, if a buffer can be had */
	UNSENT_SEGMENTS = 96,  /* half as many again as leave in one turn: it does not run dry */
};

/** Octets of one buffer that are used: a full segment, or all of it for segments larger than that. */
static uint32_t
chunk_len(const struct tcp_conn *c)
{
	return min_u32(c->mss, POOL_TEXT_ROOM);
}

/** Buffers that connections may still take for text to send. */
static uint32_t
free_mbufs(const struct tcp *tcp)
{
	return tcp->max_snd_mbufs - min_u32(tcp->snd_mbufs, tcp->max_snd_mbufs);
}

/**
 * Octets of a quarter of the buffers that stay free: whoever fills the queue and never reads leaves room for
 * others. As a fifth of both it does not change while the queue is filled.
 */
static inline uint32_t
fair_share(const struct tcp_conn *c)
{
	uint32_t chunk = chunk_len(c);
	uint32_t n_free = free_mbufs(c->tcp);
	uint32_t n_own;

	if (likely(n_free / 5 * chunk >= c->snd_buf))
		return c->snd_buf; /* or more: the division is made only when buffers get short */
	n_own = (c->snd_queued + chunk - 1) / chunk;
	return max_u32((n_free + n_own) / 5 * chunk, ROOM_FLOOR);
}

/** What the queue may hold, sent or not. */
static uint32_t
queue_limit(const struct tcp_conn *c)
{
	return min_u32(c->snd_buf, fair_share(c));
}

/** Of that, what may be unsent. */
static uint32_t
unsent_limit(const struct tcp_conn *c)
{
	uint32_t limit = common_of(c)->notsent_lowat;

	if (unlikely(tcp_is(c, TCP_F_LOWAT)))
		return c->asked.notsent_lowat;
	return likely(limit == 0) ? UNSENT_SEGMENTS * c->mss : limit;
}

uint32_t
sndq_room(const struct tcp_conn *c)
{
	const struct tcp *tcp = c->tcp;
	uint32_t n_free = free_mbufs(tcp);
	uint32_t limit = min_u32(queue_limit(c), tcp_flight(c) + unsent_limit(c));

	/* The last eighth is for those that have nothing queued: many who never read leave room, too */
	if (unlikely(n_free <= tcp->max_snd_mbufs / 8) && c->snd_queued != 0)
		return 0;
	return n_free != 0 && c->snd_queued < limit ? limit - c->snd_queued : 0;
}

void
sndq_follow_cwnd(struct tcp_conn *c)
{
	uint32_t most = common_of(c)->snd_buf_max;

	if (!c->asked.has_snd_buf && c->snd_buf < most && c->cwnd > c->snd_buf / 2)
		c->snd_buf = c->cwnd < most / 2 ? 2 * c->cwnd : most;
}

bool
sndq_has_drained(const struct tcp_conn *c)
{
	return sndq_room(c) >= max_u32(min_u32(queue_limit(c), unsent_limit(c)) / 4, 1);
}

/** What the last buffer still takes. */
static uint32_t
tail_room(const struct tcp_conn *c)
{
	uint32_t used = c->snd_tail != NULL ? c->snd_tail->data_off - (uint32_t)PKT_HEADROOM +
						      c->snd_tail->data_len
					    : UINT32_MAX;

	return used < chunk_len(c) ? chunk_len(c) - used : 0;
}

/**
 * Is the last buffer to be written on? What has been sent already leaves an odd rest in it, from which
 * every later segment would have to borrow; a rest that is large is used all the same.
 */
static bool
tail_is_open(const struct tcp_conn *c)
{
	bool is_all_sent = c->snd_queued == tcp_flight(c);
	uint32_t room = tail_room(c);

	return room != 0 && (!is_all_sent || room > chunk_len(c) / 4 * 3);
}

/** Append an empty buffer. */
static bool
add_chunk(struct tcp_conn *c)
{
	struct rte_mbuf *m = pkt_alloc(c->tcp->pool->text);

	if (m == NULL)
		return false;
	c->tcp->snd_mbufs++;
	if (c->snd_tail == NULL)
		c->snd_head = m;
	else
		c->snd_tail->next = m;
	c->snd_tail = m;
	return true;
}

uint8_t *
sndq_reserve(struct tcp_conn *c, uint32_t *len)
{
	uint32_t room = sndq_room(c);

	if (room == 0 || (!tail_is_open(c) && !add_chunk(c)))
		return NULL;
	*len = min_u32(tail_room(c), room);
	return rte_pktmbuf_mtod_offset(c->snd_tail, uint8_t *, c->snd_tail->data_len);
}

void
sndq_commit(struct tcp_conn *c, uint32_t len)
{
	BARO_ASSERT(len <= tail_room(c));
	c->snd_tail->data_len = (uint16_t)(c->snd_tail->data_len + len);
	c->snd_queued += len;
}

/** Unlink and free the first buffer. */
static void
pop_chunk(struct tcp_conn *c)
{
	struct rte_mbuf *m = c->snd_head;

	c->snd_head = m->next;
	if (c->snd_head == NULL)
		c->snd_tail = NULL;
	if (c->cursor == m) {
		c->cursor = c->snd_head;
		c->cursor_seq = seq_add(c->cursor_seq, m->data_len);
	}
	m->next = NULL;
	c->tcp->snd_mbufs--;
	pkt_release(m);
}

void
sndq_release(struct tcp_conn *c, uint32_t len)
{
	while (len != 0) {
		struct rte_mbuf *m = c->snd_head;

		if (m->data_len > len) {
			m->data_off = (uint16_t)(m->data_off + len);
			m->data_len = (uint16_t)(m->data_len - len);
			if (c->cursor == m)
				c->cursor_seq = seq_add(c->cursor_seq, len);
			return;
		}
		len -= m->data_len;
		pop_chunk(c);
	}
}

struct sndq_place
sndq_find(struct tcp_conn *c, struct seq seq)
{
	struct sndq_place at;

	if (c->cursor == NULL || seq_lt(seq, c->cursor_seq)) {
		at.m = c->snd_head;
		at.off = seq_len(c->snd_una, seq) -
			 (c->state < TCP_ST_ESTABLISHED); /* SYN is no text */
	} else {
		at.m = c->cursor;
		at.off = seq_len(c->cursor_seq, seq);
	}
	while (at.off >= at.m->data_len && at.m->next != NULL) {
		at.off -= at.m->data_len;
		at.m = at.m->next;
	}
	if (c->cursor == NULL || seq_ge(seq, c->cursor_seq)) {
		c->cursor = at.m;
		c->cursor_seq = seq_sub(seq, at.off);
	}
	return at;
}

void
sndq_clear(struct tcp_conn *c)
{
	struct tcp_sent *next;

	while (c->snd_head != NULL)
		pop_chunk(c);
	c->cursor = NULL;
	c->snd_queued = 0;
	for (struct tcp_sent *s = sent_take_all(c); s != NULL; s = next) {
		next = s->next;
		slab_put(&c->tcp->sents, s->index);
	}
}
