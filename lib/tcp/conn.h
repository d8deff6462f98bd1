/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_CONN_H
#define BARO_TCP_CONN_H

/*
 * The control block of a connection (RFC 9293 §3.3.1), with the RFC's names,
 * and the settings that the connections of one core share.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/env.h"
#include "base/seq.h"
#include "base/time.h"
#include "base/wheel.h"
#include "tcp/asked.h"
#include "tcp/cc.h"
#include "tcp/fast_key.h"
#include "tcp/loss.h"
#include "tcp/reass.h"
#include "tcp/text.h"
#include "tcp/totals.h"
#include "wire/tcp.h"

struct rte_mbuf;
struct slab;
struct tcp_trace;
struct neigh;
struct netif;
struct tcp;
struct tcp_sent;
struct tcp_listener;
struct tcp_rest;

enum tcp_state {
	TCP_ST_CLOSED = 0,
	TCP_ST_SYN_SENT,
	TCP_ST_SYN_RECEIVED,
	TCP_ST_ESTABLISHED,
	TCP_ST_FIN_WAIT_1,
	TCP_ST_FIN_WAIT_2,
	TCP_ST_CLOSE_WAIT,
	TCP_ST_CLOSING,
	TCP_ST_LAST_ACK,
	TCP_ST_TIME_WAIT,
	TCP_ST_COUNT
};

/** What is true of a connection. */
enum {
	/* agreed in the handshake */
	TCP_F_TS = 1u << 0,
	TCP_F_SACK = 1u << 1,
	TCP_F_WSCALE = 1u << 2,
	TCP_F_PASSIVE = 1u << 3, /* a listener's */
	TCP_F_ECN = 1u << 16,    /* explicit congestion notification; in SYN-SENT: asked for */
	/* asked for by the application */
	TCP_F_NODELAY = 1u << 4,
	TCP_F_CORK = 1u << 5,
	TCP_F_FIN_QUEUED = 1u << 6, /* nothing more will be queued; FIN follows the queue */
	TCP_F_ORPHAN = 1u << 7,     /* the application has let go */
	/* progress */
	TCP_F_FIN_SENT = 1u << 8,   /* our FIN has left at least once: snd_nxt is past it */
	TCP_F_FIN_SEEN = 1u << 9,   /* the peer's FIN stands at fin_seq */
	TCP_F_FIN_TAKEN = 1u << 10, /* and rcv_nxt is past it */
	TCP_F_RECOVERY = 1u << 11,  /* fast recovery, RFC 6582: until snd_una reaches recover */
	TCP_F_LOSS = 1u << 12,  /* after a time-out or by size (mtu.h): until snd_una is recover */
	TCP_F_PROBE = 1u << 13, /* a window probe is to leave now */
	TCP_F_PUSH_SMALL = 1u << 14, /* silly-window override: a small segment may leave */
	TCP_F_ACK_NOW = 1u << 15,    /* an acknowledgement is due at the end of the turn */
	/* where it is */
	TCP_F_READY = 1u << 17,   /* on tcp->ready, or taken off it and not looked at yet */
	TCP_F_STARVED = 1u << 18, /* on tcp->starved or tcp->blocked */
	TCP_F_IN_TABLE = 1u << 19,
	TCP_F_FULL = 1u << 20,  /* the application found the send queue full */
	TCP_F_KNOWN = 1u << 21, /* the application knows of it: opened() or baro_connect() */
	TCP_F_PACED = 1u << 22, /* waits for pace_ns */
	TCP_F_CWR =
		1u << 23, /* cwnd was reduced, and the peer has not been told (RFC 3168 §6.1.2) */
	/* loss recovery */
	TCP_F_DISORDER =
		1u << 24, /* something is SACKED, lost or was sent again: conn->loss is in use */
	TCP_F_EARLY = 1u << 25, /* early_ns is a deadline */
	/* asked for by the application, and rare */
	TCP_F_KEEPALIVE = 1u << 26,
	TCP_F_LOWAT = 1u << 27, /* asked.notsent_lowat holds */
	TCP_F_CLAMP = 1u << 28, /* asked.window_clamp holds */
	/* to be done at the end of the turn */
	TCP_F_KEEP_PROBE = 1u << 29, /* a keepalive probe is to leave */
	TCP_F_RST = 1u << 30,        /* it has ended; the peer is to be told */
};

