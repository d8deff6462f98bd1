/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_KIT_LAB_H
#define BARO_KIT_LAB_H

/*
 * The lab: one core on virtual time, its only peer the test. A test is a list of sentences:
 *
 *	struct lab l;
 *	lab_open(&l, NULL);
 *	lab_establish(&l, LAB_PLAIN);
 *	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .data = "GET"));
 *	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4));
 *	lab_sends_nothing(&l);
 *	lab_dropped_nothing(&l);
 *
 * Sequence numbers are counted from each side's own SYN, which is 0. A segment that
 * lab_sends() expects must be equal in seq, ack, flags and length, and in every other field that
 * is given; nothing may be left over when the lab is closed.
 */

#include <baro/baro.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/counters.h"
#include "tcp/conn.h"
#include "wire/eth.h"
#include "wire/tcp.h"

enum {
	LAB_OUT_MAX = 512, /* frames kept until somebody expects them */
	LAB_DATA_MAX = 1 << 20,
	LAB_PORT = 80, /* where the stack listens, or connects to */
	LAB_PEER_PORT = 40000,
};

/** 198.18.0.2 is the stack, 198.18.0.1 the peer, 198.18.0.254 the gateway. */
#define LAB_ADDR    0xc6120002u
#define LAB_PEER    0xc6120001u
#define LAB_GATEWAY 0xc61200feu

#define LAB_MAC      ((struct mac){ { 0x02, 0, 0, 0, 0, 2 } })
#define LAB_PEER_MAC ((struct mac){ { 0x02, 0, 0, 0, 0, 1 } })

/** A segment, either way. What is 0 is not looked at in an expected one, but for seq, ack, len, flags. */
struct lab_seg {
	uint8_t flags;
	uint32_t seq;          /* from the sender's SYN */
	uint32_t ack;          /* from the receiver's SYN; meaningless without ACK */
	uint32_t len;          /* octets of text; data of its own pattern if data is NULL */
	const char *data;      /* text as a string; sets len */
	uint32_t wnd;          /* as on the wire; 0 sends LAB_WND */
	bool wnd_is_zero;      /* send, or expect, a window of 0 */
	uint16_t mss;          /* SYN options */
	uint8_t wscale_plus_1; /* 0: no option */
	bool sack_ok;
	bool has_ts;
	bool no_ts; /* expect none; send none though agreed */
	uint32_t tsval;
	uint32_t tsecr;
	uint8_t n_sack;
	struct {
		uint32_t from, to; /* as ack */
	} sack[4];
	bool no_sack;      /* expect none */
	bool has_fastopen; /* RFC 7413; an expected one has this cookie if its len is not 0 */
	bool no_fastopen;  /* expect none */
	struct tcp_cookie cookie;
	bool bad_sum;
	uint8_t ecn;             /* IP's ECN field, IPV4_*; an expected segment has it exactly */
	bool no_df;              /* expect DF to be off: it is on otherwise (RFC 1191 §3) */
	uint16_t src_port;       /* 0: LAB_PEER_PORT */
	uint16_t dst_port;       /* 0: the connection's */
	uint32_t raw_seq_plus_1; /* overrides seq by an absolute number */
	uint16_t urg;
};

#define LAB_WND 65535

#define SEG(seg_flags, ...) (&(const struct lab_seg){ .flags = SEG_##seg_flags, __VA_ARGS__ })
#define SEG_SYN             TCP_SYN
#define SEG_SYN_ACK         (TCP_SYN | TCP_ACK)
#define SEG_ACK             TCP_ACK
#define SEG_PSH             (TCP_PSH | TCP_ACK)
#define SEG_FIN             (TCP_FIN | TCP_ACK)
#define SEG_PSH_FIN         (TCP_PSH | TCP_FIN | TCP_ACK)
#define SEG_RST             TCP_RST
#define SEG_RST_ACK         (TCP_RST | TCP_ACK)
#define SEG_NONE            0
#define SEG_SYN_FIN         (TCP_SYN | TCP_FIN)
#define SEG_SYN_RST         (TCP_SYN | TCP_RST)
#define SEG_BARE_FIN        TCP_FIN
#define SEG_URG             (TCP_URG | TCP_ACK)
#define SEG_SYN_ECN         (TCP_SYN | TCP_ECE | TCP_CWR)
#define SEG_SYN_ACK_ECE     (TCP_SYN | TCP_ACK | TCP_ECE)
#define SEG_SYN_ACK_ECN     (TCP_SYN | TCP_ACK | TCP_ECE | TCP_CWR)
#define SEG_SYN_ECE         (TCP_SYN | TCP_ECE)
#define SEG_SYN_CWR         (TCP_SYN | TCP_CWR)
#define SEG_ACK_ECE         (TCP_ACK | TCP_ECE)
#define SEG_ACK_CWR         (TCP_ACK | TCP_CWR)
#define SEG_PSH_ECE         (TCP_PSH | TCP_ACK | TCP_ECE)
#define SEG_PSH_CWR         (TCP_PSH | TCP_ACK | TCP_CWR)
#define SEG_SYN_ACK_FIN     (TCP_SYN | TCP_ACK | TCP_FIN)
#define SEG_XMAS            (TCP_FIN | TCP_PSH | TCP_URG)

