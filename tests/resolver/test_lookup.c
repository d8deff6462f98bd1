/* SPDX-License-Identifier: BSD-3-Clause */

/* Lookups as applications see them: search list, hosts, cache, CNAMEs, kinds of records. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "kit/dns_lab.h"
#include "wire/bytes.h"

enum {
	WWW = 0xc6120107, /* 198.18.1.7 */
	EVIL = 0xc6126666,
};

static struct dns_lab lab;

/* A small zone. */
static void
zone(struct dns_lab *l, const struct dns_seen *q)
{
	struct dns_said *m = &l->say;
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };

	dns_say(m, q, DNS_NOERROR);
	if (strcmp(q->name, "www.example.lab") == 0 && q->type == BARO_DNS_A) {
		dns_say_a(m, q->name, 300, WWW);
		dns_say_a(m, q->name, 200, WWW + 1);
	} else if (strcmp(q->name, "www.example.lab") == 0 && q->type == BARO_DNS_AAAA) {
		dns_say_record(m, BARO_DNS_ANSWER, q->name, BARO_DNS_AAAA, 100, v6, sizeof(v6));
	} else if (strcmp(q->name, "www.example.lab") == 0) {
		dns_say_soa(m, "example.lab", 600, 60);
	} else if (strcmp(q->name, "alias.lab") == 0) {
		dns_say_name(m, q->name, BARO_DNS_CNAME, 500, "Www.Example.lab");
		dns_say_name(m, "www.example.lab", BARO_DNS_CNAME, 400, "deep.lab");
		dns_say_a(m, "deep.lab", 450, WWW);
	} else if (strcmp(q->name, "7.1.18.198.in-addr.arpa") == 0) {
		dns_say_name(m, q->name, BARO_DNS_PTR, 300, "www.example.lab");
	} else if (strcmp(q->name, "once.lab") == 0) {
		dns_say_a(m, q->name, 0, WWW);
	} else if (strcmp(q->name, "top.lab") == 0) {
		dns_say_a(m, q->name, 0x80000001, WWW);
	} else if (strcmp(q->name, "fails.lab") == 0) {
		dns_say(m, q, DNS_SERVFAIL);
	} else if (strcmp(q->name, "refuses.lab") == 0) {
		dns_say(m, q, DNS_REFUSED);
	} else if (strcmp(q->name, "nosoa.lab") == 0) {
		dns_say(m, q, DNS_NXDOMAIN);
	} else {
		dns_say(m, q, DNS_NXDOMAIN);
		dns_say_soa(m, "lab", 600, 60);
	}
	dns_send(q, m);
}

static void
open_lab(const char *key, const char *value)
{
	struct baro_config config = {
		.core.seed = 1,
		.resolve.nameserver = { { baro_addr_from_v4(0xc6120001), DNS_PORT } },
	};

	if (key != NULL)
		cr_assert_eq(baro_config_set(&config, key, value, NULL, NULL), 0);
	dns_lab_open_with(&lab, &config, zone);
}

Test(lookup, addresses_of_a_name)
{
	open_lab(NULL, NULL);
	cr_assert_eq(dns_lab_ask(&lab, "www.example.lab"), 0);
	cr_expect_str_eq(lab.name, "www.example.lab");
	cr_expect_eq(lab.host.n_addrs, 2);
	cr_expect_eq(baro_addr_to_v4(&lab.host.addr[0]), WWW);
	cr_expect_eq(baro_addr_to_v4(&lab.host.addr[1]), WWW + 1);
	cr_expect_eq(lab.host.ttl_s, 200, "the least");
	cr_expect_eq(lab.host.source, BARO_SOURCE_SERVER);
	cr_expect_eq(baro_addr_to_v4(&lab.host.server.addr), 0xc6120001);
	cr_expect_eq(lab.host.server.port, 53);
	dns_lab_close(&lab);
}

