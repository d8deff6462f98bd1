/* SPDX-License-Identifier: BSD-3-Clause */

/* The numbers of descriptors. */

#include <criterion/criterion.h>
#include <errno.h>

#include "socket/fdtab.h"

static int object;

Test(fdtab, numbers_are_given_out_in_turn)
{
	struct fdtab t = { 0 };

	cr_expect_null(fdtab_find(&t, 0));
	cr_expect_eq(fdtab_add(&t, &object), 0);
	cr_expect_eq(fdtab_add(&t, &t), 1);
	cr_expect_eq(fdtab_find(&t, 0), &object);
	cr_expect_eq(fdtab_find(&t, 1), &t);
	fdtab_remove(&t, 0);
	cr_expect_null(fdtab_find(&t, 0));
	cr_expect_eq(fdtab_add(&t, &object), 2);
	cr_expect_null(fdtab_find(&t, FD_NUMBERS + 1));
	fdtab_fini(&t);
}

Test(fdtab, a_number_comes_again_after_all_others)
{
	struct fdtab t = { 0 };

	cr_expect_eq(fdtab_add(&t, &object), 0); /* stays */
	for (int i = 1; i < FD_NUMBERS; i++) {
		cr_assert_eq(fdtab_add(&t, &object), i);
		fdtab_remove(&t, (uint32_t)i);
	}
	cr_expect_eq(fdtab_add(&t, &object), 1);
	cr_expect_eq(t.n_used, 2);
	fdtab_fini(&t);
}

Test(fdtab, what_is_in_use_is_stepped_over)
{
	struct fdtab t = { 0 };

	for (int i = 0; i < 2 * FD_PAGE + 5; i++)
		cr_assert_eq(fdtab_add(&t, &object), i);
	t.next = 0; /* as after all the others */
	cr_expect_eq(fdtab_add(&t, &object), 2 * FD_PAGE + 5);
	fdtab_fini(&t);
}
