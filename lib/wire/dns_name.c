/* SPDX-License-Identifier: BSD-3-Clause */

/* Names of the DNS: to and from text, compared, joined. RFC 1034 §3.1, 1035 §5.1. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/dns.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One octet of a label; @text moves behind it. @return -1: an escape that is none */
static int
read_octet(const char **text)
{
	const char *p = *text;
	int octet;

	if (*p != '\\') {
		*text = p + 1;
		return (unsigned char)*p;
	}
	p++;
	if (!is_digit(*p)) {
		*text = p + (*p != '\0');
		return *p != '\0' ? (unsigned char)*p : -1;
	}
	if (!is_digit(p[1]) || !is_digit(p[2]))
		return -1;
	octet = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	*text = p + 3;
	return octet <= UINT8_MAX ? octet : -1;
}

/* A label at octets[at], and its length in front. @return octets used; 0: it cannot be */
static unsigned
read_label(struct dns_name *name, unsigned at, const char **text)
{
	unsigned len = 0;

	while (**text != '\0' && **text != '.') {
		int octet = read_octet(text);

		/* the root's octet needs room, too */
		if (octet < 0 || len == DNS_LABEL_MAX || at + len + 2 >= DNS_NAME_MAX)
			return 0;
		name->octets[at + 1 + len++] = (uint8_t)octet;
	}
	name->octets[at] = (uint8_t)len;
	return len != 0 ? len + 1 : 0;
}

int
dns_name_parse(struct dns_name *name, const char *text)
{
	unsigned used = 0;

	if (strcmp(text, ".") == 0)
		text = "";
	else if (*text == '\0')
		return -EINVAL;
	while (*text != '\0') {
		unsigned n = read_label(name, used, &text);

		if (n == 0)
			return -EINVAL;
		used += n;
		if (*text == '.')
			text++;
	}
	name->octets[used] = 0;
	name->len = (uint8_t)(used + 1);
	return 0;
}

static char *
write_octet(char *p, uint8_t octet)
{
	if (octet <= ' ' || octet > '~')
		return p + snprintf(p, 5, "\\%03u", octet);
	if (strchr(".\\\"();@$", octet) != NULL)
		*p++ = '\\';
	*p++ = (char)octet;
	return p;
}

char *
dns_name_format(const struct dns_name *name, char buf[BARO_NAME_STRLEN])
{
	const uint8_t *label = name->octets;
	char *p = buf;

	if (*label == 0)
		*p++ = '.';
	for (; *label != 0; label += 1 + *label) {
		if (p != buf)
			*p++ = '.';
		for (unsigned i = 1; i <= *label; i++)
			p = write_octet(p, label[i]);
	}
	*p = '\0';
	return buf;
}

/* Lengths are below 'A': names can be compared octet by octet. */
static uint8_t
lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

bool
dns_name_is_equal(const struct dns_name *a, const struct dns_name *b)
{
	if (a->len != b->len)
		return false;
	for (unsigned i = 0; i < a->len; i++)
		if (lower(a->octets[i]) != lower(b->octets[i]))
			return false;
	return true;
}

void
dns_name_lower(struct dns_name *name)
{
	for (unsigned i = 0; i < name->len; i++)
		name->octets[i] = lower(name->octets[i]);
}

unsigned
dns_name_labels(const struct dns_name *name)
{
	unsigned n = 1;

	for (const uint8_t *label = name->octets; *label != 0; label += 1 + *label)
		n++;
	return n;
}

int
dns_name_join(struct dns_name *name, const struct dns_name *domain)
{
	unsigned at = name->len - 1u;

	if (at + domain->len > DNS_NAME_MAX)
		return -EINVAL;
	memcpy(name->octets + at, domain->octets, domain->len);
	name->len = (uint8_t)(at + domain->len);
	return 0;
}
