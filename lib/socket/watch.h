/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_SOCKET_WATCH_H
#define BARO_SOCKET_WATCH_H

/*
 * Who watches what. A watch stands in the list of its socket and, while it may have something to
 * tell, in its epoll's list of ready ones: an event costs a list operation and no allocation.
 */

#include <stdint.h>
#include <sys/epoll.h>

#include "base/list.h"
#include "base/slab.h"

struct sock;

struct watch {
	uint32_t index;       /* in the slab */
	uint32_t events;      /* asked for, with EPOLLET and EPOLLONESHOT; 0: disarmed */
	epoll_data_t data;    /* the application's */
	struct sock *sock;    /* watched */
	struct list *readies; /* of the epoll that watches */
	struct list by_sock;  /* in sock->watchers */
	struct list by_epoll; /* in its list of watches */
	struct list ready;    /* in *readies */
};

/** Told whether they are asked for or not. */
enum { WATCH_ALWAYS = EPOLLERR | EPOLLHUP };

/** @events have happened to what @w watches. */
static inline void
watch_notice(struct watch *w, uint32_t events)
{
	if (w->events != 0 && (events & (w->events | WATCH_ALWAYS)) != 0 &&
		list_is_empty(&w->ready))
		list_add(w->readies, &w->ready);
}

/** The watch is over. */
static inline void
watch_end(struct slab *watches, struct watch *w)
{
	list_remove(&w->by_sock);
	list_remove(&w->by_epoll);
	list_remove(&w->ready);
	slab_put(watches, w->index);
}

#endif
