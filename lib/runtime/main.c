/* SPDX-License-Identifier: BSD-3-Clause */

/* A whole program: command line, EAL, ports, one core an lcore, and all of it back again. */

#include <baro/app.h>

#include <errno.h>
#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/check.h"
#include "runtime/crew.h"
#include "runtime/eal.h"
#include "runtime/loop.h"
#include "runtime/nodes.h"
#include "runtime/options.h"
#include "runtime/ports.h"
#include "runtime/steer.h"
#include "runtime/stop.h"
#include "runtime/telemetry.h"
#include "runtime/version.h"

enum exit_status {
	EXIT_FINE = 0,
	EXIT_MACHINE = 1,
	EXIT_USAGE = 2,
};

/** What the application said by baro_app_end(). */
static atomic_int end_status;

struct program {
	const struct baro_app *app;
	struct options options;
	struct eal_means means;
	struct clock_mark begin;
	struct dev_port port[BARO_MAX_PORTS];
	struct worker *worker;
	struct steer *steer; /* NULL: one worker */
	struct crew crew;
	struct telemetry telemetry;
	unsigned n_workers;
	atomic_uint n_runs; /* cores whose run() has not returned */
};

static int
complain(const struct program *p, const char *problem)
{
	fprintf(stderr, "%s: %s\n", p->app->name, problem);
	return EXIT_MACHINE;
}

static void
check_has_port(struct options *o)
{
	unsigned i;

	for (i = 0; i < BARO_MAX_PORTS; i++)
		if (o->config.port[i].is_used)
			return;
	options_complain("port0.address",
		"no port is configured; add --port0.address 198.18.0.2/24, or --config with a "
		"profile of drivers-config/",
		o);
}

/* --check: both halves, to stdout. */
static int
report(struct program *p)
{
	struct check check = { .out = stdout };

	if (p->options.n_problems == 0)
		check_ok(&check, "configuration", "no contradictions");
	check_machine(&check, &p->options.eal, &p->means);
	if (p->options.n_problems != 0)
		return EXIT_USAGE;
	return check.n_problems == 0 ? EXIT_FINE : EXIT_MACHINE;
}

/* After a failure: what --check would say is wrong. */
static void
explain(const struct program *p)
{
	struct check check = { .out = stderr, .is_brief = true };

	check_machine(&check, &p->options.eal, &p->means);
}

static void
destroy_workers(struct program *p)
{
	unsigned i;

	/* frames that nobody took any more go back to their pools */
	if (p->steer != NULL)
		steer_destroy(p->steer);
	p->steer = NULL;
	for (i = 0; i < p->n_workers; i++)
		if (p->worker[i].pool.text != NULL)
			dev_pool_destroy(&p->worker[i].pool);
	free(p->worker);
	p->worker = NULL;
	crew_fini(&p->crew);
}

/* An lcore each, but no more than have a queue of their own on every port. */
static unsigned
count_workers(const struct baro_config *c)
{
	unsigned n = min_u32(rte_lcore_count(), BARO_MAX_CORES);
	unsigned i;

	for (i = 0; i < BARO_MAX_PORTS; i++) {
		unsigned queues =
			c->port[i].is_used ? ethdev_queues(&c->port[i], i, (uint16_t)n) : n;

		/* a device that is not there is for ethdev_open() to report */
		if (queues == 0 || queues == n)
			continue;
		printf("port%u   has %u queue pair%s: %u core%s unused\n", i, queues,
			queues == 1 ? "" : "s", n - queues, n - queues == 1 ? " stays" : "s stay");
		n = queues;
	}
	return n;
}

/* One worker for each lcore, with its buffers near it. */
static int
make_workers(struct program *p)
{
	const struct baro_config *c = &p->options.config;
	unsigned n = count_workers(c);
	uint32_t mbufs = c->core.mbufs != 0 ? c->core.mbufs : 16384;
	unsigned lcore = rte_get_main_lcore();
	unsigned i;

	p->worker = aligned_alloc(BARO_CACHE_LINE, n * sizeof(*p->worker));
	if (p->worker == NULL)
		return -ENOMEM;
	memset(p->worker, 0, n * sizeof(*p->worker));
	p->n_workers = n;
	atomic_init(&p->n_runs, n);
	if (n > 1 && steer_create(n, &p->steer) != 0)
		return -ENOMEM;
	if (crew_init(&p->crew, n, p->steer) != 0)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		struct worker *w = &p->worker[i];

		w->app = p->app;
		w->config = c;
		w->port = p->port;
		w->n_runs = &p->n_runs;
		w->steer = p->steer;
		w->crew = &p->crew;
		w->index = i;
		w->lcore = lcore;
		w->begin = p->begin;
		if (dev_pool_create(&w->pool, i, mbufs, (int)rte_lcore_to_socket_id(lcore)) != 0)
			return -ENOMEM;
		/* the main lcore is the first worker; the others follow in their order */
		lcore = rte_get_next_lcore(i == 0 ? (unsigned)-1 : lcore, 1, 0);
	}
	return 0;
}

static int
open_ports(struct program *p)
{
	struct rte_mempool *text[BARO_MAX_CORES];
	const struct ethdev_cores cores = { .n = (uint16_t)p->n_workers,
		.pools = text,
		.rss = p->steer != NULL ? &p->steer->rss : NULL };
	struct dev_problem problem;
	unsigned i;
	int err;

	for (i = 0; i < p->n_workers; i++)
		text[i] = p->worker[i].pool.text;
	err = ports_open(&p->options.config, &cores, p->port, &problem);
	if (err != 0)
		complain(p, problem.text);
	return err;
}

