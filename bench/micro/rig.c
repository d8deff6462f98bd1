/* SPDX-License-Identifier: BSD-3-Clause */
/* The rig; see the header. */

#include "micro/rig.h"

#include <stdio.h>
#include <stdlib.h>

static const uint64_t TURN_NS = 1000;

/** In place of a driver; some 30 instructions a frame. */
static void
transmit(const struct iovec *frame, int n, void *user)
{
	struct rig *r = user;
	size_t len = frame[0].iov_len;

	(void)n;
	r->n_frames++;
	if (r->n_heard < RIG_BURST_MAX)
		memcpy(r->head[r->n_heard++], frame[0].iov_base,
			len < sizeof(r->head[0]) ? len : sizeof(r->head[0]));
}

/** The client that a segment is for notes what it acknowledges next. */
static void
hear_segment(struct rig *r, const uint8_t *p, uint32_t len)
{
	struct rig_peer *peer;
	struct tcp_hdr h;

	if (tcp_read(p, TCP_HDR_MAX, &h) != 0 || h.dst_port < RIG_FIRST_PORT ||
		h.dst_port - RIG_FIRST_PORT >= (int)r->n_peers)
		return;
	peer = &r->peer[h.dst_port - RIG_FIRST_PORT];
	peer->rcv_nxt = h.seq.n + len - h.hdr_len + ((h.flags & TCP_SYN) != 0);
	peer->tsval = h.opts.tsval;
}

void
rig_hear(struct rig *r)
{
	for (uint32_t i = 0; i < r->n_heard; i++) {
		const uint8_t *p = r->head[i];
		struct ipv4_hdr ip;

		memcpy(&r->server_mac, p + sizeof(struct mac), sizeof(struct mac));
		if (ipv4_read(p + ETH_HDR_LEN, IPV4_HDR_LEN, UINT16_MAX, true, &ip) == 0 &&
			ip.proto == IP_PROTO_TCP)
			hear_segment(r, p + ETH_HDR_LEN + IPV4_HDR_LEN,
				ip.total_len - (uint32_t)IPV4_HDR_LEN);
	}
	r->n_heard = 0;
}

void
rig_send(struct rig *r, uint32_t i, uint8_t flags, uint32_t len)
{
	uint8_t frame[CLIENT_HDR_LEN + TCP_OPT_MAX + RIG_TEXT_MAX] = { 0 };
	struct rig_peer *peer = &r->peer[i];
	struct tcp_hdr h = { .src_port = (uint16_t)(RIG_FIRST_PORT + i),
		.dst_port = RIG_SERVER_PORT,
		.seq = { peer->snd_nxt },
		.ack = { peer->rcv_nxt },
		.flags = flags,
		.wnd = UINT16_MAX };

	if (r->has_ts) {
		h.opts.has = TCP_HAS_TS;
		h.opts.tsval = (uint32_t)(r->now_ns / 1000000);
		h.opts.tsecr = peer->tsval;
	}
	if ((flags & TCP_SYN) != 0) {
		h.opts.has |= TCP_HAS_MSS;
		h.opts.mss = 1460;
	}
	peer->snd_nxt += len + ((flags & TCP_SYN) != 0);
	baro_port_input(r->port, frame, client_segment(frame, r->server_mac, &h, len));
}

void
rig_turn(struct rig *r)
{
	r->now_ns += TURN_NS;
	baro_core_poll(r->core, r->now_ns);
}

void
rig_advance(struct rig *r)
{
	r->at = rig_client(r, r->burst);
}

void
rig_opened(struct baro_conn *c)
{
	struct rig *r = baro_conn_user(c);

	baro_conn_set(c, BARO_TCP_NODELAY, 1);
	r->peer[r->n_opened++].conn = c; /* they are opened one after the other */
}

void
rig_closed(struct baro_conn *c, int err)
{
	(void)c;
	fprintf(stderr, "bench-micro: a connection ended: %s\n", strerror(-err));
	exit(1);
}

bool
rig_connect(struct rig *r, const struct baro_conn_ops *ops, uint32_t n)
{
	const struct baro_endpoint local = { .port = RIG_SERVER_PORT };
	struct baro_listener *listener;

	r->peer = calloc(n, sizeof(*r->peer));
	if (r->peer == NULL || baro_listen(r->core, &local, NULL, ops, r, &listener) != 0)
		return false;
	r->n_peers = n;
	for (uint32_t i = 0; i < n; i++) {
		rig_send(r, i, TCP_SYN, 0);
		rig_turn(r);
		rig_hear(r);
		rig_send(r, i, TCP_ACK, 0);
		rig_turn(r);
		rig_hear(r);
	}
	return r->n_opened == n;
}

struct rig *
rig_open(const struct baro_config *config)
{
	struct baro_config seeded = *config;
	struct rig *r = calloc(1, sizeof(*r));
	const struct baro_port_opts opts = {
		.transmit = transmit, .user = r, .address = baro_addr_from_v4(SERVER)
	};

	seeded.core.seed = 1;
	if (r == NULL || baro_core_create(&seeded, 0, &r->core) != 0 ||
		baro_port_open(r->core, &opts, &r->port) != 0)
		return NULL;
	client_introduces_itself(r->port);
	rig_turn(r);
	rig_hear(r);
	return r;
}

void
rig_close(void *rig)
{
	struct rig *r = rig;

	baro_core_destroy(r->core);
	free(r->peer);
	free(r);
}
