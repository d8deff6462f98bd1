/* SPDX-License-Identifier: BSD-3-Clause */

/* wire/dns.h: names and messages, RFC 1035. c-ares is the oracle for what compression means. */

#include "wire/dns.h"

#include <ares.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "wire/bytes.h"

static struct dns_name
name_of(const char *text)
{
	struct dns_name name;

	cr_assert_eq(dns_name_parse(&name, text), 0, "%s", text);
	return name;
}

Test(dns, names_go_to_the_wire_and_back)
{
	static const char *const rows[][2] = {
		{ "www.example.lab", "www.example.lab" },
		{ "www.example.lab.", "www.example.lab" },
		{ ".", "." },
		{ "WwW.lab", "WwW.lab" },
		{ "a\\.b.lab", "a\\.b.lab" },
		{ "\\065\\009.lab", "A\\009.lab" },
		{ "_sip._udp.lab", "_sip._udp.lab" },
	};
	char text[BARO_NAME_STRLEN];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dns_name name = name_of(rows[i][0]);

		cr_expect_str_eq(dns_name_format(&name, text), rows[i][1]);
	}
	cr_expect_eq(name_of("www.lab").len, 9);
	cr_expect_eq(name_of(".").len, 1);
}

static void
fill(char *text, unsigned n_labels, unsigned len)
{
	for (unsigned i = 0; i < n_labels; i++) {
		memset(text, 'x', len);
		text += len;
		*text++ = '.';
	}
	*text = '\0';
}