/* The last bit, which no enumerator can name: mtu.h searches for the size of packets, or will. */
#define TCP_F_MTU_SEARCH (UINT32_C(1) << 31)

/** What the application is to be told; delivered once a turn. */
enum {
	TCP_EV_OPENED = 1u << 0,
	TCP_EV_READABLE = 1u << 1,
	TCP_EV_WRITABLE = 1u << 2,
	TCP_EV_CLOSED = 1u << 3,
};

/** What the two kinds of open do about ECN. */
enum tcp_ecn_use {
	TCP_ECN_NONE,
	TCP_ECN_ACCEPT, /* listeners agree when they are asked */
	TCP_ECN_OFFER,  /* and our connects ask */
};

/** When the size of packets is searched for by probes, mtu.h. */
enum tcp_mtu_probing {
	TCP_MTU_PROBE_NEVER,
	TCP_MTU_PROBE_HOLES, /* when large segments vanish and nobody says why */
	TCP_MTU_PROBE_ALWAYS,
};

/** Who talks to whom; host order. Only the glue looks at it. */
struct tcp_flow {
	uint32_t laddr;
	uint32_t faddr;
	uint16_t lport;
	uint16_t fport;
};

static inline bool
tcp_flow_eq(const struct tcp_flow *a, const struct tcp_flow *b)
{
	return a->laddr == b->laddr && a->faddr == b->faddr && a->lport == b->lport &&
	       a->fport == b->fport;
}

/** What the network said last about a segment of ours, and what the application hears if it stays so. */
struct tcp_soft_error {
	struct seq seq;   /* of the segment: the word holds while that is in flight */
	int16_t err;      /* -errno; 0: nothing was said */
	bool is_next_hop; /* our own link said it: nobody is at the next hop's address */
};

/** The size of packets (mtu.h). */
struct tcp_mtu {
	uint16_t path;     /* octets of an IP packet that the path carries, as far as is known */
	uint16_t peer_mss; /* the peer's MSS option */
	bool may_fragment; /* the path carries less than the floor: no DF */
	/* the search, RFC 4821: with TCP_F_MTU_SEARCH */
	uint16_t bound; /* what is known to get through; packets are no larger. 0: no search */
	uint16_t fails; /* the smallest that is known not to, or one more than path */
	uint16_t probe; /* the size under test, 0: none is under way */
	uint8_t n_lost; /* probes of this size */
	struct seq probe_end; /* what the probe's acknowledgement says at least */
	uint64_t again_ns;    /* what fails is tried again then */
};

/** TCP Fast Open, RFC 7413: fast.h, fastopen.h. Looked at until the connection is open. */
struct tcp_fast {
	struct tcp_cookie cookie; /* that our first SYN or SYN|ACK bears, if has_option */
	uint16_t mss;             /* what the peer's MSS option said the last time */
	bool is_early;            /* text may be queued, and a server's sent, before it is open */
	bool has_option;
	bool is_awaited;                 /* what comes of our option is to be remembered */
	bool is_used;                    /* text on a SYN was taken, the peer's or ours */
	struct tcp_listener *pending_of; /* which waits for the third ACK; NULL: none */
};

/** How much of a window larger than needed has been used, cc_window.h. */
struct tcp_use {
	uint32_t since;       /* units of 2^TCP_USE_TIME_BITS ns */
	uint32_t most : 31;   /* octets in flight */
	uint32_t is_full : 1; /* the window was in the way when this time began */
};

enum { TCP_USE_TIME_BITS = 20 };

struct tcp_conn {
	/* line 0: read or written by every segment that arrives */
	_Alignas(BARO_CACHE_LINE) struct tcp_flow flow;
	struct seq rcv_nxt;
	struct seq rcv_adv;       /* right edge of the window last announced; never moves left */
	struct seq last_ack_sent; /* RFC 7323 §4.3 */
	uint32_t ts_recent;       /* RFC 7323 §4.3 */
	struct seq snd_una;
	struct seq snd_nxt;
	uint32_t snd_wnd; /* octets, scaled */
	struct seq snd_wl1;
	uint32_t flags; /* TCP_F_* */
	uint8_t state;  /* enum tcp_state; set_state() moves it */
	uint8_t snd_wscale;
	uint8_t rcv_wscale;
	uint8_t events;      /* TCP_EV_* */
	uint32_t rcv_queued; /* octets in order that the application has not consumed */
	struct seq rcv_mark; /* when rcv_nxt comes here the buffer is looked at: rcvbuf.h */

