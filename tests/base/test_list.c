/* SPDX-License-Identifier: BSD-3-Clause */

/* The intrusive list. */

#include <criterion/criterion.h>

#include "base/check.h"
#include "base/list.h"

struct item {
	char name;
	struct list node;
};

/* Walk forward and backward; both must spell @names. */
static void
expect_names(struct list *head, const char *names)
{
	struct list *node = head->next;
	size_t n = strlen(names);

	for (size_t i = 0; i < n; i++, node = node->next) {
		cr_assert(node != head, "list ends before %s", names + i);
		cr_assert_eq(holder_of(node, struct item, node)->name, names[i]);
	}
	cr_assert(node == head, "list goes on after %s", names);
	node = head->prev;
	for (size_t i = n; i-- > 0; node = node->prev)
		cr_assert_eq(holder_of(node, struct item, node)->name, names[i]);
	cr_assert(node == head);
}

static struct list letters;
static struct item a = { .name = 'a' };
static struct item b = { .name = 'b' };
static struct item c = { .name = 'c' };

static void
fill(void)
{
	list_init(&letters);
	list_add(&letters, &a.node);
	list_add(&letters, &b.node);
	list_add(&letters, &c.node);
}

Test(list, keeps_the_order_of_adding)
{
	fill();
	expect_names(&letters, "abc");
	cr_assert(list_first(&letters) == &a.node);
}

Test(list, adds_before_any_node)
{
	list_init(&letters);
	list_add(&letters, &a.node);
	list_add(&a.node, &b.node);
	list_add(&a.node, &c.node);
	expect_names(&letters, "bca");
}

Test(list, removes_from_front_middle_and_end)
{
	fill();
	list_remove(&b.node);
	expect_names(&letters, "ac");
	list_remove(&a.node);
	expect_names(&letters, "c");
	list_remove(&c.node);
	expect_names(&letters, "");
	cr_assert(list_is_empty(&letters));
	cr_assert_null(list_first(&letters));
}

Test(list, removing_a_node_twice_does_nothing)
{
	fill();
	list_remove(&b.node);
	list_remove(&b.node);
	expect_names(&letters, "ac");
}

Test(list, splices_everything_to_the_end)
{
	struct list from;

	list_init(&letters);
	list_init(&from);
	list_add(&letters, &a.node);
	list_add(&from, &b.node);
	list_add(&from, &c.node);
	list_splice(&letters, &from);
	expect_names(&letters, "abc");
	expect_names(&from, "");
}

Test(list, splices_into_and_from_an_empty_list)
{
	struct list empty;

	fill();
	list_init(&empty);
	list_splice(&letters, &empty);
	expect_names(&letters, "abc");
	list_splice(&empty, &letters);
	expect_names(&empty, "abc");
	expect_names(&letters, "");
}
