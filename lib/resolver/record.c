/* SPDX-License-Identifier: BSD-3-Clause */

/* Records and their types as text: RFC 1035 §5.1, 3597 §5. */

#include <baro/resolve.h>

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	uint16_t type;
} types[] = {
	{ "A", BARO_DNS_A },
	{ "NS", BARO_DNS_NS },
	{ "CNAME", BARO_DNS_CNAME },
	{ "SOA", BARO_DNS_SOA },
	{ "PTR", BARO_DNS_PTR },
	{ "MX", BARO_DNS_MX },
	{ "TXT", BARO_DNS_TXT },
	{ "AAAA", BARO_DNS_AAAA },
	{ "SRV", BARO_DNS_SRV },
	{ "OPT", BARO_DNS_OPT },
	{ "ANY", BARO_DNS_ANY },
	{ NULL, 0 },
};

const char *
baro_dns_type_name(uint16_t type, char buf[16])
{
	for (unsigned i = 0; types[i].name != NULL; i++)
		if (types[i].type == type)
			return types[i].name;
	snprintf(buf, 16, "TYPE%u", type);
	return buf;
}

int
baro_dns_type_parse(const char *text, uint16_t *type)
{
	unsigned long n;
	char *end;

	for (unsigned i = 0; types[i].name != NULL; i++)
		if (strcasecmp(types[i].name, text) == 0) {
			*type = types[i].type;
			return 0;
		}
	if (strncasecmp(text, "TYPE", 4) != 0 || !isdigit((unsigned char)text[4]))
		return -EINVAL;
	n = strtoul(text + 4, &end, 10);
	if (*end != '\0' || n == 0 || n > UINT16_MAX)
		return -EINVAL;
	*type = (uint16_t)n;
	return 0;
}

/* Text that is cut where the buffer ends. */
struct text {
	char *p;
	size_t left;
};

__attribute__((format(printf, 2, 3))) static void
add(struct text *t, const char *form, ...)
{
	va_list args;
	int n;

	va_start(args, form);
	n = vsnprintf(t->p, t->left, form, args);
	va_end(args);
	if (n < 0 || (size_t)n >= t->left)
		n = t->left != 0 ? (int)t->left - 1 : 0;
	t->p += n;
	t->left -= (size_t)n;
}

/* A name as a zone file has it, with its dot. */
static void
add_name(struct text *t, const char *name)
{
	add(t, "%s%s", name, strcmp(name, ".") == 0 ? "" : ".");
}

/* RFC 1035 §3.3.14: strings, each behind its length. */
static void
add_strings(struct text *t, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	while (p < end) {
		const uint8_t *stop = p + 1 + *p < end ? p + 1 + *p : end;

		add(t, "%s\"", p + len == end ? "" : " ");
		for (p++; p < stop; p++)
			if (*p == '"' || *p == '\\')
				add(t, "\\%c", *p);
			else
				add(t, *p >= ' ' && *p <= '~' ? "%c" : "\\%03u", *p);
		add(t, "\"");
	}
}

/* RFC 3597 §5: what we do not know. */
static void
add_octets(struct text *t, const uint8_t *p, size_t len)
{
	add(t, "\\# %zu%s", len, len != 0 ? " " : "");
	for (size_t i = 0; i < len; i++)
		add(t, "%02X", p[i]);
}

char *
baro_record_format(const struct baro_record *r, char *buf, size_t len)
{
	struct text t = { .p = buf, .left = len };
	char addr[BARO_ADDR_STRLEN];

	if (len != 0)
		buf[0] = '\0';
	switch (r->type) {
	case BARO_DNS_A:
	case BARO_DNS_AAAA:
		add(&t, "%s", baro_addr_format(&r->addr, addr));
		break;
	case BARO_DNS_CNAME:
	case BARO_DNS_NS:
	case BARO_DNS_PTR:
		add_name(&t, r->target);
		break;
	case BARO_DNS_MX:
		add(&t, "%u ", r->priority);
		add_name(&t, r->target);
		break;
	case BARO_DNS_SRV:
		add(&t, "%u %u %u ", r->priority, r->weight, r->port);
		add_name(&t, r->target);
		break;
	case BARO_DNS_SOA:
		add_name(&t, r->target);
		add(&t, " ");
		add_name(&t, r->mailbox);
		for (unsigned i = 0; i < 5; i++)
			add(&t, " %u", r->soa[i]);
		break;
	case BARO_DNS_TXT:
		add_strings(&t, r->data, r->len);
		break;
	default:
		add_octets(&t, r->data, r->len);
		break;
	}
	return buf;
}
