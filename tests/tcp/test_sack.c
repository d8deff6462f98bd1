/* SPDX-License-Identifier: BSD-3-Clause */
/* The scoreboard: RFC 2018, RFC 6675, RFC 2883. */

#include "peer.h"
#include "tcp/sack.h"

enum { MSS = 1460 };

#define FULL(i) SEG(ACK, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS)
#define AT(i)   (1 + (i)*MSS)

/** The peer has the first @n segments, and blocks of others: { first, behind the last }. */
#define GOT(n, ...) \
	SEG(ACK, .seq = 1, .ack = AT(n), .n_sack = N_BLOCKS(__VA_ARGS__), .sack = { __VA_ARGS__ })
#define N_BLOCKS(...) (sizeof((uint32_t[][2]){ __VA_ARGS__ }) / sizeof(uint32_t[2]))
#define HAS(i, j)            \
	{                    \
		AT(i), AT(j) \
	}

/** @n segments in flight, no more to come. */
static void
in_flight(struct lab *l, uint32_t n)
{
	story_begin(l, &(struct baro_config){ .tcp = { .snd_buf = 1 << 20, .initial_window = n } },
		LAB_WITH_SACK);
	story_round_trip(l, 20, 200);
	lab_write(l, n * MSS);
	cr_assert_eq(lab_pending(l), n);
	lab_skip_all(l);
	lab_run_ms(l, 20);
}

static uint32_t
sacked(const struct lab *l)
{
	return lab_tcp(l)->sacked / MSS;
}

static void
end_unfinished(struct lab *l)
{
	lab_skip_all(l);
	lab_dropped_nothing(l);
	story_end_clean(l);
}

/* L08: four holes, each sent again when three segments from behind it have arrived, and nothing else */
Test(tcp_sack, all_holes_are_sent_again_in_one_round_trip)
{
	struct lab l;

	in_flight(&l, 20);
	lab_recv(&l, GOT(0, HAS(1, 2)));
	lab_recv(&l, GOT(0, HAS(1, 3)));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT(0, HAS(1, 4)));
	lab_sends(&l, FULL(0));
	for (uint32_t i = 6; i <= 10; i++) /* 4 is missing */
		lab_recv(&l, GOT(0, HAS(5, i), HAS(1, 4)));
	lab_sends(&l, FULL(4));
	lab_sends_nothing(&l);
	for (uint32_t i = 12; i <= 20; i++)
		lab_recv(&l, GOT(0, HAS(11, i), HAS(5, 10), HAS(1, 4)));
	lab_sends(&l, FULL(10));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT(4, HAS(5, 10), HAS(11, 20)));
	lab_recv(&l, GOT(10, HAS(11, 20)));
	cr_assert(tcp_is(lab_tcp(&l), TCP_F_RECOVERY));
	lab_recv(&l, GOT(20));
	lab_sends_nothing(&l);
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_RECOVERY | TCP_F_DISORDER));
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	cr_assert_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 3);
	end_unfinished(&l);
}

/* L08 L05: an acknowledgement with text, or one that changes the window, tells as much by its blocks */
Test(tcp_sack, blocks_count_whatever_they_come_with)
{
	struct lab l;

	in_flight(&l, 10);
	for (uint32_t i = 2; i <= 4; i++)
		lab_recv(&l, SEG(ACK, .seq = 1 + 10 * (i - 2), .ack = 1, .len = 10,
				     .wnd = 60000 + i, .n_sack = 1, .sack = { HAS(1, i) }));
	cr_assert_eq(sacked(&l), 3);
	lab_sends(&l, SEG(ACK, .seq = AT(10), .ack = 21));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 31, .len = MSS));
	end_unfinished(&l);
}

