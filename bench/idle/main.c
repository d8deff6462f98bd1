/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What connections cost that do nothing: one core without EAL holds N of them, whose clients are played by
 * this program.
 *
 *	bench-idle [CONNECTIONS [REQUESTS]]
 *
 * It prints the memory of a connection just after it was opened and after a silence, and what a request of
 * 64 octets costs when each comes on a connection that has been silent: first all wake that are asked,
 * at random, then the same ones again. Time is virtual, memory and nanoseconds are real.
 */

#include <baro/baro.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

enum {
	SERVER = 0xc6120001,  /* 198.18.0.1 */
	GATEWAY = 0xc6120002, /* to the clients */
	FIRST = 0xc6130000, /* clients: 65,536 addresses from 198.19.0.0 on, and as many ports as needed */
	N_ADDRS = 65536,
	FIRST_PORT = 1024,
	SERVER_PORT = 7,
	TEXT_LEN = 64,
	BURST = 32,
	MIN_CONNS = 1024, /* the backlog */
};

struct client {
	uint32_t snd_nxt;
	uint32_t rcv_nxt;
};

struct bench {
	struct baro_core *core;
	struct baro_port *port;
	struct client *client;
	uint32_t n;
	uint32_t n_opened;
	uint64_t n_answers;
	uint64_t now_ns;
};

/* The server: echo. */

