/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through udp.h. */

/* Connected sockets: each has a line in the flow table, and is no longer found by its port alone. */

#include <errno.h>

#include "udp/ports.h"
#include "udp/udp.h"

static uint32_t
hash_of(const struct udp *udp, const struct flow *f)
{
	return flow_hash(&udp->env->table_key, f);
}

struct udp_sock *
udp_find_connected(const struct udp *udp, const struct flow *f)
{
	struct flowtab_cursor at;
	uint32_t value;

	for (value = flowtab_first(&udp->flows, hash_of(udp, f), &at); value != FLOWTAB_NONE;
		value = flowtab_next(&udp->flows, &at)) {
		const struct udp_line *line = slab_at(&udp->lines, value);

		if (likely(flow_eq(&line->flow, f)))
			return line->sock;
	}
	return NULL;
}

/* Which of our addresses and ports talks with the peer? @f has the peer. */
static int
find_local(struct udp *udp, struct udp_sock *s, struct flow *f, uint64_t now_ns)
{
	int rc = udp_find_path(udp, s, f->faddr, now_ns);

	if (rc != 0)
		return rc;
	f->laddr = s->bound != 0 && !ipv4_is_multicast(s->bound) ? s->bound : s->path.src;
	if (!ip_path_allows_source(udp->ip, &s->path, f->laddr))
		return -EADDRNOTAVAIL;
	if (!udp_is_bound(s))
		rc = udp_bind(udp, s, 0, 0);
	f->lport = s->flow.lport;
	return rc;
}

/* Of several cores that have the port another one may be the peer's. */
static bool
is_ours(const struct udp *udp, const struct flow *f)
{
	return udp->cores == NULL || udp_cores_owner(udp_cores_having(udp->cores, f->lport),
					     rss_hash(udp->rss, f)) == udp->core;
}

static int
add_line(struct udp *udp, struct udp_sock *s, const struct flow *f, uint32_t *index)
{
	struct udp_line *line = slab_get(&udp->lines, index);

	if (line == NULL)
		return -ENOMEM;
	*line = (struct udp_line){ .flow = *f, .sock = s };
	if (flowtab_add(&udp->flows, hash_of(udp, f), *index) == 0)
		return 0;
	line->sock = NULL;
	slab_put(&udp->lines, *index);
	return -ENOMEM;
}

static void
remove_line(struct udp *udp, struct udp_sock *s)
{
	struct udp_line *line = slab_at(&udp->lines, s->line);

	line->sock = NULL;
	flowtab_remove(&udp->flows, hash_of(udp, &s->flow), s->line);
	slab_put(&udp->lines, s->line);
}

static void
count_connected(struct udp *udp, const struct udp_sock *s, uint32_t by)
{
	struct udp_port *p = &udp->port[s->flow.lport];

	p->n_connected += by;
	p->n_alone += s->may_share ? 0 : by;
}

int
udp_connect(struct udp *udp, struct udp_sock *s, uint32_t addr, uint16_t port, uint64_t now_ns)
{
	struct flow f = { .faddr = addr, .fport = port };
	const struct udp_sock *other;
	uint32_t line;
	int rc;

	if (port == 0)
		return -EADDRNOTAVAIL;
	rc = find_local(udp, s, &f, now_ns);
	if (rc != 0)
		return rc;
	other = udp_find_connected(udp, &f);
	if (other != NULL)
		return other == s ? 0 : -EADDRINUSE;
	if (!is_ours(udp, &f))
		return -EADDRNOTAVAIL;
	rc = add_line(udp, s, &f, &line);
	if (rc != 0)
		return rc;
	if (udp_is_connected(s)) {
		remove_line(udp, s);
	} else {
		ports_remove(udp, s);
		count_connected(udp, s, 1);
	}
	s->flow = f;
	s->line = line;
	s->err = 0;
	return 0;
}

void
udp_disconnect(struct udp *udp, struct udp_sock *s)
{
	remove_line(udp, s);
	count_connected(udp, s, (uint32_t)-1);
	s->flow = (struct flow){ .laddr = s->bound, .lport = s->flow.lport };
	s->err = 0;
	ports_add(udp, s);
}