	/* line 1: read or written by every segment that leaves, or that acknowledges */
	_Alignas(BARO_CACHE_LINE) uint32_t cwnd;
	uint32_t snd_queued; /* octets of text from snd_una on, sent or not */
	uint16_t mss;        /* octets of text in a full segment: options are counted off */
	uint16_t rcv_mss;    /* largest segment seen lately: what "every second segment" means */
	uint8_t quick_acks;  /* acknowledgements that are still sent at once */
	uint8_t dupacks;
	uint8_t dups_owed; /* duplicate acknowledgements that this turn owes */
	uint8_t backoff;   /* RTO is doubled so often */
	struct tcp_conn *ready_next;
	struct rte_mbuf *snd_head; /* queued text, from snd_una on */
	struct rte_mbuf *snd_tail;
	struct rte_mbuf *cursor; /* the buffer that snd_nxt is in or near */
	struct seq cursor_seq;   /* of the cursor's first octet */
	uint32_t rcv_buf;
	struct tcp *tcp;

	/* line 2: one note per segment in flight; text that waits; the application */
	_Alignas(BARO_CACHE_LINE) struct tcp_sent *sent_head;
	struct tcp_sent *sent_tail;
	struct text *rcv_head;
	struct text *rcv_tail;
	struct tcp_rest *rest; /* what the application knows it by */
	uint32_t snd_buf;
	uint32_t lost;        /* octets in flight marked lost and not sent again yet */
	uint32_t sacked;      /* octets that have left the network without being acknowledged */
	uint32_t max_snd_wnd; /* largest window the peer ever offered */

	/* line 3: time */
	_Alignas(BARO_CACHE_LINE)
		uint64_t rexmt_ns; /* time-out, or window probe; TIME_NEVER: none */
	uint64_t ack_ns;           /* delayed acknowledgement */
	uint64_t idle_ns;          /* keepalive; without an application how long it may last */
	struct wheel_timer timer;  /* at or before the earliest of the three */
	uint64_t
		progress_ns; /* last time that the peer acknowledged something, or we began to wait */

	/* line 4: round-trip time, rate, congestion */
	_Alignas(BARO_CACHE_LINE) uint64_t srtt_ns; /* 0: no sample yet */
	uint64_t rttvar_ns;
	uint64_t rto_ns;    /* without the back-off */
	uint64_t pace_ns;   /* when all that was sent would have left evenly: pace.h */
	uint64_t pace_rate; /* octets a second; 0: not paced */
	uint64_t delivered; /* octets acknowledged or reported by SACK, in all: rate.h */
	uint64_t delivered_ns;
	uint64_t first_sent_ns;

	/* lines 5 to 11: congestion; the way out, kept by the glue; counts; what came out of order */
	_Alignas(BARO_CACHE_LINE) const struct tcp_cc *cc;
	uint32_t ssthresh;
	struct seq recover;    /* RFC 6582: highest sequence sent when the loss was found */
	struct seq cwnd_full;  /* snd_nxt when cwnd last kept text from leaving */
	struct tcp_use use;    /* while it does not */
	uint32_t app_limited;  /* low half of delivered: to there samples are app-limited; 0: not */
	uint32_t found_lost;   /* octets marked lost in all, low half */
	uint32_t quiet_at;     /* its number in tcp->quiet; 0: it is not there */
	uint64_t last_sent_ns; /* when text last left: RFC 5681 §4.1 */
	union tcp_cc_state cc_state;
	uint64_t rate_ns;        /* the last rate sample: rate_octets in so long */
	uint64_t min_rtt_ns;     /* the shortest round trip of the last minutes; 0: not measured */
	uint64_t min_rtt_now_ns; /* the shortest since min_rtt_since_ns */
	uint64_t min_rtt_since_ns;
	uint32_t rate_octets;
	uint32_t ts_offset;
	uint32_t ts_recent_age; /* when ts_recent was taken, in units of 2^30 ns */
	uint16_t our_mss;       /* what our SYN says: MTU - 40 */
	uint8_t tos;            /* the two bits of ECN are not in it */
	uint8_t ttl;            /* 0: the default */
	struct netif *path_netif;
	struct neigh *path_neigh;
	uint32_t path_neigh_gen;
	uint32_t path_route_gen;
	struct tcp_mtu mtu;
	struct tcp_totals totals;
	struct tcp_reass reass;

