/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of Fast Open cookies; see the header. */

#include "tcp/fast_key.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "wire/bytes.h"

enum {
	WORDS = 4,
	DIGITS = 8,     /* of a word */
	COOKIE_LEN = 8, /* as Linux has it */
};

/** Eight digits at *@text, which moves behind them. */
static bool
read_word(const char **text, uint32_t *word)
{
	char digits[DIGITS + 1] = { 0 };

	for (int i = 0; i < DIGITS; i++) {
		if (!isxdigit((unsigned char)(*text)[i]))
			return false;
		digits[i] = (*text)[i];
	}
	*word = (uint32_t)strtoul(digits, NULL, 16);
	*text += DIGITS;
	return true;
}

static bool
read_key(const char **text, struct siphash_key *key)
{
	uint32_t word[WORDS];

	for (int i = 0; i < WORDS; i++) {
		if (i != 0 && *(*text)++ != '-')
			return false;
		if (!read_word(text, &word[i]))
			return false;
	}
	key->k0 = (uint64_t)word[1] << 32 | word[0];
	key->k1 = (uint64_t)word[3] << 32 | word[2];
	return true;
}

int
fast_keys_read(const char *text, struct fast_keys *keys)
{
	keys->n = 0;
	if (text[0] == '\0')
		return 0;
	do {
		if (keys->n == FAST_KEYS_MAX || !read_key(&text, &keys->key[keys->n]))
			return -EINVAL;
		keys->n++;
	} while (*text++ == ',');
	return text[-1] == '\0' ? 0 : -EINVAL;
}

struct tcp_cookie
fast_cookie(const struct siphash_key *key, uint32_t faddr, uint32_t laddr)
{
	struct tcp_cookie cookie = { .len = COOKIE_LEN };
	uint8_t addrs[8];
	uint64_t hash;

	put_u32(addrs, faddr);
	put_u32(addrs + 4, laddr);
	hash = siphash24(key, addrs, sizeof(addrs));
	for (unsigned i = 0; i < COOKIE_LEN; i++)
		cookie.octets[i] = (uint8_t)(hash >> 8 * i);
	return cookie;
}
