/* SPDX-License-Identifier: BSD-3-Clause */

/* hosts(5): an address and its names a line. Sorted by name, so that a long file costs little. */

#include "resolver/hosts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/file.h"

enum { LOCALHOST = 0x7f000001 };

static bool
parse_addr(const char *text, struct baro_addr *addr)
{
	return baro_addr_parse(text, addr) == 0 || inet_pton(AF_INET6, text, addr->b) == 1;
}

static bool
add(struct hosts *h, const struct hosts_entry *e)
{
	/* it doubles at powers of two */
	if ((h->n & (h->n - 1)) == 0) {
		size_t room = h->n != 0 ? 2 * (size_t)h->n : 1;
		struct hosts_entry *more = realloc(h->entry, room * sizeof(*more));

		if (more == NULL)
			return false;
		h->entry = more;
	}
	h->entry[h->n++] = *e;
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct hosts_entry *x = a;
	const struct hosts_entry *y = b;
	int by_name = strcasecmp(x->name, y->name);

	if (by_name != 0)
		return by_name;
	return x->line < y->line ? -1 : x->line > y->line;
}

void
hosts_take(struct hosts *h, char *text)
{
	struct hosts_entry e = { .line = 0 };
	char *rest = text;
	char *line;

	*h = (struct hosts){ .text = text };
	for (; text != NULL && (line = file_next_line(&rest)) != NULL; e.line++) {
		const char *addr = file_next_word(&line);

		if (addr == NULL || !parse_addr(addr, &e.addr))
			continue;
		while ((e.name = file_next_word(&line)) != NULL && add(h, &e))
			;
	}
	if (h->n != 0)
		qsort(h->entry, h->n, sizeof(*h->entry), compare);
}

void
hosts_load(struct hosts *h, const char *path)
{
	hosts_take(h, path != NULL ? file_read(path) : NULL);
}

void
hosts_free(struct hosts *h)
{
	free(h->entry);
	free(h->text);
	*h = (struct hosts){ .n = 0 };
}

/* The first entry that is not before @name. */
static unsigned
lower_bound(const struct hosts *h, const char *name)
{
	unsigned lo = 0, hi = h->n;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (strcasecmp(h->entry[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Addresses of one family that the entries of @name from the @i-th on have. */
static void
add_addrs(const struct hosts *h, unsigned i, const char *name, bool is_v4, struct baro_host *out)
{
	for (; i < h->n && strcasecmp(h->entry[i].name, name) == 0; i++)
		if (baro_addr_is_v4(&h->entry[i].addr) == is_v4 && out->n_addrs < BARO_HOST_ADDRS)
			out->addr[out->n_addrs++] = h->entry[i].addr;
}

static bool
is_localhost(const char *name)
{
	static const char *const suffix = ".localhost";
	size_t len = strlen(name);

	return strcasecmp(name, suffix + 1) == 0 ||
	       (len > strlen(suffix) && strcasecmp(name + len - strlen(suffix), suffix) == 0);
}

bool
hosts_find(const struct hosts *h, const char *name, bool wants_v6, struct baro_host *out)
{
	unsigned first = lower_bound(h, name);

	out->n_addrs = 0;
	add_addrs(h, first, name, true, out);
	if (wants_v6)
		add_addrs(h, first, name, false, out);
	if (out->n_addrs == 0 && is_localhost(name))
		out->addr[out->n_addrs++] = baro_addr_from_v4(LOCALHOST);
	return out->n_addrs != 0;
}

const char *
hosts_find_name(const struct hosts *h, const struct baro_addr *addr)
{
	const struct hosts_entry *best = NULL;

	/* the names of a line lie in the file in their order */
	for (unsigned i = 0; i < h->n; i++) {
		const struct hosts_entry *e = &h->entry[i];

		if (memcmp(&e->addr, addr, sizeof(*addr)) == 0 &&
			(best == NULL || e->name < best->name))
			best = e;
	}
	return best != NULL ? best->name : NULL;
}
