/* SPDX-License-Identifier: BSD-3-Clause */

/* Telemetry: what can be changed while the program runs. Each core has its own tables: all are told. */

#include <baro/neigh.h>
#include <baro/trace.h>
#include <errno.h>
#include <rte_log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/tables.h"
#include "runtime/tel.h"

/** What is to be changed, for the functions that do it on a core. */
struct change {
	crew_change_fn make;
	crew_change_fn undo; /* NULL: make removes something, which is to be gone from all cores */
	struct baro_route route;
	struct baro_iface_addr addr;
	uint8_t mac[6];
	const char *which; /* connections, as baro_trace_start() has it */
};

/** What an errno means here; the last one, of 0, is what any other means. */
struct reason {
	int err;
	const char *text;
};

static const char *
reason_of(int err, const struct reason *reasons)
{
	static const struct reason of_all[] = {
		{ -ETIMEDOUT,
			"a core does not answer: its application's callback does not return" },
		{ -ESHUTDOWN, "the program is beginning or ending" },
		{ -ENOMEM, "not enough memory" },
	};

	for (unsigned i = 0; i < ARRAY_LEN(of_all); i++)
		if (of_all[i].err == err)
			return of_all[i].text;
	while (reasons->err != 0 && reasons->err != err)
		reasons++;
	return reasons->text;
}

/** "0,2" */
static void
list_cores(uint64_t cores, char *text, size_t len)
{
	size_t n = 0;

	text[0] = '\0';
	for (unsigned core = 0; cores >> core != 0 && core < 64 && n < len; core++)
		if ((cores >> core & 1) != 0)
			n += (size_t)snprintf(text + n, len - n, "%s%u", n != 0 ? "," : "", core);
}

/** Tell all cores, and tell how it went. @return 0 */
static int
tell_all(const struct telemetry *t, const struct change *c, const struct reason *reasons,
	struct rte_tel_data *d)
{
	struct crew_outcome o = c->undo != NULL ? crew_change(t->crew, c->make, c->undo, c)
						: crew_remove(t->crew, c->make, c);
	char cores[64 * 3];

	if (o.err == 0) {
		rte_tel_data_start_dict(d);
		rte_tel_data_add_dict_string(d, "done", "on all cores");
		return 0;
	}
	if (o.made == 0)
		return tel_refuse(d, "%s", reason_of(o.err, reasons));
	list_cores(o.made, cores, sizeof(cores));
	return tel_refuse(
		d, "core %u: %s; done on cores %s", o.core, reason_of(o.err, reasons), cores);
}

