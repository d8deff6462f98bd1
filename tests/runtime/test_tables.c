/* SPDX-License-Identifier: BSD-3-Clause */

/* A core's tables by pages: every row once, a bounded number of entries a turn. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core.h"
#include "runtime/tables.h"

#define US   0xc6120002u
#define PEER 0xc6120001u

static struct baro_core *core;
static uint64_t now_ns;
static struct table_page page;

static void
transmit(const struct iovec *frame, int n, void *user)
{
	(void)frame;
	(void)n;
	(void)user;
}

static void
setup(void)
{
	const struct baro_port_opts opts = { .transmit = transmit,
		.address = baro_addr_from_v4(US),
		.gateway = baro_addr_from_v4(PEER) };
	static const struct baro_config config = { .core.seed = 1 };
	struct baro_port *port;

	cr_assert_eq(baro_core_create(&config, 0, &core), 0);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	now_ns = NS_PER_SEC;
	baro_core_poll(core, now_ns);
}

static void
teardown(void)
{
	baro_core_destroy(core);
}

TestSuite(tables, .init = setup, .fini = teardown);

static void
run(void)
{
	for (unsigned i = 0; i < 10000 && baro_core_next_deadline(core) <= now_ns; i++)
		baro_core_poll(core, now_ns);
}

static struct baro_endpoint
at(uint32_t addr, uint16_t port)
{
	struct baro_endpoint ep = { .port = port };

	if (addr != 0)
		ep.addr = baro_addr_from_v4(addr);
	return ep;
}

/** The next page of at most @n rows. @return slices that it took */
static unsigned
next_page(mailbox_slice table, unsigned n)
{
	unsigned n_slices = 1;

	page.n = 0;
	page.n_wanted = n;
	while (!table(core, &page))
		n_slices++;
	cr_assert_leq(page.n, n);
	return n_slices;
}

static void
begin(void)
{
	memset(&page, 0, sizeof(page));
	page.wants_listening = page.wants_connected = true;
}

/** The only row of a table. */
static void
ask_one(mailbox_slice table)
{
	begin();
	next_page(table, TABLE_PAGE);
	cr_assert_eq(page.n, 1, "%u rows", page.n);
	cr_assert_eq(page.at, TABLE_END);
}

static void
is_at(const struct baro_endpoint *ep, const char *text)
{
	char have[BARO_ENDPOINT_STRLEN];

	cr_expect_str_eq(baro_endpoint_format(ep, have), text);
}

static const struct baro_conn_ops ops;

static void
listen_on(uint16_t port)
{
	const struct baro_endpoint any = at(0, port);
	struct baro_listener *l;

	cr_assert_eq(baro_listen(core, &any, NULL, &ops, NULL, &l), 0);
}

static struct baro_conn *
connect_to(uint32_t addr, uint16_t port)
{
	const struct baro_endpoint to = at(addr, port);
	struct baro_conn *c;

	cr_assert_eq(baro_connect(core, &to, NULL, &ops, NULL, &c), 0);
	return c;
}

Test(tables, a_listener)
{
	listen_on(80);
	ask_one(table_tcp);
	is_at(&page.row.socket[0].local, "0.0.0.0:80");
	is_at(&page.row.socket[0].foreign, "0.0.0.0:0");
	cr_expect_str_eq(page.row.socket[0].state, "LISTEN");
	cr_expect_eq(page.row.socket[0].recv_q, 0);
	cr_expect_eq(page.row.socket[0].send_q, 1024, "its backlog");
}

Test(tables, a_connection_that_is_being_opened)
{
	connect_to(PEER, 99);
	run();
	ask_one(table_tcp);
	is_at(&page.row.socket[0].foreign, "198.18.0.1:99");
	cr_expect_str_eq(page.row.socket[0].state, "SYN-SENT");
	cr_expect_str_eq(page.row.socket[0].timer, "rexmt");
	cr_expect_leq(page.row.socket[0].timer_ns, NS_PER_SEC);
	cr_expect_not(page.row.socket[0].has_info);
}

Test(tables, what_tcp_knows_when_asked_for)
{
	connect_to(PEER, 99);
	begin();
	page.wants_info = true;
	next_page(table_tcp, 8);
	cr_assert(page.row.socket[0].has_info);
	cr_expect_str_eq(page.row.socket[0].info.congestion, "cubic");
}

/** All rows of TCP by pages of @n; each flow once. @return rows */
static unsigned
count_rows(unsigned n)
{
	static uint8_t seen[65536][2];
	unsigned n_rows = 0;

	memset(seen, 0, sizeof(seen));
	for (begin(); page.at != TABLE_END;) {
		next_page(table_tcp, n);
		for (unsigned i = 0; i < page.n; i++, n_rows++) {
			const struct socket_row *r = &page.row.socket[i];
			bool is_server = r->local.port == 80;

			if (r->state[0] != 'L')
				cr_expect_eq(seen[is_server ? r->foreign.port : r->local.port]
						 [is_server]++,
					0, "%u twice", r->local.port);
		}
	}
	return n_rows;
}

Test(tables, every_row_comes_once_whatever_the_pages)
{
	enum { N = 300 };

	listen_on(80);
	for (unsigned i = 0; i < N; i++)
		connect_to(US, 80);
	run();
	cr_expect_eq(core->stack.tcp.conns.n_used, 2 * N);
	cr_expect_eq(count_rows(TABLE_PAGE), 2 * N + 1);
	cr_expect_eq(count_rows(7), 2 * N + 1);
	cr_expect_eq(count_rows(1), 2 * N + 1);
}

