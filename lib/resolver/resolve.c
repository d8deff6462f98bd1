/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* The public calls of baro/resolve.h, and what their callbacks are told. */

#include <baro/resolve.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/answer.h"
#include "resolver/lookup.h"

const char *
baro_source_name(enum baro_source source)
{
	static const char *const names[] = {
		[BARO_SOURCE_TEXT] = "text",
		[BARO_SOURCE_HOSTS] = "hosts",
		[BARO_SOURCE_CACHE] = "cache",
		[BARO_SOURCE_SERVER] = "server",
	};

	return names[source];
}

char *
baro_reverse_name(const struct baro_addr *addr, char buf[BARO_NAME_STRLEN])
{
	const uint8_t *b = addr->b;
	char *p = buf;

	if (baro_addr_is_v4(addr)) {
		snprintf(buf, BARO_NAME_STRLEN, "%u.%u.%u.%u.in-addr.arpa", b[15], b[14], b[13],
			b[12]);
		return buf;
	}
	for (int i = 15; i >= 0; i--)
		p += snprintf(p, 5, "%x.%x.", b[i] & 0xf, b[i] >> 4);
	snprintf(p, BARO_NAME_STRLEN - (size_t)(p - buf), "ip6.arpa");
	return buf;
}

/* The end of every public call: what cannot begin is gone. */
static int
begin(struct baro_lookup *l, int err, void *user, struct baro_lookup **out)
{
	if (err == 0 && l->known == NULL)
		err = lookup_begin(l);
	if (err != 0) {
		lookup_free(l);
		return err;
	}
	l->user = user;
	if (out != NULL)
		*out = l;
	return 0;
}

/* It was known without asking. */
static int
is_known(struct baro_lookup *l, const struct baro_host *host, const char *name)
{
	size_t len = strlen(name) + 1;

	l->known = malloc(sizeof(*l->known) + len);
	if (l->known == NULL)
		return -ENOMEM;
	*l->known = *host;
	l->known->name = memcpy(l->known + 1, name, len);
	lookup_is_known(l, 0);
	return 0;
}

/* Hosts */

/* @return 0 (l->known may be set), -ENOMEM */
static int
look_at_home(struct baro_lookup *l, const char *name)
{
	struct baro_host host = { .n_addrs = 0 };

	if (baro_addr_parse(name, &host.addr[0]) == 0 ||
		(l->opts.wants_v6 && inet_pton(AF_INET6, name, host.addr[0].b) == 1)) {
		host.n_addrs = 1;
		host.source = BARO_SOURCE_TEXT;
		return is_known(l, &host, name);
	}
	host.source = BARO_SOURCE_HOSTS;
	if (!l->opts.no_hosts && hosts_find(&l->r->hosts, name, l->opts.wants_v6, &host))
		return is_known(l, &host, name);
	return 0;
}

static void
tell_host(struct baro_lookup *l, int err)
{
	char name[BARO_NAME_STRLEN];
	struct baro_host host;

	if (l->known != NULL) {
		l->found.host(0, l->known, l->user);
		return;
	}
	if (err == 0)
		answer_to_host(l, &host, name);
	l->found.host(err, err == 0 ? &host : NULL, l->user);
}

int
baro_getaddrinfo(struct baro_core *core, const char *name, const struct baro_resolve_opts *opts,
	baro_host_found found, void *user, struct baro_lookup **out)
{
	struct baro_lookup *l;
	size_t len = strlen(name);
	int err = lookup_new(core, opts, &l);

	if (err != 0)
		return err;
	l->tell = tell_host;
	l->found.host = found;
	l->is_absolute = l->opts.no_search || (len != 0 && name[len - 1] == '.');
	l->part[0].type = BARO_DNS_A;
	l->part[1].type = BARO_DNS_AAAA;
	l->n_parts = l->opts.wants_v6 ? 2 : 1;
	err = look_at_home(l, name);
	if (err == 0 && l->known == NULL)
		err = dns_name_parse(&l->name, name);
	return begin(l, err, user, out);
}

int
baro_getnameinfo(struct baro_core *core, const struct baro_addr *addr,
	const struct baro_resolve_opts *opts, baro_host_found found, void *user,
	struct baro_lookup **out)
{
	struct baro_host host = { .n_addrs = 1, .addr = { *addr }, .source = BARO_SOURCE_HOSTS };
	char reverse[BARO_NAME_STRLEN];
	struct baro_lookup *l;
	const char *name = NULL;
	int err = lookup_new(core, opts, &l);

	if (err != 0)
		return err;
	l->tell = tell_host;
	l->found.host = found;
	l->is_absolute = true;
	l->addr = *addr;
	l->part[0].type = BARO_DNS_PTR;
	l->n_parts = 1;
	if (!l->opts.no_hosts)
		name = hosts_find_name(&l->r->hosts, addr);
	err = name != NULL ? is_known(l, &host, name)
			   : dns_name_parse(&l->name, baro_reverse_name(addr, reverse));
	return begin(l, err, user, out);
}

/* Records */

static void
tell_records(struct baro_lookup *l, int err)
{
	struct answer_walk walk;
	struct baro_answer answer;

	if (l->part[0].reply == NULL) {
		l->found.records(err, NULL, l->user);
		return;
	}
	answer_open(&answer, &walk, &l->part[0], l->r->stack->now_ns);
	l->found.records(err, &answer, l->user);
}

int
baro_resolve(struct baro_core *core, const char *name, uint16_t type,
	const struct baro_resolve_opts *opts, baro_records_found found, void *user,
	struct baro_lookup **out)
{
	struct baro_lookup *l;
	size_t len = strlen(name);
	int err = lookup_new(core, opts, &l);

	if (err != 0)
		return err;
	l->tell = tell_records;
	l->found.records = found;
	l->is_absolute = !l->opts.searches || (len != 0 && name[len - 1] == '.');
	l->part[0].type = type;
	l->n_parts = 1;
	return begin(l, dns_name_parse(&l->name, name), user, out);
}

int
baro_nameserver_read(struct baro_core *core, unsigned i, struct baro_endpoint *out)
{
	const struct resolver *r = resolver_of(stack_of(core));

	if (r == NULL || i >= r->settings.n_servers)
		return -ERANGE;
	*out = r->settings.server[i];
	return 0;
}
