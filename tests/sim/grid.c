/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Bulk transfers over a grid of wires: delay, rate, loss, reordering, length of the queue, and
 * every congestion control. A line each, which tests/run counts, and tells what is demanded:
 *
 *  - all octets arrive and are the right ones;
 *  - the wire is never silent for longer than the sender's RTO and the way explain;
 *  - on a wire that neither loses by chance nor reorders, what is sent again is what the queue
 *    lost, segment by segment, and at most the tail loss probes besides (RFC 8985 §7: they may be in vain);
 *  - the goodput is near the one stored in tests/sim/grid.expected;
 *  - flows that share a wire share it fairly.
 *
 * Time is virtual and every seed fixed: a line is the same on every machine.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/time.h"
#include "sim/transfer.h"
#include "tcp/cc.h"

#define MBIT UINT64_C(1000000)
#define MIB  (UINT64_C(1) << 20)
#define US   UINT64_C(1000)

enum {
	NAME_LEN = 80,
	EXPECTED_MAX = 8192,
	SEEDS = 3, /* of a wire with chance in it: all must pass, the goodput is the mean */
	BDPS = 40, /* a transfer's length, in products of rate and round trip */
	FRAME_LEN = 1514,
};

/* A goodput may differ from the stored one by this part of it, either way. Where losses fall by
 * chance a time-out more or less weighs much. */
static const double tolerance = 0.05;
static const double tolerance_of_chance = 0.25;

/* Jain's index that flows of one algorithm must reach. */
static const double fair = 0.9;

struct way {
	const char *name;
	uint64_t delay_ns; /* each way */
	uint64_t rate_bps;
	bool is_quick; /* part of the reduced grid */
};

/* 10 Gbit/s over 100 ms are 170,000 frames in flight: more than the simulator's pool holds. */
static const struct way ways[] = {
	{ "0.1ms 10M", 100 * US, 10 * MBIT, false },
	{ "0.1ms 100M", 100 * US, 100 * MBIT, false },
	{ "0.1ms 1G", 100 * US, 1000 * MBIT, false },
	{ "0.1ms 10G", 100 * US, 10000 * MBIT, true },
	{ "10ms 10M", 10 * NS_PER_MS, 10 * MBIT, false },
	{ "10ms 100M", 10 * NS_PER_MS, 100 * MBIT, true },
	{ "10ms 1G", 10 * NS_PER_MS, 1000 * MBIT, false },
	{ "10ms 10G", 10 * NS_PER_MS, 10000 * MBIT, false },
	{ "100ms 10M", 100 * NS_PER_MS, 10 * MBIT, true },
	{ "100ms 100M", 100 * NS_PER_MS, 100 * MBIT, false },
	{ "100ms 1G", 100 * NS_PER_MS, 1000 * MBIT, false },
};

static const uint32_t losses_ppm[] = { 0, 1000, 10000, 50000 };
static const uint32_t reorders_ppm[] = { 0, 10000 };
static const uint32_t queues[] = { 20, 100, 1000 };
static const uint32_t shared_losses_ppm[] = { 0, 10000, 50000 };

struct cell {
	char name[NAME_LEN];
	struct transfer_plan plan;
};

struct expected {
	char name[NAME_LEN];
	double mbits;
};

static struct expected expected[EXPECTED_MAX];
static unsigned n_expected;

static struct options {
	bool is_full;
	bool is_writing;
	const char *filter;
	const char *path;
} options;

static unsigned n_failed;
static FILE *written;

/* What is stored. */

static int
read_expected(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[2 * NAME_LEN];

	if (file == NULL)
		return -errno;
	while (n_expected < EXPECTED_MAX && fgets(line, sizeof(line), file) != NULL) {
		struct expected *e = &expected[n_expected];
		char *colon = strchr(line, ':');

		if (line[0] == '#' || colon == NULL || colon - line >= NAME_LEN)
			continue;
		memcpy(e->name, line, (size_t)(colon - line));
		e->mbits = strtod(colon + 1, NULL);
		n_expected++;
	}
	fclose(file);
	return 0;
}

static const struct expected *
find_expected(const char *name)
{
	for (unsigned i = 0; i < n_expected; i++) {
		if (strcmp(expected[i].name, name) == 0)
			return &expected[i];
	}
	return NULL;
}

/* One cell. */

static uint64_t
frame_ns(uint64_t rate_bps)
{
	return UINT64_C(8) * FRAME_LEN * NS_PER_SEC / rate_bps;
}

static void
name_cell(struct cell *cell, const struct way *way)
{
	const struct baro_fault_config *wire = &cell->plan.wire;

	snprintf(cell->name, sizeof(cell->name), "%-8s %-10s loss %.1f%% reorder %.0f%% queue %-4u",
		cell->plan.congestion, way->name, wire->loss_ppm / 1e4, wire->reorder_ppm / 1e4,
		wire->queue_frames);
}

