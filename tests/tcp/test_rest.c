/* SPDX-License-Identifier: BSD-3-Clause */

/* Connections at rest: when they give their control block up, and that nobody notices. */

#include <errno.h>

#include "story.h"
#include "tcp/rest.h"
#include "tcp/undo.h"

#define SECONDS(n) ((n)*UINT64_C(1000))

static const struct tcp *
tcp_in(const struct lab *l)
{
	return &l->core->stack.tcp;
}

/** Silent for long, and without control block since. */
static void
rests(struct lab *l)
{
	lab_run_ms(l, SECONDS(20));
	lab_sends_nothing(l);
	cr_assert_eq(tcp_in(l)->conns.n_used, 0);
	cr_assert_eq(tcp_in(l)->n_resting, 1);
	lab_holds(l, 1, 0);
}

static void
does_not_rest(struct lab *l)
{
	lab_run_ms(l, SECONDS(20));
	cr_assert_eq(tcp_in(l)->conns.n_used, 1, "%s", l->row);
	cr_assert_eq(tcp_in(l)->n_resting, 0, "%s", l->row);
}

/** No control block is to be had. */
static uint32_t
take_memory(struct lab *l)
{
	struct slab *s = &l->core->stack.tcp.conns;
	uint32_t open = s->open;

	s->open = SLAB_NONE;
	s->limit = s->n_made;
	return open;
}

static void
give_memory(struct lab *l, uint32_t open)
{
	l->core->stack.tcp.conns.open = open;
}

Test(tcp_rest, an_idle_connection_takes_256_octets_in_all)
{
	/* the table is at least 3/8 full after it has grown */
	cr_expect_leq(sizeof(struct tcp_rest) + sizeof(struct flowtab_slot) * 8 / 3, 256);
	cr_expect_leq(sizeof(struct tcp_timewait), 64);
	cr_expect_leq(sizeof(struct tcp_embryo), 64);
}

/* What a segment in order, and its acknowledgement, look at lies together; and connections, which belong to
 * one core each, do not share a line. */
Test(tcp_rest, the_hot_part_of_a_control_block_is_four_lines)
{
	const size_t line = BARO_CACHE_LINE;

	cr_expect_eq(sizeof(struct tcp_conn) % line, 0);
	cr_expect_eq(offsetof(struct tcp_conn, rcv_nxt) / line, 0);
	cr_expect_eq(offsetof(struct tcp_conn, snd_wl1) / line, 0);
	cr_expect_eq(offsetof(struct tcp_conn, rcv_mark) / line, 0);
	cr_expect_eq(offsetof(struct tcp_conn, cwnd) / line, 1);
	cr_expect_eq(offsetof(struct tcp_conn, tcp) / line, 1);
	cr_expect_eq(offsetof(struct tcp_conn, sent_head) / line, 2);
	cr_expect_eq(offsetof(struct tcp_conn, rcv_tail) / line, 2);
	cr_expect_eq(offsetof(struct tcp_conn, rexmt_ns) / line, 3);
	cr_expect_eq(offsetof(struct tcp_conn, timer) / line, 3);
}

Test(tcp_rest, a_silent_connection_rests_and_a_segment_wakes_it)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_ALL);
	lab_run_ms(&l, 9900);
	cr_assert_eq(tcp_in(&l)->n_resting, 0);
	rests(&l);
	cr_expect_eq(lab_stat(&l, STAT_TCP_RESTS), 1);
	cr_expect_eq(tcp_in(&l)->rests_more.n_used, 0, "nothing about it is unusual");
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	cr_assert_eq(tcp_in(&l)->n_resting, 0);
	lab_has_read(&l, 100);
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 101));
	rests(&l);
	cr_expect_eq(lab_stat(&l, STAT_TCP_RESTS), 2);
	story_end(&l);
}

Test(tcp_rest, what_the_application_does_wakes_it)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	rests(&l);
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 11));
	rests(&l);
	cr_assert_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 11, .ack = 1));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 12));
	lab_sends(&l, SEG(ACK, .seq = 12, .ack = 2));
	story_end(&l);
}

