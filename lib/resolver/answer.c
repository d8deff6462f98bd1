/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Replies as applications see them; see the header. */

#include "resolver/answer.h"

#include <string.h>

enum {
	SOA_LEN = 20, /* numbers behind the two names */
	SRV_LEN = 6,  /* numbers before the name, RFC 2782 */
	MX_LEN = 2,
};

static uint32_t
age_of(const struct reply *reply, uint64_t now_ns)
{
	return (uint32_t)((now_ns - reply->at_ns) / NS_PER_SEC);
}

static uint32_t
less_age(uint32_t ttl_s, uint32_t age_s)
{
	return ttl_s > age_s ? ttl_s - age_s : 0;
}

void
answer_open(struct baro_answer *answer, struct answer_walk *walk, const struct lookup_part *p,
	uint64_t now_ns)
{
	const struct reply *reply = p->reply;
	const struct dns_hdr *hdr = &walk->msg.hdr;
	struct dns_question q;

	dns_msg_read(reply->octets, reply->len, &walk->msg);
	dns_question_read(&walk->msg, &q);
	reply_judge(&walk->msg, &q.name, p->type, &walk->verdict);
	dns_walk_begin(&walk->walk, &walk->msg);
	walk->type = p->type;
	walk->age_s = p->source == BARO_SOURCE_CACHE ? age_of(reply, now_ns) : 0;
	*answer = (struct baro_answer){
		.id = hdr->id,
		.rcode = hdr->rcode,
		.is_authoritative = hdr->is_authoritative,
		.has_recursion = hdr->has_recursion,
		.was_tcp = reply->was_tcp,
		.source = p->source,
		.server = reply->server,
		.took_ns = p->source == BARO_SOURCE_CACHE ? 0 : reply->took_ns,
		.len = reply->len,
		.priv = walk,
	};
	memcpy(answer->n_records, hdr->n_records, sizeof(answer->n_records));
}

/* A name of the rdata as text; an empty one if it is not there. */
static void
read_target(const struct dns_msg *msg, const struct dns_record *r, uint32_t *at,
	char text[BARO_NAME_STRLEN])
{
	struct dns_name name;

	text[0] = '\0';
	if (reply_read_name(msg, r, at, &name))
		dns_name_format(&name, text);
}

static void
read_soa(const struct dns_msg *msg, const struct dns_record *r, struct baro_record *out)
{
	uint32_t at = r->at;

	read_target(msg, r, &at, out->target);
	read_target(msg, r, &at, out->mailbox);
	if (at + SOA_LEN != r->at + r->len)
		return;
	for (unsigned i = 0; i < 5; i++)
		out->soa[i] = dns_u32(msg, at + 4 * i);
}

static void
read_rdata(const struct dns_msg *msg, const struct dns_record *r, struct baro_record *out)
{
	uint32_t at = r->at;

	switch (r->type) {
	case BARO_DNS_A:
	case BARO_DNS_AAAA:
		reply_read_addr(msg, r, &out->addr);
		break;
	case BARO_DNS_CNAME:
	case BARO_DNS_NS:
	case BARO_DNS_PTR:
		read_target(msg, r, &at, out->target);
		break;
	case BARO_DNS_MX:
		if (r->len <= MX_LEN)
			break;
		out->priority = dns_u16(msg, at);
		at += MX_LEN;
		read_target(msg, r, &at, out->target);
		break;
	case BARO_DNS_SRV:
		if (r->len <= SRV_LEN)
			break;
		out->priority = dns_u16(msg, at);
		out->weight = dns_u16(msg, at + 2);
		out->port = dns_u16(msg, at + 4);
		at += SRV_LEN;
		read_target(msg, r, &at, out->target);
		break;
	case BARO_DNS_SOA:
		read_soa(msg, r, out);
		break;
	default:
		break;
	}
}

static void
take_record(const struct answer_walk *w, const struct dns_record *r, struct baro_record *out)
{
	memset(out, 0, sizeof(*out));
	out->section = r->section;
	out->type = r->type;
	out->dns_class = r->class_;
	out->ttl_s = less_age(r->ttl_s, w->age_s);
	out->data = w->msg.p + r->at;
	out->len = r->len;
	dns_name_format(&r->name, out->name);
	read_rdata(&w->msg, r, out);
}

bool
baro_answer_next(struct baro_answer *answer, struct baro_record *out)
{
	struct answer_walk *w = answer->priv;
	struct dns_record r;

	if (w->verdict.err != 0 || !reply_next(&w->walk, &w->verdict, w->type, &r))
		return false;
	take_record(w, &r, out);
	return true;
}

bool
baro_answer_next_of_all(struct baro_answer *answer, struct baro_record *out)
{
	struct answer_walk *w = answer->priv;
	struct dns_record r;

	if (!dns_walk_next(&w->walk, &r))
		return false;
	take_record(w, &r, out);
	return true;
}

/* Addresses of one part; or the name, if it is about that. */
static void
add_part(struct answer_walk *w, struct baro_host *host, char name[BARO_NAME_STRLEN])
{
	struct dns_record r;
	struct dns_name target;

	while (reply_next(&w->walk, &w->verdict, w->type, &r)) {
		uint32_t at = r.at;

		if (w->type == BARO_DNS_PTR && reply_read_name(&w->msg, &r, &at, &target)) {
			dns_name_format(&target, name);
			return;
		}
		if (host->n_addrs < BARO_HOST_ADDRS &&
			reply_read_addr(&w->msg, &r, &host->addr[host->n_addrs]))
			host->n_addrs++;
	}
}

void
answer_to_host(const struct baro_lookup *l, struct baro_host *host, char name[BARO_NAME_STRLEN])
{
	uint32_t ttl_s = UINT32_MAX;

	*host = (struct baro_host){ .name = name };
	for (unsigned i = 0; i < l->n_parts; i++) {
		const struct lookup_part *p = &l->part[i];
		struct baro_answer answer;
		struct answer_walk w;

		if (p->reply == NULL)
			continue;
		answer_open(&answer, &w, p, l->r->stack->now_ns);
		if (w.verdict.err != 0)
			continue;
		dns_name_format(&w.verdict.name, name);
		ttl_s = min_u32(ttl_s, less_age(w.verdict.ttl_s, w.age_s));
		host->source = p->source;
		host->server = p->reply->server;
		add_part(&w, host, name);
	}
	if (l->part[0].type == BARO_DNS_PTR)
		host->addr[host->n_addrs++] = l->addr;
	host->ttl_s = ttl_s;
}
