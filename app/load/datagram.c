/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams: answered by an echo service, or one way. The first octets of each are its number. */

#include "datagram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
datagram_begin(struct load_worker *w)
{
	w->request_len = w->plan->size;
	w->request = calloc(1, w->request_len);
	return w->request != NULL ? 0 : -ENOMEM;
}

void
datagram_open(struct load_flow *f, baro_udp_received received)
{
	struct load_worker *w = worker_of(f);
	struct baro_endpoint from = worker_source(w, f);
	int err = baro_udp_open(w->core, &from, received, f, &f->udp);

	if (err != 0)
		worker_failed(w, f, worker_failure_of(err));
	else
		worker_opened(w, f);
}

void
datagram_send(struct load_worker *w, struct load_flow *f)
{
	struct baro_endpoint to = worker_target(w, f);
	int err = baro_udp_send(f->udp, &to, NULL, w->request, w->request_len);

	if (err != 0)
		w->counts.failed[worker_failure_of(err)]++;
	else if (worker_measures(w))
		w->counts.octets_out += w->request_len;
}

void
datagram_abort(struct load_flow *f)
{
	baro_udp_close(f->udp);
}

const char *
datagram_check(struct load_plan *plan)
{
	if (plan->size < DATAGRAM_MIN || plan->size > 65507)
		return "--size: a datagram has 12..65507 octets";
	if (plan->close != LOAD_KEEP)
		return "--close is for connections";
	return NULL;
}

/* Request and answer */

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	struct load_flow *f = baro_udp_user(u);
	struct load_worker *w = worker_of(f);
	uint32_t i;

	if (d->len < sizeof(i))
		return;
	memcpy(&i, d->data, sizeof(i));
	if (worker_measures(w))
		w->counts.octets_in += d->len;
	worker_answered(w, f, i);
}

static void
open_udp(struct load_flow *f)
{
	datagram_open(f, received);
}

static void
request(struct load_flow *f)
{
	struct load_worker *w = worker_of(f);
	uint32_t i = f->sent - 1;

	memcpy(w->request, &i, sizeof(i));
	datagram_send(w, f);
}

const struct load_mode load_udp = {
	.name = "udp",
	.about = "UDP: --size octets there and back, by an echo service",
	.has_replies = true,
	.is_udp = true,
	.check = datagram_check,
	.begin = datagram_begin,
	.open = open_udp,
	.request = request,
	.abort = datagram_abort,
};

/* One way */

static void
ignore(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u, (void)d;
}

static void
open_one_way(struct load_flow *f)
{
	datagram_open(f, ignore);
}

/** It is done when it has left. */
static void
send_one_way(struct load_flow *f)
{
	struct load_worker *w = worker_of(f);

	request(f);
	*worker_sent_at(w, f, f->done++) = LOAD_ANSWERED;
}

static const char *
check_one_way(struct load_plan *plan)
{
	if (plan->rate == 0)
		return "--rate is needed: no answer tells how fast is fast enough";
	return datagram_check(plan);
}

const struct load_mode load_udp_send = {
	.name = "udp-send",
	.about = "UDP: --size octets one way, at --rate",
	.is_udp = true,
	.check = check_one_way,
	.begin = datagram_begin,
	.open = open_one_way,
	.request = send_one_way,
	.abort = datagram_abort,
};
