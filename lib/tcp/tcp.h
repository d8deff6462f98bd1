/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: segments are mbufs. */
#ifndef BARO_TCP_TCP_H
#define BARO_TCP_TCP_H

/*
 * TCP of one core: its tables and queues, and what the receive spine, the wheel and
 * the socket layer call. RFC 9293.
 */

#include <baro/config.h>
#include <rte_mbuf.h>

#include "base/flow.h"
#include "base/flowtab.h"
#include "base/list.h"
#include "base/rss.h"
#include "base/slab.h"
#include "dev/pool.h"
#include "ip/ip.h"
#include "tcp/conn.h"
#include "tcp/fast_cache.h"
#include "tcp/seg.h"

enum { TCP_LISTENER_BUCKETS = 64 };

/** Connections that a SYN with text has opened and no third ACK yet, RFC 7413 §5.1: fastopen.h. */
struct tcp_fast_queue {
	uint32_t limit; /* 0: no Fast Open */
	uint32_t pending;
	uint32_t held[2]; /* places of connections that were reset, this minute and the last */
	uint64_t minute;
};

struct tcp_listener {
	struct list by_port;
	struct tcp *tcp;
	uint32_t laddr; /* 0: any */
	uint16_t lport;
	uint16_t index; /* in the slab */
	uint32_t backlog;
	uint32_t n_embryos; /* connections in SYN-RECEIVED */
	/* The accept queue, for a socket layer that has one. A connection that opens is counted here,
	 * and by the socket layer counted off when it is accepted or ends before. */
	uint32_t n_unaccepted;
	uint32_t max_unaccepted; /* 0: no limit, and no count */
	uint64_t cookie_ns;      /* when a SYN cookie last left; 0: none has */
	uint64_t defer_ns;       /* a connection waits so long for its first text; 0: not at all */
	const struct tcp_cc *cc; /* of its connections */
	struct tcp_fast_queue fast;
	struct tcp_conn *model; /* whose options its connections have; NULL: as the core is set */
	const void *ops;        /* the socket layer's */
	void *user;
};

enum {
	EMBRYO_LIVE = 0x01, /* 0 in a free one */
	/* agreed on, so far as our SYN|ACK says */
	EMBRYO_TS = 0x02,
	EMBRYO_SACK = 0x04,
	EMBRYO_WSCALE = 0x08,
	EMBRYO_ECN = 0x10, /* RFC 3168 §6.1.1: the SYN had ECE and CWR, the SYN|ACK has ECE */
	/* its way */
	EMBRYO_REPEATED = 0x20, /* SYN|ACK has left more often than n_resent says: no round trip */
	EMBRYO_DEFERRED = 0x40, /* the third ACK has come: it waits for text */
	EMBRYO_DUE = 0x80,      /* and has waited long enough */
};

/** A listener's connection in SYN-RECEIVED: what is needed to open it when the third ACK comes. */
struct tcp_embryo {
	struct tcp_flow flow;
	struct seq irs;
	struct seq iss;
	uint32_t ts_recent;
	uint16_t peer_mss; /* the MSS option, or the default */
	uint16_t listener; /* its index */
	uint8_t snd_wscale;
	uint8_t n_resent;         /* SYN|ACK after time-outs */
	uint8_t flags;            /* EMBRYO_* */
	uint8_t credit;           /* challenge ACKs still allowed */
	struct wheel_timer timer; /* its index is the slab's */
};

_Static_assert(sizeof(struct tcp_embryo) <= BARO_CACHE_LINE, "SYN-RECEIVED is one cache line");

/** A connection in TIME-WAIT: all that is left of it (RFC 9293 §3.6.1). */
struct tcp_timewait {
	struct tcp_flow flow;
	struct seq rcv_nxt;
	struct seq snd_nxt;
	uint32_t ts_recent;
	uint32_t ts_offset; /* 0: no timestamps agreed */
	bool was_asked; /* the last segment was a SYN that could not be taken; we have asked back */
	struct wheel_timer timer;
};

_Static_assert(sizeof(struct tcp_timewait) <= BARO_CACHE_LINE, "TIME-WAIT is one cache line");

struct tcp_quiet_entry {
	uint64_t due_ns;
	uint32_t index; /* of a control block; SLAB_NONE: it has gone */
};

