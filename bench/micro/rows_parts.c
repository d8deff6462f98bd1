/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of the way by themselves: operations of base/, wire/ and dev/. */

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/flowtab.h"
#include "base/rand.h"
#include "base/siphash.h"
#include "base/slab.h"
#include "base/time.h"
#include "base/wheel.h"
#include "dev/pool.h"
#include "micro/client.h"
#include "micro/row.h"
#include "wire/cksum.h"

enum {
	BURST = 32,
	OPERATIONS = 1000,
	STRIDE = 617, /* a prime */
};

/** Takes every result, so that none is optimised away. */
static volatile uint64_t sink;

/* Parsing */

struct frames {
	uint8_t octets[BURST][CLIENT_HDR_LEN + TCP_OPT_MAX];
	uint32_t len;
};

/** Segments as nearly all are: 64 octets of text would follow, and timestamps are the option. */
static void *
open_frames(const struct row *row)
{
	struct frames *f = calloc(1, sizeof(*f));
	struct tcp_hdr h = { .src_port = 1024, .dst_port = 7, .flags = TCP_ACK, .wnd = 1000 };

	(void)row;
	if (f == NULL)
		return NULL;
	h.opts.has = TCP_HAS_TS;
	for (int i = 0; i < BURST; i++)
		f->len = client_segment(f->octets[i], client_mac, &h, 0);
	return f;
}

static void
run_parse(void *state)
{
	struct frames *f = state;
	struct eth_hdr eth;
	struct ipv4_hdr ip;
	struct tcp_hdr tcp;
	uint64_t n = 0;

	for (int i = 0; i < BURST; i++) {
		const uint8_t *p = f->octets[i];
		uint32_t len = f->len;

		if (eth_read(p, len, &eth) != DROP_NONE)
			abort();
		p += eth.len;
		len -= eth.len;
		if (ipv4_read(p, len, len, false, &ip) != DROP_NONE ||
			tcp_read(p + IPV4_HDR_LEN, len - IPV4_HDR_LEN, &tcp) != DROP_NONE)
			abort();
		n += ip.src + tcp.seq.n + tcp.opts.tsval;
	}
	sink = n;
}

/* Checksums */

struct octets {
	uint8_t octet[64 * 1024];
	uint32_t len;
};

static void *
open_octets(const struct row *row)
{
	struct octets *o = calloc(1, sizeof(*o));

	if (o != NULL)
		o->len = row->arg;
	return o;
}

static void
run_cksum(void *state)
{
	struct octets *o = state;

	for (uint32_t i = 0; i < OPERATIONS; i++)
		sink = cksum_fold(cksum_add(i, o->octet + (i & 1023), o->len));
}

/* Flows */

struct flows {
	struct flowtab table;
	struct siphash_key key;
	struct rand rand;
	uint32_t n;
};

static uint32_t
hash_of(const struct flows *f, uint32_t flow)
{
	return (uint32_t)siphash13_2u64(&f->key, flow, 0);
}

static void *
open_flows(const struct row *row)
{
	struct flows *f = calloc(1, sizeof(*f));

	if (f == NULL || flowtab_init(&f->table, row->arg) != 0)
		return NULL;
	f->key = (struct siphash_key){ 1, 2 };
	f->n = row->arg;
	rand_seed(&f->rand, 1);
	for (uint32_t i = 0; i < f->n; i++)
		if (flowtab_add(&f->table, hash_of(f, i), i) != 0)
			return NULL;
	return f;
}

/** Search by bursts, each prefetched before it is looked at; the hash is part of the price. */
static void
run_lookup(void *state)
{
	struct flows *f = state;
	struct flowtab_cursor at;
	uint32_t hash[BURST];
	uint64_t n = 0;

	for (uint32_t k = 0; k < BURST; k++) {
		hash[k] = hash_of(f, rand_below(&f->rand, f->n));
		flowtab_fetch(&f->table, hash[k]);
	}
	for (uint32_t k = 0; k < BURST; k++)
		n += flowtab_first(&f->table, hash[k], &at);
	sink = n;
}

static void
close_flows(void *state)
{
	struct flows *f = state;

	flowtab_fini(&f->table);
	free(f);
}

static void
run_siphash(void *state)
{
	struct flows *f = state;
	uint64_t n = 0;

	for (uint32_t i = 0; i < OPERATIONS; i++)
		n += siphash13_2u64(&f->key, i, n);
	sink = n;
}

