/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H

/* What is told of a load: a line every second, a table at the end, JSON. */

#include "worker.h"

/** Of all cores together. */
struct load_total {
	struct load_counts counts;
	struct hist latency;
	struct hist jitter;
	uint32_t n_open;
	uint32_t n_flows;
	uint64_t measured_ns;
	unsigned n_workers;
};

/** Counters of other cores are read as they run: a line may be off by what is under way. */
void
report_total(struct load_total *total);

/** "  3 s  1.24M req/s ...": what came since the last line, one to stderr. @since_ns of it */
void
report_line(const struct load_plan *plan, const struct load_total *now, uint64_t since_ns,
	double age_s);

/** The result, for people. */
void
report_print(const struct load_plan *plan, const struct load_total *total);

/** The same as JSON, to plan->json. @return 0, -errno */
int
report_json(const struct load_plan *plan, const struct load_total *total);

#endif