/** Connections that wait for nothing, quiet.h. */
struct tcp_quiet {
	struct tcp_quiet_entry *entry; /* a ring: number i stands at i & mask */
	uint32_t mask;
	uint32_t head;
	uint32_t tail;
	uint32_t n_gone;          /* between them */
	struct wheel_timer timer; /* of the head, or before */
};

/** Connections in the order in which they came. */
struct tcp_line {
	struct tcp_conn *head; /* NULL: nobody; chained by ready_next */
	struct tcp_conn *tail;
};

/** RSTs that wait, farewell.h. */
struct tcp_farewells {
	struct tcp_farewell *entry; /* a ring: number i stands at i & mask */
	uint32_t head;
	uint32_t tail;
};

struct tcp {
	struct tcp_common common; /* first: common_of() */
	struct ip4 *ip;
	struct dev_pool *pool;
	struct flowtab table; /* flow -> index in rests, or tagged in timewaits or embryos */
	struct slab conns;
	struct slab rests; /* struct tcp_rest: one a connection */
	struct slab rests_more;
	struct slab timewaits;
	struct slab embryos;
	struct slab listens; /* struct tcp_listener */
	struct slab sents;
	struct slab cc_blocks; /* TCP_CC_BLOCK octets each */
	struct list listeners[TCP_LISTENER_BUCKETS];
	/* connections that the turn has to look at again: events, ACKs, text to send */
	struct tcp_line ready;
	struct tcp_line starved; /* those that wait for buffers, or for more of a turn */
	struct tcp_line blocked; /* those that wait for room in a transmit ring, of any port */
	bool found_full;         /* there was none for a segment of this connection's turn */
	struct tcp_farewells farewells;
	struct tcp_quiet quiet;
	/* text buffers held by connections: sending may not starve receiving, nor the reverse */
	uint32_t snd_mbufs;
	uint32_t rcv_mbufs;
	uint32_t max_snd_mbufs;
	uint32_t max_rcv_mbufs;
	uint32_t n_resting; /* connections without control block */
	uint32_t next_port;
	struct fast_cache fast_cache; /* what connects know of servers */
	const struct rss *rss;        /* which flows are which core's; NULL: all are ours */
	uint32_t core;
};

/** The two high bits of a table value: below TCP_TAG_TIMEWAIT it names a connection. */
#define TCP_TAG_TIMEWAIT (UINT32_C(2) << 30)
#define TCP_TAG_EMBRYO   (UINT32_C(3) << 30)
#define TCP_TAG_MASK     (UINT32_C(3) << 30)

/** @return 0, -EINVAL (no such congestion control), -ENOMEM */
int
tcp_init(struct tcp *tcp, const struct baro_config *config, struct env *env, struct ip4 *ip,
	struct dev_pool *pool, uint32_t mbufs);

/** Free everything; nothing is sent. */
void
tcp_fini(struct tcp *tcp);

/** The application has not accepted for too long. */
static inline bool
tcp_accept_is_full(const struct tcp_listener *l)
{
	return l->max_unaccepted != 0 && l->n_unaccepted >= l->max_unaccepted;
}

/** Keyed hash of a flow. */
static inline uint32_t
tcp_hash(const struct tcp *tcp, const struct tcp_flow *f)
{
	const struct flow flow = { f->laddr, f->faddr, f->lport, f->fport };

	return flow_hash(&tcp->common.env->table_key, &flow);
}

/** Which core owns this flow. */
static inline uint32_t
tcp_owner(const struct tcp *tcp, const struct tcp_flow *f)
{
	const struct flow flow = { f->laddr, f->faddr, f->lport, f->fport };

	return tcp->rss != NULL ? rss_owner(tcp->rss, rss_hash(tcp->rss, &flow)) : tcp->core;
}

/* The receive spine */

/** Hash of the flow of a received segment; 20 octets of TCP header are readable at @p. */
uint32_t
tcp_hash_in(const struct tcp *tcp, const struct ip_in *in, const uint8_t *p);

/** Second stage: fetch the handle of the connection that @hash leads to. @return it, NULL: none */
const struct tcp_rest *
tcp_fetch(const struct tcp *tcp, uint32_t hash);

