/* SPDX-License-Identifier: BSD-3-Clause */
/* The lab's short way into every state, and what the stack's tables say about the flow under test. */

#include <criterion/criterion.h>

#include "kit/lab.h"
#include "kit/lab_fail.h"
#include "runtime/core.h"
#include "tcp/rest.h"
#include "tcp/table.h"

static struct tcp_found
found(const struct lab *l)
{
	const struct tcp *tcp = &l->core->stack.tcp;
	const struct tcp_flow flow = { LAB_ADDR, LAB_PEER, l->local_port, LAB_PEER_PORT };

	return tcp_find(tcp, &flow, tcp_hash(tcp, &flow));
}

struct tcp_conn *
lab_flow(const struct lab *l)
{
	return rest_awake(found(l).rest);
}

void
lab_flow_is_at(const struct lab *l, enum tcp_state state, const char *file, unsigned line)
{
	const struct tcp *tcp = &l->core->stack.tcp;
	struct tcp_found at = found(l);
	enum tcp_state is = TCP_ST_CLOSED;

	if (at.rest != NULL)
		is = rest_awake(at.rest) != NULL ? at.rest->conn->state : TCP_ST_ESTABLISHED;
	else if (tcp_found_embryo(tcp, at) != NULL)
		is = TCP_ST_SYN_RECEIVED;
	else if (tcp_found_timewait(tcp, at) != NULL)
		is = TCP_ST_TIME_WAIT;
	if (is != state)
		lab_fail(l, file, line, "expected %s, is %s", tcp_state_name(state),
			tcp_state_name(is));
}

uint32_t
lab_peer_next(enum tcp_state state)
{
	bool has_fin = state == TCP_ST_CLOSE_WAIT || state == TCP_ST_CLOSING ||
		       state == TCP_ST_LAST_ACK || state == TCP_ST_TIME_WAIT;

	return has_fin ? 2 : 1;
}

uint32_t
lab_our_next(enum tcp_state state)
{
	bool has_fin = state >= TCP_ST_FIN_WAIT_1 && state != TCP_ST_CLOSE_WAIT;

	return has_fin ? 2 : 1;
}

/** The application will not send; our FIN leaves. */
static void
shut_down(struct lab *l, uint32_t ack)
{
	cr_assert_eq(baro_conn_shutdown(l->conn), 0);
	lab_poll(l);
	lab_sends(l, SEG(FIN, .seq = 1, .ack = ack));
}

static void
peer_closes(struct lab *l, uint32_t ack)
{
	lab_recv(l, SEG(FIN, .seq = 1, .ack = ack));
	lab_sends(l, SEG(ACK, .seq = lab_tcp(l) != NULL ? lab_tcp(l)->snd_nxt.n - l->our_iss : 2,
			     .ack = 2));
}

/** From ESTABLISHED on. */
static void
leave_established(struct lab *l, enum tcp_state state)
{
	switch (state) {
	case TCP_ST_FIN_WAIT_1:
		shut_down(l, 1);
		break;
	case TCP_ST_FIN_WAIT_2:
		shut_down(l, 1);
		lab_recv(l, SEG(ACK, .seq = 1, .ack = 2));
		break;
	case TCP_ST_CLOSE_WAIT:
		peer_closes(l, 1);
		break;
	case TCP_ST_CLOSING:
		shut_down(l, 1);
		peer_closes(l, 1);
		break;
	case TCP_ST_LAST_ACK:
		peer_closes(l, 1);
		shut_down(l, 2);
		break;
	case TCP_ST_TIME_WAIT:
		shut_down(l, 1);
		peer_closes(l, 2);
		break;
	default:
		break;
	}
}

void
lab_enter(struct lab *l, enum tcp_state state)
{
	if (state == TCP_ST_SYN_SENT) {
		lab_connect(l);
	} else if (state == TCP_ST_SYN_RECEIVED) {
		if (l->listener == NULL)
			lab_listen(l);
		lab_recv(l, SEG(SYN, .seq = 0, .mss = 1460));
		lab_sends(l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	} else if (state != TCP_ST_CLOSED) {
		lab_establish(l, LAB_PLAIN);
		leave_established(l, state);
	}
	lab_sends_nothing(l);
	lab_flow_is(l, state);
	lab_dropped_nothing(l);
}

void
lab_holds_at(
	const struct lab *l, uint32_t conns, uint32_t time_waits, const char *file, unsigned line)
{
	struct baro_usage use;

	baro_usage_read(l->core, &use);
	if (use.conns + use.embryos != conns || use.time_waits != time_waits)
		lab_fail(l, file, line, "%u connections and %u TIME-WAITs, expected %u and %u",
			use.conns + use.embryos, use.time_waits, conns, time_waits);
}

void
lab_forget(struct lab *l)
{
	l->knows_our_iss = false;
	l->uses_ts = false;
	l->conn = NULL;
}
