/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_PACKET_SOCKET_H
#define BARO_DEV_PACKET_SOCKET_H

/*
 * The sockets that net_af_packet sends through, which it does not show. Its transmit function writes
 * frames into a ring that it shares with the kernel, makes one call, and has them for sent. In that
 * call the kernel goes on until the interface or the socket's send buffer is full, and leaves the
 * others where they are until the next call, that of the next burst: when everything that a window
 * allows is in the ring, that is a retransmission some time later.
 */

#include <stdbool.h>

enum { PACKET_SOCKETS_MAX = 16 };

/**
 * Find this process's packet sockets on interface @if_index that have a driver's ring.
 *
 * @param fd  room for PACKET_SOCKETS_MAX; they stay the driver's
 * @return how many; 0 also without /proc
 */
unsigned
packet_sockets_find(unsigned if_index, int *fd);

/** Have the kernel take what is left in the ring. @return whether anything was, and may still be */
bool
packet_socket_kick(int fd);

#endif
