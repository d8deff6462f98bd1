/* SPDX-License-Identifier: BSD-3-Clause */

/* The kernel's side of a tap, by the oldest of its interfaces: three ioctls. */

#include "dev/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* @v4 in host order */
static int
set_address(int fd, unsigned long request, struct ifreq *req, uint32_t v4)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(v4) };

	memcpy(&req->ifr_addr, &addr, sizeof(addr));
	return ioctl(fd, request, req) == 0 ? 0 : -errno;
}

static int
bring_up(int fd, struct ifreq *req)
{
	if (ioctl(fd, SIOCGIFFLAGS, req) != 0)
		return -errno;
	req->ifr_flags = (short)(req->ifr_flags | IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, req) == 0 ? 0 : -errno;
}

int
host_interface_up(const char *interface, uint32_t addr, uint8_t prefix_len)
{
	uint32_t mask = prefix_len == 0 ? 0 : UINT32_MAX << (32 - prefix_len);
	struct ifreq req = { 0 };
	int fd;
	int err;

	if (strlen(interface) >= sizeof(req.ifr_name) || prefix_len > 32)
		return -EINVAL;
	strcpy(req.ifr_name, interface);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = set_address(fd, SIOCSIFADDR, &req, addr);
	if (err == 0)
		err = set_address(fd, SIOCSIFNETMASK, &req, mask);
	if (err == 0)
		err = bring_up(fd, &req);
	close(fd);
	return err;
}
