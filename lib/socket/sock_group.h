/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
#ifndef BARO_SOCKET_SOCK_GROUP_H
#define BARO_SOCKET_SOCK_GROUP_H

/*
 * Multicast options of datagram sockets whose values are structures, as ip(7) has them: struct ip_mreqn, or
 * struct ip_mreq without its last member. Interfaces are named by number (1 and on, as IP_PKTINFO tells
 * them) or by an address of theirs.
 */

#include "socket/sock.h"

/**
 * IP_ADD_MEMBERSHIP. @len is at least that of a struct ip_mreq, here and below
 *
 * @return 0, -EINVAL (no group), -ENODEV (no such interface, or no route), -EADDRINUSE (a member already),
 *         -ENOBUFS (too many groups), -ENOMEM
 */
int
sock_group_join(struct sock *s, const void *value, socklen_t len);

/** IP_DROP_MEMBERSHIP; without an interface, wherever it was joined. @return 0, -EADDRNOTAVAIL (no member there) */
int
sock_group_leave(struct sock *s, const void *value, socklen_t len);

/**
 * IP_MULTICAST_IF, by a struct in_addr, too: what is sent to groups leaves there, from that address unless the
 * socket is bound to another one. Zero: as the routes say.
 *
 * @return 0, -EADDRNOTAVAIL (no such interface)
 */
int
sock_group_set_iface(struct sock *s, const void *value, socklen_t len);

/** The address that it was set by, a struct in_addr; zero: none. */
int
sock_group_get_iface(struct sock *s, void *value, socklen_t *len);

#endif
