/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: fragments are mbufs. */
#ifndef BARO_IP_FRAGQ_H
#define BARO_IP_FRAGQ_H

/*
 * Fragments that wait for the rest of their datagram: RFC 791 §3.2, RFC 1122 §3.3.2. Everything is
 * bounded: datagrams, memory, fragments of one datagram, time. At a bound the oldest datagram goes.
 *
 * What overlaps is an attack or a mistake (RFC 5722): but for fragments that only say again what is
 * here, the whole datagram is given up, and what still comes of it is dropped until its time is over.
 */

#include <rte_mbuf.h>

#include "base/env.h"
#include "base/list.h"
#include "ip/packet.h"

enum {
	FRAGQ_FRAGMENTS_MAX = 256, /* of one datagram: 65,535 octets over a link of 296 */
};

/** One datagram in the making. */
struct fragq_datagram {
	struct list by_age; /* in fragq->by_age, the oldest first */
	uint32_t chain;     /* next of its bucket, or of the free ones */
	/* the key, RFC 791 §3.2 */
	uint32_t src;
	uint32_t dst;
	uint16_t id;
	uint8_t proto;
	uint8_t ecn;    /* a bit for each ECN code point seen */
	bool is_dead;   /* given up: holds nothing and takes nothing */
	bool has_first; /* the fragment at offset 0 is here: it is the first one */
	uint16_t n_fragments;
	uint32_t total;         /* octets of payload; 0: the last fragment has not come */
	uint32_t have;          /* of these */
	uint32_t mem;           /* octets of buffers held */
	struct rte_mbuf *first; /* by offset, linked in their private areas */
	struct rte_mbuf *last;
	struct ip_in in; /* of the fragment at offset 0 */
	uint64_t deadline_ns;
};

struct fragq {
	struct env *env;
	struct fragq_datagram *datagram; /* max_datagrams */
	uint32_t *bucket;                /* first of each chain, or FRAGQ_NONE; a power of two */
	uint32_t bucket_mask;
	uint32_t max_datagrams;
	uint32_t first_free;
	uint64_t mem; /* octets of buffers held */
	uint64_t max_mem;
	uint64_t timeout_ns;
	struct list by_age;
	struct wheel_timer timer; /* TIMER_FRAGQ: the oldest one's deadline */
};

#define FRAGQ_NONE UINT32_MAX

/** @return 0, -ENOMEM */
int
fragq_init(struct fragq *r, struct env *env, uint32_t max_datagrams, uint64_t max_mem,
	uint64_t timeout_ns);

/** Release all that waits. */
void
fragq_fini(struct fragq *r);

/**
 * A fragment as ip_input() left it. On DROP_NONE it is taken: *@m is NULL, or the payload of the
 * whole datagram, whose first octets are the fragment's at offset 0, its header in front, and @in
 * describes that; its len is the datagram's. On a drop *@m stays the caller's.
 */
enum drop
fragq_add(struct fragq *r, struct rte_mbuf **m, struct ip_in *in, uint64_t now_ns);

/** The oldest datagram if its time is over, else NULL; then the timer runs for the next. */
struct fragq_datagram *
fragq_expired(struct fragq *r, uint64_t now_ns);

/** Forget @d; its fragments are dropped, because. */
void
fragq_drop(struct fragq *r, struct fragq_datagram *d, enum drop why);

#endif
