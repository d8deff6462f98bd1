/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_SOCKET_SOCKS_H
#define BARO_SOCKET_SOCKS_H

/* The sockets of one core, side by side; sock.h has a single one. */

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/slab.h"
#include "socket/fdtab.h"

struct baro_core;

/**
 * How a call that waits lets time pass: set by whoever runs the core's loop. Without one nobody
 * waits, as the caller drives the core by himself.
 */
struct sock_driver {
	/** One turn of the core. @return frames and timers worked on, -EINTR (the program is to end) */
	int (*turn)(struct baro_core *core, void *user);
	/** The turn found nothing to do: wait for a frame, or @until_ns, or @host_fd (-1: none) to be readable. */
	void (*rest)(struct baro_core *core, uint64_t until_ns, int host_fd, void *user);
	void *user;
};

struct socks {
	struct fdtab fds;
	struct slab socks;         /* struct sock */
	struct slab watches;       /* struct watch */
	struct list bound;         /* those of TCP that have a port, and no connection yet */
	struct sock_driver driver; /* turn NULL: the caller drives the core */
	uint8_t *flat; /* a datagram of several pieces, put together to be sent; NULL: none yet */
	unsigned tag_plus_1; /* which core a descriptor belongs to, one in a process; 0: none yet */
};

/** @return 0, -ENOMEM */
int
socks_init(struct socks *socks);

#endif
