/* SPDX-License-Identifier: BSD-3-Clause */

/* Growing and giving back; taking and returning objects is in the header. */

#include "base/slab.h"

#include <errno.h>
#include <string.h>

static void *
get_chunk(size_t len, void *user)
{
	void *chunk = aligned_alloc(BARO_CACHE_LINE, len);

	(void)user;
	return chunk == NULL ? NULL : memset(chunk, 0, len);
}

static void
put_chunk(void *chunk, size_t len, void *user)
{
	(void)len;
	(void)user;
	free(chunk);
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
		.first_free = SLAB_NONE,
		.limit = (limit + SLAB_CHUNK - 1) & ~(SLAB_CHUNK - 1),
		.memory = { .get = get_chunk, .put = put_chunk },
	};
	if (memory != NULL)
		s->memory = *memory;
	s->chunk = calloc(s->limit >> SLAB_CHUNK_BITS, sizeof(*s->chunk));
	return s->chunk == NULL ? -ENOMEM : 0;
}

void
slab_fini(struct slab *s)
{
	for (uint32_t i = 0; i < s->n_made >> SLAB_CHUNK_BITS; i++)
		s->memory.put(s->chunk[i], chunk_len(s), s->memory.user);
	free(s->chunk);
	*s = (struct slab){ .first_free = SLAB_NONE };
}

int
slab_grow(struct slab *s)
{
	uint32_t first = s->n_made;
	char *chunk;

	if (first == s->limit)
		return -ENOMEM;
	chunk = s->memory.get(chunk_len(s), s->memory.user);
	if (chunk == NULL)
		return -ENOMEM;
	s->chunk[first >> SLAB_CHUNK_BITS] = chunk;
	s->n_made += SLAB_CHUNK;
	/* from the last to the first, so that low indices are handed out first */
	for (uint32_t i = SLAB_CHUNK; i-- > 0;) {
		*(uint32_t *)slab_at(s, first + i) = s->first_free;
		s->first_free = first + i;
	}
	return 0;
}
