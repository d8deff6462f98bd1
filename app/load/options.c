/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of baro-load. */

#include "options.h"

#include <string.h>

#include "../value.h"
#include "mode.h"

void
load_plan_init(struct load_plan *plan)
{
	*plan = (struct load_plan){
		.mode = &load_ping,
		.n_to = 1,
		.flows = 1,
		.size = 64,
		.depth = 1,
		.stream = 50,
		.warmup_ns = NS_PER_SEC,
		.duration_ns = 10 * NS_PER_SEC,
		.timeout_ns = 2 * NS_PER_SEC,
	};
}

static const char *
read_u32(const char *text, uint32_t high, const char *problem, uint32_t *out)
{
	return value_whole(text, 1, high, out) ? NULL : problem;
}

static const char *
read_time(const char *text, uint64_t *ns)
{
	return value_time(text, ns) ? NULL : "not a time like 10s or 500ms, at most a day";
}

/** "198.18.0.2:7" or "198.18.0.2:7000+20". */
static const char *
set_to(const char *value, void *user)
{
	struct load_plan *plan = user;
	const char *plus = strchr(value, '+');
	size_t len = plus != NULL ? (size_t)(plus - value) : strlen(value);
	char to[BARO_ENDPOINT_STRLEN] = "";

	if (len >= sizeof(to))
		return "not an address and a port, like 198.18.0.2:7";
	memcpy(to, value, len);
	if (baro_endpoint_parse(to, &plan->to) != 0 || baro_addr_to_v4(&plan->to.addr) == 0 ||
		plan->to.port == 0)
		return "not an address and a port, like 198.18.0.2:7";
	plan->n_to = 1;
	if (plus != NULL)
		return read_u32(plus + 1, 65536u - plan->to.port,
			"behind +: how many ports of the server, up to 65535 the last one",
			&plan->n_to);
	return NULL;
}

static const char *
set_mode(const char *value, void *user)
{
	for (int i = 0; load_modes[i] != NULL; i++) {
		if (strcmp(load_modes[i]->name, value) == 0) {
			((struct load_plan *)user)->mode = load_modes[i];
			return NULL;
		}
	}
	return "no such mode; ping, http, send, idle, udp, udp-send or media";
}

/** "198.18.1.0" or "198.18.1.0+250". */
static const char *
set_from(const char *value, void *user)
{
	struct load_plan *plan = user;
	const char *plus = strchr(value, '+');
	char addr[BARO_ADDR_STRLEN] = "";
	size_t len = plus != NULL ? (size_t)(plus - value) : strlen(value);

	if (len >= sizeof(addr))
		return "not an address";
	memcpy(addr, value, len);
	plan->n_from = 1;
	if (baro_addr_parse(addr, &plan->from) != 0 || baro_addr_to_v4(&plan->from) == 0)
		return "not an address, or the first of several: 198.18.1.1+9";
	if (plus != NULL)
		return read_u32(plus + 1, BARO_IFACE_ADDRS - 1,
			"behind +: how many addresses, fewer than an interface may have",
			&plan->n_from);
	return NULL;
}

static const char *
set_connections(const char *value, void *user)
{
	return read_u32(
		value, 100000000, "not a number, 1..100M", &((struct load_plan *)user)->flows);
}

static const char *
set_size(const char *value, void *user)
{
	return read_u32(value, LOAD_SIZE_MAX, "not a number of octets, 1..1048576",
		&((struct load_plan *)user)->size);
}

static const char *
set_depth(const char *value, void *user)
{
	return read_u32(
		value, LOAD_DEPTH_MAX, "not a number, 1..1024", &((struct load_plan *)user)->depth);
}

static const char *
set_active(const char *value, void *user)
{
	return read_u32(value, 100000000, "not a number of connections, 1..100M",
		&((struct load_plan *)user)->active);
}

static const char *
set_among(const char *value, void *user)
{
	return read_u32(value, 100000000, "not a number of connections, 1..100M",
		&((struct load_plan *)user)->among);
}

static const char *
set_rate(const char *value, void *user)
{
	if (!value_number(value, 0.001, 1e9, &((struct load_plan *)user)->rate))
		return "not requests a second, like 100000, 50k or 1.5M";
	return NULL;
}

static const char *
set_pace(const char *value, void *user)
{
	return read_u32(value, 1000000, "not datagrams a second, 1..1M",
		&((struct load_plan *)user)->stream);
}

