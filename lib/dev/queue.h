/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_QUEUE_H
#define BARO_DEV_QUEUE_H

/* What a port is and can do, and a core's queues on it. */

#include <rte_mbuf.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/env.h"
#include "dev/packet_socket.h"
#include "wire/eth.h"

enum {
	DEV_BURST_MAX = 64, /* packets that one dev_rx() returns at most */
	DEV_TX_RING = 256,  /* packets gathered in a turn before the doorbell */
	DEV_IN_MAX = 4096,  /* frames waiting in a two-function port */
};

/** What the port does for us; false: we do it in software. */
struct dev_offload {
	bool rx_ip_sum; /* IPv4 header checksum verified: mbuf flags can be trusted */
	bool rx_l4_sum; /* the same for TCP and UDP */
	bool tx_ip_sum;
	bool tx_tcp_sum;
	bool tx_udp_sum;
	bool tx_multi_seg; /* packets may be chains */
	bool rx_lro;       /* frames of TCP may be longer than the MTU: the port joins segments */
	bool tx_tso;       /* frames of TCP may be longer than the MTU: the port cuts them */
	bool tx_fast_free;
};

/** Who brings the frames of a port that has several queues to the cores of their flows. */
enum dev_steering {
	DEV_STEERING_SOFTWARE, /* the core that finds one hands it over */
	DEV_STEERING_LEARNED,  /* the other side sends a flow to the queue that last sent of it */
	DEV_STEERING_HW,       /* the device, by our key and table */
};

/** Of which flows the device's hash (RTE_MBUF_F_RX_RSS_HASH) is that of base/rss.h. */
struct dev_hash {
	bool is_of_tcp;
	bool is_of_udp;
};

struct dev_port {
	char name[64];     /* "net_tap0"; "port0" for a pair of functions */
	char driver[64];   /* rte_eth_dev_info.driver_name */
	uint16_t index;    /* N of [portN] */
	uint16_t port_id;  /* of DPDK; UINT16_MAX for a pair of functions */
	uint16_t n_queues; /* rx and tx queues opened: one pair a core */
	uint16_t mtu;      /* octets of an IP packet */
	uint16_t vlan;     /* 0: untagged */
	uint16_t tso_segs; /* buffers that such a frame may be made of */
	struct mac mac;    /* ours on this port; may differ from the device's */
	struct dev_offload can;
	enum dev_steering steering;
	struct dev_hash hash;
	atomic_bool has_groups; /* frames to all multicast groups are let in; shared by all cores */
	int socket[PACKET_SOCKETS_MAX]; /* where a driver leaves frames behind */
	unsigned n_sockets;
};

struct fault;

/** One core's end of a port. */
struct dev_queue {
	struct dev_port *port;
	struct env *env;
	uint16_t queue_id;
	uint16_t n_tx;
	uint16_t n_due;     /* of these, the first n_due have come through tx_fault */
	uint64_t full_ns;   /* the turn in which no room was found; 0: none yet */
	uint64_t kick_ns;   /* when to look for frames left behind in the driver's ring; 0: not */
	uint8_t n_hashes;   /* of the device's that were compared with our own, and right */
	bool denies_hashes; /* one was not */
	struct rte_mbuf *tx[DEV_TX_RING];
	struct rte_mempool
		*in_pool; /* text buffers: frames in, and chains made flat on the way out */

	/* faults on purpose; NULL: none */
	struct fault *rx_fault;
	struct fault *tx_fault;

	/* a pair of functions instead of an ethdev */
	void (*transmit)(const struct iovec *frame, int n, void *user);
	void *user;
	struct rte_mbuf **in; /* ring of DEV_IN_MAX */
	uint32_t in_head;     /* free-running; next to be read */
	uint32_t in_tail;
};

#endif