Test(tcp_rest, it_can_be_closed_and_reset_at_rest)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	rests(&l);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(RST, .seq = 1));
	lab_holds(&l, 0, 0);
	story_end(&l);

	story_begin(&l, NULL, LAB_PLAIN);
	rests(&l);
	lab_recv(&l, SEG(RST, .seq = 1));
	cr_expect_eq(l.app.err, -ECONNRESET);
	lab_holds(&l, 0, 0);
	story_end(&l);
}

Test(tcp_rest, one_that_only_was_asked_something_rests_again)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	rests(&l);
	cr_assert_eq(baro_conn_set(l.conn, BARO_IP_TOS, 0x10), 0);
	cr_assert_eq(tcp_in(&l)->n_resting, 0);
	rests(&l);
	story_end(&l);
}

Test(tcp_rest, who_waits_for_something_does_not_rest)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	l.row = "unread text";
	l.app.reads = false;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	does_not_rest(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	story_end(&l);

	story_begin(&l, NULL, LAB_PLAIN);
	l.row = "a hole";
	lab_recv(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	does_not_rest(&l);
	story_end(&l);

	story_begin(&l, NULL, LAB_PLAIN);
	l.row = "a closed window, and text for it";
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 10);
	does_not_rest(&l);
	lab_skip_all(&l);
	story_end(&l);

	story_begin(&l, NULL, LAB_PLAIN);
	l.row = "the peer's FIN";
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 2));
	does_not_rest(&l);
	story_end(&l);

	story_begin(&l, NULL, LAB_PLAIN);
	l.row = "keepalives";
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_KEEPALIVE, 1), 0);
	does_not_rest(&l);
	story_end(&l);

	story_begin(&l, &(struct baro_config){ .tcp.congestion = "bbr" }, LAB_PLAIN);
	does_not_rest(&l);
	story_end(&l);
}

Test(tcp_rest, what_was_asked_for_holds_on)
{
	static const enum baro_conn_option option[] = { BARO_TCP_NODELAY, BARO_TCP_SNDBUF,
		BARO_TCP_RCVBUF, BARO_TCP_NOTSENT_LOWAT, BARO_TCP_WINDOW_CLAMP, BARO_TCP_MAXSEG,
		BARO_TCP_MAX_PACING_RATE, BARO_IP_TOS, BARO_IP_TTL, BARO_TCP_USER_TIMEOUT,
		BARO_TCP_LINGER, BARO_TCP_LINGER2, BARO_TCP_KEEPIDLE };
	static const int value[] = { 1, 100000, 200000, 5000, 20000, 1000, 1000000, 0x20, 33, 7000,
		9, 11, 100 };
	struct lab l;
	int got;

	story_begin(&l, NULL, LAB_WITH_ALL);
	for (size_t i = 0; i < ARRAY_LEN(option); i++)
		cr_assert_eq(baro_conn_set(l.conn, option[i], value[i]), 0);
	rests(&l);
	cr_expect_eq(tcp_in(&l)->rests_more.n_used, 1);
	for (int is_awake = 0; is_awake < 2; is_awake++) {
		for (size_t i = 0; i < ARRAY_LEN(option); i++) {
			cr_assert_eq(baro_conn_get(l.conn, option[i], &got), 0);
			cr_expect_eq(got, value[i], "option %d", option[i]);
		}
		cr_expect_eq(tcp_in(&l)->n_resting, !is_awake); /* to look wakes nobody */
		lab_tcp(&l);
	}
	cr_expect_eq(tcp_in(&l)->rests_more.n_used, 0);
	story_end(&l);
}

/** One thing about the connection is unusual: @len octets at @place of its control block are @octet. */
static void
is_remembered(size_t place, size_t len, int octet, const char *name)
{
	struct lab l;
	uint8_t *at;

	story_begin(&l, NULL, LAB_WITH_ALL);
	at = (uint8_t *)lab_tcp(&l) + place;
	memset(at, octet, len);
	rests(&l);
	cr_expect_eq(tcp_in(&l)->rests_more.n_used, 1, "%s", name);
	at = (uint8_t *)lab_tcp(&l) + place;
	for (size_t i = 0; i < len; i++)
		cr_expect_eq(at[i], octet, "%s", name);
	lab_close(&l);
}