static void
opened(struct baro_conn *c)
{
	struct bench *b = baro_conn_user(c);

	b->n_opened++;
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

/* The clients */

static void
heard(const struct iovec *packet, int n, void *user)
{
	struct bench *b = user;
	const uint8_t *p = packet[0].iov_base;
	struct ipv4_hdr ip;
	struct tcp_hdr h;
	uint32_t len, i;

	if (n != 1 || ipv4_read(p, (uint32_t)packet[0].iov_len, UINT16_MAX, true, &ip) != 0 ||
		tcp_read(p + IPV4_HDR_LEN, (uint32_t)packet[0].iov_len - IPV4_HDR_LEN, &h) != 0)
		return;
	len = ip.total_len - (uint32_t)IPV4_HDR_LEN - h.hdr_len;
	i = (h.dst_port - (uint32_t)FIRST_PORT) * N_ADDRS + (ip.dst - (uint32_t)FIRST);
	b->client[i].rcv_nxt = h.seq.n + len + ((h.flags & TCP_SYN) != 0);
	b->n_answers += len != 0;
}

static void
say(struct bench *b, uint32_t i, uint8_t flags, uint32_t len)
{
	uint8_t packet[IPV4_HDR_LEN + TCP_HDR_MAX + TEXT_LEN] = { 0 };
	uint32_t addr = FIRST + i % N_ADDRS;
	struct client *c = &b->client[i];
	struct tcp_hdr h = { .src_port = (uint16_t)(FIRST_PORT + i / N_ADDRS),
		.dst_port = SERVER_PORT,
		.seq = { c->snd_nxt },
		.ack = { c->rcv_nxt },
		.flags = flags,
		.wnd = UINT16_MAX };
	uint8_t *p = packet + IPV4_HDR_LEN;
	uint32_t total;
	uint16_t sum;

	if ((flags & TCP_SYN) != 0)
		h.opts = (struct tcp_opts){ .has = TCP_HAS_MSS, .mss = 1460 };
	total = tcp_write(p, &h) + len;
	sum = cksum_fold(cksum_add(cksum_pseudo4(addr, SERVER, IP_PROTO_TCP, total), p, total));
	memcpy(p + TCP_SUM_AT, &sum, sizeof(sum));
	total += IPV4_HDR_LEN;
	ipv4_write(packet,
		&(struct ipv4_hdr){ .src = addr,
			.dst = SERVER,
			.total_len = (uint16_t)total,
			.ttl = 64,
			.proto = IP_PROTO_TCP },
		true);
	c->snd_nxt += len + ((flags & TCP_SYN) != 0);
	baro_port_input(b->port, packet, total);
}

static void
turn(struct bench *b)
{
	b->now_ns += 1000;
	baro_core_poll(b->core, b->now_ns);
}

static void
open_all(struct bench *b)
{
	for (uint32_t at = 0; at < b->n; at += BURST) {
		uint32_t end = at + BURST < b->n ? at + BURST : b->n;

		for (uint32_t i = at; i < end; i++)
			say(b, i, TCP_SYN, 0);
		turn(b);
		turn(b); /* the very first answer waits for the gateway's MAC */
		for (uint32_t i = at; i < end; i++)
			say(b, i, TCP_ACK, 0);
		turn(b);
	}
}

/** Nobody says anything. */
static void
be_silent(struct bench *b, uint64_t ns)
{
	uint64_t until = b->now_ns + ns;
	uint64_t next;

	while ((next = baro_core_next_deadline(b->core)) < until) {
		b->now_ns = next > b->now_ns ? next : b->now_ns;
		baro_core_poll(b->core, b->now_ns);
	}
	b->now_ns = until;
}

/** Which connection is asked as the @k-th: they lie all over the memory. */
static uint32_t
pick(const struct bench *b, uint32_t k)
{
	return (uint32_t)((uint64_t)k * 2654435761u % b->n);
}

static uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/** ns of the core's turn for a request and its answer, the client's own work excepted. */
static double
ask(struct bench *b, uint32_t n)
{
	uint64_t took_ns = 0;

	for (uint32_t at = 0; at < n; at += BURST) {
		uint64_t begin_ns;

		for (uint32_t k = at; k < at + BURST; k++)
			say(b, pick(b, k), TCP_PSH | TCP_ACK, TEXT_LEN);
		begin_ns = clock_ns();
		turn(b);
		took_ns += clock_ns() - begin_ns;
		for (uint32_t k = at; k < at + BURST; k++)
			say(b, pick(b, k), TCP_ACK, 0);
		begin_ns = clock_ns();
		turn(b);
		took_ns += clock_ns() - begin_ns;
	}
	return (double)took_ns / n;
}

static uint64_t
resident(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%*u %lu", &pages) != 1)
		abort();
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void
tell(const struct bench *b, const char *when, uint64_t before)
{
	struct baro_usage use;

	baro_usage_read(b->core, &use);
	printf("%-22s %10" PRIu32 " connections, %10" PRIu32 " at rest, %7.1f octets each\n", when,
		use.conns, use.resting, (double)(resident() - before) / b->n);
}

int
main(int argc, char **argv)
{
	static const struct baro_conn_ops ops = { .opened = opened, .readable = readable };
	const struct baro_endpoint local = { .port = SERVER_PORT };
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	uint32_t n_asked = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100000;
	const struct baro_config config = { .tcp = { .max_conns = n, .quick_acks = 1 },
		.core.seed = 1 };
	struct bench b = { .n = n };
	const struct baro_port_opts opts = { .transmit = heard,
		.user = &b,
		.address = baro_addr_from_v4(SERVER),
		.gateway = baro_addr_from_v4(GATEWAY),
		.is_ip = true };
	struct baro_listener *l;
	uint64_t before;
	double first, second;

	b.client = malloc(n * sizeof(*b.client));
	if (n < MIN_CONNS || b.client == NULL || baro_core_create(&config, 0, &b.core) != 0 ||
		baro_port_open(b.core, &opts, &b.port) != 0 ||
		baro_listen(b.core, &local, NULL, &ops, &b, &l) != 0) {
		fprintf(stderr, "usage: bench-idle [CONNECTIONS >= 1024 [REQUESTS]]\n");
		return 2;
	}
	memset(b.client, 0, n * sizeof(*b.client)); /* it is there before memory is measured */
	turn(&b);
	before = resident();
	open_all(&b);
	if (b.n_opened != n) {
		fprintf(stderr, "bench-idle: %" PRIu32 " of %" PRIu32 " opened\n", b.n_opened, n);
		return 1;
	}
	tell(&b, "opened", before);
	be_silent(&b, 20 * NS_PER_SEC);
	tell(&b, "after 20 s of silence", before);
	n_asked = n_asked / BURST * BURST;
	first = ask(&b, n_asked);
	second = ask(&b, n_asked);
	printf("a request: %.0f ns at rest, %.0f ns awake (%" PRIu64 " answers)\n", first, second,
		b.n_answers);
	be_silent(&b, 20 * NS_PER_SEC);
	tell(&b, "after 20 s of silence", before);
	baro_core_destroy(b.core);
	free(b.client);
	return 0;
}
