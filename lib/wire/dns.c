/* SPDX-License-Identifier: BSD-3-Clause */

/* DNS messages: header, question, records. Names are in dns_name.c. */

#include "wire/dns.h"

#include <string.h>

#include "wire/bytes.h"

enum {
	FLAG_QR = 0x8000,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_RA = 0x0080,
	POINTER = 0xc0,   /* the two upper bits of a length */
	QUESTION_LEN = 4, /* type and class */
	RECORD_LEN = 10,  /* type, class, TTL, length of rdata */
};

uint32_t
dns_query_write(uint8_t *p, uint16_t id, const struct dns_name *name, uint16_t type)
{
	memset(p, 0, DNS_HDR_LEN);
	put_u16(p, id);
	put_u16(p + 2, FLAG_RD);
	put_u16(p + 4, 1);
	memcpy(p + DNS_HDR_LEN, name->octets, name->len);
	p += DNS_HDR_LEN + name->len;
	put_u16(p, type);
	put_u16(p + 2, DNS_CLASS_IN);
	return DNS_HDR_LEN + (uint32_t)name->len + QUESTION_LEN;
}

bool
dns_msg_read(const uint8_t *p, uint32_t len, struct dns_msg *msg)
{
	uint16_t flags;

	if (len < DNS_HDR_LEN)
		return false;
	flags = get_u16(p + 2);
	*msg = (struct dns_msg){
		.p = p,
		.len = len,
		.hdr = {
			.id = get_u16(p),
			.opcode = flags >> 11 & 0xf,
			.rcode = flags & 0xf,
			.is_response = (flags & FLAG_QR) != 0,
			.is_authoritative = (flags & FLAG_AA) != 0,
			.is_truncated = (flags & FLAG_TC) != 0,
			.has_recursion = (flags & FLAG_RA) != 0,
			.n_questions = get_u16(p + 4),
			.n_records = { get_u16(p + 6), get_u16(p + 8), get_u16(p + 10) },
		},
	};
	return true;
}

/* RFC 1035 §4.1.4. Each pointer must lead to before all that was read: so few, and never round. */
bool
dns_name_read(const struct dns_msg *msg, uint32_t *at, struct dns_name *name)
{
	uint32_t pos = *at;
	uint32_t lowest = *at;
	bool has_jumped = false;
	unsigned used = 0;

	for (;;) {
		uint8_t len;

		if (pos >= msg->len)
			return false;
		len = msg->p[pos];
		if ((len & POINTER) == POINTER) {
			uint32_t target;

			if (pos + 2 > msg->len)
				return false;
			target = get_u16(msg->p + pos) & 0x3fff;
			if (target >= lowest)
				return false;
			if (!has_jumped)
				*at = pos + 2;
			has_jumped = true;
			pos = lowest = target;
			continue;
		}
		if (len > DNS_LABEL_MAX || pos + 1 + len > msg->len ||
			used + 1 + len > DNS_NAME_MAX)
			return false;
		memcpy(name->octets + used, msg->p + pos, 1u + len);
		used += 1u + len;
		pos += 1u + len;
		if (len != 0)
			continue;
		name->len = (uint8_t)used;
		if (!has_jumped)
			*at = pos;
		return true;
	}
}

/* @return octet behind the question at @at; 0: it is cut */
static uint32_t
read_question(const struct dns_msg *msg, uint32_t at, struct dns_question *q)
{
	if (!dns_name_read(msg, &at, &q->name) || at + QUESTION_LEN > msg->len)
		return 0;
	q->type = get_u16(msg->p + at);
	q->class_ = get_u16(msg->p + at + 2);
	return at + QUESTION_LEN;
}

bool
dns_question_read(const struct dns_msg *msg, struct dns_question *q)
{
	return msg->hdr.n_questions == 1 && read_question(msg, DNS_HDR_LEN, q) != 0;
}

void
dns_walk_begin(struct dns_walk *w, const struct dns_msg *msg)
{
	struct dns_question q;

	*w = (struct dns_walk){ .msg = msg, .at = DNS_HDR_LEN };
	memcpy(w->n_left, msg->hdr.n_records, sizeof(w->n_left));
	for (unsigned i = 0; i < msg->hdr.n_questions && !w->is_broken; i++) {
		w->at = read_question(msg, w->at, &q);
		w->is_broken = w->at == 0;
	}
}

static bool
read_record(struct dns_walk *w, struct dns_record *r)
{
	const struct dns_msg *msg = w->msg;
	const uint8_t *p;

	if (!dns_name_read(msg, &w->at, &r->name) || w->at + RECORD_LEN > msg->len)
		return false;
	p = msg->p + w->at;
	r->type = get_u16(p);
	r->class_ = get_u16(p + 2);
	r->ttl_s = get_u32(p + 4);
	if (r->ttl_s > INT32_MAX)
		r->ttl_s = 0;
	r->len = get_u16(p + 8);
	r->at = w->at + RECORD_LEN;
	if (r->at + r->len > msg->len)
		return false;
	w->at = r->at + r->len;
	return true;
}

bool
dns_walk_next(struct dns_walk *w, struct dns_record *r)
{
	uint8_t section = BARO_DNS_ANSWER;

	while (section <= BARO_DNS_ADDITIONAL && w->n_left[section] == 0)
		section++;
	if (section > BARO_DNS_ADDITIONAL || w->is_broken)
		return false;
	w->n_left[section]--;
	r->section = section;
	w->is_broken = !read_record(w, r);
	return !w->is_broken;
}

void
dns_length_write(uint8_t p[DNS_LENGTH_LEN], uint16_t len)
{
	put_u16(p, len);
}

uint16_t
dns_length_read(const uint8_t p[DNS_LENGTH_LEN])
{
	return get_u16(p);
}

uint16_t
dns_u16(const struct dns_msg *msg, uint32_t at)
{
	return get_u16(msg->p + at);
}

uint32_t
dns_u32(const struct dns_msg *msg, uint32_t at)
{
	return get_u32(msg->p + at);
}
