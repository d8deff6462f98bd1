/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_LOOP_H
#define BARO_RUNTIME_LOOP_H

/* A core's life on its lcore: made, started, turned until the program ends, drained, freed. */

#include <baro/app.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "base/check.h"
#include "dev/pool.h"
#include "dev/port.h"

#include "runtime/clock.h"
#include "runtime/idle.h"

enum worker_state {
	WORKER_STARTING,
	WORKER_RUNNING,
	WORKER_FAILED,
};

struct worker {
	alignas(BARO_CACHE_LINE) struct baro_core *core;
	uint64_t sent;    /* packets, up to the last turn */
	uint64_t turn_ns; /* when the last turn began, 0: none has */
	bool was_busy;    /* it had work */
	bool is_quiet;    /* while draining: no connection is left */
	int told;         /* enum stop_level: calls that waited have been interrupted for it */
	struct clock clock;
	struct idle idle;

	const struct baro_app *app;
	const struct baro_config *config;
	struct dev_port *port; /* BARO_MAX_PORTS of them; [portN] is port[N] */
	struct dev_pool pool;
	atomic_uint *n_runs;               /* cores whose run() has not returned; shared by all */
	struct steer *steer;               /* shared by all; NULL: one worker */
	struct crew *crew;                 /* all workers' cores */
	void (*started)(struct worker *w); /* once, before the first turn; NULL: nothing */
	void *owner;                       /* for started() */
	unsigned index;
	unsigned lcore;
	struct clock_mark begin; /* to measure the clock from */
	atomic_int state;        /* enum worker_state */
	char problem[160];       /* why it failed */
};

/**
 * For rte_eal_remote_launch(). The core has ended afterwards, but is there: others may read its counters.
 *
 * @arg the struct worker
 * @return 0, -errno
 */
int
loop_run(void *arg);

/** Every worker has ended: the core goes. Any thread. */
void
loop_end(struct worker *w);

#endif
