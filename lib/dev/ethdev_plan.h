/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_ETHDEV_PLAN_H
#define BARO_DEV_ETHDEV_PLAN_H

/*
 * What to ask of a device: the configuration's wishes, cut down to what the device says it
 * can do, and to what is known of its driver where that is less than it says. Pure: what a
 * device claims is input like any other, and the tests make it up.
 */

#include <baro/config.h>
#include <rte_ethdev.h>
#include <stdbool.h>
#include <stdint.h>

struct ethdev_plan {
	uint16_t n_queues;
	uint16_t rx_desc;
	uint16_t tx_desc;
	uint16_t mtu;
	uint16_t tso_segs;         /* buffers of a frame that the device cuts; 0: it cuts none */
	uint32_t max_lro_pkt_size; /* of a frame that the device puts together */
	uint64_t rx_offloads;
	uint64_t tx_offloads;
	uint64_t rss_hf;    /* 0: no RSS */
	bool has_our_rss;   /* with our key and table: ethdev_rss.h */
	bool wants_rx_intr; /* to get a descriptor for each queue */
};

/** What a driver is known for, whatever it says of itself. */
struct ethdev_quirk {
	const char *driver;
	uint16_t max_queues;   /* 0: what the device says */
	uint16_t max_rx_desc;  /* 0: the same */
	bool has_rx_fd;        /* rte_eth_dev_rx_intr_ctl_q_get_fd() works and polls */
	bool has_kernel_side;  /* its kernel interface is the other end of the wire, with its MAC */
	bool sums_in_software; /* "offloads" checksums to the same CPU: no gain, and seen wrong */
	bool has_no_rss;       /* spreads flows by itself or not at all */
	bool leaves_frames;    /* in a packet socket's ring: dev/packet_socket.h */
	bool learns_queues;    /* a flow comes to the queue from which we last sent of it */
	bool takes_any_mtu;    /* knows no MTU: carries what a chain of buffers holds */
};

/** Never NULL. */
const struct ethdev_quirk *
ethdev_quirk_find(const char *driver);

/** Is an offload wanted of such a driver? BARO_AUTO leaves to us what the driver would do on the same CPU. */
bool
ethdev_is_wanted(enum baro_switch wish, const struct ethdev_quirk *q);

/** @config  of the port; fields that are 0 count as their defaults */
void
ethdev_plan_make(const struct rte_eth_dev_info *info, const struct baro_port_config *config,
	uint16_t n_queues, struct ethdev_plan *plan);

/** Frames that the port cuts fit well into the @tx_desc descriptors that it has in the end. */
void
ethdev_plan_fit_ring(struct ethdev_plan *plan, uint16_t tx_desc);

/** Some drivers find fault with them only when their queues are set up. */
bool
ethdev_plan_has_long_frames(const struct ethdev_plan *plan);

/** Give up frames longer than the MTU, for a device that refused the first plan. */
void
ethdev_plan_shorten(struct ethdev_plan *plan);

/** Give up everything optional, for a device that refused that, too. */
void
ethdev_plan_strip(struct ethdev_plan *plan);

/** The stack's MAC for a device that shares its own with the kernel: local, and another one. */
void
ethdev_other_mac(const uint8_t device[6], uint8_t mac[6]);

#endif
