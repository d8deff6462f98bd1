/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports; see the header. */

#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name; /* in JSON */
	const char *text;
} failures[LOAD_FAILURES] = {
	[LOAD_REFUSED] = { "refused", "connections refused" },
	[LOAD_RESET] = { "reset", "connections reset" },
	[LOAD_TIMEOUT] = { "timeout", "timeouts" },
	[LOAD_CLOSED] = { "closed", "connections closed too early" },
	[LOAD_STATUS] = { "status", "answers other than 2xx" },
	[LOAD_LOCAL] = { "local", "no port, buffer, route or memory of ours" },
};

static const double percents[] = { 50, 90, 99, 99.9, 99.99 };
static const char *const percent_names[] = { "p50", "p90", "p99", "p99.9", "p99.99" };

enum { PERCENTS = sizeof(percents) / sizeof(percents[0]) };

static void
add_counts(struct load_counts *to, const struct load_counts *from)
{
	to->requests += from->requests;
	to->replies += from->replies;
	to->opened += from->opened;
	to->octets_out += from->octets_out;
	to->octets_in += from->octets_in;
	to->lost += from->lost;
	to->duplicates += from->duplicates;
	to->reordered += from->reordered;
	for (unsigned i = 0; i < LOAD_FAILURES; i++)
		to->failed[i] += from->failed[i];
}

void
report_total(struct load_total *total)
{
	memset(total, 0, sizeof(*total));
	for (unsigned i = 0; i < BARO_MAX_CORES; i++) {
		const struct load_worker *w = load_worker[i];

		if (w == NULL)
			continue;
		add_counts(&total->counts, &w->counts);
		hist_merge(&total->latency, &w->latency);
		hist_merge(&total->jitter, &w->jitter);
		total->n_open += w->n_open;
		total->n_flows += w->n_flows;
		total->measured_ns += w->measured_ns;
		total->n_workers++;
	}
	if (total->n_workers != 0)
		total->measured_ns /= total->n_workers;
}

/** "1.24M": three digits and a factor. */
static const char *
short_number(double n, char buf[16])
{
	static const char factor[] = " kMGT";
	unsigned i = 0;

	while (n >= 999.5 && i < sizeof(factor) - 2) {
		n /= 1000;
		i++;
	}
	snprintf(buf, 16, i == 0 ? "%.0f" : "%.3g%c", n, factor[i]);
	return buf;
}

/** "41.2 us". */
static const char *
short_time(uint64_t ns, char buf[16])
{
	if (ns < 10 * NS_PER_US)
		snprintf(buf, 16, "%.2f us", (double)ns / 1e3);
	else if (ns < NS_PER_MS)
		snprintf(buf, 16, "%.1f us", (double)ns / 1e3);
	else if (ns < NS_PER_SEC)
		snprintf(buf, 16, "%.2f ms", (double)ns / 1e6);
	else
		snprintf(buf, 16, "%.2f s", (double)ns / 1e9);
	return buf;
}

static double
per_second(uint64_t n, uint64_t ns)
{
	return ns == 0 ? 0 : (double)n * 1e9 / (double)ns;
}

static double
gigabits(uint64_t octets, uint64_t ns)
{
	return per_second(octets, ns) * 8 / 1e9;
}

static uint64_t
count_failures(const struct load_counts *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < LOAD_FAILURES; i++)
		n += c->failed[i];
	return n;
}

void
report_line(
	const struct load_plan *plan, const struct load_total *now, uint64_t since_ns, double age_s)
{
	static struct load_total before;
	static struct hist latency;
	char rate[16], p50[16], p99[16];
	uint64_t errors = count_failures(&now->counts) + now->counts.lost;

	hist_since(&latency, &now->latency, &before.latency);
	fprintf(stderr, "%4.0f s  %u open", age_s, now->n_open);
	if (plan->mode->has_replies)
		fprintf(stderr, "  %s answers/s  p50 %s  p99 %s",
			short_number(
				per_second(now->counts.replies - before.counts.replies, since_ns),
				rate),
			short_time(hist_percentile(&latency, 50), p50),
			short_time(hist_percentile(&latency, 99), p99));
	fprintf(stderr, "  %.2f Gbit/s out  %.2f in",
		gigabits(now->counts.octets_out - before.counts.octets_out, since_ns),
		gigabits(now->counts.octets_in - before.counts.octets_in, since_ns));
	if (errors != 0)
		fprintf(stderr, "  %llu failed", (unsigned long long)errors);
	fputc('\n', stderr);
	before = *now;
}

static void
print_times(const char *what, const struct hist *h)
{
	char text[16];

	if (h->n == 0)
		return;
	printf("%-12s", what);
	for (unsigned i = 0; i < PERCENTS; i++)
		printf("%s %s  ", percent_names[i],
			short_time(hist_percentile(h, percents[i]), text));
	printf("max %s  ", short_time(h->max_ns, text));
	printf("mean %s\n", short_time(hist_mean(h), text));
}

