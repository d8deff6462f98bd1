/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: interfaces hold mbufs. */

/*
 * Redirects that were believed: host routes that expire, RFC 1122 §3.2.2.2, §3.3.1.2. Who may say so is
 * little to go by (anybody on the link can forge the gateway): it is bounded, never leads off the
 * link, never overrides a route to just this host, and is forgotten when its gateway is silent.
 */

#include <string.h>

#include "ip/ip.h"

static struct fib_route
route_of(const struct redirect *r)
{
	return (struct fib_route){
		.dest = r->dst,
		.prefix_len = 32,
		.gateway = r->gateway,
		.kind = FIB_REDIRECT,
		.netif = r->netif,
	};
}

static void
set_timer(struct ip4 *ip)
{
	const struct redirects *all = &ip->redirects;

	wheel_start(&ip->env->wheel, &ip->redirects.timer,
		all->n != 0 ? all->entry[0].deadline_ns : TIME_NEVER);
}

static void
forget(struct ip4 *ip, uint32_t i)
{
	struct redirects *all = &ip->redirects;
	struct fib_route route = route_of(&all->entry[i]);

	fib_remove(&ip->fib, &route);
	all->n--;
	memmove(&all->entry[i], &all->entry[i + 1], (all->n - i) * sizeof(all->entry[0]));
	ip->route_gen++;
}

/** RFC 1122 §3.2.2.2: from the gateway that we use for @dst now, to another on the same link. */
static bool
is_sound(const struct ip4 *ip, uint32_t dst, const struct redirect_opts *r)
{
	const struct fib_route *now = fib_find(&ip->fib, dst);

	if (now == NULL || now->netif != r->netif || now->gateway != r->from)
		return false;
	if (now->kind == FIB_STATIC &&
		now->prefix_len == 32) /* somebody's wish for just this host */
		return false;
	return ipv4_is_unicast(dst) && ipv4_is_unicast(r->gateway) &&
	       !ip_is_local(ip, r->gateway) && ip_is_on_link(r->netif, r->gateway) &&
	       !ip_is_broadcast(r->netif, r->gateway);
}

/** The oldest makes room; what was told of @dst before is no more. */
static void
make_room(struct ip4 *ip, uint32_t dst)
{
	struct redirects *all = &ip->redirects;

	for (uint32_t i = 0; i < all->n; i++) {
		if (all->entry[i].dst == dst) {
			forget(ip, i);
			return;
		}
	}
	if (all->n == REDIRECTS_MAX)
		forget(ip, 0);
}

bool
ip_redirect(struct ip4 *ip, uint32_t dst, const struct redirect_opts *r, uint64_t now_ns)
{
	struct redirects *all = &ip->redirects;
	struct redirect entry = {
		.dst = dst,
		.gateway = r->gateway,
		.netif = r->netif,
		.deadline_ns = now_ns + all->expiry_ns,
	};
	struct fib_route route = route_of(&entry);

	if (!is_sound(ip, dst, r))
		return false;
	make_room(ip, dst);
	if (fib_add(&ip->fib, &route) == 0) {
		all->entry[all->n++] = entry;
		ip->route_gen++;
	}
	set_timer(ip);
	return true;
}

void
ip_redirect_timer(struct ip4 *ip, uint64_t now_ns)
{
	while (ip->redirects.n != 0 && ip->redirects.entry[0].deadline_ns <= now_ns)
		forget(ip, 0);
	set_timer(ip);
}

void
ip_redirect_forget(struct ip4 *ip, const struct netif *netif, uint32_t gateway)
{
	struct redirects *all = &ip->redirects;

	for (uint32_t i = all->n; i-- != 0;) {
		if (all->entry[i].netif == netif &&
			(gateway == 0 || all->entry[i].gateway == gateway))
			forget(ip, i);
	}
	set_timer(ip);
}
