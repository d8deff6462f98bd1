/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_SLAB_H
#define BARO_BASE_SLAB_H

/*
 * Pool of equal objects for one core: grows in chunks up to a limit, names an
 * object by a 32-bit index as well as by its address, and never moves one. A chunk of which nothing is
 * used goes back to where it came from, but for one, and for an eighth of what was used then: what is taken
 * and returned all the time is not got from the system each time.
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

/** Where chunks come from; zero-filled, aligned to a cache line. NULL: from the system, by mmap(). */
struct slab_memory {
	void *(*get)(size_t len, void *user);
	void (*put)(void *chunk, size_t len, void *user);
	void *user;
};

struct slab_chunk {
	char *memory;
	uint32_t first_free; /* index, or SLAB_NONE; free objects are linked by their first word */
	uint32_t n_free;
	uint32_t next; /* in a list of chunks: of those that are open, idle, or gone */
	uint32_t prev;
};

struct slab {
	struct slab_chunk *chunk; /* limit / SLAB_CHUNK entries */
	uint32_t obj_len;         /* octets of an object, a multiple of 8 */
	uint32_t open;            /* first chunk that has free objects, or SLAB_NONE */
	uint32_t n_used;          /* objects handed out */
	uint32_t n_made;   /* indices ever made; those of chunks that are gone read as zero */
	uint32_t n_chunks; /* there are now */
	uint32_t gone;     /* first chunk that was given back, or SLAB_NONE */
	uint32_t idle;     /* first chunk of which nothing is used, kept; or SLAB_NONE */
	uint32_t n_idle;
	uint32_t limit; /* most objects, a multiple of SLAB_CHUNK */
	char *blank;    /* in the place of those that are gone; NULL: none ever was */
	struct slab_memory memory;
};

/**
 * Make an empty slab; no chunk is allocated yet.
 *
 * @obj_len  octets, rounded up to a multiple of 8
 * @limit    most objects, rounded up to a whole chunk
 * @memory   NULL: the system's
 * @return   0, -EINVAL (obj_len or limit is 0 or too large), -ENOMEM
 */
int
slab_init(struct slab *s, uint32_t obj_len, uint32_t limit, const struct slab_memory *memory);

/** Give every chunk back; objects still in use vanish with them. */
void
slab_fini(struct slab *s);

/** Open a chunk, one that is idle or a new one. @return 0, -ENOMEM (limit reached, or no memory) */
BARO_COLD int
slab_grow(struct slab *s);

/** The first chunk of the list has no free object any more. */
BARO_COLD void
slab_close_chunk(struct slab *s);

/** Chunk @i has a free object again. */
BARO_COLD void
slab_open_chunk(struct slab *s, uint32_t i);

/** Nothing of chunk @i is used any more: it waits for what comes, or goes. */
BARO_COLD void
slab_idle_chunk(struct slab *s, uint32_t i);

/** Memory in use, octets. */
static inline uint64_t
slab_octets(const struct slab *s)
{
	return ((uint64_t)s->n_chunks << SLAB_CHUNK_BITS) * s->obj_len;
}

static inline void *
slab_at(const struct slab *s, uint32_t index)
{
	const struct slab_chunk *chunk = &s->chunk[index >> SLAB_CHUNK_BITS];

	BARO_ASSERT(index < s->n_made);
	return chunk->memory + (size_t)(index & (SLAB_CHUNK - 1)) * s->obj_len;
}

/** slab_get() would find the limit reached. */
static inline bool
slab_is_full(const struct slab *s)
{
	return s->n_used >= s->limit;
}

/**
 * An object and its @index; NULL when the limit is reached or memory is out. A new one is zero, a
 * used one is as slab_put() left it, or zero again, but for the first 4 octets, which are undefined.
 */
static inline void *
slab_get(struct slab *s, uint32_t *index)
{
	struct slab_chunk *c;
	void *obj;

	if (unlikely(s->open == SLAB_NONE) && slab_grow(s) != 0)
		return NULL;
	c = &s->chunk[s->open];
	*index = c->first_free;
	obj = slab_at(s, *index);
	c->first_free = *(const uint32_t *)obj;
	if (unlikely(--c->n_free == 0))
		slab_close_chunk(s);
	s->n_used++;
	return obj;
}

/** What the next slab_get() gives, to be fetched; NULL: it is not made yet. */
static inline const void *
slab_next(const struct slab *s)
{
	return s->open != SLAB_NONE ? slab_at(s, s->chunk[s->open].first_free) : NULL;
}

static inline void
slab_put(struct slab *s, uint32_t index)
{
	struct slab_chunk *c = &s->chunk[index >> SLAB_CHUNK_BITS];

	BARO_ASSERT(s->n_used > 0);
	*(uint32_t *)slab_at(s, index) = c->first_free;
	c->first_free = index;
	s->n_used--;
	if (unlikely(c->n_free++ == 0))
		slab_open_chunk(s, index >> SLAB_CHUNK_BITS);
	if (unlikely(c->n_free == SLAB_CHUNK))
		slab_idle_chunk(s, index >> SLAB_CHUNK_BITS);
}

#endif
