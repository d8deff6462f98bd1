/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_EMBRYO_H
#define BARO_TCP_EMBRYO_H

/*
 * A listener's connections in SYN-RECEIVED (RFC 9293 §3.10.7.4): a cache line each, that sends
 * SYN|ACK until it is answered. The control block is made when the third ACK has come: who only sends
 * SYNs costs 64 octets for half a minute. (A connection of ours whose SYN crosses the peer's has its
 * control block already and goes by tcp_input().)
 */

#include "tcp/table.h"
#include "tcp/tcp.h"

static inline struct tcp_listener *
embryo_listener(const struct tcp *tcp, const struct tcp_embryo *e)
{
	return slab_at(&tcp->listens, e->listener);
}

/** RCV.NXT */
static inline struct seq
embryo_rcv_nxt(const struct tcp_embryo *e)
{
	return seq_add(e->irs, 1);
}

/** RCV.WND, as a SYN|ACK says it: RFC 7323 §2.2. */
static inline uint32_t
embryo_rcv_wnd(const struct tcp *tcp, const struct tcp_embryo *e)
{
	const struct tcp_conn *model = embryo_listener(tcp, e)->model;

	return min_u32(model != NULL ? model->rcv_buf : tcp->common.rcv_buf, UINT16_MAX);
}

/** How long SYN|ACK waits for its answer, RFC 6298 §2.1, §5.5. */
static inline uint64_t
embryo_timeout(const struct tcp *tcp, const struct tcp_embryo *e)
{
	uint64_t first = tcp->common.rto_initial_ns;
	uint64_t max = tcp->common.rto_max_ns;

	return first > max >> e->n_resent ? max : first << e->n_resent;
}

/** What timestamps with this offset say now. */
static inline uint32_t
embryo_ts_now(uint32_t ts_offset, uint64_t now_ns)
{
	return (uint32_t)(now_ns / NS_PER_MS) + ts_offset;
}

static inline void
embryo_wait_until(struct tcp *tcp, struct tcp_embryo *e, uint64_t deadline_ns)
{
	wheel_start(&tcp->common.env->wheel, &e->timer, deadline_ns);
}

/* Its life (embryo.c) */

/** What the peer's SYN says, as far as we agree: all but the flow, iss and the listener. */
void
embryo_read_syn(const struct tcp *tcp, const struct tcp_hdr *syn, struct tcp_embryo *e);

/**
 * A SYN for @l: remember it, answer it; with a Fast Open cookie if the option of @syn has one.
 *
 * @return false: no room
 */
bool
embryo_begin(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_seg *syn,
	struct tcp_numbers numbers, uint64_t now_ns);

/** Forget it; nothing is sent. @hash is that of its flow. */
void
embryo_end(struct tcp *tcp, struct tcp_embryo *e, uint32_t hash);

/** Forget it: it will not become a connection. */
void
embryo_fail(struct tcp *tcp, struct tcp_embryo *e);

/** The listener goes: its embryos end, by RST (RFC 9293 §3.10.4). Walks the slab until all are found. */
void
embryo_reset_all(struct tcp_listener *l, uint64_t now_ns);

/* What it sends (embryo_xmit.c) */

/** SYN|ACK with timestamp @tsval if it has them, and a Fast Open @cookie unless it is NULL. */
void
embryo_send_syn_ack(struct tcp *tcp, const struct tcp_embryo *e, uint32_t tsval,
	const struct tcp_cookie *cookie, uint64_t now_ns);

/** SYN|ACK again, with the time. */
void
embryo_answer_syn(struct tcp *tcp, const struct tcp_embryo *e, uint64_t now_ns);

/** An ACK to who has lost his way, if he has not had enough of them (RFC 5961 §7). */
void
embryo_challenge(struct tcp *tcp, struct tcp_embryo *e, uint64_t now_ns);

/** <SEQ=@seq><ACK=RCV.NXT><CTL=@flags> */
void
embryo_reset(struct tcp *tcp, const struct tcp_embryo *e, struct seq seq, uint8_t flags,
	uint64_t now_ns);

/* What it becomes (embryo_conn.c) */

/** The control block that @e, not in the table, becomes, before SYN|ACK has left. NULL: no room */
struct tcp_conn *
embryo_begin_conn(struct tcp_listener *l, const struct tcp_embryo *e, uint32_t hash, uint16_t mtu,
	uint64_t now_ns);

/** The control block that @e, in the table or not, becomes when it is answered. NULL: no room */
struct tcp_conn *
embryo_make_conn(struct tcp_listener *l, const struct tcp_embryo *e, uint32_t hash, uint16_t mtu,
	uint64_t now_ns);

/* What it receives (embryo_input.c) */

/**
 * A segment for @e.
 *
 * @mtu   of the way that it came
 * @made  the connection, in SYN-RECEIVED, that @e has become: the segment is to be given to it; or
 *        NULL
 */
enum drop
embryo_input(struct tcp *tcp, struct tcp_embryo *e, struct tcp_seg *seg, uint16_t mtu,
	uint64_t now_ns, struct tcp_conn **made);

#endif
