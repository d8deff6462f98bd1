/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

/* Objects of one size on a core's own free list: taken and put back without malloc(). */

#include <stddef.h>

struct http_pool {
	size_t size;  /* octets of an object */
	void *free;   /* first of the unused; each holds the pointer to the next */
	void *chunks; /* memory from the system, likewise linked */
	size_t used;  /* objects taken and not put back */
};

void
http_pool_init(struct http_pool *p, size_t size);

/** Free the memory of all objects, put back or not. */
void
http_pool_destroy(struct http_pool *p);

/** @return an object with anything in it, NULL when memory ran out */
void *
http_pool_get(struct http_pool *p);
void
http_pool_put(struct http_pool *p, void *object);

#endif
