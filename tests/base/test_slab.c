/* SPDX-License-Identifier: BSD-3-Clause */

/* The pool of equal objects. */

#include <criterion/criterion.h>

#include <errno.h>

#include "base/slab.h"

Test(slab, refuses_sizes_that_make_no_sense)
{
	static const struct {
		const char *name;
		uint32_t obj_len;
		uint32_t limit;
	} rows[] = {
		{ "objects of no octets", 0, 1 },
		{ "no objects", 64, 0 },
		{ "an index that would be SLAB_NONE", 64, UINT32_MAX },
		{ "an object length that overflows when rounded", UINT32_MAX, 1 },
	};
	struct slab s;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_expect_eq(slab_init(&s, rows[i].obj_len, rows[i].limit, NULL), -EINVAL, "%s",
			rows[i].name);
	}
}

Test(slab, allocates_nothing_before_the_first_object)
{
	struct slab s;

	cr_assert_eq(slab_init(&s, 64, 10 * SLAB_CHUNK, NULL), 0);
	cr_expect_eq(s.n_made, 0);
	slab_fini(&s);
}

Test(slab, hands_out_low_indices_first_and_zeroed_objects)
{
	struct slab s;
	uint32_t index = SLAB_NONE;

	cr_assert_eq(slab_init(&s, 24, SLAB_CHUNK, NULL), 0);
	for (uint32_t i = 0; i < SLAB_CHUNK; i++) {
		uint32_t *obj = slab_get(&s, &index);

		cr_assert_eq(index, i);
		for (int word = 1; word < 6; word++)
			cr_assert_eq(obj[word], 0);
	}
	slab_fini(&s);
}

Test(slab, objects_are_aligned_and_do_not_overlap)
{
	struct slab s;
	uint32_t index = SLAB_NONE;
	char *last = NULL;

	cr_assert_eq(slab_init(&s, 13, SLAB_CHUNK, NULL), 0);
	cr_assert_eq(s.obj_len, 16);
	for (uint32_t i = 0; i < SLAB_CHUNK; i++) {
		char *obj = slab_get(&s, &index);

		if (i == 0)
			cr_assert_eq((uintptr_t)obj % BARO_CACHE_LINE, 0);
		else
			cr_assert_eq(obj - last, 16);
		cr_assert(slab_at(&s, index) == obj);
		last = obj;
	}
	slab_fini(&s);
}

Test(slab, limit_is_rounded_up_to_a_chunk_and_then_holds)
{
	struct slab s;
	uint32_t index = SLAB_NONE;

	cr_assert_eq(slab_init(&s, 8, SLAB_CHUNK + 1, NULL), 0);
	for (uint32_t i = 0; i < 2 * SLAB_CHUNK; i++)
		cr_assert_not_null(slab_get(&s, &index));
	cr_expect_null(slab_get(&s, &index));
	cr_expect_eq(slab_grow(&s), -ENOMEM);
	slab_put(&s, 17);
	cr_expect_not_null(slab_get(&s, &index));
	cr_expect_eq(index, 17);
	cr_expect_eq(s.n_used, 2 * SLAB_CHUNK);
	slab_fini(&s);
}

Test(slab, never_moves_an_object_when_it_grows)
{
	struct slab s;
	uint32_t index = SLAB_NONE;
	uint64_t *first;

	cr_assert_eq(slab_init(&s, 8, 4 * SLAB_CHUNK, NULL), 0);
	first = slab_get(&s, &index);
	*first = 42;
	for (uint32_t i = 0; i < 3 * SLAB_CHUNK; i++)
		*(uint64_t *)slab_get(&s, &index) = 1;
	cr_expect_eq(s.n_made, 4 * SLAB_CHUNK);
	cr_expect(slab_at(&s, 0) == first);
	cr_expect_eq(*first, 42);
	slab_fini(&s);
}

Test(slab, last_returned_is_first_taken)
{
	struct slab s;
	uint32_t index = SLAB_NONE;

	cr_assert_eq(slab_init(&s, 8, 1, NULL), 0);
	for (int i = 0; i < 5; i++)
		slab_get(&s, &index);
	slab_put(&s, 1);
	slab_put(&s, 3);
	cr_expect_eq(s.n_used, 3);
	slab_get(&s, &index);
	cr_expect_eq(index, 3);
	slab_get(&s, &index);
	cr_expect_eq(index, 1);
	slab_fini(&s);
}

struct meter {
	int n_chunks;
	size_t len;
	bool is_empty;
};

static void *
metered_get(size_t len, void *user)
{
	struct meter *m = user;

	if (m->is_empty)
		return NULL;
	m->n_chunks++;
	m->len += len;
	return calloc(1, len);
}

static void
metered_put(void *chunk, size_t len, void *user)
{
	struct meter *m = user;

	m->n_chunks--;
	m->len -= len;
	free(chunk);
}

Test(slab, gives_the_callers_memory_back)
{
	struct meter meter = { 0 };
	struct slab_memory memory = { metered_get, metered_put, &meter };
	struct slab s;
	uint32_t index = SLAB_NONE;

	cr_assert_eq(slab_init(&s, 40, 3 * SLAB_CHUNK, &memory), 0);
	for (uint32_t i = 0; i < SLAB_CHUNK + 1; i++)
		cr_assert_not_null(slab_get(&s, &index));
	cr_expect_eq(meter.n_chunks, 2);
	cr_expect_eq(meter.len, 2 * 40 * SLAB_CHUNK);
	slab_fini(&s);
	cr_expect_eq(meter.n_chunks, 0);
	cr_expect_eq(meter.len, 0);
}

