/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Datagrams come in by the two-function port, the application sends them back, the answers go out.
 * ARG connected sockets, each of another peer (0: one bound socket has them all), ARG2 octets.
 */

#include "micro/rig.h"
#include "micro/row.h"
#include "wire/udp.h"

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	baro_udp_send(u, &d->from, &d->to, d->data, d->len);
}

static bool
open_sockets(struct rig *r, uint32_t n_connected)
{
	static const struct baro_udp_ops ops = { .received = received };
	const struct baro_endpoint local = { .port = RIG_SERVER_PORT };
	struct baro_udp *u;

	for (uint32_t i = 0; i <= n_connected; i++) {
		const struct baro_endpoint peer = { baro_addr_from_v4(CLIENT),
			(uint16_t)(RIG_FIRST_PORT + i) };

		if (baro_udp_create(r->core, &ops, NULL, &u) != 0 ||
			baro_udp_set(u, BARO_UDP_REUSEADDR, 1) != 0 ||
			baro_udp_bind(u, &local) != 0)
			return false;
		if (i < n_connected && baro_udp_connect(u, &peer) != 0)
			return false;
	}
	return true;
}

static void *
open_udp(const struct row *row)
{
	const struct baro_config config = { .core.burst = RIG_BURST_MAX };
	struct rig *r = rig_open(&config);

	if (r == NULL)
		return NULL;
	r->text_len = row->arg2;
	r->burst = row->per;
	r->n_peers = row->arg != 0 ? row->arg : 1;
	return open_sockets(r, row->arg) ? r : NULL;
}

/** A datagram of the client's port @i. */
static void
send_datagram(struct rig *r, uint32_t i)
{
	uint8_t frame[CLIENT_HDR_LEN + RIG_TEXT_MAX] = { 0 };
	uint8_t *p = frame + ETH_HDR_LEN + IPV4_HDR_LEN;
	uint32_t len = UDP_HDR_LEN + r->text_len;
	uint16_t sum;

	eth_write(frame, &(struct eth_hdr){
				 .dst = r->server_mac, .src = client_mac, .type = ETH_TYPE_IPV4 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = CLIENT,
			.dst = SERVER,
			.total_len = (uint16_t)(IPV4_HDR_LEN + len),
			.ttl = 64,
			.proto = IP_PROTO_UDP },
		true);
	udp_write(p, &(struct udp_hdr){ .src_port = (uint16_t)(RIG_FIRST_PORT + i),
			     .dst_port = RIG_SERVER_PORT,
			     .len = (uint16_t)len });
	sum = cksum_fold(cksum_add(cksum_pseudo4(CLIENT, SERVER, IP_PROTO_UDP, len), p, len));
	memcpy(p + UDP_SUM_AT, &sum, sizeof(sum));
	baro_port_input(r->port, frame, ETH_HDR_LEN + IPV4_HDR_LEN + len);
}

static void
prepare(void *rig)
{
	struct rig *r = rig;

	r->n_heard = 0;
	for (uint32_t k = 0; k < r->burst; k++)
		send_datagram(r, rig_client(r, k));
	rig_advance(r);
}

static void
run(void *rig)
{
	rig_turn(rig);
}

/* The application sends them by itself, to one peer */

static struct baro_udp *sender;
static const struct baro_endpoint peer = { { .b = { [10] = 0xff,
						     0xff,
						     CLIENT >> 24,
						     CLIENT >> 16 & 0xff,
						     CLIENT >> 8 & 0xff,
						     CLIENT & 0xff } },
	RIG_FIRST_PORT };
static const char text[64];

static void *
open_sender(const struct row *row)
{
	const struct baro_config config = { .core.burst = RIG_BURST_MAX };
	const struct baro_endpoint any = { .port = 0 };
	struct rig *r = rig_open(&config);

	if (r == NULL || baro_udp_open(r->core, &any, received, NULL, &sender) != 0)
		return NULL;
	r->text_len = row->arg2;
	r->burst = row->per;
	return r;
}

static void
send_singly(void *rig)
{
	struct rig *r = rig;

	for (uint32_t i = 0; i < r->burst; i++)
		baro_udp_send(sender, &peer, NULL, text, r->text_len);
	rig_turn(r);
}

static void
send_burst(void *rig)
{
	struct baro_udp_msg msg[RIG_BURST_MAX];
	struct rig *r = rig;

	for (uint32_t i = 0; i < r->burst; i++)
		msg[i] = (struct baro_udp_msg){ .to = &peer, .data = text, .len = r->text_len };
	baro_udp_send_burst(sender, msg, r->burst);
	rig_turn(r);
}

#define SENDING(title, n, len, how)                                                    \
	{                                                                              \
		.name = title, .per = n, .arg2 = len, .open = open_sender, .run = how, \
		.close = rig_close                                                     \
	}

#define TURN(title, n, sockets, len)                                                    \
	{                                                                               \
		.name = title, .per = n, .arg = sockets, .arg2 = len, .open = open_udp, \
		.prepare = prepare, .run = run, .close = rig_close                      \
	}

const struct row rows_udp[] = {
	TURN("UDP turn, 64 octets", 1, 0, 64),
	TURN("UDP turn, 32 of 64 octets", 32, 0, 64),
	TURN("UDP turn, 32 of 1448 octets", 32, 0, 1448),
	TURN("UDP turn, 32 of 50000 connected", 32, 50000, 64),
	SENDING("UDP turn, 32 sent", 32, 64, send_singly),
	SENDING("UDP turn, 32 sent by one call", 32, 64, send_burst),
	{ .name = NULL },
};
