/* SPDX-License-Identifier: BSD-3-Clause */

#include "sink.h"

#include <isa-l/crc.h>

static void
take_body(struct http_request *r, const char *data, size_t len)
{
	r->body_crc = crc32_gzip_refl(r->body_crc, (const uint8_t *)data, len);
}

void
http_sink_begin(struct http_request *r)
{
	r->body_max = UINT64_MAX;
	r->take_body = take_body;
}
