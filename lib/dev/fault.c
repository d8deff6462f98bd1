/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The way of a frame: it waits its turn at the rate (a full queue loses it), is lost or not,
 * corrupted or not, travels for the delay, is held back or not, and may arrive twice. So lost
 * frames take their share of the rate, as they do on a wire, and a copy arrives right behind
 * its original. The rate counts the octets of the frame: no preamble, gap or check sequence.
 *
 * Frames on their way are in a binary heap by (due_ns, order). Frames that are not held back
 * keep their order, even when fault_set() shortens the delay: due_ns never decreases.
 *
 * A frame that is corrupted loses the notes about its checksums: one received must be
 * verified in software, and one to be sent must not be mended by the device. Text that others
 * refer to is copied before.
 */

#include "dev/fault.h"

#include <errno.h>
#include <stdlib.h>

#include "dev/pkt.h"
#include "wire/eth.h"

enum {
	PPM = 1000000,
	QUEUE_DEFAULT = 1000, /* frames */
	HEAP_START = 64,
	SEED_DEFAULT = 1,
};

#define REORDER_DEFAULT_NS NS_PER_MS
#define BITS_NS            (8 * NS_PER_SEC) /* octets to bits, seconds to ns */

/* What a frame's buffer says about checksums, and the orders to the device about them. */
#define CKSUM_FLAGS                                                                           \
	(RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK | RTE_MBUF_F_TX_IP_CKSUM | \
		RTE_MBUF_F_TX_L4_MASK)

struct held {
	uint64_t due_ns;
	uint64_t order; /* of entering: tells frames apart that are due together */
	struct rte_mbuf *m;
};

/* When each frame that waits for the rate will have left: first in, first out. */
struct departures {
	uint64_t *at_ns; /* a ring of len entries */
	uint32_t len;
	uint32_t head;
	uint32_t n;
};

struct fault {
	struct baro_fault_config config; /* defaults filled in */
	struct env *env;
	struct rte_mempool *pool;
	struct rand rand;

	uint64_t free_ns;   /* when the last frame will have left, and the rate is free */
	uint64_t free_rest; /* and the fraction of a ns, in 1 / rate_bps */
	struct departures waiting;

	uint64_t last_due_ns; /* of frames in order */
	uint64_t n_pushed;
	struct held *heap;
	uint32_t n_held;
	uint32_t heap_len;
};

static uint64_t
add_ns(uint64_t a, uint64_t b)
{
	return a > TIME_NEVER - b ? TIME_NEVER : a + b;
}

bool
fault_is_wanted(const struct baro_fault_config *config)
{
	return (config->loss_ppm | config->duplicate_ppm | config->reorder_ppm |
		       config->corrupt_ppm | config->max_frame) != 0 ||
	       (config->delay_ns | config->rate_bps) != 0;
}

static void
set_config(struct fault *f, const struct baro_fault_config *config)
{
	f->config = *config;
	if (f->config.reorder_ns == 0)
		f->config.reorder_ns = REORDER_DEFAULT_NS;
	if (f->config.queue_frames == 0)
		f->config.queue_frames = QUEUE_DEFAULT;
	if (f->config.seed == 0)
		f->config.seed = SEED_DEFAULT;
}

int
fault_create(const struct baro_fault_config *config, struct env *env, struct rte_mempool *pool,
	struct fault **out)
{
	struct fault *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -ENOMEM;
	f->env = env;
	f->pool = pool;
	f->heap = malloc(HEAP_START * sizeof(*f->heap));
	if (f->heap == NULL) {
		free(f);
		return -ENOMEM;
	}
	f->heap_len = HEAP_START;
	set_config(f, config);
	rand_seed(&f->rand, f->config.seed);
	*out = f;
	return 0;
}

void
fault_destroy(struct fault *f)
{
	if (f == NULL)
		return;
	while (f->n_held > 0)
		pkt_release(f->heap[--f->n_held].m);
	free(f->heap);
	free(f->waiting.at_ns);
	free(f);
}

void
fault_set(struct fault *f, const struct baro_fault_config *config)
{
	uint64_t seed = f->config.seed;

	set_config(f, config);
	f->free_rest = 0;
	if (f->config.seed != seed)
		rand_seed(&f->rand, f->config.seed);
}

/* True with a probability of @ppm in a million. Nothing is drawn for what cannot happen. */
static bool
happens(struct fault *f, uint32_t ppm)
{
	return ppm != 0 && rand_below(&f->rand, PPM) < ppm;
}

