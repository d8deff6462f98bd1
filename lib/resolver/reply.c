/* SPDX-License-Identifier: BSD-3-Clause */

/* What messages say: RFC 1034 §3.6.2 (CNAME), 2308 (nothing there), 2181 §5.4.1 (whom to believe). */

#include "resolver/reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { CHAIN_MAX = 16 };

struct reply *
reply_new(const uint8_t *p, uint16_t len)
{
	struct reply *reply = calloc(1, sizeof(*reply) + len);

	if (reply == NULL)
		return NULL;
	reply->n_holders = 1;
	reply->len = len;
	memcpy(reply->octets, p, len);
	return reply;
}

struct reply *
reply_hold(struct reply *reply)
{
	reply->n_holders++;
	return reply;
}

void
reply_release(struct reply *reply)
{
	if (reply != NULL && --reply->n_holders == 0)
		free(reply);
}

static bool
is_whole(const struct dns_msg *msg)
{
	struct dns_record r;
	struct dns_walk w;

	dns_walk_begin(&w, msg);
	while (dns_walk_next(&w, &r))
		;
	return !w.is_broken;
}

bool
reply_fits(const struct dns_msg *msg, uint16_t id, const struct dns_name *name, uint16_t type)
{
	struct dns_question q;

	return msg->hdr.is_response && msg->hdr.opcode == 0 && msg->hdr.id == id &&
	       dns_question_read(msg, &q) && q.type == type && q.class_ == DNS_CLASS_IN &&
	       dns_name_is_equal(&q.name, name) && (msg->hdr.is_truncated || is_whole(msg));
}

bool
reply_is_failure(const struct dns_msg *msg)
{
	return msg->hdr.rcode != DNS_NOERROR && msg->hdr.rcode != DNS_NXDOMAIN;
}

bool
reply_read_name(
	const struct dns_msg *msg, const struct dns_record *r, uint32_t *at, struct dns_name *name)
{
	return *at < r->at + r->len && dns_name_read(msg, at, name) && *at <= r->at + r->len;
}

bool
reply_read_addr(const struct dns_msg *msg, const struct dns_record *r, struct baro_addr *addr)
{
	if (r->type == BARO_DNS_A && r->len == 4)
		*addr = baro_addr_from_v4(dns_u32(msg, r->at));
	else if (r->type == BARO_DNS_AAAA && r->len == sizeof(addr->b))
		memcpy(addr->b, msg->p + r->at, sizeof(addr->b));
	else
		return false;
	return true;
}

bool
reply_next(struct dns_walk *w, const struct verdict *v, uint16_t type, struct dns_record *r)
{
	while (dns_walk_next(w, r))
		if (r->section == BARO_DNS_ANSWER && r->class_ == DNS_CLASS_IN &&
			(r->type == type || type == BARO_DNS_ANY) &&
			dns_name_is_equal(&r->name, &v->name))
			return true;
	return false;
}

/* Records of the type asked for that v->name has; v->ttl_s becomes the least of theirs. */
static unsigned
count_records(const struct dns_msg *msg, uint16_t type, struct verdict *v)
{
	struct dns_record r;
	struct dns_walk w;
	unsigned n;

	dns_walk_begin(&w, msg);
	for (n = 0; reply_next(&w, v, type, &r); n++)
		v->ttl_s = min_u32(v->ttl_s, r.ttl_s);
	return n;
}

/* v->name is another name for something? It becomes that. */
static bool
follow_cname(const struct dns_msg *msg, struct verdict *v)
{
	struct dns_name target;
	struct dns_record r;
	struct dns_walk w;
	uint32_t at;

	dns_walk_begin(&w, msg);
	if (!reply_next(&w, v, BARO_DNS_CNAME, &r))
		return false;
	at = r.at;
	if (!reply_read_name(msg, &r, &at, &target))
		return false;
	v->name = target;
	v->ttl_s = min_u32(v->ttl_s, r.ttl_s);
	v->is_chained = true;
	return true;
}

static bool
is_within(const struct dns_name *name, const struct dns_name *zone)
{
	struct dns_name rest = *name;

	while (rest.len > zone->len) {
		unsigned label = 1u + rest.octets[0];

		rest.len = (uint8_t)(rest.len - label);
		memmove(rest.octets, rest.octets + label, rest.len);
	}
	return dns_name_is_equal(&rest, zone);
}

/* RFC 2308 §5: the SOA says how long there is nothing; without one nobody knows. */
static uint32_t
negative_ttl(const struct dns_msg *msg, const struct verdict *v)
{
	struct dns_name name;
	struct dns_record r;
	struct dns_walk w;
	uint32_t at;

	dns_walk_begin(&w, msg);
	while (dns_walk_next(&w, &r)) {
		at = r.at;
		if (r.section == BARO_DNS_AUTHORITY && r.type == BARO_DNS_SOA &&
			r.class_ == DNS_CLASS_IN && is_within(&v->name, &r.name) &&
			reply_read_name(msg, &r, &at, &name) &&
			reply_read_name(msg, &r, &at, &name) && at + 20 == r.at + r.len)
			return min_u32(v->ttl_s, min_u32(r.ttl_s, dns_u32(msg, at + 16)));
	}
	return 0;
}

static int
failure_of(uint8_t rcode)
{
	switch (rcode) {
	case DNS_SERVFAIL:
		return -EREMOTEIO;
	case DNS_REFUSED:
		return -EACCES;
	default:
		return -EPROTO;
	}
}

void
reply_judge(
	const struct dns_msg *msg, const struct dns_name *name, uint16_t type, struct verdict *v)
{
	unsigned n_names = 0;

	*v = (struct verdict){ .name = *name, .ttl_s = UINT32_MAX };
	if (reply_is_failure(msg)) {
		v->err = failure_of(msg->hdr.rcode);
		v->ttl_s = 0;
		return;
	}
	while (count_records(msg, type, v) == 0) {
		if (follow_cname(msg, v) && ++n_names <= CHAIN_MAX)
			continue;
		v->err = msg->hdr.rcode == DNS_NXDOMAIN ? -ENOENT : -ENODATA;
		v->ttl_s = negative_ttl(msg, v);
		if (n_names > CHAIN_MAX) { /* a ring, or as good as one */
			v->err = -EPROTO;
			v->ttl_s = 0;
		}
		return;
	}
}
