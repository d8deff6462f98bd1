/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-stat top: what each core did since the last look. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "stat.h"

static volatile sig_atomic_t is_stopped;

static void
stop(int signal)
{
	(void)signal;
	is_stopped = 1;
}

static double
rate(const json_t *now, const json_t *before, const char *key, double seconds)
{
	return (double)(number_of(now, key) - number_of(before, key)) / seconds;
}

static void
show_core(const json_t *now, const json_t *before, double seconds, struct table *t)
{
	table_row(t);
	table_word(t, 0, "%lld", (long long)number_of(now, "core"));
	table_word(t, 1, "%lld", (long long)number_of(now, "cpu"));
	table_word(t, 2, "%.1f", rate(now, before, "busy_ns", seconds) / 1e7);
	table_word(t, 3, "%.0f", rate(now, before, "rx_packets", seconds));
	table_word(t, 4, "%.0f", rate(now, before, "tx_packets", seconds));
	table_word(t, 5, "%.3f", rate(now, before, "rx_octets", seconds) * 8 / 1e9);
	table_word(t, 6, "%.3f", rate(now, before, "tx_octets", seconds) * 8 / 1e9);
	table_word(t, 7, "%.0f", rate(now, before, "opens", seconds));
	table_word(t, 8, "%lld", (long long)number_of(now, "conns"));
	table_word(t, 9, "%.0f", rate(now, before, "drops", seconds));
}

static double
seconds_between(const json_t *before, const json_t *now)
{
	double s = (double)(number_of(now, "time_ns") - number_of(before, "time_ns")) / 1e9;

	return s > 0 ? s : 1;
}

static void
show(const json_t *before, const json_t *now)
{
	json_t *cores = json_object_get(now, "cores");
	json_t *old = json_object_get(before, "cores");
	struct table t;
	json_t *row;
	size_t i;

	table_init(&t, "Core>|CPU>|Busy %>|pps in>|pps out>|Gbit/s in>|Gbit/s "
		       "out>|conn/s>|Conns>|drops/s>");
	json_array_foreach(cores, i, row)
		show_core(row, json_array_get(old, i), seconds_between(before, now), &t);
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	table_print(&t);
	fflush(stdout);
}

/* The same numbers as an object a core, all cores a line. */
static void
show_json(const json_t *before, const json_t *now)
{
	json_t *cores = json_object_get(now, "cores");
	json_t *rows = json_array();
	json_t *row;
	size_t i;

	json_array_foreach(cores, i, row)
	{
		const json_t *old = json_array_get(json_object_get(before, "cores"), i);
		double s = seconds_between(before, now);

		json_array_append_new(
			rows, json_pack("{s:I,s:I,s:f,s:f,s:f,s:f,s:f,s:f,s:I,s:f}", "core",
				      number_of(row, "core"), "cpu", number_of(row, "cpu"),
				      "busy_percent", rate(row, old, "busy_ns", s) / 1e7, "rx_pps",
				      rate(row, old, "rx_packets", s), "tx_pps",
				      rate(row, old, "tx_packets", s), "rx_gbit_s",
				      rate(row, old, "rx_octets", s) * 8 / 1e9, "tx_gbit_s",
				      rate(row, old, "tx_octets", s) * 8 / 1e9, "conn_s",
				      rate(row, old, "opens", s), "conns", number_of(row, "conns"),
				      "drops_s", rate(row, old, "drops", s)));
	}
	json_dumpf(rows, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(rows);
}

static json_t *
look(const struct request *r)
{
	json_t *now = client_ask_all(r->client, "/baro/cores", "", "cores");

	return is_refused(now) ? NULL : now;
}

int
show_top(const struct request *r)
{
	const struct timespec pause = { .tv_sec = (time_t)r->interval_s,
		.tv_nsec = (long)((r->interval_s - (double)(time_t)r->interval_s) * 1e9) };
	const struct sigaction action = { .sa_handler = stop };
	json_t *before = look(r);

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	for (unsigned i = 0; before != NULL && (r->n_times == 0 || i < r->n_times); i++) {
		json_t *now;

		nanosleep(&pause, NULL);
		if (is_stopped)
			break;
		now = look(r);
		if (now != NULL)
			r->json ? show_json(before, now) : show(before, now);
		json_decref(before);
		before = now;
	}
	if (before == NULL)
		return EXIT_REFUSED;
	json_decref(before);
	return EXIT_FINE;
}
