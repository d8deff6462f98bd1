/* SPDX-License-Identifier: BSD-3-Clause */

/* Prometheus's text format; see the header. Metric names end with their unit, counters with _total. */

#include "runtime/metrics.h"

#include <baro/stats.h>
#include <ctype.h>
#include <inttypes.h>
#include <rte_version.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/crew.h"
#include "runtime/version.h"

/** Text that grows up to its room. */
struct lines {
	char *octets;
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) say(struct lines *t, const char *format, ...)
{
	size_t room = METRICS_ITEM_LEN - t->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->octets + t->len, room, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < room)
		t->len += (size_t)n;
	t->octets[t->len] = '\0'; /* a line that does not fit is left out */
}

/* Of a program the @i-th, else the core itself; NULL: there are fewer. */
static const struct baro_core *
core_at(const struct baro_core *core, unsigned i)
{
	if (core->crew != NULL)
		return crew_at(core->crew, i);
	return i == 0 ? core : NULL;
}

static bool
ends_with(const char *word, const char *end)
{
	size_t n = strlen(word), m = strlen(end);

	return n >= m && strcmp(word + n - m, end) == 0;
}

/* "RX_OCTETS" is baro_rx_bytes_total, "BUSY_NS" baro_busy_seconds_total. */
static void
name_counter(const char *name, char out[64])
{
	size_t len = strlen(name);
	const char *unit = "";

	if (ends_with(name, "_OCTETS")) {
		len -= strlen("OCTETS");
		unit = "bytes_";
	} else if (ends_with(name, "_NS")) {
		len -= strlen("NS");
		unit = "seconds_";
	} else {
		unit = "_";
	}
	snprintf(out, 64, "baro_%.*s%stotal", (int)len, name, unit);
	for (; *out != '\0'; out++)
		*out = (char)tolower(*out);
}

static void
say_counter(const struct baro_core *core, unsigned i, struct lines *t)
{
	struct baro_counter c;
	const struct baro_core *one;
	char name[64];
	bool is_time;

	baro_stat_read(core, i, &c);
	is_time = ends_with(c.name, "_NS");
	name_counter(c.name, name);
	say(t, "# HELP %s %s\n# TYPE %s counter\n", name,
		is_time ? "seconds of turns that had work" : c.sentence, name);
	for (unsigned n = 0; (one = core_at(core, n)) != NULL; n++) {
		baro_stat_read(one, i, &c);
		if (is_time)
			say(t, "%s{core=\"%u\"} %" PRIu64 ".%09" PRIu64 "\n", name, n,
				c.value / NS_PER_SEC, c.value % NS_PER_SEC);
		else
			say(t, "%s{core=\"%u\"} %" PRIu64 "\n", name, n, c.value);
	}
}

/* All reasons are one metric, so that they can be summed. */
static void
say_drop(const struct baro_core *core, unsigned i, struct lines *t)
{
	const struct baro_core *one;
	struct baro_counter c;

	if (i == 0)
		say(t, "# HELP baro_drops_total packets dropped, by reason; baro_drop_reason_info "
		       "says what each means\n# TYPE baro_drops_total counter\n");
	for (unsigned n = 0; (one = core_at(core, n)) != NULL; n++) {
		baro_drop_read(one, i, &c);
		say(t, "baro_drops_total{core=\"%u\",layer=\"%s\",reason=\"%s\"} %" PRIu64 "\n", n,
			c.layer, c.name, c.value);
	}
}

static void
say_reason(const struct baro_core *core, unsigned i, struct lines *t)
{
	struct baro_counter c;

	if (i == 0)
		say(t, "# HELP baro_drop_reason_info what a reason of baro_drops_total means\n"
		       "# TYPE baro_drop_reason_info gauge\n");
	baro_drop_read(core, i, &c);
	say(t, "baro_drop_reason_info{reason=\"%s\",meaning=\"%s\"} 1\n", c.name, c.sentence);
}

static const struct gauge {
	const char *name;
	const char *help;
	size_t offset; /* in struct baro_usage */
} gauges[] = {
	{ "baro_connections", "connections from ESTABLISHED on, and our own in SYN-SENT",
		offsetof(struct baro_usage, conns) },
	{ "baro_resting_connections", "connections that are idle and have no control block",
		offsetof(struct baro_usage, resting) },
	{ "baro_syn_received_connections", "connections of listeners in SYN-RECEIVED",
		offsetof(struct baro_usage, embryos) },
	{ "baro_time_wait_connections", "connections in TIME-WAIT",
		offsetof(struct baro_usage, time_waits) },
	{ "baro_listeners", "TCP listeners", offsetof(struct baro_usage, listeners) },
	{ "baro_neighbours", "entries of the neighbour cache",
		offsetof(struct baro_usage, neighbours) },
	{ "baro_timers", "timers armed", offsetof(struct baro_usage, timers) },
	{ "baro_packet_buffers_used", "mbufs in use, of both pools",
		offsetof(struct baro_usage, mbufs) },
};

static void
say_gauge(const struct baro_core *core, unsigned i, struct lines *t)
{
	const struct gauge *g = &gauges[i];
	const struct baro_core *one;

	say(t, "# HELP %s %s\n# TYPE %s gauge\n", g->name, g->help, g->name);
	for (unsigned n = 0; (one = core_at(core, n)) != NULL; n++) {
		struct baro_usage usage;
		uint32_t value;

		baro_usage_read(one, &usage);
		memcpy(&value, (const char *)&usage + g->offset, sizeof(value));
		say(t, "%s{core=\"%u\"} %" PRIu32 "\n", g->name, n, value);
	}
}

static void
say_build(const struct baro_core *core, unsigned i, struct lines *t)
{
	(void)core;
	(void)i;
	say(t,
		"# HELP baro_build_info versions\n# TYPE baro_build_info gauge\n"
		"baro_build_info{version=\"%s\",dpdk=\"%s\"} 1\n",
		BARO_VERSION, rte_version());
}

size_t
metrics_item(const struct baro_core *core, unsigned i, char octets[METRICS_ITEM_LEN])
{
	const struct {
		void (*say)(const struct baro_core *core, unsigned i, struct lines *t);
		unsigned n;
	} parts[] = {
		{ say_counter, baro_stat_count() },
		{ say_drop, baro_drop_count() },
		{ say_reason, baro_drop_count() },
		{ say_gauge, ARRAY_LEN(gauges) },
		{ say_build, 1 },
	};
	struct lines t = { .octets = octets };

	octets[0] = '\0';
	for (size_t part = 0; part < ARRAY_LEN(parts); part++) {
		if (i < parts[part].n) {
			parts[part].say(core, i, &t);
			return t.len;
		}
		i -= parts[part].n;
	}
	return 0;
}

size_t
baro_metrics_write(const struct baro_core *core, char *text, size_t len)
{
	char item[METRICS_ITEM_LEN];
	size_t total = 0;
	size_t n;

	for (unsigned i = 0; (n = metrics_item(core, i, item)) != 0; i++) {
		if (total + n < len)
			memcpy(text + total, item, n + 1);
		total += n;
	}
	return total;
}
