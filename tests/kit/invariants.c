/* SPDX-License-Identifier: BSD-3-Clause */
/* Invariants of TCP between two turns; see the header. */

#include "kit/invariants.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core.h"
#include "tcp/rest.h"
#include "tcp/sent.h"
#include "tcp/sndq.h"
#include "tcp/table.h"
#include "tcp/tlp.h"

static char broken[256];

/** The sentence of what does not hold. */
static const char *__attribute__((format(printf, 2, 3)))
fault(const struct tcp_conn *c, const char *format, ...)
{
	int n = snprintf(broken, sizeof(broken), "%s: ", tcp_state_name(c->state));
	va_list args;

	va_start(args, format);
	vsnprintf(broken + n, sizeof(broken) - (size_t)n, format, args);
	va_end(args);
	return broken;
}

#define HOLDS(c, condition, ...)                      \
	do {                                          \
		if (!(condition))                     \
			return fault(c, __VA_ARGS__); \
	} while (0)

/** The turn has done with it: deadlines are set, what is due has left. */
static bool
is_at_rest(const struct tcp_conn *c)
{
	return !tcp_is(c, TCP_F_READY | TCP_F_STARVED);
}

/** It still takes part in the protocol. */
static bool
is_alive(const struct tcp_conn *c)
{
	return c->state != TCP_ST_CLOSED && c->state != TCP_ST_TIME_WAIT;
}

/** snd_una <= snd_nxt <= snd_una + the largest window ever, a probe and FIN apart. */
static const char *
check_send_window(const struct tcp_conn *c)
{
	uint32_t flight = tcp_flight(c);

	HOLDS(c, seq_le(c->snd_una, c->snd_nxt), "snd_una %u is past snd_nxt %u", c->snd_una.n,
		c->snd_nxt.n);
	if (tcp_is_synchronised(c)) {
		HOLDS(c, flight <= c->max_snd_wnd + 2, "%u in flight, the largest window was %u",
			flight, c->max_snd_wnd);
		HOLDS(c, c->snd_wnd <= c->max_snd_wnd, "window %u, the largest was %u", c->snd_wnd,
			c->max_snd_wnd);
		HOLDS(c, c->mss != 0 && c->cwnd >= c->mss, "cwnd %u, mss %u", c->cwnd, c->mss);
	}
	return NULL;
}

/** One note for each octet in flight, in order; their marks add up. */
static const char *
check_notes(const struct tcp_conn *c)
{
	const struct tcp_sent *last = NULL;
	struct seq at = c->snd_una;
	uint32_t lost = 0;
	uint32_t sacked = 0;
	uint32_t n_sacked = 0;
	uint32_t n_again = 0;

	if (!is_alive(c))
		return NULL;
	for (const struct tcp_sent *s = c->sent_head; s != NULL; last = s, s = s->next) {
		HOLDS(c, s->len != 0, "a note of nothing at %u", s->seq.n);
		HOLDS(c, seq_eq(s->seq, at), "a note begins at %u, the one before it ends at %u",
			s->seq.n, at.n);
		HOLDS(c, (s->flags & SENT_FIN) == 0 || s->next == NULL, "a note behind FIN's");
		HOLDS(c, (s->flags & SENT_LOST) == 0 || (s->flags & SENT_SACKED) == 0,
			"the note at %u is lost and SACKED", s->seq.n);
		lost += (s->flags & SENT_LOST) != 0 ? s->len : 0;
		sacked += (s->flags & SENT_SACKED) != 0 ? s->len : 0;
		n_sacked += (s->flags & SENT_SACKED) != 0;
		n_again += (s->flags & SENT_LISTED) != 0;
		at = seq_add(at, s->len);
	}
	for (const struct tcp_sent *s = c->loss.again_head; s != NULL; s = s->again_next) {
		HOLDS(c, (s->flags & SENT_LISTED) != 0, "the note at %u is not to be listed",
			s->seq.n);
		HOLDS(c, s->again_next != NULL || s == c->loss.again_tail,
			"again_tail is not the last note");
		n_again--;
	}
	HOLDS(c, n_again == 0, "%u notes of those sent again are not listed", n_again);
	HOLDS(c, seq_eq(at, c->snd_nxt), "the notes end at %u, snd_nxt is %u", at.n, c->snd_nxt.n);
	HOLDS(c, last == NULL || last == c->sent_tail, "sent_tail is not the last note");
	HOLDS(c, lost == c->lost, "%u are marked lost, %u counted", lost, c->lost);
	HOLDS(c, !tcp_is(c, TCP_F_SACK) || (sacked == c->sacked && n_sacked == c->loss.n_sacked),
		"%u octets are SACKED in %u notes, %u in %u counted", sacked, n_sacked, c->sacked,
		c->loss.n_sacked);
	HOLDS(c, c->loss.tlp < TLP_NEW || tcp_is(c, TCP_F_DISORDER), "nobody waits for the probe");
	HOLDS(c, c->loss.undo.frto == FRTO_OFF || tcp_is(c, TCP_F_LOSS), "F-RTO without time-out");
	HOLDS(c, tcp_is(c, TCP_F_DISORDER) || (lost == 0 && c->sacked == 0),
		"disorder, and nobody knows");
	HOLDS(c, c->sacked + c->lost <= tcp_flight(c), "%u sacked and %u lost of %u in flight",
		c->sacked, c->lost, tcp_flight(c));
	return NULL;
}

