/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
/* Options of a connection (baro/conn.h): a row each. */

#include <baro/conn.h>
#include <errno.h>
#include <limits.h>

#include "ip/ip.h"
#include "socket/stack.h"
#include "tcp/ack.h"
#include "tcp/agree.h"
#include "tcp/cc_change.h"
#include "tcp/fastopen.h"
#include "tcp/keepalive.h"
#include "tcp/mtu.h"
#include "tcp/pace.h"
#include "tcp/timer.h"

enum {
	BUF_MAX = 1 << 30,
	DAY_S = 24 * 3600,
	DAY_MS = DAY_S * 1000,
	DEFAULT_MTU = 1500,
};

/** Whose option it is. */
enum whose {
	EVERYBODYS = 0, /* a connection's; a listener hands it down */
	CONNS,          /* a connection's alone */
	LISTENERS,      /* a listener's alone: not in the table's functions */
};

/** How an option is read and set. What is set is between min and max. */
struct option {
	int min;
	int max;
	enum whose whose;
	uint32_t flag; /* get() and set() NULL: on or off by this flag */
	int (*get)(const struct tcp_conn *c);
	void (*set)(struct tcp_conn *c, int value);
	bool (*may)(const struct tcp_conn *c);                /* be set now; NULL: always */
	void (*changed)(struct tcp_conn *c, uint64_t now_ns); /* NULL: nobody has to know */
};

static void
set_flag(struct tcp_conn *c, uint32_t flag, bool is_on)
{
	tcp_unmark(c, flag);
	if (is_on)
		tcp_mark(c, flag);
}

/** What may leave now may be more than before. */
static void
look_again(struct tcp_conn *c, uint64_t now_ns)
{
	(void)now_ns;
	tcp_ready(c->tcp, c);
}

/** Without keepalive it may rest. */
static void
keep_again(struct tcp_conn *c, uint64_t now_ns)
{
	keepalive_restart(c, now_ns);
	look_again(c, now_ns);
}

/* Buffers and windows */

static int
get_snd_buf(const struct tcp_conn *c)
{
	return (int)c->snd_buf;
}

static void
set_snd_buf(struct tcp_conn *c, int value)
{
	c->snd_buf = (uint32_t)value;
	c->asked.has_snd_buf = true;
}

static int
get_rcv_buf(const struct tcp_conn *c)
{
	return (int)c->rcv_buf;
}

static void
set_rcv_buf(struct tcp_conn *c, int value)
{
	/* what was offered stays; by a listener's model nothing ever was */
	bool is_model = c->state == TCP_ST_CLOSED && !tcp_is(c, TCP_F_KNOWN);

	c->rcv_buf = is_model ? (uint32_t)value : max_u32((uint32_t)value, c->rcv_buf);
	c->asked.has_rcv_buf = true;
}

static int
get_lowat(const struct tcp_conn *c)
{
	return tcp_is(c, TCP_F_LOWAT) ? (int)c->asked.notsent_lowat : 0;
}

static void
set_lowat(struct tcp_conn *c, int value)
{
	c->asked.notsent_lowat = (uint32_t)value;
	set_flag(c, TCP_F_LOWAT, value != 0);
}

static int
get_clamp(const struct tcp_conn *c)
{
	return tcp_is(c, TCP_F_CLAMP) ? (int)c->asked.window_clamp : 0;
}

static void
set_clamp(struct tcp_conn *c, int value)
{
	c->asked.window_clamp = (uint32_t)value;
	set_flag(c, TCP_F_CLAMP, value != 0);
}

/* Segments */

static int
get_maxseg(const struct tcp_conn *c)
{
	return c->mss;
}

static void
set_maxseg(struct tcp_conn *c, int value)
{
	mtu_limit(c, (uint16_t)value);
}

static int
get_quickack(const struct tcp_conn *c)
{
	return c->quick_acks == ACK_ALWAYS;
}

static void
set_quickack(struct tcp_conn *c, int value)
{
	c->quick_acks = value ? ACK_ALWAYS : 0;
	if (value && c->ack_ns != TIME_NEVER)
		tcp_mark(c, TCP_F_ACK_NOW);
}

static int
get_pace_max(const struct tcp_conn *c)
{
	return (int)c->max_pace_rate;
}

static void
set_pace_max(struct tcp_conn *c, int value)
{
	pace_limit(c, (uint64_t)value);
}

static int
get_tos(const struct tcp_conn *c)
{
	return c->tos;
}

static void
set_tos(struct tcp_conn *c, int value)
{
	c->tos = (uint8_t)(value & ~3); /* RFC 3168 §5: those two are TCP's own */
}

static int
get_ttl(const struct tcp_conn *c)
{
	return c->ttl != 0 ? c->ttl : IP_TTL_DEFAULT;
}

static void
set_ttl(struct tcp_conn *c, int value)
{
	c->ttl = (uint8_t)value;
}

/* Patience */

static int
seconds(uint64_t ns)
{
	return (int)min_u64(ns / NS_PER_SEC, INT_MAX);
}

