/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What each congestion control does with one wire: a transfer without end over the simulated wire,
 * looked at every few milliseconds, as comma-separated values. bench/cwnd/plot.py draws them.
 *
 *	bench-cwnd [NAME=VALUE]... >cwnd.csv
 *
 *	algorithm=cubic   this one only; all of them otherwise
 *	rate=10           Mbit/s
 *	delay=20          ms, each way
 *	queue=50          frames before the wire
 *	loss=0            % of frames
 *	seconds=40
 *	every=10          ms between two looks
 *
 * Columns: algorithm, s, cwnd, ssthresh and flight in octets, rtt in ms (smoothed), goodput and
 * pacing in Mbit/s (since the last look; 0: not paced), then retransmits and timeouts so
 * far, and the octets that fill the wire without its queue, and with it.
 */

#include <baro/baro.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "tcp/cc.h"

enum {
	PORT = 80,
	FRAME_LEN = 1514,
};

struct plan {
	const char *algorithm;
	double rate;  /* Mbit/s */
	double delay; /* ms */
	double queue;
	double loss; /* % */
	double seconds;
	double every; /* ms */
};

struct run {
	struct baro_sim *sim;
	struct baro_core *core[2];
	struct baro_conn *conn;
	uint64_t now_ns;
	uint64_t acked; /* at the last look */
};

static void
send_zeros(struct baro_conn *c)
{
	size_t room;
	void *to;

	while ((to = baro_conn_reserve(c, &room)) != NULL) {
		memset(to, 0, room);
		baro_conn_commit(c, room);
	}
}

static void
swallow(struct baro_conn *c)
{
	baro_conn_consume(c, baro_conn_recv_queued(c));
}

static void
ended(struct baro_conn *c, int err)
{
	(void)c;
	fprintf(stderr, "the connection ended: %s\n", strerror(-err));
	exit(1);
}

static const struct baro_conn_ops sender = {
	.opened = send_zeros, .writable = send_zeros, .closed = ended
};
static const struct baro_conn_ops receiver = { .readable = swallow, .closed = ended };

