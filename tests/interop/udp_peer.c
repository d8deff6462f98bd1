/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A member of the group 239.18.0.1 that does what datagrams to its port 5000 say, by the calls of
 * baro/socket.h:
 *
 *	leave        it leaves the group
 *	send N       N octets to who asks, whatever the way carries
 *	send-df N    the same, in one piece; if they are refused, the name of the error instead
 *
 * Everything else that comes to the group goes back to the group's port 5001.
 */

#include <arpa/inet.h>
#include <baro/app.h>
#include <baro/socket.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT = 5000, ANSWERS = 5001 };

static const char group[] = "239.18.0.1";
static char octets[65507];

static int
set(int fd, int name, const void *value, socklen_t len)
{
	return baro_sock_setsockopt(fd, IPPROTO_IP, name, value, len);
}

static int
change_membership(int fd, int name)
{
	struct ip_mreqn m = { .imr_ifindex = 0 };

	inet_pton(AF_INET, group, &m.imr_multiaddr);
	return set(fd, name, &m, sizeof(m));
}

static int
open_member(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = baro_socket(AF_INET, SOCK_DGRAM, 0);
	int ttl = 3;

	if (fd < 0 || baro_sock_bind(fd, (const struct sockaddr *)&any, sizeof(any)) != 0 ||
		set(fd, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) != 0 ||
		change_membership(fd, IP_ADD_MEMBERSHIP) != 0)
		return -1;
	return fd;
}

/** By a connected socket, which stays open: what the network says of its datagrams finds it. */
static void
send_octets(const struct sockaddr_in *to, size_t len, int discover)
{
	static int fd = -1;
	const char *said;

	if (fd < 0)
		fd = baro_socket(AF_INET, SOCK_DGRAM, 0);
	set(fd, IP_MTU_DISCOVER, &discover, sizeof(discover));
	baro_sock_connect(fd, (const struct sockaddr *)to, sizeof(*to));
	if (len <= sizeof(octets) && baro_sock_send(fd, octets, len, 0) >= 0)
		return;
	said = strerrorname_np(errno);
	baro_sock_send(fd, said, strlen(said), 0);
}

static void
obey(int fd, const char *what, size_t len, const struct sockaddr_in *from)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(ANSWERS) };

	inet_pton(AF_INET, group, &to.sin_addr);
	if (strcmp(what, "leave") == 0)
		change_membership(fd, IP_DROP_MEMBERSHIP);
	else if (strncmp(what, "send-df ", 8) == 0)
		send_octets(from, strtoul(what + 8, NULL, 10), IP_PMTUDISC_DO);
	else if (strncmp(what, "send ", 5) == 0)
		send_octets(from, strtoul(what + 5, NULL, 10), IP_PMTUDISC_WANT);
	else
		baro_sock_sendto(fd, what, len, 0, (const struct sockaddr *)&to, sizeof(to));
}

static int
run(struct baro_core *core, void *user)
{
	int fd = open_member();

	(void)core;
	(void)user;
	while (fd >= 0) {
		struct sockaddr_in from;
		socklen_t from_len = sizeof(from);
		char what[1501];
		ssize_t n = baro_sock_recvfrom(
			fd, what, sizeof(what) - 1, 0, (struct sockaddr *)&from, &from_len);

		if (n < 0 && errno == EINTR)
			return 0;
		if (n < 0)
			continue; /* what the network says of an earlier one */
		what[n] = '\0';
		obey(fd, what, (size_t)n, &from);
	}
	perror("udp-peer");
	return 1;
}

int
main(int argc, char **argv)
{
	const struct baro_app app = {
		.name = "udp-peer", .about = "does what datagrams say", .run = run
	};

	return baro_app_main(&app, argc, argv);
}