	/* opening, closing, losses, what the application asked for: rarely matters */
	_Alignas(BARO_CACHE_LINE) struct seq iss;
	struct seq irs;
	struct seq fin_seq;
	uint32_t index;      /* in the slab */
	uint32_t trace_mark; /* while it is watched: its place in trace->marks, plus 1 */
	uint32_t hash;       /* of its flow; 0: nobody has asked since it woke */
	int16_t err;         /* why it ended: what closed() is told */
	bool echoes_mark; /* the network has marked a segment: ECE until CWR comes (RFC 3168 §6.1.3) */
	uint8_t syn_retries;
	uint8_t challenge_credit;
	uint8_t keep_probes;   /* keepalive probes without an answer */
	uint32_t challenge_ns; /* low bits of when challenge_credit was filled, 2^20 ns */
	uint64_t early_ns;     /* TCP_F_EARLY: when to look for losses before the time-out */
	uint64_t pace_step;    /* while pace_rate is not 0: time of an octet, 2^-20 ns */
	uint64_t pace_credit_ns;
	uint64_t max_pace_rate; /* octets a second; 0: no limit of the application's */
	uint64_t keep_probe_ns;
	uint64_t rcv_mark_ns; /* when the way to rcv_mark began */
	struct tcp_dsack dsack;
	struct tcp_asked asked;
	struct tcp_soft_error soft;
	struct tcp_fast fast;
	struct tcp_loss loss;
};

/** Lines that an ordinary segment, what is sent for it, and their acknowledgements meet. */
enum { TCP_HOT_LINES = 11 };

_Static_assert(offsetof(struct tcp_conn, cwnd) == BARO_CACHE_LINE, "line 0 is one line");
_Static_assert(offsetof(struct tcp_conn, sent_head) == 2 * BARO_CACHE_LINE, "line 1 is one line");
_Static_assert(offsetof(struct tcp_conn, rexmt_ns) == 3 * BARO_CACHE_LINE, "line 2 is one line");
_Static_assert(offsetof(struct tcp_conn, reass.octets) <= TCP_HOT_LINES * BARO_CACHE_LINE,
	"what every segment meets comes first");

/**
 * What the pure part sees of its core: settings with their defaults filled in, and
 * where to count. A struct tcp begins with one.
 */
struct tcp_common {
	struct env *env;
	uint64_t rto_initial_ns;
	uint64_t rto_min_ns;
	uint64_t rto_max_ns;
	uint64_t delayed_ack_ns;
	uint64_t msl_ns;
	uint64_t rest_after_ns;
	uint32_t rest_beyond; /* control blocks */
	uint64_t fin_wait_2_ns;
	uint64_t user_timeout_ns;
	uint64_t orphan_timeout_ns;
	uint64_t keepalive_idle_ns;
	uint64_t keepalive_wait_ns;
	uint32_t keepalive_count;
	uint64_t connect_timeout_ns;
	uint32_t syn_retries; /* 0: as many as connect_timeout_ns allows */
	uint32_t syn_ack_retries;
	uint32_t data_retries;   /* 0: as user_timeout_ns allows */
	uint32_t initial_window; /* segments */
	uint8_t quick_acks;
	uint32_t snd_buf;
	uint32_t snd_buf_max;
	uint32_t notsent_lowat; /* 0: by the size of segments */
	uint32_t rcv_buf;
	uint32_t rcv_buf_max;
	uint8_t rcv_wscale; /* that rcv_buf_max needs */
	uint32_t backlog;
	enum tcp_mtu_probing mtu_probing;
	uint16_t mtu_base;
	uint64_t mtu_again_ns;
	bool with_ts;
	bool with_sack;
	bool with_wscale;
	bool with_nodelay;
	bool with_pacing;
	bool with_cookies; /* SYN cookies when embryos have no room */
	bool always_cookies;
	enum tcp_ecn_use ecn;
	bool resets_overflow; /* a third ACK that finds the accept queue full */
	bool with_keepalive;
	bool with_hystart;
	bool with_abe;
	bool with_fastopen;
	uint32_t fastopen_queue; /* of a listener that has not said; 0: none */
	uint64_t fastopen_key_life_ns;
	struct fast_keys fastopen_keys; /* of the configuration, instead of those that change */
	uint64_t fastopen_hold_max_ns;
	const struct tcp_cc *cc;
	struct tcp_trace *trace; /* NULL: nobody watches */
	struct slab *cc_blocks;  /* of algorithms that need more than a connection has for them */
};

