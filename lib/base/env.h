/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_ENV_H
#define BARO_BASE_ENV_H

/*
 * What every layer of one core shares: counters, timers, randomness. Only the
 * core itself writes it; other threads may read the counters.
 */

#include <stdint.h>

#include "base/check.h"
#include "base/rand.h"
#include "base/siphash.h"
#include "base/wheel.h"

/** Why a packet was dropped. DROP_NONE, zero, means go on. */
enum drop {
	DROP_NONE = 0,
#define DROP(name, layer, sentence) DROP_##name,
#include "base/drop.def"
#undef DROP
	DROP_COUNT
};

enum stat {
#define STAT(name, layer, sentence) STAT_##name,
#include "base/stat.def"
#undef STAT
	STAT_COUNT
};

/** What a wheel timer belongs to; runtime/timers.c walks the expired ones by it. */
enum timer_kind {
	TIMER_NEIGH,        /* struct neigh */
	TIMER_LINK,         /* struct link */
	TIMER_PMTU,         /* struct pmtu_cache */
	TIMER_REDIRECT,     /* struct redirects, of a struct ip4 */
	TIMER_GROUP,        /* struct ip_group */
	TIMER_IGMP,         /* struct ip_igmp */
	TIMER_FRAGQ,        /* struct fragq, of a struct ip4 */
	TIMER_TCP_CONN,     /* struct tcp_conn */
	TIMER_TCP_QUIET,    /* struct tcp: the first quiet connection may rest */
	TIMER_TCP_TIMEWAIT, /* struct tcp_timewait */
	TIMER_TCP_EMBRYO,   /* struct tcp_embryo */
	TIMER_DNS_QUERY,    /* struct dns_query */
	TIMER_DNS_LOOKUP,   /* struct baro_lookup */
	TIMER_PING,         /* struct baro_ping */
	TIMER_APP,          /* struct baro_timer */
};

struct capture;

struct env {
	uint64_t drops[DROP_COUNT];
	uint64_t stats[STAT_COUNT];
	struct siphash_key secret; /* initial sequence numbers and port choice */
	struct siphash_key table_key;
	struct rand rand;
	struct wheel wheel;
	struct capture
		*capture; /* frames are recorded (dev/capture.h); NULL: nobody asked for it */
};

static inline void
count(struct env *env, enum stat what)
{
	env->stats[what]++;
}

static inline void
count_many(struct env *env, enum stat what, uint64_t n)
{
	env->stats[what] += n;
}

#endif
