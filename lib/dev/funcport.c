/* SPDX-License-Identifier: BSD-3-Clause */

/* Ports made of two functions: setting up, frames in, frames out. */

#include "dev/funcport.h"

#include <baro/addr.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pkt.h"

enum {
	MTU_MIN = 576,
	MTU_MAX = 9000,
	MTU_DEFAULT = 1500,
	VLAN_MAX = 4094,
	FRAME_MAX = MTU_MAX + ETH_HDR_LEN + ETH_VLAN_LEN,
	PIECES_MAX = 64, /* segments given to the callback as they are; beyond, a copy */
};

/* Ethernet's padding, RFC 894. */
static uint8_t zeros[ETH_MIN_LEN];

static bool
is_possible(const struct baro_port_opts *opts)
{
	return opts->transmit != NULL && opts->prefix_len <= 32 && opts->vlan <= VLAN_MAX &&
	       (opts->mtu == 0 || (opts->mtu >= MTU_MIN && opts->mtu <= MTU_MAX)) &&
	       !(opts->is_ip && opts->vlan != 0) && (opts->mac[0] & 1) == 0 &&
	       baro_addr_is_v4(&opts->address) && baro_addr_is_v4(&opts->gateway);
}

/* 198.18.0.2 gives 02:00:c6:12:00:02; a port without an address is told by its number. */
static struct mac
choose_mac(const struct baro_port_opts *opts, unsigned index)
{
	uint32_t v4 = baro_addr_to_v4(&opts->address);
	struct mac mac;

	memcpy(mac.b, opts->mac, sizeof(mac.b));
	if (!mac_is_zero(mac))
		return mac;
	if (v4 == 0)
		v4 = index;
	return (struct mac){ { 0x02, 0x00, (uint8_t)(v4 >> 24), (uint8_t)(v4 >> 16),
		(uint8_t)(v4 >> 8), (uint8_t)v4 } };
}

int
funcport_init(struct dev_queue *q, struct dev_port *port, unsigned index,
	const struct baro_port_opts *opts, struct env *env, struct rte_mempool *in_pool)
{
	struct rte_mbuf **in;

	if (!is_possible(opts))
		return -EINVAL;
	in = malloc(DEV_IN_MAX * sizeof(*in));
	if (in == NULL)
		return -ENOMEM;
	*port = (struct dev_port){
		.driver = "function",
		.index = (uint16_t)index,
		.port_id = UINT16_MAX,
		.n_queues = 1,
		.mtu = opts->mtu != 0 ? opts->mtu : MTU_DEFAULT,
		.vlan = opts->vlan,
		.mac = choose_mac(opts, index),
		.can = { .tx_multi_seg = true },
	};
	snprintf(port->name, sizeof(port->name), "port%u", index);
	*q = (struct dev_queue){
		.port = port,
		.env = env,
		.transmit = opts->transmit,
		.user = opts->user,
		.in_pool = in_pool,
		.in = in,
	};
	return 0;
}

void
funcport_fini(struct dev_queue *q)
{
	while (q->in_head != q->in_tail)
		pkt_release(q->in[q->in_head++ % DEV_IN_MAX]);
	while (q->n_tx > 0)
		pkt_release(q->tx[--q->n_tx]);
	free(q->in);
	q->in = NULL;
}

struct rte_mbuf *
pkt_copy_in(struct rte_mempool *pool, const void *octets, size_t len)
{
	const char *p = octets;
	struct rte_mbuf *first = pkt_alloc(pool);
	struct rte_mbuf *m = first;
	uint16_t n;

	while (m != NULL) {
		n = (uint16_t)RTE_MIN(len, (size_t)rte_pktmbuf_tailroom(m));
		if (n > 0)
			memcpy(pkt_data(m), p, n);
		m->data_len = n;
		m->pkt_len = n;
		if (m != first)
			rte_pktmbuf_chain(first, m);
		p += n;
		len -= n;
		if (len == 0)
			return first;
		m = pkt_alloc(pool);
	}
	if (first != NULL)
		pkt_release(first);
	return NULL;
}

int
funcport_input(struct dev_queue *q, const void *frame, size_t len)
{
	struct rte_mbuf *m = NULL;

	if (len > (size_t)q->port->mtu + ETH_HDR_LEN + ETH_VLAN_LEN) {
		q->env->drops[DROP_RX_LONG]++;
		return -EMSGSIZE;
	}
	if (q->in_tail - q->in_head < DEV_IN_MAX)
		m = pkt_copy_in(q->in_pool, frame, len);
	if (m == NULL) {
		q->env->drops[DROP_RX_FULL]++;
		return -ENOBUFS;
	}
	q->in[q->in_tail++ % DEV_IN_MAX] = m;
	return 0;
}

uint16_t
funcport_rx(struct dev_queue *q, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t got = 0;

	while (got < n && q->in_head != q->in_tail)
		pkts[got++] = q->in[q->in_head++ % DEV_IN_MAX];
	return got;
}

static void
transmit(struct dev_queue *q, struct iovec *pieces, int n, uint32_t len)
{
	if (len < ETH_MIN_LEN)
		pieces[n++] = (struct iovec){ zeros, ETH_MIN_LEN - len };
	q->transmit(pieces, n, q->user);
}

/* A frame in very many pieces, or one that no Ethernet carries. */
static BARO_COLD bool
transmit_copy(struct dev_queue *q, struct rte_mbuf *m)
{
	uint8_t octets[FRAME_MAX];
	struct iovec piece[2];

	if (m->pkt_len > sizeof(octets))
		return false;
	piece[0] = (struct iovec){ octets, m->pkt_len };
	for (uint32_t at = 0; m != NULL; at += m->data_len, m = m->next)
		memcpy(octets + at, pkt_data(m), m->data_len);
	transmit(q, piece, 1, (uint32_t)piece[0].iov_len);
	return true;
}

static bool
transmit_packet(struct dev_queue *q, struct rte_mbuf *m)
{
	struct iovec pieces[PIECES_MAX + 1]; /* and the padding */
	int n = 0;

	if (unlikely(m->nb_segs > PIECES_MAX || m->pkt_len > FRAME_MAX))
		return transmit_copy(q, m);
	for (struct rte_mbuf *s = m; s != NULL; s = s->next) {
		if (s->data_len != 0)
			pieces[n++] = (struct iovec){ pkt_data(s), s->data_len };
	}
	transmit(q, pieces, n, m->pkt_len);
	return true;
}

void
funcport_tx(struct dev_queue *q)
{
	uint16_t n = q->n_tx;
	uint16_t i;

	for (i = 0; i < n; i++) {
		if (unlikely(!transmit_packet(q, q->tx[i]))) {
			drop(q->env, q->tx[i], DROP_TX_REFUSED);
			continue;
		}
		count(q->env, STAT_TX_PACKETS);
		count_many(q->env, STAT_TX_OCTETS, q->tx[i]->pkt_len);
		pkt_release(q->tx[i]);
	}
	q->n_tx = 0;
}