/** Both ends of five connections. */
static void
ten_come_to_rest(void)
{
	listen_on(80);
	for (unsigned i = 0; i < 5; i++)
		connect_to(US, 80);
	run();
	for (unsigned i = 0; i < 20; i++) {
		now_ns += NS_PER_SEC;
		run();
	}
	baro_core_poll(core, now_ns); /* for the time: nothing was due any more */
	cr_assert_eq(core->stack.tcp.n_resting, 10);
}

Test(tables, connections_at_rest_are_rows_like_all_and_stay_at_rest)
{
	ten_come_to_rest();
	cr_expect_eq(count_rows(3), 11);
	begin();
	page.wants_info = true;
	page.wants_listening = false;
	next_page(table_tcp, TABLE_PAGE);
	cr_assert_eq(page.n, 10);
	for (unsigned i = 0; i < page.n; i++) {
		cr_expect_str_eq(page.row.socket[i].state, "ESTABLISHED");
		cr_expect_str_eq(page.row.socket[i].timer, "");
		cr_expect_gt(page.row.socket[i].info.last_seg_ns, 7 * NS_PER_SEC);
	}
	cr_expect_eq(core->stack.tcp.n_resting, 10);
}

Test(tables, who_wakes_between_two_pages_is_told_once)
{
	const struct slab *rests = &core->stack.tcp.rests;
	unsigned n_rows = 0;

	ten_come_to_rest();
	begin();
	page.wants_listening = false;
	for (; page.at != TABLE_END; n_rows += page.n) {
		next_page(table_tcp, 3);
		for (uint32_t i = 0; i < rests->n_made; i++) {
			struct tcp_rest *r = slab_at(rests, i);

			if (r->is_resting)
				cr_assert_not_null(rest_wake(r, now_ns));
		}
	}
	cr_expect_eq(n_rows, 10);
	cr_expect_eq(core->stack.tcp.n_resting, 0);
}

Test(tables, listening_or_connected_alone)
{
	listen_on(80);
	connect_to(US, 80);
	run();
	begin();
	page.wants_connected = false;
	next_page(table_tcp, TABLE_PAGE);
	cr_expect_eq(page.n, 1);
	cr_expect_str_eq(page.row.socket[0].state, "LISTEN");
	begin();
	page.wants_listening = false;
	next_page(table_tcp, TABLE_PAGE);
	cr_expect_eq(page.n, 2);
	cr_expect_str_eq(page.row.socket[0].state, "ESTABLISHED");
}

Test(tables, what_waits_for_its_end)
{
	struct baro_conn *c;

	listen_on(80);
	c = connect_to(US, 80);
	run();
	baro_conn_close(c);
	run();
	begin();
	page.wants_listening = false;
	next_page(table_tcp, TABLE_PAGE);
	cr_assert_eq(page.n, 2);
	cr_expect_str_eq(page.row.socket[0].state, "FIN-WAIT-2");
	cr_expect_str_eq(page.row.socket[1].state, "CLOSE-WAIT");
}

/* Many entries that are nothing: a turn looks at a bounded number of them. */
Test(tables, a_sparse_table_takes_many_turns_and_not_one_long_one)
{
	enum { N = 3000 };
	static struct baro_conn *c[N];

	for (unsigned i = 0; i < N; i++)
		c[i] = connect_to(PEER, (uint16_t)(i + 1));
	for (unsigned i = 0; i + 1 < N; i++)
		baro_conn_abort(c[i]);
	run();
	begin();
	cr_expect_geq(next_page(table_tcp, TABLE_PAGE), N / TABLE_SLICE);
	cr_expect_eq(page.n, 1);
}

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u;
	(void)d;
}

Test(tables, udp_sockets)
{
	const struct baro_endpoint on[] = { at(0, 7), at(US, 7), at(0, 9) };
	struct baro_udp *u;
	unsigned n = 0;

	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(baro_udp_open(core, &on[i], received, NULL, &u), 0);
	for (begin(); page.at != TABLE_END; n += page.n)
		next_page(table_udp, 1);
	cr_expect_eq(n, 3);
	begin();
	next_page(table_udp, TABLE_PAGE);
	cr_expect_eq(page.n, 3);
	is_at(&page.row.socket[2].local, "0.0.0.0:9");
	cr_expect_str_eq(page.row.socket[2].state, "");
}

Test(tables, neighbours)
{
	connect_to(PEER, 99);
	run();
	ask_one(table_neigh);
	cr_expect_eq(baro_addr_to_v4(&page.row.neigh[0].addr), PEER);
	cr_expect_str_eq(page.row.neigh[0].state, "INCOMPLETE");
	cr_expect_str_eq(page.row.neigh[0].iface, "port0");
	cr_expect_eq(page.row.neigh[0].n_parked, 1);
	cr_expect_not(page.row.neigh[0].has_mac);
	cr_expect_eq(page.row.neigh[0].confirmed_ns, 0);
}

Test(tables, routes_and_addresses)
{
	begin();
	next_page(table_routes, 1);
	cr_expect_eq(page.n, 1);
	next_page(table_routes, TABLE_PAGE);
	cr_expect_eq(page.n, 1);
	cr_expect_eq(page.at, TABLE_END);
	ask_one(table_addrs);
	cr_expect_eq(baro_addr_to_v4(&page.row.addr[0].addr), US);
}
