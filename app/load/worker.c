/* SPDX-License-Identifier: BSD-3-Clause */
/* One core's flows and its schedule; see the header. */

#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPENING_MAX = 256, /* connections of a core that wait for SYN|ACK at a time: a queue full */
	STRIDE = 7919,  /* from one turn to the next, or a little more: coprime to their number */
	LOOK_TURNS = 8, /* from one look ahead to the next */
	CACHE_LINE = 64,
};

static const uint64_t TICK_NS = NS_PER_MS;
static const uint64_t PATIENCE_NS = 10 * NS_PER_SEC; /* after the ramp, for one more to open */

struct load_worker *load_worker[BARO_MAX_CORES];

/* Lists of flows, chained by index */

static void
push(uint32_t *first, struct load_flow *f)
{
	f->next = *first;
	*first = f->index;
}

static struct load_flow *
pop(struct load_worker *w, uint32_t *first)
{
	struct load_flow *f;

	if (*first == LOAD_NO_FLOW)
		return NULL;
	f = worker_flow(w, *first);
	*first = f->next;
	return f;
}

/* The schedule */

static uint64_t
due_ns(const struct load_worker *w)
{
	return w->begin_ns + (uint64_t)((double)w->n_due * w->period_ns);
}

static bool
is_due(const struct load_worker *w, uint64_t now_ns)
{
	return atomic_load_explicit(&w->phase, memory_order_relaxed) != LOAD_OPENING &&
	       due_ns(w) <= now_ns;
}

static void
open_flow(struct load_worker *w, struct load_flow *f)
{
	w->n_opening++;
	w->plan->mode->open(f);
}

/** One request of @f, due at @due; where each has a connection of its own, that is opened first. */
static void
send_one(struct load_worker *w, struct load_flow *f, uint64_t due)
{
	*worker_sent_at(w, f, f->sent++) = due;
	if (worker_measures(w))
		w->counts.requests++;
	if (f->is_open)
		w->plan->mode->request(f);
	else
		open_flow(w, f);
}

/** Before the schedule begins: does the first connection, which finds out whether there is a way, have a request? */
static bool
goes_ahead(const struct load_worker *w)
{
	return atomic_load_explicit(&w->phase, memory_order_relaxed) == LOAD_OPENING &&
	       w->plan->close != LOAD_KEEP && w->counts.opened == 0;
}

/** More SYNs at a time would find no room in the rings: what is late waits here, and counts from when it was due. */
static bool
may_open(const struct load_worker *w)
{
	return w->plan->close == LOAD_KEEP || w->n_opening < OPENING_MAX;
}

/** @f could take a request: it gets one if one is due, or waits for one. */
static void
offer(struct load_worker *w, struct load_flow *f)
{
	uint64_t now_ns = baro_core_now(w->core);

	if (w->plan->mode->request == NULL || atomic_load(&w->phase) == LOAD_OVER)
		return;
	if (w->period_ns == 0 || goes_ahead(w)) {
		send_one(w, f, now_ns);
	} else if (is_due(w, now_ns) && may_open(w)) {
		send_one(w, f, due_ns(w));
		w->n_due++;
	} else if (!f->is_waiting) {
		f->is_waiting = true;
		push(&w->first_waiting, f);
	}
}

static uint32_t
turn_behind(const struct load_worker *w, uint32_t turn)
{
	uint64_t next = (uint64_t)turn + w->stride;

	return (uint32_t)(next < w->n_turns ? next : next - w->n_turns);
}

static struct load_flow *
flow_of_turn(const struct load_worker *w, uint32_t turn)
{
	return worker_flow(w, (uint32_t)(turn * w->apart >> 32));
}

