/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-load: puts load on a server by our own stack, and measures the answers. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "report.h"

struct program {
	struct load_plan plan;
	unsigned n_cores;
	struct baro_timer second; /* on the first core: a line a second, and the end */
	uint64_t begin_ns;
	uint64_t last_ns;
};

/** Core @id's part of @n. */
static uint32_t
share_of(uint32_t n, unsigned id, unsigned n_cores)
{
	return n / n_cores + (id < n % n_cores);
}

static int
add_sources(struct baro_core *core, const struct load_plan *plan)
{
	struct baro_iface_addr own;
	int err = baro_addr_read(core, 0, &own);

	for (uint32_t i = 0; err == 0 && i < plan->n_from; i++) {
		struct baro_addr addr = baro_addr_from_v4(baro_addr_to_v4(&plan->from) + i);

		err = baro_addr_add(core, own.iface, &addr, own.prefix_len);
		if (err == -EEXIST)
			err = 0;
	}
	return err;
}

static bool
is_over(void)
{
	for (unsigned i = 0; i < BARO_MAX_CORES; i++)
		if (load_worker[i] != NULL && atomic_load(&load_worker[i]->phase) != LOAD_OVER)
			return false;
	return true;
}

/** Something came back, or was to be sent only and could be. */
static bool
has_worked(const struct load_plan *plan, const struct load_total *total)
{
	if (plan->mode->has_replies)
		return total->counts.replies != 0;
	return plan->mode->is_udp ? total->counts.octets_out != 0 : total->n_open != 0;
}

static void
finish(struct program *p)
{
	static struct load_total total;
	int err = 0;

	report_total(&total);
	if (p->plan.json == NULL || p->plan.json[0] != '-')
		report_print(&p->plan, &total);
	if (p->plan.json != NULL)
		err = report_json(&p->plan, &total);
	if (err != 0)
		fprintf(stderr, "baro-load: --json %s cannot be written\n", p->plan.json);
	if (!has_worked(&p->plan, &total))
		fputs("baro-load: nothing came back; is the server there? ping it, and see its "
		      "port\n",
			stderr);
	baro_app_end(err == 0 && has_worked(&p->plan, &total) ? 0 : 1);
}

static void
every_second(struct baro_timer *t, uint64_t now_ns)
{
	struct program *p = (struct program *)((char *)t - offsetof(struct program, second));
	static struct load_total total;

	if (is_over()) {
		finish(p);
		return;
	}
	if (!p->plan.is_quiet && now_ns - p->last_ns >= NS_PER_SEC) {
		report_total(&total);
		report_line(&p->plan, &total, now_ns - p->last_ns,
			(double)(now_ns - p->begin_ns) / 1e9);
		p->last_ns = now_ns;
	}
	baro_timer_start(load_worker[0]->core, t, now_ns + 50 * NS_PER_MS);
}

static int
start(struct baro_core *core, void *user)
{
	struct program *p = user;
	unsigned id = baro_core_id(core);
	struct load_worker *w = calloc(1, sizeof(*w));
	int err;

	if (w == NULL)
		return -ENOMEM;
	load_worker[id] = w;
	err = add_sources(core, &p->plan);
	if (err == 0)
		err = worker_start(
			w, core, &p->plan, share_of(p->plan.flows, id, baro_core_count(core)));
	if (err == 0 && id == 0) {
		p->begin_ns = p->last_ns = baro_core_now(core);
		p->second.fire = every_second;
		baro_timer_start(core, &p->second, p->begin_ns + NS_PER_SEC);
	}
	return err;
}

static void
drain(struct baro_core *core, void *user)
{
	(void)user;
	worker_abort(load_worker[baro_core_id(core)]);
}

static void
stop(struct baro_core *core, void *user)
{
	(void)user;
	worker_free(load_worker[baro_core_id(core)]);
	load_worker[baro_core_id(core)] = NULL;
}

static const char *
check(void *user)
{
	return load_plan_check(&((struct program *)user)->plan);
}

int
main(int argc, char **argv)
{
	static struct program program;
	static const struct baro_app app = {
		.name = "baro-load",
		.about = "puts load on a server and measures its answers",
		.options = load_option_table,
		.user = &program,
		.check = check,
		.start = start,
		.drain = drain,
		.stop = stop,
	};

	load_plan_init(&program.plan);
	return baro_app_main(&app, argc, argv);
}
