/* SPDX-License-Identifier: BSD-3-Clause */

#include "story.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static const char *const counted[3] = { "TCP_OUT_SEGS", "TCP_IN_SEGS", "TCP_OUT_ACKS" };

__attribute__((format(printf, 3, 4))) static void
tell(struct fetch *f, const char *step, const char *form, ...)
{
	double ms = (double)(baro_core_now(f->core) - f->times.begun_ns) / 1e6;
	va_list args;

	if (!f->options->is_verbose)
		return;
	fprintf(f->story, "%10.3f ms  %-9s ", ms, step);
	va_start(args, form);
	vfprintf(f->story, form, args);
	va_end(args);
	fputc('\n', f->story);
	fflush(f->story);
}

static uint64_t
counter(const struct fetch *f, const char *name)
{
	struct baro_counter c;

	for (unsigned i = 0; baro_stat_read(f->core, i, &c) == 0; i++)
		if (strcmp(c.name, name) == 0)
			return c.value;
	return 0;
}

static uint64_t
counted_since(const struct fetch *f, unsigned which)
{
	return counter(f, counted[which]) - f->counters[which];
}

void
story_begin(struct fetch *f)
{
	char url[URL_TEXT_MAX];

	tell(f, "url", "%s", url_format(&f->url, url));
}

void
story_name(struct fetch *f, const struct baro_host *host)
{
	char addr[BARO_ADDR_STRLEN], server[BARO_ENDPOINT_STRLEN],
		how[96] = "it is an address already";
	char ttl[32] = "";

	baro_addr_format(&host->addr[0], addr);
	if (host->ttl_s != 0)
		snprintf(ttl, sizeof(ttl), ", holds %" PRIu32 " s", host->ttl_s);
	if (host->source == BARO_SOURCE_HOSTS)
		snprintf(how, sizeof(how), "of the hosts file");
	else if (host->source != BARO_SOURCE_TEXT)
		snprintf(how, sizeof(how), "%s name server %s",
			host->source == BARO_SOURCE_CACHE ? "in the cache, by" : "by",
			baro_endpoint_format(&host->server, server));
	tell(f, "name", "%s -> %s (%s%s)", f->url.host, addr, how, ttl);
	if (strcmp(host->name, f->url.host) != 0)
		tell(f, "name", "%s is its canonical name", host->name);
	for (unsigned i = 1; i < host->n_addrs; i++)
		tell(f, "name", "  or %s", baro_addr_format(&host->addr[i], addr));
}

static bool
is_within(uint32_t addr, const struct baro_route *r)
{
	uint32_t mask = r->prefix_len != 0 ? UINT32_MAX << (32 - r->prefix_len) : 0;

	return (addr & mask) == (baro_addr_to_v4(&r->dest) & mask);
}

/* The longest prefix wins, then the least metric. @return false: no route */
static bool
find_route(const struct fetch *f, struct baro_route *best)
{
	uint32_t addr = baro_addr_to_v4(&f->remote.addr);
	struct baro_route r;
	bool is_found = false;

	for (unsigned i = 0; baro_route_read(f->core, i, &r) == 0; i++) {
		if (!is_within(addr, &r) ||
			(is_found && (r.prefix_len < best->prefix_len ||
					     (r.prefix_len == best->prefix_len &&
						     r.metric >= best->metric))))
			continue;
		*best = r;
		is_found = true;
	}
	return is_found;
}

void
story_route(struct fetch *f)
{
	char dest[BARO_ADDR_STRLEN], gateway[BARO_ADDR_STRLEN], source[BARO_ADDR_STRLEN];
	struct baro_route r;

	if (!f->options->is_verbose || !find_route(f, &r))
		return;
	baro_addr_format(&r.dest, dest);
	baro_addr_format(&f->local.addr, source);
	if (baro_addr_to_v4(&r.gateway) != 0)
		tell(f, "route", "%s/%u by gateway %s on %s, source address %s", dest, r.prefix_len,
			baro_addr_format(&r.gateway, gateway), r.iface, source);
	else
		tell(f, "route", "%s/%u is on the link of %s, source address %s", dest,
			r.prefix_len, r.iface, source);
}

void
story_connect(struct fetch *f)
{
	char remote[BARO_ENDPOINT_STRLEN], local[BARO_ENDPOINT_STRLEN];

	for (unsigned i = 0; i < 3; i++)
		f->counters[i] = counter(f, counted[i]);
	f->told_acked = false;
	f->told_state = NULL;
	tell(f, "socket", "%s -> %s, TCP", baro_endpoint_format(&f->local, local),
		baro_endpoint_format(&f->remote, remote));
	tell(f, "SYN", "-> MSS %u", f->info.advmss);
}

