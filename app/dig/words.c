/* SPDX-License-Identifier: BSD-3-Clause */

/* The words of dig's command line: @server name type +short -x address. */

#include <string.h>

#include "dig.h"

static const char *
set_server(struct dig *d, const char *text)
{
	struct baro_endpoint *ep = &d->opts.server;

	ep->port = 53;
	if (baro_addr_parse(text, &ep->addr) == 0 ||
		(baro_endpoint_parse(text, ep) == 0 && ep->port != 0))
		return NULL;
	return "not a server; write for example @198.18.0.1 or @198.18.0.1:5353";
}

static const char *
set_flag(struct dig *d, const char *flag)
{
	if (strcmp(flag, "short") == 0)
		d->is_short = true;
	else if (strcmp(flag, "tcp") == 0 || strcmp(flag, "vc") == 0)
		d->opts.uses_tcp = true;
	else if (strcmp(flag, "search") == 0)
		d->opts.searches = true;
	else
		return "not known; there are +short, +tcp and +search";
	return NULL;
}

static const char *
set_name(struct dig *d, const char *name)
{
	if (d->has_name)
		return "neither a type nor the only name";
	if (strlen(name) >= sizeof(d->name))
		return "too long for a name";
	strcpy(d->name, name);
	d->has_name = true;
	return NULL;
}

const char *
dig_take_word(const char *word, void *user)
{
	struct dig *d = user;
	uint16_t type;

	if (word[0] == '@')
		return set_server(d, word + 1);
	if (word[0] == '+')
		return set_flag(d, word + 1);
	if (d->type == 0 && baro_dns_type_parse(word, &type) == 0) {
		d->type = type;
		return NULL;
	}
	return set_name(d, word);
}

static const char *
set_reverse(const char *value, void *user)
{
	struct dig *d = user;
	struct baro_addr addr;
	char name[BARO_NAME_STRLEN];

	if (baro_addr_parse(value, &addr) != 0)
		return "not an address";
	d->type = BARO_DNS_PTR;
	return set_name(d, baro_reverse_name(&addr, name));
}

const struct baro_app_option dig_options[] = {
	{ "x", "ADDRESS", "ask for the name of an address", set_reverse },
	{ "", "[@SERVER[:PORT]] NAME [TYPE] [+short] [+tcp] [+search]",
		"types: A AAAA CNAME MX NS PTR SOA SRV TXT ANY TYPEnn; exit status 0: an answer, "
		"be it "
		"NXDOMAIN, 9: none, 10: it could not be asked",
		dig_take_word },
	{ NULL, NULL, NULL, NULL },
};
