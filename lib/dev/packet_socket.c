/* SPDX-License-Identifier: BSD-3-Clause */

/* Frames left in a packet socket's ring go on; see the header. */

#include "dev/packet_socket.h"

#include <dirent.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <sys/socket.h>

/* What the driver opens: a packet socket on the interface, of the version that its ring has. */
static bool
is_drivers(int fd, unsigned if_index)
{
	struct sockaddr_ll addr = { .sll_family = AF_UNSPEC };
	socklen_t addr_len = sizeof(addr);
	int version = TPACKET_V1;
	socklen_t version_len = sizeof(version);

	return getsockname(fd, (struct sockaddr *)&addr, &addr_len) == 0 &&
	       addr.sll_family == AF_PACKET && addr.sll_ifindex == (int)if_index &&
	       getsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, &version_len) == 0 &&
	       version != TPACKET_V1;
}

unsigned
packet_sockets_find(unsigned if_index, int *fd)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned n = 0;
	int candidate;

	if (dir == NULL)
		return 0;
	while (n < PACKET_SOCKETS_MAX && (entry = readdir(dir)) != NULL) {
		candidate = atoi(entry->d_name);
		if (entry->d_name[0] != '.' && is_drivers(candidate, if_index))
			fd[n++] = candidate;
	}
	closedir(dir);
	return n;
}

bool
packet_socket_kick(int fd)
{
	ssize_t octets = sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0);

	return octets > 0 || (octets < 0 && (errno == EAGAIN || errno == ENOBUFS));
}