/* L08: RFC 2018 §3, what cannot be true is not believed */
Test(tcp_sack, impossible_blocks_are_ignored)
{
	const struct {
		const char *name;
		const struct lab_seg *seg;
		uint32_t sacked;
	} rows[] = {
		{ "beyond what was sent", GOT(2, HAS(8, 11)), 0 },
		{ "from its end to its beginning", GOT(2, HAS(8, 5)), 0 },
		{ "empty", GOT(2, HAS(5, 5)), 0 },
		{ "from long ago", GOT(2, { AT(3) - 1000000, AT(5) }), 0 },
		{ "of what is acknowledged", GOT(2, HAS(0, 1)), 0 },
		{ "from below the acknowledgement", GOT(2, HAS(0, 4), HAS(0, 4)), 2 },
		{ "twice", GOT(2, HAS(8, 9), HAS(5, 6), HAS(5, 6)), 2 },
		{ "overlapping", GOT(2, HAS(8, 9), HAS(4, 6), HAS(5, 7)), 4 },
		{ "a piece of a segment", GOT(2, { AT(4) + 20, AT(5) - 20 }), 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lab l;

		in_flight(&l, 10);
		l.row = rows[i].name;
		lab_recv(&l, rows[i].seg);
		cr_expect_eq(sacked(&l), rows[i].sacked, "%s: %u", rows[i].name, sacked(&l));
		end_unfinished(&l);
	}
}

/* L08: none of it is believed of a peer that has not agreed to SACK */
Test(tcp_sack, blocks_that_were_not_agreed_to_are_ignored)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 5 * MSS);
	lab_skip_all(&l);
	lab_recv(
		&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 60000, .n_sack = 1, .sack = { HAS(1, 5) }));
	cr_assert_eq(sacked(&l), 0);
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L08: a segment of which a part has arrived is cut, and only the rest sent again */
Test(tcp_sack, part_of_a_segment_is_sent_again_alone)
{
	struct lab l;

	in_flight(&l, 10);
	lab_recv(&l, GOT(0, { AT(0) + 1000, AT(4) }));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_tcp(&l)->sacked, 4 * MSS - 1000);
	lab_recv(&l, GOT(0, { AT(0) + 1000, AT(7) + 500 }));
	cr_assert_eq(lab_tcp(&l)->sacked, 7 * MSS - 500);
	lab_recv(&l, GOT(4, { AT(4), AT(7) + 500 }));
	lab_recv(&l, GOT(10));
	cr_assert_eq(lab_tcp(&l)->sacked, 0);
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_DISORDER));
	end_unfinished(&l);
}

/* L08: a peer that reports every second octet does not make as many notes */
Test(tcp_sack, notes_are_not_cut_to_crumbs)
{
	struct baro_usage usage;
	struct lab l;

	in_flight(&l, 4);
	for (uint32_t at = 2; at < 4 * MSS; at += 2)
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 1, .sack = { { at, at + 1 } }));
	baro_usage_read(l.core, &usage);
	cr_assert_leq(usage.sent, 4 * (MSS / SACK_PIECE_MIN + 1));
	end_unfinished(&l);
}

/* K09: RFC 2018 §8, the first segment is reported but never acknowledged */
Test(tcp_sack, what_the_peer_threw_away_is_sent_again_after_a_timeout)
{
	struct lab l;

	in_flight(&l, 6);
	lab_recv(&l, GOT(0, HAS(1, 6)));
	lab_sends(&l, FULL(0));
	lab_recv(&l, GOT(1, HAS(2, 6))); /* 1 is there no more */
	lab_sends_nothing(&l);
	lab_run_ms(&l, 221);
	lab_sends(&l, FULL(1));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_SACK_RENEGED), 1);
	cr_assert_eq(sacked(&l), 0);
	lab_recv(&l, GOT(2));
	lab_sends(&l, FULL(2));
	lab_sends(&l, FULL(3));
	lab_recv(&l, GOT(6));
	end_unfinished(&l);
}

/* K05 L08: after a time-out what has been reported is not sent again */
Test(tcp_sack, timeout_spares_what_has_arrived)
{
	struct lab l;

	in_flight(&l, 6);
	lab_recv(&l, GOT(0, HAS(2, 3)));
	lab_run_ms(&l, 221);
	lab_skip_all(&l);
	cr_assert_eq(sacked(&l), 1);
	lab_recv(&l, GOT(3));
	cr_assert_eq(sacked(&l), 0);
	end_unfinished(&l);
}

/* L09: pipe <= cwnd, and the books are right, over ways that lose much; L08: what arrived is not resent */
Test(tcp_sack, bulk_over_a_lossy_way_keeps_its_books)
{
	struct lab l;

	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct peer *p;

		lab_open(&l, &(struct baro_config){ .tcp.snd_buf = 1 << 20 });
		lab_establish(&l, LAB_WITH_SACK);
		p = peer_of(&l, seed);
		p->sacks = true;
		p->loss_percent = (uint32_t)seed;
		peer_gets(p, 600000);
		cr_assert_gt(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 0);
		cr_assert_leq(p->n_again,
			2 * lab_stat(&l, STAT_TCP_TIMEOUTS) + lab_stat(&l, STAT_TCP_TAIL_PROBES),
			"seed %lu: %u again", seed, p->n_again);
		lab_dropped_nothing(&l);
		story_end_clean(&l);
	}
}