Test(slab, gives_back_what_is_free_but_for_a_spare)
{
	struct meter meter = { 0 };
	struct slab_memory memory = { metered_get, metered_put, &meter };
	static uint32_t index[8 * SLAB_CHUNK];
	struct slab s;

	cr_assert_eq(slab_init(&s, 16, 8 * SLAB_CHUNK, &memory), 0);
	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 8 * SLAB_CHUNK; i++) {
			uint32_t *obj = slab_get(&s, &index[i]);

			cr_assert_not_null(obj);
			obj[1] = obj[2] = index[i];
		}
		cr_expect_eq(s.n_chunks, 8);
		cr_expect_null(slab_get(&s, &(uint32_t){ 0 }));
		for (uint32_t i = 0; i < 8 * SLAB_CHUNK; i++) {
			cr_assert_eq(((uint32_t *)slab_at(&s, index[i]))[1], index[i]);
			slab_put(&s, index[i]);
		}
		cr_expect_eq(s.n_chunks, 1);
		cr_expect_eq(slab_octets(&s), 16 * SLAB_CHUNK);
		cr_expect_eq(meter.n_chunks, 2, "the spare one, and zeroes for all that are gone");
		cr_expect_eq(s.n_made, 8 * SLAB_CHUNK);
		for (uint32_t i = 0; i < s.n_made; i++) /* who walks over all may still do so */
			if (s.chunk[i / SLAB_CHUNK].memory == s.blank)
				cr_assert_eq(((uint32_t *)slab_at(&s, i))[1], 0);
	}
	slab_fini(&s);
	cr_expect_eq(meter.n_chunks, 0);
}

Test(slab, keeps_an_eighth_of_what_is_used_for_what_comes)
{
	enum { CHUNKS = 24, OFTEN = 4 };
	struct meter meter = { 0 };
	struct slab_memory memory = { metered_get, metered_put, &meter };
	static uint32_t index[CHUNKS * SLAB_CHUNK];
	struct slab s;
	uint32_t n;

	cr_assert_eq(slab_init(&s, 16, CHUNKS * SLAB_CHUNK, &memory), 0);
	for (n = 0; n < CHUNKS * SLAB_CHUNK; n++)
		cr_assert_not_null(slab_get(&s, &index[n]));
	while (n > (CHUNKS - OFTEN) * SLAB_CHUNK)
		slab_put(&s, index[--n]);
	/* of the four that are free one has remained open, and two are an eighth of twenty */
	cr_expect_eq(s.n_chunks, CHUNKS - 1);
	cr_expect_eq(s.n_idle, 2);
	meter.is_empty = true;
	for (unsigned round = 0; round < 3; round++) {
		while (n < (CHUNKS - 1) * SLAB_CHUNK)
			cr_assert_not_null(slab_get(&s, &index[n++]));
		while (n > (CHUNKS - OFTEN) * SLAB_CHUNK)
			slab_put(&s, index[--n]);
		cr_expect_eq(s.n_chunks, CHUNKS - 1, "nothing is given back or asked for");
	}
	while (n != 0)
		slab_put(&s, index[--n]);
	cr_expect_eq(s.n_chunks, 1, "of nothing an eighth is nothing");
	slab_fini(&s);
	cr_expect_eq(meter.n_chunks, 0);
}

Test(slab, one_object_keeps_its_chunk)
{
	struct slab s;
	static uint32_t index[4 * SLAB_CHUNK];
	uint32_t again;

	cr_assert_eq(slab_init(&s, 16, 4 * SLAB_CHUNK, NULL), 0);
	for (uint32_t i = 0; i < 4 * SLAB_CHUNK; i++)
		((uint32_t *)slab_get(&s, &index[i]))[1] = i;
	for (uint32_t i = 0; i < 4 * SLAB_CHUNK; i++)
		if (i != SLAB_CHUNK + 7)
			slab_put(&s, index[i]);
	cr_expect_eq(s.n_chunks, 2);
	cr_expect_eq(((uint32_t *)slab_at(&s, SLAB_CHUNK + 7))[1], SLAB_CHUNK + 7);
	for (uint32_t i = 0; i < 4 * SLAB_CHUNK - 1; i++) {
		cr_assert_not_null(slab_get(&s, &again));
		cr_assert_neq(again, SLAB_CHUNK + 7);
	}
	cr_expect_null(slab_get(&s, &again));
	slab_fini(&s);
}

Test(slab, recovers_when_memory_comes_back)
{
	struct meter meter = { .is_empty = true };
	struct slab_memory memory = { metered_get, metered_put, &meter };
	struct slab s;
	uint32_t index = SLAB_NONE;

	cr_assert_eq(slab_init(&s, 40, SLAB_CHUNK, &memory), 0);
	cr_expect_null(slab_get(&s, &index));
	cr_expect_eq(s.n_used, 0);
	meter.is_empty = false;
	cr_expect_not_null(slab_get(&s, &index));
	cr_expect_eq(s.n_used, 1);
	slab_fini(&s);
}
