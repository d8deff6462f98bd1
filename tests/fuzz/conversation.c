/* SPDX-License-Identifier: BSD-3-Clause */
/* Two stacks in the fuzzer's hands; see the header. */

#include "fuzz/conversation.h"

#include <baro/baro.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "fuzz/mutate.h"
#include "fuzz/target.h"
#include "kit/any_config.h"
#include "kit/invariants.h"
#include "tcp/cc.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

enum {
	QUEUE = 256, /* frames under way, each direction */
	CONNS = 8,   /* of each host */
	PORT = 7,
	TURNS_MAX = 2000,  /* that a core may need to come to rest */
	SETTLE_MAX = 4000, /* frames that two hosts exchange at one instant, with nobody else */
	OPS_MAX = 400,
};

struct host {
	struct baro_core *core;
	struct baro_port *port;
	struct baro_listener *listener;
	struct baro_conn *conn[CONNS];
	struct baro_udp *udp;
	bool reads; /* what comes */
	bool is_in_callback;
	struct frame *queue; /* frames that it has sent, QUEUE of them; a ring */
	unsigned first;
	unsigned n;
	struct frame last; /* that it has sent */
};

static struct host hosts[2];
static uint64_t now_ns;

static void
fail(const char *why)
{
	fprintf(stderr, "fuzz: %s\n", why);
	abort();
}

uint32_t
conversation_address(int host)
{
	return 0xc6120001u + (uint32_t)host;
}

struct mac
conversation_mac(int host)
{
	return (struct mac){ { 2, 0, 0, 0, 0, (uint8_t)(1 + host) } };
}

/* The applications: they keep their connections in a table, and read or do not */

static struct host *
host_of(const struct baro_conn *c)
{
	return &hosts[baro_conn_core(c) == hosts[1].core];
}

static void
forget(struct host *h, const struct baro_conn *c)
{
	for (unsigned i = 0; i < CONNS; i++)
		if (h->conn[i] == c)
			h->conn[i] = NULL;
}

static void
opened(struct baro_conn *c)
{
	struct host *h = host_of(c);

	for (unsigned i = 0; i < CONNS; i++)
		if (h->conn[i] == c)
			return;
	for (unsigned i = 0; i < CONNS; i++) {
		if (h->conn[i] == NULL) {
			h->conn[i] = c;
			return;
		}
	}
	baro_conn_abort(c);
}

static void
readable(struct baro_conn *c)
{
	uint8_t buf[4096];

	while (host_of(c)->reads && baro_conn_recv(c, buf, sizeof(buf)) > 0)
		;
}

static void
closed(struct baro_conn *c, int err)
{
	(void)err;
	forget(host_of(c), c);
}

static const struct baro_conn_ops ops = {
	.opened = opened,
	.readable = readable,
	.closed = closed,
};

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u;
	(void)d;
}

/* Frames */

static void
transmit(const struct iovec *piece, int n, void *user)
{
	struct host *h = user;
	struct frame *f = &h->queue[(h->first + h->n) % QUEUE];

	f->len = 0;
	for (int i = 0; i < n; i++) {
		if (f->len + piece[i].iov_len > FRAME_MAX)
			fail("a frame longer than the MTU");
		memcpy(f->octets + f->len, piece[i].iov_base, piece[i].iov_len);
		f->len += (uint32_t)piece[i].iov_len;
	}
	h->last = *f;
	if (h->n < QUEUE)
		h->n++;
	else
		h->first++; /* the oldest is lost */
}

static void
poll_both(void)
{
	for (int i = 0; i < 2; i++) {
		unsigned turns = 0;

		do {
			baro_core_poll(hosts[i].core, now_ns);
			if (++turns > TURNS_MAX)
				fail("a core never comes to rest");
		} while (baro_core_next_deadline(hosts[i].core) <= now_ns);
	}
}

static void
check(void)
{
	for (int i = 0; i < 2; i++) {
		const char *why = invariants_of_core(hosts[i].core);

		if (why != NULL)
			fail(why);
	}
}

