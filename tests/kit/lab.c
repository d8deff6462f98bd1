/* SPDX-License-Identifier: BSD-3-Clause */
/* The lab: the core, time, frames and the application. lab_tcp.c has the segments. */

#include "kit/lab.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kit/invariants.h"
#include "kit/lab_fail.h"
#include "runtime/core.h"
#include "wire/arp.h"
#include "wire/ipv4.h"

/* The application: it notes what it is told, and reads if it is asked to. */

static struct lab *
lab_of(const struct baro_conn *c)
{
	return baro_conn_user(c);
}

static void
opened(struct baro_conn *c)
{
	lab_of(c)->app.n_opened++;
	lab_of(c)->conn = c;
}

static void
readable(struct baro_conn *c)
{
	struct lab *l = lab_of(c);
	struct lab_app *app = &l->app;
	ssize_t n;

	app->n_readable++;
	if (!app->reads)
		return;
	while ((n = baro_conn_recv(c, app->data + app->len, LAB_DATA_MAX - app->len)) > 0) {
		if (app->echoes)
			cr_assert_eq(baro_conn_send(c, app->data + app->len, (size_t)n), n);
		app->len += (size_t)n;
	}
	app->is_eof = baro_conn_is_eof(c);
	if (app->is_eof && app->closes_on_eof) {
		l->conn = NULL;
		baro_conn_close(c);
	}
}

static void
writable(struct baro_conn *c)
{
	lab_of(c)->app.n_writable++;
}

static void
closed(struct baro_conn *c, int err)
{
	struct lab *l = lab_of(c);

	l->app.n_closed++;
	l->app.err = err;
	l->conn = NULL;
}

const struct baro_conn_ops lab_ops = {
	.opened = opened,
	.readable = readable,
	.writable = writable,
	.closed = closed,
};

/* Frames out */

/** ARP asks the peer, and nobody else, whether it is still there. */
static bool
is_probe(const struct lab_frame *f)
{
	const struct mac peer = LAB_PEER_MAC;
	struct eth_hdr eth;

	return eth_read(f->octets, f->len, &eth) == DROP_NONE && eth.type == ETH_TYPE_ARP &&
	       memcmp(eth.dst.b, peer.b, sizeof(peer.b)) == 0;
}

static void
transmit(const struct iovec *frame, int n, void *user)
{
	struct lab *l = user;
	struct lab_frame *f = &l->out[l->n_out];

	cr_assert_lt(l->n_out, LAB_OUT_MAX, "the stack sends more than the lab can hold");
	*f = (struct lab_frame){ .at_ns = l->now_ns };
	for (int i = 0; i < n; i++)
		f->len += (uint32_t)frame[i].iov_len;
	f->octets = malloc(f->len);
	for (int i = 0, at = 0; i < n; at += (int)frame[i].iov_len, i++)
		memcpy(f->octets + at, frame[i].iov_base, frame[i].iov_len);
	if (is_probe(f)) {
		free(f->octets);
		l->is_probed = true;
		return;
	}
	l->n_out++;
}

void
lab_skip_all(struct lab *l)
{
	for (unsigned i = 0; i < l->n_out; i++)
		free(l->out[i].octets);
	l->n_out = 0;
	l->n_seen = 0;
}

unsigned
lab_pending(const struct lab *l)
{
	return l->n_out - l->n_seen;
}

const struct lab_frame *
lab_next_frame(struct lab *l)
{
	cr_assert_gt(lab_pending(l), 0, "the stack has sent nothing more");
	return &l->out[l->n_seen++];
}

void
lab_sends_nothing_at(struct lab *l, const char *file, unsigned line)
{
	if (lab_pending(l) != 0)
		lab_fail(l, file, line, "expected nothing more to be sent");
	lab_skip_all(l);
}

/* Life and time */

/** The peer asks or answers: no test has to resolve it, none is disturbed by probes. */
static void
peer_says(struct lab *l, uint16_t op)
{
	uint8_t frame[ETH_HDR_LEN + ARP_LEN];

	eth_write(frame,
		&(struct eth_hdr){ .dst = LAB_MAC, .src = LAB_PEER_MAC, .type = ETH_TYPE_ARP });
	arp_write(frame + ETH_HDR_LEN, &(struct arp_msg){ .op = op,
					       .sha = LAB_PEER_MAC,
					       .spa = LAB_PEER,
					       .tha = LAB_MAC,
					       .tpa = LAB_ADDR });
	cr_assert_eq(baro_port_input(l->port, frame, sizeof(frame)), 0);
}

