/* SPDX-License-Identifier: BSD-3-Clause */
/* Local ports of our connections and TIME-WAIT: RFC 6056, RFC 6191, RFC 7323 §5.2. */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/lab.h"
#include "runtime/core.h"

extern const struct baro_conn_ops lab_ops;

/** A connection of ours with these options has gone to TIME-WAIT. @return its local end */
static struct baro_endpoint
enter_time_wait(struct lab *l, enum lab_options options)
{
	struct baro_endpoint local;

	lab_establish_active(l, options);
	baro_conn_local(l->conn, &local);
	baro_conn_close(l->conn);
	l->conn = NULL;
	lab_poll(l);
	lab_sends(l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(l, SEG(FIN, .seq = 1, .ack = 2));
	lab_sends(l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(l, TCP_ST_TIME_WAIT);
	return local;
}

static int
connect_from(struct lab *l, const struct baro_endpoint *local)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };
	int err = baro_connect(l->core, &remote, local, &lab_ops, l, &l->conn);

	lab_poll(l);
	return err;
}

struct row {
	const char *name;
	enum lab_options options;
	enum baro_switch timestamps; /* from now on */
	unsigned after_ms;
	int result;
};

/* O06 G17: a connection of ours follows the one in TIME-WAIT if timestamps tell them apart */
Test(tcp_port, connect_renews_a_time_wait_with_timestamps_after_a_second)
{
	static const struct row rows[] = {
		{ "at once", LAB_WITH_TS, BARO_ON, 0, -EADDRINUSE },
		{ "within a second", LAB_WITH_TS, BARO_ON, 1000, -EADDRINUSE },
		{ "after a second", LAB_WITH_TS, BARO_ON, 1001, 0 },
		{ "the old one had no timestamps", LAB_PLAIN, BARO_ON, 29000, -EADDRINUSE },
		{ "the new one has none", LAB_WITH_TS, BARO_OFF, 29000, -EADDRINUSE },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct baro_endpoint local;
		uint32_t old_iss;
		struct lab l;

		lab_open(&l, NULL);
		l.row = r->name;
		local = enter_time_wait(&l, r->options);
		old_iss = l.our_iss;
		lab_run_ms(&l, r->after_ms);
		l.core->stack.tcp.common.with_ts = r->timestamps == BARO_ON;
		lab_forget(&l);
		cr_expect_eq(connect_from(&l, &local), r->result, "%s", r->name);
		if (r->result == 0) {
			lab_sends(&l, SEG(SYN, .seq = 0, .has_ts = true));
			cr_expect_gt((int32_t)(l.our_iss - old_iss), 2);
			lab_holds(&l, 1, 0);
		} else {
			lab_holds(&l, 0, 1);
		}
		lab_close(&l);
	}
}

/* O06: it begins beyond all that the old one sent, however much that was */
Test(tcp_port, renewed_connection_begins_beyond_the_old_one)
{
	struct baro_endpoint local;
	struct lab l;
	struct tcp_timewait *tw;
	uint32_t old_next;

	lab_open(&l, NULL);
	local = enter_time_wait(&l, LAB_WITH_ALL);
	tw = slab_at(&l.core->stack.tcp.timewaits, 0);
	tw->snd_nxt.n += 1u << 30; /* as if a gibibyte had been sent */
	old_next = tw->snd_nxt.n;
	lab_run_ms(&l, 1001);
	lab_forget(&l);
	cr_assert_eq(connect_from(&l, &local), 0);
	lab_sends(&l, SEG(SYN, .seq = 0));
	cr_expect_eq(l.our_iss, old_next + 1);
	lab_close(&l);
}

/* O06: the whole of it: the second connection works, and goes to TIME-WAIT again */
Test(tcp_port, renewed_connection_is_a_whole_one)
{
	struct baro_endpoint local = { .port = 0 };
	struct lab l;

	lab_open(&l, NULL);
	for (unsigned i = 0; i < 3; i++) {
		struct baro_endpoint next = enter_time_wait(&l, LAB_WITH_ALL);

		cr_expect(i == 0 || next.port != local.port, "a free port goes first");
		local = next;
		lab_forget(&l);
		l.uses_ts = true;
		lab_run_ms(&l, 1001);
		cr_assert_eq(connect_from(&l, &local), 0);
		lab_sends(&l, SEG(SYN, .seq = 0));
		l.peer_iss += 1000;
		lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
		lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
		baro_conn_abort(l.conn);
		l.conn = NULL;
		lab_poll(&l);
		lab_skip_all(&l);
		lab_forget(&l);
	}
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G17: more connections to one peer within TIME-WAIT's half a minute than there are ports */
Test(tcp_port, connects_to_one_peer_go_on_when_all_ports_are_in_time_wait)
{
	enum { PORTS = 32768, MORE = 1000 };
	struct lab l;
	uint32_t most = 0;

	lab_open(&l, NULL);
	for (unsigned i = 0; i < PORTS + MORE; i++) {
		struct baro_usage use;

		if (i == PORTS - 100)
			lab_run_ms(&l, 1001); /* the last hundred are too young at first */
		enter_time_wait(&l, LAB_WITH_TS);
		lab_skip_all(&l);
		lab_forget(&l);
		l.peer_iss += 1000;
		baro_usage_read(l.core, &use);
		most = use.time_waits > most ? use.time_waits : most;
	}
	cr_expect_eq(most, PORTS);
	lab_close(&l);
}
