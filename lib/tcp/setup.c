/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* TCP of one core: its settings, made and taken apart. */

#include <errno.h>
#include <string.h>

#include "tcp/ack.h"
#include "tcp/agree.h"
#include "tcp/farewell.h"
#include "tcp/mtu_search.h"
#include "tcp/quiet.h"
#include "tcp/rest.h"
#include "tcp/sent.h"
#include "tcp/sndq.h"
#include "tcp/table.h"
#include "tcp/tcp.h"

enum {
	LISTENERS_MAX = 64 * 1024, /* embryos name one by 16 bits */
	SENTS_A_BUFFER =
		4, /* segments in flight that share a buffer of text; SYN and FIN need none */
	BUF_INITIAL = 256 * 1024,
	BUF_MAX = 4 * 1024 * 1024,
	FASTOPEN_QUEUE = 256,
	FASTOPEN_CACHE = 1024,
	FULL_SEGMENT = 1448, /* octets that a received buffer holds, if the peer sends much */
};

static uint64_t
or_default(uint64_t value, uint64_t otherwise)
{
	return value != 0 ? value : otherwise;
}

static uint32_t
or_default32(uint32_t value, uint32_t otherwise)
{
	return value != 0 ? value : otherwise;
}

static enum tcp_ecn_use
ecn_use(enum baro_ecn ecn)
{
	switch (ecn) {
	case BARO_ECN_OFF:
		return TCP_ECN_NONE;
	case BARO_ECN_ON:
		return TCP_ECN_OFFER;
	case BARO_ECN_AUTO:
	case BARO_ECN_PASSIVE:
		break;
	}
	return TCP_ECN_ACCEPT;
}

/** Linux: net.ipv4.tcp_mtu_probing. */
static enum tcp_mtu_probing
mtu_probing(enum baro_switch configured)
{
	switch (configured) {
	case BARO_OFF:
		return TCP_MTU_PROBE_NEVER;
	case BARO_ON:
		return TCP_MTU_PROBE_ALWAYS;
	case BARO_AUTO:
		break;
	}
	return TCP_MTU_PROBE_HOLES;
}

/** The size up to which a buffer tunes itself: one that is set alone stays as it is. */
static uint32_t
buf_max(uint32_t max, uint32_t configured, uint32_t initial, uint32_t fallback)
{
	return max_u32(or_default32(max, or_default32(configured, fallback)), initial);
}

/** @rcv_mbufs  for received text, of all connections */
static void
resolve_buffers(struct tcp_common *common, const struct baro_tcp_config *config, uint32_t rcv_mbufs)
{
	uint32_t share = min_u32(rcv_mbufs / 4, BUF_MAX / FULL_SEGMENT) * FULL_SEGMENT;

	common->snd_buf = or_default32(config->snd_buf, BUF_INITIAL);
	common->rcv_buf = or_default32(config->rcv_buf, BUF_INITIAL);
	common->snd_buf_max =
		buf_max(config->snd_buf_max, config->snd_buf, common->snd_buf, BUF_MAX);
	common->notsent_lowat = config->notsent_lowat;
	common->rcv_buf_max = buf_max(config->rcv_buf_max, config->rcv_buf, common->rcv_buf, share);
	common->rcv_wscale = tcp_wscale_for(common->rcv_buf_max);
}

/** Settings with the defaults of baro/config.h filled in. */
static int
resolve(struct tcp_common *common, const struct baro_tcp_config *config, struct env *env)
{
	common->env = env;
	common->rto_initial_ns = or_default(config->rto_initial_ns, NS_PER_SEC);
	common->rto_min_ns = or_default(config->rto_min_ns, 200 * NS_PER_MS);
	common->rto_max_ns = or_default(config->rto_max_ns, 60 * NS_PER_SEC);
	common->delayed_ack_ns = or_default(config->delayed_ack_ns, 40 * NS_PER_MS);
	common->msl_ns = or_default(config->msl_ns, 15 * NS_PER_SEC);
	common->rest_after_ns = or_default(config->rest_after_ns, 10 * NS_PER_SEC);
	common->rest_beyond = or_default32(config->rest_beyond, 1024);
	common->fin_wait_2_ns = or_default(config->fin_wait_2_ns, 60 * NS_PER_SEC);
	common->user_timeout_ns = or_default(config->user_timeout_ns, 100 * NS_PER_SEC);
	common->orphan_timeout_ns = or_default(config->orphan_timeout_ns, 100 * NS_PER_SEC);
	common->keepalive_idle_ns = or_default(config->keepalive_idle_ns, 7200 * NS_PER_SEC);
	common->keepalive_wait_ns = or_default(config->keepalive_wait_ns, 75 * NS_PER_SEC);
	common->keepalive_count = or_default32(config->keepalive_count, 9);
	common->connect_timeout_ns = or_default(config->connect_timeout_ns, 180 * NS_PER_SEC);
	common->syn_retries = config->syn_retries;
	common->syn_ack_retries = or_default32(config->syn_ack_retries, 5);
	common->initial_window = or_default32(config->initial_window, 10);
	common->backlog = or_default32(config->backlog, 1024);
	common->data_retries = config->data_retries;
	common->quick_acks = (uint8_t)or_default32(config->quick_acks, ACK_QUICK);
	common->mtu_probing = mtu_probing(config->mtu_probing);
	common->mtu_base = (uint16_t)or_default32(config->mtu_base, MTU_BASE);
	common->mtu_again_ns = or_default(config->mtu_again_ns, 600 * NS_PER_SEC);
	common->with_ts = config->timestamps != BARO_OFF;
	common->with_sack = config->sack != BARO_OFF;
	common->with_wscale = config->wscale != BARO_OFF;
	common->with_nodelay = config->nodelay == BARO_ON;
	common->with_cookies = config->syncookies != BARO_OFF;
	common->always_cookies = config->syncookies == BARO_ON;
	common->with_fastopen = config->fastopen != BARO_OFF;
	if (config->fastopen == BARO_ON)
		common->fastopen_queue = or_default32(config->fastopen_queue, FASTOPEN_QUEUE);
	common->fastopen_key_life_ns =
		or_default(config->fastopen_key_life_ns, 24 * 3600 * NS_PER_SEC);
	common->fastopen_hold_max_ns = or_default(config->fastopen_hold_max_ns, 3600 * NS_PER_SEC);
	common->resets_overflow = config->abort_on_overflow == BARO_ON;
	common->with_keepalive = config->keepalive == BARO_ON;
	common->ecn = ecn_use(config->ecn);
	common->with_pacing = config->pacing == BARO_ON;
	common->with_hystart = config->hystart != BARO_OFF;
	common->with_abe = config->abe == BARO_ON;
	if (fast_keys_read(config->fastopen_key, &common->fastopen_keys) != 0)
		return -EINVAL;
	common->cc = config->congestion[0] != '\0' ? tcp_cc_find(config->congestion) : tcp_cc_at(0);
	return common->cc != NULL ? 0 : -EINVAL;
}