/** A frame held back comes behind five others at least: more than three duplicates. */
static struct transfer_plan
plan_of(const struct way *way, const char *congestion)
{
	return (struct transfer_plan){
		.congestion = congestion,
		.within_ns = 3600 * NS_PER_SEC,
		.wire = { .delay_ns = way->delay_ns,
			.rate_bps = way->rate_bps,
			.reorder_ns = max_u64(way->delay_ns / 4, 5 * frame_ns(way->rate_bps)),
			.seed = 1 },
	};
}

static bool
has_chance(const struct baro_fault_config *wire)
{
	return wire->loss_ppm != 0 || wire->reorder_ppm != 0;
}

/** Why a result is not what is demanded; NULL: it is. */
static const char *
complaint(const struct cell *cell, const struct transfer_result *r, double mbits,
	const struct expected *e)
{
	const struct baro_fault_config *wire = &cell->plan.wire;
	double off = has_chance(wire) ? tolerance_of_chance : tolerance;

	if (r->is_wrong)
		return "octets differ, or the connection ended";
	if (!r->is_done)
		return "not all octets arrived in time";
	if (r->unexplained_ns != 0)
		return "silent for longer than the RTO explains";
	if (!has_chance(wire) && (r->sent_again < r->lost || r->sent_again > r->lost + r->probes))
		return "sent again is not what the queue lost";
	if (options.is_writing)
		return NULL;
	if (e == NULL)
		return "no goodput is stored: grid --write";
	if (mbits < e->mbits * (1 - off))
		return "slower than stored";
	if (mbits > e->mbits * (1 + off))
		return "faster than stored: grid --write, if that is right";
	return NULL;
}

static void
tell(const char *name, const char *why, const char *figures)
{
	n_failed += why != NULL;
	printf("%s %s: %s%s%s\n", why == NULL ? "ok" : "not ok", name, figures,
		why == NULL ? "" : ": ", why == NULL ? "" : why);
	fflush(stdout);
}

/** One more run of the same cell: times and counts add up, the longest silence counts. */
static void
add_run(struct transfer_result *sum, const struct transfer_result *r)
{
	sum->is_done &= r->is_done;
	sum->is_wrong |= r->is_wrong;
	sum->took_ns += r->took_ns;
	sum->octets += r->octets;
	sum->sent_again += r->sent_again;
	sum->lost += r->lost;
	sum->timeouts += r->timeouts;
	sum->silent_ns = max_u64(sum->silent_ns, r->silent_ns);
	sum->unexplained_ns = max_u64(sum->unexplained_ns, r->unexplained_ns);
}

static int
run_seeds(const struct transfer_plan *plan, struct transfer_result *sum)
{
	struct transfer_plan seeded = *plan;
	unsigned n_seeds = has_chance(&plan->wire) ? SEEDS : 1;
	struct transfer_result r;
	int err = 0;

	*sum = (struct transfer_result){ .is_done = true };
	for (unsigned seed = 1; seed <= n_seeds && err == 0; seed++) {
		seeded.wire.seed = seed;
		err = transfer_run(&seeded, &r);
		add_run(sum, &r);
	}
	return err;
}

static void
run_cell(const struct cell *cell)
{
	struct transfer_result r;
	const struct expected *e = find_expected(cell->name);
	int err = run_seeds(&cell->plan, &r);
	double mbits = transfer_goodput(&r) * 8 / 1e6;
	char figures[256];

	if (err != 0) {
		tell(cell->name, strerror(-err), "");
		return;
	}
	snprintf(figures, sizeof(figures),
		"%8.2f Mbit/s (%8.2f), again %5" PRIu64 ", lost %5" PRIu64 ", time-outs %3" PRIu64
		", silent %7.1f ms",
		mbits, e == NULL ? 0 : e->mbits, r.sent_again, r.lost, r.timeouts,
		(double)r.silent_ns / NS_PER_MS);
	tell(cell->name, complaint(cell, &r, mbits, e), figures);
	if (r.unexplained_ns != 0)
		printf("    %.1f ms of the silence are unexplained\n",
			(double)r.unexplained_ns / NS_PER_MS);
	if (options.is_writing)
		fprintf(written, "%s: %.2f\n", cell->name, mbits);
}

static bool
is_wanted(const char *name)
{
	return options.filter == NULL || strstr(name, options.filter) != NULL;
}