Test(lookup, ipv6_comes_behind_ipv4)
{
	const struct baro_resolve_opts opts = { .wants_v6 = true };
	char text[BARO_ADDR_STRLEN];

	open_lab(NULL, NULL);
	cr_assert_eq(
		baro_getaddrinfo(lab.core, "www.example.lab", &opts, dns_lab_host, &lab, NULL), 0);
	dns_lab_await(&lab);
	cr_expect_eq(lab.n_seen, 2);
	cr_assert_eq(lab.host.n_addrs, 3);
	cr_expect_eq(baro_addr_to_v4(&lab.host.addr[0]), WWW);
	cr_expect_str_eq(baro_addr_format(&lab.host.addr[2], text), "2001:db8::7");
	cr_expect_eq(lab.host.ttl_s, 100);
	/* one of both is enough */
	cr_assert_eq(baro_getaddrinfo(lab.core, "deep.lab", &opts, dns_lab_host, &lab, NULL), 0);
	dns_lab_await(&lab);
	cr_expect_eq(lab.err, -ENOENT);
	dns_lab_close(&lab);
}

Test(lookup, what_is_an_address_already_is_not_asked_for)
{
	open_lab(NULL, NULL);
	cr_assert_eq(dns_lab_ask(&lab, "198.18.1.9"), 0);
	cr_expect_eq(baro_addr_to_v4(&lab.host.addr[0]), 0xc6120109);
	cr_expect_eq(lab.host.source, BARO_SOURCE_TEXT);
	cr_expect_eq(lab.n_seen, 0);
	dns_lab_close(&lab);
}

/* Q06: two names on, the last one's records count */
Test(lookup, cnames_are_followed)
{
	open_lab(NULL, NULL);
	cr_assert_eq(dns_lab_ask(&lab, "alias.lab"), 0);
	cr_expect_str_eq(lab.name, "deep.lab");
	cr_expect_eq(lab.host.n_addrs, 1);
	cr_expect_eq(lab.host.ttl_s, 400, "the least of the chain");
	dns_lab_close(&lab);
}

static void
ring(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	dns_say_name(&l->say, "a.lab", BARO_DNS_CNAME, 300, "b.lab");
	dns_say_name(&l->say, "b.lab", BARO_DNS_CNAME, 300, "a.lab");
	dns_send(q, &l->say);
}

static unsigned chain_len;

static void
chain(struct dns_lab *l, const struct dns_seen *q)
{
	char from[16], to[16] = "a.lab";

	dns_say(&l->say, q, DNS_NOERROR);
	for (unsigned i = 0; i < chain_len; i++) {
		strcpy(from, to);
		snprintf(to, sizeof(to), "n%u.lab", i);
		dns_say_name(&l->say, from, BARO_DNS_CNAME, 300, to);
	}
	dns_say_a(&l->say, to, 300, WWW);
	dns_send(q, &l->say);
}

/* Q06 */
Test(lookup, rings_and_long_chains_of_cnames_are_errors)
{
	dns_lab_open(&lab, ring);
	cr_expect_eq(dns_lab_ask(&lab, "a.lab"), -EPROTO);
	dns_lab_close(&lab);
	for (chain_len = 16; chain_len <= 17; chain_len++) {
		dns_lab_open(&lab, chain);
		cr_expect_eq(dns_lab_ask(&lab, "a.lab"), chain_len <= 16 ? 0 : -EPROTO);
		dns_lab_close(&lab);
	}
}

/* Records that nobody asked for, in all sections. */
static void
poison(struct dns_lab *l, const struct dns_seen *q)
{
	const uint8_t evil[4] = { 0xc6, 0x12, 0x66, 0x66 };

	dns_say(&l->say, q, DNS_NOERROR);
	if (strcmp(q->name, "bank.lab") == 0) {
		dns_say_a(&l->say, q->name, 300, WWW);
		dns_send(q, &l->say);
		return;
	}
	dns_say_a(&l->say, "bank.lab", 300, EVIL);
	dns_say_a(&l->say, q->name, 300, WWW);
	dns_say_name(&l->say, "bank.lab", BARO_DNS_CNAME, 300, "evil.lab");
	dns_say_record(&l->say, BARO_DNS_AUTHORITY, "lab", BARO_DNS_NS, 300, "\4evil\3lab", 10);
	dns_say_record(&l->say, BARO_DNS_ADDITIONAL, q->name, BARO_DNS_A, 300, evil, 4);
	dns_say_record(&l->say, BARO_DNS_ADDITIONAL, "bank.lab", BARO_DNS_A, 300, evil, 4);
	dns_send(q, &l->say);
}

