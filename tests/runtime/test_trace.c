/* SPDX-License-Identifier: BSD-3-Clause */

/* Connections that are watched: which, and what is told of them. */

#include <baro/trace.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab.h"
#include "runtime/core.h"
#include "runtime/trace.h"

enum { MSS = 1460, TEXT_LEN = 1 << 16 };

static struct lab l;
static char told[TEXT_LEN];

static void
note(const char *line, void *user)
{
	size_t len = strlen(told);

	cr_assert_eq(user, (void *)&l);
	snprintf(told + len, sizeof(told) - len, "%s\n", line);
}

static void
setup(void)
{
	told[0] = '\0';
	lab_open(&l, &(struct baro_config){ .tcp = { .congestion = "newreno",
						    .hystart = BARO_OFF,
						    .rcv_buf = 65535 } });
}

static void
teardown(void)
{
	lab_skip_all(&l);
	lab_close(&l);
}

TestSuite(trace, .init = setup, .fini = teardown);

static void
watch(const char *which)
{
	cr_assert_eq(baro_trace_start(l.core, which, note, &l), 0, "%s", which);
}

static bool
has(const char *text)
{
	return strstr(told, text) != NULL;
}

#define tells(text) cr_expect(has(text), "no \"%s\" in:\n%s", text, told)

Test(trace, which_is_an_end_or_all)
{
	static const struct {
		const char *which;
		unsigned n;
		uint32_t addr;
		uint16_t port;
	} rows[] = { { "198.18.0.1:5001", 1, 0xc6120001, 5001 }, { "198.18.0.1", 1, 0xc6120001, 0 },
		{ ":5001", 1, 0, 5001 }, { "all", 1, 0, 0 }, { "all,:7", 2, 0, 0 },
		{ ":1,:2,:3,:4,:5,:6,:7,:8", 8, 0, 1 }, { ":1,:2,:3,:4,:5,:6,:7,:8,:9", 0, 0, 0 },
		{ "", 0, 0, 0 }, { "198.18.0", 0, 0, 0 }, { "198.18.0.1:", 0, 0, 0 },
		{ ":0", 0, 0, 0 }, { ":65536", 0, 0, 0 }, { "all,", 0, 0, 0 },
		{ "198.18.0.1:5001x", 0, 0, 0 },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789", 0, 0,
			0 } };

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct tcp_trace_filter filter[TCP_TRACE_FILTERS];

		cr_expect_eq(trace_parse(rows[i].which, filter), rows[i].n, "%s", rows[i].which);
		if (rows[i].n == 0)
			continue;
		cr_expect_eq(filter[0].addr, rows[i].addr, "%s", rows[i].which);
		cr_expect_eq(filter[0].port, rows[i].port, "%s", rows[i].which);
	}
	cr_expect_eq(baro_trace_start(l.core, "here", note, &l), -EINVAL);
}

/* The life of a connection, line by line. */
Test(trace, what_happens_is_told)
{
	watch("198.18.0.1:40000");
	lab_establish(&l, LAB_PLAIN);
	tells(" 198.18.0.2:80 198.18.0.1:40000 state from=CLOSED to=SYN-RECEIVED\n");
	tells(" state from=SYN-RECEIVED to=ESTABLISHED\n");
	tells(" snd_wnd wnd=65535\n");
	tells(" cwnd cwnd=14600 ssthresh=4294967295 pipe=0 pacing_per_s=0\n");
	lab_write(&l, 8 * MSS);
	lab_run_ms(&l, 20);
	told[0] = '\0';
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS, .wnd = 30000));
	tells(" cwnd cwnd=16060 ssthresh=4294967295 pipe=10220 pacing_per_s=0\n");
	tells(" snd_wnd wnd=30000\n");
	tells(" rtt srtt_us=");
	cr_expect_not(has("lost"));
	lab_run_ms(&l, 1000);
	tells(" timeout n=1 next_us=");
	tells(" recovery until_seq=11680 cwnd=1460 ssthresh=5110\n");
	tells(" lost len=10220 pipe=");
	tells(" again seq=1460 len=1460\n");
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 8 * MSS));
	tells(" recovered cwnd=");
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1 + 8 * MSS));
	tells(" state from=ESTABLISHED to=CLOSE-WAIT\n");
}

/* The time is the turn's, in seconds. */
Test(trace, a_line_begins_with_the_time)
{
	char time[64];

	watch(":80");
	lab_run_ms(&l, 12345);
	lab_establish(&l, LAB_PLAIN);
	snprintf(time, sizeof(time), "%lu.%06lu 198.18.0.2:80", l.now_ns / NS_PER_SEC,
		l.now_ns / NS_PER_US % 1000000);
	tells(time);
}

Test(trace, others_are_not_told_of)
{
	watch("198.18.0.7,:81");
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, MSS);
	cr_expect_str_eq(told, "");
	cr_expect_eq(lab_tcp(&l)->trace_mark, 0);
}

/* On and off at any time, and again with others. */
Test(trace, connections_that_are_there_can_be_watched)
{
	lab_establish(&l, LAB_PLAIN);
	watch("all");
	cr_expect_str_eq(told, "");
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 777, .len = 1));
	tells(" snd_wnd wnd=777\n");
	told[0] = '\0';
	watch(":81");
	lab_recv(&l, SEG(ACK, .seq = 2, .ack = 1, .wnd = 778, .len = 1));
	cr_expect_str_eq(told, "");
	watch(":80");
	lab_recv(&l, SEG(ACK, .seq = 3, .ack = 1, .wnd = 779, .len = 1));
	tells(" snd_wnd wnd=779\n");
	told[0] = '\0';
	baro_trace_stop(l.core);
	baro_trace_stop(l.core);
	lab_recv(&l, SEG(ACK, .seq = 4, .ack = 1, .wnd = 780, .len = 1));
	cr_expect_str_eq(told, "");
	cr_expect_null(l.core->stack.tcp.common.trace);
}

/* What had no room is counted, not forgotten. */
Test(trace, too_much_for_a_turn_is_said)
{
	watch("all");
	lab_establish(&l, LAB_PLAIN);
	told[0] = '\0';
	l.core->stack.tcp.common.trace->n = TCP_TRACE_RECORDS;
	trace_put(lab_tcp(&l), TCP_TRACE_MSS, (const uint64_t[TCP_TRACE_VALUES]){ 1, 2 });
	l.core->stack.tcp.common.trace->n = 0;
	lab_poll(&l);
	cr_expect_str_eq(told, "1 records or connections had no room\n");
}

/* tcp.trace: from the start; lines go to stderr */
Test(trace, the_configuration_watches_from_the_start)
{
	struct baro_core *core;

	cr_assert_eq(baro_core_create(&(struct baro_config){ .tcp.trace = ":5001" }, 0, &core), 0);
	cr_expect_not_null(core->stack.tcp.common.trace);
	cr_expect_eq(core->stack.tcp.common.trace->filter[0].port, 5001);
	baro_core_destroy(core);
	cr_expect_eq(baro_core_create(&(struct baro_config){ .tcp.trace = "nobody" }, 0, &core),
		-EINVAL);
}
