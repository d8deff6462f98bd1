/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_IDLE_H
#define BARO_RUNTIME_IDLE_H

/*
 * What a core does in a turn that brought nothing. It keeps polling for a moment, as the next
 * packet of an exchange usually comes soon; then it sleeps until the next deadline or, where
 * every queue has a descriptor, a frame. Where one has none it naps: 20 us at first, twice as
 * long each time, up to half a millisecond and, after a second, one: that is then the latency
 * of the first frame after a pause, and it costs 1 to 3 % of a core.
 */

#include <baro/config.h>
#include <poll.h>

#include "dev/port.h"

#include "runtime/wake.h"

struct idle {
	bool is_adaptive;
	bool has_fds;     /* each queue has a descriptor */
	bool is_armed;    /* doorbells are clear, and the queues were empty after that */
	uint64_t busy_ns; /* when there was work last */
	uint64_t nap_ns;  /* the next nap of a core without descriptors */
	unsigned n_false; /* in a row: readable, but no frame */
	nfds_t n;
	struct pollfd fd[BARO_MAX_PORTS +
			 2]; /* behind the ports': wake's and host_fd, if they are there */
	int host_fd;         /* the application waits for it, too; -1: for none */
	struct wake *wake;   /* other cores hand frames over; NULL: there are none */
	struct idle_port {
		const struct dev_port *port;
		bool is_doorbell; /* fd is ours, dev/doorbell.h */
	} watched[BARO_MAX_PORTS];
};

void
idle_init(struct idle *idle, enum baro_idle policy, uint64_t now_ns);

/** The core polls this queue of @port. */
void
idle_watch(struct idle *idle, const struct dev_port *port, uint16_t queue);

/** Other cores hand frames over, and wake this one by @wake. */
void
idle_has_peers(struct idle *idle, struct wake *wake);

/** The application's descriptor ends a sleep, too; -1: none does. */
static inline void
idle_watch_host(struct idle *idle, int fd)
{
	idle->host_fd = fd;
}

void
idle_end(struct idle *idle);

/** Turn without work: return at once, or after a pause or sleep that @deadline_ns ends. */
void
idle_wait(struct idle *idle, uint64_t now_ns, uint64_t deadline_ns);

/** Turn without work, though frames are queued: a port takes none, as one without link. */
void
idle_stall(struct idle *idle, uint64_t now_ns);

/** The core is up again. */
static inline void
idle_disarm(struct idle *idle)
{
	idle->is_armed = false;
	if (idle->wake != NULL)
		wake_disarm(idle->wake);
}

/** A turn had work. */
static inline void
idle_reset(struct idle *idle, uint64_t now_ns)
{
	idle->busy_ns = now_ns;
	idle->nap_ns = 0;
	idle->n_false = 0;
	if (unlikely(idle->is_armed))
		idle_disarm(idle);
}

/** True while it makes sense to poll on. */
bool
idle_is_spinning(const struct idle *idle, uint64_t now_ns);

/** One line: "sleeps until a frame", "naps up to 500 us", "polls". */
const char *
idle_describe(const struct idle *idle);

#endif
