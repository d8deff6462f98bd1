/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_FAST_KEY_H
#define BARO_TCP_FAST_KEY_H

/*
 * Keys of Fast Open cookies that several servers share: written as Linux has them in
 * net.ipv4.tcp_fastopen_key, and so are the cookies that follow from them.
 */

#include <stdint.h>

#include "base/siphash.h"
#include "wire/tcp.h"

enum { FAST_KEYS_MAX = 2 }; /* the one in use, and the one before it */

struct fast_keys {
	struct siphash_key key[FAST_KEYS_MAX];
	uint8_t n; /* 0: none are shared */
};

/**
 * Read "XXXXXXXX-XXXXXXXX-XXXXXXXX-XXXXXXXX", in hexadecimal, or two of them with a comma between; "": none.
 *
 * @return 0, -EINVAL
 */
int
fast_keys_read(const char *text, struct fast_keys *keys);

/** The cookie of the client @faddr at the server @laddr. */
struct tcp_cookie
fast_cookie(const struct siphash_key *key, uint32_t faddr, uint32_t laddr);

#endif
