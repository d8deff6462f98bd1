/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a whole turn costs: a TCP segment of 64 octets comes in by the two-function port, the
 * application sends it back, the answer goes out with the acknowledgement. No EAL, one core.
 *
 *	bench-turn [TURNS [CONNECTIONS [SEGMENTS A TURN]]]
 *	valgrind --tool=callgrind bench-turn 100000		instructions: divide Ir by the turns
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "micro/client.h"

enum {
	TEXT_LEN = 64,
	SERVER_PORT = 7,
	FIRST_PORT = 1024,
};

/** The client's side of one connection. */
struct peer {
	uint32_t snd_nxt;
	uint32_t rcv_nxt;
};

struct bench {
	struct baro_core *core;
	struct baro_port *port;
	struct peer *peer;
	struct mac server_mac;
	uint64_t now_ns;
	uint64_t n_frames; /* sent by the stack */
};

/* The application under test: echo. */

static void
opened(struct baro_conn *c)
{
	baro_conn_set(c, BARO_TCP_NODELAY, 1);
}

static void
readable(struct baro_conn *c)
{
	struct iovec iov;

	while (baro_conn_peek(c, &iov, 1) == 1) {
		baro_conn_send(c, iov.iov_base, iov.iov_len);
		baro_conn_consume(c, iov.iov_len);
	}
}

static void
closed(struct baro_conn *c, int err)
{
	(void)c;
	fprintf(stderr, "a connection ended: %s\n", strerror(-err));
	exit(1);
}

static const struct baro_conn_ops ops = {
	.opened = opened, .readable = readable, .closed = closed
};

/** A frame of the stack: the client notes what it acknowledges next. */
static void
transmit(const struct iovec *frame, int n, void *user)
{
	struct bench *b = user;
	const uint8_t *p = frame[0].iov_base;
	struct ipv4_hdr ip;
	struct tcp_hdr h;
	struct peer *peer;

	(void)n;
	b->n_frames++;
	memcpy(&b->server_mac, p + 6, sizeof(b->server_mac));
	if (frame[0].iov_len < CLIENT_HDR_LEN ||
		ipv4_read(p + ETH_HDR_LEN, 20, UINT16_MAX, true, &ip) != 0 ||
		tcp_read(p + ETH_HDR_LEN + IPV4_HDR_LEN, TCP_HDR_MAX, &h) != 0)
		return;
	peer = &b->peer[h.dst_port - FIRST_PORT];
	peer->rcv_nxt = h.seq.n + (ip.total_len - IPV4_HDR_LEN - (uint32_t)h.hdr_len) +
			((h.flags & TCP_SYN) != 0);
}

/** A segment of client @i. */
static void
send_segment(struct bench *b, uint32_t i, uint8_t flags, uint32_t len)
{
	uint8_t frame[CLIENT_HDR_LEN + TEXT_LEN] = { 0 };
	struct peer *peer = &b->peer[i];
	const struct tcp_hdr h = { .src_port = (uint16_t)(FIRST_PORT + i),
		.dst_port = SERVER_PORT,
		.seq = { peer->snd_nxt },
		.ack = { peer->rcv_nxt },
		.flags = flags,
		.wnd = UINT16_MAX };

	peer->snd_nxt += len + ((flags & TCP_SYN) != 0);
	baro_port_input(b->port, frame, client_segment(frame, b->server_mac, &h, len));
}

static void
turn(struct bench *b)
{
	b->now_ns += 1000;
	baro_core_poll(b->core, b->now_ns);
}

static void
establish(struct bench *b, uint32_t n_conns)
{
	for (uint32_t i = 0; i < n_conns; i++) {
		send_segment(b, i, TCP_SYN, 0);
		turn(b);
		send_segment(b, i, TCP_ACK, 0);
		turn(b);
	}
}

static void
set_up(struct bench *b, uint32_t n_conns)
{
	const struct baro_port_opts opts = {
		.transmit = transmit, .user = b, .address = baro_addr_from_v4(SERVER)
	};
	const struct baro_endpoint local = { .port = SERVER_PORT };
	struct baro_listener *listener;

	b->peer = calloc(n_conns, sizeof(*b->peer));
	if (b->peer == NULL || baro_core_create(NULL, 0, &b->core) != 0 ||
		baro_port_open(b->core, &opts, &b->port) != 0 ||
		baro_listen(b->core, &local, NULL, &ops, NULL, &listener) != 0)
		abort();
	client_introduces_itself(b->port);
	turn(b);
	establish(b, n_conns);
}

static uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint32_t
argument(int argc, char **argv, int i, uint32_t otherwise)
{
	return argc > i ? (uint32_t)strtoul(argv[i], NULL, 10) : otherwise;
}

int
main(int argc, char **argv)
{
	uint32_t n_turns = argument(argc, argv, 1, 1000000);
	uint32_t n_conns = argument(argc, argv, 2, 1);
	uint32_t burst = argument(argc, argv, 3, 1);
	struct bench b = { .now_ns = 0 };
	uint64_t begin_ns;
	uint64_t took_ns;
	uint32_t at = 0;

	if (n_conns == 0 || n_conns > 60000 || burst == 0 || burst > n_conns) {
		fprintf(stderr, "usage: bench-turn [TURNS [CONNECTIONS <= 60000 [SEGMENTS <= "
				"CONNECTIONS]]]\n");
		return 2;
	}
	set_up(&b, n_conns);
	b.n_frames = 0;
	begin_ns = clock_ns();
	for (uint32_t i = 0; i < n_turns; i++) {
		for (uint32_t k = 0; k < burst; k++, at = at + 1 < n_conns ? at + 1 : 0)
			send_segment(&b, at, TCP_PSH | TCP_ACK, TEXT_LEN);
		turn(&b);
	}
	took_ns = clock_ns() - begin_ns;
	printf("%u turns of %u segments over %u connections: %.1f ns a segment, %" PRIu64
	       " frames sent\n",
		n_turns, burst, n_conns, (double)took_ns / n_turns / burst, b.n_frames);
	baro_core_destroy(b.core);
	free(b.peer);
	return 0;
}
