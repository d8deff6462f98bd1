/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MICRO_RIG_H
#define BENCH_MICRO_RIG_H

/*
 * A core on the two-function port, no EAL; the rows are its clients. What the stack sends is noted while
 * it is sent, and read between the turns.
 */

#include "micro/client.h"

enum {
	RIG_SERVER_PORT = 7,
	RIG_FIRST_PORT = 1024, /* of client 0 */
	RIG_CLIENTS_MAX = 60000,
	RIG_BURST_MAX = 64,
	RIG_TEXT_MAX = 1448,
};

/** The client's side of one connection. */
struct rig_peer {
	uint32_t snd_nxt;
	uint32_t rcv_nxt;
	uint32_t tsval;         /* the last that was heard */
	struct baro_conn *conn; /* the server's */
};

struct rig {
	struct baro_core *core;
	struct baro_port *port;
	struct rig_peer *peer;
	uint32_t n_peers;
	uint32_t n_opened;
	uint32_t text_len;
	uint32_t burst; /* clients of one turn */
	uint32_t at;    /* the first of them */
	bool has_ts;    /* connections use timestamps, as nearly all do */
	struct mac server_mac;
	uint64_t now_ns;
	uint64_t n_frames; /* sent by the stack */
	uint32_t n_heard;  /* frames of the last turn, in head[] */
	uint8_t head[RIG_BURST_MAX][CLIENT_HDR_LEN + TCP_OPT_MAX];
	char text[RIG_TEXT_MAX];
};

/** A core as @config says, seeded, whose port has seen our MAC. @return NULL: no memory */
struct rig *
rig_open(const struct baro_config *config);
void
rig_close(void *rig);

/** One turn of the core, a microsecond after the last one. */
void
rig_turn(struct rig *r);

/** @n connections from us to @ops' listener on RIG_SERVER_PORT, established. @return false: no memory */
bool
rig_connect(struct rig *r, const struct baro_conn_ops *ops, uint32_t n);

/** A segment of client @i, with @len octets of text. */
void
rig_send(struct rig *r, uint32_t i, uint8_t flags, uint32_t len);

/** Read what the stack has sent: clients will acknowledge it. */
void
rig_hear(struct rig *r);

/** Go on to the next burst of clients. */
void
rig_advance(struct rig *r);

/** The @k-th client of this burst. */
static inline uint32_t
rig_client(const struct rig *r, uint32_t k)
{
	uint32_t i = r->at + k;

	return i < r->n_peers ? i : i - r->n_peers;
}

/** For the listener's opened(): notes the server's side of the connection. */
void
rig_opened(struct baro_conn *c);
/** A connection that ends is no measurement. */
void
rig_closed(struct baro_conn *c, int err);

#endif
