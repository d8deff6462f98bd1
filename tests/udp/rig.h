/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UDP_RIG_H
#define TESTS_UDP_RIG_H

/*
 * A whole core behind a port of two functions, as an application of baro/udp.h sees it: datagrams and ICMP
 * errors come as frames, what the callbacks are told and what leaves is kept. Who is who: kit/host.h.
 */

#include <baro/baro.h>

#include "kit/host.h"

enum { RIG_MAX = 128 };

/** What the callbacks were told. */
struct rig_heard {
	struct baro_udp *by;
	struct baro_endpoint from;
	struct baro_endpoint to;
	char iface[BARO_IFACE_NAMELEN];
	uint8_t ttl;
	uint8_t tos;
	struct octets data;
};

struct rig_failed {
	struct baro_udp *by;
	struct baro_udp_error what;
};

/** A datagram that left. */
struct rig_sent {
	struct mac dst;
	struct ipv4_hdr ip;
	uint16_t src_port;
	uint16_t dst_port;
	struct octets frame;
	const uint8_t *data; /* in the frame, behind the headers of UDP, or of IP for others */
};

struct rig {
	struct baro_core *core;
	struct baro_port *port;
	uint64_t now_ns;
	struct rig_heard heard[RIG_MAX];
	unsigned n_heard;
	struct rig_failed failed[RIG_MAX];
	unsigned n_failed;
	struct rig_sent sent[RIG_MAX]; /* IPv4 only */
	unsigned n_sent;
};

extern struct rig rig;

/** A core at OUR_IP/24 that knows PEER_IP's MAC; options of the core may be NULL. */
void
rig_begin(const struct baro_config *config, uint16_t mtu);

/** Every buffer has come back; the core goes. */
void
rig_end(void);

/** A turn. */
void
rig_turn(void);

/** Time goes on, turn by turn. */
void
rig_until(uint64_t at_ns);

/** A frame from PEER_IP comes. */
void
rig_frame(const void *payload, uint32_t len, uint16_t type, struct mac dst);

/** A datagram of @len octets comes, between these. */
void
rig_datagram(uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port, uint32_t len);

/** The same from PEER_IP's port 1000. */
void
rig_hear(uint32_t dst, uint16_t dst_port, uint32_t len);

/** @by says by ICMP that the @i-th datagram that was sent did not arrive. */
void
rig_icmp(uint32_t by, const struct icmp_hdr *h, unsigned i);

struct baro_endpoint
rig_endpoint(uint32_t addr, uint16_t port);

/** Callbacks that note what they are told. */
void
rig_received(struct baro_udp *u, const struct baro_datagram *d);
void
rig_note_failed(struct baro_udp *u, const struct baro_udp_error *e);

extern const struct baro_udp_ops rig_ops; /* received and failed */

/** An open socket; @ops NULL: rig_received alone. */
struct baro_udp *
rig_open(uint32_t addr, uint16_t port, const struct baro_udp_ops *ops);

/** Drops of the core for @why since it began. */
uint64_t
rig_drops(enum drop why);

#endif
