/* SPDX-License-Identifier: BSD-3-Clause */
/* Name servers by script; see the header. */

#include "kit/dns_lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "wire/bytes.h"

enum {
	STEP_MS = 1,
	PATIENCE_MS = 200 * 1000,
};

static const uint32_t server_addr[2] = { 0xc6120001u, 0xc6120003u };

/* Questions */

static void
note_question(struct dns_lab *l, struct dns_seen *q, const uint8_t *p, uint32_t len)
{
	struct dns_question question;
	struct dns_msg msg;

	cr_assert(dns_msg_read(p, len, &msg) && dns_question_read(&msg, &question));
	cr_assert(!msg.hdr.is_response && msg.hdr.opcode == 0);
	q->id = msg.hdr.id;
	q->type = question.type;
	q->at_ns = baro_core_now(l->servers);
	dns_name_format(&question.name, q->name);
	cr_assert_lt(l->n_seen, DNS_SEEN_MAX);
	l->seen[l->n_seen++] = *q;
	if (l->script != NULL)
		l->script(l, &l->seen[l->n_seen - 1]);
}

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	struct dns_seen q = { .from = d->from, .to = d->to, .udp = u };

	note_question(baro_udp_user(u), &q, d->data, (uint32_t)d->len);
}

static void
readable(struct baro_conn *c)
{
	struct dns_seen q = { .is_tcp = true, .conn = c };
	uint8_t b[DNS_LENGTH_LEN + DNS_QUERY_MAX];
	ssize_t n = baro_conn_recv(c, b, sizeof(b));

	if (n <= 0) {
		baro_conn_close(c);
		return;
	}
	cr_assert_gt(n, DNS_LENGTH_LEN);
	cr_assert_eq(dns_length_read(b), n - DNS_LENGTH_LEN);
	baro_conn_remote(c, &q.from);
	baro_conn_local(c, &q.to);
	note_question(baro_conn_user(c), &q, b + DNS_LENGTH_LEN, (uint32_t)n - DNS_LENGTH_LEN);
}

/* Opening */

static struct baro_port *
open_port(struct dns_lab *l, struct baro_core *core, int end, uint32_t addr)
{
	struct baro_port_opts opts = { .address = baro_addr_from_v4(addr), .prefix_len = 24 };
	struct baro_port *port;

	baro_sim_end(l->sim, end, &opts);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	baro_sim_join(l->sim, end, core, port);
	return port;
}

static void
open_servers(struct dns_lab *l)
{
	static const struct baro_conn_ops ops = { .readable = readable };
	struct baro_endpoint ep = { .port = DNS_PORT };
	struct baro_addr second = baro_addr_from_v4(server_addr[1]);

	cr_assert_eq(baro_addr_add(l->servers, "port0", &second, 24), 0);
	cr_assert_eq(baro_listen(l->servers, &ep, NULL, &ops, l, &l->listener), 0);
	for (unsigned i = 0; i < 2; i++) {
		ep.addr = baro_addr_from_v4(server_addr[i]);
		cr_assert_eq(baro_udp_open(l->servers, &ep, received, l, &l->udp[i]), 0);
	}
}

void
dns_lab_open_with(struct dns_lab *l, const struct baro_config *config,
	void (*script)(struct dns_lab *l, const struct dns_seen *q))
{
	const struct baro_config theirs = { .core = { .seed = 7 } };
	struct baro_config ours = *config;

	memset(l, 0, sizeof(*l));
	l->script = script;
	if (ours.resolve.hosts[0] == '\0')
		strcpy(ours.resolve.hosts, "off");
	if (ours.resolve.resolv_conf[0] == '\0')
		strcpy(ours.resolve.resolv_conf, "off");
	cr_assert_eq(baro_sim_create(NULL, NULL, &l->sim), 0);
	cr_assert_eq(baro_core_create(&ours, 0, &l->core), 0);
	cr_assert_eq(baro_core_create(&theirs, 0, &l->servers), 0);
	open_port(l, l->servers, 0, server_addr[0]);
	open_port(l, l->core, 1, 0xc6120002u);
	open_servers(l);
}

void
dns_lab_open(struct dns_lab *l, void (*script)(struct dns_lab *l, const struct dns_seen *q))
{
	const struct baro_config config = {
		.core.seed = 1,
		.resolve.nameserver = { { baro_addr_from_v4(server_addr[0]), DNS_PORT } },
	};

	dns_lab_open_with(l, &config, script);
}

void
dns_lab_close(struct dns_lab *l)
{
	struct baro_usage usage;

	dns_lab_run_ms(l, 1000);
	baro_usage_read(l->core, &usage);
	cr_expect_eq(usage.mbufs, 0, "%u buffers leaked", usage.mbufs);
	cr_expect_eq(usage.conns, 0, "%u connections left", usage.conns);
	baro_core_destroy(l->core);
	baro_core_destroy(l->servers);
	baro_sim_destroy(l->sim);
}

void
dns_lab_run_ms(struct dns_lab *l, uint64_t ms)
{
	uint64_t until_ns = l->now_ns + ms * NS_PER_MS;

	baro_sim_run(l->sim, l->now_ns, until_ns);
	l->now_ns = until_ns;
}

