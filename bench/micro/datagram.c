/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a datagram costs: it comes in by the two-function port, the application sends it back, the answer
 * goes out. No EAL, one core.
 *
 *	bench-datagram [TURNS [OCTETS [DATAGRAMS A TURN [SOCKETS]]]]
 *	valgrind --tool=callgrind --toggle-collect=baro_core_poll bench-datagram 20000
 *						instructions: divide Ir by the datagrams
 *
 * With SOCKETS each datagram is of another peer, who has a connected socket.
 */

#include <baro/baro.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "micro/client.h"
#include "wire/udp.h"

enum {
	HDR_LEN = ETH_HDR_LEN + IPV4_HDR_LEN + UDP_HDR_LEN,
	OCTETS_MAX = 1472,
	BURST_MAX = 64,
	SOCKETS_MAX = 50000,
	SERVER_PORT = 7,
	FIRST_PORT = 1024,
};

struct bench {
	struct baro_core *core;
	struct baro_port *port;
	struct mac server_mac;
	uint32_t octets;
	uint64_t now_ns;
	uint64_t n_frames; /* sent by the stack */
};

/* The application under test: echo. */
static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	baro_udp_send(u, &d->from, &d->to, d->data, d->len);
}

static void
transmit(const struct iovec *frame, int n, void *user)
{
	struct bench *b = user;

	(void)n;
	b->n_frames++;
	memcpy(&b->server_mac, (const uint8_t *)frame[0].iov_base + 6, sizeof(b->server_mac));
}

/** A datagram of the client's port @i. */
static void
send_datagram(struct bench *b, uint32_t i)
{
	uint8_t frame[HDR_LEN + OCTETS_MAX] = { 0 };
	uint8_t *p = frame + ETH_HDR_LEN + IPV4_HDR_LEN;
	uint32_t len = UDP_HDR_LEN + b->octets;
	uint16_t sum;

	eth_write(frame, &(struct eth_hdr){
				 .dst = b->server_mac, .src = client_mac, .type = ETH_TYPE_IPV4 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = CLIENT,
			.dst = SERVER,
			.total_len = (uint16_t)(IPV4_HDR_LEN + len),
			.ttl = 64,
			.proto = IP_PROTO_UDP },
		true);
	udp_write(p, &(struct udp_hdr){ .src_port = (uint16_t)(FIRST_PORT + i),
			     .dst_port = SERVER_PORT,
			     .len = (uint16_t)len });
	sum = cksum_fold(cksum_add(cksum_pseudo4(CLIENT, SERVER, IP_PROTO_UDP, len), p, len));
	memcpy(p + UDP_SUM_AT, &sum, sizeof(sum));
	baro_port_input(b->port, frame, ETH_HDR_LEN + IPV4_HDR_LEN + len);
}

static void
turn(struct bench *b)
{
	b->now_ns += 1000;
	baro_core_poll(b->core, b->now_ns);
}

static void
open_sockets(struct bench *b, uint32_t n_connected)
{
	static const struct baro_udp_ops ops = { .received = received };
	const struct baro_endpoint local = { .port = SERVER_PORT };
	struct baro_udp *u;

	for (uint32_t i = 0; i <= n_connected; i++) {
		const struct baro_endpoint peer = { baro_addr_from_v4(CLIENT),
			(uint16_t)(FIRST_PORT + i) };

		if (baro_udp_create(b->core, &ops, NULL, &u) != 0 ||
			baro_udp_set(u, BARO_UDP_REUSEADDR, 1) != 0 ||
			baro_udp_bind(u, &local) != 0)
			abort();
		if (i < n_connected && baro_udp_connect(u, &peer) != 0)
			abort();
	}
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
	uint32_t octets = argument(argc, argv, 2, 64);
	uint32_t burst = argument(argc, argv, 3, 32);
	uint32_t n_connected = argument(argc, argv, 4, 0);
	const struct baro_config config = { .core.burst = BURST_MAX };
	struct bench b = { .octets = octets };
	const struct baro_port_opts opts = {
		.transmit = transmit, .user = &b, .address = baro_addr_from_v4(SERVER)
	};
	uint64_t begin_ns;
	uint64_t took_ns;
	uint32_t at = 0;

	if (octets > OCTETS_MAX || burst == 0 || burst > BURST_MAX || n_connected > SOCKETS_MAX) {
		fprintf(stderr, "usage: bench-datagram [TURNS [OCTETS <= 1472 [DATAGRAMS <= 64 "
				"[SOCKETS <= 50000]]]]\n");
		return 2;
	}
	if (baro_core_create(&config, 0, &b.core) != 0 ||
		baro_port_open(b.core, &opts, &b.port) != 0)
		abort();
	open_sockets(&b, n_connected);
	client_introduces_itself(b.port);
	turn(&b);
	b.n_frames = 0;
	begin_ns = clock_ns();
	for (uint32_t i = 0; i < n_turns; i++) {
		for (uint32_t k = 0; k < burst; k++, at = at + 1 < n_connected ? at + 1 : 0)
			send_datagram(&b, at);
		turn(&b);
	}
	took_ns = clock_ns() - begin_ns;
	printf("%u turns of %u datagrams of %u octets over %u connected sockets: %.1f ns a "
	       "datagram, "
	       "%" PRIu64 " frames sent\n",
		n_turns, burst, octets, n_connected, (double)took_ns / n_turns / burst, b.n_frames);
	baro_core_destroy(b.core);
	return 0;
}