static bool
is_noted(const struct tcp_conn *c, const struct tcp_sent *place)
{
	const struct tcp_sent *s = c->sent_head;

	while (s != NULL && s != place)
		s = s->next;
	return s != NULL;
}

/** Those sent again are listed, all of them and no other, the latest last. */
static const char *
check_sent_again(const struct tcp_conn *c, uint32_t n_listed)
{
	const struct tcp_sent *last = NULL;
	uint32_t n = 0;

	for (const struct tcp_sent *s = c->loss.again_head; s != NULL && n <= n_listed;
		last = s, s = s->again_next, n++)
		HOLDS(c, (s->flags & SENT_LISTED) != 0 && is_noted(c, s),
			"in the list of those sent again, but not so marked");
	HOLDS(c, n == n_listed, "%u are marked as sent again, listed are %s", n_listed,
		n < n_listed ? "fewer" : "more");
	HOLDS(c, n == 0 || last == c->loss.again_tail, "again_tail is not the last one");
	return NULL;
}

/** The places that recovery remembers, so that it need not look from the head. */
static const char *
check_places(const struct tcp_conn *c)
{
	const struct tcp_loss *loss = &c->loss;
	bool has_first = c->lost != 0 && loss->first_lost != NULL;

	if (!tcp_is(c, TCP_F_DISORDER))
		return NULL;
	HOLDS(c, !has_first || is_noted(c, loss->first_lost), "first_lost is not in flight");
	HOLDS(c, loss->top == NULL || is_noted(c, loss->top), "top is not in flight");
	HOLDS(c, loss->unjudged == NULL || is_noted(c, loss->unjudged),
		"unjudged is not in flight");
	for (uint8_t i = 0; i < loss->n_seen; i++)
		HOLDS(c, is_noted(c, loss->seen[i].last), "seen[%u] is not in flight", i);
	for (const struct tcp_sent *s = c->sent_head; has_first && s != loss->first_lost;
		s = s->next)
		HOLDS(c, (s->flags & SENT_LOST) == 0, "a lost one before first_lost");
	for (const struct tcp_sent *s = loss->top; s != NULL; s = s->next)
		HOLDS(c, s == loss->top || (s->flags & SENT_SACKED) == 0, "SACKED above the top");
	return NULL;
}

