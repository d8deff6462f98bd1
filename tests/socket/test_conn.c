/* SPDX-License-Identifier: BSD-3-Clause */

/* The calls of baro/conn.h around a connection: who it is, its options, what it says when asked. */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/lab.h"

static struct lab l;

static void
setup(void)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
}

static void
teardown(void)
{
	lab_close(&l);
}

TestSuite(conn, .init = setup, .fini = teardown);

Test(conn, knows_both_ends_its_core_and_its_user)
{
	struct baro_endpoint local;
	struct baro_endpoint remote;

	baro_conn_local(l.conn, &local);
	baro_conn_remote(l.conn, &remote);
	cr_expect_eq(baro_addr_to_v4(&local.addr), LAB_ADDR);
	cr_expect_eq(local.port, LAB_PORT);
	cr_expect_eq(baro_addr_to_v4(&remote.addr), LAB_PEER);
	cr_expect_eq(remote.port, LAB_PEER_PORT);
	cr_expect_eq(baro_conn_core(l.conn), l.core);
	cr_expect_eq(baro_conn_user(l.conn), &l);
	baro_conn_set_user(l.conn, &remote);
	cr_expect_eq(baro_conn_user(l.conn), &remote);
	baro_conn_set_user(l.conn, &l);
}

Test(conn, options_are_what_they_were_set_to_and_nothing_else_is_taken)
{
	static const struct {
		const char *name;
		enum baro_conn_option option;
		int value;
		int result;
	} rows[] = {
		{ "nodelay on", BARO_TCP_NODELAY, 1, 0 },
		{ "nodelay off", BARO_TCP_NODELAY, 0, 0 },
		{ "nodelay neither", BARO_TCP_NODELAY, 2, -EINVAL },
		{ "cork on", BARO_TCP_CORK, 1, 0 },
		{ "cork neither", BARO_TCP_CORK, -1, -EINVAL },
		{ "send buffer", BARO_TCP_SNDBUF, 5000, 0 },
		{ "send buffer of nothing", BARO_TCP_SNDBUF, 0, -EINVAL },
		{ "send buffer beyond 1 GiB", BARO_TCP_SNDBUF, (1 << 30) + 1, -EINVAL },
		{ "receive buffer", BARO_TCP_RCVBUF, 1 << 20, 0 },
		{ "unknown", (enum baro_conn_option)99, 1, -ENOPROTOOPT },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		int value = -7;

		cr_expect_eq(baro_conn_set(l.conn, rows[i].option, rows[i].value), rows[i].result,
			"%s", rows[i].name);
		if (rows[i].result != 0)
			continue;
		cr_expect_eq(baro_conn_get(l.conn, rows[i].option, &value), 0, "%s", rows[i].name);
		cr_expect_eq(value, rows[i].value, "%s", rows[i].name);
	}
	cr_expect_eq(baro_conn_get(l.conn, (enum baro_conn_option)99, &(int){ 0 }), -ENOPROTOOPT);
}

Test(conn, receive_buffer_never_shrinks)
{
	int before;
	int after;

	baro_conn_get(l.conn, BARO_TCP_RCVBUF, &before);
	cr_expect_eq(baro_conn_set(l.conn, BARO_TCP_RCVBUF, 1000), 0);
	baro_conn_get(l.conn, BARO_TCP_RCVBUF, &after);
	cr_expect_eq(after, before);
}

Test(conn, send_room_shrinks_by_what_is_queued)
{
	size_t room;

	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_SNDBUF, 3000), 0);
	room = baro_conn_send_room(l.conn);
	cr_expect_eq(room, 3000);
	lab_write(&l, 1000);
	cr_expect_eq(baro_conn_send_queued(l.conn), 1000);
	cr_expect_eq(baro_conn_send_room(l.conn), 2000);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 1000));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1001));
	cr_expect_eq(baro_conn_send_room(l.conn), 3000);
}

Test(conn, callbacks_may_be_missing)
{
	static const struct baro_conn_ops nothing;

	baro_conn_set_ops(l.conn, &nothing);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	cr_expect_eq(baro_conn_recv_queued(l.conn), 10);
	lab_recv(&l, SEG(RST, .seq = 11));
	lab_skip_all(&l);
	lab_holds(&l, 0, 0);
	l.conn = NULL;
}

Test(conn, peek_shows_the_oldest_octets_first_and_consumes_nothing)
{
	struct iovec iov[4];

	l.app.reads = false;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 600));
	lab_recv(&l, SEG(PSH, .seq = 601, .ack = 1, .len = 600));
	cr_assert_eq(baro_conn_peek(l.conn, iov, 4), 2);
	cr_expect_eq(iov[0].iov_len, 600);
	cr_expect_eq(*(const uint8_t *)iov[1].iov_base, lab_octet(600));
	cr_expect_eq(baro_conn_peek(l.conn, iov, 1), 1);
	baro_conn_consume(l.conn, 601);
	cr_assert_eq(baro_conn_peek(l.conn, iov, 4), 1);
	cr_expect_eq(*(const uint8_t *)iov[0].iov_base, lab_octet(601));
	cr_expect_not(baro_conn_is_eof(l.conn));
	lab_run_ms(&l, 50);
	lab_skip_all(&l);
}
