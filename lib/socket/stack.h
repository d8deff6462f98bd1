/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: holds packet pools. */
#ifndef BARO_SOCKET_STACK_H
#define BARO_SOCKET_STACK_H

/*
 * The layers of one core side by side: what the public calls of this folder need. A struct
 * baro_core (runtime/core.h) begins with one.
 */

#include <baro/config.h>
#include <baro/conn.h>
#include <baro/core.h>

#include "dev/pool.h"
#include "ip/ip.h"
#include "socket/socks.h"
#include "tcp/rest.h"
#include "tcp/tcp.h"
#include "udp/udp.h"

struct resolver;
struct baro_tcp_info;

/** Pings of a core (ping.c). */
struct pings {
	struct list all;
	struct list ready; /* those with news */
	unsigned n_cores;  /* identifiers tell the core of a ping: ping_owner() */
};

struct stack {
	struct env env;
	struct dev_pool pool;
	struct ip4 ip;
	struct udp udp;
	struct tcp tcp;
	struct pings pings;
	uint64_t now_ns; /* of the turn in progress, or of the last one */
	unsigned id;
	bool is_turning; /* a turn is in progress: no call may wait for the next one */
	struct socks socks;
	struct resolver *resolver; /* NULL: nobody has asked yet */
	const struct baro_resolve_config *resolve_config;
};

static inline struct stack *
stack_of(const struct baro_core *core)
{
	return (struct stack *)(uintptr_t)core;
}

static inline struct baro_core *
core_of(const struct stack *stack)
{
	return (struct baro_core *)(uintptr_t)stack;
}

/** A struct baro_conn is a struct tcp_rest, seen from outside. */
static inline struct tcp_rest *
rest_of(const struct baro_conn *c)
{
	return (struct tcp_rest *)(uintptr_t)c;
}

static inline struct stack *
stack_of_conn(const struct baro_conn *c)
{
	return holder_of(rest_tcp(rest_of(c)), struct stack, tcp);
}

/** The control block; NULL: it rests, and there is no memory for one. */
static inline struct tcp_conn *
tcp_of(const struct baro_conn *c)
{
	struct tcp_rest *r = rest_of(c);

	return likely(!r->is_resting) ? r->conn : rest_wake(r, stack_of_conn(c)->now_ns);
}

/** The control block to be looked at; NULL: it rests, as nothing is under way. */
static inline const struct tcp_conn *
tcp_awake(const struct baro_conn *c)
{
	return likely(!rest_of(c)->is_resting) ? rest_of(c)->conn : NULL;
}

/** The control block to be looked at, in any case: of one that rests @copy. */
static inline const struct tcp_conn *
tcp_look(const struct baro_conn *c, struct tcp_conn *copy)
{
	if (likely(!rest_of(c)->is_resting))
		return rest_of(c)->conn;
	rest_read(rest_of(c), stack_of_conn(c)->now_ns, copy);
	return copy;
}

/** What baro_conn_info() tells of @c. */
void
conn_tell_info(const struct tcp_conn *c, uint64_t now_ns, struct baro_tcp_info *info);

/** The callbacks of connections that are sockets (tcp_sock.c). They keep a connection that is over. */
extern const struct baro_conn_ops sock_conn_ops;

/** Close every socket: the core ends. */
void
socks_fini(struct stack *stack);

/** There is something for udp_dispatch(). */
static inline bool
udp_has_news(const struct stack *stack)
{
	return !list_is_empty(&stack->udp.ready) || stack->udp.n_errors != 0;
}

/** Call applications for every socket with waiting datagrams. */
void
udp_dispatch(struct stack *stack);

/** Close every UDP socket: the core ends. */
void
udp_close_all(struct stack *stack);

void
pings_init(struct pings *pings, unsigned n_cores);

/** Which core's ping has this identifier? */
static inline unsigned
ping_owner(uint16_t id, unsigned n_cores)
{
	return id % n_cores;
}

/**
 * A reply, or an error about a request of ours, came; @m, @in: the message of a reply, NULL of an
 * error.
 *
 * @return DROP_NONE, DROP_ICMP_ECHO_REPLY (nobody waits for it), DROP_ICMP_QUOTE (it is about nothing that
 *         is under way), DROP_PING_FULL
 */
enum drop
ping_take(struct stack *stack, const struct icmp_note *note, struct rte_mbuf *m,
	const struct ip_in *in, uint64_t now_ns);

/** A ping's timer fired: its oldest request has waited long enough. */
void
ping_timer(struct wheel_timer *t, uint64_t now_ns);

/** Call applications whose pings have news. */
void
ping_dispatch(struct stack *stack);

/** Close all: the core ends. */
void
ping_close_all(struct stack *stack);

/** Would baro_conn_set() take it? @return 0, -ENOPROTOOPT, -EINVAL */
int
conn_option_check(enum baro_conn_option option, int value);

/** What a connection has when nobody has set anything. @return 0, -ENOPROTOOPT */
int
conn_option_default(struct stack *stack, enum baro_conn_option option, int *value);

/** Call applications for every connection on tcp->ready. */
void
conn_dispatch(struct stack *stack);

#endif
