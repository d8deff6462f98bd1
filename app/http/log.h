/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_LOG_H
#define HTTP_LOG_H

/* The access log, in the common log format of web servers. */

#include <stdio.h>

#include "request.h"
#include "response.h"

/** Open for appending, "-" for standard output. @return NULL with errno set */
FILE *
http_log_open(const char *name);

void
http_log_write(FILE *log, const struct baro_conn *c, const struct http_request *req,
	const struct http_response *resp);

#endif