/* Each that the list has. */
Test(tcp_rest, each_thing_that_is_unusual_is_remembered)
{
#define KEPT(type, name, place, usual)                                        \
	if (strcmp(#name, "cc") != 0)                                         \
		is_remembered(offsetof(struct tcp_conn, place), sizeof(type), \
			strcmp(#type, "bool") == 0 ? 1 : 2, #name);
#include "tcp/rest_more.def"
#undef KEPT
}

Test(tcp_rest, its_own_congestion_control_is_remembered)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set_cc(l.conn, "cubic"), 0);
	lab_poll(&l);
	rests(&l);
	cr_expect_eq(tcp_in(&l)->rests_more.n_used, 1);
	cr_expect_str_eq(lab_tcp(&l)->cc->name, "cubic");
	story_end(&l);
}

/** Everything that an algorithm remembers, in two words each. */
static void
is_kept(const char *congestion, uint32_t ssthresh)
{
	struct tcp_cc_rest first = { { 0 } };
	struct tcp_cc_rest second = { { 0 } };
	struct baro_config config = { 0 };
	struct tcp_conn *c;
	struct lab l;

	strcpy(config.tcp.congestion, congestion);
	story_begin(&l, &config, LAB_PLAIN);
	c = lab_tcp(&l);
	c->ssthresh = ssthresh;
	memset(&c->cc_state, 0x5a, sizeof(c->cc_state));
	c->cc_state.cubic.epoch.k = 12345;
	c->cc_state.cubic.epoch.is_begun = true;
	c->cc->rest(c, &first);
	memset(&c->cc_state, 0, sizeof(c->cc_state));
	c->cc->resume(c, &first);
	c->cc->rest(c, &second);
	cr_expect_arr_eq(&first, &second, sizeof(first), "%s", congestion);
	cr_expect_neq(first.word[2], 0);
	story_end(&l);
}

Test(tcp_rest, congestion_control_is_as_it_was)
{
	is_kept("cubic", UINT32_MAX);
	is_kept("cubic", 20000);
	is_kept("newreno", 20000);
}

/* Two cores hear the same; on one the connection rests in every pause, on the other never. */

struct told {
	uint64_t hash; /* of all that was sent, and when */
	struct baro_tcp_info info;
	uint64_t n_rests;
};

static void
hear(struct lab *l, struct told *told)
{
	while (lab_pending(l) != 0) {
		const struct lab_frame *f = lab_next_frame(l);

		told->hash = (told->hash ^ (f->at_ns - l->last_at_ns)) * UINT64_C(0x100000001b3);
		for (uint32_t i = 0; i < f->len; i++)
			told->hash = (told->hash ^ f->octets[i]) * UINT64_C(0x100000001b3);
	}
}

/** @n octets leave, and the last of them are acknowledged, the first @n_lost after a while. */
static void
send_bulk(struct lab *l, struct told *told, uint32_t *seq, uint32_t n, uint32_t n_lost)
{
	lab_write(l, n);
	lab_run_ms(l, 3);
	if (n_lost != 0) {
		lab_recv(l, SEG(ACK, .seq = 1, .ack = *seq, .n_sack = 1,
				    .sack = { { *seq + n_lost, *seq + 5 * n_lost } }));
		lab_run_ms(l, 3);
	}
	for (uint32_t at = 0; at < n; at += min_u32(n - at, 2920)) {
		lab_recv(l, SEG(ACK, .seq = 1, .ack = *seq + at));
		lab_run_ms(l, 1);
	}
	*seq += n;
	lab_recv(l, SEG(ACK, .seq = 1, .ack = *seq));
	hear(l, told);
}

/** @is_crowd: too many are awake, whenever there is one. */
static struct told
converse(const char *congestion, uint64_t rest_after_ns, bool is_crowd)
{
	struct baro_config config = { .tcp.rest_after_ns = rest_after_ns };
	struct told told = { .hash = 1 };
	uint32_t seq = 1;
	struct lab l;

	strcpy(config.tcp.congestion, congestion);
	story_begin(&l, &config, LAB_WITH_SACK | LAB_WITH_TS | LAB_WITH_WSCALE);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_NODELAY, 1), 0);
	if (is_crowd)
		l.core->stack.tcp.common.rest_beyond = 0;
	for (unsigned i = 0; i < 24; i++) {
		send_bulk(&l, &told, &seq, 1 + i * 1700, i % 5 == 3 ? 1460 : 0);
		lab_run_ms(&l, i % 3 == 0 ? 5 : 150 + 400 * (i % 4)); /* some pauses end a window */
		hear(&l, &told);
	}
	baro_conn_info(l.conn, &told.info);
	told.n_rests = lab_stat(&l, STAT_TCP_RESTS);
	lab_close(&l);
	return told;
}

