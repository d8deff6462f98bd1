/* SPDX-License-Identifier: BSD-3-Clause */

/* Questions to servers: ports and identifiers, what is believed, silence, TCP. RFC 1035, 5452, 7766. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "kit/dns_lab.h"
#include "wire/bytes.h"

enum {
	WWW = 0xc6120107, /* 198.18.1.7 */
	EVIL = 0xc6126666,
};

static struct dns_lab lab;

static void
say_www(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	dns_say_a(&l->say, q->name, 300, WWW);
	dns_send(q, &l->say);
}

static void
say_nothing(struct dns_lab *l, const struct dns_seen *q)
{
	(void)l;
	(void)q;
}

static void
say_servfail(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_SERVFAIL);
	dns_send(q, &l->say);
}

static const struct baro_config *
two_servers(void)
{
	static struct baro_config config;

	config = (struct baro_config){
		.core.seed = 1,
		.resolve = {
			.nameserver = {
				{ baro_addr_from_v4(0xc6120001), DNS_PORT },
				{ baro_addr_from_v4(0xc6120003), DNS_PORT },
			},
			.timeout_ns = NS_PER_SEC,
			.tries = 2,
		},
	};
	return &config;
}

static unsigned
n_equal(unsigned field, unsigned n)
{
	unsigned equal = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < i; k++)
			equal += field == 0 ? lab.seen[i].id == lab.seen[k].id
					    : lab.seen[i].from.port == lab.seen[k].from.port;
	return equal;
}

/* Q01: 100 questions; chance makes few equal, a counter or a shared socket many */
Test(query, each_has_a_random_port_and_identifier)
{
	char name[32];
	unsigned n_in_order = 0;

	dns_lab_open(&lab, say_www);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "host%u.lab", i);
		cr_expect_eq(dns_lab_ask(&lab, name), 0);
	}
	cr_assert_eq(lab.n_seen, 100);
	for (unsigned i = 1; i < 100; i++) {
		n_in_order += lab.seen[i].id > lab.seen[i - 1].id;
		n_in_order += lab.seen[i].from.port > lab.seen[i - 1].from.port;
	}
	cr_expect_leq(n_equal(0, 100), 2, "%u equal identifiers", n_equal(0, 100));
	cr_expect_leq(n_equal(1, 100), 2, "%u equal ports", n_equal(1, 100));
	cr_expect(n_in_order > 60 && n_in_order < 140, "%u rise", n_in_order);
	dns_lab_close(&lab);
}

/* Q01: at the same time */
Test(query, questions_at_once_share_no_port)
{
	dns_lab_open(&lab, say_www);
	for (unsigned i = 0; i < 20; i++) {
		char name[32];

		snprintf(name, sizeof(name), "host%u.lab", i);
		cr_assert_eq(baro_getaddrinfo(lab.core, name, NULL, dns_lab_host, &lab, NULL), 0);
	}
	dns_lab_run_ms(&lab, 100);
	cr_expect_eq(lab.n_told, 20);
	cr_expect_eq(n_equal(1, 20), 0);
	dns_lab_close(&lab);
}

/* RFC 5452 §5: a forger gets no second chance */
Test(query, the_same_question_is_asked_once)
{
	dns_lab_open(&lab, say_www);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(
			baro_getaddrinfo(lab.core, "www.lab", NULL, dns_lab_host, &lab, NULL), 0);
	dns_lab_run_ms(&lab, 100);
	cr_expect_eq(lab.n_told, 5);
	cr_expect_eq(lab.n_seen, 1);
	dns_lab_close(&lab);
}

/* Forged messages come first, the right one at last. */
static void (*forge)(struct dns_lab *l, const struct dns_seen *q);

static void
say_forged_first(struct dns_lab *l, const struct dns_seen *q)
{
	forge(l, q);
	say_www(l, q);
}

