/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Configuration keys whose values are lists: entries with commas between them, of words with blanks
 * between them, as iproute2 has them.
 */

#include <baro/config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "runtime/config_values.h"

enum { MAX_WORDS = 8, MAX_TEXT = 256 };

/** An entry, taken apart. */
struct words {
	char *word[MAX_WORDS];
	unsigned n;
};

/** Reads an entry into place @i of @list. @return 0, -EINVAL */
typedef int (*read_entry)(const struct words *w, uint32_t i, void *list);

/** All entries of @text into @list, which begins with their number. @return 0, -EINVAL */
static int
read_list(const char *text, read_entry read, void *list)
{
	char copy[MAX_TEXT];
	char *rest_of_list = copy;
	char *entry;
	uint32_t n = 0;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	for (; (entry = strsep(&rest_of_list, ",")) != NULL; n++) {
		struct words w = { .n = 0 };
		char *rest = NULL;
		char *word = strtok_r(entry, " \t", &rest);

		for (; word != NULL && w.n < MAX_WORDS; word = strtok_r(NULL, " \t", &rest))
			w.word[w.n++] = word;
		if (n == BARO_CONFIG_LIST)
			return -EINVAL;
		if (word != NULL || w.n == 0 || read(&w, n, list) != 0)
			return -EINVAL;
	}
	memcpy(list, &n, sizeof(n));
	return 0;
}

/** Read to a copy: of a list with a fault nothing is taken. */
static int
parse_list(const struct config_key *key, const char *text, void *base, read_entry read)
{
	void *list = calloc(1, key->len);
	int err;

	if (list == NULL)
		return -ENOMEM;
	err = read_list(text, read, list);
	if (err == 0)
		memcpy((char *)base + key->offset, list, key->len);
	free(list);
	return err;
}

static int
read_number(const char *text, uint64_t max, uint64_t *number)
{
	static const struct value_unit units[] = { { "", 1 }, { NULL, 0 } };

	return value_scale(text, units, number) == 0 && *number <= max ? 0 : -EINVAL;
}

static int
read_iface(const char *text, char iface[BARO_IFACE_NAMELEN])
{
	if (strlen(text) >= BARO_IFACE_NAMELEN)
		return -EINVAL;
	strcpy(iface, text);
	return 0;
}

/* "198.18.0.3/24" */
static int
read_address(const struct words *w, uint32_t i, void *list)
{
	struct baro_addr_list *l = list;

	if (w->n != 1)
		return -EINVAL;
	return value_read_prefix(w->word[0], &l->item[i].addr, &l->item[i].prefix_len);
}

/* "100 198.19.0.2/24 via 198.19.0.254 mtu 1400" */
static int
read_vlan(const struct words *w, uint32_t i, void *list)
{
	struct baro_vlan_opts *v = &((struct baro_vlan_list *)list)->item[i];
	uint64_t number;

	if (w->n < 2 || w->n % 2 != 0 || read_number(w->word[0], 4094, &number) != 0 ||
		value_read_prefix(w->word[1], &v->address, &v->prefix_len) != 0)
		return -EINVAL;
	v->vlan = (uint16_t)number;
	for (unsigned k = 2; k < w->n; k += 2) {
		const char *value = w->word[k + 1];

		if (strcmp(w->word[k], "via") == 0 && baro_addr_parse(value, &v->gateway) == 0)
			continue;
		if (strcmp(w->word[k], "mtu") != 0 || read_number(value, 9000, &number) != 0)
			return -EINVAL;
		v->mtu = (uint16_t)number;
	}
	return 0;
}

/* "10.0.0.0/8 via 198.18.0.254 dev port0 metric 10", "default via 198.18.0.254" */
static int
read_route(const struct words *w, uint32_t i, void *list)
{
	struct baro_route *r = &((struct baro_route_list *)list)->item[i];
	uint64_t number;

	if (w->n < 3 || w->n % 2 == 0)
		return -EINVAL;
	if (strcmp(w->word[0], "default") != 0 &&
		value_read_prefix(w->word[0], &r->dest, &r->prefix_len) != 0)
		return -EINVAL;
	for (unsigned k = 1; k < w->n; k += 2) {
		const char *value = w->word[k + 1];

		if (strcmp(w->word[k], "via") == 0 && baro_addr_parse(value, &r->gateway) == 0)
			continue;
		if (strcmp(w->word[k], "dev") == 0 && read_iface(value, r->iface) == 0)
			continue;
		if (strcmp(w->word[k], "metric") != 0 ||
			read_number(value, UINT32_MAX, &number) != 0)
			return -EINVAL;
		r->metric = (uint32_t)number;
	}
	return 0;
}

/* "198.18.0.9 02:00:00:00:00:09 dev port0" */
static int
read_neighbour(const struct words *w, uint32_t i, void *list)
{
	struct baro_neigh_list *l = list;

	if (w->n != 2 && w->n != 4)
		return -EINVAL;
	if (baro_addr_parse(w->word[0], &l->item[i].addr) != 0 ||
		value_read_mac(w->word[1], l->item[i].mac) != 0)
		return -EINVAL;
	if (w->n == 2)
		return 0;
	return strcmp(w->word[2], "dev") == 0 ? read_iface(w->word[3], l->item[i].iface) : -EINVAL;
}

static int
parse_addresses(const struct config_key *key, const char *text, void *base)
{
	return parse_list(key, text, base, read_address);
}

static int
parse_vlans(const struct config_key *key, const char *text, void *base)
{
	return parse_list(key, text, base, read_vlan);
}

static int
parse_routes(const struct config_key *key, const char *text, void *base)
{
	return parse_list(key, text, base, read_route);
}

static int
parse_neighbours(const struct config_key *key, const char *text, void *base)
{
	return parse_list(key, text, base, read_neighbour);
}

const struct config_type value_addresses = {
	.placeholder = "LIST",
	.expects = "a list of up to 15 such as 198.18.0.3/24, 198.19.0.2/16",
	.parse = parse_addresses,
};

const struct config_type value_vlans = {
	.placeholder = "LIST",
	.expects = "a list of up to 15 such as 100 198.19.0.2/24 via 198.19.0.254 mtu 1400, 200 "
		   "10.0.0.2/8",
	.parse = parse_vlans,
};

const struct config_type value_routes = {
	.placeholder = "LIST",
	.expects = "a list of up to 15 such as default via 198.18.0.254, 10.0.0.0/8 via 198.18.0.1 "
		   "dev port0 metric 10",
	.parse = parse_routes,
};

const struct config_type value_neighbours = {
	.placeholder = "LIST",
	.expects = "a list of up to 15 such as 198.18.0.9 02:00:00:00:00:09 dev port0",
	.parse = parse_neighbours,
};
