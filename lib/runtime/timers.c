/* SPDX-License-Identifier: BSD-3-Clause */
/* Expired timers go to what they belong to; and the applications' own. */

#include "dev/pkt.h"
#include "ip/group.h"
#include "link/park.h"
#include "resolver/resolver.h"
#include "runtime/core.h"

/** What a struct baro_timer keeps in its private words. */
struct app_timer {
	struct wheel_timer timer;
	uint64_t is_set_up; /* 0 in memory that the application has just zeroed */
};

_Static_assert(sizeof(struct app_timer) <= sizeof(((struct baro_timer *)0)->priv),
	"a baro_timer holds a wheel timer");
_Static_assert(offsetof(struct baro_timer, priv) == 0, "both begin at the same address");

/** Nobody answers for an address: those who sent what was parked for it are told. */
static void
neighbour_timer(struct stack *stack, struct neigh *n, uint64_t now_ns)
{
	struct icmp_note note;
	struct rte_mbuf *m;

	neigh_timer(n, now_ns);
	if (n->state != NEIGH_FAILED)
		return;
	ip_redirect_forget(&stack->ip, holder_of(n->link, struct netif, link), n->addr);
	while ((m = neigh_unpark(n)) != NULL) {
		ip_note_undelivered(m, &note);
		core_take_note(stack, &note, now_ns);
		drop(&stack->env, m, DROP_NEIGH_FAILED);
	}
}

/** An address of ours is probed or announced; it may be in use afterwards. */
static void
address_timer(struct stack *stack, struct link *l, uint64_t now_ns)
{
	link_timer(l, now_ns);
	if (l->is_changed)
		iface_addrs_changed(stack, holder_of(l, struct netif, link), now_ns);
}

static void
fire(struct stack *stack, struct wheel_timer *t, uint64_t now_ns)
{
	struct baro_timer *app;

	switch ((enum timer_kind)t->kind) {
	case TIMER_NEIGH:
		neighbour_timer(stack, holder_of(t, struct neigh, timer), now_ns);
		break;
	case TIMER_LINK:
		address_timer(stack, holder_of(t, struct link, timer), now_ns);
		break;
	case TIMER_PMTU:
		ip_pmtu_timer(&stack->ip, now_ns);
		break;
	case TIMER_REDIRECT:
		ip_redirect_timer(&stack->ip, now_ns);
		break;
	case TIMER_GROUP:
		group_timer(&stack->ip, holder_of(t, struct ip_group, timer), now_ns);
		break;
	case TIMER_IGMP:
		igmp_timer(&stack->ip, holder_of(t, struct ip_igmp, timer), now_ns);
		break;
	case TIMER_FRAGQ:
		ip_reass_timer(&stack->ip, now_ns);
		break;
	case TIMER_TCP_CONN:
		tcp_conn_timer(&stack->tcp, holder_of(t, struct tcp_conn, timer), now_ns);
		break;
	case TIMER_TCP_QUIET:
		tcp_quiet_timer(&stack->tcp, now_ns);
		break;
	case TIMER_TCP_TIMEWAIT:
		tcp_timewait_timer(&stack->tcp, holder_of(t, struct tcp_timewait, timer));
		break;
	case TIMER_TCP_EMBRYO:
		tcp_embryo_timer(&stack->tcp, holder_of(t, struct tcp_embryo, timer), now_ns);
		break;
	case TIMER_DNS_QUERY:
		resolver_query_timer(t, now_ns);
		break;
	case TIMER_DNS_LOOKUP:
		resolver_lookup_timer(t, now_ns);
		break;
	case TIMER_PING:
		ping_timer(t, now_ns);
		break;
	case TIMER_APP:
		app = (struct baro_timer *)holder_of(t, struct app_timer, timer);
		app->fire(app, now_ns);
		break;
	}
}

unsigned
core_fire_timers(struct baro_core *core, uint64_t now_ns)
{
	struct list expired;
	struct list *node;
	unsigned n = 0;

	list_init(&expired);
	wheel_expire(&core->stack.env.wheel, now_ns, &expired);
	for (; (node = list_first(&expired)) != NULL; n++) {
		list_remove(node);
		fire(&core->stack, holder_of(node, struct wheel_timer, node), now_ns);
	}
	return n;
}

void
baro_timer_start(struct baro_core *core, struct baro_timer *t, uint64_t deadline_ns)
{
	struct app_timer *app = (struct app_timer *)t;

	if (!app->is_set_up) {
		wheel_timer_init(&app->timer, TIMER_APP);
		app->is_set_up = 1;
	}
	wheel_start(&core->stack.env.wheel, &app->timer, deadline_ns);
}

void
baro_timer_stop(struct baro_core *core, struct baro_timer *t)
{
	struct app_timer *app = (struct app_timer *)t;

	if (app->is_set_up)
		wheel_stop(&core->stack.env.wheel, &app->timer);
}