/* Q07 */
Test(dns, names_too_long_are_refused)
{
	struct dns_name name;
	char text[512];

	fill(text, 1, 63);
	cr_expect_eq(dns_name_parse(&name, text), 0);
	fill(text, 1, 64);
	cr_expect_eq(dns_name_parse(&name, text), -EINVAL);
	fill(text, 3, 63);
	strcat(text, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"); /* 61 */
	cr_expect_eq(dns_name_parse(&name, text), 0);
	cr_expect_eq(name.len, DNS_NAME_MAX);
	strcat(text, "y");
	cr_expect_eq(dns_name_parse(&name, text), -EINVAL);
	cr_expect_eq(dns_name_parse(&name, ""), -EINVAL);
	cr_expect_eq(dns_name_parse(&name, ".lab"), -EINVAL);
	cr_expect_eq(dns_name_parse(&name, "a..lab"), -EINVAL);
	cr_expect_eq(dns_name_parse(&name, "a\\"), -EINVAL);
	cr_expect_eq(dns_name_parse(&name, "a\\25"), -EINVAL);
	cr_expect_eq(dns_name_parse(&name, "a\\256"), -EINVAL);
}

/* Q07 */
Test(dns, letters_are_equal_in_either_case)
{
	struct dns_name a = name_of("www.LAB"), b = name_of("WWW.lab"), c = name_of("www.la[");

	cr_expect(dns_name_is_equal(&a, &b));
	cr_expect(!dns_name_is_equal(&a, &c));
	dns_name_lower(&a);
	cr_expect_eq(memcmp(a.octets, "\3www\3lab", 9), 0);
	cr_expect_eq(dns_name_labels(&a), 3);
}

Test(dns, names_are_joined)
{
	struct dns_name name = name_of("www"), lab = name_of("example.lab"), whole;
	char text[512];

	whole = name_of("www.example.lab");
	cr_expect_eq(dns_name_join(&name, &lab), 0);
	cr_expect(dns_name_is_equal(&name, &whole));
	fill(text, 4, 60);
	whole = name_of(text);
	cr_expect_eq(dns_name_join(&whole, &lab), -EINVAL);
}

Test(dns, a_query_is_read_as_it_was_written)
{
	const struct dns_name name = name_of("www.example.lab");
	uint8_t b[DNS_QUERY_MAX];
	uint32_t len = dns_query_write(b, 0x1234, &name, BARO_DNS_AAAA);
	struct dns_question q;
	struct dns_msg msg;

	cr_assert(dns_msg_read(b, len, &msg));
	cr_expect_eq(msg.hdr.id, 0x1234);
	cr_expect(!msg.hdr.is_response);
	cr_expect_eq(b[2], 1, "recursion is desired");
	cr_assert(dns_question_read(&msg, &q));
	cr_expect(dns_name_is_equal(&q.name, &name));
	cr_expect_eq(q.type, BARO_DNS_AAAA);
	cr_expect_eq(q.class_, DNS_CLASS_IN);
	for (uint32_t cut = 0; cut < len; cut++)
		cr_expect(!dns_msg_read(b, cut, &msg) || !dns_question_read(&msg, &q));
}

/* A header, and octets. */
static struct dns_msg
message(uint8_t *b, uint16_t n_answers, const void *octets, uint32_t len)
{
	struct dns_msg msg;

	memset(b, 0, DNS_HDR_LEN);
	put_u16(b + 6, n_answers);
	memcpy(b + DNS_HDR_LEN, octets, len);
	cr_assert(dns_msg_read(b, DNS_HDR_LEN + len, &msg));
	return msg;
}

/* Q05: where a name is to be read, and what comes of it */
static const struct {
	const char *octets;
	uint32_t len;
	uint32_t at;      /* behind the header */
	const char *text; /* NULL: refused */
	uint32_t end;
} names[] = {
	{ "\3lab\0\3www\300\014", 11, 5, "www.lab", 11 },
	{ "\3lab\0\3www\300\014\300\021", 13, 11, "www.lab", 13 }, /* a pointer to a pointer */
	{ "\300\014", 2, 0, NULL, 0 },                             /* to itself */
	{ "\300\016\3lab\0", 7, 0, NULL, 0 },                      /* forwards */
	{ "\300\016\300\014", 4, 2, NULL, 0 },                     /* a ring of two */
	{ "\1a\300\014", 4, 0, NULL, 0 },                          /* a ring through a label */
	{ "\300\377", 2, 0, NULL, 0 },                             /* beyond the message */
	{ "\300", 1, 0, NULL, 0 },                                 /* cut in the pointer */
	{ "\3la", 3, 0, NULL, 0 },                                 /* cut in the label */
	{ "\3lab", 4, 0, NULL, 0 },                                /* no end */
	{ "\100x", 2, 0, NULL, 0 },                                /* 01: RFC 6891 §5 */
	{ "\200x", 2, 0, NULL, 0 },                                /* 10 */
	{ "\0", 1, 0, ".", 1 },
};

/* Q05 */
Test(dns, pointers_lead_backwards)
{
	char text[BARO_NAME_STRLEN];
	uint8_t b[64];

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct dns_msg msg = message(b, 0, names[i].octets, names[i].len);
		uint32_t at = DNS_HDR_LEN + names[i].at;
		struct dns_name name;
		bool is_read = dns_name_read(&msg, &at, &name);

		cr_expect_eq(is_read, names[i].text != NULL, "row %u", i);
		if (!is_read)
			continue;
		cr_expect_str_eq(dns_name_format(&name, text), names[i].text, "row %u", i);
		cr_expect_eq(at, DNS_HDR_LEN + names[i].end, "row %u", i);
	}
}

/* Q05, Q07: 127 labels of one octet, each behind a pointer to the last, are 255 octets; one more is refused */
Test(dns, long_chains_of_pointers_end)
{
	uint8_t octets[4 * 200];
	uint8_t b[DNS_HDR_LEN + sizeof(octets)];
	unsigned n_read = 0;
	struct dns_msg msg;

	memcpy(octets, "\1x\0\0", 4);
	for (unsigned i = 1; i < 200; i++) {
		memcpy(octets + 4 * i, "\1x", 2);
		put_u16(octets + 4 * i + 2, (uint16_t)(0xc000 | (DNS_HDR_LEN + 4 * (i - 1))));
	}
	msg = message(b, 0, octets, sizeof(octets));
	for (unsigned i = 0; i < 200; i++) {
		uint32_t at = DNS_HDR_LEN + 4 * i;
		struct dns_name name;

		n_read += dns_name_read(&msg, &at, &name);
	}
	cr_expect_eq(n_read, 127);
}