/** With BARO_STORY in the environment: what arrives, a line each. */
static void
tell(int to, const struct frame *f)
{
	const uint8_t *p = f->octets + ETH_HDR_LEN + IPV4_HDR_LEN; /* ours have no IP options */
	uint32_t len = f->len - (uint32_t)min_u32(f->len, ETH_HDR_LEN + IPV4_HDR_LEN);
	struct tcp_hdr h;

	if (getenv("BARO_STORY") == NULL)
		return;
	if (f->octets[ETH_HDR_LEN + 9] != IP_PROTO_TCP || tcp_read(p, len, &h) != DROP_NONE) {
		fprintf(stderr, "%12.6f >%d %u octets that are no segment\n", (double)now_ns / 1e9,
			to, f->len);
		return;
	}
	fprintf(stderr,
		"%12.6f >%d %u>%u flags %02x seq %u ack %u wnd %u, %u octets, options %02x\n",
		(double)now_ns / 1e9, to, h.src_port, h.dst_port, h.flags, h.seq.n, h.ack.n, h.wnd,
		len - h.hdr_len, h.opts.has);
}

static void
deliver(int to, const struct frame *f)
{
	tell(to, f);
	baro_port_input(hosts[to].port, f->octets, f->len);
	poll_both();
}

/** The frame that @from has sent @behind the oldest; it is taken off the queue. */
static bool
take(int from, unsigned behind, struct frame *out)
{
	struct host *h = &hosts[from];
	unsigned at;

	if (h->n == 0)
		return false;
	at = (h->first + behind % h->n) % QUEUE;
	*out = h->queue[at];
	h->queue[at] = h->queue[h->first % QUEUE]; /* the oldest takes its place */
	h->first = (h->first + 1) % QUEUE;
	h->n--;
	return true;
}

/** Octets that have arrived in order on either side, since the beginning of connections that there are. */
static uint64_t
arrived(void)
{
	uint64_t sum = 0;
	struct baro_tcp_info info;

	for (int i = 0; i < 2; i++) {
		for (unsigned k = 0; k < CONNS; k++) {
			if (hosts[i].conn[k] == NULL)
				continue;
			baro_conn_info(hosts[i].conn[k], &info);
			sum += info.octets_received;
		}
	}
	return sum;
}

/**
 * All that is under way arrives, and what it causes: two hosts left alone fall silent (N07), unless it is text
 * that goes on, be it an octet a time because a window has been set so small. A frame takes
 * a microsecond: whoever sends again what he knows to have left before something delivered must see
 * that time passes (RFC 8985 §6.2).
 */
static void
settle(void)
{
	uint64_t before = arrived();
	struct frame f;

	for (unsigned n = 0; hosts[0].n + hosts[1].n != 0; n++) {
		if (n > SETTLE_MAX && arrived() == before)
			fail("two hosts never stop to answer each other");
		if (n > SETTLE_MAX)
			return;
		for (int from = 0; from < 2; from++)
			if (take(from, 0, &f))
				deliver(1 - from, &f);
		now_ns += NS_PER_US;
	}
}

/** Time passes; what is sent meanwhile arrives if @is_whole, and is lost if not. */
static void
pass(uint64_t for_ns, bool is_whole)
{
	uint64_t until_ns = now_ns + for_ns;
	uint64_t next;

	for (unsigned n = 0; n < 64; n++) {
		next = min_u64(baro_core_next_deadline(hosts[0].core),
			baro_core_next_deadline(hosts[1].core));
		if (next > until_ns)
			break;
		now_ns = max_u64(now_ns, next);
		poll_both();
		check();
		if (is_whole)
			settle();
	}
	now_ns = until_ns;
	poll_both();
}

/* Steps */

