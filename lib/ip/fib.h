/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_IP_FIB_H
#define BARO_IP_FIB_H

/*
 * The routes of one core: prefixes to next hops, the longest prefix first, of equal ones the least
 * metric, then the oldest (RFC 1122 §3.3.1.2, RFC 1812 §5.2.4.3). A hash table of prefixes, asked once
 * for each prefix length in use: three or four times at a host, whatever the number of routes. Who sends
 * to one destination keeps the answer (struct ip_path), so this is asked for new ones only.
 */

#include <stdbool.h>
#include <stdint.h>

struct netif;

enum fib_kind {
	FIB_STATIC,    /* somebody's wish */
	FIB_REDIRECT,  /* a router's word, for one host; it expires */
	FIB_CONNECTED, /* the network of one of our addresses */
	FIB_LOCAL,     /* one of our addresses itself */
};

struct fib_route {
	uint32_t dest;    /* no bits set beyond the prefix */
	uint32_t gateway; /* 0: @dest is on the link */
	uint32_t metric;
	uint8_t prefix_len;
	uint8_t kind; /* enum fib_kind */
	struct netif *netif;
};

struct fib_entry;

struct fib {
	struct fib_entry *entry;
	uint32_t *bucket; /* first of each chain, or FIB_NONE; a power of two of them */
	uint32_t bucket_mask;
	uint32_t n_made; /* entries used at some time */
	uint32_t n_room;
	uint32_t first_free;
	uint32_t n_used;
	uint64_t lens;         /* bit n: there are prefixes of n bits */
	uint32_t n_of_len[33]; /* routes of n bits */
};

/** @return 0, -ENOMEM */
int
fib_init(struct fib *f);
void
fib_fini(struct fib *f);

/**
 * Add a route. A local one goes before all others of its prefix.
 *
 * @return 0
 *         -EEXIST  the same prefix by the same gateway and interface is there
 *         -EINVAL  prefix longer than 32, or bits of dest beyond it
 *         -ENOMEM
 */
int
fib_add(struct fib *f, const struct fib_route *r);

/** Remove the route with this prefix, gateway, interface and kind. @return 0, -ENOENT */
int
fib_remove(struct fib *f, const struct fib_route *r);

/** The way to @addr; NULL: there is none. Valid until a route is added or removed. */
const struct fib_route *
fib_find(const struct fib *f, uint32_t addr);

/** The best route of just this prefix, or NULL. */
const struct fib_route *
fib_find_prefix(const struct fib *f, uint32_t dest, uint8_t prefix_len);

/** Route @i of fib_end(), in no order; NULL: none there. */
const struct fib_route *
fib_at(const struct fib *f, uint32_t i);
static inline uint32_t
fib_end(const struct fib *f)
{
	return f->n_made;
}

static inline uint32_t
fib_mask(uint8_t prefix_len)
{
	return prefix_len == 0 ? 0 : UINT32_MAX << (32 - prefix_len);
}

static inline uint8_t
fib_prefix_len(uint32_t mask)
{
	return (uint8_t)__builtin_popcount(mask);
}

#endif
