/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_BYTES_H
#define HTTP_BYTES_H

/* What /bytes/N is made of: octet i is i mod 251, a prime, so that no period of a bug fits it. */

#include <stddef.h>
#include <stdint.h>

#define HTTP_BYTES_MAX (UINT64_C(1) << 40)

/** Write the octets from number @offset on; at most a few KiB at once. @return octets written */
size_t
http_bytes_fill(uint8_t *room, size_t len, uint64_t offset);

/** Where the octets from number @offset on can be read; 15 KiB of them. */
const char *
http_bytes_at(uint64_t offset);

/** To be called once, before the first core starts. */
void
http_bytes_prepare(void);

#endif
