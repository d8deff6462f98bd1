/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through udp/udp.h. */
#ifndef BARO_SOCKET_UDP_H
#define BARO_SOCKET_UDP_H

/* A UDP socket of an application. */

#include <baro/udp.h>

#include "udp/udp.h"

struct baro_udp {
	struct udp_sock sock;
	struct baro_core *core;
	const struct baro_udp_ops *ops; /* own, for baro_udp_open() */
	void *user;
	struct baro_udp_ops own;
	bool is_busy;   /* a callback is running: closing waits for its end */
	bool is_closed; /* by the application, in a callback: freed after it */
};

#endif
