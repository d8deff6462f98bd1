/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_SLAB_H
#define BARO_BASE_SLAB_H

/*
 * Pool of equal objects for one core: grows in chunks up to a limit, names an
 * object by a 32-bit index as well as by its address, and never moves one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/** Objects of one chunk: 2^SLAB_CHUNK_BITS. */
#define SLAB_CHUNK_BITS 10
#define SLAB_CHUNK      (1u << SLAB_CHUNK_BITS)

/** No object. */
#define SLAB_NONE UINT32_MAX

/** Where chunks come from; zero-filled, aligned to a cache line. NULL: aligned_alloc. */
struct slab_memory {
	void *(*get)(size_t len, void *user);
	void (*put)(void *chunk, size_t len, void *user);
	void *user;
};

struct slab {
	char **chunk;        /* chunk directory, limit / SLAB_CHUNK entries */
	uint32_t obj_len;    /* octets of an object, a multiple of 8 */
	uint32_t first_free; /* index, or SLAB_NONE; free objects are linked by their first word */
	uint32_t n_used;     /* objects handed out */
	uint32_t n_made;     /* objects ever made: chunks times SLAB_CHUNK */
	uint32_t limit;      /* most objects, a multiple of SLAB_CHUNK */
	struct slab_memory memory;
};

/**
 * Make an empty slab; no chunk is allocated yet.
 *
 * @obj_len  octets, rounded up to a multiple of 8
 * @limit    most objects, rounded up to a whole chunk
 * @memory   NULL: the C library's
 * @return   0, -EINVAL (obj_len or limit is 0 or too large), -ENOMEM
 */
int
slab_init(struct slab *s, uint32_t obj_len, uint32_t limit, const struct slab_memory *memory);

/** Give every chunk back; objects still in use vanish with them. */
void
slab_fini(struct slab *s);

/** Add a chunk. @return 0, -ENOMEM (limit reached, or no memory) */
BARO_COLD int
slab_grow(struct slab *s);

static inline void *
slab_at(const struct slab *s, uint32_t index)
{
	BARO_ASSERT(index < s->n_made);
	return s->chunk[index >> SLAB_CHUNK_BITS] + (size_t)(index & (SLAB_CHUNK - 1)) * s->obj_len;
}

/** slab_get() would find the limit reached. */
static inline bool
slab_is_full(const struct slab *s)
{
	return s->n_used >= s->limit;
}

/**
 * An object and its @index; NULL when the limit is reached or memory is out. A new one is zero, a
 * used one is as slab_put() left it, but for the first 4 octets, which are undefined: a
 * generation kept behind them survives.
 */
static inline void *
slab_get(struct slab *s, uint32_t *index)
{
	void *obj;

	if (s->first_free == SLAB_NONE && slab_grow(s) != 0)
		return NULL;
	*index = s->first_free;
	obj = slab_at(s, *index);
	s->first_free = *(const uint32_t *)obj;
	s->n_used++;
	return obj;
}

static inline void
slab_put(struct slab *s, uint32_t index)
{
	BARO_ASSERT(s->n_used > 0);
	*(uint32_t *)slab_at(s, index) = s->first_free;
	s->first_free = index;
	s->n_used--;
}

#endif
