/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through udp.h. */

/* UDP of one core: made and taken apart. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pool.h"
#include "udp/udp.h"

enum { PORTS = 65536 };

int
udp_init(struct udp *udp, struct ip4 *ip, const struct baro_udp_config *config)
{
	memset(udp, 0, offsetof(struct udp, error));
	udp->env = ip->env;
	udp->ip = ip;
	udp->max_queued =
		config->rcv_datagrams != 0 ? config->rcv_datagrams : (uint32_t)UDP_RCV_DATAGRAMS;
	udp->max_queued_len = config->rcv_buf != 0 ? config->rcv_buf : (uint32_t)UDP_RCV_OCTETS;
	udp->max_waiting = ip->pool->text->size / 4; /* who does not read does not starve others */
	list_init(&udp->ready);
	list_init(&udp->all);
	udp->port = calloc(PORTS, sizeof(udp->port[0]));
	if (udp->port == NULL)
		return -ENOMEM;
	if (slab_init(&udp->lines, sizeof(struct udp_line), UDP_CONNECTED_MAX, NULL) == 0) {
		if (flowtab_init(&udp->flows, UDP_CONNECTED_MAX) == 0)
			return 0;
		slab_fini(&udp->lines);
	}
	free(udp->port);
	return -ENOMEM;
}

void
udp_fini(struct udp *udp)
{
	flowtab_fini(&udp->flows);
	slab_fini(&udp->lines);
	free(udp->port);
}
