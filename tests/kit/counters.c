/* SPDX-License-Identifier: BSD-3-Clause */

/* Counters before and after. */

#include "kit/counters.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/names.h"

struct counters
counters_of(const struct env *env)
{
	struct counters c;

	memcpy(c.drops, env->drops, sizeof(c.drops));
	memcpy(c.stats, env->stats, sizeof(c.stats));
	return c;
}

static uint64_t
expected(const struct counter_move *moves, bool is_drop, unsigned which)
{
	uint64_t by = 0;

	for (; moves->by != 0; moves++) {
		if (moves->is_drop == is_drop && moves->which == which)
			by += moves->by;
	}
	return by;
}

void
counters_compare(const struct counters *before, const struct env *env,
	const struct counter_move *moves, const char *file, unsigned line)
{
	uint64_t moved;
	uint64_t wanted;

	for (unsigned i = 0; i < DROP_COUNT; i++) {
		moved = env->drops[i] - before->drops[i];
		wanted = expected(moves, true, i);
		cr_expect(moved == wanted, "%s:%u: DROP_%s moved by %lu instead of %lu", file, line,
			drop_name(i), moved, wanted);
	}
	for (unsigned i = 0; i < STAT_COUNT; i++) {
		moved = env->stats[i] - before->stats[i];
		wanted = expected(moves, false, i);
		cr_expect(moved == wanted, "%s:%u: STAT_%s moved by %lu instead of %lu", file, line,
			stat_name(i), moved, wanted);
	}
}