/* Q08: only the name asked for has records, only in the answer section; nothing else is kept */
Test(lookup, what_was_not_asked_for_is_not_believed)
{
	dns_lab_open(&lab, poison);
	cr_assert_eq(dns_lab_ask(&lab, "www.lab"), 0);
	cr_expect_eq(lab.host.n_addrs, 1);
	cr_expect_eq(baro_addr_to_v4(&lab.host.addr[0]), WWW);
	cr_assert_eq(dns_lab_ask_for(&lab, "www.lab", BARO_DNS_A), 0);
	cr_expect_eq(lab.n_records, 1);
	cr_assert_eq(dns_lab_ask(&lab, "bank.lab"), 0);
	cr_expect_eq(baro_addr_to_v4(&lab.host.addr[0]), WWW, "not from the cache");
	cr_expect_eq(lab.n_seen, 2);
	dns_lab_close(&lab);
}

/* Q08: an SOA of somebody else's zone does not say how long there is nothing here */
static void
foreign_soa(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NXDOMAIN);
	dns_say_soa(&l->say, "other.lab", 600, 600);
	dns_send(q, &l->say);
}

/* Q08 */
Test(lookup, a_foreign_soa_does_not_count)
{
	dns_lab_open(&lab, foreign_soa);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), -ENOENT);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), -ENOENT);
	cr_expect_eq(lab.n_seen, 2, "it is not kept");
	dns_lab_close(&lab);
}

/* Q09 */
Test(lookup, ttls_are_obeyed)
{
	open_lab(NULL, NULL);
	cr_expect_eq(dns_lab_ask(&lab, "www.example.lab"), 0);
	dns_lab_run_ms(&lab, 150 * 1000);
	cr_expect_eq(dns_lab_ask(&lab, "www.example.lab"), 0);
	cr_expect_eq(lab.n_seen, 1);
	cr_expect_eq(lab.host.source, BARO_SOURCE_CACHE);
	cr_expect_eq(lab.host.ttl_s, 50, "what is left of 200 s: %u", lab.host.ttl_s);
	dns_lab_run_ms(&lab, 50 * 1000);
	cr_expect_eq(dns_lab_ask(&lab, "www.example.lab"), 0);
	cr_expect_eq(lab.n_seen, 2);
	for (unsigned i = 0; i < 2; i++) {
		cr_expect_eq(dns_lab_ask(&lab, "once.lab"), 0);
		cr_expect_eq(dns_lab_ask(&lab, "top.lab"), 0);
	}
	cr_expect_eq(lab.n_seen, 6, "a TTL of 0, or with the top bit: not kept");
	dns_lab_close(&lab);
}

/* Q09: the configuration's limit */
Test(lookup, max_ttl)
{
	open_lab("resolve.max_ttl", "10s");
	cr_expect_eq(dns_lab_ask(&lab, "www.example.lab"), 0);
	dns_lab_run_ms(&lab, 11 * 1000);
	cr_expect_eq(dns_lab_ask(&lab, "www.example.lab"), 0);
	cr_expect_eq(lab.n_seen, 2);
	dns_lab_close(&lab);
}

/* Q09 */
Test(lookup, no_such_name_is_not_no_such_record_is_not_a_failure)
{
	open_lab(NULL, NULL);
	cr_expect_eq(dns_lab_ask(&lab, "nothing.lab"), -ENOENT);
	cr_expect_eq(dns_lab_ask_for(&lab, "www.example.lab", BARO_DNS_TXT), -ENODATA);
	cr_expect_eq(dns_lab_ask(&lab, "fails.lab"), -EREMOTEIO);
	cr_expect_eq(dns_lab_ask(&lab, "refuses.lab"), -EACCES);
	cr_expect_eq(lab.n_seen, 4);
	/* RFC 2308 §5: a name that is not there has no records of any type */
	cr_expect_eq(dns_lab_ask_for(&lab, "nothing.lab", BARO_DNS_TXT), -ENOENT);
	cr_expect_eq(dns_lab_ask_for(&lab, "www.example.lab", BARO_DNS_TXT), -ENODATA);
	cr_expect_eq(lab.n_seen, 4);
	cr_expect_eq(dns_lab_ask(&lab, "fails.lab"), -EREMOTEIO);
	cr_expect_eq(lab.n_seen, 5, "failures are not kept");
	/* the SOA's minimum, not its TTL */
	dns_lab_run_ms(&lab, 61 * 1000);
	cr_expect_eq(dns_lab_ask(&lab, "nothing.lab"), -ENOENT);
	cr_expect_eq(lab.n_seen, 6);
	for (unsigned i = 0; i < 2; i++)
		cr_expect_eq(dns_lab_ask(&lab, "nosoa.lab"), -ENOENT);
	cr_expect_eq(lab.n_seen, 8, "without an SOA nobody knows how long");
	dns_lab_close(&lab);
}