/* Q09, Q10 */
Test(dns, records_lie_within_the_message)
{
	static const char octets[] = "\3www\0\0\1\0\1\0\0\0\74\0\4\306\22\1\7"
				     "\0\0\20\0\1\200\0\0\1\0\2\1x";
	uint8_t b[64];
	struct dns_msg msg = message(b, 2, octets, sizeof(octets) - 1);
	struct dns_record r;
	struct dns_walk w;

	dns_walk_begin(&w, &msg);
	cr_assert(dns_walk_next(&w, &r));
	cr_expect_eq(r.type, BARO_DNS_A);
	cr_expect_eq(r.ttl_s, 60);
	cr_expect_eq(dns_u32(&msg, r.at), 0xc6120107);
	cr_assert(dns_walk_next(&w, &r));
	cr_expect_eq(r.ttl_s, 0, "RFC 2181 §8: the top bit");
	cr_expect_eq(r.len, 2);
	cr_expect(!dns_walk_next(&w, &r) && !w.is_broken);
	for (uint32_t cut = DNS_HDR_LEN; cut < msg.len; cut++) {
		struct dns_msg part;

		cr_assert(dns_msg_read(b, cut, &part));
		dns_walk_begin(&w, &part);
		while (dns_walk_next(&w, &r))
			cr_expect_leq(r.at + r.len, cut);
		cr_expect(w.is_broken);
	}
	put_u16(b + 4, 1); /* a question that is not there */
	cr_assert(dns_msg_read(b, DNS_HDR_LEN, &msg));
	dns_walk_begin(&w, &msg);
	cr_expect(!dns_walk_next(&w, &r) && w.is_broken);
}

/* Octets that could be a name: labels, pointers, ends, and now and then anything. */
static void
random_names(struct rand *rand, uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		switch (rand_below(rand, 8)) {
		case 0:
			p[i] = 0;
			break;
		case 1:
			p[i] = 0xc0;
			break;
		case 2:
			p[i] = (uint8_t)rand_u64(rand);
			break;
		default:
			p[i] = (uint8_t)(1 + rand_below(rand, 40));
			break;
		}
	}
}

/* Q05: whatever we read, c-ares reads the same; what it refuses, so do we */
Test(dns, names_are_read_as_c_ares_reads_them)
{
	char ours[BARO_NAME_STRLEN];
	unsigned n_read = 0;
	struct rand rand;
	uint8_t b[128];

	rand_seed(&rand, 1);
	for (unsigned i = 0; i < 200000; i++) {
		uint32_t at = DNS_HDR_LEN + rand_below(&rand, sizeof(b) - DNS_HDR_LEN);
		const uint8_t *encoded = b + at;
		struct dns_name name, again;
		struct dns_msg msg;
		char *theirs = NULL;
		long len = 0;

		random_names(&rand, b, sizeof(b));
		cr_assert(dns_msg_read(b, sizeof(b), &msg));
		if (!dns_name_read(&msg, &at, &name))
			continue;
		n_read++;
		cr_assert_eq(ares_expand_name(encoded, b, sizeof(b), &theirs, &len), ARES_SUCCESS);
		cr_expect_eq(len, (long)(at - (uint32_t)(encoded - b)));
		dns_name_format(&name, ours);
		cr_assert_eq(dns_name_parse(&again, ours), 0, "%s", ours);
		cr_expect(dns_name_is_equal(&name, &again));
		/* theirs leaves more characters as they are */
		if (strchr(ours, '\\') == NULL && name.len > 1)
			cr_expect_str_eq(ours, theirs);
		ares_free_string(theirs);
	}
	cr_expect_gt(n_read, 1000);
}
