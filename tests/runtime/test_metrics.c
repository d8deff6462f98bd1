/* SPDX-License-Identifier: BSD-3-Clause */

/* Prometheus's text: every counter is there, by a name with its unit, once. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core.h"
#include "runtime/crew.h"
#include "runtime/metrics.h"

static struct baro_core *core;
static char *text;

static void
setup(void)
{
	cr_assert_eq(baro_core_create(NULL, 0, &core), 0);
}

static void
teardown(void)
{
	free(text);
	baro_core_destroy(core);
}

TestSuite(metrics, .init = setup, .fini = teardown);

static const char *
written(void)
{
	size_t len = baro_metrics_write(core, NULL, 0);

	free(text);
	text = malloc(len + 1);
	cr_assert_eq(baro_metrics_write(core, text, len + 1), len);
	cr_assert_eq(strlen(text), len);
	return text;
}

static bool
has_line(const char *line)
{
	const char *at = strstr(written(), line);
	size_t len = strlen(line);

	return at != NULL && (at == text || at[-1] == '\n') && at[len] == '\n';
}

Test(metrics, counters_have_their_unit_in_their_names)
{
	core->stack.env.stats[STAT_RX_OCTETS] = 1234;
	core->stack.env.stats[STAT_TCP_IN_SEGS] = 5;
	core->stack.env.stats[STAT_BUSY_NS] = UINT64_C(2000000007);
	cr_expect(has_line("# TYPE baro_rx_bytes_total counter"));
	cr_expect(has_line("# HELP baro_rx_bytes_total octets received"));
	cr_expect(has_line("baro_rx_bytes_total{core=\"0\"} 1234"));
	cr_expect(has_line("baro_tcp_in_segs_total{core=\"0\"} 5"));
	cr_expect(has_line("baro_busy_seconds_total{core=\"0\"} 2.000000007"));
}

Test(metrics, drops_are_one_metric_with_reasons)
{
	core->stack.env.drops[DROP_TCP_SEQ] = 3;
	cr_expect(has_line("baro_drops_total{core=\"0\",layer=\"tcp\",reason=\"TCP_SEQ\"} 3"));
	cr_expect(has_line("baro_drop_reason_info{reason=\"TCP_SEQ\",meaning=\"segment outside the "
			   "receive window\"} 1"));
}

Test(metrics, every_counter_is_there)
{
	unsigned n = 0;

	for (const char *at = written(); (at = strstr(at, "\n# TYPE ")) != NULL; at++)
		n += strstr(at, " counter\n") == strchr(at + 8, ' ');
	/* the first TYPE line follows a HELP line, as all do; drops are one more */
	cr_expect_eq(n, baro_stat_count() + 1, "%u", n);
}

Test(metrics, objects_in_use)
{
	const struct baro_endpoint any = { .port = 80 };
	static const struct baro_conn_ops ops;
	struct baro_listener *l;

	cr_assert_eq(baro_listen(core, &any, NULL, &ops, NULL, &l), 0);
	cr_expect(has_line("baro_listeners{core=\"0\"} 1"));
}

Test(metrics, cores_of_one_program_have_a_line_each)
{
	struct baro_core *other;
	struct crew crew;

	cr_assert_eq(baro_core_create(NULL, 0, &other), 0);
	cr_assert_eq(crew_init(&crew, 1, NULL), 0);
	crew.n_cores = 2;
	crew_join(&crew, 0, core);
	cr_expect_not(has_line("baro_rx_packets_total{core=\"1\"} 7"), "it is not made yet");
	crew_join(&crew, 1, other);
	other->stack.env.stats[STAT_RX_PACKETS] = 7;
	cr_expect(has_line("baro_rx_packets_total{core=\"0\"} 0"));
	cr_expect(has_line("baro_rx_packets_total{core=\"1\"} 7"));
	crew_fini(&crew);
	baro_core_destroy(other);
}

/* 64 cores with the longest numbers: no item is cut. */
Test(metrics, an_item_of_all_cores_fits)
{
	char item[METRICS_ITEM_LEN];
	struct crew crew;

	cr_assert_eq(crew_init(&crew, 1, NULL), 0);
	crew.n_cores = BARO_MAX_CORES;
	for (unsigned i = 0; i < BARO_MAX_CORES; i++)
		crew_join(&crew, i, core);
	memset(core->stack.env.stats, 0xff, sizeof(core->stack.env.stats));
	memset(core->stack.env.drops, 0xff, sizeof(core->stack.env.drops));
	for (unsigned i = 0; metrics_item(core, i, item) != 0; i++) {
		if (strstr(item, "core=") != NULL)
			cr_expect_not_null(strstr(item, "core=\"63\""), "%s", item);
	}
	crew_fini(&crew);
}

Test(metrics, too_little_room_leaves_whole_lines)
{
	char room[1000];
	size_t len = baro_metrics_write(core, room, sizeof(room));

	cr_expect_gt(len, sizeof(room));
	cr_expect_eq(room[strlen(room) - 1], '\n');
}
