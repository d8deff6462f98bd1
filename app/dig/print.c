/* SPDX-License-Identifier: BSD-3-Clause */

/* Answers as dig(1) prints them. */

#include <inttypes.h>
#include <string.h>

#include "dig.h"

static const char *
rcode_name(uint8_t rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
		"REFUSED" };

	return rcode < sizeof(names) / sizeof(names[0]) ? names[rcode] : "RESERVED";
}

static const char *
type_name(uint16_t type)
{
	static char buf[16];

	return baro_dns_type_name(type, buf);
}

/* A name with the dot at its end. */
static const char *
dotted(const char *name)
{
	static char text[BARO_NAME_STRLEN + 1];
	size_t len = strlen(name);

	snprintf(text, sizeof(text), "%s%s", name, len != 0 && name[len - 1] == '.' ? "" : ".");
	return text;
}

static void
print_head(const struct dig *d, const struct baro_answer *a, FILE *out)
{
	fprintf(out, ";; ->>HEADER<<- opcode: QUERY, status: %s, id: %u\n", rcode_name(a->rcode),
		a->id);
	fprintf(out, ";; flags: qr%s rd%s; QUERY: 1, ANSWER: %u, AUTHORITY: %u, ADDITIONAL: %u\n",
		a->is_authoritative ? " aa" : "", a->has_recursion ? " ra" : "",
		a->n_records[BARO_DNS_ANSWER], a->n_records[BARO_DNS_AUTHORITY],
		a->n_records[BARO_DNS_ADDITIONAL]);
	fprintf(out, "\n;; QUESTION SECTION:\n;%-30s IN\t%s\n", dotted(d->name),
		type_name(d->type));
}

static void
print_records(struct baro_answer *a, FILE *out)
{
	static const char *const sections[] = { "ANSWER", "AUTHORITY", "ADDITIONAL" };
	static char text[4 * UINT16_MAX + 1]; /* any octet of a TXT may need "\255" */
	static struct baro_record r;
	int section = -1;

	while (baro_answer_next_of_all(a, &r)) {
		if ((int)r.section != section)
			fprintf(out, "\n;; %s SECTION:\n", sections[r.section]);
		section = (int)r.section;
		fprintf(out, "%-23s %" PRIu32 "\tIN\t%s\t%s\n", dotted(r.name), r.ttl_s,
			type_name(r.type), baro_record_format(&r, text, sizeof(text)));
	}
}

static void
print_tail(const struct baro_answer *a, FILE *out)
{
	char addr[BARO_ADDR_STRLEN];

	fprintf(out, "\n;; Query time: %" PRIu64 " msec\n", (a->took_ns + 500000) / 1000000);
	fprintf(out, ";; SERVER: %s#%u (%s)\n", baro_addr_format(&a->server.addr, addr),
		a->server.port, a->was_tcp ? "TCP" : "UDP");
	fprintf(out, ";; MSG SIZE  rcvd: %u\n", a->len);
}

static void
print_short(struct baro_answer *a, FILE *out)
{
	static char text[4 * UINT16_MAX + 1];
	static struct baro_record r;

	while (baro_answer_next_of_all(a, &r))
		if (r.section == BARO_DNS_ANSWER)
			fprintf(out, "%s\n", baro_record_format(&r, text, sizeof(text)));
}

void
dig_print(const struct dig *d, struct baro_answer *answer, FILE *out)
{
	if (d->is_short) {
		print_short(answer, out);
		return;
	}
	print_head(d, answer, out);
	print_records(answer, out);
	print_tail(answer, out);
}
