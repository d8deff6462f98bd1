/* SPDX-License-Identifier: BSD-3-Clause
 * One core: its layers and its queues. */
#ifndef BARO_RUNTIME_CORE_H
#define BARO_RUNTIME_CORE_H

/* A core is a stack (socket/stack.h), the queues it polls and the turn that drives them. */

#include <baro/config.h>
#include <baro/core.h>
#include <stdatomic.h>

#include "dev/ipport.h"
#include "dev/port.h"
#include "socket/stack.h"

#include "runtime/mailbox.h"

struct crew;
struct rte_ring;
struct tracer;
struct wake;

/** A port as one core sees it. */
struct core_port {
	struct dev_queue queue;
	struct dev_port port; /* of a pair of functions; an ethdev's is shared by all cores */
	struct netif *netif;
	uint8_t *by_vlan; /* [tag]: number of its interface + 1; NULL: the port has one VLAN */
	struct baro_core *core;
	struct fault *faults[2]; /* rx, tx; NULL: none */
	bool is_func;
	bool is_ip;
	struct ipport ip; /* is_ip: between the queue and the application */
};

/** What the cores of a program share: who owns which flow, and the way there (steer.h). */
struct steer {
	unsigned n_cores;
	atomic_uint n_quiet;    /* at the program's end: cores whose connections are over */
	struct siphash_key key; /* every core's table_key */
	struct rss rss;         /* which core a flow belongs to */
	struct wake *wake;      /* of each core */
	struct udp_cores udp_cores;
	struct rte_ring *ring[]; /* [from * n_cores + to], one producer and one consumer each */
};

struct baro_core {
	struct stack stack; /* first: stack_of() */
	struct baro_config config;
	uint16_t burst;
	uint32_t n_ports;
	struct core_port *port[BARO_MAX_PORTS];
	struct tracer *tracer;  /* of whose connections lines are told (trace.h); NULL: none */
	struct steer *steer;    /* NULL: the only core */
	struct mailbox mailbox; /* what other threads ask */
	struct crew *crew; /* the program's cores; NULL: it is made of none (baro_core_create()) */
};

/**
 * A core on the pools of an opened DPDK device. @pool stays the caller's, copied here: receive
 * queues and other cores hold buffers of it, so it outlives them and the core.
 *
 * @steer  how it shares flows with other cores; NULL: it is alone
 * @return 0, -EINVAL, -ENOMEM
 */
int
core_create(const struct baro_config *config, unsigned id, struct dev_pool *pool,
	struct steer *steer, uint64_t now_ns, struct baro_core **out);

/** Attach queue @queue_id of an opened ethdev, as [port@index] has it. @return 0 or -errno */
int
core_add_port(struct baro_core *core, unsigned index, struct dev_port *port, uint16_t queue_id);

void
core_destroy(struct baro_core *core);

/** No connection is left, except in TIME-WAIT and in SYN-RECEIVED: anybody could keep us waiting. */
bool
core_is_quiet(const struct baro_core *core);

/* Interfaces (iface.c): a port is one, and each of its VLANs */

/** Some of its addresses have come into use, or are no more: connections from those end. */
BARO_COLD void
iface_addrs_changed(struct stack *stack, struct netif *netif, uint64_t now_ns);

struct iface_addr {
	uint32_t addr; /* host order */
	uint32_t gateway;
	uint8_t prefix_len;
};

/**
 * What the configuration lists, after its ports are there: addresses, VLANs, routes, neighbours.
 *
 * @problem  what could not be done, if anything
 * @return   0 or -errno
 */
int
iface_configure(struct baro_core *core, char *problem, size_t len);

/** The port itself becomes "port@index". @return as ip_add_netif() */
int
iface_add_port(struct core_port *port, unsigned index, const struct iface_addr *addr);

/** As baro_vlan_open(). @mtu 0: the port's */
int
iface_add_vlan(struct core_port *port, uint16_t vlan, uint16_t mtu, const struct iface_addr *addr);

/** Whose are frames with this tag, that of the port itself apart? NULL: nobody's. */
static inline struct netif *
iface_of_vlan(const struct core_port *port, uint16_t vlan)
{
	unsigned i = port->by_vlan != NULL ? port->by_vlan[vlan] : 0;

	return i != 0 ? &port->core->stack.ip.netif[i - 1] : NULL;
}

/* The parts of a turn */

/** Receive a burst on each port and carry it up: the spine (rx.c). @return packets */
unsigned
core_rx(struct baro_core *core, uint64_t now_ns);

/** An ICMP error, or our own link's word, goes to the protocol whose packet it quotes (rx.c). */
enum drop
core_take_note(struct stack *stack, const struct icmp_note *note, uint64_t now_ns);

/** Hand the ports what is queued. */
void
core_flush(struct baro_core *core, uint64_t now_ns);

/** The end: hand the ports what is queued, RSTs that waited for room too. @return false: something waits still */
bool
core_say_farewell(struct baro_core *core, uint64_t now_ns);

/** Tell what has happened to the connections that are watched (trace.c). */
BARO_COLD void
core_tell_trace(struct baro_core *core);

/** Fire what is due, as much of it as a turn has time for (timers.c). @return timers */
unsigned
core_fire_timers(struct baro_core *core, uint64_t now_ns);

#endif
