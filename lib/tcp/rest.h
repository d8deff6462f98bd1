/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_REST_H
#define BARO_TCP_REST_H

/*
 * A connection on which nothing happens needs no control block: after tcp.rest_after of silence, or at once in a crowd
 * (quiet.h), with nothing in flight, queued, owed or waited for, all that matters is written down in 224 octets, and the
 * block goes to a connection that has something to do. The next segment, or the application's next
 * call, brings it back as it was.
 *
 * What is written down is exact, or makes no difference: the times that only baro_conn_info() tells, and
 * the fractions of a segment that a window was about to grow by, are rounded down; what a reduction could
 * be taken back to (undo.h) is forgotten, as nobody will tell any more. A connection
 * whose state cannot be written down keeps its control block: one that is being opened, closed or watched, that
 * sends keepalives, or whose congestion control knows no rest.
 */

#include "base/prefetch.h"
#include "tcp/tcp.h"

enum {
	REST_TIME_BITS = 24, /* times are told in 2^24 ns, 17 ms */
	REST_GAP_BITS = 10,  /* between text sent and text received: in 2^10 ns */
	REST_NONE_SENT = INT32_MIN,
	REST_NONE_RCVD = INT32_MAX,
};

/**
 * What the application knows a connection by (a struct baro_conn, from outside). It lives as long as the
 * connection; what stands behind user holds while it rests.
 */
struct tcp_rest {
	struct tcp_flow flow;
	uint32_t index : 31; /* in the slab */
	uint32_t is_resting : 1;
	union {
		struct tcp_conn *conn;
		struct tcp *tcp; /* while it rests */
	};
	const void *ops; /* the socket layer's */
	void *user;

	struct seq rcv_nxt;
	struct seq rcv_adv;
	uint32_t ts_recent;
	uint32_t ts_recent_age;
	uint32_t ts_offset;
	uint32_t flags; /* TCP_F_*: the state is ESTABLISHED */

	struct seq snd_nxt; /* and snd_una */
	uint32_t snd_wnd;
	uint32_t max_snd_wnd;
	uint32_t cwnd;
	uint32_t ssthresh;
	uint32_t rcv_buf;
	uint16_t mss;
	uint16_t rcv_mss;
	uint16_t our_mss;
	uint16_t path_mtu;
	uint16_t peer_mss;
	uint8_t quick_acks;
	uint8_t wscales; /* the peer's in the high half, ours in the low one */
	struct seq iss;
	struct seq irs;

	uint32_t srtt_ns; /* who has a longer round trip than 32 bits can tell does not rest */
	uint32_t rttvar_ns;
	uint32_t min_rtt_ns;
	uint32_t min_rtt_now_ns;
	uint32_t min_rtt_since; /* these three in 2^REST_TIME_BITS ns */
	uint32_t begun;
	uint32_t rcvd;

	uint64_t text_ns; /* text was last sent, or received: text_gap is negative */
	int32_t text_gap; /* from the one to the other, 2^REST_GAP_BITS ns; or REST_NONE_* */
	struct seq rcv_mark;
	uint32_t use_since;
	uint32_t delivered; /* low half; that of what was received is rcv_nxt */
	uint64_t busy_ns;   /* totals.limited_ns[TCP_LIMIT_WAY] */
	uint32_t segs_in;
	uint32_t segs_out;
	uint32_t rate_ns;
	uint32_t rate_octets;
	uint32_t path_neigh; /* the way out: ip_neigh_number() */
	uint32_t path_neigh_gen;
	uint32_t path_route_gen;
	struct tcp_cc_rest cc;
	uint32_t more; /* index of a struct tcp_rest_more; SLAB_NONE: nothing is unusual */
};

_Static_assert(sizeof(struct tcp_rest) == 224, "256 octets with its place in the table");

/** What few connections have. */
struct tcp_rest_more {
	struct tcp_asked asked;
	uint32_t delivered; /* high halves */
	uint32_t received;
	uint32_t use_most; /* 0: within the initial window, all of which counts as used */
	uint32_t cwr_end;  /* from iss on */
#define KEPT(type, name, place, usual) type name;
#include "tcp/rest_more.def"
#undef KEPT
};

/** When something last happened on @c. */
static inline uint64_t
rest_stirred_ns(const struct tcp_conn *c)
{
	return max_u64(max_u64(c->totals.rcvd_ns, c->last_sent_ns), c->totals.begun_ns);
}

/** Have @c rest, if it can. @return false: it keeps its control block, until it has stirred again at least */
bool
rest_begin(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns);

/** A new one for @c, which is awake. NULL: no room */
struct tcp_rest *
rest_new(struct tcp *tcp, struct tcp_conn *c);

/** The connection is over. */
void
rest_free(struct tcp *tcp, struct tcp_rest *r);

/** Have its control block back. NULL: no room for one, and it rests on */
struct tcp_conn *
rest_wake(struct tcp_rest *r, uint64_t now_ns);

/** What the control block of one that rests would be, to be looked at. */
void
rest_read(const struct tcp_rest *r, uint64_t now_ns, struct tcp_conn *c);

/** It is to end, and there is no room for a control block: RST, and it is gone. */
BARO_COLD void
rest_abandon(struct tcp_rest *r, uint64_t now_ns);

/**
 * @r itself is at hand, or asked for: fetch what its next segment, sent or received, will meet, in a batch. Those who are
 * awake are few, and in some cache: a prefetch does.
 */
static inline void
rest_fetch(const struct tcp_rest *r)
{
	if (r->is_resting)
		fetch(r, sizeof(*r));
	else
		prefetch(r->conn, (size_t)TCP_HOT_LINES * BARO_CACHE_LINE);
}

static inline struct tcp *
rest_tcp(const struct tcp_rest *r)
{
	return r->is_resting ? r->tcp : r->conn->tcp;
}

/** The control block; NULL: it rests, or there is no @r. */
static inline struct tcp_conn *
rest_awake(const struct tcp_rest *r)
{
	return r != NULL && !r->is_resting ? r->conn : NULL;
}

#endif