/* Who takes our packets: the host itself, or the gateway. */
static void
tell_neighbour(struct fetch *f)
{
	char addr[BARO_ADDR_STRLEN];
	struct baro_route r;
	struct baro_neigh n;
	uint32_t hop, at = 0;

	if (!find_route(f, &r))
		return;
	hop = baro_addr_to_v4(baro_addr_to_v4(&r.gateway) != 0 ? &r.gateway : &f->remote.addr);
	while (baro_neigh_next(f->core, &at, &n) == 0) {
		if (baro_addr_to_v4(&n.addr) != hop)
			continue;
		tell(f, "ARP", "%s is at %02x:%02x:%02x:%02x:%02x:%02x on %s",
			baro_addr_format(&n.addr, addr), n.mac[0], n.mac[1], n.mac[2], n.mac[3],
			n.mac[4], n.mac[5], n.iface);
		return;
	}
}

void
story_connected(struct fetch *f)
{
	const struct baro_tcp_info *i = &f->info;

	if (f->options->is_verbose)
		tell_neighbour(f);
	tell(f, "SYN,ACK", "<- after %.3f ms; MSS %u%s%s%s", (double)i->rtt_ns / 1e6, i->snd_mss,
		i->has_timestamps ? ", timestamps" : "", i->has_sack ? ", SACK" : "",
		i->has_wscale ? ", window scale" : "");
	tell(f, "ACK", "-> the connection is established; window %" PRIu32 " octets", i->rcv_wnd);
}

void
story_request(struct fetch *f)
{
	const char *line = f->request;
	const char *end;

	tell(f, "request", "-> %zu octets", f->request_len);
	for (; (end = strstr(line, "\r\n")) != NULL && end != line; line = end + 2)
		tell(f, "", "> %.*s", (int)(end - line), line);
}

void
story_first_octet(struct fetch *f)
{
	tell(f, "response", "<- begins");
}

void
story_head(struct fetch *f, const char *line)
{
	if (line[0] != '\0')
		tell(f, "", "< %s", line);
}

void
story_body(struct fetch *f)
{
	const struct baro_tcp_info *i = &f->info;

	tell(f, "response", "<- complete: %" PRIu64 " octets of body", f->output.written);
	tell(f, "segments",
		"%" PRIu64 " in, %" PRIu64 " out (%" PRIu64 " of them ACKs alone); %" PRIu64
		" octets received, %" PRIu64 " sent and acknowledged, %" PRIu32
		" segments sent again",
		counted_since(f, 1), counted_since(f, 0), counted_since(f, 2), i->octets_received,
		i->octets_acked, i->retransmits);
	tell(f, "segments", "round trip %.3f ms, window grown to %" PRIu32 " octets",
		(double)i->rtt_ns / 1e6, i->rcv_buf);
}

/* What a state of RFC 9293 §3.3.2 says about FINs and their ACKs. */
void
story_state(struct fetch *f)
{
	static const struct {
		const char *state, *step, *text;
	} rows[] = {
		{ "FIN-WAIT-1", "FIN", "-> we have finished" },
		{ "FIN-WAIT-2", "ACK", "<- of our FIN" },
		{ "CLOSE-WAIT", "FIN", "<- the server has finished; ACK ->" },
		{ "CLOSING", "FIN", "<- at the same time; ACK ->" },
		{ "LAST-ACK", "FIN", "-> and so have we" },
		{ "TIME-WAIT", "FIN", "<- the server has finished; ACK ->" },
	};

	if (f->info.octets_acked >= f->request_len && !f->told_acked && f->request_sent != 0) {
		f->told_acked = true;
		tell(f, "ACK", "<- of the request");
	}
	if (f->told_state != NULL && strcmp(f->told_state, f->info.state) == 0)
		return;
	f->told_state = f->info.state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(f->info.state, rows[i].state) == 0)
			tell(f, rows[i].step, "%s", rows[i].text);
}

void
story_closed(struct fetch *f, int err)
{
	if (err != 0)
		tell(f, "closed", "%s", strerror(-err));
	else if (f->peer_has_closed)
		tell(f, "ACK", "<- of our FIN; the connection is over, TIME-WAIT is the server's");
	else
		tell(f, "TIME-WAIT",
			"this pair of ports stays unused for a while: late segments "
			"are to meet nobody");
}

void
story_problem(struct fetch *f)
{
	tell(f, "problem", "%s", f->problem);
}
