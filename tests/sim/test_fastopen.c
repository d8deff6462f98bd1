/* SPDX-License-Identifier: BSD-3-Clause */

/* Fast Open between two cores over a bad wire: every client gets the answer to what it asked, whole. */

#include <string.h>

#include "sim/pair.h"

enum {
	PORT = 80,
	CLIENTS = 60, /* one after the other */
	SEEDS = 10,
	LEN_MAX = 6000,
};

static struct pair p;

/** One conversation: text there, the same text back. */
static struct {
	unsigned n; /* which one */
	uint32_t len;
	uint32_t got;
	int is_over;
	unsigned n_fast;
} talk;

static uint8_t
octet(unsigned n, uint32_t at)
{
	return (uint8_t)(n * 31 + at * 7 + at / 251);
}

/** The server gives back what it gets. */
static void
echo(struct baro_conn *c)
{
	struct iovec iov;
	ssize_t n;

	while (baro_conn_peek(c, &iov, 1) == 1 &&
		(n = baro_conn_send(c, iov.iov_base, iov.iov_len)) > 0)
		baro_conn_consume(c, (size_t)n);
	if (baro_conn_is_eof(c))
		baro_conn_close(c);
}

static void
opened(struct baro_conn *c)
{
	baro_conn_shutdown(c); /* all has been queued already */
}

static void
check(struct baro_conn *c)
{
	struct baro_tcp_info info;
	struct iovec iov;

	while (baro_conn_peek(c, &iov, 1) == 1) {
		for (size_t i = 0; i < iov.iov_len; i++)
			cr_assert_eq(((uint8_t *)iov.iov_base)[i],
				octet(talk.n, talk.got + (uint32_t)i), "octet %zu of client %u",
				talk.got + i, talk.n);
		talk.got += (uint32_t)iov.iov_len;
		baro_conn_consume(c, iov.iov_len);
	}
	if (!baro_conn_is_eof(c))
		return;
	baro_conn_info(c, &info);
	talk.n_fast += info.has_fastopen;
	baro_conn_close(c);
	talk.is_over = 1;
}

static void
closed(struct baro_conn *c, int err)
{
	(void)c;
	cr_assert_fail("client %u ended: %s", talk.n, strerror(-err));
}

static const struct baro_conn_ops server_ops = { .readable = echo, .writable = echo };
static const struct baro_conn_ops client_ops = {
	.opened = opened, .readable = check, .closed = closed
};

static void
talk_once(unsigned n, uint32_t len)
{
	const struct baro_endpoint remote = { p.addr[1], PORT };
	uint8_t text[LEN_MAX];
	struct baro_conn *c;

	for (uint32_t i = 0; i < len; i++)
		text[i] = octet(n, i);
	talk.n = n;
	talk.len = len;
	talk.got = 0;
	talk.is_over = 0;
	cr_assert_eq(baro_connect(p.core[0], &remote, NULL, &client_ops, NULL, &c), 0);
	cr_assert_eq(baro_conn_set(c, BARO_TCP_FASTOPEN_CONNECT, 1), 0);
	cr_assert_eq(baro_conn_send(c, text, len), (ssize_t)len);
	cr_assert(pair_run_until(&p, &talk.is_over, 200 * NS_PER_SEC), "client %u waits", n);
	cr_assert_eq(talk.got, len, "client %u had %u of %u octets back", n, talk.got, len);
}

/** @return how many of them had text on their SYN that was taken */
static unsigned
converse(const struct baro_fault_config *fault, uint64_t seed)
{
	const struct baro_config config = {
		.core.seed = seed,
		.tcp = { .fastopen = BARO_ON, .fastopen_key_life_ns = 20 * NS_PER_SEC },
	};
	const struct baro_endpoint local = { .port = PORT };
	struct baro_listener *listener;

	talk.n_fast = 0;
	pair_open_with(&p, fault, &config);
	cr_assert_eq(baro_listen(p.core[1], &local, NULL, &server_ops, NULL, &listener), 0);
	for (unsigned n = 0; n < CLIENTS; n++)
		talk_once(n, 1 + n * 97 % LEN_MAX);
	pair_run(&p, 400 * NS_PER_SEC);
	pair_close(&p);
	return talk.n_fast;
}

/* G19 */
Test(sim_fastopen, all_but_the_first_go_fast_over_a_good_wire)
{
	const struct baro_fault_config fault = { .delay_ns = 5 * NS_PER_MS };

	cr_expect_eq(converse(&fault, 1), CLIENTS - 1);
}

/* G19: whatever is lost, doubled or late, text arrives once for each connection */
Test(sim_fastopen, answers_are_whole_over_a_bad_wire)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const struct baro_fault_config fault = { .delay_ns = NS_PER_MS,
			.loss_ppm = 30000,
			.duplicate_ppm = 20000,
			.reorder_ppm = 20000,
			.reorder_ns = 3 * NS_PER_MS,
			.seed = seed };

		cr_expect_gt(converse(&fault, seed), 0);
	}
}