/* The first CPU that the lcore may run on. */
static unsigned
cpu_of(unsigned lcore)
{
	rte_cpuset_t cpus = rte_lcore_cpuset(lcore);
	unsigned cpu = 0;

	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &cpus))
		cpu++;
	return cpu;
}

static void
print_start(const struct program *p)
{
	unsigned i;

	if (p->app->is_quiet)
		return;
	ports_print(&p->options.config, p->port, stdout);
	for (i = 0; i < p->n_workers; i++)
		printf("core%u   on CPU %u, %s\n", i, cpu_of(p->worker[i].lcore),
			idle_describe(&p->worker[i].idle));
	if (p->app->ready != NULL)
		p->app->ready(&p->options.config, p->app->user);
	fflush(stdout);
}

/* The first worker is up: wait for the others, then tell the user. */
static void
announce(struct worker *first)
{
	const struct program *p = first->owner;
	bool is_fine = true;
	unsigned i;

	for (i = 0; i < p->n_workers; i++) {
		while (atomic_load(&p->worker[i].state) == WORKER_STARTING)
			rte_delay_us_sleep(100);
		is_fine &= atomic_load(&p->worker[i].state) == WORKER_RUNNING;
	}
	if (!is_fine)
		return;
	print_start(p);
	nodes_warn(p->port, p->telemetry.cpu, p->n_workers, stderr);
}

/* From here on others may ask. */
static void
start_telemetry(struct program *p)
{
	struct telemetry *t = &p->telemetry;

	*t = (struct telemetry){
		.app = p->app, .config = &p->options.config, .port = p->port, .crew = &p->crew
	};
	for (unsigned i = 0; i < p->n_workers; i++)
		t->cpu[i] = cpu_of(p->worker[i].lcore);
	telemetry_start(t);
}

/* Every worker on its lcore, the first on this one, until the program ends. */
static int
run_workers(struct program *p)
{
	int status = EXIT_FINE;
	unsigned i;

	p->worker[0].started = announce;
	p->worker[0].owner = p;
	start_telemetry(p);
	for (i = 1; i < p->n_workers; i++)
		rte_eal_remote_launch(loop_run, &p->worker[i], p->worker[i].lcore);
	loop_run(&p->worker[0]);
	rte_eal_mp_wait_lcore();
	for (i = 0; i < p->n_workers; i++)
		if (atomic_load(&p->worker[i].state) == WORKER_FAILED)
			status = complain(p, p->worker[i].problem);
	telemetry_stop();
	for (i = 0; i < p->n_workers; i++)
		loop_end(&p->worker[i]);
	return status;
}

/* With EAL running. */
static int
run(struct program *p)
{
	int status = EXIT_MACHINE;

	if (make_workers(p) != 0)
		complain(p, "not enough memory for the buffers; lower core.mbufs, or raise -m");
	else if (open_ports(p) == 0) {
		status = run_workers(p);
		if (status == EXIT_FINE)
			status = atomic_load(&end_status);
		ports_close(p->port);
	} else {
		explain(p);
	}
	destroy_workers(p);
	return status;
}

static int
start(struct program *p)
{
	char problem[256];
	int status;

	if (p->options.eal.is_overfull)
		return complain(p, "too many EAL options");
	stop_watch();
	if (eal_start(&p->options.eal, problem, sizeof(problem)) != 0) {
		complain(p, problem);
		explain(p);
		return EXIT_MACHINE;
	}
	status = run(p);
	eal_end();
	return status;
}

static void
check_app(struct options *o, const struct baro_app *app)
{
	const char *problem = app->check != NULL ? app->check(app->user) : NULL;

	if (problem != NULL)
		options_complain("command line", problem, o);
}

/* Read everything, say what is wrong with it, then do what is asked. */
static int
take_orders(struct program *p, int argc, char **argv)
{
	struct options *o = &p->options;

	options_read(o, p->app, argc, argv, stderr);
	if (o->wants_help) {
		options_help(p->app, stdout);
		return EXIT_FINE;
	}
	if (o->wants_version) {
		printf("%s %s, %s\n", p->app->name, BARO_VERSION, rte_version());
		return EXIT_FINE;
	}
	baro_config_check(&o->config, options_complain, o);
	check_has_port(o);
	check_app(o, p->app);
	p->means = eal_means_find(&o->config, &o->eal);
	eal_args_complete(&o->eal, &p->means);
	if (o->wants_check)
		return report(p);
	if (o->n_problems != 0)
		return EXIT_USAGE;
	return start(p);
}

void
baro_app_end(int status)
{
	int none = 0;

	atomic_compare_exchange_strong(&end_status, &none, status);
	stop_request(STOP_DRAIN);
}

int
baro_app_main(const struct baro_app *app, int argc, char **argv)
{
	struct program *p = calloc(1, sizeof(*p));
	int status;

	if (p == NULL) {
		fprintf(stderr, "%s: not enough memory\n", app->name);
		return EXIT_MACHINE;
	}
	clock_mark_take(&p->begin);
	p->app = app;
	status = take_orders(p, argc, argv);
	free(p);
	return status;
}
