/* SPDX-License-Identifier: BSD-3-Clause */

/* lwIP's TCP and ours over the simulated wire: whoever opens, whatever the wire does. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/time.h"
#include "sim/lwip_host.h"

enum {
	PORT = 80,
	NOBODY = 81, /* where nobody listens */
	OURS = 0,    /* ends of the wire, and indices of side[] */
	LWIP = 1,
};

#define OUR_ADDR  0xc6120001u
#define LWIP_ADDR 0xc6120002u

/* One application: sends so many octets, then ends its direction; reads until the peer's end. */
struct side {
	uint64_t to_send;
	uint64_t sent;
	uint64_t received;
	bool is_slow;    /* reads nothing for the time being */
	bool keeps_open; /* does not end its direction by itself */
	bool is_open;
	bool has_eof;
	bool has_ended;
	int err; /* of the end: -errno at our side, err_t at lwIP's */
};

static struct side side[2];
static struct baro_sim *sim;
static struct baro_core *core;
static struct baro_conn *conn;
static struct tcp_pcb *pcb;
static uint64_t now_ns;

static uint8_t
octet(uint64_t at)
{
	return (uint8_t)(at * 7 + (at >> 8) * 13 + (at >> 16));
}

static void
fill(uint8_t *to, uint64_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = octet(at + i);
}

static void
check_octets(struct side *s, const uint8_t *have, size_t len)
{
	for (size_t i = 0; i < len; i++)
		cr_assert_eq(have[i], octet(s->received + i), "octet %lu",
			(unsigned long)(s->received + i));
	s->received += len;
}

/* Our application. */

static void
our_send(struct baro_conn *c)
{
	struct side *s = &side[OURS];
	size_t room;
	uint8_t *to;

	while (s->sent < s->to_send && (to = baro_conn_reserve(c, &room)) != NULL) {
		room = min_u64(room, s->to_send - s->sent);
		fill(to, s->sent, room);
		baro_conn_commit(c, room);
		s->sent += room;
	}
	if (s->sent == s->to_send && !s->keeps_open)
		baro_conn_shutdown(c);
}

static void
our_open(struct baro_conn *c)
{
	conn = c;
	side[OURS].is_open = true;
	our_send(c);
}

static void
our_read(struct baro_conn *c)
{
	struct side *s = &side[OURS];
	struct iovec iov;

	if (s->is_slow)
		return;
	while (baro_conn_peek(c, &iov, 1) == 1) {
		check_octets(s, iov.iov_base, iov.iov_len);
		baro_conn_consume(c, iov.iov_len);
	}
	s->has_eof = baro_conn_is_eof(c);
}

static void
our_end(struct baro_conn *c, int err)
{
	(void)c;
	conn = NULL;
	side[OURS].has_ended = true;
	side[OURS].err = err;
}

static const struct baro_conn_ops our_ops = {
	.opened = our_open,
	.readable = our_read,
	.writable = our_send,
	.closed = our_end,
};

/* lwIP's application. */

static void
lwip_send(struct tcp_pcb *p)
{
	struct side *s = &side[LWIP];
	uint8_t octets[TCP_MSS];
	uint64_t room;

	while (s->sent < s->to_send && (room = tcp_sndbuf(p)) != 0) {
		room = min_u64(min_u64(room, sizeof(octets)), s->to_send - s->sent);
		fill(octets, s->sent, room);
		if (tcp_write(p, octets, (u16_t)room, TCP_WRITE_FLAG_COPY) != ERR_OK)
			break;
		s->sent += room;
	}
	if (s->sent == s->to_send && !s->keeps_open) {
		s->keeps_open = true; /* once */
		cr_assert_eq(tcp_shutdown(p, 0, 1), ERR_OK);
	}
	tcp_output(p);
}

static err_t
lwip_sent(void *arg, struct tcp_pcb *p, u16_t len)
{
	(void)arg;
	(void)len;
	lwip_send(p);
	return ERR_OK;
}