static void
print_failures(const struct load_counts *c)
{
	for (unsigned i = 0; i < LOAD_FAILURES; i++)
		if (c->failed[i] != 0)
			printf("failed      %llu %s\n", (unsigned long long)c->failed[i],
				failures[i].text);
}

void
report_print(const struct load_plan *plan, const struct load_total *t)
{
	const struct load_counts *c = &t->counts;
	char to[BARO_ENDPOINT_STRLEN];
	char text[16];

	printf("%-12s%s, %u of %u %s open, %.2f s measured\n", plan->mode->name,
		baro_endpoint_format(&plan->to, to), t->n_open, t->n_flows,
		plan->mode->is_udp ? "sockets" : "connections", (double)t->measured_ns / 1e9);
	if (c->requests != 0)
		printf("requests    %llu sent (%s/s)\n", (unsigned long long)c->requests,
			short_number(per_second(c->requests, t->measured_ns), text));
	if (plan->mode->has_replies)
		printf("answers     %llu (%s/s)\n", (unsigned long long)c->replies,
			short_number(per_second(c->replies, t->measured_ns), text));
	printf("octets      out %.3f Gbit/s, in %.3f Gbit/s\n",
		gigabits(c->octets_out, t->measured_ns), gigabits(c->octets_in, t->measured_ns));
	print_times(plan->rate != 0 ? "since due" : "latency", &t->latency);
	print_times("jitter", &t->jitter);
	if (plan->mode->is_udp && plan->mode->has_replies)
		printf("datagrams   %llu lost (%.4f %%), %llu reordered, %llu twice\n",
			(unsigned long long)c->lost,
			c->requests == 0 ? 0 : 100 * (double)c->lost / (double)c->requests,
			(unsigned long long)c->reordered, (unsigned long long)c->duplicates);
	print_failures(c);
	fflush(stdout);
}

static json_t *
json_times(const struct hist *h)
{
	static const double curve[] = { 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999 };
	json_t *times = json_object();
	char name[16];

	for (unsigned i = 0; i < sizeof(curve) / sizeof(curve[0]); i++) {
		snprintf(name, sizeof(name), "p%g", curve[i]);
		json_object_set_new(
			times, name, json_integer((json_int_t)hist_percentile(h, curve[i])));
	}
	json_object_set_new(times, "max", json_integer((json_int_t)h->max_ns));
	json_object_set_new(times, "mean", json_integer((json_int_t)hist_mean(h)));
	json_object_set_new(times, "count", json_integer((json_int_t)h->n));
	return times;
}

static json_t *
json_failures(const struct load_counts *c)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < LOAD_FAILURES; i++)
		json_object_set_new(all, failures[i].name, json_integer((json_int_t)c->failed[i]));
	return all;
}

static json_t *
json_of(const struct load_plan *plan, const struct load_total *t)
{
	const struct load_counts *c = &t->counts;
	char to[BARO_ENDPOINT_STRLEN];

	return json_pack(
		"{s:s, s:s, s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:f, s:I, s:f, s:f, s:I, "
		"s:I, s:I, s:o, s:o, s:o}",
		"mode", plan->mode->name, "to", baro_endpoint_format(&plan->to, to), "connections",
		(json_int_t)t->n_flows, "open", (json_int_t)t->n_open, "size",
		(json_int_t)plan->size, "depth", (json_int_t)plan->depth, "rate_wanted", plan->rate,
		"seconds", (double)t->measured_ns / 1e9, "requests", (json_int_t)c->requests,
		"answers", (json_int_t)c->replies, "answers_per_second",
		per_second(c->replies, t->measured_ns), "connections_opened", (json_int_t)c->opened,
		"gbit_per_second_out", gigabits(c->octets_out, t->measured_ns),
		"gbit_per_second_in", gigabits(c->octets_in, t->measured_ns), "lost",
		(json_int_t)c->lost, "reordered", (json_int_t)c->reordered, "duplicates",
		(json_int_t)c->duplicates, "failed", json_failures(c), "latency_ns",
		json_times(&t->latency), "jitter_ns", json_times(&t->jitter));
}

int
report_json(const struct load_plan *plan, const struct load_total *total)
{
	json_t *json = json_of(plan, total);
	int err;

	if (json == NULL)
		return -ENOMEM;
	if (strcmp(plan->json, "-") == 0) {
		err = json_dumpf(json, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF ? 0
											    : -EIO;
		fflush(stdout);
	} else {
		err = json_dump_file(json, plan->json, JSON_INDENT(2)) == 0 ? 0 : -EIO;
	}
	json_decref(json);
	return err;
}