static uint32_t
common_divisor(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/** Each has its turn before one has its second; neighbours in memory are seldom neighbours in time. */
static void
plan_turns(struct load_worker *w)
{
	w->apart = ((uint64_t)w->n_flows << 32) / w->n_turns;
	w->stride = STRIDE % w->n_turns;
	while (common_divisor(w->n_turns, w->stride) != 1)
		w->stride++;
	for (unsigned i = 0; i < LOAD_LOOKS; i++) {
		w->ahead[i] = i == 0 ? w->turn : w->ahead[i - 1];
		for (unsigned k = 0; k < LOOK_TURNS; k++)
			w->ahead[i] = turn_behind(w, w->ahead[i]);
	}
}

/** The flow at the @i-th look ahead, which goes on to the one behind it. */
static const struct load_flow *
look(struct load_worker *w, unsigned i)
{
	const struct load_flow *f = flow_of_turn(w, w->ahead[i]);

	w->ahead[i] = turn_behind(w, w->ahead[i]);
	return f;
}

/**
 * Whoever is asked soon is in no cache: fetch the flows, later their handles, and then the connections; of
 * LOOK_TURNS one after the other, so that the misses of the TLB, for which a prefetch waits, come at a time.
 */
static void
look_ahead(struct load_worker *w)
{
	bool is_udp = w->plan->mode->is_udp;

	for (unsigned k = 0; k < LOOK_TURNS; k++)
		__builtin_prefetch(look(w, 2));
	for (unsigned k = 0; k < LOOK_TURNS; k++)
		__builtin_prefetch(look(w, 1)->handle);
	for (unsigned k = 0; k < LOOK_TURNS; k++) {
		const struct load_flow *f = look(w, 0);

		if (f->is_open && !is_udp)
			baro_conn_prefetch(f->conn);
	}
}

/** One of n_active requests is over: the next idle connection has one. */
static void
pass_turn(struct load_worker *w)
{
	for (uint32_t i = 0; i < w->n_turns; i++) {
		struct load_flow *f = flow_of_turn(w, w->turn);

		if (w->n_fetched == 0)
			look_ahead(w);
		w->n_fetched = (w->n_fetched + 1) % LOOK_TURNS;
		w->turn = turn_behind(w, w->turn);
		if (f->is_open && f->sent == f->done) {
			send_one(w, f, baro_core_now(w->core));
			return;
		}
	}
	w->n_lost++; /* nobody is open and idle: who opens next has it */
}

/** As many requests as may be on their way. */
static void
fill(struct load_worker *w, struct load_flow *f)
{
	if (w->plan->active != 0)
		return;
	while (f->sent - f->done < w->plan->depth && !f->is_waiting &&
		(f->is_open || (w->plan->close != LOAD_KEEP && f->sent == f->done))) {
		uint32_t sent = f->sent;

		offer(w, f);
		if (f->sent == sent || f->handle == NULL)
			return; /* nothing was due; or it failed at once, and waits for the tick */
	}
}

static void
send_due(struct load_worker *w, uint64_t now_ns)
{
	while (is_due(w, now_ns) && may_open(w)) {
		struct load_flow *f = pop(w, &w->first_waiting);

		if (f == NULL)
			return; /* none has room: who has it next takes what is late */
		f->is_waiting = false;
		if (!f->is_open && w->plan->close == LOAD_KEEP)
			push(&w->first_closed, f); /* it has ended meanwhile */
		else
			fill(w, f);
	}
}

/* What a mode tells */

void
worker_opened(struct load_worker *w, struct load_flow *f)
{
	f->is_open = true;
	w->n_opening--;
	w->n_open++;
	w->counts.opened++;
	if (w->n_open > w->most_open) {
		w->most_open = w->n_open;
		w->more_ns = baro_core_now(w->core);
	}
	if (w->plan->close == LOAD_KEEP) {
		fill(w, f);
	} else {
		w->plan->mode->request(f); /* the one that it was opened for */
		if (w->period_ns != 0)
			send_due(w, baro_core_now(w->core)); /* one more may open */
	}
	if (w->n_lost != 0 && atomic_load(&w->phase) != LOAD_OVER) {
		w->n_lost--;
		pass_turn(w);
	}
}

/** Those answered out of order are behind us once the oldest is. */
static void
advance(struct load_worker *w, struct load_flow *f)
{
	while (f->done != f->sent && *worker_sent_at(w, f, f->done) == LOAD_ANSWERED)
		f->done++;
	if (w->plan->active != 0 && atomic_load(&w->phase) != LOAD_OVER)
		pass_turn(w);
	else if (w->plan->close == LOAD_KEEP)
		fill(w, f);
}

void
worker_answered(struct load_worker *w, struct load_flow *f, uint32_t i)
{
	uint64_t *sent_ns = worker_sent_at(w, f, i);

	if (i - f->done >= f->sent - f->done || *sent_ns == LOAD_ANSWERED) {
		w->counts.duplicates += worker_measures(w);
		return;
	}
	if (worker_measures(w)) {
		w->counts.replies++;
		hist_add(&w->latency, baro_core_now(w->core) - *sent_ns);
	}
	*sent_ns = LOAD_ANSWERED;
	advance(w, f);
}

static void
ended(struct load_worker *w, struct load_flow *f)
{
	if (f->is_open)
		w->n_open--;
	else
		w->n_opening--;
	f->is_open = false;
	f->handle = NULL;
	f->owed = 0;
	f->done = f->sent;
}

void
worker_ended(struct load_worker *w, struct load_flow *f)
{
	ended(w, f);
	fill(w, f);
}

void
worker_failed(struct load_worker *w, struct load_flow *f, enum load_failure why)
{
	bool was_asked = f->sent != f->done;

	ended(w, f);
	if (w->plan->active != 0 && was_asked && atomic_load(&w->phase) != LOAD_OVER)
		pass_turn(w);
	w->counts.failed[why]++;
	if (!f->is_waiting)
		push(&w->first_closed, f);
}

enum load_failure
worker_failure_of(int err)
{
	switch (-err) {
	case 0:
		return LOAD_CLOSED;
	case ECONNREFUSED:
		return LOAD_REFUSED;
	case ECONNRESET:
		return LOAD_RESET;
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
		return LOAD_TIMEOUT;
	default:
		return LOAD_LOCAL;
	}
}

struct baro_endpoint
worker_source(const struct load_worker *w, const struct load_flow *f)
{
	struct baro_endpoint from = { .port = 0 };

	if (w->plan->n_from != 0)
		from.addr = baro_addr_from_v4(
			baro_addr_to_v4(&w->plan->from) + f->index % w->plan->n_from);
	return from;
}

struct baro_endpoint
worker_target(const struct load_worker *w, const struct load_flow *f)
{
	uint32_t n_from = w->plan->n_from != 0 ? w->plan->n_from : 1;
	struct baro_endpoint to = w->plan->to;

	to.port = (uint16_t)(to.port + f->index / n_from % w->plan->n_to);
	return to;
}

/* The tick: what is not brought about by an answer */

/** How many flows are to have been opened by now. */
static uint32_t
planned(const struct load_worker *w, uint64_t now_ns)
{
	uint64_t ramp_ns = w->plan->ramp_ns;
	uint64_t age_ns = now_ns - w->first_ns;

	if (w->counts.opened == 0)
		return 1; /* the wire may be down still, the next hop unknown: one finds out */
	if (age_ns >= ramp_ns)
		return w->n_flows;
	return (uint32_t)((double)w->n_flows * (double)age_ns / (double)ramp_ns);
}

static void
begin_flow(struct load_worker *w, struct load_flow *f)
{
	if (w->plan->close != LOAD_KEEP)
		fill(w, f);
	else
		open_flow(w, f);
}

static void
open_some(struct load_worker *w, uint64_t now_ns)
{
	uint32_t until = planned(w, now_ns);
	uint32_t first = w->first_closed;

	w->first_closed = LOAD_NO_FLOW; /* who fails at once waits for the next tick */
	while (w->n_opening < OPENING_MAX) {
		struct load_flow *f = pop(w, &first);

		if (f == NULL)
			break;
		begin_flow(w, f);
	}
	while (first != LOAD_NO_FLOW)
		push(&w->first_closed, pop(w, &first));
	while (w->n_begun < until && w->n_opening < OPENING_MAX)
		begin_flow(w, worker_flow(w, w->n_begun++));
}

/** Requests that have waited too long; their connections are worth no more. */
static void
sweep(struct load_worker *w, uint64_t now_ns)
{
	for (uint32_t i = 0; i < w->n_begun; i++) {
		struct load_flow *f = worker_flow(w, i);

		if (f->handle == NULL || f->sent == f->done ||
			now_ns - *worker_sent_at(w, f, f->done) < w->plan->timeout_ns)
			continue;
		if (w->plan->mode->is_udp) {
			w->counts.lost += worker_measures(w);
			*worker_sent_at(w, f, f->done) = LOAD_ANSWERED;
			advance(w, f);
			continue;
		}
		w->plan->mode->abort(f);
		worker_failed(w, f, LOAD_TIMEOUT);
	}
	w->swept_ns = now_ns;
}

static bool
has_opened(const struct load_worker *w, uint64_t now_ns)
{
	uint64_t ramp_end_ns = w->first_ns + w->plan->ramp_ns;

	if (now_ns > (w->more_ns > ramp_end_ns ? w->more_ns : ramp_end_ns) + PATIENCE_NS)
		return true;
	if (w->n_begun < w->n_flows)
		return false;
	return w->plan->close != LOAD_KEEP || w->n_open == w->n_flows;
}

static void
next_phase(struct load_worker *w, uint64_t now_ns)
{
	switch (atomic_load(&w->phase)) {
	case LOAD_OPENING:
		if (!has_opened(w, now_ns))
			break;
		w->begin_ns = now_ns;
		w->phase_ns = now_ns + w->plan->warmup_ns;
		atomic_store(&w->phase, LOAD_WARMUP);
		for (uint32_t i = 0; i < w->n_active; i++)
			pass_turn(w);
		break;
	case LOAD_WARMUP:
		if (now_ns < w->phase_ns)
			break;
		w->phase_ns = now_ns;
		atomic_store(&w->phase, LOAD_MEASURED);
		break;
	case LOAD_MEASURED:
		if (now_ns < w->phase_ns + w->plan->duration_ns)
			break;
		w->measured_ns = now_ns - w->phase_ns;
		w->over_ns = now_ns;
		atomic_store(&w->phase, LOAD_OVER);
		break;
	case LOAD_OVER:
		break;
	}
}

static void
tick(struct baro_timer *t, uint64_t now_ns)
{
	struct load_worker *w =
		(struct load_worker *)((char *)t - offsetof(struct load_worker, tick));
	uint64_t next_ns = now_ns + TICK_NS;

	next_phase(w, now_ns);
	if (atomic_load(&w->phase) == LOAD_OVER)
		return;
	open_some(w, now_ns);
	if (w->period_ns != 0) {
		send_due(w, now_ns);
		if (atomic_load(&w->phase) != LOAD_OPENING && w->first_waiting != LOAD_NO_FLOW &&
			may_open(w) && due_ns(w) < next_ns)
			next_ns = due_ns(w);
	}
	if (w->plan->mode->request != NULL && now_ns - w->swept_ns > w->plan->timeout_ns / 4)
		sweep(w, now_ns);
	baro_timer_start(w->core, t, next_ns);
}

/* Begin and end */

static int
make_flows(struct load_worker *w, uint32_t share)
{
	size_t len = sizeof(struct load_flow) + (w->depth_mask + 1) * sizeof(uint64_t);

	w->n_flows = share;
	w->flow_len = (len + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	w->flows = aligned_alloc(CACHE_LINE, share * w->flow_len);
	if (w->flows == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < share; i++)
		*worker_flow(w, i) = (struct load_flow){
			.index = i,
			.core = (uint8_t)baro_core_id(w->core),
		};
	return 0;
}

/** Of @n of the plan's flows those of a core that has @share of all; rounded up, so that some core has them. */
static uint32_t
part_of(uint32_t n, uint32_t share, const struct load_plan *plan)
{
	return (uint32_t)(((uint64_t)n * share + plan->flows - 1) / plan->flows);
}

int
worker_start(
	struct load_worker *w, struct baro_core *core, const struct load_plan *plan, uint32_t share)
{
	int err;

	w->core = core;
	w->plan = plan;
	w->first_ns = baro_core_now(core);
	w->swept_ns = w->first_ns;
	w->first_waiting = LOAD_NO_FLOW;
	w->first_closed = LOAD_NO_FLOW;
	while (w->depth_mask + 1 < plan->depth)
		w->depth_mask = 2 * w->depth_mask + 1;
	w->n_active = part_of(plan->active, share, plan);
	w->n_turns = plan->among != 0 ? part_of(plan->among, share, plan) : share;
	if (plan->rate != 0)
		w->period_ns = 1e9 / (plan->rate * share / plan->flows);
	err = make_flows(w, share);
	if (err == 0 && w->n_active != 0)
		plan_turns(w);
	if (err == 0 && plan->mode->begin != NULL)
		err = plan->mode->begin(w);
	if (err != 0)
		return err;
	w->tick.fire = tick;
	baro_timer_start(core, &w->tick, w->first_ns);
	return 0;
}

void
worker_abort(struct load_worker *w)
{
	atomic_store(&w->phase, LOAD_OVER);
	baro_timer_stop(w->core, &w->tick);
	for (uint32_t i = 0; i < w->n_begun; i++)
		if (worker_flow(w, i)->handle != NULL)
			w->plan->mode->abort(worker_flow(w, i));
	w->n_begun = 0;
}

void
worker_free(struct load_worker *w)
{
	free(w->flows);
	free(w->request);
	free(w->state);
	free(w);
}