/* Short names: which are tried, in which order. */
static const struct {
	const char *name;
	const char *ndots;
	const char *tried[4];
	int err;
} searches[] = {
	{ "www", "1", { "www.none.lab", "www.example.lab" }, 0 },
	{ "www.", "1", { "www" }, -ENOENT },
	{ "www.example", "1", { "www.example", "www.example.none.lab", "www.example.example.lab" },
		-ENOENT },
	{ "a.b", "2", { "a.b.none.lab", "a.b.example.lab", "a.b" }, -ENOENT },
	{ "www.example.lab", "1", { "www.example.lab" }, 0 },
};

Test(lookup, short_names_are_searched_for)
{
	struct baro_config config = {
		.core.seed = 1,
		.resolve = {
			.nameserver = { { baro_addr_from_v4(0xc6120001), DNS_PORT } },
			.search = "none.lab example.lab",
		},
	};

	for (unsigned i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
		unsigned n = 0;

		config.resolve.ndots = (uint32_t)atoi(searches[i].ndots);
		dns_lab_open_with(&lab, &config, zone);
		cr_expect_eq(dns_lab_ask(&lab, searches[i].name), searches[i].err, "row %u", i);
		for (; n < 4 && searches[i].tried[n] != NULL; n++)
			cr_expect_str_eq(lab.seen[n].name, searches[i].tried[n], "row %u", i);
		cr_expect_eq(lab.n_seen, n, "row %u: %u", i, lab.n_seen);
		dns_lab_close(&lab);
	}
}

Test(lookup, without_search_a_name_stands_as_it_is)
{
	const struct baro_resolve_opts as_it_is = { .no_search = true };
	const struct baro_resolve_opts searching = { .searches = true };

	open_lab("resolve.search", "example.lab");
	cr_assert_eq(baro_getaddrinfo(lab.core, "www", &as_it_is, dns_lab_host, &lab, NULL), 0);
	dns_lab_await(&lab);
	cr_expect_eq(lab.err, -ENOENT);
	cr_expect_eq(dns_lab_ask_for(&lab, "www", BARO_DNS_A), -ENOENT);
	cr_assert_eq(
		baro_resolve(lab.core, "www", BARO_DNS_A, &searching, dns_lab_records, &lab, NULL),
		0);
	dns_lab_await(&lab);
	cr_expect_eq(lab.err, 0);
	cr_expect_eq(lab.n_records, 2);
	dns_lab_close(&lab);
}

/* Q07: nothing is sent */
Test(lookup, names_too_long_are_refused)
{
	char name[300];

	memset(name, 'x', 64);
	strcpy(name + 64, ".lab");
	open_lab(NULL, NULL);
	cr_expect_eq(dns_lab_ask(&lab, name), -EINVAL);
	cr_expect_eq(dns_lab_ask(&lab, ""), -EINVAL);
	cr_expect_eq(dns_lab_ask(&lab, "a..lab"), -EINVAL);
	for (unsigned i = 0; i < 5; i++) {
		memset(name + 60 * i, 'x', 59);
		name[60 * i + 59] = '.';
	}
	name[299] = '\0';
	cr_expect_eq(dns_lab_ask(&lab, name), -EINVAL);
	cr_expect_eq(lab.n_seen, 0);
	dns_lab_close(&lab);
}

