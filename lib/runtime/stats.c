/* SPDX-License-Identifier: BSD-3-Clause */
/* A core's counters by number and name (baro/stats.h). */

#include <baro/stats.h>
#include <errno.h>

#include "base/names.h"
#include "runtime/core.h"

/** Counters are written by their core alone; a whole word is read at once. */
static uint64_t
read_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

unsigned
baro_stat_count(void)
{
	return STAT_COUNT;
}

int
baro_stat_read(const struct baro_core *core, unsigned i, struct baro_counter *out)
{
	if (i >= STAT_COUNT)
		return -ERANGE;
	out->name = stat_name((enum stat)i);
	out->layer = stat_layer((enum stat)i);
	out->sentence = stat_sentence((enum stat)i);
	out->value = read_counter(&core->stack.env.stats[i]);
	return 0;
}

/* DROP_NONE is no reason: the first reason has number 0 here. */

unsigned
baro_drop_count(void)
{
	return DROP_COUNT - 1;
}

int
baro_drop_read(const struct baro_core *core, unsigned i, struct baro_counter *out)
{
	enum drop why = (enum drop)(i + 1);

	if (i >= baro_drop_count())
		return -ERANGE;
	out->name = drop_name(why);
	out->layer = drop_layer(why);
	out->sentence = drop_sentence(why);
	out->value = read_counter(&core->stack.env.drops[why]);
	return 0;
}

static uint32_t
read_number(const uint32_t *number)
{
	return __atomic_load_n(number, __ATOMIC_RELAXED);
}

/** But for the queue's; its core may arm both between the two looks. */
static uint32_t
read_timers(const struct stack *s)
{
	uint32_t is_waiting = __atomic_load_n(&s->tcp.quiet.timer.is_armed, __ATOMIC_RELAXED);
	uint32_t n = read_number(&s->env.wheel.n_armed);

	return n > is_waiting ? n - is_waiting : 0;
}

void
baro_usage_read(const struct baro_core *core, struct baro_usage *out)
{
	const struct stack *s = &core->stack;
	uint32_t n_netifs = read_number(&s->ip.n_netifs);

	*out = (struct baro_usage){ .conns = read_number(&s->tcp.rests.n_used),
		.resting = read_number(&s->tcp.n_resting),
		.embryos = read_number(&s->tcp.embryos.n_used),
		.time_waits = read_number(&s->tcp.timewaits.n_used),
		.listeners = read_number(&s->tcp.listens.n_used),
		.timers = read_timers(s),
		.mbufs = dev_pool_in_use(&s->pool),
		.sent = read_number(&s->tcp.sents.n_used) };
	for (uint32_t i = 0; i < n_netifs; i++)
		out->neighbours += read_number(&s->ip.netif[i].link.n_used);
}