static void
says_the_same(const char *congestion, bool is_crowd)
{
	struct told awake = converse(congestion, 3600 * NS_PER_SEC, false);
	struct told rested = converse(congestion, (is_crowd ? 3600000 : 20) * NS_PER_MS, is_crowd);
	const uint64_t unit = UINT64_C(1) << REST_TIME_BITS;

	cr_expect_eq(awake.n_rests, 0);
	cr_expect_geq(rested.n_rests, 14);
	cr_expect_gt(awake.info.retransmits, 0);
	cr_expect_eq(rested.hash, awake.hash, "%s", congestion);
	cr_expect_leq(rested.info.age_ns - awake.info.age_ns, unit);
	cr_expect_leq(rested.info.last_sent_ns - awake.info.last_sent_ns, unit);
	cr_expect_leq(rested.info.last_seg_ns - awake.info.last_seg_ns, unit);
	rested.info.age_ns = awake.info.age_ns;
	rested.info.last_sent_ns = awake.info.last_sent_ns;
	rested.info.last_seg_ns = awake.info.last_seg_ns;
	rested.info.last_rcvd_ns = awake.info.last_rcvd_ns;
	cr_expect_arr_eq(&rested.info, &awake.info, sizeof(awake.info), "%s", congestion);
}

Test(tcp_rest, nobody_notices)
{
	says_the_same("cubic", false);
	says_the_same("newreno", false);
}

Test(tcp_rest, nobody_notices_that_it_is_crowded)
{
	says_the_same("cubic", true);
	says_the_same("newreno", true);
}

/* The way out is kept, too, unless it has become another one. */
Test(tcp_rest, it_finds_its_neighbour_as_it_was_or_looks_for_it_again)
{
	const struct baro_addr peer = baro_addr_from_v4(LAB_PEER);
	const struct tcp_conn *c;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	rests(&l);
	cr_assert_eq(baro_conn_send(l.conn, &(uint8_t){ lab_octet(0) }, 1), 1);
	c = rest_of(l.conn)->conn;
	cr_assert_not_null(c->path_neigh);
	cr_expect_eq(c->path_neigh->addr, LAB_PEER);
	cr_expect_eq(c->path_netif, &c->tcp->ip->netif[0]);
	cr_expect_eq(c->path_neigh_gen, c->path_neigh->gen);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2));
	rests(&l);
	cr_assert_eq(baro_neigh_del(l.core, "port0", &peer), 0);
	cr_assert_eq(baro_conn_send(l.conn, &(uint8_t){ lab_octet(1) }, 1), 1);
	lab_poll(&l);
	cr_assert_eq(l.n_out, 1);
	cr_expect_eq(l.out[0].octets[13], 0x06, "ARP: the new one has to be asked for");
	lab_skip_all(&l);
	lab_close(&l);
}

/* J13: no memory: it rests on, and lives */
Test(tcp_rest, without_memory_segments_are_dropped_until_there_is_some)
{
	uint32_t open;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	rests(&l);
	open = take_memory(&l);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_NO_MEMORY, 1));
	cr_expect_eq(baro_conn_send(l.conn, "x", 1), -ENOMEM);
	cr_expect_eq(baro_conn_send_room(l.conn), 0);
	cr_expect_eq(baro_conn_shutdown(l.conn), -ENOMEM);
	cr_expect_eq(baro_conn_set(l.conn, BARO_TCP_NODELAY, 1), -ENOMEM);
	cr_expect_eq(baro_conn_set_cc(l.conn, "cubic"), -ENOMEM);
	give_memory(&l, open);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_has_read(&l, 10);
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	story_end(&l);
}

Test(tcp_rest, without_memory_what_is_closed_is_reset)
{
	uint32_t open;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	rests(&l);
	open = take_memory(&l);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	lab_holds(&l, 0, 0);
	give_memory(&l, open);
	story_end(&l);
}