Test(lookup, names_of_addresses)
{
	struct baro_addr www = baro_addr_from_v4(WWW);

	open_lab(NULL, NULL);
	cr_assert_eq(baro_getnameinfo(lab.core, &www, NULL, dns_lab_host, &lab, NULL), 0);
	dns_lab_await(&lab);
	cr_assert_eq(lab.err, 0);
	cr_expect_str_eq(lab.name, "www.example.lab");
	cr_expect_eq(baro_addr_to_v4(&lab.host.addr[0]), WWW);
	cr_expect_str_eq(lab.seen[0].name, "7.1.18.198.in-addr.arpa");
	www = baro_addr_from_v4(WWW + 9);
	cr_assert_eq(baro_getnameinfo(lab.core, &www, NULL, dns_lab_host, &lab, NULL), 0);
	dns_lab_await(&lab);
	cr_expect_eq(lab.err, -ENOENT);
	dns_lab_close(&lab);
}

Test(lookup, reverse_names)
{
	char name[BARO_NAME_STRLEN];
	struct baro_addr v6 = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x17 } };
	struct baro_addr v4 = baro_addr_from_v4(WWW);

	cr_expect_str_eq(baro_reverse_name(&v4, name), "7.1.18.198.in-addr.arpa");
	cr_expect_str_eq(baro_reverse_name(&v6, name),
		"7.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

/* All kinds of records, of one name. */
static void
every_kind(struct dns_lab *l, const struct dns_seen *q)
{
	static const uint8_t srv[] = "\0\12\0\5\0\120\3www\3lab";
	static const uint8_t mx[] = "\0\24\4mail\3lab";
	static const uint8_t txt[] = "\5hello\7\"wor\\d\1";
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };
	static const uint8_t other[] = { 1, 2, 0xfe };
	struct dns_said *m = &l->say;

	dns_say(m, q, DNS_NOERROR);
	dns_say_a(m, q->name, 1, WWW);
	dns_say_record(m, BARO_DNS_ANSWER, q->name, BARO_DNS_AAAA, 2, v6, 16);
	dns_say_record(m, BARO_DNS_ANSWER, q->name, BARO_DNS_SRV, 3, srv, 15);
	dns_say_record(m, BARO_DNS_ANSWER, q->name, BARO_DNS_MX, 4, mx, 12);
	dns_say_record(m, BARO_DNS_ANSWER, q->name, BARO_DNS_TXT, 5, txt, 14);
	dns_say_name(m, q->name, BARO_DNS_NS, 6, "ns.lab");
	dns_say_record(m, BARO_DNS_ANSWER, q->name, 65, 7, other, 3);
	dns_send(q, m);
}

Test(lookup, records_of_every_kind)
{
	static const char *const text[] = {
		"198.18.1.7",
		"2001:db8::7",
		"10 5 80 www.lab.",
		"20 mail.lab.",
		"\"hello\" \"\\\"wor\\\\d\\001\"",
		"ns.lab.",
		"\\# 3 0102FE",
	};
	char buf[256];

	dns_lab_open(&lab, every_kind);
	cr_assert_eq(dns_lab_ask_for(&lab, "any.lab", BARO_DNS_ANY), 0);
	cr_assert_eq(lab.n_records, 7);
	cr_expect_eq(lab.record[2].port, 80);
	cr_expect_str_eq(lab.record[2].target, "www.lab");
	for (unsigned i = 0; i < 7; i++) {
		cr_expect_eq(lab.record[i].ttl_s, i + 1);
		if (i != 4 && i != 6) /* their octets are gone with the message */
			cr_expect_str_eq(
				baro_record_format(&lab.record[i], buf, sizeof(buf)), text[i]);
	}
	dns_lab_close(&lab);
}

static char lines[8][256];
static unsigned n_lines;

static void
format_all(int err, struct baro_answer *answer, void *user)
{
	struct baro_record r;

	(void)user;
	cr_assert_eq(err, 0);
	while (n_lines < 8 && baro_answer_next_of_all(answer, &r))
		baro_record_format(&r, lines[n_lines++], sizeof(lines[0]));
}

