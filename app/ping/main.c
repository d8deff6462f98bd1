/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-ping: ping as iputils has it, from our own stack. */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ping.h"

#define NS_PER_SEC UINT64_C(1000000000)

struct program {
	struct ping_options options;
	struct ping_totals totals;
	struct baro_core *core; /* the one that pings; others look on */
	struct baro_ping *ping;
	struct baro_timer next; /* the next request, or the end */
	uint32_t n_settled;     /* requests of which we know what became of them */
};

static void
end(struct program *p)
{
	baro_timer_stop(p->core, &p->next);
	baro_app_end(p->totals.n_received != 0 ? 0 : 1);
}

static bool
is_complete(const struct program *p)
{
	return p->options.count != 0 && p->totals.n_sent == p->options.count &&
	       p->n_settled == p->options.count;
}

static void
heard(struct baro_ping *ping, const struct baro_ping_news *news)
{
	struct program *p = baro_ping_user(ping);

	ping_take_news(&p->totals, &p->options, news);
	p->totals.last_ns = baro_core_now(p->core);
	if (news->what != BARO_PING_REPLY || !news->is_duplicate)
		p->n_settled++;
	if (is_complete(p))
		end(p);
}

static void
send_next(struct baro_timer *t, uint64_t now_ns)
{
	struct program *p = (struct program *)((char *)t - offsetof(struct program, next));
	int rc = baro_ping_send(p->ping);

	p->totals.n_sent++;
	p->totals.last_ns = now_ns;
	if (rc < 0) {
		p->n_settled++;
		ping_take_refusal(&p->totals, &p->options, rc);
	}
	if (is_complete(p))
		end(p);
	else if (p->options.count == 0 || p->totals.n_sent < p->options.count)
		baro_timer_start(p->core, t, now_ns + p->options.interval_ns);
}

static const char *
check(void *user)
{
	return ((struct program *)user)->options.name != NULL
		       ? NULL
		       : "no destination: name a host, or its IPv4 address";
}

static int
begin(struct program *p)
{
	const struct baro_ping_opts opts = {
		.to = p->options.to,
		.len = p->options.len,
		.ttl = p->options.ttl,
		.tos = p->options.tos,
		.df = p->options.has_df,
		.timeout_ns = p->options.wait_ns,
		.heard = heard,
		.user = p,
	};
	int err = baro_ping_open(p->core, &opts, &p->ping);

	if (err != 0)
		return err;
	ping_print_head(&p->options);
	p->next.fire = send_next;
	p->totals.begun_ns = baro_core_now(p->core);
	p->totals.last_ns = p->totals.begun_ns;
	baro_timer_start(p->core, &p->next, p->totals.begun_ns);
	return 0;
}

/* The name has an address. */
static void
found(int err, const struct baro_host *host, void *user)
{
	struct program *p = user;

	if (err == 0) {
		p->options.to = host->addr[0];
		err = begin(p);
	}
	if (err == 0)
		return;
	fprintf(stderr, "baro-ping: %s: %s\n", p->options.name, strerror(-err));
	baro_app_end(2);
}

static int
start(struct baro_core *core, void *user)
{
	struct program *p = user;

	if (baro_core_id(core) != 0)
		return 0;
	p->core = core;
	return baro_getaddrinfo(core, p->options.name, NULL, found, p, NULL);
}

/* Interrupted or complete. */
static void
drain(struct baro_core *core, void *user)
{
	struct program *p = user;

	if (p->core != core || p->ping == NULL)
		return;
	ping_print_end(&p->totals, &p->options);
	if (p->totals.n_received == 0)
		baro_app_end(1);
}

int
main(int argc, char **argv)
{
	struct program p = {
		.options = { .interval_ns = NS_PER_SEC, .wait_ns = 10 * NS_PER_SEC, .len = 56 },
	};
	const struct baro_app app = {
		.name = "baro-ping",
		.about = "asks a host whether it is there, by ICMP echo",
		.options = ping_app_options,
		.user = &p,
		.is_quiet = true,
		.check = check,
		.start = start,
		.drain = drain,
	};

	return baro_app_main(&app, argc, argv);
}
