/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_SINK_H
#define HTTP_SINK_H

/* /sink: takes a body of any size and tells its length and checksum. */

#include "request.h"

/** Make @r's body, of any size, go into its body_crc (IEEE 802.3). */
void
http_sink_begin(struct http_request *r);

#endif