static void
step_frame(int from, struct script *s)
{
	struct frame f;

	switch (script_below(s, 10)) {
	case 0:
		settle();
		break;
	case 1: /* lost */
		take(from, 0, &f);
		break;
	case 2: /* twice */
		if (take(from, 0, &f)) {
			deliver(1 - from, &f);
			deliver(1 - from, &f);
		}
		break;
	case 3: /* out of order */
		if (take(from, script_u8(s), &f))
			deliver(1 - from, &f);
		break;
	case 4:
	case 5: /* changed */
		if (take(from, 0, &f)) {
			mutate(&f, s);
			deliver(1 - from, &f);
		}
		break;
	case 6: /* changed, before what it was made from */
		f = hosts[from].last;
		if (f.len != 0) {
			mutate(&f, s);
			deliver(1 - from, &f);
		}
		break;
	case 7:
		f = hosts[1 - from].last;
		make_up(&f, 1 - from, s);
		deliver(1 - from, &f);
		break;
	default:
		if (take(from, 0, &f))
			deliver(1 - from, &f);
		break;
	}
}

/* Any option there is, and some numbers that are none. */
static enum baro_conn_option
some_option(struct script *s)
{
	return (enum baro_conn_option)script_below(s, BARO_TCP_FASTOPEN_CONNECT + 3);
}

static const char *
some_cc(struct script *s)
{
	unsigned n_cc = 0;

	while (tcp_cc_at(n_cc) != NULL)
		n_cc++;
	return tcp_cc_at(script_below(s, n_cc))->name;
}

static const uint8_t octets[1 << 17]; /* to send */

/** With Fast Open the SYN takes along what is sent before the turn ends. */
static void
connect_from(struct host *h, struct script *s)
{
	int to = h == &hosts[0];
	struct baro_endpoint remote = { baro_addr_from_v4(conversation_address(to)), PORT };
	struct baro_conn **c = NULL;

	for (unsigned i = 0; i < CONNS && c == NULL; i++)
		if (h->conn[i] == NULL)
			c = &h->conn[i];
	if (c == NULL || baro_connect(h->core, &remote, NULL, &ops, NULL, c) != 0)
		return;
	if (script_below(s, 2) == 1) {
		baro_conn_set(*c, BARO_TCP_FASTOPEN_CONNECT, 1);
		baro_conn_send(*c, octets, script_size(s));
	}
}

/** What the listener hands down to those that it accepts. */
static void
step_listener(struct host *h, struct script *s)
{
	if (h->listener == NULL)
		return;
	if (script_below(s, 8) == 0)
		baro_listener_set_cc(h->listener, some_cc(s));
	else
		baro_listener_set(h->listener, some_option(s), (int)script_size(s));
}

static void
listen_or_not(struct host *h, struct script *s)
{
	const struct baro_endpoint local = { .port = PORT };
	const struct baro_listen_opts opts = { .backlog = 1 + script_below(s, 4),
		.defer_accept_ns = script_below(s, 4) == 3 ? script_size(s) * NS_PER_MS : 0 };

	if (h->listener != NULL) {
		baro_listener_close(h->listener);
		h->listener = NULL;
		return;
	}
	if (baro_listen(h->core, &local, &opts, &ops, NULL, &h->listener) != 0)
		fail("cannot listen again");
	baro_listener_set(h->listener, BARO_TCP_FASTOPEN, (int)script_below(s, 4));
}

static void
step_conn(struct host *h, struct baro_conn *c, struct script *s)
{
	uint8_t buf[4096];

	switch (script_below(s, 11)) {
	case 0:
	case 1:
	case 2:
		baro_conn_send(c, octets, script_size(s));
		break;
	case 3:
	case 4:
		baro_conn_recv(c, buf, script_size(s) % sizeof(buf));
		break;
	case 5:
		baro_conn_shutdown(c);
		break;
	case 6:
		forget(h, c);
		baro_conn_close(c);
		break;
	case 7:
		forget(h, c);
		baro_conn_abort(c);
		break;
	case 8:
		baro_conn_set_cc(c, some_cc(s));
		break;
	default:
		baro_conn_set(c, some_option(s), (int)script_size(s));
		break;
	}
}