/** What SACK has reported is what is counted; nothing is lost and delivered at once. */
static const char *
check_scoreboard(const struct tcp_conn *c)
{
	uint32_t sacked = 0;
	uint32_t n_sacked = 0;
	uint32_t n_listed = 0;
	const char *why;

	if (!is_alive(c))
		return NULL;
	for (const struct tcp_sent *s = c->sent_head; s != NULL; s = s->next) {
		bool is_sacked = (s->flags & SENT_SACKED) != 0;

		HOLDS(c, !is_sacked || (s->flags & SENT_LOST) == 0, "lost and SACKED");
		HOLDS(c, !is_sacked || tcp_is(c, TCP_F_SACK), "SACKED without SACK");
		sacked += is_sacked ? s->len : 0;
		n_sacked += is_sacked;
		n_listed += (s->flags & SENT_LISTED) != 0;
	}
	HOLDS(c, !tcp_is(c, TCP_F_SACK) || sacked == c->sacked, "%u are marked SACKED, %u counted",
		sacked, c->sacked);
	HOLDS(c, n_sacked == c->loss.n_sacked, "%u notes are marked SACKED, %u counted", n_sacked,
		c->loss.n_sacked);
	why = check_sent_again(c, n_listed);
	return why != NULL ? why : check_places(c);
}

/** The buffers hold what is counted; the cursor lies in one of them. */
static const char *
check_send_queue(const struct tcp_conn *c)
{
	bool has_fin_out = tcp_is(c, TCP_F_FIN_SENT) && !seq_eq(c->snd_una, c->snd_nxt);
	const struct seq first = seq_add(c->snd_una, tcp_syn_out(c)); /* octet of text */
	const struct rte_mbuf *last = NULL;
	bool has_cursor = c->cursor == NULL;
	uint32_t octets = 0;

	for (const struct rte_mbuf *m = c->snd_head; m != NULL; last = m, m = m->next) {
		if (m == c->cursor) {
			has_cursor = true;
			HOLDS(c, seq_eq(c->cursor_seq, seq_add(first, octets)),
				"the cursor's buffer begins at %u, it says %u", first.n + octets,
				c->cursor_seq.n);
		}
		octets += m->data_len;
	}
	HOLDS(c, octets == c->snd_queued, "%u octets in the send queue, %u counted", octets,
		c->snd_queued);
	HOLDS(c, last == c->snd_tail, "snd_tail is not the last buffer");
	HOLDS(c, has_cursor, "the cursor is not in the queue");
	HOLDS(c, !is_alive(c) || tcp_flight(c) - has_fin_out - tcp_syn_out(c) <= c->snd_queued,
		"%u in flight of %u queued", tcp_flight(c), c->snd_queued);
	return NULL;
}

/** Text in order is contiguous, and ends at rcv_nxt. */
static const char *
check_receive_queue(const struct tcp_conn *c)
{
	struct seq end = tcp_is(c, TCP_F_FIN_TAKEN) ? seq_sub(c->rcv_nxt, 1) : c->rcv_nxt;
	struct seq at = seq_sub(end, c->rcv_queued);
	const struct text *last = NULL;

	for (const struct text *t = c->rcv_head; t != NULL; last = t, t = t->next) {
		HOLDS(c, t->len != 0, "an empty piece of text at %u", t->seq.n);
		HOLDS(c, seq_eq(t->seq, at), "text at %u, expected at %u", t->seq.n, at.n);
		at = text_end(t);
	}
	HOLDS(c, seq_eq(at, end), "text ends at %u, rcv_nxt is %u", at.n, c->rcv_nxt.n);
	HOLDS(c, last == NULL || last == c->rcv_tail, "rcv_tail is not the last piece");
	return NULL;
}

/** Text out of order lies behind a hole, sorted, without overlap, within the window offered. */
static const char *
check_reassembly(const struct tcp_conn *c)
{
	struct seq end = c->rcv_nxt;
	uint32_t octets = 0;
	uint32_t pieces = 0;

	for (const struct text *t = c->reass.head; t != NULL; t = t->next) {
		HOLDS(c, t->len != 0, "an empty piece out of order at %u", t->seq.n);
		HOLDS(c, pieces == 0 ? seq_gt(t->seq, end) : seq_ge(t->seq, end),
			"text out of order at %u, but it is there to %u", t->seq.n, end.n);
		HOLDS(c, t->next != NULL || t == c->reass.tail, "reass.tail is not the last piece");
		end = text_end(t);
		octets += t->len;
		pieces++;
	}
	HOLDS(c, octets == c->reass.octets && pieces == c->reass.n_pieces,
		"%u octets in %u pieces out of order, counted %u in %u", octets, pieces,
		c->reass.octets, c->reass.n_pieces);
	HOLDS(c, pieces == 0 || seq_le(end, c->rcv_adv), "text out of order to %u, offered %u",
		end.n, c->rcv_adv.n);
	return NULL;
}

