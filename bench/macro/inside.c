/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * baro-load and the servers that it asks, echo and web, in one process without EAL: two cores in one thread,
 * joined by a wire that costs nothing but the copy. What it measures is both sides' work, without the distance
 * between two CPUs. With --pairs there are several such threads, which share nothing.
 *
 *	bench-inside [--pairs N] BARO-LOAD'S OPTIONS, but no --to
 *	bench-inside --connections 128 --duration 2s
 *	bench-inside --connections 1M --active 128 --from 198.18.0.16+15
 */

#include <baro/baro.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../app/echo/echo.h"
#include "../../app/http/service.h"
#include "../../app/load/options.h"
#include "../../app/load/report.h"

enum {
	PAIRS_MAX = 32,
	FRAME_MAX = 9018,
	ECHO_PORT = 1000, /* and as many behind it as --to says */
	ECHO_PORTS = 32,  /* enough for 10 million connections of 15 addresses */
	WEB_PORT = 80,
};

#define SERVER 0xc6120002u
#define CLIENT 0xc6120001u

/** Where connections are only held, what they cost at rest is the question. */
static const uint64_t HELD_REST_AFTER_NS = NS_PER_SEC;

/** One end of the wire. */
struct end {
	struct baro_core *core;
	struct baro_port *port;
	struct baro_port *peer;
	char frame[FRAME_MAX]; /* one in several pieces, made whole */
};

/** One thread's. */
struct pair {
	struct end client;
	struct end server;
	struct http_service *web;
	const struct load_plan *plan;
	unsigned index;
	uint32_t share; /* connections */
	pthread_t thread;
	int err;
};

struct program {
	struct load_plan plan;
	unsigned n_pairs;
};

static uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* The wire */

static void
transmit(const struct iovec *frame, int n, void *user)
{
	struct end *e = user;
	size_t len = 0;

	if (n == 1) {
		baro_port_input(e->peer, frame[0].iov_base, frame[0].iov_len);
		return;
	}
	for (int i = 0; i < n && len + frame[i].iov_len <= sizeof(e->frame); i++) {
		memcpy(e->frame + len, frame[i].iov_base, frame[i].iov_len);
		len += frame[i].iov_len;
	}
	baro_port_input(e->peer, e->frame, len);
}

static int
open_end(struct end *e, uint32_t addr, uint32_t n_conns, const struct load_plan *plan)
{
	const struct baro_config config = { .core.mbufs = 65536,
		.core.burst = 64,
		.tcp.max_conns = n_conns + 1024,
		.tcp.rest_after_ns = plan->mode == &load_idle ? HELD_REST_AFTER_NS : 0 };
	const struct baro_port_opts opts = { .transmit = transmit,
		.user = e,
		.address = baro_addr_from_v4(addr),
		.prefix_len = 24 };
	int err = baro_core_create(&config, clock_ns(), &e->core);

	return err == 0 ? baro_port_open(e->core, &opts, &e->port) : err;
}

/* The servers */

static int
serve(struct pair *p)
{
	static struct http_options web;
	int err = 0;

	for (uint16_t i = 0; err == 0 && i < ECHO_PORTS; i++)
		err = echo_start(p->server.core, (uint16_t)(ECHO_PORT + i));
	http_options_init(&web);
	web.port = WEB_PORT;
	return err == 0 ? http_service_start(p->server.core, &web, &p->web) : err;
}

static int
add_sources(const struct pair *p)
{
	struct baro_iface_addr own;
	int err = baro_addr_read(p->client.core, 0, &own);

	for (uint32_t i = 0; err == 0 && i < p->plan->n_from; i++) {
		struct baro_addr addr = baro_addr_from_v4(baro_addr_to_v4(&p->plan->from) + i);

		err = baro_addr_add(p->client.core, own.iface, &addr, own.prefix_len);
	}
	return err;
}

/* A thread */

static void
stay_on_cpu(unsigned index)
{
	cpu_set_t allowed, one;
	unsigned n = 0;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || n++ != index)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
	}
}

static void *
run_pair(void *pair)
{
	struct pair *p = pair;
	struct load_worker *w = calloc(1, sizeof(*w));

	stay_on_cpu(p->index);
	if (w == NULL || (p->err = open_end(&p->client, CLIENT, p->share, p->plan)) != 0 ||
		(p->err = open_end(&p->server, SERVER, p->share, p->plan)) != 0)
		return NULL;
	p->client.peer = p->server.port;
	p->server.peer = p->client.port;
	p->err = serve(p);
	if (p->err == 0)
		p->err = add_sources(p);
	if (p->err == 0)
		p->err = worker_start(w, p->client.core, p->plan, p->share);
	if (p->err != 0)
		return NULL;
	for (uint32_t i = 0; i < p->share; i++)
		worker_flow(w, i)->core = (uint8_t)p->index; /* all our cores are number 0 */
	__atomic_store_n(&load_worker[p->index], w, __ATOMIC_RELEASE);
	while (atomic_load_explicit(&w->phase, memory_order_relaxed) != LOAD_OVER) {
		uint64_t now_ns = clock_ns();

		baro_core_poll(p->client.core, now_ns);
		baro_core_poll(p->server.core, now_ns);
	}
	return NULL;
}