/** A frame that the stack has sent. */
struct lab_frame {
	uint8_t *octets; /* with the Ethernet header */
	uint32_t len;
	uint64_t at_ns;
};

/** What the application of the lab has been told, and what it does by itself. */
struct lab_app {
	unsigned n_opened;
	unsigned n_readable;
	unsigned n_writable;
	unsigned n_closed;
	int err;     /* of closed() */
	bool reads;  /* read all in readable() into data */
	bool echoes; /* and send it back */
	bool closes_on_eof;
	uint8_t *data;
	size_t len;
	bool is_eof;
};

struct lab {
	const char *row; /* of a table: printed when a sentence fails */
	struct baro_core *core;
	struct baro_port *port;
	struct baro_listener *listener;
	struct baro_conn *conn; /* the connection under test; NULL before and after its life */
	uint64_t now_ns;
	struct lab_app app;
	struct counters before; /* at the last lab_dropped() */
	struct lab_frame out[LAB_OUT_MAX];
	unsigned n_out;
	unsigned n_seen; /* expected already */
	uint32_t peer_iss;
	uint32_t our_iss;
	bool knows_our_iss;
	bool is_probed; /* the peer, by ARP: it owes an answer */
	uint16_t local_port;
	uint8_t peer_wscale;
	bool uses_ts;
	uint32_t peer_ts;    /* next tsval of the peer */
	uint32_t last_tsval; /* of the stack: what the peer echoes */
	uint64_t last_at_ns; /* when the segment last expected had been sent */
	struct lab_seg last; /* the segment last expected, as it was */
};

/** Open a core with an address; the peer's MAC is known. @config NULL: defaults with seed 1. */
void
lab_open(struct lab *l, const struct baro_config *config);

/** Nothing unexpected may be left; nothing may be leaked. */
void
lab_close(struct lab *l);

/* Time */

/** Let virtual time pass, polling at every deadline on the way. */
void
lab_run_ms(struct lab *l, uint64_t ms);
void
lab_run_ns(struct lab *l, uint64_t ns);

/** One turn now. */
void
lab_poll(struct lab *l);

/* Frames */

/** A raw frame arrives, and a turn follows. */
void
lab_recv_frame(struct lab *l, const void *octets, size_t len);

/** An IPv4 packet with this payload from @src to @dst arrives. */
void
lab_recv_ip(
	struct lab *l, uint32_t src, uint32_t dst, uint8_t proto, const void *payload, size_t len);

/** The next frame that nobody has expected yet; fails if there is none. */
const struct lab_frame *
lab_next_frame(struct lab *l);

/** Frames sent and not expected yet. */
unsigned
lab_pending(const struct lab *l);

/** Forget frames sent so far. */
void
lab_skip_all(struct lab *l);

/** An ICMP error by the gateway. */
struct lab_icmp {
	uint8_t type; /* 0: unreachable */
	uint8_t code;
	uint16_t mtu;      /* of the next hop */
	uint32_t seq;      /* of the segment quoted, from the stack's SYN */
	uint16_t len;      /* of the packet quoted, octets with its IP header; 0: 1500 */
	uint32_t dst;      /* of the packet quoted; 0: LAB_PEER */
	uint16_t our_port; /* of the packet quoted; 0: the connection's */
	uint32_t cut;      /* octets missing at the end of the quote */
};

#define ICMP(...) (&(const struct lab_icmp){ __VA_ARGS__ })

/** It arrives, and a turn follows. */
void
lab_recv_icmp(struct lab *l, const struct lab_icmp *error);

