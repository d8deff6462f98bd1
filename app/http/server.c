/* SPDX-License-Identifier: BSD-3-Clause */

#include "server.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "log.h"

#define FLUSH_AFTER_NS UINT64_C(1000000000)

static void
flush_log(struct baro_timer *t, uint64_t now_ns)
{
	struct http_server *s =
		(struct http_server *)(void *)((char *)t - offsetof(struct http_server, flush));

	(void)now_ns;
	s->is_flush_due = false;
	fflush(s->log);
}

static int
open_log(struct http_server *s)
{
	if (s->options->log == NULL)
		return 0;
	s->log = http_log_open(s->options->log);
	return s->log != NULL ? 0 : -errno;
}

int
http_server_create(
	struct baro_core *core, const struct http_options *options, struct http_server **out)
{
	struct http_server *s = calloc(1, sizeof(*s));
	int err;

	if (s == NULL)
		return -ENOMEM;
	s->core = core;
	s->options = options;
	s->flush.fire = flush_log;
	http_pool_init(&s->conns, sizeof(struct http_conn));
	http_pool_init(&s->exchanges, sizeof(struct http_exchange));
	http_pool_init(&s->targets, options->limits.max_target + 1);
	http_reader_init(&s->reader, &options->limits, &s->targets);
	err = open_log(s);
	if (err != 0) {
		free(s);
		return err;
	}
	*out = s;
	return 0;
}

void
http_server_destroy(struct http_server *s)
{
	baro_timer_stop(s->core, &s->flush);
	if (s->log != NULL)
		fclose(s->log);
	http_pool_destroy(&s->conns);
	http_pool_destroy(&s->exchanges);
	http_pool_destroy(&s->targets);
	free(s);
}

void
http_server_log(struct http_server *s, const struct http_conn *h)
{
	if (s->log == NULL)
		return;
	http_log_write(s->log, h->conn, &h->exchange->request, &h->exchange->response);
	if (!s->is_flush_due)
		baro_timer_start(s->core, &s->flush, baro_core_now(s->core) + FLUSH_AFTER_NS);
	s->is_flush_due = true;
}
