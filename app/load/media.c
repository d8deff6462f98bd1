/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Streams as of speech: datagrams of one size at an even pace, --pace a second each, which an echo service
 * sends back. What counts is what is late: loss, jitter (RFC 3550 §6.4.1), order. Nothing is sent
 * again.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datagram.h"

struct stream {
	struct baro_timer timer;
	struct load_flow *flow;
	uint64_t due_ns; /* of the next datagram */
	uint32_t sent;
	uint32_t next; /* number that is expected: all before it came or are missed */
	uint64_t seen; /* bit i: number next - 1 - i has come */
	int64_t transit_ns;
	double jitter_ns;
	bool has_transit;
};

static const char *
check(struct load_plan *plan)
{
	if (plan->rate != 0)
		return "--rate: a stream's pace is --pace";
	if (plan->depth != 1)
		return "--depth is for requests";
	return datagram_check(plan);
}

static int
begin(struct load_worker *w)
{
	w->state = calloc(w->n_flows, sizeof(struct stream));
	return w->state != NULL ? datagram_begin(w) : -ENOMEM;
}

static void
send_next(struct baro_timer *t, uint64_t now_ns)
{
	struct stream *s = (struct stream *)t;
	struct load_worker *w = worker_of(s->flow);

	if (atomic_load(&w->phase) == LOAD_OVER)
		return;
	memcpy(w->request, &s->sent, sizeof(s->sent));
	memcpy(w->request + sizeof(s->sent), &now_ns, sizeof(now_ns));
	s->sent++;
	w->counts.requests += worker_measures(w);
	datagram_send(w, s->flow);
	s->due_ns += NS_PER_SEC / w->plan->stream;
	baro_timer_start(w->core, t, s->due_ns);
}

/** Which number has come: in order, after a gap, late or twice? */
static void
take_number(struct load_worker *w, struct stream *s, uint32_t number)
{
	uint32_t ahead = number - s->next;
	uint32_t behind = s->next - 1 - number;

	if (ahead < UINT32_MAX / 2) {
		w->counts.lost += worker_measures(w) ? ahead : 0;
		s->seen = ahead < 63 ? s->seen << (ahead + 1) | 1 : 1;
		s->next = number + 1;
		return;
	}
	if (behind > 63)
		return;
	if ((s->seen >> behind & 1) != 0) {
		w->counts.duplicates += worker_measures(w);
		return;
	}
	s->seen |= UINT64_C(1) << behind;
	if (worker_measures(w)) {
		w->counts.reordered++;
		if (w->counts.lost != 0)
			w->counts.lost--; /* only late */
	}
}

static void
take_transit(struct load_worker *w, struct stream *s, int64_t transit_ns)
{
	int64_t d = transit_ns - s->transit_ns;

	if (s->has_transit) {
		s->jitter_ns += ((double)(d < 0 ? -d : d) - s->jitter_ns) / 16;
		if (worker_measures(w))
			hist_add(&w->jitter, (uint64_t)s->jitter_ns);
	}
	s->has_transit = true;
	s->transit_ns = transit_ns;
}

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	struct load_flow *f = baro_udp_user(u);
	struct load_worker *w = worker_of(f);
	struct stream *s = (struct stream *)w->state + f->index;
	uint64_t now_ns = baro_core_now(w->core);
	uint64_t sent_ns;
	uint32_t number;

	if (d->len < DATAGRAM_MIN)
		return;
	memcpy(&number, d->data, sizeof(number));
	memcpy(&sent_ns, (const char *)d->data + sizeof(number), sizeof(sent_ns));
	if (worker_measures(w)) {
		w->counts.replies++;
		w->counts.octets_in += d->len;
		hist_add(&w->latency, now_ns - sent_ns);
	}
	take_number(w, s, number);
	take_transit(w, s, (int64_t)(now_ns - sent_ns));
}

/** Streams begin one after the other, spread over the pace. */
static void
open_media(struct load_flow *f)
{
	struct load_worker *w = worker_of(f);
	struct stream *s = (struct stream *)w->state + f->index;
	uint64_t pace_ns = NS_PER_SEC / w->plan->stream;

	datagram_open(f, received);
	if (f->udp == NULL)
		return;
	s->flow = f;
	s->timer.fire = send_next;
	s->due_ns = baro_core_now(w->core) + pace_ns * f->index / w->n_flows;
	baro_timer_start(w->core, &s->timer, s->due_ns);
}

static void
abort_media(struct load_flow *f)
{
	struct load_worker *w = worker_of(f);
	struct stream *s = (struct stream *)w->state + f->index;

	baro_timer_stop(w->core, &s->timer);
	datagram_abort(f);
}

const struct load_mode load_media = {
	.name = "media",
	.about =
		"UDP: streams of --size octets, --pace datagrams a second each, by an echo service",
	.has_replies = true,
	.is_udp = true,
	.check = check,
	.begin = begin,
	.open = open_media,
	.abort = abort_media,
};