/* "198.18.0.0/24", or "198.18.0.1" for @whole octets of prefix. @return false: it is neither */
static bool
read_prefix(const char *text, struct baro_addr *addr, uint8_t *prefix_len)
{
	char host[BARO_ADDR_STRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	unsigned long bits = 32;
	char *end;

	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (slash != NULL) {
		bits = strtoul(slash + 1, &end, 10);
		if (end == slash + 1 || *end != '\0' || bits > 32)
			return false;
	}
	*prefix_len = (uint8_t)bits;
	return baro_addr_parse(host, addr) == 0;
}

/* Routes */

static int
add_route(struct baro_core *core, const void *what)
{
	const struct change *c = what;

	return baro_route_add(core, &c->route);
}

static int
del_route(struct baro_core *core, const void *what)
{
	const struct change *c = what;

	return baro_route_del(core, &c->route);
}

/* @return false: refused, and told */
static bool
read_route(const char *params, struct baro_route *r, struct rte_tel_data *d)
{
	char text[BARO_ADDR_STRLEN + 4];
	uint64_t metric;

	if (!tel_param(params, "to", text, sizeof(text))) {
		tel_refuse(d, "to: which network? to=198.18.1.0/24, or to=default");
		return false;
	}
	if (strcmp(text, "default") != 0 && !read_prefix(text, &r->dest, &r->prefix_len)) {
		tel_refuse(d, "to: \"%s\" is no network like 198.18.1.0/24, nor default", text);
		return false;
	}
	if (tel_param(params, "via", text, sizeof(text)) &&
		baro_addr_parse(text, &r->gateway) != 0) {
		tel_refuse(d, "via: \"%s\" is no address", text);
		return false;
	}
	if (!tel_number(params, "metric", UINT32_MAX, 0, &metric)) {
		tel_refuse(d, "metric: not a number of 32 bits");
		return false;
	}
	r->metric = (uint32_t)metric;
	tel_param(params, "dev", r->iface, sizeof(r->iface));
	return true;
}

int
tel_route_add(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct reason reasons[] = {
		{ -EEXIST, "the same route is there" },
		{ -ENOENT, "dev: no such interface" },
		{ -ENETUNREACH, "via: not in a network of the interface, or of any" },
		{ 0, "give via or dev; a network without bits beyond its length; a gateway that is "
		     "another host" },
	};
	struct change c = { .make = add_route, .undo = del_route };

	if (!read_route(params, &c.route, d))
		return 0;
	return tell_all(t, &c, reasons, d);
}

int
tel_route_del(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct reason reasons[] = { { 0, "there is no such route that was added" } };
	struct change c = { .make = del_route };

	if (!read_route(params, &c.route, d))
		return 0;
	return tell_all(t, &c, reasons, d);
}

/* Addresses */

static int
add_addr(struct baro_core *core, const void *what)
{
	const struct change *c = what;

	return baro_addr_add(core, c->addr.iface, &c->addr.addr, c->addr.prefix_len);
}

static int
del_addr(struct baro_core *core, const void *what)
{
	const struct change *c = what;

	return baro_addr_del(core, c->addr.iface, &c->addr.addr);
}

/* @return false: refused, and told */
static bool
read_addr(const char *params, struct baro_iface_addr *a, struct rte_tel_data *d)
{
	char text[BARO_ADDR_STRLEN + 4];

	if (!tel_param(params, "addr", text, sizeof(text)) ||
		!read_prefix(text, &a->addr, &a->prefix_len)) {
		tel_refuse(d, "addr: which address? addr=198.18.0.3/24");
		return false;
	}
	if (!tel_param(params, "dev", a->iface, sizeof(a->iface))) {
		tel_refuse(d, "dev: on which interface? dev=port0");
		return false;
	}
	return true;
}

int
tel_addr_add(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct reason reasons[] = {
		{ -EEXIST, "we have the address already" },
		{ -ENOENT, "dev: no such interface" },
		{ -ENOSPC, "the interface has as many addresses as it can" },
		{ 0, "addr: no host has such an address" },
	};
	struct change c = { .make = add_addr, .undo = del_addr };

	if (!read_addr(params, &c.addr, d))
		return 0;
	return tell_all(t, &c, reasons, d);
}

int
tel_addr_del(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct reason reasons[] = {
		{ -EBUSY, "it is the interface's last address" },
		{ 0, "no such interface, or the address is not its own" },
	};
	struct change c = { .make = del_addr };

	if (!read_addr(params, &c.addr, d))
		return 0;
	return tell_all(t, &c, reasons, d);
}

/* Neighbours */

static int
add_neigh(struct baro_core *core, const void *what)
{
	const struct change *c = what;

	return baro_neigh_add(core, c->addr.iface, &c->addr.addr, c->mac);
}

static int
del_neigh(struct baro_core *core, const void *what)
{
	const struct change *c = what;

	return baro_neigh_del(core, c->addr.iface, &c->addr.addr);
}

static bool
read_mac(const char *text, uint8_t mac[6])
{
	char rest;

	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &mac[0], &mac[1], &mac[2],
		       &mac[3], &mac[4], &mac[5], &rest) == 6;
}

/* @return false: refused, and told */
static bool
read_neigh(const char *params, struct change *c, struct rte_tel_data *d)
{
	char text[BARO_ADDR_STRLEN];

	if (!tel_param(params, "addr", text, sizeof(text)) ||
		baro_addr_parse(text, &c->addr.addr) != 0) {
		tel_refuse(d, "addr: which neighbour? addr=198.18.0.1");
		return false;
	}
	tel_param(params, "dev", c->addr.iface, sizeof(c->addr.iface));
	return true;
}