static void
forge_by(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	dns_say_a(&l->say, q->name, 300, EVIL);
	dns_send(q, &l->say);
}

static void
forge_id(struct dns_lab *l, const struct dns_seen *q)
{
	struct dns_seen other = *q;

	other.id ^= 1;
	forge_by(l, &other);
}

static void
forge_address(struct dns_lab *l, const struct dns_seen *q)
{
	struct dns_seen other = *q;

	other.udp = l->udp[1];
	other.to.addr = baro_addr_from_v4(0xc6120003);
	forge_by(l, &other);
}

static void
not_expected(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)d;
	cr_assert_fail("%p is not asked anything", (void *)u);
}

static void
forge_source_port(struct dns_lab *l, const struct dns_seen *q)
{
	const struct baro_endpoint ep = { .addr = q->to.addr, .port = 5353 };
	struct dns_seen other = *q;

	cr_assert_eq(baro_udp_open(l->servers, &ep, not_expected, NULL, &other.udp), 0);
	forge_by(l, &other);
	baro_udp_close(other.udp);
}

static void
forge_port(struct dns_lab *l, const struct dns_seen *q)
{
	struct dns_seen other = *q;

	other.from.port ^= 1;
	forge_by(l, &other);
}

static void
forge_name(struct dns_lab *l, const struct dns_seen *q)
{
	struct dns_seen other = *q;

	strcpy(other.name, "xww.lab");
	forge_by(l, &other);
}

static void
forge_type(struct dns_lab *l, const struct dns_seen *q)
{
	struct dns_seen other = *q;

	other.type = BARO_DNS_TXT;
	forge_by(l, &other);
}

static void
forge_class(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	l->say.b[l->say.len - 1] = 3;
	dns_say_a(&l->say, q->name, 300, EVIL);
	dns_send(q, &l->say);
}

static void
forge_query(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	l->say.b[2] &= 0x7f;
	dns_say_a(&l->say, q->name, 300, EVIL);
	dns_send(q, &l->say);
}

static void
forge_opcode(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	l->say.b[2] |= 5 << 3;
	dns_say_a(&l->say, q->name, 300, EVIL);
	dns_send(q, &l->say);
}

static void
forge_two_questions(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	memcpy(l->say.b + l->say.len, l->say.b + DNS_HDR_LEN, l->say.len - DNS_HDR_LEN);
	l->say.len += l->say.len - DNS_HDR_LEN;
	l->say.b[5] = 2;
	dns_say_a(&l->say, q->name, 300, EVIL);
	dns_send(q, &l->say);
}

static void
forge_counts(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	dns_say_a(&l->say, q->name, 300, EVIL);
	l->say.b[7] = 2;
	dns_send(q, &l->say);
}

static void
forge_every_cut(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	dns_say_a(&l->say, q->name, 300, EVIL);
	for (uint32_t len = 0; len < l->say.len; len++)
		dns_send_octets(q, l->say.b, len);
}

static void
forge_pointer(struct dns_lab *l, const struct dns_seen *q)
{
	static const uint8_t loop[] = { 0xc0, 0x0c };

	dns_say(&l->say, q, DNS_NOERROR);
	memcpy(l->say.b + DNS_HDR_LEN, loop,
		sizeof(loop)); /* the question's name leads to itself */
	dns_send(q, &l->say);
}

static const struct {
	const char *name;
	void (*forge)(struct dns_lab *l, const struct dns_seen *q);
	unsigned n_ignored;
} forgeries[] = {
	{ "identifier", forge_id, 1 },
	{ "server's address", forge_address, 0 },
	{ "server's port", forge_source_port, 0 },
	{ "our port", forge_port, 0 },
	{ "name", forge_name, 1 },
	{ "type", forge_type, 1 },
	{ "class", forge_class, 1 },
	{ "a query", forge_query, 1 },
	{ "opcode", forge_opcode, 1 },
	{ "two questions", forge_two_questions, 1 },
	{ "more records than there are", forge_counts, 1 },
	{ "cut anywhere", forge_every_cut, 12 + 9 + 4 + 9 + 10 + 4 },
	{ "a pointer to itself", forge_pointer, 1 },
};