/* Timers */

struct timers {
	struct wheel wheel;
	struct wheel_timer *timer;
	uint32_t n;
	uint32_t at;
	uint64_t now_ns;
};

static void *
open_timers(const struct row *row)
{
	struct timers *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->n = row->arg;
	t->timer = calloc(t->n, sizeof(*t->timer));
	if (t->timer == NULL)
		return NULL;
	wheel_init(&t->wheel, 0);
	for (uint32_t i = 0; i < t->n; i++)
		wheel_timer_init(&t->timer[i], TIMER_APP);
	for (uint32_t i = 0; i < t->n; i++)
		wheel_start(&t->wheel, &t->timer[i], NS_PER_SEC + i);
	return t;
}

/** To a second from now, each some way from the last one in memory. */
static void
run_rearm(void *state)
{
	struct timers *t = state;

	for (uint32_t i = 0; i < OPERATIONS; i++) {
		wheel_start(&t->wheel, &t->timer[t->at], t->now_ns + NS_PER_SEC);
		t->now_ns += NS_PER_US;
		t->at += STRIDE;
		t->at -= t->at < t->n ? 0 : t->n;
	}
}

static void
close_timers(void *state)
{
	struct timers *t = state;

	free(t->timer);
	free(t);
}

/* Memory */

static void *
open_slab(const struct row *row)
{
	struct slab *slab = calloc(1, sizeof(*slab));

	return slab != NULL && slab_init(slab, row->arg, 1024, NULL) == 0 ? slab : NULL;
}

static void
run_slab(void *slab)
{
	uint32_t index = 0;

	for (uint32_t i = 0; i < OPERATIONS; i++) {
		sink = (uintptr_t)slab_get(slab, &index);
		slab_put(slab, index);
	}
}

static void
close_slab(void *slab)
{
	slab_fini(slab);
	free(slab);
}

static void *
open_pool(const struct row *row)
{
	struct dev_pool *pool = calloc(1, sizeof(*pool));

	return pool != NULL && dev_pool_create_plain(pool, row->arg) == 0 ? pool : NULL;
}

/** A burst's worth is taken, then given back. */
static void
run_buffers(void *state)
{
	struct dev_pool *pool = state;
	struct rte_mbuf *m[BURST];

	for (int i = 0; i < BURST; i++) {
		m[i] = rte_pktmbuf_alloc(pool->text);
		if (m[i] == NULL)
			abort();
	}
	for (int i = 0; i < BURST; i++)
		rte_pktmbuf_free(m[i]);
}

static void
close_pool(void *pool)
{
	dev_pool_destroy(pool);
	free(pool);
}

#define PART(title, n, value, opened, ran, closed)                                                 \
	{                                                                                          \
		.name = title, .per = n, .arg = value, .open = opened, .run = ran, .close = closed \
	}

const struct row rows_parts[] = {
	PART("parse Ethernet, IPv4, TCP", BURST, 0, open_frames, run_parse, free),
	PART("checksum 64 octets", OPERATIONS, 64, open_octets, run_cksum, free),
	PART("checksum 1460 octets", OPERATIONS, 1460, open_octets, run_cksum, free),
	PART("checksum 9000 octets", OPERATIONS, 9000, open_octets, run_cksum, free),
	PART("siphash13 16 octets", OPERATIONS, 1000, open_flows, run_siphash, close_flows),
	PART("lookup of 1k flows", BURST, 1000, open_flows, run_lookup, close_flows),
	PART("lookup of 100k flows", BURST, 100000, open_flows, run_lookup, close_flows),
	PART("lookup of 1M flows", BURST, 1000000, open_flows, run_lookup, close_flows),
	PART("lookup of 10M flows", BURST, 10000000, open_flows, run_lookup, close_flows),
	PART("timer re-arm of 1k", OPERATIONS, 1000, open_timers, run_rearm, close_timers),
	PART("timer re-arm of 1M", OPERATIONS, 1000000, open_timers, run_rearm, close_timers),
	PART("control block, get and put", OPERATIONS, 256, open_slab, run_slab, close_slab),
	PART("buffer, alloc and free", BURST, 1024, open_pool, run_buffers, close_pool),
	{ .name = NULL },
};
