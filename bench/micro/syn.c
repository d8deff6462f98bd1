/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a SYN costs, each from another port, 32 in a turn, none of them answered. No EAL, one core.
 *
 *	bench-syn KIND [SYNS]
 *
 *	embryo    remembered and answered: a cache line
 *	cookie    answered by a SYN cookie, nothing is remembered
 *	drop      the backlog is full, and there are no cookies: silence
 *	closed    nobody listens: RST
 *	fastopen  with a bad Fast Open cookie and 64 octets of text: remembered, and answered by a good one
 *
 *	valgrind --tool=callgrind --toggle-collect=baro_core_poll bench-syn cookie 32000
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "micro/client.h"

enum {
	SERVER_PORT = 80,
	FIRST_PORT = 1024,
	SYNS_MAX = 60000,
	BURST = 32,
	TEXT_LEN = 64,
};

/** A way to meet SYNs. */
struct kind {
	const char *name;
	enum baro_switch cookies;
	uint32_t backlog; /* 0: nobody listens */
	bool has_fastopen;
};

static const struct kind kinds[] = {
	{ "embryo", BARO_OFF, SYNS_MAX, false },
	{ "cookie", BARO_ON, SYNS_MAX, false },
	{ "drop", BARO_OFF, 1, false },
	{ "closed", BARO_OFF, 0, false },
	{ "fastopen", BARO_OFF, SYNS_MAX, true },
};

struct bench {
	struct baro_core *core;
	struct baro_port *port;
	struct mac server_mac;
	uint64_t now_ns;
	uint64_t n_frames; /* sent by the stack */
};

static const struct baro_conn_ops no_ops = { .opened = NULL };

static void
transmit(const struct iovec *frame, int n, void *user)
{
	struct bench *b = user;

	(void)n;
	b->n_frames++;
	memcpy(&b->server_mac, (const uint8_t *)frame[0].iov_base + 6, sizeof(b->server_mac));
}

static void
turn(struct bench *b)
{
	b->now_ns += 1000;
	baro_core_poll(b->core, b->now_ns);
}

static int
set_up(struct bench *b, const struct kind *kind)
{
	const struct baro_config config = { .tcp = { .syncookies = kind->cookies } };
	const struct baro_port_opts port = {
		.transmit = transmit, .user = b, .address = baro_addr_from_v4(SERVER)
	};
	const struct baro_listen_opts opts = { .backlog = kind->backlog };
	const struct baro_endpoint local = { .port = SERVER_PORT };
	struct baro_listener *listener;
	int err = baro_core_create(&config, 0, &b->core);

	if (err == 0)
		err = baro_port_open(b->core, &port, &b->port);
	if (err == 0 && kind->backlog != 0)
		err = baro_listen(b->core, &local, &opts, &no_ops, NULL, &listener);
	if (err == 0 && kind->has_fastopen)
		err = baro_listener_set(listener, BARO_TCP_FASTOPEN, 1000);
	if (err != 0)
		return err;
	client_introduces_itself(b->port);
	turn(b);
	return 0;
}

/** The SYN of Linux; from the @i'th port. */
static void
send_syn(struct bench *b, const struct kind *kind, uint32_t i)
{
	uint8_t frame[CLIENT_HDR_LEN + TCP_OPT_MAX + TEXT_LEN] = { 0 };
	struct tcp_hdr h = { .src_port = (uint16_t)(FIRST_PORT + i),
		.dst_port = SERVER_PORT,
		.seq = { i * 64021u },
		.flags = TCP_SYN,
		.wnd = 64240 };

	h.opts.has = TCP_HAS_MSS | TCP_HAS_SACK_OK | TCP_HAS_TS | TCP_HAS_WSCALE;
	h.opts.mss = 1460;
	h.opts.wscale = 7;
	h.opts.tsval = i;
	if (kind->has_fastopen) {
		h.opts.has |= TCP_HAS_FASTOPEN;
		h.opts.cookie.len = 8;
	}
	baro_port_input(b->port, frame,
		client_segment(frame, b->server_mac, &h, kind->has_fastopen ? TEXT_LEN : 0));
}

static const struct kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int
main(int argc, char **argv)
{
	const struct kind *kind = argc > 1 ? find_kind(argv[1]) : NULL;
	uint32_t n_syns = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 32000;
	struct bench b = { .now_ns = 0 };
	uint64_t took_ns = 0;
	int err;

	if (kind == NULL || n_syns == 0 || n_syns > SYNS_MAX) {
		fprintf(stderr,
			"usage: bench-syn embryo|cookie|drop|closed|fastopen [SYNS <= %d]\n",
			SYNS_MAX);
		return 2;
	}
	err = set_up(&b, kind);
	if (err != 0) {
		fprintf(stderr, "bench-syn: %s\n", strerror(-err));
		return 1;
	}
	b.n_frames = 0;
	for (uint32_t i = 0; i < n_syns;) {
		uint64_t begin_ns;

		for (uint32_t k = 0; k < BURST && i < n_syns; k++, i++)
			send_syn(&b, kind, i);
		begin_ns = clock_ns();
		turn(&b);
		took_ns += clock_ns() - begin_ns;
	}
	printf("%u SYNs, %s: %.1f ns each, %" PRIu64 " frames sent\n", n_syns, kind->name,
		(double)took_ns / n_syns, b.n_frames);
	baro_core_destroy(b.core);
	return 0;
}
