/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Connects to port 80 of 198.18.0.1, three times, says "hello" by Fast Open, and tells the answer and whether
 * the text went with the SYN.
 */

#include <baro/baro.h>
#include <stdio.h>
#include <string.h>

static unsigned n_done;

static int
connect_next(struct baro_core *core);

static void
readable(struct baro_conn *c)
{
	struct baro_core *core = baro_conn_core(c);
	struct baro_tcp_info info;
	char answer[16] = "";

	if (baro_conn_recv_queued(c) == 0)
		return;
	baro_conn_recv(c, answer, sizeof(answer) - 1);
	baro_conn_info(c, &info);
	printf("answer %s %s\n", answer, info.has_fastopen ? "fast" : "plain");
	fflush(stdout);
	baro_conn_close(c);
	if (++n_done == 3 || connect_next(core) != 0)
		baro_app_end(n_done == 3 ? 0 : 1);
}

static void
closed(struct baro_conn *c, int err)
{
	(void)c;
	fprintf(stderr, "closed: %s\n", strerror(-err));
	baro_app_end(1);
}

static const struct baro_conn_ops ops = { .readable = readable, .closed = closed };

static int
connect_next(struct baro_core *core)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(0xc6120001u), 80 };
	struct baro_conn *c;
	int err = baro_connect(core, &remote, NULL, &ops, NULL, &c);

	if (err == 0)
		err = baro_conn_set(c, BARO_TCP_FASTOPEN_CONNECT, 1);
	if (err == 0 && baro_conn_send(c, "hello", 5) != 5)
		err = -1;
	return err;
}

static int
start(struct baro_core *core, void *user)
{
	(void)user;
	return connect_next(core);
}

int
main(int argc, char **argv)
{
	const struct baro_app app = { .name = "fastopen-client",
		.about = "says hello by TCP Fast Open, three times",
		.start = start };

	return baro_app_main(&app, argc, argv);
}
