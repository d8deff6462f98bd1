/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_CONN_H
#define HTTP_CONN_H

/* A connection from its first request to its last. */

#include "server.h"

/** For baro_listen(), with a struct http_server as the user. */
extern const struct baro_conn_ops http_conn_ops;

/** Close those without a request; the others close after their response. */
void
http_conn_drain_all(struct http_server *s);

/** Reset them all. */
void
http_conn_abort_all(struct http_server *s);

#endif