void
lab_open(struct lab *l, const struct baro_config *config)
{
	struct baro_config with_seed = { 0 };
	const struct mac mac = LAB_MAC;
	struct baro_port_opts opts = {
		.transmit = transmit,
		.user = l,
		.address = baro_addr_from_v4(LAB_ADDR),
		.prefix_len = 24,
		.gateway = baro_addr_from_v4(LAB_GATEWAY),
	};

	if (config != NULL)
		with_seed = *config;
	if (with_seed.core.seed == 0)
		with_seed.core.seed = 1;
	if (with_seed.core.mbufs == 0)
		with_seed.core.mbufs = 4096;
	/* the peers of the lab confirm nothing: no ARP in the middle of a test */
	if (with_seed.neighbour.reachable_ns == 0)
		with_seed.neighbour.reachable_ns = 24 * 3600 * NS_PER_SEC;
	memset(l, 0, sizeof(*l));
	memcpy(opts.mac, mac.b, sizeof(opts.mac));
	l->now_ns = 1000 * NS_PER_SEC;
	l->peer_iss = 0x10000000;
	l->peer_ts = 5000;
	l->local_port = LAB_PORT;
	l->app.data = malloc(LAB_DATA_MAX);
	l->app.reads = true;
	cr_assert_eq(baro_core_create(&with_seed, l->now_ns, &l->core), 0);
	cr_assert_eq(baro_port_open(l->core, &opts, &l->port), 0);
	peer_says(l, ARP_REQUEST);
	lab_run_ms(l, 3000); /* announcements */
	lab_skip_all(l);
	l->before = counters_of(&l->core->stack.env);
}

void
lab_close(struct lab *l)
{
	const char *why = invariants_of_core(l->core);

	lab_sends_nothing(l);
	cr_assert_null(why, "%s", why);
	baro_core_destroy(l->core);
	free(l->app.data);
}

/** Between turns the books of the connection under test are right. */
static void
check_books(struct lab *l)
{
	const struct tcp_conn *c = l->conn != NULL ? tcp_awake(l->conn) : lab_flow(l);
	const char *why = c != NULL ? invariants_of_conn(c) : NULL;

	if (why != NULL)
		lab_fail(l, __FILE__, __LINE__, "%s", why);
}

void
lab_poll(struct lab *l)
{
	unsigned turns = 0;

	do {
		baro_core_poll(l->core, l->now_ns);
		cr_assert_lt(++turns, 10000, "the core never comes to rest");
		if (l->is_probed)
			peer_says(l, ARP_REPLY);
		l->is_probed = false;
	} while (baro_core_next_deadline(l->core) <= l->now_ns);
	check_books(l);
}

void
lab_run_ns(struct lab *l, uint64_t ns)
{
	uint64_t until = l->now_ns + ns;
	uint64_t next;

	while ((next = baro_core_next_deadline(l->core)) <= until) {
		if (next > l->now_ns)
			l->now_ns = next;
		lab_poll(l);
	}
	l->now_ns = until;
	lab_poll(l);
}

void
lab_run_ms(struct lab *l, uint64_t ms)
{
	lab_run_ns(l, ms * NS_PER_MS);
}

void
lab_recv_frame(struct lab *l, const void *octets, size_t len)
{
	cr_assert_eq(baro_port_input(l->port, octets, len), 0);
	lab_poll(l);
}

void
lab_recv_ip(
	struct lab *l, uint32_t src, uint32_t dst, uint8_t proto, const void *payload, size_t len)
{
	uint8_t frame[ETH_HDR_LEN + IPV4_HDR_LEN + 9000];
	const struct ipv4_hdr ip = { .src = src,
		.dst = dst,
		.total_len = (uint16_t)(IPV4_HDR_LEN + len),
		.ttl = 64,
		.proto = proto };

	eth_write(frame,
		&(struct eth_hdr){ .dst = LAB_MAC, .src = LAB_PEER_MAC, .type = ETH_TYPE_IPV4 });
	ipv4_write(frame + ETH_HDR_LEN, &ip, true);
	memcpy(frame + ETH_HDR_LEN + IPV4_HDR_LEN, payload, len);
	lab_recv_frame(l, frame, ETH_HDR_LEN + IPV4_HDR_LEN + len);
}

/* Counters */

void
lab_dropped_at(struct lab *l, const struct counter_move *moves, const char *file, unsigned line)
{
	struct env now = l->core->stack.env;

	memcpy(now.stats, l->before.stats, sizeof(now.stats)); /* drops only */
	if (l->row != NULL)
		cr_log_info("%s:%u: row \"%s\"", file, line, l->row);
	counters_compare(&l->before, &now, moves, file, line);
	l->before = counters_of(&l->core->stack.env);
}

uint64_t
lab_stat(const struct lab *l, enum stat what)
{
	return l->core->stack.env.stats[what];
}

/* The application's side of a test */

void
lab_write(struct lab *l, size_t len)
{
	static uint8_t pattern[LAB_DATA_MAX];
	const struct tcp_conn *c = lab_tcp(l);
	size_t at = baro_conn_send_queued(l->conn);
	ssize_t n;

	if (tcp_is_synchronised(c))
		at += (uint32_t)(c->snd_una.n - l->our_iss - 1);

	for (size_t i = 0; i < len; i++)
		pattern[i] = lab_octet(at + i);
	n = baro_conn_send(l->conn, pattern, len);
	cr_assert_eq(n, (ssize_t)len, "the queue took %zd of %zu octets", n, len);
	lab_poll(l);
}

void
lab_has_read_at(struct lab *l, size_t len, const char *file, unsigned line)
{
	if (l->app.len != len)
		lab_fail(l, file, line, "%zu octets were read, expected %zu", l->app.len, len);
	for (size_t i = 0; i < len; i++)
		if (l->app.data[i] != lab_octet(i))
			lab_fail(l, file, line, "octet %zu read is wrong", i);
}
