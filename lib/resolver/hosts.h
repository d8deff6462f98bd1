/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RESOLVER_HOSTS_H
#define BARO_RESOLVER_HOSTS_H

/* Names and addresses known without asking: hosts(5), and localhost (RFC 6761 §6.3). */

#include <baro/resolve.h>

struct hosts_entry {
	const char *name; /* within text */
	struct baro_addr addr;
	unsigned line; /* in the file: the first name of a line is the canonical one */
};

struct hosts {
	char *text;
	struct hosts_entry *entry; /* in the order of names, then of lines */
	unsigned n;
};

/** Read a file. @path NULL: there is none */
void
hosts_load(struct hosts *h, const char *path);

/** The same with its text, which is freed with @h; NULL: there is none. */
void
hosts_take(struct hosts *h, char *text);

void
hosts_free(struct hosts *h);

/** Fill in the addresses of @name. @return false: it is not known here */
bool
hosts_find(const struct hosts *h, const char *name, bool wants_v6, struct baro_host *out);

/** The canonical name of an address, or NULL. */
const char *
hosts_find_name(const struct hosts *h, const struct baro_addr *addr);

#endif
