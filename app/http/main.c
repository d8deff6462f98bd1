/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-http: a web server for HTTP/1.0 and 1.1. Each core has one of its own. */

#include <baro/baro.h>
#include <stdio.h>

#include "../echo/echo.h"
#include "bytes.h"
#include "options.h"
#include "service.h"

struct program {
	struct http_options options;
	struct http_service *service[BARO_MAX_CORES]; /* by core, each writes its own */
};

static int
start(struct baro_core *core, void *user)
{
	struct program *p = user;
	int err = http_service_start(core, &p->options, &p->service[baro_core_id(core)]);

	if (err == 0 && p->options.echo_port != 0)
		err = echo_start(core, p->options.echo_port);
	return err;
}

static void
drain(struct baro_core *core, void *user)
{
	http_service_drain(((struct program *)user)->service[baro_core_id(core)]);
}

static void
stop(struct baro_core *core, void *user)
{
	struct program *p = user;

	if (p->service[baro_core_id(core)] != NULL)
		http_service_stop(p->service[baro_core_id(core)]);
}

static void
ready(const struct baro_config *config, void *user)
{
	const struct http_options *o = &((const struct program *)user)->options;
	char addr[BARO_ADDR_STRLEN], port[8] = "";

	baro_addr_format(&config->port[0].address, addr);
	if (o->port != 80)
		snprintf(port, sizeof(port), ":%u", o->port);
	printf("curl http://%s%s/\n", addr, port);
	printf("curl -s http://%s%s/bytes/1073741824 | sha256sum\n", addr, port);
	if (o->echo_port != 0)
		printf("echo hello | socat - TCP:%s:%u\n", addr, o->echo_port);
}

int
main(int argc, char **argv)
{
	static struct program program;
	static const struct baro_app app = {
		.name = "baro-http",
		.about = "a web server for HTTP/1.0 and HTTP/1.1",
		.options = http_option_table,
		.user = &program,
		.start = start,
		.drain = drain,
		.stop = stop,
		.ready = ready,
	};

	http_options_init(&program.options);
	http_bytes_prepare();
	return baro_app_main(&app, argc, argv);
}
