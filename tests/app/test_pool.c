/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>
#include <string.h>

#include "../../app/http/pool.h"

Test(http_pool, hands_out_the_last_one_put_back)
{
	struct http_pool p;
	void *a, *b;

	http_pool_init(&p, 100);
	a = http_pool_get(&p);
	b = http_pool_get(&p);
	cr_assert(a != NULL && b != NULL && a != b);
	memset(a, 0xff, 100);
	memset(b, 0xff, 100);
	http_pool_put(&p, a);
	cr_expect_eq(http_pool_get(&p), a);
	cr_expect_eq(p.used, 2);
	http_pool_destroy(&p);
}

Test(http_pool, grows_by_chunks)
{
	struct http_pool p;

	http_pool_init(&p, 5000);
	for (int i = 0; i < 1000; i++)
		memset(http_pool_get(&p), i, 5000);
	cr_expect_eq(p.used, 1000);
	http_pool_destroy(&p);
	cr_expect_eq(p.used, 0);
}
