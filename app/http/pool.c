/* SPDX-License-Identifier: BSD-3-Clause */

#include "pool.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_LEN (64 * 1024)
#define ALIGN     16

static size_t
max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void *
next_of(void *object)
{
	void *next;

	memcpy(&next, object, sizeof(next));
	return next;
}

void
http_pool_init(struct http_pool *p, size_t size)
{
	*p = (struct http_pool){ .size = (max_size(size, ALIGN) + ALIGN - 1) &
					 ~(size_t)(ALIGN - 1) };
}

void
http_pool_destroy(struct http_pool *p)
{
	for (void *chunk = p->chunks, *next; chunk != NULL; chunk = next) {
		next = next_of(chunk);
		free(chunk);
	}
	http_pool_init(p, p->size);
}

/* The first ALIGN octets of a chunk link it to the others; objects follow. */
static void
grow(struct http_pool *p)
{
	size_t n = max_size(CHUNK_LEN / p->size, 4);
	char *chunk = malloc(ALIGN + n * p->size);

	if (chunk == NULL)
		return;
	memcpy(chunk, &p->chunks, sizeof(p->chunks));
	p->chunks = chunk;
	p->used += n;
	for (size_t i = 0; i < n; i++)
		http_pool_put(p, chunk + ALIGN + i * p->size);
}

void *
http_pool_get(struct http_pool *p)
{
	void *object;

	if (p->free == NULL)
		grow(p);
	object = p->free;
	if (object == NULL)
		return NULL;
	p->free = next_of(object);
	p->used++;
	return object;
}

void
http_pool_put(struct http_pool *p, void *object)
{
	memcpy(object, &p->free, sizeof(p->free));
	p->free = object;
	p->used--;
}
