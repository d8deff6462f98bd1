/* SPDX-License-Identifier: BSD-3-Clause */

/* A question over TCP; see the header. */

#include "resolver/stream.h"

#include <baro/conn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/dns.h"

struct dns_stream {
	struct baro_conn *conn; /* NULL: it is gone */
	dns_stream_taken taken;
	void *user;
	uint16_t out_len;
	uint16_t out_sent;
	uint32_t in_len;
	uint32_t in_want; /* octets of the answer and its length */
	uint8_t *in;
	uint8_t length[DNS_LENGTH_LEN];
	uint8_t out[DNS_LENGTH_LEN + DNS_QUERY_MAX];
};

static void
send_query(struct baro_conn *c)
{
	struct dns_stream *s = baro_conn_user(c);
	ssize_t n = baro_conn_send(c, s->out + s->out_sent, (size_t)s->out_len - s->out_sent);

	if (n > 0)
		s->out_sent = (uint16_t)(s->out_sent + n);
}

/* Octets go to the length first, then to the message, for which there is room by then. */
static ssize_t
read_on(struct dns_stream *s)
{
	ssize_t n;

	if (s->in_len < DNS_LENGTH_LEN)
		n = baro_conn_recv(s->conn, s->length + s->in_len, DNS_LENGTH_LEN - s->in_len);
	else
		n = baro_conn_recv(
			s->conn, s->in + s->in_len - DNS_LENGTH_LEN, s->in_want - s->in_len);
	if (n > 0)
		s->in_len += (uint32_t)n;
	return n;
}

static void
fail(struct dns_stream *s, int err)
{
	s->taken(s->user, NULL, err);
}

static void
readable(struct baro_conn *c)
{
	struct dns_stream *s = baro_conn_user(c);
	ssize_t n;

	while (s->in_len != s->in_want && (n = read_on(s)) != -EAGAIN) {
		if (n <= 0) {
			fail(s, -ECONNRESET); /* it ends before the answer does */
			return;
		}
		if (s->in_len != DNS_LENGTH_LEN || s->in != NULL)
			continue;
		s->in_want = DNS_LENGTH_LEN + dns_length_read(s->length);
		s->in = malloc(s->in_want);
		if (s->in == NULL) {
			fail(s, -ENOMEM);
			return;
		}
	}
	if (s->in_len == s->in_want)
		s->taken(s->user, s->in, (int)(s->in_want - DNS_LENGTH_LEN));
}

static void
closed(struct baro_conn *c, int err)
{
	struct dns_stream *s = baro_conn_user(c);

	s->conn = NULL;
	fail(s, err != 0 ? err : -ECONNRESET);
}

int
dns_stream_open(struct baro_core *core, const struct baro_endpoint *server, const uint8_t *query,
	uint16_t len, dns_stream_taken taken, void *user, struct dns_stream **out)
{
	static const struct baro_conn_ops ops = {
		.opened = send_query,
		.readable = readable,
		.writable = send_query,
		.closed = closed,
	};
	struct dns_stream *s = calloc(1, sizeof(*s));
	int err;

	if (s == NULL)
		return -ENOMEM;
	s->taken = taken;
	s->user = user;
	s->in_want = UINT32_MAX;
	dns_length_write(s->out, len);
	memcpy(s->out + DNS_LENGTH_LEN, query, len);
	s->out_len = (uint16_t)(DNS_LENGTH_LEN + len);
	err = baro_connect(core, server, NULL, &ops, s, &s->conn);
	if (err != 0)
		free(s);
	else
		*out = s;
	return err;
}

void
dns_stream_free(struct dns_stream *s)
{
	if (s == NULL)
		return;
	free(s->in);
	free(s);
}

void
dns_stream_close(struct dns_stream *s)
{
	if (s != NULL && s->conn != NULL)
		baro_conn_close(s->conn);
	dns_stream_free(s);
}
