/* SPDX-License-Identifier: BSD-3-Clause */
/* The states of a connection and the moves between them, RFC 9293 figure 5. */

#include "tcp/conn.h"
#include "tcp/trace.h"

static const char *const names[TCP_ST_COUNT] = {
	[TCP_ST_CLOSED] = "CLOSED",
	[TCP_ST_SYN_SENT] = "SYN-SENT",
	[TCP_ST_SYN_RECEIVED] = "SYN-RECEIVED",
	[TCP_ST_ESTABLISHED] = "ESTABLISHED",
	[TCP_ST_FIN_WAIT_1] = "FIN-WAIT-1",
	[TCP_ST_FIN_WAIT_2] = "FIN-WAIT-2",
	[TCP_ST_CLOSE_WAIT] = "CLOSE-WAIT",
	[TCP_ST_CLOSING] = "CLOSING",
	[TCP_ST_LAST_ACK] = "LAST-ACK",
	[TCP_ST_TIME_WAIT] = "TIME-WAIT",
};

#define TO(state) (1u << TCP_ST_##state)

/** Where each state may lead; CLOSED may follow any of them. */
static const uint16_t moves[TCP_ST_COUNT] = {
	[TCP_ST_CLOSED] = TO(SYN_SENT) | TO(SYN_RECEIVED),
	[TCP_ST_SYN_SENT] = TO(SYN_RECEIVED) | TO(ESTABLISHED),
	[TCP_ST_SYN_RECEIVED] = TO(ESTABLISHED) | TO(FIN_WAIT_1) | TO(CLOSE_WAIT),
	[TCP_ST_ESTABLISHED] = TO(FIN_WAIT_1) | TO(CLOSE_WAIT),
	[TCP_ST_FIN_WAIT_1] = TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT),
	[TCP_ST_FIN_WAIT_2] = TO(TIME_WAIT),
	[TCP_ST_CLOSE_WAIT] = TO(LAST_ACK),
	[TCP_ST_CLOSING] = TO(TIME_WAIT),
	[TCP_ST_LAST_ACK] = 0,
	[TCP_ST_TIME_WAIT] = 0,
};

const char *
tcp_state_name(enum tcp_state state)
{
	return names[state];
}

void
tcp_set_state(struct tcp_conn *c, enum tcp_state to)
{
	BARO_ASSERT(to == TCP_ST_CLOSED || (moves[c->state] >> to & 1) != 0);
	if (trace_is_on(c))
		trace_put(c, TCP_TRACE_STATE, (const uint64_t[TCP_TRACE_VALUES]){ c->state, to });
	c->state = (uint8_t)to;
}

void
tcp_end(struct tcp_conn *c, int err)
{
	bool was_open = c->state >= TCP_ST_ESTABLISHED;

	if (c->state == TCP_ST_CLOSED)
		return;
	if (err != 0)
		count(common_of(c)->env, was_open ? STAT_TCP_ESTAB_RESETS : STAT_TCP_ATTEMPT_FAILS);
	tcp_set_state(c, TCP_ST_CLOSED);
	c->err = (int16_t)err;
	c->rexmt_ns = TIME_NEVER;
	c->ack_ns = TIME_NEVER;
	c->idle_ns = TIME_NEVER;
	tcp_unmark(c, TCP_F_ACK_NOW | TCP_F_EARLY);
	c->dups_owed = 0;
	c->events |= TCP_EV_CLOSED;
}
