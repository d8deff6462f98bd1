/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_PORT_H
#define BARO_DEV_PORT_H

/*
 * Ports and a core's queues on them. A port is an ethdev or a pair of functions; the layers
 * above see only dev_rx(), dev_tx() and what the port can do.
 */

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/env.h"
#include "wire/eth.h"

enum {
	DEV_BURST_MAX = 64,  /* packets that one dev_rx() returns at most */
	DEV_TX_RING = 256,   /* packets gathered in a turn before the doorbell */
	DEV_IN_MAX = 4096,   /* frames waiting in a two-function port */
};

/** What the port does for us; false: we do it in software. */
struct dev_offload {
	bool rx_ip_sum;	 /* IPv4 header checksum verified: mbuf flags can be trusted */
	bool rx_l4_sum;	 /* the same for TCP and UDP */
	bool tx_ip_sum;
	bool tx_tcp_sum;
	bool tx_udp_sum;
	bool tx_multi_seg; /* packets may be chains */
	bool tx_fast_free;
};

struct dev_port {
	char name[64];	     /* "net_tap0"; "port0" for a pair of functions */
	char driver[64];     /* rte_eth_dev_info.driver_name */
	uint16_t port_id;    /* of DPDK; UINT16_MAX for a pair of functions */
	uint16_t n_queues;   /* rx and tx queues opened: one pair a core */
	uint16_t mtu;	     /* octets of an IP packet */
	uint16_t vlan;	     /* 0: untagged */
	struct mac mac;	     /* ours on this port; may differ from the device's */
	struct dev_offload can;
};

struct fault;

/** One core's end of a port. */
struct dev_queue {
	struct dev_port *port;
	struct env *env;
	uint16_t queue_id;
	uint16_t n_tx;
	uint16_t n_due; /* of these, the first n_due have come through tx_fault */
	struct rte_mbuf *tx[DEV_TX_RING];
	struct rte_mempool *in_pool; /* text buffers: frames in, and chains made flat on the way out */

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

/**
 * Received packets, at most @n <= DEV_BURST_MAX. Counts them.
 *
 * @return packets in @pkts
 */
static inline uint16_t dev_rx(struct dev_queue *q, struct rte_mbuf **pkts, uint16_t n,
	uint64_t now_ns);

/** Queue a packet for the end of the turn; it is dev's from here on. TX_FULL when it cannot wait. */
static inline void dev_tx(struct dev_queue *q, struct rte_mbuf *m);

/** Ring the doorbell: hand over what is queued. What the port does not take stays queued. */
static inline void dev_flush(struct dev_queue *q, uint64_t now_ns);

/** Packets that dev_tx() takes for sure. */
static inline uint32_t
dev_tx_room(const struct dev_queue *q)
{
	return DEV_TX_RING - (uint32_t)q->n_tx;
}

/**
 * When there is work by itself: 0 with frames waiting in or out, else when a frame held back by
 * a fault is due; TIME_NEVER with none.
 */
uint64_t dev_next(const struct dev_queue *q);

#include "dev/rx.h"
#include "dev/tx.h"

#endif
