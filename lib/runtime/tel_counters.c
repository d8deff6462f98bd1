/* SPDX-License-Identifier: BSD-3-Clause */

/* Telemetry: what the cores count, and what they have in use. Read as it is: no core is asked. */

#include <baro/stats.h>
#include <string.h>

#include "runtime/clock.h"
#include "runtime/metrics.h"
#include "runtime/tables.h"
#include "runtime/tel.h"

enum { CORES_PAGE = 16 }; /* of the longer rows, those on memory */

/** baro_stat_read() or baro_drop_read() */
typedef int (*reader)(const struct baro_core *core, unsigned i, struct baro_counter *out);

static uint64_t
sum_of(const struct telemetry *t, reader read, unsigned i, uint64_t only)
{
	struct baro_counter c;
	uint64_t sum = 0;

	for (unsigned core = 0; core < t->crew->n_cores; core++) {
		const struct baro_core *of = crew_at(t->crew, core);

		if (of != NULL && (only == core || only == BARO_MAX_CORES) && read(of, i, &c) == 0)
			sum += c.value;
	}
	return sum;
}

/* Name by name: the number, or with "about" the sentence. */
static int
tell_counters(const struct telemetry *t, const char *params, reader read, unsigned n,
	struct rte_tel_data *d)
{
	const struct baro_core *first = crew_at(t->crew, 0);
	uint64_t only;

	if (!tel_number(params, "core", t->crew->n_cores - 1, BARO_MAX_CORES, &only))
		return tel_refuse(d, "core: there are 0 to %u", t->crew->n_cores - 1);
	if (first == NULL)
		return tel_refuse(d, "the program is beginning; ask again");
	rte_tel_data_start_dict(d);
	for (unsigned i = 0; i < n; i++) {
		struct baro_counter c;

		read(first, i, &c);
		if (tel_flag(params, "about"))
			rte_tel_data_add_dict_string(d, c.name, c.sentence);
		else
			rte_tel_data_add_dict_u64(d, c.name, sum_of(t, read, i, only));
	}
	return 0;
}

int
tel_counters(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	return tell_counters(t, params, baro_stat_read, baro_stat_count(), d);
}

int
tel_drops(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	return tell_counters(t, params, baro_drop_read, baro_drop_count(), d);
}

static uint64_t
stat_of(const struct baro_core *core, enum stat what)
{
	struct baro_counter c;

	return baro_stat_read(core, (unsigned)what, &c) == 0 ? c.value : 0;
}

static uint64_t
drops_of(const struct baro_core *core)
{
	struct baro_counter c;
	uint64_t sum = 0;

	for (unsigned i = 0; baro_drop_read(core, i, &c) == 0; i++)
		sum += c.value;
	return sum;
}

static void
tell_core(const struct telemetry *t, unsigned i, const struct baro_core *core,
	struct rte_tel_data *row)
{
	struct baro_usage usage;

	baro_usage_read(core, &usage);
	rte_tel_data_add_dict_u64(row, "core", i);
	rte_tel_data_add_dict_u64(row, "cpu", t->cpu[i]);
	rte_tel_data_add_dict_u64(row, "busy_ns", stat_of(core, STAT_BUSY_NS));
	rte_tel_data_add_dict_u64(row, "rx_packets", stat_of(core, STAT_RX_PACKETS));
	rte_tel_data_add_dict_u64(row, "rx_octets", stat_of(core, STAT_RX_OCTETS));
	rte_tel_data_add_dict_u64(row, "tx_packets", stat_of(core, STAT_TX_PACKETS));
	rte_tel_data_add_dict_u64(row, "tx_octets", stat_of(core, STAT_TX_OCTETS));
	rte_tel_data_add_dict_u64(row, "opens",
		stat_of(core, STAT_TCP_ACTIVE_OPENS) + stat_of(core, STAT_TCP_PASSIVE_OPENS));
	rte_tel_data_add_dict_u64(row, "conns", usage.conns);
	rte_tel_data_add_dict_u64(row, "drops", drops_of(core));
}

