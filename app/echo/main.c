/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-echo: the echo service as a program of its own. */

#include <stdio.h>
#include <stdlib.h>

#include "echo.h"

static const char *
set_port(const char *value, void *user)
{
	char *end;
	long port = strtol(value, &end, 10);

	if (*end != '\0' || port < 1 || port > 65535)
		return "not a port, 1..65535";
	*(uint16_t *)user = (uint16_t)port;
	return NULL;
}

static int
start(struct baro_core *core, void *user)
{
	return echo_start(core, *(uint16_t *)user);
}

static void
ready(const struct baro_config *config, void *user)
{
	char addr[BARO_ADDR_STRLEN];

	printf("echo hello | socat - TCP:%s:%u\n", baro_addr_format(&config->port[0].address, addr),
		*(uint16_t *)user);
}

int
main(int argc, char **argv)
{
	static const struct baro_app_option options[] = {
		{ "port", "PORT", "TCP and UDP port (7)", set_port },
		{ NULL, NULL, NULL, NULL },
	};
	uint16_t port = 7;
	const struct baro_app app = {
		.name = "baro-echo",
		.about = "sends back what it receives, on TCP and UDP",
		.options = options,
		.user = &port,
		.start = start,
		.ready = ready,
	};

	return baro_app_main(&app, argc, argv);
}