/* Q02, Q10: all of them are passed over, and the question goes on waiting */
Test(query, what_does_not_fit_is_ignored)
{
	for (unsigned i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
		forge = forgeries[i].forge;
		dns_lab_open(&lab, say_forged_first);
		cr_expect_eq(dns_lab_ask(&lab, "www.lab"), 0, "%s", forgeries[i].name);
		cr_expect_eq(baro_addr_to_v4(&lab.host.addr[0]), WWW, "%s", forgeries[i].name);
		cr_expect_eq(dns_lab_count(&lab, "DNS_IGNORED"), forgeries[i].n_ignored, "%s: %lu",
			forgeries[i].name, dns_lab_count(&lab, "DNS_IGNORED"));
		cr_expect_eq(lab.n_seen, 1, "%s", forgeries[i].name);
		dns_lab_close(&lab);
	}
}

/* Q02: a server may change the case of letters (RFC 1035 §2.3.3) */
static void
say_in_capitals(struct dns_lab *l, const struct dns_seen *q)
{
	struct dns_seen other = *q;

	for (char *p = other.name; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	say_www(l, &other);
}

/* Q07 */
Test(query, case_does_not_matter)
{
	dns_lab_open(&lab, say_in_capitals);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), 0);
	cr_expect_eq(dns_lab_ask(&lab, "wWw.LAB"), 0);
	cr_expect_eq(lab.n_seen, 1, "the second is in the cache");
	dns_lab_close(&lab);
}

/* Q03: two servers, two rounds, the second twice as long; then it is over */
Test(query, silence_is_asked_again_and_ends)
{
	static const unsigned at_ms[] = { 0, 1000, 2000, 4000 };

	dns_lab_open_with(&lab, two_servers(), say_nothing);
	dns_lab_run_ms(&lab, 1);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), -ETIMEDOUT);
	cr_assert_eq(lab.n_seen, 4);
	for (unsigned i = 0; i < 4; i++) {
		cr_expect_eq((lab.seen[i].at_ns + NS_PER_MS / 2) / NS_PER_MS, 1 + at_ms[i],
			"question %u", i);
		cr_expect_eq(baro_addr_to_v4(&lab.seen[i].to.addr),
			i % 2 == 0 ? 0xc6120001 : 0xc6120003, "question %u", i);
	}
	cr_expect_eq(lab.now_ns / NS_PER_MS / 10, 600);
	cr_expect_eq(n_equal(0, 4), 0);
	cr_expect_eq(n_equal(1, 4), 0);
	cr_expect_eq(dns_lab_count(&lab, "DNS_TIMEOUTS"), 1);
	cr_expect_eq(dns_lab_count(&lab, "DNS_RETRIES"), 3);
	dns_lab_close(&lab);
}

static void
only_second_answers(struct dns_lab *l, const struct dns_seen *q)
{
	if (baro_addr_to_v4(&q->to.addr) == 0xc6120003)
		say_www(l, q);
}

/* Q03 */
Test(query, a_dead_server_costs_one_timeout_and_is_then_asked_last)
{
	dns_lab_open_with(&lab, two_servers(), only_second_answers);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), 0);
	cr_expect_eq(lab.now_ns / NS_PER_SEC, 1);
	cr_expect_eq(baro_addr_to_v4(&lab.host.server.addr), 0xc6120003);
	cr_expect_eq(dns_lab_ask(&lab, "other.lab"), 0);
	cr_expect_eq(lab.n_seen, 3, "the dead one is not asked");
	dns_lab_run_ms(&lab, 31 * 1000);
	cr_expect_eq(dns_lab_ask(&lab, "third.lab"), 0);
	cr_expect_eq(lab.n_seen, 5, "after a while it gets another chance");
	dns_lab_close(&lab);
}