static void
must(int err, const char *what)
{
	if (err == 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	exit(1);
}

static struct baro_fault_config
wire_of(const struct plan *plan)
{
	return (struct baro_fault_config){
		.rate_bps = (uint64_t)(plan->rate * 1e6),
		.delay_ns = (uint64_t)(plan->delay * 1e6),
		.loss_ppm = (uint32_t)(plan->loss * 1e4),
		.queue_frames = (uint32_t)plan->queue,
	};
}

static double
octets_on_wire(const struct plan *plan)
{
	return plan->rate * 1e6 / 8 * 2 * plan->delay / 1e3;
}

static void
open_cores(struct run *r, const struct plan *plan)
{
	double held = octets_on_wire(plan) + plan->queue * FRAME_LEN;
	struct baro_config config = { .core = { .seed = 1, .mbufs = 1 << 20 } };
	struct baro_port_opts opts = { .prefix_len = 24 };
	struct baro_port *port;

	config.tcp.snd_buf = config.tcp.rcv_buf = (uint32_t)(4 * held) + (1 << 20);
	config.tcp.notsent_lowat = config.tcp.snd_buf;
	snprintf(config.tcp.congestion, sizeof(config.tcp.congestion), "%s", plan->algorithm);
	must(baro_sim_create(NULL, NULL, &r->sim), "wire");
	for (int end = 0; end < 2; end++) {
		must(baro_core_create(&config, 0, &r->core[end]), plan->algorithm);
		opts.address = baro_addr_from_v4(0xc6120001u + (uint32_t)end);
		baro_sim_end(r->sim, end, &opts);
		must(baro_port_open(r->core[end], &opts, &port), "port");
		baro_sim_join(r->sim, end, r->core[end], port);
	}
}

static void
run_until(struct run *r, uint64_t until_ns)
{
	baro_sim_run(r->sim, r->now_ns, until_ns);
	r->now_ns = until_ns;
}

static void
look(struct run *r, const struct plan *plan, uint64_t begin_ns)
{
	double full = octets_on_wire(plan);
	struct baro_tcp_info info;

	baro_conn_info(r->conn, &info);
	printf("%s,%.3f,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%.3f,%.3f,%.3f,%" PRIu32 ",%" PRIu32
	       ",%.0f,%.0f\n",
		plan->algorithm, (double)(r->now_ns - begin_ns) / 1e9, info.cwnd, info.ssthresh,
		info.in_flight, (double)info.rtt_ns / 1e6,
		(double)(info.octets_acked - r->acked) * 8 / (plan->every * 1e3),
		(double)info.pacing_rate * 8 / 1e6, info.retransmits, info.timeouts, full,
		full + plan->queue * FRAME_LEN);
	r->acked = info.octets_acked;
}

static void
run_plan(const struct plan *plan)
{
	struct run r = { .now_ns = 0 };
	struct baro_fault_config wire = wire_of(plan);
	struct baro_endpoint local = { .port = PORT };
	struct baro_endpoint remote = { .addr = baro_addr_from_v4(0xc6120002u), .port = PORT };
	struct baro_listener *listener;
	uint64_t begin_ns;

	open_cores(&r, plan);
	run_until(&r, NS_PER_SEC); /* both announce themselves: no ARP later */
	baro_sim_set(r.sim, 0, &wire);
	wire.loss_ppm = 0; /* acknowledgements arrive */
	baro_sim_set(r.sim, 1, &wire);
	begin_ns = r.now_ns;
	must(baro_listen(r.core[1], &local, NULL, &receiver, NULL, &listener), "listen");
	must(baro_connect(r.core[0], &remote, NULL, &sender, NULL, &r.conn), "connect");
	while (r.now_ns - begin_ns < (uint64_t)(plan->seconds * 1e9)) {
		run_until(&r, r.now_ns + (uint64_t)(plan->every * 1e6));
		look(&r, plan, begin_ns);
	}
	baro_core_destroy(r.core[0]);
	baro_core_destroy(r.core[1]);
	baro_sim_destroy(r.sim);
}

static void
read_argument(struct plan *plan, const char *arg)
{
	static const char usage[] =
		"usage: bench-cwnd [algorithm=NAME] [rate=MBIT] [delay=MS] [queue=FRAMES]\n"
		"                  [loss=PERCENT] [seconds=S] [every=MS] >FILE.csv\n";
	const struct {
		const char *name;
		double *to;
	} numbers[] = { { "rate=", &plan->rate }, { "delay=", &plan->delay },
		{ "queue=", &plan->queue }, { "loss=", &plan->loss },
		{ "seconds=", &plan->seconds }, { "every=", &plan->every } };
	char *end;

	if (strncmp(arg, "algorithm=", 10) == 0) {
		plan->algorithm = arg + 10;
		return;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		size_t len = strlen(numbers[i].name);

		if (strncmp(arg, numbers[i].name, len) != 0)
			continue;
		*numbers[i].to = strtod(arg + len, &end);
		if (end != arg + len && *end == '\0' && *numbers[i].to >= 0)
			return;
	}
	fputs(usage, stderr);
	exit(2);
}

int
main(int argc, char **argv)
{
	struct plan plan = { .rate = 10, .delay = 20, .queue = 50, .seconds = 40, .every = 10 };

	for (int i = 1; i < argc; i++)
		read_argument(&plan, argv[i]);
	puts("algorithm,s,cwnd,ssthresh,flight,rtt,goodput,pacing,retransmits,timeouts,wire,full");
	if (plan.algorithm != NULL) {
		run_plan(&plan);
		return 0;
	}
	for (unsigned i = 0; tcp_cc_at(i) != NULL; i++) {
		plan.algorithm = tcp_cc_at(i)->name;
		run_plan(&plan);
	}
	return 0;
}
