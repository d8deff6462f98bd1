/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_HOST_H
#define BARO_DEV_HOST_H

/* The kernel's side of a tap: give it an address and bring it up. */

#include <stdint.h>

/** @addr in host order. @return 0 or -errno (-EPERM: CAP_NET_ADMIN) */
int
host_interface_up(const char *interface, uint32_t addr, uint8_t prefix_len);

#endif
