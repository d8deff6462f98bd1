/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: received text lies in mbufs. */
/* The receive queue of a connection; see sndq.h. */

#include <string.h>

#include "dev/pkt.h"
#include "tcp/sndq.h"

enum {
	SMALL_PIECE = 512, /* octets up to which copying beats holding a whole buffer */
};

void
text_free(struct text_list *l)
{
	struct text *next;

	for (struct text *t = l->head; t != NULL; t = next) {
		next = t->next;
		pkt_release(text_mbuf(t));
	}
	l->head = NULL;
}

/** Copy @t behind the last piece, if that one's buffer is ours alone and has room. */
static bool
merge(struct tcp_conn *c, const struct text *t)
{
	struct text *last = c->rcv_tail;
	struct rte_mbuf *m;
	uint8_t *end;

	if (c->rcv_head == NULL || t->len > SMALL_PIECE)
		return false;
	m = text_mbuf(last);
	end = (uint8_t *)(uintptr_t)last->data + last->len;
	if (!RTE_MBUF_DIRECT(m) || rte_mbuf_refcnt_read(m) != 1 ||
		end + t->len > (uint8_t *)m->buf_addr + m->buf_len)
		return false;
	memcpy(end, t->data, t->len);
	last->len += t->len;
	return true;
}

void
rcvq_append(struct tcp_conn *c, struct text_list *taken)
{
	struct text *next;

	for (struct text *t = taken->head; t != NULL; t = next) {
		struct text_list queue = { c->rcv_head, c->rcv_tail };

		next = t->next;
		if (merge(c, t)) {
			pkt_release(text_mbuf(t));
			continue;
		}
		text_append(&queue, t);
		c->rcv_head = queue.head;
		c->rcv_tail = queue.tail;
		c->tcp->rcv_mbufs++;
	}
}

void
rcvq_release(struct tcp_conn *c, uint32_t len)
{
	c->rcv_queued -= len;
	while (len != 0) {
		struct text *t = c->rcv_head;

		if (t->len > len) {
			text_skip(t, len);
			return;
		}
		len -= t->len;
		c->rcv_head = t->next;
		c->tcp->rcv_mbufs--;
		pkt_release(text_mbuf(t));
	}
}

void
rcvq_grow(struct tcp_conn *c)
{
	const struct tcp *tcp = c->tcp;

	if (tcp->rcv_mbufs < tcp->max_rcv_mbufs / 2)
		c->rcv_buf = min_u32(2 * c->rcv_buf, tcp->common.rcv_buf_max);
}

void
rcvq_clear(struct tcp_conn *c)
{
	struct text_list waste = { NULL, NULL };

	c->tcp->rcv_mbufs -= c->reass.n_pieces;
	reass_clear(&c->reass, &waste);
	text_free(&waste);
	if (c->rcv_queued != 0)
		rcvq_release(c, c->rcv_queued);
}