Test(lookup, records_as_a_zone_file_has_them)
{
	dns_lab_open(&lab, every_kind);
	n_lines = 0;
	cr_assert_eq(
		baro_resolve(lab.core, "any.lab", BARO_DNS_ANY, NULL, format_all, NULL, NULL), 0);
	dns_lab_run_ms(&lab, 100);
	cr_assert_eq(n_lines, 7);
	cr_expect_str_eq(lines[4], "\"hello\" \"\\\"wor\\\\d\\001\"", "%s", lines[4]);
	cr_expect_str_eq(lines[6], "\\# 3 0102FE");
	dns_lab_close(&lab);
}

Test(lookup, types_have_names)
{
	char buf[16];
	uint16_t type;

	cr_expect_str_eq(baro_dns_type_name(BARO_DNS_AAAA, buf), "AAAA");
	cr_expect_str_eq(baro_dns_type_name(65, buf), "TYPE65");
	cr_expect(baro_dns_type_parse("srv", &type) == 0 && type == BARO_DNS_SRV);
	cr_expect(baro_dns_type_parse("TYPE65", &type) == 0 && type == 65);
	cr_expect_eq(baro_dns_type_parse("TYPE65536", &type), -EINVAL);
	cr_expect_eq(baro_dns_type_parse("TYPE", &type), -EINVAL);
	cr_expect_eq(baro_dns_type_parse("B", &type), -EINVAL);
	cr_expect_str_eq(baro_source_name(BARO_SOURCE_HOSTS), "hosts");
}

Test(lookup, one_server_may_be_named)
{
	const struct baro_resolve_opts opts = {
		.server = { baro_addr_from_v4(0xc6120003), DNS_PORT },
	};

	open_lab(NULL, NULL);
	cr_expect_eq(dns_lab_ask(&lab, "www.example.lab"), 0);
	for (unsigned i = 0; i < 2; i++) {
		cr_assert_eq(baro_getaddrinfo(
				     lab.core, "www.example.lab", &opts, dns_lab_host, &lab, NULL),
			0);
		dns_lab_await(&lab);
		cr_expect_eq(baro_addr_to_v4(&lab.host.server.addr), 0xc6120003);
	}
	cr_expect_eq(lab.n_seen, 3, "the cache is neither asked nor filled");
	dns_lab_close(&lab);
}

Test(lookup, no_cache_asks_again)
{
	const struct baro_resolve_opts opts = { .no_cache = true };

	open_lab(NULL, NULL);
	cr_expect_eq(dns_lab_ask(&lab, "www.example.lab"), 0);
	cr_assert_eq(
		baro_getaddrinfo(lab.core, "www.example.lab", &opts, dns_lab_host, &lab, NULL), 0);
	dns_lab_await(&lab);
	cr_expect_eq(lab.n_seen, 2);
	dns_lab_close(&lab);
}

static void
asks_again(int err, const struct baro_host *host, void *user)
{
	(void)host;
	cr_expect_eq(err, 0);
	cr_assert_eq(
		baro_getaddrinfo(lab.core, "www.example.lab", NULL, dns_lab_host, user, NULL), 0);
}

Test(lookup, callbacks_may_ask_and_come_in_a_later_turn)
{
	struct baro_lookup *l;

	open_lab(NULL, NULL);
	cr_assert_eq(baro_getaddrinfo(lab.core, "198.18.1.9", NULL, asks_again, &lab, &l), 0);
	cr_expect_eq(lab.n_told, 0);
	dns_lab_await(&lab);
	cr_expect_eq(lab.err, 0);
	dns_lab_close(&lab);
}

Test(lookup, there_is_an_end_to_what_may_be_under_way)
{
	unsigned n = 0;

	open_lab(NULL, NULL);
	lab.script = NULL;
	while (baro_getaddrinfo(lab.core, "slow.lab", NULL, dns_lab_host, &lab, NULL) == 0)
		n++;
	cr_expect_eq(n, 4096);
	cr_expect_eq(
		baro_getaddrinfo(lab.core, "slow.lab", NULL, dns_lab_host, &lab, NULL), -EAGAIN);
	dns_lab_run_ms(&lab, 20 * 1000);
	cr_expect_eq(lab.n_told, n);
	cr_expect_eq(lab.err, -ETIMEDOUT);
	dns_lab_close(&lab);
}