static bool
is_before(const struct held *a, const struct held *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void
heap_add(struct fault *f, struct held new)
{
	uint32_t at = f->n_held++;

	while (at > 0 && is_before(&new, &f->heap[(at - 1) / 2])) {
		f->heap[at] = f->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	f->heap[at] = new;
}

static struct rte_mbuf *
heap_take(struct fault *f)
{
	struct rte_mbuf *m = f->heap[0].m;
	struct held last = f->heap[--f->n_held];
	uint32_t at = 0;
	uint32_t child = 1;

	while (child < f->n_held) {
		if (child + 1 < f->n_held && is_before(&f->heap[child + 1], &f->heap[child]))
			child++;
		if (!is_before(&f->heap[child], &last))
			break;
		f->heap[at] = f->heap[child];
		at = child;
		child = 2 * at + 1;
	}
	f->heap[at] = last;
	return m;
}

static bool
heap_has_room(struct fault *f, uint32_t n)
{
	struct held *larger;

	if (f->n_held + n <= f->heap_len)
		return true;
	larger = realloc(f->heap, 2 * (size_t)f->heap_len * sizeof(*larger));
	if (larger == NULL)
		return false;
	f->heap = larger;
	f->heap_len *= 2;
	return true;
}

/* Room for one more departure. The ring never outgrows twice the largest queue asked for. */
static bool
departures_have_room(struct departures *d)
{
	uint32_t len = d->len == 0 ? HEAP_START : 2 * d->len;
	uint64_t *larger;

	if (d->n < d->len)
		return true;
	larger = malloc(len * sizeof(*larger));
	if (larger == NULL)
		return false;
	for (uint32_t i = 0; i < d->n; i++)
		larger[i] = d->at_ns[(d->head + i) % d->len];
	free(d->at_ns);
	*d = (struct departures){ .at_ns = larger, .len = len, .n = d->n };
	return true;
}

/* When a frame of @len octets has left at the rate. False: the queue is full. */
static bool
depart(struct fault *f, uint32_t len, uint64_t now_ns, uint64_t *left_ns)
{
	struct departures *d = &f->waiting;
	uint64_t share;

	*left_ns = now_ns;
	while (d->n > 0 && d->at_ns[d->head] <= now_ns) {
		d->head = (d->head + 1) % d->len;
		d->n--;
	}
	if (f->config.rate_bps == 0)
		return true;
	if (d->n >= f->config.queue_frames || !departures_have_room(d))
		return false;
	if (f->free_ns < now_ns) {
		f->free_ns = now_ns;
		f->free_rest = 0;
	}
	share = len * BITS_NS + f->free_rest;
	f->free_ns = add_ns(f->free_ns, share / f->config.rate_bps);
	f->free_rest = share % f->config.rate_bps;
	d->at_ns[(d->head + d->n++) % d->len] = f->free_ns;
	*left_ns = f->free_ns;
	return true;
}

/* Nobody else sees a change of this segment's octets. */
static bool
is_private(const struct rte_mbuf *segment)
{
	return RTE_MBUF_DIRECT(segment) && rte_mbuf_refcnt_read(segment) == 1;
}

/* The segment that holds octet @at of the frame; @at becomes the offset in it. */
static struct rte_mbuf *
find_octet(struct rte_mbuf *m, uint32_t *at)
{
	while (*at >= m->data_len) {
		*at -= m->data_len;
		m = m->next;
	}
	return m;
}

/* Flip a bit behind the Ethernet header. The frame, perhaps a copy; NULL: no buffer for one. */
static struct rte_mbuf *
corrupt(struct fault *f, struct rte_mbuf *m)
{
	struct rte_mbuf *copy;
	struct rte_mbuf *segment;
	uint32_t at;
	uint32_t bit;

	if (m->pkt_len <= ETH_HDR_LEN)
		return m;
	bit = rand_below(&f->rand, 8 * (m->pkt_len - ETH_HDR_LEN));
	at = ETH_HDR_LEN + bit / 8;
	segment = find_octet(m, &at);
	if (!is_private(segment)) {
		copy = rte_pktmbuf_copy(m, f->pool, 0, UINT32_MAX);
		if (copy == NULL) {
			drop(f->env, m, DROP_PORT_FAULT);
			return NULL;
		}
		pkt_release(m);
		m = copy;
		at = ETH_HDR_LEN + bit / 8;
		segment = find_octet(m, &at);
	}
	pkt_data(segment)[at] ^= (uint8_t)(1u << bit % 8);
	m->ol_flags &= ~CKSUM_FLAGS;
	return m;
}

static void
hold(struct fault *f, struct rte_mbuf *m, uint64_t due_ns)
{
	heap_add(f, (struct held){ due_ns, f->n_pushed++, m });
}

/* The frame has left: when does it arrive, and how often? */
static void
travel(struct fault *f, struct rte_mbuf *m, uint64_t left_ns)
{
	uint64_t due_ns = add_ns(left_ns, f->config.delay_ns);
	struct rte_mbuf *copy;

	if (happens(f, f->config.reorder_ppm)) {
		due_ns = add_ns(due_ns, f->config.reorder_ns);
	} else {
		due_ns = max_u64(due_ns, f->last_due_ns);
		f->last_due_ns = due_ns;
	}
	hold(f, m, due_ns);
	if (happens(f, f->config.duplicate_ppm)) {
		copy = rte_pktmbuf_copy(m, f->pool, 0, UINT32_MAX);
		if (copy != NULL)
			hold(f, copy, due_ns);
	}
}

void
fault_push(struct fault *f, struct rte_mbuf *m, uint64_t now_ns)
{
	bool is_too_long = f->config.max_frame != 0 && m->pkt_len > f->config.max_frame;
	uint64_t left_ns;

	if (is_too_long || !heap_has_room(f, 2) || !depart(f, m->pkt_len, now_ns, &left_ns) ||
		happens(f, f->config.loss_ppm)) {
		drop(f->env, m, DROP_PORT_FAULT);
		return;
	}
	if (happens(f, f->config.corrupt_ppm))
		m = corrupt(f, m);
	if (m != NULL)
		travel(f, m, left_ns);
}

uint16_t
fault_pop(struct fault *f, struct rte_mbuf **pkts, uint16_t n, uint64_t now_ns)
{
	uint16_t got = 0;

	while (got < n && f->n_held > 0 && f->heap[0].due_ns <= now_ns)
		pkts[got++] = heap_take(f);
	return got;
}

uint64_t
fault_next(const struct fault *f)
{
	return f->n_held > 0 ? f->heap[0].due_ns : TIME_NEVER;
}