static void
run_way(const struct way *way, const char *congestion)
{
	struct cell cell = { .plan = plan_of(way, congestion) };
	struct baro_fault_config *wire = &cell.plan.wire;

	cell.plan.octets = BDPS * transfer_bdp(wire);
	cell.plan.octets = min_u64(max_u64(cell.plan.octets, 8 * MIB), 64 * MIB);
	for (size_t l = 0; l < ARRAY_LEN(losses_ppm); l++) {
		for (size_t r = 0; r < ARRAY_LEN(reorders_ppm); r++) {
			for (size_t q = 0; q < ARRAY_LEN(queues); q++) {
				wire->loss_ppm = losses_ppm[l];
				wire->reorder_ppm = reorders_ppm[r];
				wire->queue_frames = queues[q];
				name_cell(&cell, way);
				if (is_wanted(cell.name))
					run_cell(&cell);
			}
		}
	}
}

static const char *
complaint_of_shared(
	const struct transfer_result *r, double index, double mbits, const struct expected *e)
{
	if (r->is_wrong)
		return "octets differ, or a connection ended";
	if (index < fair)
		return "unfair";
	if (options.is_writing)
		return NULL;
	if (e == NULL)
		return "no goodput is stored: grid --write";
	return mbits < e->mbits * (1 - tolerance) ? "together slower than stored" : NULL;
}

/** L17: flows of one algorithm on one wire whose queue holds a round trip. */
static void
run_shared(const char *congestion, unsigned n_flows, uint32_t loss_ppm)
{
	static const struct way way = { "10ms 100M", 10 * NS_PER_MS, 100 * MBIT, true };
	struct cell cell = { .plan = plan_of(&way, congestion) };
	struct transfer_plan *plan = &cell.plan;
	struct transfer_result r;
	const struct expected *e;
	char figures[128];
	double index;
	double mbits;
	int err;

	plan->n_flows = n_flows;
	plan->wire.queue_frames = 170;
	plan->wire.loss_ppm = loss_ppm;
	plan->within_ns = 60 * NS_PER_SEC;
	plan->warm_ns = 15 * NS_PER_SEC;
	plan->stagger_ns = 200 * NS_PER_MS;
	snprintf(cell.name, sizeof(cell.name), "%-8s %-10s loss %.1f%% shared by %u", congestion,
		way.name, loss_ppm / 1e4, n_flows);
	if (!is_wanted(cell.name))
		return;
	err = transfer_run(plan, &r);
	index = transfer_fairness(&r, n_flows);
	mbits = transfer_goodput(&r) * 8 / 1e6;
	e = find_expected(cell.name);
	snprintf(figures, sizeof(figures), "%8.2f Mbit/s (%8.2f), Jain's index %.3f", mbits,
		e == NULL ? 0 : e->mbits, index);
	tell(cell.name, err != 0 ? strerror(-err) : complaint_of_shared(&r, index, mbits, e),
		figures);
	if (options.is_writing)
		fprintf(written, "%s: %.2f\n", cell.name, mbits);
}

static void
run_algorithm(const char *congestion)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		if (options.is_full || ways[i].is_quick)
			run_way(&ways[i], congestion);
	}
	for (size_t i = 0; i < ARRAY_LEN(shared_losses_ppm); i++) {
		run_shared(congestion, 2, shared_losses_ppm[i]);
		run_shared(congestion, 10, shared_losses_ppm[i]);
	}
}

/* The program. */

static void
print_usage(FILE *out)
{
	fputs("usage: grid [--full] [--write] [--filter TEXT] [--expected FILE]\n\n"
	      "  --full           the whole grid, not only a part of it\n"
	      "  --write          store the goodputs instead of comparing them; implies --full\n"
	      "  --filter TEXT    only lines with TEXT in their names\n"
	      "  --expected FILE  where goodputs are stored; else in the source folder\n",
		out);
}

static int
read_options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "full", no_argument, NULL, 'f' },
		{ "write", no_argument, NULL, 'w' },
		{ "filter", required_argument, NULL, 'n' },
		{ "expected", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	options.path = GRID_EXPECTED;
	while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		switch (c) {
		case 'f':
			options.is_full = true;
			break;
		case 'w':
			options.is_full = options.is_writing = true;
			break;
		case 'n':
			options.filter = optarg;
			break;
		case 'e':
			options.path = optarg;
			break;
		default:
			print_usage(c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (options.is_writing && options.filter != NULL) {
		fputs("grid: --write stores all of them: no --filter\n", stderr);
		return -EINVAL;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	if (read_options(argc, argv) != 0)
		return 2;
	if (options.is_writing) {
		written = fopen(options.path, "w");
		if (written == NULL) {
			perror(options.path);
			return 1;
		}
		fputs("# Goodputs in Mbit/s, written by grid --write (tests/sim/grid.c).\n",
			written);
	} else if (read_expected(options.path) != 0) {
		perror(options.path);
		return 1;
	}
	for (unsigned i = 0; tcp_cc_at(i) != NULL; i++)
		run_algorithm(tcp_cc_at(i)->name);
	if (written != NULL && fclose(written) != 0) {
		perror(options.path);
		return 1;
	}
	return n_failed != 0;
}
