/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_TABLES_H
#define BARO_RUNTIME_TABLES_H

/*
 * A core's tables as rows: what netstat and its like show. Each is asked for by pages, through the
 * core's mailbox, and a turn looks at a bounded number of entries. What opens or closes
 * meanwhile may be missed; nothing that stays is missed or told twice.
 */

#include <baro/addr.h>
#include <baro/iface.h>
#include <baro/route.h>
#include <baro/tcp_info.h>

#include "runtime/mailbox.h"

/** A socket: one row of netstat. */
struct socket_row {
	struct baro_endpoint local;
	struct baro_endpoint foreign;
	const char *state; /* "LISTEN", ...; "" of UDP */
	uint32_t
		recv_q; /* octets not read yet; of a listener: connections not accepted; UDP: datagrams */
	uint32_t send_q;   /* octets not acknowledged; of a listener: its backlog */
	const char *timer; /* "", "rexmt", "delack", "keepalive", "timewait", "synack" */
	uint64_t timer_ns; /* until it fires */
	uint32_t retries;  /* time-outs in a row */
	bool has_info;
	struct baro_tcp_info info;
};

struct neigh_row {
	struct baro_addr addr;
	uint8_t mac[6];
	bool has_mac;
	const char *state;     /* "REACHABLE", ... */
	uint32_t n_parked;     /* packets that wait for its MAC */
	uint64_t confirmed_ns; /* ago; 0: never */
	char iface[BARO_IFACE_NAMELEN];
};

enum {
	TABLE_PAGE = 64,   /* rows at most */
	TABLE_SLICE = 512, /* entries that a turn looks at */
	TABLE_FIRST = 0,   /* where a table begins */
};
/** Where it ends. */
#define TABLE_END UINT64_MAX

struct table_page {
	uint64_t at;       /* where to begin; afterwards: where the next page does, or TABLE_END */
	unsigned n_wanted; /* rows, 1..TABLE_PAGE */
	unsigned n;        /* rows there are */
	/* which sockets */
	bool wants_listening;
	bool wants_connected;
	bool wants_info;
	union {
		struct socket_row socket[TABLE_PAGE];
		struct neigh_row neigh[TABLE_PAGE];
		struct baro_route route[TABLE_PAGE];
		struct baro_iface_addr addr[TABLE_PAGE];
	} row;
};

/* A mailbox_slice each; the question is a struct table_page. */

/** Listeners, then connections, those in SYN-RECEIVED and in TIME-WAIT. */
bool
table_tcp(struct baro_core *core, void *page);
bool
table_udp(struct baro_core *core, void *page);
bool
table_neigh(struct baro_core *core, void *page);
bool
table_routes(struct baro_core *core, void *page);
bool
table_addrs(struct baro_core *core, void *page);

#endif