int
tcp_init(struct tcp *tcp, const struct baro_config *config, struct env *env, struct ip4 *ip,
	struct dev_pool *pool, uint32_t mbufs)
{
	uint32_t limit = or_default32(config->tcp.max_conns, 1000 * 1000);
	uint32_t embryos = or_default32(config->tcp.max_embryos, 64 * 1024);
	int err;

	memset(tcp, 0, sizeof(*tcp));
	tcp->ip = ip;
	tcp->pool = pool;
	tcp->max_snd_mbufs = mbufs / 8 * 3;
	tcp->max_rcv_mbufs = mbufs / 8 * 3;
	for (unsigned i = 0; i < TCP_LISTENER_BUCKETS; i++)
		list_init(&tcp->listeners[i]);
	resolve_buffers(&tcp->common, &config->tcp, tcp->max_rcv_mbufs);
	err = resolve(&tcp->common, &config->tcp, env);
	if (err == 0)
		err = flowtab_init(&tcp->table, 2 * limit + embryos);
	if (err == 0)
		err = slab_init(&tcp->conns, sizeof(struct tcp_conn), limit, NULL);
	if (err == 0)
		err = slab_init(&tcp->rests, sizeof(struct tcp_rest), limit, NULL);
	if (err == 0)
		err = slab_init(&tcp->rests_more, sizeof(struct tcp_rest_more), limit, NULL);
	if (err == 0)
		err = slab_init(&tcp->timewaits, sizeof(struct tcp_timewait), limit, NULL);
	if (err == 0)
		err = slab_init(&tcp->embryos, sizeof(struct tcp_embryo), embryos, NULL);
	if (err == 0)
		err = slab_init(&tcp->listens, sizeof(struct tcp_listener), LISTENERS_MAX, NULL);
	if (err == 0)
		err = slab_init(
			&tcp->sents, sizeof(struct tcp_sent), limit + SENTS_A_BUFFER * mbufs, NULL);
	if (err == 0)
		err = slab_init(&tcp->cc_blocks, TCP_CC_BLOCK, limit, NULL);
	if (err == 0)
		err = quiet_init(tcp);
	if (err == 0)
		err = farewell_init(tcp);
	tcp->common.cc_blocks = &tcp->cc_blocks;
	if (err == 0)
		err = fast_cache_init(&tcp->fast_cache,
			or_default32(config->tcp.fastopen_cache, FASTOPEN_CACHE), &env->table_key);
	if (err != 0)
		tcp_fini(tcp);
	return err;
}

void
tcp_fini(struct tcp *tcp)
{
	for (uint32_t i = 0; i < tcp->conns.n_made; i++) {
		struct tcp_conn *c = slab_at(&tcp->conns, i);

		if (c->tcp == tcp) {
			sndq_clear(c);
			rcvq_clear(c);
		}
	}
	for (unsigned i = 0; i < TCP_LISTENER_BUCKETS; i++)
		while (!list_is_empty(&tcp->listeners[i]))
			tcp_listener_free(
				holder_of(tcp->listeners[i].next, struct tcp_listener, by_port));
	farewell_fini(tcp);
	quiet_fini(tcp);
	slab_fini(&tcp->cc_blocks);
	fast_cache_fini(&tcp->fast_cache);
	slab_fini(&tcp->sents);
	slab_fini(&tcp->listens);
	slab_fini(&tcp->embryos);
	slab_fini(&tcp->timewaits);
	slab_fini(&tcp->rests_more);
	slab_fini(&tcp->rests);
	slab_fini(&tcp->conns);
	flowtab_fini(&tcp->table);
}
