/* SPDX-License-Identifier: BSD-3-Clause */

/* A core's life on its lcore. */

#include "runtime/loop.h"

#include <baro/socket.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "resolver/resolver.h"
#include "runtime/core.h"
#include "runtime/crew.h"
#include "runtime/stop.h"

static const uint64_t DRAIN_NS = 1500 * NS_PER_MS;
static const uint64_t FAREWELL_NS = 20 * NS_PER_MS; /* a port that takes nothing holds up the end */

static int
failed(struct worker *w, const char *step, int err)
{
	snprintf(w->problem, sizeof(w->problem), "core %u: %s: %s", w->index, step, strerror(-err));
	atomic_store(&w->state, WORKER_FAILED);
	stop_request(STOP_NOW);
	return err;
}

/* Our queue of every port that has one for us. */
static int
add_ports(struct worker *w)
{
	unsigned i;
	int err;

	for (i = 0; i < BARO_MAX_PORTS; i++) {
		if (w->port[i].n_queues <= w->index)
			continue;
		err = core_add_port(w->core, i, &w->port[i], (uint16_t)w->index);
		if (err != 0)
			return err;
		idle_watch(&w->idle, &w->port[i], (uint16_t)w->index);
	}
	return 0;
}

/* A turn that sends what was queued before is at work, too. */
static bool
is_working(struct worker *w, unsigned n)
{
	uint64_t sent = w->core->stack.env.stats[STAT_TX_PACKETS];
	bool has_sent = sent != w->sent;

	w->sent = sent;
	return n != 0 || has_sent;
}

/* A port that takes nothing has frames waiting. */
static bool
is_stalled(const struct baro_core *core)
{
	uint32_t i;

	for (i = 0; i < core->n_ports; i++)
		if (core->port[i]->queue.n_tx != 0)
			return true;
	return false;
}

/* How much of the time has work: a turn lasts until the next begins, with its sleep if it has one. */
static void
account(struct worker *w, uint64_t now_ns)
{
	if (w->was_busy)
		count_many(&w->core->stack.env, STAT_BUSY_NS, now_ns - w->turn_ns);
	w->turn_ns = now_ns;
}

/* @return true: there was work */
static bool
work(struct worker *w)
{
	uint64_t now_ns = clock_now(&w->clock);

	account(w, now_ns);
	w->was_busy = is_working(w, baro_core_poll(w->core, now_ns));
	if (w->was_busy)
		idle_reset(&w->idle, now_ns);
	return w->was_busy;
}

/* Nothing to do, for now. */
static void
rest(struct worker *w, uint64_t until_ns)
{
	uint64_t now_ns = baro_core_now(w->core);

	if (!w->idle.is_adaptive)
		return;
	if (unlikely(is_stalled(w->core)))
		idle_stall(&w->idle, now_ns);
	else
		idle_wait(&w->idle, now_ns, min_u64(baro_core_next_deadline(w->core), until_ns));
}

static void
turn(struct worker *w)
{
	if (!work(w))
		rest(w, TIME_NEVER);
}

/* The same turns, made by calls that wait: those of run(), or of start(). */

static int
sock_turn(struct baro_core *core, void *user)
{
	struct worker *w = user;
	int level = (int)stop_level();
	bool is_new = level > w->told;
	bool is_busy = work(w);

	(void)core;
	w->told = level;
	return is_new || level == (int)STOP_NOW ? -EINTR : is_busy;
}

static void
sock_rest(struct baro_core *core, uint64_t until_ns, int host_fd, void *user)
{
	struct worker *w = user;

	(void)core;
	idle_watch_host(&w->idle, host_fd);
	rest(w, until_ns);
	idle_watch_host(&w->idle, -1);
}

static int
start(struct worker *w)
{
	char problem[96];
	uint64_t now_ns;
	int err;

	clock_start(&w->clock, &w->begin);
	now_ns = clock_now(&w->clock);
	idle_init(&w->idle, w->config->core.idle, now_ns);
	idle_has_peers(&w->idle, w->crew->wake[w->index]);
	err = core_create(w->config, w->index, &w->pool, w->steer, now_ns, &w->core);
	if (err != 0)
		return failed(w, "cannot be made", err);
	crew_join(w->crew, w->index, w->core);
	err = add_ports(w);
	if (err != 0)
		return failed(w, "cannot take its ports", err);
	err = iface_configure(w->core, problem, sizeof(problem));
	if (err != 0)
		return failed(w, problem, err);
	if (resolver_of(&w->core->stack) == NULL) /* reads its files now, not in a turn */
		return failed(w, "cannot make its resolver", -ENOMEM);
	w->core->stack.socks.driver =
		(struct sock_driver){ .turn = sock_turn, .rest = sock_rest, .user = w };
	baro_core_enter(w->core);
	if (w->app->start != NULL)
		err = w->app->start(w->core, w->app->user);
	if (err != 0)
		return failed(w, "the application does not start", err);
	atomic_store(&w->state, WORKER_RUNNING);
	return 0;
}

/* The program ends when it has failed on one core, or come to its end on all of them. */
static void
run(struct worker *w)
{
	const struct baro_app *app = w->app;
	int status = app->run != NULL ? app->run(w->core, app->user) : 0;

	if (app->run != NULL && (atomic_fetch_sub(w->n_runs, 1) == 1 || status != 0))
		baro_app_end(status);
	while (likely(stop_level() == STOP_NOT))
		turn(w);
}

/* Our connections are over, and, as we may find their frames, those of the other cores. */
static bool
is_drained(struct worker *w)
{
	bool was_quiet = w->is_quiet;

	w->is_quiet = was_quiet || core_is_quiet(w->core);
	if (w->steer == NULL)
		return w->is_quiet;
	if (w->is_quiet && !was_quiet)
		atomic_fetch_add(&w->steer->n_quiet, 1);
	return atomic_load(&w->steer->n_quiet) == w->steer->n_cores;
}

/* Connections finish, for a while. */
static void
drain(struct worker *w)
{
	uint64_t end_ns = clock_now(&w->clock) + DRAIN_NS;

	if (w->app->drain != NULL)
		w->app->drain(w->core, w->app->user);
	/* one turn at least: what drain() queued is to leave */
	do {
		baro_core_poll(w->core, clock_now(&w->clock));
	} while (stop_level() < STOP_NOW && !is_drained(w) && clock_now(&w->clock) < end_ns);
}

/* Who was reset by stop() is to learn of it, as far as the ports take it in time. */
static void
say_farewell(struct worker *w)
{
	uint64_t end_ns = clock_now(&w->clock) + FAREWELL_NS;
	uint64_t now_ns;

	do {
		now_ns = clock_now(&w->clock);
	} while (!core_say_farewell(w->core, now_ns) && now_ns < end_ns);
}

int
loop_run(void *arg)
{
	struct worker *w = arg;
	int err = start(w);

	if (err == 0) {
		if (w->started != NULL)
			w->started(w);
		run(w);
		if (stop_level() == STOP_DRAIN)
			drain(w);
		if (w->app->stop != NULL)
			w->app->stop(w->core, w->app->user);
		say_farewell(w);
	}
	idle_end(&w->idle);
	if (w->core != NULL)
		mailbox_close(&w->core->mailbox);
	return err;
}

void
loop_end(struct worker *w)
{
	if (w->core != NULL)
		core_destroy(w->core);
	w->core = NULL;
}
