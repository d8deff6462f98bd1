/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_SOCKET_SOCKADDR_H
#define BARO_SOCKET_SOCKADDR_H

/* struct sockaddr_in, as the host's programs write addresses, and ours. */

#include <arpa/inet.h>
#include <baro/addr.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/** @return 0, -EFAULT, -EINVAL (too short), -EAFNOSUPPORT */
static inline int
sockaddr_read(const struct sockaddr *addr, socklen_t len, struct baro_endpoint *ep)
{
	struct sockaddr_in in;

	if (addr == NULL)
		return -EFAULT;
	if (len < sizeof(in))
		return -EINVAL;
	memcpy(&in, addr, sizeof(in));
	if (in.sin_family != AF_INET)
		return -EAFNOSUPPORT;
	ep->addr = baro_addr_from_v4(ntohl(in.sin_addr.s_addr));
	ep->port = ntohs(in.sin_port);
	return 0;
}

/** Into *@len octets at @addr; *@len becomes what it would need. */
static inline void
sockaddr_write(const struct baro_endpoint *ep, void *addr, socklen_t *len)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	in.sin_addr.s_addr = htonl(baro_addr_to_v4(&ep->addr));
	in.sin_port = htons(ep->port);
	memcpy(addr, &in, *len < sizeof(in) ? *len : sizeof(in));
	*len = sizeof(in);
}

#endif