static inline const struct tcp_common *
common_of(const struct tcp_conn *c)
{
	return (const struct tcp_common *)(const void *)c->tcp;
}

/** Is any of these flags set? */
static inline bool
tcp_is(const struct tcp_conn *c, uint32_t flags)
{
	return (c->flags & flags) != 0;
}

static inline void
tcp_mark(struct tcp_conn *c, uint32_t flags)
{
	c->flags |= flags;
}

static inline void
tcp_unmark(struct tcp_conn *c, uint32_t flags)
{
	c->flags &= ~flags;
}

/** Sequence space in flight, octets. */
static inline uint32_t
tcp_flight(const struct tcp_conn *c)
{
	return seq_len(c->snd_una, c->snd_nxt);
}

/** What is thought to be in the network still: RFC 6675's pipe. */
static inline uint32_t
tcp_pipe(const struct tcp_conn *c)
{
	uint32_t flight = tcp_flight(c);
	uint32_t gone = c->lost + c->sacked;

	return flight > gone ? flight - gone : 0;
}

/** Our own timestamp, RFC 7323 §5.4: 1 ms a tick, from an offset of the connection's own. */
static inline uint32_t
tcp_ts_now(const struct tcp_conn *c, uint64_t now_ns)
{
	return (uint32_t)(now_ns / NS_PER_MS) + c->ts_offset;
}

/** The window that the peer believes it has, RCV.WND. */
static inline uint32_t
tcp_rcv_wnd(const struct tcp_conn *c)
{
	return seq_len(c->rcv_nxt, c->rcv_adv);
}

static inline bool
tcp_is_synchronised(const struct tcp_conn *c)
{
	return c->state >= TCP_ST_ESTABLISHED;
}

/** Octets of sequence space in flight that are our SYN's. */
static inline uint32_t
tcp_syn_out(const struct tcp_conn *c)
{
	bool is_opening = c->state == TCP_ST_SYN_SENT || c->state == TCP_ST_SYN_RECEIVED;

	return is_opening && !seq_eq(c->snd_una, c->snd_nxt);
}

/** Our FIN has been acknowledged. */
static inline bool
tcp_fin_is_acked(const struct tcp_conn *c)
{
	return tcp_is(c, TCP_F_FIN_SENT) && seq_eq(c->snd_una, c->snd_nxt);
}

/** It sends text, or could: in SYN-RECEIVED only if the peer's SYN had a good cookie (RFC 7413). */
static inline bool
tcp_has_begun(const struct tcp_conn *c)
{
	return tcp_is_synchronised(c) ||
	       (c->state == TCP_ST_SYN_RECEIVED && c->fast.is_early && tcp_is(c, TCP_F_PASSIVE));
}

/** Text may still be queued for sending. */
static inline bool
tcp_may_send(const struct tcp_conn *c)
{
	bool is_opening = c->state == TCP_ST_SYN_SENT || c->state == TCP_ST_SYN_RECEIVED;

	return (c->state == TCP_ST_ESTABLISHED || c->state == TCP_ST_CLOSE_WAIT ||
		       (is_opening && c->fast.is_early)) &&
	       !tcp_is(c, TCP_F_FIN_QUEUED);
}

/** Move to @to; the moves of RFC 9293 figure 5 are the only ones. */
void
tcp_set_state(struct tcp_conn *c, enum tcp_state to);

/** The connection is over: forget the timers, owe the application @err (0 or -errno). */
void
tcp_end(struct tcp_conn *c, int err);

const char *
tcp_state_name(enum tcp_state state);

#endif