/* The command line: baro-load's, and ours */

static const char *
set_pairs(const char *value, struct program *p)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*end != '\0' || n < 1 || n > PAIRS_MAX)
		return "not a number of threads, 1..32";
	p->n_pairs = (unsigned)n;
	return NULL;
}

static const char *
set_option(struct program *p, const char *name, const char *value, bool *has_value)
{
	*has_value = true;
	if (strcmp(name, "pairs") == 0)
		return value != NULL ? set_pairs(value, p) : "needs a value";
	for (const struct baro_app_option *o = load_option_table; o->name != NULL; o++) {
		if (strcmp(o->name, name) != 0)
			continue;
		*has_value = o->value != NULL;
		if (*has_value && value == NULL)
			return "needs a value";
		return o->set(value, &p->plan);
	}
	return "no such option; those of baro-load, and --pairs";
}

static const char *
read_options(struct program *p, char **argv, const char **at)
{
	while (*argv != NULL) {
		bool has_value;
		const char *problem;

		*at = *argv;
		if (strncmp(*argv, "--", 2) != 0)
			return "no option";
		problem = set_option(p, *argv + 2, argv[1], &has_value);
		if (problem != NULL)
			return problem;
		argv += has_value ? 2 : 1;
	}
	*at = "the options";
	p->plan.to = (struct baro_endpoint){ baro_addr_from_v4(SERVER), ECHO_PORT };
	p->plan.n_to = ECHO_PORTS;
	if (p->plan.mode == &load_http || p->plan.path[0] != '\0') {
		p->plan.to.port = WEB_PORT;
		p->plan.n_to = 1;
	}
	return load_plan_check(&p->plan);
}

/* Begin and end */

static bool
is_over(const struct pair *pair, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct load_worker *w = __atomic_load_n(&load_worker[i], __ATOMIC_ACQUIRE);

		if (w == NULL ? __atomic_load_n(&pair[i].err, __ATOMIC_RELAXED) == 0
			      : atomic_load(&w->phase) != LOAD_OVER)
			return false;
	}
	return true;
}

static void
watch(const struct program *p, const struct pair *pair)
{
	static struct load_total total;
	uint64_t begin_ns = clock_ns();
	uint64_t last_ns = begin_ns;

	while (!is_over(pair, p->n_pairs)) {
		uint64_t now_ns;

		nanosleep(&(struct timespec){ .tv_nsec = 20 * NS_PER_MS }, NULL);
		now_ns = clock_ns();
		if (p->plan.is_quiet || now_ns - last_ns < NS_PER_SEC)
			continue;
		report_total(&total);
		report_line(&p->plan, &total, now_ns - last_ns, (double)(now_ns - begin_ns) / 1e9);
		last_ns = now_ns;
	}
}

static int
tell(const struct program *p, const struct pair *pair)
{
	static struct load_total total;

	for (unsigned i = 0; i < p->n_pairs; i++) {
		if (pair[i].err == 0)
			continue;
		fprintf(stderr, "bench-inside: %s\n", strerror(-pair[i].err));
		return 1;
	}
	report_total(&total);
	if (p->plan.json == NULL || p->plan.json[0] != '-')
		report_print(&p->plan, &total);
	if (p->plan.json != NULL && report_json(&p->plan, &total) != 0) {
		fprintf(stderr, "bench-inside: --json %s cannot be written\n", p->plan.json);
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static struct program p = { .n_pairs = 1 };
	static struct pair pair[PAIRS_MAX];
	const char *at;
	const char *problem;

	(void)argc;
	load_plan_init(&p.plan);
	problem = read_options(&p, argv + 1, &at);
	if (problem != NULL) {
		fprintf(stderr, "bench-inside: %s: %s\n", at, problem);
		return 2;
	}
	for (unsigned i = 0; i < p.n_pairs; i++) {
		pair[i].plan = &p.plan;
		pair[i].index = i;
		pair[i].share = p.plan.flows / p.n_pairs + (i < p.plan.flows % p.n_pairs);
		if (pthread_create(&pair[i].thread, NULL, run_pair, &pair[i]) != 0) {
			fputs("bench-inside: no thread\n", stderr);
			return 1;
		}
	}
	watch(&p, pair);
	for (unsigned i = 0; i < p.n_pairs; i++)
		pthread_join(pair[i].thread, NULL);
	return tell(&p, pair); /* the rest ends with the process */
}