static const char *
check_receive_window(const struct tcp_conn *c)
{
	if (c->state == TCP_ST_SYN_SENT)
		return NULL;
	HOLDS(c, seq_le(c->rcv_nxt, c->rcv_adv), "rcv_nxt %u is past the window's edge %u",
		c->rcv_nxt.n, c->rcv_adv.n);
	HOLDS(c, seq_le(c->last_ack_sent, c->rcv_nxt), "acknowledged to %u, received to %u",
		c->last_ack_sent.n, c->rcv_nxt.n);
	/* the scaled field cannot tell it to the octet, and an eighth more is given then: ack.c */
	HOLDS(c,
		c->rcv_queued + tcp_rcv_wnd(c) <=
			c->rcv_buf + c->rcv_buf / 8 + (1u << c->rcv_wscale),
		"%u queued and %u offered, the buffer takes %u", c->rcv_queued, tcp_rcv_wnd(c),
		c->rcv_buf);
	return NULL;
}

/** Flags and state tell the same story. */
static const char *
check_flags(const struct tcp_conn *c)
{
	bool peer_done = c->state == TCP_ST_CLOSE_WAIT || c->state == TCP_ST_CLOSING ||
			 c->state == TCP_ST_LAST_ACK || c->state == TCP_ST_TIME_WAIT;
	bool we_done = c->state >= TCP_ST_FIN_WAIT_1 && c->state != TCP_ST_CLOSE_WAIT;

	HOLDS(c, c->state < TCP_ST_COUNT, "no such state");
	HOLDS(c, !tcp_is(c, TCP_F_FIN_SENT) || tcp_is(c, TCP_F_FIN_QUEUED),
		"FIN sent, not asked for");
	HOLDS(c,
		!tcp_is(c, TCP_F_FIN_TAKEN) ||
			(tcp_is(c, TCP_F_FIN_SEEN) && seq_eq(c->rcv_nxt, seq_add(c->fin_seq, 1))),
		"FIN taken, rcv_nxt %u is not behind it", c->rcv_nxt.n);
	HOLDS(c, !tcp_is(c, TCP_F_RECOVERY) || !tcp_is(c, TCP_F_LOSS), "in recovery of two kinds");
	if (c->state == TCP_ST_CLOSED)
		return NULL;
	HOLDS(c, tcp_is(c, TCP_F_FIN_TAKEN) == peer_done, "the peer's FIN is %staken",
		peer_done ? "not " : "");
	HOLDS(c, !tcp_is_synchronised(c) || tcp_is(c, TCP_F_FIN_QUEUED) == we_done,
		"our FIN is %sasked for", we_done ? "not " : "");
	HOLDS(c, c->state != TCP_ST_FIN_WAIT_2 || tcp_fin_is_acked(c),
		"our FIN is not acknowledged");
	HOLDS(c, c->state == TCP_ST_TIME_WAIT || tcp_is(c, TCP_F_IN_TABLE), "it cannot be found");
	return NULL;
}

