/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_PORT_H
#define BARO_PORT_H

/*
 * The two-function port: frames in by call, frames out by callback. With time
 * supplied by the caller it runs the whole stack without EAL or devices: in tests, in
 * simulators, on packet sources of your own.
 *
 *	baro_core_create(NULL, now, &core);
 *	baro_port_open(core, &(struct baro_port_opts){ .address = ..., .transmit = f }, &port);
 *	for (;;) {
 *		baro_port_input(port, frame, len);
 *		baro_core_poll(core, now);
 *		... sleep until baro_core_next_deadline(core) or the next frame
 *	}
 */

#include <baro/addr.h>
#include <baro/core.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_port;

struct baro_port_opts {
	/**
	 * A frame leaves, or a packet (is_ip): Ethernet header first, no frame check sequence. Valid during the
	 * call only, which must not call into the stack, save for baro_port_input() of
	 * another core's port.
	 */
	void (*transmit)(const struct iovec *frame, int n, void *user);
	void *user;
	struct baro_addr address; /* a host's, IPv4; needed */
	uint8_t prefix_len;       /* 1..32; 0: 24 */
	struct baro_addr gateway; /* in the network of the address; zero: none */
	uint8_t mac[6];           /* zero: made from the address, locally administered */
	uint16_t mtu;             /* octets of an IP packet, 576..9000; 0: 1500 */
	uint16_t vlan;            /* 802.1Q VLAN that the port lives in; 0: untagged */
	/* IP packets instead of frames, both ways: no Ethernet header, no padding, no ARP. Every next hop is
	 * there at once. Not with a VLAN */
	bool is_ip;
};

/**
 * Add a port; its address announces itself (gratuitous ARP) in the next turn.
 *
 * @opts    copied
 * @return 0, -EINVAL (no transmit; address, prefix, gateway, MAC, MTU or VLAN that cannot be),
 *         -ENOSPC (BARO_MAX_PORTS are open), -ENOMEM. A port lives as long as its core.
 */
int
baro_port_open(struct baro_core *core, const struct baro_port_opts *opts, struct baro_port **out);

/**
 * A frame arrives, or a packet (is_ip): Ethernet header first, without check sequence; it is copied, and looked at in
 * one of the next turns (core.burst frames each). On the thread that owns the core.
 *
 * @return 0, -EMSGSIZE (longer than the MTU and a tagged header), -ENOBUFS (no buffer, or
 *         4096 waiting already): the frame is dropped and counted (RX_LONG, RX_FULL)
 */
int
baro_port_input(struct baro_port *port, const void *frame, size_t len);

#ifdef __cplusplus
}
#endif

#endif
