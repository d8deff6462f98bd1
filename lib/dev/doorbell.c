/* SPDX-License-Identifier: BSD-3-Clause */

/* A packet socket that only says that there is something. */

#include "dev/doorbell.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <rte_ethdev.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23 /* Linux 4.20 */
#endif

enum { MAX_CLEAR = 64 }; /* frames; the buffer holds two or three */

static int
set_up(int fd, unsigned if_index)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_index,
	};
	int one = 1;

	/* the kernel raises it to its minimum */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &one, sizeof(one)) != 0)
		return -errno;
	/* without it we would wake up for what we send ourselves: no more than that */
	(void)setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	return bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 ? 0 : -errno;
}

int
doorbell_open(const struct dev_port *port)
{
	struct rte_eth_dev_info info;
	int fd;
	int err;

	if (strcmp(port->driver, "net_af_packet") != 0 ||
		rte_eth_dev_info_get(port->port_id, &info) != 0 || info.if_index == 0)
		return -ENOTSUP;
	/* protocol 0: nothing arrives before bind() */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = set_up(fd, info.if_index);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

void
doorbell_clear(int fd)
{
	char nothing[1];
	int i;

	for (i = 0; i < MAX_CLEAR; i++)
		if (recv(fd, nothing, sizeof(nothing), MSG_TRUNC) < 0)
			return;
}

void
doorbell_close(int fd)
{
	close(fd);
}