static const char *
set_close(const char *value, void *user)
{
	static const char *const names[] = { "keep", "fin", "rst", "server" };

	for (unsigned i = 0; i < 4; i++) {
		if (strcmp(names[i], value) == 0) {
			((struct load_plan *)user)->close = (enum load_close)i;
			return NULL;
		}
	}
	return "neither keep, fin, rst nor server";
}

static const char *
set_path(const char *value, void *user)
{
	if (*value != '/' || strlen(value) >= LOAD_PATH_MAX || strpbrk(value, " \r\n") != NULL)
		return "not a path: begins with /, has no blanks and fewer than 256 characters";
	strcpy(((struct load_plan *)user)->path, value);
	return NULL;
}

static const char *
set_warmup(const char *value, void *user)
{
	return read_time(value, &((struct load_plan *)user)->warmup_ns);
}

static const char *
set_duration(const char *value, void *user)
{
	return read_time(value, &((struct load_plan *)user)->duration_ns);
}

static const char *
set_ramp(const char *value, void *user)
{
	return read_time(value, &((struct load_plan *)user)->ramp_ns);
}

static const char *
set_timeout(const char *value, void *user)
{
	uint64_t *ns = &((struct load_plan *)user)->timeout_ns;
	const char *problem = read_time(value, ns);

	return problem == NULL && *ns < NS_PER_MS ? "less than 1ms" : problem;
}

static const char *
set_json(const char *value, void *user)
{
	((struct load_plan *)user)->json = value;
	return NULL;
}

static const char *
set_quiet(const char *value, void *user)
{
	(void)value;
	((struct load_plan *)user)->is_quiet = true;
	return NULL;
}

const struct baro_app_option load_option_table[] = {
	{ "to", "ADDR:PORT[+N]", "the server, of N ports from PORT on; needed", set_to },
	{ "mode", "MODE", "ping, http, send, idle, udp, udp-send, media (ping)", set_mode },
	{ "connections", "N", "connections, or UDP sockets, over all cores (1)", set_connections },
	{ "size", "N", "octets of a request or a datagram (64)", set_size },
	{ "path", "PATH", "http: what to get (/); send: what to POST to (no HTTP)", set_path },
	{ "depth", "N", "requests on their way on each connection (1)", set_depth },
	{ "active", "N",
		"connections that have a request on its way at a time; they take turns (all)",
		set_active },
	{ "among", "N",
		"connections that take these turns, evenly of all; the others stay idle (all)",
		set_among },
	{ "rate", "N",
		"requests a second in all, whatever comes back; latency counts from when each was "
		"due (as many as are answered)",
		set_rate },
	{ "close", "WHO", "a connection for each request, ended by fin, rst or server (keep)",
		set_close },
	{ "pace", "N", "media: datagrams a second of each stream (50)", set_pace },
	{ "from", "ADDR[+N]", "N source addresses from ADDR on, made ours (the port's)", set_from },
	{ "ramp", "TIME", "open the connections evenly in this time (0s)", set_ramp },
	{ "warmup", "TIME", "load before measuring (1s)", set_warmup },
	{ "duration", "TIME", "measure so long (10s)", set_duration },
	{ "timeout", "TIME", "a request without an answer has failed (2s)", set_timeout },
	{ "json", "FILE|-", "write the result as JSON, - for standard output", set_json },
	{ "quiet", NULL, "no line every second", set_quiet },
	{ NULL, NULL, NULL, NULL },
};

const char *
load_plan_check(struct load_plan *plan)
{
	if (plan->to.port == 0)
		return "--to ADDR:PORT is needed, like --to 198.18.0.2:7";
	if (plan->close != LOAD_KEEP && plan->depth != 1)
		return "--depth: with --close each connection has one request";
	if (plan->active > plan->flows)
		return "--active: more than --connections";
	if (plan->among > plan->flows)
		return "--among: more than --connections";
	if (plan->among != 0 && (plan->active == 0 || plan->active > plan->among))
		return "--among: --active says how many of these have a request at a time; as many "
		       "at most";
	if (plan->active != 0 && (plan->close != LOAD_KEEP || plan->rate != 0 || plan->depth != 1 ||
					 plan->mode->request == NULL))
		return "--active is for requests in turn on connections that are kept, without "
		       "--rate and --depth";
	return plan->mode->check(plan);
}