static int
get_keep_idle(const struct tcp_conn *c)
{
	return seconds(keepalive_idle_ns(c));
}

static void
set_keep_idle(struct tcp_conn *c, int value)
{
	c->asked.keep_idle_s = (uint16_t)value;
}

static int
get_keep_interval(const struct tcp_conn *c)
{
	return seconds(keepalive_interval_ns(c));
}

static void
set_keep_interval(struct tcp_conn *c, int value)
{
	c->asked.keep_interval_s = (uint16_t)value;
}

static int
get_keep_count(const struct tcp_conn *c)
{
	return (int)keepalive_count(c);
}

static void
set_keep_count(struct tcp_conn *c, int value)
{
	c->asked.keep_count = (uint8_t)value;
}

static int
get_user_timeout(const struct tcp_conn *c)
{
	return (int)c->asked.user_timeout_ms;
}

static void
set_user_timeout(struct tcp_conn *c, int value)
{
	c->asked.user_timeout_ms = (uint32_t)value;
}

static int
get_syn_count(const struct tcp_conn *c)
{
	return c->asked.syn_retries;
}

static void
set_syn_count(struct tcp_conn *c, int value)
{
	c->asked.syn_retries = (uint8_t)value;
}

static int
get_linger(const struct tcp_conn *c)
{
	return c->asked.linger_s_plus_1 - 1;
}

static void
set_linger(struct tcp_conn *c, int value)
{
	c->asked.linger_s_plus_1 = (uint16_t)(value + 1);
}

static int
get_linger2(const struct tcp_conn *c)
{
	return seconds(tcp_fin_wait_2_ns(c));
}

static void
set_linger2(struct tcp_conn *c, int value)
{
	c->asked.fin_wait_2_s = (uint16_t)value;
}

/* Opening */

static int
get_fastopen_connect(const struct tcp_conn *c)
{
	return c->fast.is_early && !tcp_is(c, TCP_F_PASSIVE);
}

static void
set_fastopen_connect(struct tcp_conn *c, int value)
{
	if (value)
		fastopen_ask(c, holder_of(c->tcp, struct stack, tcp)->now_ns);
	else
		fastopen_do_not_ask(c);
}

/** Its SYN has not left. */
static bool
has_syn_to_send(const struct tcp_conn *c)
{
	return c->state == TCP_ST_SYN_SENT && c->sent_head == NULL;
}

/* clang-format off */
static const struct option options[] = {
	[BARO_TCP_NODELAY] = { 0, 1, .flag = TCP_F_NODELAY, .changed = look_again },
	[BARO_TCP_CORK] = { 0, 1, .flag = TCP_F_CORK, .changed = look_again },
	[BARO_TCP_SNDBUF] = { 1, BUF_MAX, .get = get_snd_buf, .set = set_snd_buf },
	[BARO_TCP_RCVBUF] = { 1, BUF_MAX, .get = get_rcv_buf, .set = set_rcv_buf },
	[BARO_TCP_NOTSENT_LOWAT] = { 0, BUF_MAX, .get = get_lowat, .set = set_lowat, .changed = look_again },
	[BARO_TCP_WINDOW_CLAMP] = { 0, BUF_MAX, .get = get_clamp, .set = set_clamp },
	[BARO_TCP_MAXSEG] = { TCP_MSS_MIN, 9000, .get = get_maxseg, .set = set_maxseg },
	[BARO_TCP_QUICKACK] = { 0, 1, .get = get_quickack, .set = set_quickack, .changed = look_again },
	[BARO_TCP_MAX_PACING_RATE] = { 0, INT_MAX, .get = get_pace_max, .set = set_pace_max, .changed = look_again },
	[BARO_IP_TOS] = { 0, 255, .get = get_tos, .set = set_tos },
	[BARO_IP_TTL] = { 1, 255, .get = get_ttl, .set = set_ttl },
	[BARO_TCP_KEEPALIVE] = { 0, 1, .flag = TCP_F_KEEPALIVE, .changed = keep_again },
	[BARO_TCP_KEEPIDLE] = { 1, 32767, .get = get_keep_idle, .set = set_keep_idle, .changed = keep_again },
	[BARO_TCP_KEEPINTVL] = { 1, 32767, .get = get_keep_interval, .set = set_keep_interval, .changed = keep_again },
	[BARO_TCP_KEEPCNT] = { 1, 127, .get = get_keep_count, .set = set_keep_count },
	[BARO_TCP_USER_TIMEOUT] = { 0, DAY_MS, .get = get_user_timeout, .set = set_user_timeout },
	[BARO_TCP_SYNCNT] = { 1, 127, .get = get_syn_count, .set = set_syn_count },
	[BARO_TCP_LINGER] = { -1, 32767, .get = get_linger, .set = set_linger },
	[BARO_TCP_LINGER2] = { 1, 32767, .get = get_linger2, .set = set_linger2 },
	[BARO_TCP_FASTOPEN] = { 0, 65535, .whose = LISTENERS },
	[BARO_TCP_FASTOPEN_CONNECT] = { 0, 1, CONNS, .get = get_fastopen_connect, .set = set_fastopen_connect, .may = has_syn_to_send },
};
/* clang-format on */

