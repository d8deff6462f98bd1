/* SPDX-License-Identifier: BSD-3-Clause */

/* What a resolver goes by; see the header. */

#include "resolver/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/time.h"

#include "resolver/file.h"

enum {
	NDOTS_DEFAULT = 1,
	TRIES_DEFAULT = 3,
	TRIES_MAX = 8,
	TIMEOUT_MAX_S = 60,
	CACHE_DEFAULT = 1 << 20,
	MAX_TTL_DEFAULT_S = 24 * 3600,
};

static const uint64_t TIMEOUT_DEFAULT_NS = 2 * NS_PER_SEC;

/* 127/8 is ours, not the kernel's: a server that listens on the kernel's loopback cannot be reached. */
static void
add_server(struct settings *s, const char *text)
{
	struct baro_endpoint ep = { .port = DNS_PORT };

	if (s->n_servers == BARO_MAX_NAMESERVERS || baro_addr_parse(text, &ep.addr) != 0 ||
		baro_addr_to_v4(&ep.addr) == 0 || baro_addr_to_v4(&ep.addr) >> 24 == 127)
		return;
	s->server[s->n_servers++] = ep;
}

static void
set_search(struct settings *s, char *line)
{
	char *word;

	s->n_search = 0; /* the last line counts */
	while (s->n_search < SEARCH_MAX && (word = file_next_word(&line)) != NULL)
		if (dns_name_parse(&s->search[s->n_search], word) == 0)
			s->n_search++;
}

/* "ndots:2" sets a number that is not set yet. */
static void
set_option(const char *word, const char *name, unsigned max, unsigned *value)
{
	size_t len = strlen(name);
	unsigned long n;

	if (*value != 0 || strncmp(word, name, len) != 0 || word[len] != ':')
		return;
	n = strtoul(word + len + 1, NULL, 10);
	*value = (unsigned)(n < max ? n : max);
}

struct open_fields {
	bool servers;
	bool search;
	unsigned timeout_s;
};

static void
take_line(struct settings *s, struct open_fields *open, char *line)
{
	char *key = file_next_word(&line);
	char *word;

	if (key == NULL)
		return;
	if (strcmp(key, "nameserver") == 0) {
		word = file_next_word(&line);
		if (open->servers && word != NULL)
			add_server(s, word);
	} else if (strcmp(key, "search") == 0 || strcmp(key, "domain") == 0) {
		if (open->search)
			set_search(s, line);
	} else if (strcmp(key, "options") == 0) {
		while ((word = file_next_word(&line)) != NULL) {
			set_option(word, "ndots", 15, &s->ndots);
			set_option(word, "attempts", TRIES_MAX, &s->tries);
			set_option(word, "timeout", TIMEOUT_MAX_S, &open->timeout_s);
		}
	}
}

void
settings_read_resolv_conf(struct settings *s, const char *text)
{
	struct open_fields open = { .servers = s->n_servers == 0, .search = s->n_search == 0 };
	char *copy = strdup(text);
	char *rest = copy;
	char *line;

	while (copy != NULL && (line = file_next_line(&rest)) != NULL)
		take_line(s, &open, line);
	free(copy);
	if (s->timeout_ns == 0)
		s->timeout_ns = open.timeout_s * NS_PER_SEC;
}

static void
take_config(struct settings *s, const struct baro_resolve_config *config)
{
	char search[sizeof(config->search)];

	for (unsigned i = 0; i < BARO_MAX_NAMESERVERS && config->nameserver[i].port != 0; i++)
		s->server[s->n_servers++] = config->nameserver[i];
	memcpy(search, config->search, sizeof(search));
	set_search(s, search);
	s->ndots = config->ndots;
	s->tries = config->tries;
	s->timeout_ns = config->timeout_ns;
	s->cache_octets = config->cache != 0 ? config->cache : CACHE_DEFAULT;
	s->max_ttl_s = (uint32_t)(config->max_ttl_ns / NS_PER_SEC);
	if (s->max_ttl_s == 0)
		s->max_ttl_s = MAX_TTL_DEFAULT_S;
}

void
settings_load(struct settings *s, const struct baro_resolve_config *config)
{
	const char *path = file_of_key(config->resolv_conf, "/etc/resolv.conf");
	char *text = path != NULL ? file_read(path) : NULL;

	memset(s, 0, sizeof(*s));
	take_config(s, config);
	if (text != NULL)
		settings_read_resolv_conf(s, text);
	free(text);
	s->ndots = s->ndots != 0 ? s->ndots : NDOTS_DEFAULT;
	s->tries = s->tries != 0 ? s->tries : TRIES_DEFAULT;
	s->timeout_ns = s->timeout_ns != 0 ? s->timeout_ns : TIMEOUT_DEFAULT_NS;
}