/* TCP */

/** A segment arrives, and a turn follows. */
void
lab_recv(struct lab *l, const struct lab_seg *seg);

/** A segment arrives; no turn yet: the next lab_recv() or lab_poll() makes a burst of them. */
void
lab_queue(struct lab *l, const struct lab_seg *seg);

/** The stack has sent exactly this next. */
#define lab_sends(l, seg) lab_sends_at(l, seg, __FILE__, __LINE__)
void
lab_sends_at(struct lab *l, const struct lab_seg *seg, const char *file, unsigned line);

/** The next segment that it has sent, whatever it is; its text is the pattern. @return false: none */
bool
lab_next(struct lab *l, struct lab_seg *got);

/** And nothing more. */
#define lab_sends_nothing(l) lab_sends_nothing_at(l, __FILE__, __LINE__)
void
lab_sends_nothing_at(struct lab *l, const char *file, unsigned line);

/** Exactly these drops since the last such sentence, and no other. Rows of DROPPED(). */
#define lab_dropped(l, ...) \
	lab_dropped_at(     \
		l, (const struct counter_move[]){ __VA_ARGS__, { .by = 0 } }, __FILE__, __LINE__)
#define lab_dropped_nothing(l) \
	lab_dropped_at(l, &(const struct counter_move){ .by = 0 }, __FILE__, __LINE__)
void
lab_dropped_at(struct lab *l, const struct counter_move *moves, const char *file, unsigned line);

/** Counter @what since the core began. */
uint64_t
lab_stat(const struct lab *l, enum stat what);

#define lab_state_is(l, state) lab_state_is_at(l, state, __FILE__, __LINE__)
void
lab_state_is_at(struct lab *l, enum tcp_state state, const char *file, unsigned line);

/** The control block under test. */
struct tcp_conn *
lab_tcp(const struct lab *l);

/* Connections */

enum lab_options {
	LAB_PLAIN = 0, /* the peer offers MSS 1460 and nothing else */
	LAB_WITH_TS = 1,
	LAB_WITH_SACK = 2,
	LAB_WITH_WSCALE = 4, /* shift 7 */
	LAB_WITH_ALL = 7,
};

/** Listen on LAB_PORT. */
void
lab_listen(struct lab *l);

/** A passive connection is ESTABLISHED; the handshake's frames are expected already. */
void
lab_establish(struct lab *l, enum lab_options options);

/** An active one. */
void
lab_connect(struct lab *l); /* SYN sent and expected */
void
lab_establish_active(struct lab *l, enum lab_options options);

/** The application queues @len octets of the pattern (octet i = i mod 251) and a turn follows. */
void
lab_write(struct lab *l, size_t len);

/** The pattern's octet at distance @i, both ways. */
static inline uint8_t
lab_octet(uint64_t i)
{
	return (uint8_t)(i % 251);
}

/* States (lab_state.c) */

/**
 * Bring a fresh lab's connection into @state by shutdown() and FIN, so that the application still
 * has it; what is sent on the way is expected already. CLOSED: nothing happens.
 */
void
lab_enter(struct lab *l, enum tcp_state state);

/** The sequence number that each side uses next after lab_enter(). */
uint32_t
lab_peer_next(enum tcp_state state);
uint32_t
lab_our_next(enum tcp_state state);

/** The stack's tables have the flow under test in @state; CLOSED: they do not have it. */
#define lab_flow_is(l, state) lab_flow_is_at(l, state, __FILE__, __LINE__)
void
lab_flow_is_at(const struct lab *l, enum tcp_state state, const char *file, unsigned line);

/** The flow's control block, half-open ones too; NULL: none. */
struct tcp_conn *
lab_flow(const struct lab *l);

/** So many connections and TIME-WAITs are there. */
#define lab_holds(l, conns, time_waits) lab_holds_at(l, conns, time_waits, __FILE__, __LINE__)
void
lab_holds_at(
	const struct lab *l, uint32_t conns, uint32_t time_waits, const char *file, unsigned line);

/** The next SYN is that of another connection. */
void
lab_forget(struct lab *l);

/** The application of the lab has read @len octets of the pattern so far, and they are right. */
#define lab_has_read(l, len) lab_has_read_at(l, len, __FILE__, __LINE__)
void
lab_has_read_at(struct lab *l, size_t len, const char *file, unsigned line);

#endif
