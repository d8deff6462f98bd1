/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_IPPORT_H
#define BARO_DEV_IPPORT_H

/*
 * A two-function port of IP packets (baro_port_opts.is_ip): the link below is played. What leaves loses its
 * Ethernet header, what arrives gets one, and every question for a neighbour is answered here.
 */

#include <baro/port.h>

#include "dev/queue.h"

struct ipport {
	struct dev_queue *queue;
	void (*transmit)(const struct iovec *packet, int n, void *user); /* the application's */
	void *user;
};

/** @queue's frames go through @p from now on. It is opened, and without VLAN. */
void
ipport_init(struct ipport *p, struct dev_queue *queue);

/** @return as baro_port_input() */
int
ipport_input(struct ipport *p, const void *packet, size_t len);

#endif