/** Whatever it waits for, something will wake it. */
static const char *
check_timers(const struct tcp_conn *c)
{
	bool has_fin_to_send = tcp_is(c, TCP_F_FIN_QUEUED) && !tcp_is(c, TCP_F_FIN_SENT);
	uint64_t first = min_u64(min_u64(c->rexmt_ns, c->ack_ns), c->idle_ns);

	if (tcp_is(c, TCP_F_EARLY))
		first = min_u64(first, c->early_ns);
	if (!is_alive(c) || !is_at_rest(c))
		return NULL;
	HOLDS(c, c->sent_head == NULL || c->rexmt_ns != TIME_NEVER, "in flight without a timer");
	HOLDS(c,
		!tcp_is_synchronised(c) || (c->snd_queued == 0 && !has_fin_to_send) ||
			c->rexmt_ns != TIME_NEVER,
		"%u octets queued without a timer", c->snd_queued);
	HOLDS(c,
		c->state != TCP_ST_FIN_WAIT_2 || !tcp_is(c, TCP_F_ORPHAN) ||
			c->idle_ns != TIME_NEVER,
		"an orphan that waits for ever");
	HOLDS(c,
		c->state == TCP_ST_SYN_SENT || seq_eq(c->last_ack_sent, c->rcv_nxt) ||
			c->ack_ns != TIME_NEVER,
		"received to %u, acknowledged to %u, without a timer", c->rcv_nxt.n,
		c->last_ack_sent.n);
	HOLDS(c, c->dsack.n <= c->dups_owed, "%u duplicates to tell, %u acknowledgements for them",
		c->dsack.n, c->dups_owed);
	HOLDS(c, !tcp_is(c, TCP_F_ACK_NOW) && c->dups_owed == 0,
		"an acknowledgement was forgotten");
	HOLDS(c, first == TIME_NEVER || (c->timer.is_armed && c->timer.deadline_ns <= first),
		"the wheel wakes it at %lu, its first deadline is %lu",
		c->timer.is_armed ? (unsigned long)c->timer.deadline_ns : 0, (unsigned long)first);
	return NULL;
}

const char *
invariants_of_conn(const struct tcp_conn *c)
{
	static const char *(*const check[])(const struct tcp_conn *) = { check_flags,
		check_send_window, check_notes, check_scoreboard, check_send_queue,
		check_receive_window, check_receive_queue, check_reassembly, check_timers };
	const char *why = NULL;

	for (size_t i = 0; i < ARRAY_LEN(check) && why == NULL; i++)
		why = check[i](c);
	return why;
}

/** What the connections of a core hold, all together. */
struct sums {
	uint32_t conns;
	uint32_t snd_mbufs;
	uint32_t rcv_mbufs;
	uint32_t sents;
	uint32_t embryos;
	uint32_t resting;
	uint32_t rests_more;
};

static const char *
add_conn(const struct tcp_conn *c, struct sums *sums)
{
	const char *why = invariants_of_conn(c);

	if (why != NULL)
		return why;
	HOLDS(c, !c->rest->is_resting && c->rest->conn == c, "the application knows another one");
	HOLDS(c,
		!tcp_is(c, TCP_F_IN_TABLE) ||
			tcp_find(c->tcp, &c->flow, tcp_conn_hash(c)).rest == c->rest,
		"the table has another one for its flow");
	sums->conns++;
	sums->rcv_mbufs += c->reass.n_pieces;
	for (const struct rte_mbuf *m = c->snd_head; m != NULL; m = m->next)
		sums->snd_mbufs++;
	for (const struct text *t = c->rcv_head; t != NULL; t = t->next)
		sums->rcv_mbufs++;
	for (const struct tcp_sent *s = c->sent_head; s != NULL; s = s->next)
		sums->sents++;
	return NULL;
}

static uint32_t
next_free(const struct slab *s, uint32_t index)
{
	return *(const uint32_t *)slab_at(s, index);
}

/** Are @left objects free from @index on to the end of its chunk, linked in order as they were made? */
static bool
is_untouched(const struct slab *s, uint32_t index, uint32_t left)
{
	if (((index + left) & (SLAB_CHUNK - 1)) != 0)
		return false;
	for (uint32_t i = index; i < index + 8 && i + 1 < index + left; i++)
		if (next_free(s, i) != i + 1)
			return false;
	return true;
}

/** The free objects of one chunk. */
static void
mark_free(const struct slab *s, const struct slab_chunk *c, uint8_t *is_free)
{
	uint32_t left = c->n_free;

	for (uint32_t i = c->first_free; left != 0; i = next_free(s, i), left--) {
		if (is_untouched(s, i, left)) {
			memset(is_free + i, 1, left);
			break;
		}
		is_free[i] = 1;
	}
}

