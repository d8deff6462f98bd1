/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections are watched: filters, and lines of records; see the header. */

#include "runtime/trace.h"

#include <baro/trace.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core.h"

enum {
	CONNS_MAX = 4096,
	LINE_LEN = 256,
};

struct tracer {
	baro_trace_fn fn;
	void *user;
	struct tcp_trace trace;
};

struct kind {
	const char *word;
	const char *field[TCP_TRACE_VALUES];
};

static const struct kind kinds[] = {
#define EVENT(name, word, ...) { word, { __VA_ARGS__ } },
#include "tcp/trace.def"
#undef EVENT
};

/* Which */

/** One of them, of @len characters. */
static bool
parse_one(const char *text, size_t len, struct tcp_trace_filter *f)
{
	char one[BARO_ENDPOINT_STRLEN];
	struct baro_endpoint ep = { .port = 0 };

	*f = (struct tcp_trace_filter){ 0 };
	if (len == 0 || len >= sizeof(one) - sizeof("0.0.0.0"))
		return false;
	snprintf(one, sizeof(one), "%s%.*s", text[0] == ':' ? "0.0.0.0" : "", (int)len, text);
	if (strcmp(one, "all") == 0)
		return true;
	if (baro_endpoint_parse(one, &ep) != 0 && baro_addr_parse(one, &ep.addr) != 0)
		return false;
	if (!baro_addr_is_v4(&ep.addr))
		return false;
	f->addr = baro_addr_to_v4(&ep.addr);
	f->port = ep.port;
	return f->addr != 0 || f->port != 0;
}

unsigned
trace_parse(const char *which, struct tcp_trace_filter filter[TCP_TRACE_FILTERS])
{
	for (unsigned n = 0; n < TCP_TRACE_FILTERS; n++) {
		size_t len = strcspn(which, ",");

		if (!parse_one(which, len, &filter[n]))
			return 0;
		if (which[len] == '\0')
			return n + 1;
		which += len + 1;
	}
	return 0;
}

/* Lines */

static void
to_stderr(const char *line, void *user)
{
	(void)user;
	fprintf(stderr, "%s\n", line);
}

static void
format_end(uint32_t addr, uint16_t port, char buf[BARO_ENDPOINT_STRLEN])
{
	const struct baro_endpoint ep = { .addr = baro_addr_from_v4(addr), .port = port };

	baro_endpoint_format(&ep, buf);
}

static void
format(const struct tcp_event *e, uint64_t now_ns, char line[LINE_LEN])
{
	const struct kind *kind = &kinds[e->kind];
	char ours[BARO_ENDPOINT_STRLEN];
	char theirs[BARO_ENDPOINT_STRLEN];
	int len;

	format_end(e->flow.laddr, e->flow.lport, ours);
	format_end(e->flow.faddr, e->flow.fport, theirs);
	len = snprintf(line, LINE_LEN, "%" PRIu64 ".%06" PRIu64 " %s %s %s", now_ns / NS_PER_SEC,
		now_ns / NS_PER_US % 1000000, ours, theirs, kind->word);
	for (unsigned i = 0; i < TCP_TRACE_VALUES && kind->field[i] != NULL; i++) {
		size_t room = LINE_LEN - (size_t)len;

		if (e->kind == TCP_TRACE_STATE)
			len += snprintf(line + len, room, " %s=%s", kind->field[i],
				tcp_state_name((enum tcp_state)e->value[i]));
		else
			len += snprintf(
				line + len, room, " %s=%" PRIu64, kind->field[i], e->value[i]);
	}
}

void
core_tell_trace(struct baro_core *core)
{
	struct tracer *tracer = core->tracer;
	struct tcp_trace *t = &tracer->trace;
	char line[LINE_LEN];

	for (unsigned i = 0; i < t->n; i++) {
		format(&t->event[i], core->stack.now_ns, line);
		tracer->fn(line, tracer->user);
	}
	t->n = 0;
	if (t->n_missed == 0)
		return;
	snprintf(line, sizeof(line), "%" PRIu64 " records or connections had no room", t->n_missed);
	t->n_missed = 0;
	tracer->fn(line, tracer->user);
}

/* On and off */

/** Have @what done with every connection of @tcp. */
static void
each_conn(struct tcp *tcp, void (*what)(struct tcp_conn *c))
{
	for (uint32_t i = 0; i < tcp->conns.n_made; i++) {
		struct tcp_conn *c = slab_at(&tcp->conns, i);

		if (c->tcp == tcp && (tcp_is(c, TCP_F_IN_TABLE) || c->trace_mark != 0))
			what(c);
	}
}

int
baro_trace_start(struct baro_core *core, const char *which, baro_trace_fn fn, void *user)
{
	struct tracer *tracer = calloc(1, sizeof(*tracer));
	struct tcp_trace *t;

	if (tracer == NULL)
		return -ENOMEM;
	t = &tracer->trace;
	t->n_filters = trace_parse(which, t->filter);
	if (t->n_filters == 0) {
		free(tracer);
		return -EINVAL;
	}
	if (slab_init(&t->marks, sizeof(struct tcp_trace_mark), CONNS_MAX, NULL) != 0) {
		free(tracer);
		return -ENOMEM;
	}
	baro_trace_stop(core);
	tracer->fn = fn != NULL ? fn : to_stderr;
	tracer->user = user;
	core->tracer = tracer;
	core->stack.tcp.common.trace = t;
	each_conn(&core->stack.tcp, trace_conn);
	return 0;
}

void
baro_trace_stop(struct baro_core *core)
{
	struct tracer *tracer = core->tracer;

	if (tracer == NULL)
		return;
	each_conn(&core->stack.tcp, trace_forget);
	core->stack.tcp.common.trace = NULL;
	core->tracer = NULL;
	slab_fini(&tracer->trace.marks);
	free(tracer);
}