static void
second_question_is_answered(struct dns_lab *l, const struct dns_seen *q)
{
	if (l->n_seen == 2)
		say_www(l, &l->seen[0]); /* late: to the port of the first */
	(void)q;
}

/* Q03 */
Test(query, a_late_answer_is_taken)
{
	dns_lab_open(&lab, second_question_is_answered);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), 0);
	cr_expect_eq(lab.n_seen, 2);
	dns_lab_close(&lab);
}

static void
first_fails(struct dns_lab *l, const struct dns_seen *q)
{
	if (baro_addr_to_v4(&q->to.addr) == 0xc6120001)
		say_servfail(l, q);
	else
		say_www(l, q);
}

Test(query, after_a_failure_the_next_server_is_asked_at_once)
{
	dns_lab_open_with(&lab, two_servers(), first_fails);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), 0);
	cr_expect_lt(lab.now_ns, 100 * NS_PER_MS);
	dns_lab_close(&lab);
	dns_lab_open_with(&lab, two_servers(), say_servfail);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), -EREMOTEIO);
	cr_expect_eq(lab.n_seen, 2, "each was asked once");
	dns_lab_close(&lab);
}

Test(query, a_server_that_is_not_there_is_passed_over_at_once)
{
	struct baro_config config = *two_servers();

	config.resolve.nameserver[0].port = 54; /* ICMP: nobody has the port */
	dns_lab_open_with(&lab, &config, say_www);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), 0);
	cr_expect_lt(lab.now_ns, 100 * NS_PER_MS);
	dns_lab_close(&lab);
	config.resolve.nameserver[1].port = 54;
	dns_lab_open_with(&lab, &config, say_www);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), -ECONNREFUSED);
	cr_expect_lt(lab.now_ns, 100 * NS_PER_MS);
	dns_lab_close(&lab);
}

Test(query, without_a_way_or_a_server_it_fails_at_once)
{
	struct baro_config config = *two_servers();

	config.resolve.nameserver[0].addr = baro_addr_from_v4(0xcb007109);
	config.resolve.nameserver[1].port = 0;
	dns_lab_open_with(&lab, &config, say_www);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), -ENETUNREACH);
	dns_lab_close(&lab);
	config.resolve.nameserver[0].port = 0;
	dns_lab_open_with(&lab, &config, say_www);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), -EDESTADDRREQ);
	dns_lab_close(&lab);
}

/* TCP */

enum { MANY = 200 };

static void
say_much(struct dns_lab *l, const struct dns_seen *q)
{
	dns_say(&l->say, q, DNS_NOERROR);
	if (!q->is_tcp)
		l->say.b[2] |= 2; /* TC */
	for (unsigned i = 0; q->is_tcp && i < MANY; i++)
		dns_say_a(&l->say, q->name, 300, WWW + i);
	dns_send(q, &l->say);
}

static unsigned n_addrs;

static void
count_all(int err, struct baro_answer *answer, void *user)
{
	struct baro_record r;

	cr_assert_eq(err, 0, "%d", err);
	cr_expect(answer->was_tcp);
	while (baro_answer_next(answer, &r))
		cr_expect_eq(baro_addr_to_v4(&r.addr), WWW + n_addrs++);
	(*(unsigned *)user)++;
}

/* Q04 */
Test(query, what_is_truncated_is_asked_for_over_tcp)
{
	unsigned n_told = 0;

	dns_lab_open(&lab, say_much);
	n_addrs = 0;
	cr_assert_eq(
		baro_resolve(lab.core, "www.lab", BARO_DNS_A, NULL, count_all, &n_told, NULL), 0);
	dns_lab_run_ms(&lab, 1000);
	cr_expect_eq(n_told, 1);
	cr_expect_eq(n_addrs, MANY);
	cr_assert_eq(lab.n_seen, 2);
	cr_expect(!lab.seen[0].is_tcp && lab.seen[1].is_tcp);
	cr_expect_str_eq(lab.seen[1].name, "www.lab");
	cr_expect_eq(dns_lab_count(&lab, "DNS_OVER_TCP"), 1);
	dns_lab_close(&lab);
}

