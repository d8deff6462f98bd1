/* SPDX-License-Identifier: BSD-3-Clause */
/* A SYN as Linux sends it, each from another port, 32 in a turn, none of them completed. ARG: its kind. */

#include "micro/rig.h"
#include "micro/row.h"

enum {
	BURST = 32,
	TEXT_LEN = 64,
	COOKIE_LEN = 8,
};

/** A way to meet SYNs. */
static const struct kind {
	enum baro_switch cookies;
	uint32_t backlog; /* 0: nobody listens */
	bool has_fastopen;
} kinds[] = {
	{ BARO_OFF, RIG_CLIENTS_MAX, false },
	{ BARO_ON, RIG_CLIENTS_MAX, false },
	{ BARO_OFF, 1, false },
	{ BARO_OFF, 0, false },
	{ BARO_OFF, RIG_CLIENTS_MAX, true },
};

struct syn {
	struct rig *rig;
	const struct kind *kind;
	uint32_t n_sent;
};

static const struct baro_conn_ops no_ops = { .opened = NULL };

static bool
listen_as(struct rig *r, const struct kind *kind)
{
	const struct baro_listen_opts opts = { .backlog = kind->backlog };
	const struct baro_endpoint local = { .port = RIG_SERVER_PORT };
	struct baro_listener *listener;

	if (kind->backlog == 0)
		return true;
	return baro_listen(r->core, &local, &opts, &no_ops, NULL, &listener) == 0 &&
	       (!kind->has_fastopen || baro_listener_set(listener, BARO_TCP_FASTOPEN, 1000) == 0);
}

static void *
open_syn(const struct row *row)
{
	static struct syn syn;
	const struct kind *kind = &kinds[row->arg];
	const struct baro_config config = { .core.burst = RIG_BURST_MAX,
		.tcp.syncookies = kind->cookies };

	syn = (struct syn){ .rig = rig_open(&config), .kind = kind };
	return syn.rig != NULL && listen_as(syn.rig, kind) ? &syn : NULL;
}

/** Ports come again after RIG_CLIENTS_MAX of them, as SYNs of other connections. */
static void
send_syn(struct syn *s)
{
	uint8_t frame[CLIENT_HDR_LEN + TCP_OPT_MAX + TEXT_LEN] = { 0 };
	uint32_t i = s->n_sent++;
	struct tcp_hdr h = { .src_port = (uint16_t)(RIG_FIRST_PORT + i % RIG_CLIENTS_MAX),
		.dst_port = RIG_SERVER_PORT,
		.seq = { i * 64021u },
		.flags = TCP_SYN,
		.wnd = 64240 };

	h.opts.has = TCP_HAS_MSS | TCP_HAS_SACK_OK | TCP_HAS_TS | TCP_HAS_WSCALE;
	h.opts.mss = 1460;
	h.opts.wscale = 7;
	h.opts.tsval = i;
	if (s->kind->has_fastopen) {
		h.opts.has |= TCP_HAS_FASTOPEN;
		h.opts.cookie.len = COOKIE_LEN; /* of zeros: a bad one */
	}
	baro_port_input(s->rig->port, frame,
		client_segment(
			frame, s->rig->server_mac, &h, s->kind->has_fastopen ? TEXT_LEN : 0));
}

static void
prepare(void *state)
{
	struct syn *s = state;

	s->rig->n_heard = 0;
	for (uint32_t k = 0; k < BURST; k++)
		send_syn(s);
}

static void
run(void *state)
{
	rig_turn(((struct syn *)state)->rig);
}

static void
close_syn(void *state)
{
	rig_close(((struct syn *)state)->rig);
}

#define SYN(title, kind)                                                                        \
	{                                                                                       \
		.name = title, .per = BURST, .arg = kind, .open = open_syn, .prepare = prepare, \
		.run = run, .close = close_syn                                                  \
	}

const struct row rows_syn[] = {
	SYN("SYN remembered, an embryo", 0),
	SYN("SYN answered by a cookie", 1),
	SYN("SYN dropped, the backlog is full", 2),
	SYN("SYN refused, nobody listens", 3),
	SYN("SYN with a bad Fast Open cookie", 4),
	{ .name = NULL },
};
