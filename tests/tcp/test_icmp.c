/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP errors about segments, and neighbours that do not answer: RFC 9293 §3.9.2.2, RFC 5461,
 * RFC 5927, RFC 1122 §2.3.2. Path MTUs are in test_mtu.c.
 */

#include <errno.h>

#include "story.h"
#include "wire/icmp.h"

/** What an error means: to a connect, and to an established connection that times out. */
static const struct {
	const char *name;
	uint8_t type, code;
	bool is_hard;
	int err;
} rows[] = {
	{ "net", ICMP_UNREACHABLE, ICMP_UNREACH_NET, false, -ENETUNREACH },
	{ "host", ICMP_UNREACHABLE, ICMP_UNREACH_HOST, false, -EHOSTUNREACH },
	{ "source route", ICMP_UNREACHABLE, 5, false, -EHOSTUNREACH },
	{ "net unknown", ICMP_UNREACHABLE, ICMP_UNREACH_NET_UNKNOWN, false, -ENETUNREACH },
	{ "host unknown", ICMP_UNREACHABLE, 7, false, -EHOSTUNREACH },
	{ "TOS", ICMP_UNREACHABLE, ICMP_UNREACH_NET_TOS, false, -ENETUNREACH },
	{ "no such code", ICMP_UNREACHABLE, 200, false, -EHOSTUNREACH },
	{ "time exceeded", ICMP_TIME_EXCEEDED, 0, false, -EHOSTUNREACH },
	{ "parameter problem", ICMP_PARAMETER, 0, false, -EPROTO },
	{ "protocol", ICMP_UNREACHABLE, ICMP_UNREACH_PROTO, true, -ECONNREFUSED },
	{ "port", ICMP_UNREACHABLE, ICMP_UNREACH_PORT, true, -ECONNREFUSED },
	{ "net prohibited", ICMP_UNREACHABLE, ICMP_UNREACH_NET_PROHIBITED, true, -ENETUNREACH },
	{ "host prohibited", ICMP_UNREACHABLE, ICMP_UNREACH_HOST_PROHIBITED, true, -EHOSTUNREACH },
	{ "filtered", ICMP_UNREACHABLE, ICMP_UNREACH_FILTERED, true, -EHOSTUNREACH },
};

#define FOR_EACH_ROW(i, l) \
	for (unsigned i = 0; i < ARRAY_LEN(rows) && ((l)->row = rows[i].name, true); i++)

static const struct baro_config soon = { .tcp.user_timeout_ns = 2 * NS_PER_SEC,
	.tcp.connect_timeout_ns = 2 * NS_PER_SEC };

/* D08: RFC 5461 §2; D07 D19: soft ones are told when the connect gives up */
Test(tcp_icmp, connect_fails_at_once_by_a_hard_error_and_in_time_by_a_soft_one)
{
	struct lab l;

	FOR_EACH_ROW(i, &l)
	{
		lab_open(&l, &soon);
		lab_connect(&l);
		lab_recv_icmp(&l, ICMP(.type = rows[i].type, .code = rows[i].code, .len = 60));
		cr_expect_eq(l.app.n_closed, rows[i].is_hard, "%s", rows[i].name);
		lab_run_ms(&l, 10000);
		lab_skip_all(&l);
		cr_expect_eq(l.app.n_closed, 1);
		cr_expect_eq(l.app.err, rows[i].err, "%s: %d", rows[i].name, l.app.err);
		lab_dropped_nothing(&l);
		lab_holds(&l, 0, 0);
		lab_close(&l);
	}
}

/* D07 D19: soft, D10: hard; both are told if the connection later times out */
Test(tcp_icmp, established_connection_lives_on_whatever_it_hears)
{
	struct lab l;

	FOR_EACH_ROW(i, &l)
	{
		story_begin(&l, &soon, LAB_PLAIN);
		lab_write(&l, 100);
		lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
		lab_recv_icmp(&l, ICMP(.type = rows[i].type, .code = rows[i].code, .seq = 1));
		lab_sends_nothing(&l);
		lab_state_is(&l, TCP_ST_ESTABLISHED);
		lab_run_ms(&l, 10000);
		lab_skip_all(&l);
		cr_expect_eq(l.app.n_closed, 1);
		cr_expect_eq(l.app.err, rows[i].err, "%s: %d", rows[i].name, l.app.err);
		story_end(&l);
	}
}

