/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through ip.h. */
#ifndef BARO_IP_IGMP_H
#define BARO_IP_IGMP_H

/* What routers are told of our groups. */

#include "ip/group.h"

enum { IGMP_ROBUSTNESS = 2 }; /* RFC 3376 §8.1 */

/** A group has its first member. */
void
igmp_joined(struct ip4 *ip, struct ip_group *g, uint64_t now_ns);

/** Its last one has gone. @return true: that has to be said again, group_timer() will remove it */
bool
igmp_left(struct ip4 *ip, struct ip_group *g, uint64_t now_ns);

#endif