/* Against a receiver that is an array, on bare notes: blocks in any order, some of them lost. */

enum { N_NOTES = 200, LEN = 1000 };

struct model {
	struct tcp_conn c;
	struct tcp_cc cc;
	struct tcp_sent note[N_NOTES];
	struct rand r;
	bool has[N_NOTES + 1];
	bool told[N_NOTES + 1];
	uint32_t una;
	uint32_t sent;
};

static void
model_begin(struct model *m, uint64_t seed)
{
	*m = (struct model){ 0 };
	rand_seed(&m->r, seed);
	m->c.cc = &m->cc;
	m->c.mss = LEN;
	m->c.max_snd_wnd = N_NOTES * LEN;
	m->c.snd_una.n = m->c.snd_nxt.n = 0xffff0000u;
	m->c.flags = TCP_F_SACK;
}

static struct seq
model_seq(uint32_t i)
{
	return (struct seq){ 0xffff0000u + i * LEN };
}

static void
model_sends(struct model *m, uint32_t n)
{
	for (; n > 0 && m->sent < N_NOTES; n--, m->sent++) {
		struct tcp_sent *s = &m->note[m->sent];

		*s = (struct tcp_sent){ .seq = model_seq(m->sent), .len = LEN };
		sent_add(&m->c, s, 1 + m->sent);
		m->c.snd_nxt = model_seq(m->sent + 1);
	}
}

/** The run around @i, as a block. */
static bool
model_block(struct model *m, uint32_t i, struct tcp_sack *b)
{
	uint32_t from = i;
	uint32_t to = i;

	if (!m->has[i])
		return false;
	while (from > m->una && m->has[from - 1])
		from--;
	while (m->has[to])
		to++;
	*b = (struct tcp_sack){ model_seq(from), model_seq(to) };
	for (; from < to; from++)
		m->told[from] = true;
	return true;
}

/** An acknowledgement with the blocks around some segments. */
static void
model_acks(struct model *m, uint64_t now_ns)
{
	struct tcp_seg seg = { .h.flags = TCP_ACK };
	struct tcp_news n = {
		.seg = &seg, .now_ns = now_ns, .rate.now_ns = now_ns, .s.now_ns = now_ns
	};

	while (m->has[m->una])
		m->una++;
	seg.h.ack = model_seq(m->una);
	n.done = sent_acked(&m->c, seg.h.ack, &n.s, &n.rate);
	m->c.snd_una = seg.h.ack;
	for (uint32_t tries = rand_below(&m->r, 8); tries > 0 && seg.h.opts.n_sack < 4; tries--)
		if (m->una < m->sent)
			seg.h.opts.n_sack +=
				model_block(m, m->una + rand_below(&m->r, m->sent - m->una),
					&seg.h.opts.sack[seg.h.opts.n_sack]);
	if (seg.h.opts.n_sack != 0)
		sack_take(&m->c, &n);
}

/* L08: however the blocks come, the marks are those of all of them together */
Test(tcp_sack, marks_are_what_the_blocks_said)
{
	static struct model m;

	for (uint64_t seed = 1; seed <= 300; seed++) {
		model_begin(&m, seed);
		for (uint32_t turn = 1; m.una < N_NOTES; turn++) {
			uint32_t want = 0;

			model_sends(&m, rand_below(&m.r, 6));
			for (uint32_t n = rand_below(&m.r, 8); n > 0 && m.una < m.sent; n--)
				m.has[m.una + rand_below(&m.r, m.sent - m.una)] = true;
			model_acks(&m, 1000 + turn);
			for (uint32_t i = m.una; i < m.sent; i++) {
				bool is = (m.note[i].flags & SENT_SACKED) != 0;

				want += m.told[i] ? LEN : 0;
				cr_assert_eq(is, m.told[i], "seed %lu: segment %u", seed, i);
			}
			cr_assert_eq(m.c.sacked, want);
		}
	}
}
