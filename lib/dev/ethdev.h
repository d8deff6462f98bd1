/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_ETHDEV_H
#define BARO_DEV_ETHDEV_H

/*
 * Bringing a DPDK port up: what the configuration wants, cut down to what the device says it
 * can do. A modest device never stops the program; software does the rest.
 */

#include <baro/config.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rss.h"
#include "dev/ethdev_start.h"
#include "dev/port.h"

/** What went wrong, as a sentence that names the mend. */
struct dev_problem {
	char text[256];
};

/**
 * Find the device of [port@index], configure a pair of queues for each of @cores (fewer if it has
 * fewer), set them up and start it. @cores->rss has to outlive it.
 *
 * @return 0, -ENODEV (no such device), -errno of DPDK; @problem says which call and why
 */
int
ethdev_open(const struct baro_port_config *config, unsigned index, const struct ethdev_cores *cores,
	struct dev_port *port, struct dev_problem *problem);

/**
 * Queue pairs that the device of [port@index] would give if asked for @n.
 *
 * @return 1..@n; 0: no such device
 */
uint16_t
ethdev_queues(const struct baro_port_config *config, unsigned index, uint16_t n);

/** "hw", "learned" or "software" */
const char *
ethdev_steering_name(enum dev_steering steering);

/** Stop and close. */
void
ethdev_close(struct dev_port *port);

/** Descriptor that becomes readable when queue @queue has packets, or -1 if the driver has none. */
int
ethdev_rx_fd(const struct dev_port *port, uint16_t queue);

/**
 * For a port whose descriptor says readable while dev_rx() brings nothing. net_tap reads
 * only after a signal per frame, and forgets frames that it had no buffer for.
 */
void
ethdev_rx_kick(const struct dev_port *port);

bool
ethdev_link_is_up(const struct dev_port *port);

/** Octets of an interface's name, NUL included. */
#define DEV_INTERFACE_LEN 16

/** The kernel's interface at the other end of the wire, as a tap has one; false: there is none. */
bool
ethdev_kernel_side(const struct dev_port *port, char name[DEV_INTERFACE_LEN]);

/** A core's end of an open port. @in_pool  text buffers, for chains made flat on the way out */
void
ethdev_queue_init(struct dev_queue *q, struct dev_port *port, uint16_t queue_id, struct env *env,
	struct rte_mempool *in_pool);

#endif