int
tel_neigh_add(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct reason reasons[] = {
		{ -ENOENT, "no such interface, or none in whose network the address is" },
		{ -ENOBUFS, "the table is full of neighbours in use" },
		{ 0, "not another host's address, or no host's MAC" },
	};
	struct change c = { .make = add_neigh, .undo = del_neigh };
	char text[24] = "";

	if (!read_neigh(params, &c, d))
		return 0;
	tel_param(params, "mac", text, sizeof(text));
	if (!read_mac(text, c.mac))
		return tel_refuse(d, "mac: \"%s\" is none like 02:00:00:00:00:09", text);
	return tell_all(t, &c, reasons, d);
}

int
tel_neigh_del(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct reason reasons[] = { { 0, "there is no such neighbour" } };
	struct change c = { .make = del_neigh };

	if (!read_neigh(params, &c, d))
		return 0;
	return tell_all(t, &c, reasons, d);
}

/* Traces: lines on the standard error of the process */

static int
start_trace(struct baro_core *core, const void *what)
{
	const struct change *c = what;

	return baro_trace_start(core, c->which, NULL, NULL);
}

static int
stop_trace(struct baro_core *core, const void *what)
{
	(void)what;
	baro_trace_stop(core);
	return 0;
}

int
tel_trace(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct reason reasons[] = { { 0, "connections as 198.18.0.1:5001, 198.18.0.1, "
						      ":5001 or all; several with commas" } };
	struct change c = { .make = start_trace, .undo = stop_trace, .which = params };

	if (params == NULL || params[0] == '\0')
		return tel_refuse(d, "which connections? all, 198.18.0.1:5001, ...; or off");
	if (strcmp(params, "off") == 0)
		c.make = stop_trace;
	return tell_all(t, &c, reasons, d);
}

/* Logs */

static const char *const levels[] = {
	[RTE_LOG_EMERG] = "emergency",
	[RTE_LOG_ALERT] = "alert",
	[RTE_LOG_CRIT] = "critical",
	[RTE_LOG_ERR] = "error",
	[RTE_LOG_WARNING] = "warning",
	[RTE_LOG_NOTICE] = "notice",
	[RTE_LOG_INFO] = "info",
	[RTE_LOG_DEBUG] = "debug",
};

/* @return 0: no such level */
static uint32_t
level_of(const char *name)
{
	for (uint32_t i = RTE_LOG_EMERG; i < ARRAY_LEN(levels); i++)
		if (strcmp(levels[i], name) == 0)
			return i;
	return 0;
}

/* DPDK lists its types in prose: "id 5: lib.eal, level is info". */
static void
list_types(struct rte_tel_data *d)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	rte_tel_data_start_dict(d);
	if (out == NULL)
		return;
	rte_log_dump(out);
	fclose(out);
	for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
		char type[64], level[32];

		if (sscanf(line, "id %*d: %63[^,], level is %31s", type, level) != 2)
			continue;
		for (char *at = type; *at != '\0'; at++) /* DPDK wants names of keys so */
			*at = *at == '.' || *at == '-' ? '/' : *at;
		rte_tel_data_add_dict_string(d, type, level);
	}
	free(text);
}

int
tel_log(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	char pattern[64], level[32] = "";
	uint32_t n;

	(void)t;
	if (!tel_param(params, "type", pattern, sizeof(pattern))) {
		list_types(d);
		return 0;
	}
	tel_param(params, "level", level, sizeof(level));
	n = level_of(level);
	if (n == 0)
		return tel_refuse(d,
			"level: \"%s\" is none of emergency, alert, critical, error, "
			"warning, notice, info, debug",
			level);
	if (rte_log_set_level_pattern(pattern, n) != 0)
		return tel_refuse(d, "type: \"%s\" is no pattern", pattern);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "done", pattern);
	return 0;
}