/** NULL: nobody has such an option, or only @not has. */
static const struct option *
find_option(enum baro_conn_option id, enum whose not )
{
	const struct option *o = (unsigned)id < ARRAY_LEN(options) ? &options[id] : NULL;

	return o == NULL || o->whose == not ? NULL : o;
}

static void
set(struct tcp_conn *c, const struct option *o, int value)
{
	if (o->set != NULL)
		o->set(c, value);
	else
		set_flag(c, o->flag, value != 0);
}

static int
get(const struct tcp_conn *c, const struct option *o)
{
	return o->get != NULL ? o->get(c) : tcp_is(c, o->flag);
}

_Static_assert(ARRAY_LEN(options) <= 64, "struct sock_wishes has a bit for each");

int
conn_option_check(enum baro_conn_option id, int value)
{
	const struct option *o = find_option(id, LISTENERS);

	if (o == NULL)
		return -ENOPROTOOPT;
	return value < o->min || value > o->max ? -EINVAL : 0;
}

static int
get_option(const struct tcp_conn *c, enum baro_conn_option id, int *value)
{
	const struct option *o = find_option(id, LISTENERS);

	if (o == NULL)
		return -ENOPROTOOPT;
	*value = get(c, o);
	return 0;
}

int
conn_option_default(struct stack *stack, enum baro_conn_option id, int *value)
{
	struct tcp_conn fresh = { .tcp = &stack->tcp, .cc = stack->tcp.common.cc };

	tcp_conn_init(&fresh, (struct seq){ 0 }, 0, DEFAULT_MTU, stack->now_ns);
	return get_option(&fresh, id, value);
}

int
baro_conn_set(struct baro_conn *conn, enum baro_conn_option id, int value)
{
	const struct option *o = find_option(id, LISTENERS);
	struct tcp_conn *c;

	if (o == NULL)
		return -ENOPROTOOPT;
	c = tcp_of(conn);
	if (c == NULL)
		return -ENOMEM;
	if (value < o->min || value > o->max || (o->may != NULL && !o->may(c)))
		return -EINVAL;
	set(c, o, value);
	if (o->changed != NULL)
		o->changed(c, stack_of_conn(conn)->now_ns);
	tcp_timer_update(c);
	return 0;
}

int
baro_conn_get(const struct baro_conn *c, enum baro_conn_option id, int *value)
{
	struct tcp_conn copy;

	return get_option(tcp_look(c, &copy), id, value);
}

int
baro_listener_set(struct baro_listener *listener, enum baro_conn_option id, int value)
{
	struct tcp_listener *l = (struct tcp_listener *)listener;
	const struct option *o = find_option(id, CONNS);
	struct tcp_conn *model;

	if (o == NULL)
		return -ENOPROTOOPT;
	if (value < o->min || value > o->max)
		return -EINVAL;
	if (id == BARO_TCP_FASTOPEN) {
		l->fast.limit = (uint32_t)value;
		return 0;
	}
	model = tcp_listener_model(l);
	if (model == NULL)
		return -ENOMEM;
	set(model, o, value);
	return 0;
}

int
baro_listener_get(struct baro_listener *listener, enum baro_conn_option id, int *value)
{
	struct tcp_listener *l = (struct tcp_listener *)listener;
	const struct option *o = find_option(id, CONNS);
	const struct tcp_conn *model;

	if (o == NULL)
		return -ENOPROTOOPT;
	if (id == BARO_TCP_FASTOPEN) {
		*value = (int)l->fast.limit;
		return 0;
	}
	model = tcp_listener_model(l);
	if (model == NULL)
		return -ENOMEM;
	*value = get(model, o);
	return 0;
}

/* Congestion control: by name */

int
baro_conn_set_cc(struct baro_conn *conn, const char *name)
{
	const struct tcp_cc *cc = tcp_cc_find(name);
	struct tcp_conn *c;

	if (cc == NULL)
		return -ENOENT;
	c = tcp_of(conn);
	if (c == NULL)
		return -ENOMEM;
	tcp_cc_change(c, cc, stack_of_conn(conn)->now_ns);
	tcp_ready(c->tcp, c); /* what may leave now may be more than before */
	return 0;
}

const char *
baro_conn_get_cc(const struct baro_conn *c)
{
	struct tcp_conn copy;

	return tcp_look(c, &copy)->cc->name;
}

int
baro_listener_set_cc(struct baro_listener *l, const char *name)
{
	const struct tcp_cc *cc = tcp_cc_find(name);

	if (cc == NULL)
		return -ENOENT;
	((struct tcp_listener *)l)->cc = cc;
	return 0;
}

const char *
baro_listener_get_cc(const struct baro_listener *l)
{
	return ((const struct tcp_listener *)l)->cc->name;
}
