/* SPDX-License-Identifier: BSD-3-Clause */

#include "service.h"

#include <errno.h>
#include <stdlib.h>

#include "conn.h"

struct http_service {
	struct http_server *server;
	struct baro_listener *listener; /* NULL: closed */
};

int
http_service_start(
	struct baro_core *core, const struct http_options *options, struct http_service **out)
{
	const struct baro_endpoint any = { .port = options->port };
	struct http_service *s = calloc(1, sizeof(*s));
	int err = s == NULL ? -ENOMEM : http_server_create(core, options, &s->server);

	if (err == 0) {
		err = baro_listen(core, &any, NULL, &http_conn_ops, s->server, &s->listener);
		if (err != 0)
			http_server_destroy(s->server);
	}
	if (err != 0)
		free(s);
	else
		*out = s;
	return err;
}

void
http_service_drain(struct http_service *s)
{
	if (s->listener != NULL)
		baro_listener_close(s->listener);
	s->listener = NULL;
	http_conn_drain_all(s->server);
}

void
http_service_stop(struct http_service *s)
{
	http_service_drain(s);
	http_conn_abort_all(s->server);
	http_server_destroy(s->server);
	free(s);
}