void
dns_lab_await(struct dns_lab *l)
{
	unsigned n_told = l->n_told;

	for (unsigned ms = 0; l->n_told == n_told && ms < PATIENCE_MS; ms += STEP_MS)
		dns_lab_run_ms(l, STEP_MS);
	cr_assert_eq(l->n_told, n_told + 1, "told %u times", l->n_told - n_told);
}

uint64_t
dns_lab_count(const struct dns_lab *l, const char *name)
{
	struct baro_counter counter;

	for (unsigned i = 0; baro_stat_read(l->core, i, &counter) == 0; i++)
		if (strcmp(counter.name, name) == 0)
			return counter.value;
	cr_assert_fail("no counter %s", name);
	return 0;
}

/* Being told */

void
dns_lab_host(int err, const struct baro_host *host, void *user)
{
	struct dns_lab *l = user;

	l->n_told++;
	l->err = err;
	cr_assert_eq(host == NULL, err != 0);
	if (host == NULL)
		return;
	l->host = *host;
	l->host.name = strcpy(l->name, host->name);
}

void
dns_lab_records(int err, struct baro_answer *answer, void *user)
{
	struct dns_lab *l = user;

	l->n_told++;
	l->err = err;
	l->n_records = 0;
	while (answer != NULL && l->n_records < 8 &&
		baro_answer_next(answer, &l->record[l->n_records]))
		l->n_records++;
}

int
dns_lab_ask(struct dns_lab *l, const char *name)
{
	int err = baro_getaddrinfo(l->core, name, NULL, dns_lab_host, l, NULL);

	if (err == 0)
		dns_lab_await(l);
	return err != 0 ? err : l->err;
}

int
dns_lab_ask_for(struct dns_lab *l, const char *name, uint16_t type)
{
	int err = baro_resolve(l->core, name, type, NULL, dns_lab_records, l, NULL);

	if (err == 0)
		dns_lab_await(l);
	return err != 0 ? err : l->err;
}

/* Saying */

static void
say_name(struct dns_said *m, const char *text)
{
	struct dns_name name;

	cr_assert_eq(dns_name_parse(&name, text), 0, "%s", text);
	memcpy(m->b + m->len, name.octets, name.len);
	m->len += name.len;
}

void
dns_say(struct dns_said *m, const struct dns_seen *q, uint8_t rcode)
{
	memset(m->b, 0, DNS_HDR_LEN);
	put_u16(m->b, q->id);
	put_u16(m->b + 2, (uint16_t)(0x8180 | rcode)); /* QR, RD, RA */
	put_u16(m->b + 4, 1);
	m->len = DNS_HDR_LEN;
	say_name(m, q->name);
	put_u16(m->b + m->len, q->type);
	put_u16(m->b + m->len + 2, DNS_CLASS_IN);
	m->len += 4;
}

void
dns_say_record(struct dns_said *m, enum baro_dns_section section, const char *name, uint16_t type,
	uint32_t ttl_s, const void *rdata, uint16_t len)
{
	uint8_t *counter = m->b + 6 + 2 * section;
	uint8_t *p;

	put_u16(counter, (uint16_t)(get_u16(counter) + 1));
	say_name(m, name);
	p = m->b + m->len;
	put_u16(p, type);
	put_u16(p + 2, DNS_CLASS_IN);
	put_u32(p + 4, ttl_s);
	put_u16(p + 8, len);
	memcpy(p + 10, rdata, len);
	m->len += 10u + len;
}

void
dns_say_a(struct dns_said *m, const char *name, uint32_t ttl_s, uint32_t addr)
{
	uint8_t rdata[4];

	put_u32(rdata, addr);
	dns_say_record(m, BARO_DNS_ANSWER, name, BARO_DNS_A, ttl_s, rdata, sizeof(rdata));
}

void
dns_say_name(
	struct dns_said *m, const char *name, uint16_t type, uint32_t ttl_s, const char *target)
{
	struct dns_name rdata;

	cr_assert_eq(dns_name_parse(&rdata, target), 0);
	dns_say_record(m, BARO_DNS_ANSWER, name, type, ttl_s, rdata.octets, rdata.len);
}

void
dns_say_soa(struct dns_said *m, const char *zone, uint32_t ttl_s, uint32_t minimum_s)
{
	uint8_t rdata[2 + 20] = { 0 }; /* both names are the root */

	put_u32(rdata + 2, 1);
	put_u32(rdata + 18, minimum_s);
	dns_say_record(m, BARO_DNS_AUTHORITY, zone, BARO_DNS_SOA, ttl_s, rdata, sizeof(rdata));
}

void
dns_send_octets(const struct dns_seen *q, const void *octets, uint32_t len)
{
	uint8_t length[DNS_LENGTH_LEN];

	if (!q->is_tcp) {
		cr_assert_eq(baro_udp_send(q->udp, &q->from, &q->to, octets, len), 0);
		return;
	}
	dns_length_write(length, (uint16_t)len);
	cr_assert_eq(baro_conn_send(q->conn, length, sizeof(length)), sizeof(length));
	cr_assert_eq(baro_conn_send(q->conn, octets, len), len);
}

void
dns_send(const struct dns_seen *q, const struct dns_said *m)
{
	dns_send_octets(q, m->b, m->len);
}
