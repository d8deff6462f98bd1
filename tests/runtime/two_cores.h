/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_RUNTIME_TWO_CORES_H
#define TESTS_RUNTIME_TWO_CORES_H

/* Two cores that share the flows of one host, which has a UDP service on each, and datagrams to it. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <string.h>

#include "dev/pkt.h"
#include "runtime/core.h"
#include "runtime/steer.h"
#include "wire/udp.h"

enum {
	N_CORES = 2,
	ECHO_PORT = 7,
	FRAME_LEN = 64,
};

#define HOST 0xc6120002u
#define PEER 0xc6120001u

static const struct mac host_mac = { { 2, 0, 0, 0, 0, 2 } };
static const struct mac peer_mac = { { 2, 0, 0, 0, 0, 1 } };

static struct steer *steer;
static struct baro_core *core[N_CORES];
static struct baro_port *port[N_CORES];

/** @transmit, @received  what becomes of frames sent, and of datagrams to the service */
static inline void
two_cores_begin(void (*transmit)(const struct iovec *frame, int n, void *user),
	void (*received)(struct baro_udp *u, const struct baro_datagram *d))
{
	enum { MBUFS = 4096 };
	static const struct baro_config config = { .core.mbufs = MBUFS, .core.seed = 1 };
	static const struct baro_endpoint any = { .port = ECHO_PORT };
	struct baro_port_opts opts = { .transmit = transmit, .address = baro_addr_from_v4(HOST) };
	struct dev_pool pool;
	struct baro_udp *u;

	memcpy(opts.mac, host_mac.b, sizeof(opts.mac));
	cr_assert_eq(steer_create(N_CORES, &steer), 0);
	for (unsigned i = 0; i < N_CORES; i++) {
		cr_assert_eq(dev_pool_create_plain(&pool, MBUFS), 0);
		cr_assert_eq(core_create(&config, i, &pool, steer, 0, &core[i]), 0);
		cr_assert_eq(baro_port_open(core[i], &opts, &port[i]), 0);
		cr_assert_eq(baro_udp_open(core[i], &any, received, NULL, &u), 0);
	}
}

static inline void
two_cores_end(void)
{
	steer_destroy(steer);
	for (unsigned i = 0; i < N_CORES; i++)
		baro_core_destroy(core[i]);
}

/** The peer's, to the service. */
static inline void
write_datagram(uint8_t frame[FRAME_LEN], uint16_t src_port)
{
	const uint16_t len = FRAME_LEN - ETH_HDR_LEN;

	eth_write(frame, &(struct eth_hdr){ host_mac, peer_mac, ETH_TYPE_IPV4, 0, 0 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = PEER,
			.dst = HOST,
			.total_len = len,
			.ttl = 64,
			.proto = IP_PROTO_UDP },
		true);
	udp_write(frame + ETH_HDR_LEN + IPV4_HDR_LEN,
		&(struct udp_hdr){ src_port, ECHO_PORT, (uint16_t)(len - IPV4_HDR_LEN), false });
}

#endif
