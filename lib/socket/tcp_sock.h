/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
#ifndef BARO_SOCKET_TCP_SOCK_H
#define BARO_SOCKET_TCP_SOCK_H

/* What a stream socket does beyond what every socket does. */

#include "socket/sock.h"

/** @return 0, -EINVAL (connected), or as bind() */
int
sock_tcp_listen(struct sock *s, int backlog);

/** The oldest connection that waits. @return 0, -EAGAIN (none), -EINVAL (does not listen) */
int
sock_tcp_accept(struct sock *l, struct sock **out);

#endif