/** Which objects of @s are free: one octet each; to be freed. What was never used is not walked. */
static uint8_t *
free_of(const struct slab *s)
{
	uint8_t *is_free = calloc(s->n_made + 1, 1);

	for (uint32_t i = 0; i < s->n_made >> SLAB_CHUNK_BITS; i++) {
		const struct slab_chunk *c = &s->chunk[i];

		if (c->memory == s->blank)
			memset(is_free + (i << SLAB_CHUNK_BITS), 1, SLAB_CHUNK);
		else
			mark_free(s, c, is_free);
	}
	return is_free;
}

static const char *
add_all(const struct tcp *tcp, struct sums *sums)
{
	uint8_t *is_free = free_of(&tcp->conns);
	const char *why = NULL;

	for (uint32_t i = 0; i < tcp->conns.n_made && why == NULL; i++)
		if (!is_free[i])
			why = add_conn(slab_at(&tcp->conns, i), sums);
	free(is_free);
	return why;
}

/** Those without control block: the table leads to them, nothing else does. */
static const char *
add_resting(const struct tcp *tcp, struct sums *sums)
{
	uint8_t *is_free = free_of(&tcp->rests);
	const char *why = NULL;

	for (uint32_t i = 0; i < tcp->rests.n_made && why == NULL; i++) {
		const struct tcp_rest *r = slab_at(&tcp->rests, i);

		if (is_free[i] || !r->is_resting)
			continue;
		sums->resting++;
		if (tcp_find(tcp, &r->flow, tcp_hash(tcp, &r->flow)).rest != r)
			why = "the table does not lead to a connection at rest";
		sums->rests_more += r->more != SLAB_NONE;
	}
	free(is_free);
	return why;
}

/** One cache line each: in the table, with a timer, and their listener alive. */
static const char *
add_embryos(const struct tcp *tcp, struct sums *sums)
{
	for (uint32_t i = 0; i < tcp->embryos.n_made; i++) {
		const struct tcp_embryo *e = slab_at(&tcp->embryos, i);
		struct tcp_found found = { NULL, FLOWTAB_NONE };

		if (e->flags == 0)
			continue;
		sums->embryos++;
		found = tcp_find(tcp, &e->flow, tcp_hash(tcp, &e->flow));
		if (tcp_found_embryo(tcp, found) != e)
			return "the table does not lead to an embryo";
		if (!e->timer.is_armed || e->timer.index != i)
			return "an embryo without a timer";
	}
	return NULL;
}

static uint32_t
embryos_of_listeners(const struct tcp *tcp)
{
	uint32_t n = 0;

	for (unsigned b = 0; b < TCP_LISTENER_BUCKETS; b++)
		for (struct list *at = tcp->listeners[b].next; at != &tcp->listeners[b];
			at = at->next)
			n += holder_of(at, struct tcp_listener, by_port)->n_embryos;
	return n;
}

/** Two numbers that should be one. */
static bool
differs(const char *what, uint32_t counted, uint32_t are)
{
	snprintf(broken, sizeof(broken), "%s: %u counted, there are %u", what, counted, are);
	return counted != are;
}

const char *
invariants_of_core(const struct baro_core *core)
{
	const struct tcp *tcp = &core->stack.tcp;
	struct sums sums = { 0 };
	const char *why = add_all(tcp, &sums);

	if (why == NULL)
		why = add_resting(tcp, &sums);
	if (why == NULL)
		why = add_embryos(tcp, &sums);
	if (why != NULL)
		return why;
	if (differs("control blocks", tcp->conns.n_used, sums.conns) ||
		differs("connections", tcp->rests.n_used, sums.conns + sums.resting) ||
		differs("connections at rest", tcp->n_resting, sums.resting) ||
		differs("unusual ones", tcp->rests_more.n_used, sums.rests_more) ||
		differs("buffers to send", tcp->snd_mbufs, sums.snd_mbufs) ||
		differs("buffers received", tcp->rcv_mbufs, sums.rcv_mbufs) ||
		differs("notes", tcp->sents.n_used, sums.sents) ||
		differs("embryos", tcp->embryos.n_used, sums.embryos) ||
		differs("backlogs", embryos_of_listeners(tcp), sums.embryos))
		return broken;
	return NULL;
}