static void
step_app(struct host *h, struct script *s)
{
	unsigned which = script_u8(s);
	struct baro_conn *c = h->conn[which % CONNS];

	if (c == NULL)
		c = h->conn[0];
	if (which >= 240)
		h->reads = !h->reads;
	else if (which >= 232)
		listen_or_not(h, s);
	else if (which >= 224)
		step_listener(h, s);
	else if (which >= 200 || c == NULL)
		connect_from(h, s);
	else
		step_conn(h, c, s);
	poll_both();
}

static void
step_time(struct script *s)
{
	static const uint64_t unit[] = { NS_PER_US, NS_PER_MS, 10 * NS_PER_MS, NS_PER_SEC,
		60 * NS_PER_SEC, 3600 * NS_PER_SEC };
	uint64_t for_ns = unit[script_below(s, sizeof(unit) / sizeof(unit[0]))];

	for_ns *= script_u8(s);
	pass(for_ns, script_below(s, 2) == 0);
}

/* The whole */

static void
open_hosts(struct script *s)
{
	struct baro_config config = { .core = { .seed = 1, .mbufs = 512 } };

	any_config(&config, script_u32(s), script_u32(s));
	now_ns = NS_PER_SEC;
	memset(hosts, 0, sizeof(hosts));
	for (int i = 0; i < 2; i++) {
		struct host *h = &hosts[i];
		struct mac mac = conversation_mac(i);
		const struct baro_endpoint local = { .port = CONVERSATION_UDP_PORT };
		struct baro_port_opts opts = { .transmit = transmit, .user = h, .prefix_len = 24 };

		h->queue = malloc(QUEUE * sizeof(*h->queue));
		h->reads = true;
		opts.address = baro_addr_from_v4(conversation_address(i));
		memcpy(opts.mac, mac.b, sizeof(opts.mac));
		if (h->queue == NULL || baro_core_create(&config, now_ns, &h->core) != 0 ||
			baro_port_open(h->core, &opts, &h->port) != 0 ||
			baro_udp_open(h->core, &local, received, NULL, &h->udp) != 0)
			fail("cannot begin");
		listen_or_not(h, s);
	}
}

/** Everybody goes, nothing arrives any more: after a while nothing is left. */
static void
close_hosts(void)
{
	for (int i = 0; i < 2; i++) {
		struct host *h = &hosts[i];
		struct baro_usage u;

		for (unsigned k = 0; k < CONNS; k++)
			if (h->conn[k] != NULL)
				baro_conn_abort(h->conn[k]);
		if (h->listener != NULL)
			baro_listener_close(h->listener);
		/* options have orphans wait for as long as a script can say */
		for (unsigned k = 0; k < 40; k++)
			pass((k < 20 ? 20 : 7200) * NS_PER_SEC, false);
		baro_usage_read(h->core, &u);
		if (u.mbufs + u.conns + u.sent + u.time_waits + u.listeners != 0) {
			fprintf(stderr, "%u buffers, %u connections, %u notes, %u TIME-WAITs\n",
				u.mbufs, u.conns, u.sent, u.time_waits);
			fail("something is left at the end");
		}
	}
	for (int i = 0; i < 2; i++) {
		baro_core_destroy(hosts[i].core);
		free(hosts[i].queue);
	}
}

void
target_run(const uint8_t *data, size_t len)
{
	struct script s = { data, len };

	open_hosts(&s);
	connect_from(&hosts[0], &s);
	poll_both();
	settle();
	for (unsigned n = 0; s.len != 0 && n < OPS_MAX; n++) {
		unsigned what = script_u8(&s);
		int side = (what & 0x80) != 0;

		switch (what % 8) {
		case 0:
			step_time(&s);
			break;
		case 1:
		case 2:
			step_app(&hosts[side], &s);
			break;
		default:
			step_frame(side, &s);
			break;
		}
		check();
	}
	close_hosts();
}