static err_t
lwip_read(void *arg, struct tcp_pcb *p, struct pbuf *text, err_t err)
{
	struct side *s = &side[LWIP];

	(void)arg;
	cr_assert_eq(err, ERR_OK);
	if (text == NULL) {
		s->has_eof = true;
		return ERR_OK;
	}
	for (const struct pbuf *piece = text; piece != NULL; piece = piece->next)
		check_octets(s, piece->payload, piece->len);
	if (!s->is_slow)
		tcp_recved(p, text->tot_len);
	pbuf_free(text);
	return ERR_OK;
}

/** It ended by itself: @p is gone. */
static void
lwip_end(void *arg, err_t err)
{
	(void)arg;
	pcb = NULL;
	side[LWIP].has_ended = true;
	side[LWIP].err = err;
}

static err_t
lwip_open(void *arg, struct tcp_pcb *p, err_t err)
{
	(void)arg;
	cr_assert_eq(err, ERR_OK);
	pcb = p;
	side[LWIP].is_open = true;
	tcp_recv(p, lwip_read);
	tcp_sent(p, lwip_sent);
	tcp_err(p, lwip_end);
	lwip_send(p);
	return ERR_OK;
}

/* Both. */

static void
run(uint64_t for_ns)
{
	baro_sim_run(sim, now_ns, now_ns + for_ns);
	now_ns += for_ns;
}

/** Run until what @flag points to is true. */
static void
run_until(const bool *flag, const char *what)
{
	uint64_t give_up_ns = now_ns + 900 * NS_PER_SEC;

	while (!*flag && now_ns < give_up_ns)
		run(NS_PER_MS);
	cr_assert(*flag, "%s has not come: we have %lu of %lu octets, lwIP %lu of %lu", what,
		(unsigned long)side[OURS].received, (unsigned long)side[LWIP].to_send,
		(unsigned long)side[LWIP].received, (unsigned long)side[OURS].to_send);
}

static void
set_up(const struct baro_fault_config *wire)
{
	struct baro_config config = { .core = { .seed = 1 },
		.tcp = { .user_timeout_ns = 900 * NS_PER_SEC } };
	struct baro_port_opts opts = { .address = baro_addr_from_v4(OUR_ADDR) };
	struct baro_port *port;

	srand(1); /* lwIP's randomness */
	cr_assert_eq(baro_sim_create(NULL, NULL, &sim), 0);
	cr_assert_eq(baro_core_create(&config, 0, &core), 0);
	baro_sim_end(sim, OURS, &opts);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	baro_sim_join(sim, OURS, core, port);
	lwip_host_open(sim, LWIP);
	run(3 * NS_PER_SEC); /* both announce themselves, on a clean wire */
	if (wire != NULL) {
		baro_sim_set(sim, OURS, wire);
		baro_sim_set(sim, LWIP, wire);
	}
}

static void
tear_down(void)
{
	struct baro_usage usage;

	baro_usage_read(core, &usage);
	cr_expect_eq(usage.mbufs, 0, "%u buffers leaked", usage.mbufs);
	cr_expect_eq(usage.conns, 0, "%u connections left", usage.conns);
	baro_core_destroy(core);
	baro_sim_destroy(sim);
}

static void
connect_to_lwip(uint16_t port)
{
	struct baro_endpoint remote = { .addr = baro_addr_from_v4(LWIP_ADDR), .port = port };
	struct tcp_pcb *listener = tcp_new();

	cr_assert_eq(tcp_bind(listener, IP_ADDR_ANY, PORT), ERR_OK);
	tcp_accept(tcp_listen(listener), lwip_open);
	cr_assert_eq(baro_connect(core, &remote, NULL, &our_ops, NULL, &conn), 0);
}

