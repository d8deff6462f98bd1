/* SPDX-License-Identifier: BSD-3-Clause */

/* What is said of cores that are far from a port. */

#include <criterion/criterion.h>
#include <string.h>

#include "runtime/nodes.h"

/** What is said of a port on @port_node with cores on the @n nodes of @core_node. */
static const char *
said(int port_node, const int *core_node, unsigned n, const char *near)
{
	static char text[256];
	FILE *out = fmemopen(text, sizeof(text), "w");

	memset(text, 0, sizeof(text));
	cr_assert_not_null(out);
	nodes_compare("0000:3b:00.0", port_node, core_node, n, near, out);
	fclose(out);
	return text;
}

Test(nodes, cores_on_the_ports_node_are_as_it_should_be)
{
	cr_assert_str_empty(said(1, (const int[]){ 1, 1 }, 2, "8-15"));
}

Test(nodes, what_is_not_known_is_not_complained_about)
{
	cr_assert_str_empty(said(-1, (const int[]){ 0, 1 }, 2, "8-15"));
	cr_assert_str_empty(said(1, (const int[]){ -1, 1 }, 2, "8-15"));
}

Test(nodes, those_far_away_are_named_and_what_is_near_too)
{
	cr_assert_str_eq(said(1, (const int[]){ 0, 1, 2 }, 3, "8-15"),
		"warning: 0000:3b:00.0 is on NUMA node 1, but core0 on 0, core2 on 2: each of "
		"their frames crosses over; CPUs near it are -l 8-15\n");
	cr_assert_str_eq(said(0, (const int[]){ 1 }, 1, ""),
		"warning: 0000:3b:00.0 is on NUMA node 0, but core0 on 1: each of their frames "
		"crosses over\n");
}
