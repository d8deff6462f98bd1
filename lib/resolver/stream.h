/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RESOLVER_STREAM_H
#define BARO_RESOLVER_STREAM_H

/* One question over TCP: each message behind its length of two octets (RFC 1035 §4.2.2, 7766). */

#include <baro/addr.h>
#include <stdint.h>

struct baro_core;
struct dns_stream;

/** @msg the answer; NULL: there will be none, @len is -errno. The stream is still to be closed. */
typedef void (*dns_stream_taken)(void *user, const uint8_t *msg, int len);

/** Connect and ask. @return 0, -errno of baro_connect() */
int
dns_stream_open(struct baro_core *core, const struct baro_endpoint *server, const uint8_t *query,
	uint16_t len, dns_stream_taken taken, void *user, struct dns_stream **out);

/** Allowed in its own callback, too. NULL: nothing happens. */
void
dns_stream_close(struct dns_stream *s);

/** The core ends: nothing is told to anybody. NULL: nothing happens. */
void
dns_stream_free(struct dns_stream *s);

#endif