static void
tell_pool(const char *name, const struct rte_mempool *pool, struct rte_tel_data *row)
{
	char key[32];

	snprintf(key, sizeof(key), "%s_mbufs", name);
	rte_tel_data_add_dict_u64(row, key, pool->size);
	snprintf(key, sizeof(key), "%s_mbufs_used", name);
	rte_tel_data_add_dict_u64(row, key, rte_mempool_in_use_count(pool));
	snprintf(key, sizeof(key), "%s_octets", name);
	rte_tel_data_add_dict_u64(row, key,
		(uint64_t)pool->size * (pool->header_size + pool->elt_size + pool->trailer_size));
}

static void
tell_slab(const char *name, const struct slab *s, struct rte_tel_data *row)
{
	char key[32];

	snprintf(key, sizeof(key), "%s_used", name);
	rte_tel_data_add_dict_u64(row, key, __atomic_load_n(&s->n_used, __ATOMIC_RELAXED));
	snprintf(key, sizeof(key), "%s_max", name);
	rte_tel_data_add_dict_u64(row, key, s->limit);
	snprintf(key, sizeof(key), "%s_octets", name);
	rte_tel_data_add_dict_u64(row, key, slab_octets(s));
}

static void
tell_memory(const struct telemetry *t, unsigned i, const struct baro_core *core,
	struct rte_tel_data *row)
{
	const struct stack *s = &core->stack;
	struct baro_usage usage;

	(void)t;
	baro_usage_read(core, &usage);
	rte_tel_data_add_dict_u64(row, "core", i);
	tell_pool("text", s->pool.text, row);
	tell_pool("head", s->pool.head, row);
	tell_slab("conns", &s->tcp.conns, row);
	tell_slab("rests", &s->tcp.rests, row);
	tell_slab("rests_more", &s->tcp.rests_more, row);
	tell_slab("embryos", &s->tcp.embryos, row);
	tell_slab("timewaits", &s->tcp.timewaits, row);
	tell_slab("sent", &s->tcp.sents, row);
	rte_tel_data_add_dict_u64(row, "listeners", usage.listeners);
	rte_tel_data_add_dict_u64(row, "neighbours", usage.neighbours);
	rte_tel_data_add_dict_u64(row, "timers", usage.timers);
}

/* A row for each core, from "at" on, and when that was. */
static int
tell_cores(const struct telemetry *t, const char *params,
	void (*tell)(const struct telemetry *, unsigned, const struct baro_core *,
		struct rte_tel_data *),
	struct rte_tel_data *d)
{
	struct rte_tel_data *rows;
	unsigned n = 0;
	uint64_t at;

	if (!tel_number(params, "at", BARO_MAX_CORES, 0, &at))
		return tel_refuse(d, "at: give the number that \"next\" was");
	rows = tel_rows();
	for (; rows != NULL && at < t->crew->n_cores && n < CORES_PAGE; at++) {
		const struct baro_core *core = crew_at(t->crew, (unsigned)at);
		struct rte_tel_data *row = core != NULL ? tel_row(rows, n) : NULL;

		if (row == NULL)
			continue;
		tell(t, (unsigned)at, core, row);
		n++;
	}
	if (rows == NULL)
		return tel_refuse(d, "not enough memory for the answer");
	tel_add_rows(d, "cores", rows, at < t->crew->n_cores ? at : TABLE_END);
	rte_tel_data_add_dict_u64(d, "time_ns", clock_monotonic_ns());
	return 0;
}

int
tel_cores(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	return tell_cores(t, params, tell_core, d);
}

int
tel_memory(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	return tell_cores(t, params, tell_memory, d);
}

int
tel_prometheus(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	const struct baro_core *first = crew_at(t->crew, 0);
	char item[METRICS_ITEM_LEN];
	uint64_t at;

	if (first == NULL || !tel_number(params, "at", UINT32_MAX, 0, &at))
		return tel_refuse(d, "at: give the number of an item, from 0 on");
	metrics_item(first, (unsigned)at, item);
	return rte_tel_data_string(d, item);
}
