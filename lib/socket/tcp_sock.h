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

/** As baro_conn_set() and baro_conn_get(); what is set before there is a connection holds for it then. */
int
sock_tcp_set(struct sock *s, enum baro_conn_option id, int value);
int
sock_tcp_get(const struct sock *s, enum baro_conn_option id, int *value);

/** TCP_CONGESTION, by name. @return 0, -ENOENT */
int
sock_tcp_set_cc(struct sock *s, const char *name);
const char *
sock_tcp_get_cc(const struct sock *s);

/** TCP_DEFER_ACCEPT */
void
sock_tcp_defer(struct sock *s, uint32_t seconds);

/** TCP_FASTOPEN, of a listener. @return 0, -EINVAL (neither a listener nor fresh, or out of range) */
int
sock_tcp_set_fast_limit(struct sock *s, int limit);
int
sock_tcp_fast_limit(const struct sock *s);

#endif