static struct baro_listener *
connect_to_us(uint16_t port)
{
	struct baro_endpoint local = { .port = PORT };
	ip_addr_t us = lwip_host_addr(OUR_ADDR);
	struct baro_listener *listener;

	cr_assert_eq(baro_listen(core, &local, NULL, &our_ops, NULL, &listener), 0);
	pcb = tcp_new();
	tcp_err(pcb, lwip_end);
	cr_assert_eq(tcp_connect(pcb, &us, port, lwip_open), ERR_OK);
	return listener;
}

/** Both have said all: the connection ends at both. */
static void
expect_clean_end(struct baro_listener *listener)
{
	run_until(&side[LWIP].has_eof, "our FIN");
	run_until(&side[OURS].has_eof, "lwIP's FIN");
	cr_expect_eq(side[LWIP].received, side[OURS].to_send);
	cr_expect_eq(side[OURS].received, side[LWIP].to_send);
	if (pcb != NULL)
		cr_expect_eq(tcp_close(pcb), ERR_OK);
	if (conn != NULL)
		baro_conn_close(conn);
	if (listener != NULL)
		baro_listener_close(listener);
	run(300 * NS_PER_SEC);
	cr_expect_eq(side[OURS].err, 0);
	cr_expect_eq(side[LWIP].err, 0);
	tear_down();
}

struct wire_row {
	const char *name;
	struct baro_fault_config wire;
};

static const struct wire_row rows[] = {
	{ "clean", { .delay_ns = NS_PER_MS } },
	{ "loss", { .loss_ppm = 20000, .delay_ns = 5 * NS_PER_MS } },
	{ "reordering", { .reorder_ppm = 30000, .reorder_ns = 300000, .delay_ns = NS_PER_MS } },
	{ "duplication", { .duplicate_ppm = 50000, .delay_ns = NS_PER_MS } },
	{ "corruption", { .corrupt_ppm = 10000, .delay_ns = NS_PER_MS } },
	{ "all", { .loss_ppm = 10000,
			 .reorder_ppm = 10000,
			 .duplicate_ppm = 10000,
			 .corrupt_ppm = 5000,
			 .delay_ns = 2 * NS_PER_MS,
			 .rate_bps = 100000000,
			 .queue_frames = 30 } },
};

/* lwIP cannot be started twice in a process: a test for each wire. */
static void
transfer(unsigned row, bool we_open)
{
	struct baro_listener *listener = NULL;

	cr_log_info("%s", rows[row].name);
	set_up(&rows[row].wire);
	side[OURS].to_send = side[LWIP].to_send = 1000000;
	if (we_open)
		connect_to_lwip(PORT);
	else
		listener = connect_to_us(PORT);
	expect_clean_end(listener);
}