/* D07: what got through after all was not unreachable */
Test(tcp_icmp, soft_error_is_forgotten_when_its_segment_arrives)
{
	struct lab l;

	story_begin(&l, &soon, LAB_PLAIN);
	lab_write(&l, 100);
	lab_recv_icmp(&l, ICMP(.code = ICMP_UNREACH_HOST, .seq = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	lab_write(&l, 100);
	lab_run_ms(&l, 10000);
	lab_skip_all(&l);
	cr_expect_eq(l.app.err, -ETIMEDOUT);
	story_end(&l);
}

/* D09 */
Test(tcp_icmp, error_about_what_is_not_in_flight_is_ignored)
{
	static const uint32_t off[] = { 0, 0x80000000, 51, 100, 201, 202, 1000, 0xfffffffe };
	struct lab l;

	story_begin(&l, &soon, LAB_PLAIN);
	lab_write(&l, 200);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	lab_skip_all(&l);
	for (unsigned i = 0; i < ARRAY_LEN(off); i++)
		lab_recv_icmp(&l, ICMP(.code = ICMP_UNREACH_HOST, .seq = off[i]));
	lab_dropped(&l, DROPPED(DROP_ICMP_QUOTE, ARRAY_LEN(off)));
	lab_run_ms(&l, 10000);
	lab_skip_all(&l);
	cr_expect_eq(l.app.err, -ETIMEDOUT);
	story_end(&l);
}

/* D09 D08: an attacker has to guess the SYN's number, too */
Test(tcp_icmp, connect_believes_only_errors_about_its_syn)
{
	static const uint32_t off[] = { 1, 2, 0xffffffff, 0x80000000 };
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	for (unsigned i = 0; i < ARRAY_LEN(off); i++)
		lab_recv_icmp(&l, ICMP(.code = ICMP_UNREACH_PORT, .seq = off[i]));
	lab_recv_icmp(&l, ICMP(.code = ICMP_UNREACH_PORT, .our_port = 1));
	lab_recv_icmp(&l, ICMP(.code = ICMP_UNREACH_PORT, .dst = LAB_PEER + 1));
	lab_dropped(&l, DROPPED(DROP_ICMP_QUOTE, ARRAY_LEN(off) + 2));
	lab_state_is(&l, TCP_ST_SYN_SENT);
	lab_recv_icmp(&l, ICMP(.code = ICMP_UNREACH_PORT));
	cr_expect_eq(l.app.err, -ECONNREFUSED);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* D10: nothing is in flight after the handshake: no port to be refused any more */
Test(tcp_icmp, error_about_the_syn_comes_too_late)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish_active(&l, LAB_PLAIN);
	lab_recv_icmp(&l, ICMP(.code = ICMP_UNREACH_PORT));
	lab_dropped(&l, DROPPED(DROP_ICMP_QUOTE, 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_close(&l);
}

/* D15: RFC 6633 §3 */
Test(tcp_icmp, source_quench_changes_nothing)
{
	struct lab l;
	uint32_t cwnd;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 5000);
	lab_skip_all(&l);
	cwnd = lab_tcp(&l)->cwnd;
	for (int i = 0; i < 3; i++)
		lab_recv_icmp(&l, ICMP(.type = ICMP_SOURCE_QUENCH, .seq = 1));
	cr_expect_eq(lab_tcp(&l)->cwnd, cwnd);
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_ICMP_TYPE, 3));
	story_end(&l);
}

/* D17 */
Test(tcp_icmp, quote_cut_short_is_ignored)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	for (uint32_t cut = 1; cut <= 28; cut++)
		lab_recv_icmp(&l, ICMP(.code = ICMP_UNREACH_PORT, .cut = cut));
	lab_dropped(&l, DROPPED(DROP_ICMP_QUOTE, 28));
	lab_state_is(&l, TCP_ST_SYN_SENT);
	baro_conn_abort(l.conn);
	lab_poll(&l);
	lab_close(&l);
}

/** Nobody is there. */
#define NOBODY (LAB_PEER + 100)

extern const struct baro_conn_ops lab_ops;

static int
connect_to_nobody(struct lab *l)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(NOBODY), 80 };
	struct baro_conn *c;
	int err = baro_connect(l->core, &remote, NULL, &lab_ops, l, &c);

	lab_poll(l);
	return err;
}

/* A06: RFC 1122 §2.3.2.1; three requests, a second apart */
Test(tcp_icmp, connect_to_an_address_that_answers_no_arp_fails_in_three_seconds)
{
	struct lab l;

	lab_open(&l, NULL);
	cr_assert_eq(connect_to_nobody(&l), 0);
	lab_run_ms(&l, 2990);
	cr_expect_eq(l.app.n_closed, 0);
	cr_expect_eq(lab_stat(&l, STAT_ARP_REQUESTS_OUT), 3 + 2, "two announcements");
	lab_run_ms(&l, 20);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, -EHOSTUNREACH);
	cr_expect_eq(connect_to_nobody(&l), -EHOSTUNREACH, "and for a while nobody asks again");
	lab_run_ms(&l, 10000);
	cr_expect_eq(connect_to_nobody(&l), 0);
	lab_run_ms(&l, 3100);
	cr_expect_eq(l.app.n_closed, 2);
	lab_skip_all(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* A06: more connects than packets may wait: those whose SYN was pushed out hear of it, too */
Test(tcp_icmp, every_connect_to_an_absent_host_fails)
{
	struct lab l;

	lab_open(&l, &(struct baro_config){ .neighbour.max_parked = 2 });
	for (int i = 0; i < 10; i++)
		cr_assert_eq(connect_to_nobody(&l), 0);
	lab_run_ms(&l, 3010);
	cr_expect_geq(l.app.n_closed, 2);
	lab_run_ms(&l, 12000);
	cr_expect_eq(l.app.n_closed, 10);
	cr_expect_eq(l.app.err, -EHOSTUNREACH);
	lab_skip_all(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* A06 D07: an established connection goes on, and learns why only when it times out */
Test(tcp_icmp, established_connection_survives_its_neighbour)
{
	struct neigh *n;
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.user_timeout_ns = 20 * NS_PER_SEC }, LAB_PLAIN);
	n = lab_tcp(&l)->path_neigh;
	n->state = NEIGH_FAILED;
	lab_write(&l, 100);
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_NEIGH_FAILED, 1));
	n->state = NEIGH_REACHABLE;
	lab_run_ms(&l, 1000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_skip_all(&l);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_run_ms(&l, 60000);
	cr_expect_eq(l.app.err, -EHOSTUNREACH);
	lab_skip_all(&l);
	lab_close(&l);
}
