/* SPDX-License-Identifier: BSD-3-Clause */

/* Growing and giving back; taking and returning objects is in the header. */

#include "base/slab.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { KEPT_PART = 8 }; /* idle chunks are kept up to this part of what is used */

/* Pages of their own, not the C library's: what is given back goes to the system at once, however much. */
static void *
get_chunk(size_t len, void *user)
{
	void *chunk = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)user;
	return chunk == MAP_FAILED ? NULL : chunk;
}

static void
put_chunk(void *chunk, size_t len, void *user)
{
	(void)user;
	munmap(chunk, len);
}

static size_t
chunk_len(const struct slab *s)
{
	return (size_t)s->obj_len << SLAB_CHUNK_BITS;
}

int
slab_init(struct slab *s, uint32_t obj_len, uint32_t limit, const struct slab_memory *memory)
{
	if (obj_len == 0 || obj_len > UINT32_MAX - 7)
		return -EINVAL;
	if (limit == 0 || limit > UINT32_MAX - 2 * SLAB_CHUNK) /* SLAB_NONE is no index */
		return -EINVAL;
	*s = (struct slab){
		.obj_len = (obj_len + 7) & ~7u,
		.open = SLAB_NONE,
		.gone = SLAB_NONE,
		.idle = SLAB_NONE,
		.limit = (limit + SLAB_CHUNK - 1) & ~(SLAB_CHUNK - 1),
		.memory = { .get = get_chunk, .put = put_chunk },
	};
	if (memory != NULL)
		s->memory = *memory;
	s->chunk = calloc(s->limit >> SLAB_CHUNK_BITS, sizeof(*s->chunk));
	return s->chunk == NULL ? -ENOMEM : 0;
}

static void
put_memory(struct slab *s, char *memory)
{
	s->memory.put(memory, chunk_len(s), s->memory.user);
}

void
slab_fini(struct slab *s)
{
	for (uint32_t i = 0; i < s->n_made >> SLAB_CHUNK_BITS; i++)
		if (s->chunk[i].memory != s->blank)
			put_memory(s, s->chunk[i].memory);
	if (s->blank != NULL)
		put_memory(s, s->blank);
	free(s->chunk);
	*s = (struct slab){ .open = SLAB_NONE, .gone = SLAB_NONE, .idle = SLAB_NONE };
}

void
slab_open_chunk(struct slab *s, uint32_t i)
{
	s->chunk[i].prev = SLAB_NONE;
	s->chunk[i].next = s->open;
	if (s->open != SLAB_NONE)
		s->chunk[s->open].prev = i;
	s->open = i;
}

void
slab_close_chunk(struct slab *s)
{
	s->open = s->chunk[s->open].next;
	if (s->open != SLAB_NONE)
		s->chunk[s->open].prev = SLAB_NONE;
}

/** Take chunk @i out of the list of those that have free objects. */
static void
unlist(struct slab *s, uint32_t i)
{
	const struct slab_chunk *c = &s->chunk[i];

	if (c->prev == SLAB_NONE) {
		slab_close_chunk(s);
		return;
	}
	s->chunk[c->prev].next = c->next;
	if (c->next != SLAB_NONE)
		s->chunk[c->next].prev = c->prev;
}

/** Chunk @i is neither open nor idle. @return false: it cannot be given back, for want of zeroes in its place */
static bool
give_back(struct slab *s, uint32_t i)
{
	if (s->blank == NULL)
		s->blank = s->memory.get(chunk_len(s), s->memory.user);
	if (s->blank == NULL)
		return false;
	put_memory(s, s->chunk[i].memory);
	s->chunk[i] = (struct slab_chunk){ .memory = s->blank, .next = s->gone };
	s->gone = i;
	s->n_chunks--;
	return true;
}

static uint32_t
take_idle(struct slab *s)
{
	uint32_t i = s->idle;

	s->idle = s->chunk[i].next;
	s->n_idle--;
	return i;
}

static void
keep_idle(struct slab *s, uint32_t i)
{
	s->chunk[i].next = s->idle;
	s->idle = i;
	s->n_idle++;
}

void
slab_idle_chunk(struct slab *s, uint32_t i)
{
	uint32_t most = s->n_used / (KEPT_PART * SLAB_CHUNK);

	if (s->open == i && s->chunk[i].next == SLAB_NONE)
		return; /* no other is open: it remains for what comes */
	unlist(s, i);
	keep_idle(s, i);
	while (s->n_idle > most) {
		uint32_t gone = take_idle(s);

		if (give_back(s, gone))
			continue;
		keep_idle(s, gone);
		return;
	}
}

/** Make the objects of chunk @i, whose memory is zero. */
static void
fill(struct slab *s, uint32_t i)
{
	struct slab_chunk *c = &s->chunk[i];

	c->first_free = SLAB_NONE;
	c->n_free = SLAB_CHUNK;
	/* from the last to the first, so that low indices are handed out first */
	for (uint32_t at = SLAB_CHUNK; at-- > 0;) {
		uint32_t index = (i << SLAB_CHUNK_BITS) + at;

		*(uint32_t *)slab_at(s, index) = c->first_free;
		c->first_free = index;
	}
	slab_open_chunk(s, i);
}

static int
add_chunk(struct slab *s)
{
	bool is_new = s->gone == SLAB_NONE;
	uint32_t i = is_new ? s->n_made >> SLAB_CHUNK_BITS : s->gone;
	char *memory;

	if (is_new && s->n_made == s->limit)
		return -ENOMEM;
	memory = s->memory.get(chunk_len(s), s->memory.user);
	if (memory == NULL)
		return -ENOMEM;
	if (is_new)
		s->n_made += SLAB_CHUNK;
	else
		s->gone = s->chunk[i].next;
	s->chunk[i].memory = memory;
	s->n_chunks++;
	fill(s, i);
	return 0;
}

int
slab_grow(struct slab *s)
{
	if (s->idle == SLAB_NONE)
		return add_chunk(s);
	slab_open_chunk(s, take_idle(s));
	return 0;
}