#define TRANSFERS(wire, row)                                        \
	Test(sim_lwip, wire##_a_million_octets_each_way_we_open)    \
	{                                                           \
		transfer(row, true);                                \
	}                                                           \
	Test(sim_lwip, wire##_a_million_octets_each_way_lwip_opens) \
	{                                                           \
		transfer(row, false);                               \
	}

TRANSFERS(clean, 0)
TRANSFERS(loss, 1)
TRANSFERS(reordering, 2)
TRANSFERS(duplication, 3)
TRANSFERS(corruption, 4)
TRANSFERS(all, 5)

Test(sim_lwip, we_close_first_and_lwip_goes_on_sending)
{
	set_up(&rows[1].wire);
	side[LWIP].to_send = 300000;
	side[LWIP].keeps_open = true;
	connect_to_lwip(PORT);
	run_until(&side[LWIP].has_eof, "our FIN");
	side[LWIP].keeps_open = false;
	lwip_send(pcb);
	expect_clean_end(NULL);
}

Test(sim_lwip, lwip_closes_first_and_we_go_on_sending)
{
	struct baro_listener *listener;

	set_up(&rows[1].wire);
	side[OURS].to_send = 300000;
	side[OURS].keeps_open = true;
	listener = connect_to_us(PORT);
	run_until(&side[OURS].has_eof, "lwIP's FIN");
	side[OURS].keeps_open = false;
	our_send(conn);
	expect_clean_end(listener);
}

/* O04 */
Test(sim_lwip, both_close_at_once)
{
	set_up(&rows[0].wire);
	side[OURS].keeps_open = side[LWIP].keeps_open = true;
	connect_to_lwip(PORT);
	run_until(&side[LWIP].is_open, "the connection");
	run(NS_PER_SEC);
	side[OURS].keeps_open = side[LWIP].keeps_open = false;
	our_send(conn);
	lwip_send(pcb);
	expect_clean_end(NULL);
}

/** A connection over which nothing is said. */
static void
open_silent(void)
{
	set_up(&rows[0].wire);
	side[OURS].keeps_open = side[LWIP].keeps_open = true;
	connect_to_lwip(PORT);
	run_until(&side[LWIP].is_open, "the connection");
	run(NS_PER_SEC);
}

Test(sim_lwip, our_abort_reaches_lwip)
{
	open_silent();
	baro_conn_abort(conn);
	run_until(&side[LWIP].has_ended, "our RST");
	cr_expect_eq(side[LWIP].err, ERR_RST);
	tear_down();
}

Test(sim_lwip, lwips_abort_reaches_us)
{
	open_silent();
	tcp_abort(pcb);
	run_until(&side[OURS].has_ended, "lwIP's RST");
	cr_expect_eq(side[OURS].err, -ECONNRESET);
	tear_down();
}

Test(sim_lwip, where_lwip_does_not_listen_we_are_refused)
{
	set_up(&rows[0].wire);
	connect_to_lwip(NOBODY);
	run_until(&side[OURS].has_ended, "a refusal");
	cr_expect_eq(side[OURS].err, -ECONNREFUSED);
	tear_down();
}

Test(sim_lwip, where_we_do_not_listen_lwip_is_refused)
{
	struct baro_listener *listener;

	set_up(&rows[0].wire);
	listener = connect_to_us(NOBODY);
	run_until(&side[LWIP].has_ended, "a refusal");
	cr_expect_eq(side[LWIP].err, ERR_RST);
	baro_listener_close(listener);
	tear_down();
}

Test(sim_lwip, we_close_with_octets_unread_and_lwip_is_reset)
{
	set_up(&rows[0].wire);
	side[OURS].keeps_open = side[LWIP].keeps_open = true;
	side[OURS].is_slow = true;
	side[LWIP].to_send = 1000;
	connect_to_lwip(PORT);
	run_until(&side[LWIP].is_open, "the connection");
	run(NS_PER_SEC);
	baro_conn_close(conn);
	run_until(&side[LWIP].has_ended, "our RST");
	cr_expect_eq(side[LWIP].err, ERR_RST);
	tear_down();
}

Test(sim_lwip, lwip_reads_nothing_for_a_minute_and_we_wait)
{
	set_up(&rows[1].wire);
	side[LWIP].is_slow = true;
	side[OURS].to_send = 300000;
	connect_to_lwip(PORT);
	run(60 * NS_PER_SEC);
	cr_expect_lt(side[LWIP].received, TCP_WND + 1);
	cr_expect_geq(side[LWIP].received, TCP_WND - TCP_MSS);
	side[LWIP].is_slow = false;
	tcp_recved(pcb, TCP_WND / 2); /* in two steps: it counts in 16 bits */
	tcp_recved(pcb, (u16_t)(side[LWIP].received - TCP_WND / 2));
	expect_clean_end(NULL);
}

Test(sim_lwip, we_read_nothing_for_a_minute_and_lwip_waits)
{
	set_up(&rows[1].wire);
	side[OURS].is_slow = true;
	side[LWIP].to_send = 1000000;
	connect_to_lwip(PORT);
	run(60 * NS_PER_SEC);
	cr_expect_lt(side[LWIP].sent, 1000000);
	side[OURS].is_slow = false;
	our_read(conn);
	expect_clean_end(NULL);
}