/* Q04: the TCP side does not keep its word */
static void
close_tcp(struct dns_lab *l, const struct dns_seen *q)
{
	if (q->is_tcp)
		baro_conn_abort(q->conn);
	else
		say_much(l, q);
}

static void
stall_tcp(struct dns_lab *l, const struct dns_seen *q)
{
	if (!q->is_tcp)
		say_much(l, q);
}

static void
garble_tcp(struct dns_lab *l, const struct dns_seen *q)
{
	if (q->is_tcp)
		dns_send_octets(q, "?", 1);
	else
		say_much(l, q);
}

static void
half_by_tcp(struct dns_lab *l, const struct dns_seen *q)
{
	static const uint8_t announced[] = { 1, 0, 'x' };

	if (!q->is_tcp) {
		say_much(l, q);
		return;
	}
	baro_conn_send(q->conn, announced, sizeof(announced));
	baro_conn_close(q->conn);
}

/* Q04 */
Test(query, tcp_that_fails_is_an_error)
{
	static const struct {
		void (*script)(struct dns_lab *l, const struct dns_seen *q);
		int err;
	} rows[] = {
		{ close_tcp, -ECONNRESET },
		{ half_by_tcp, -ECONNRESET },
		{ stall_tcp, -ETIMEDOUT },
		{ garble_tcp, -EPROTO },
	};

	for (unsigned i = 0; i < 4; i++) {
		dns_lab_open(&lab, rows[i].script);
		cr_expect_eq(dns_lab_ask(&lab, "www.lab"), rows[i].err, "row %u: %d", i, lab.err);
		dns_lab_close(&lab);
	}
}

Test(query, tcp_from_the_start)
{
	const struct baro_resolve_opts opts = { .uses_tcp = true };

	dns_lab_open(&lab, say_www);
	cr_assert_eq(baro_getaddrinfo(lab.core, "www.lab", &opts, dns_lab_host, &lab, NULL), 0);
	dns_lab_await(&lab);
	cr_expect_eq(lab.err, 0);
	cr_expect(lab.n_seen == 1 && lab.seen[0].is_tcp);
	dns_lab_close(&lab);
}

Test(query, cancelled_or_cut_off_nothing_is_told_and_nothing_leaks)
{
	struct baro_lookup *first, *second;

	dns_lab_open(&lab, say_nothing);
	cr_assert_eq(baro_getaddrinfo(lab.core, "a.lab", NULL, dns_lab_host, &lab, &first), 0);
	cr_assert_eq(baro_getaddrinfo(lab.core, "a.lab", NULL, dns_lab_host, &lab, &second), 0);
	dns_lab_run_ms(&lab, 10);
	baro_lookup_cancel(first);
	dns_lab_run_ms(&lab, 10);
	baro_lookup_cancel(second);
	dns_lab_run_ms(&lab, 100 * 1000);
	cr_expect_eq(lab.n_told, 0);
	cr_expect_eq(lab.n_seen, 1, "nobody waits: it is not asked again");
	lab.script = stall_tcp;
	cr_assert_eq(baro_getaddrinfo(lab.core, "b.lab", NULL, dns_lab_host, &lab, NULL), 0);
	cr_assert_eq(baro_getaddrinfo(lab.core, "c.lab", NULL, dns_lab_host, &lab, NULL), 0);
	dns_lab_run_ms(&lab, 10);
	baro_core_destroy(lab.core); /* in the midst of TCP and UDP */
	baro_core_destroy(lab.servers);
	baro_sim_destroy(lab.sim);
	cr_expect_eq(lab.n_told, 0);
}