/** And behind it, if it is awake, the text that is acknowledged next. */
void
tcp_fetch_text(const struct tcp_rest *r);

/** A segment; its data is the TCP header. Takes the packet. */
void
tcp_rx(struct tcp *tcp, struct rte_mbuf *m, const struct ip_in *in, uint32_t hash, uint64_t now_ns);

/** An ICMP error about one of our segments: RFC 9293 §3.9.2.2, RFC 5927. */
enum drop
tcp_icmp(struct tcp *tcp, const struct icmp_note *note, uint64_t now_ns);

/* The wheel */

void
tcp_conn_timer(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns);
void
tcp_quiet_timer(struct tcp *tcp, uint64_t now_ns);
void
tcp_timewait_timer(struct tcp *tcp, struct tcp_timewait *tw);
void
tcp_embryo_timer(struct tcp *tcp, struct tcp_embryo *e, uint64_t now_ns);

/* The socket layer */

static inline void
tcp_line_put(struct tcp_line *line, struct tcp_conn *c)
{
	c->ready_next = NULL;
	if (line->head == NULL)
		line->head = c;
	else
		line->tail->ready_next = c;
	line->tail = c;
}

/** The first; NULL: none. */
static inline struct tcp_conn *
tcp_line_take(struct tcp_line *line)
{
	struct tcp_conn *c = line->head;

	if (c != NULL)
		line->head = c->ready_next;
	return c;
}

/** Have the turn look at @c at its end. */
static inline void
tcp_ready(struct tcp *tcp, struct tcp_conn *c)
{
	if (tcp_is(c, TCP_F_READY | TCP_F_STARVED)) /* a starved one is looked at when it is fed */
		return;
	tcp_mark(c, TCP_F_READY);
	tcp_line_put(&tcp->ready, c);
}

/**
 * The next one to look at, taken off the list; NULL: none. It keeps TCP_F_READY, so that it does not get there
 * again, until whoever looks at it takes the flag away.
 */
static inline struct tcp_conn *
tcp_take_ready(struct tcp *tcp)
{
	return tcp_line_take(&tcp->ready);
}

/** Somebody waits for buffers or room. */
static inline bool
tcp_is_hungry(const struct tcp *tcp)
{
	return tcp->starved.head != NULL || tcp->blocked.head != NULL ||
	       tcp->farewells.head != tcp->farewells.tail; /* farewell_waits() */
}

/** Turn begins: those who starved may try again; of those who wait for room as many as a ring has places. */
void
tcp_feed(struct tcp *tcp, uint64_t now_ns);

/** If the application found the send queue full and there is room again, it is to be told. */
void
tcp_wake_writer(struct tcp_conn *c);

/** Send what may be sent, acknowledge what is due, let the control block go if it is over. */
void
tcp_flush(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns);

/** @laddr 0: any. @return 0, -EADDRINUSE, -EADDRNOTAVAIL, -EINVAL, -ENOMEM */
int
tcp_listen(struct tcp *tcp, uint32_t laddr, uint16_t lport, uint32_t backlog, const void *ops,
	void *user, struct tcp_listener **out);
void
tcp_unlisten(struct tcp_listener *l, uint64_t now_ns);
void
tcp_listener_free(struct tcp_listener *l);

/** The control block, of no connection, that holds the options of those that @l accepts. NULL: no memory */
struct tcp_conn *
tcp_listener_model(struct tcp_listener *l);

/** Errno as baro_connect(). */
int
tcp_connect(struct tcp *tcp, const struct tcp_flow *want, uint64_t now_ns, struct tcp_conn **out);

/** The application will not send any more: FIN after the queue. */
void
tcp_shutdown(struct tcp_conn *c);

/** The application lets go. */
void
tcp_close(struct tcp_conn *c, uint64_t now_ns);

/** RST now, and the application lets go. */
void
tcp_abort(struct tcp_conn *c, uint64_t now_ns);

/**
 * Another host has our address @laddr: connections from there are reset, and end with -EADDRNOTAVAIL
 * (RFC 5227 §2.4). To be called while it may still be sent from. It walks all connections.
 */
BARO_COLD void
tcp_forsake(struct tcp *tcp, uint32_t laddr, uint64_t now_ns);

#endif
