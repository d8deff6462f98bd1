/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_SERVICE_H
#define HTTP_SERVICE_H

/* The web server of one core, from listening to the last connection. */

#include <baro/core.h>

#include "options.h"

struct http_service;

/** @return 0, -EADDRINUSE, -ENOMEM, -errno of opening the log */
int
http_service_start(
	struct baro_core *core, const struct http_options *options, struct http_service **out);

/** Listen no more and let requests finish. */
void
http_service_drain(struct http_service *s);

/** Reset what is left and free everything. */
void
http_service_stop(struct http_service *s);

#endif
