/* SPDX-License-Identifier: BSD-3-Clause */
/* Key and table of receive side scaling; see the header. */

#include "base/rss.h"

#include <stdbool.h>
#include <string.h>

#include "base/rand.h"

enum {
	OCTET_FPORT = 9, /* the low octets of the ports in the tuple */
	OCTET_LPORT = 11,
};

/** What @value adds as the @i-th octet: a window of the key for each bit that is set. */
static uint32_t
hash_octet(const uint8_t *key, unsigned i, unsigned value)
{
	uint64_t window = 0;
	uint32_t hash = 0;

	for (unsigned k = i; k < i + 5; k++)
		window = window << 8 | key[k];
	for (unsigned bit = 0; bit < 8; bit++)
		if ((value & (0x80u >> bit)) != 0)
			hash ^= (uint32_t)(window >> (8 - bit));
	return hash;
}

void
rss_init(struct rss *rss, const uint8_t key[RSS_KEY_LEN], uint32_t n_cores)
{
	memset(rss->key, 0, sizeof(rss->key));
	memcpy(rss->key, key, RSS_KEY_LEN);
	rss->n_cores = n_cores;
	for (unsigned i = 0; i < RSS_ENTRIES; i++)
		rss->core[i] = (uint8_t)(i % n_cores);
	for (unsigned i = 0; i < RSS_TUPLE_LEN; i++)
		for (unsigned value = 0; value < 256; value++)
			rss->octet[i][value] = hash_octet(key, i, value);
}

/**
 * Do the low bits of the @i-th octet lead to every entry? The hash is linear: then they do so from wherever
 * the rest of the tuple begins.
 */
static bool
reaches_all(const struct rss *rss, unsigned i)
{
	bool is_reached[RSS_ENTRIES] = { false };
	unsigned n = 0;

	for (unsigned value = 0; value < RSS_ENTRIES; value++) {
		bool *entry = &is_reached[rss_entry(rss->octet[i][value])];

		n += !*entry;
		*entry = true;
	}
	return n == RSS_ENTRIES;
}

int
rss_draw(struct rss *rss, uint32_t n_cores)
{
	uint8_t key[RSS_KEY_LEN];

	/* one key in twelve or so will do */
	do {
		int err = rand_secret(key, sizeof(key));

		if (err != 0)
			return err;
		rss_init(rss, key, n_cores);
	} while (!reaches_all(rss, OCTET_FPORT) || !reaches_all(rss, OCTET_LPORT));
	return 0;
}
