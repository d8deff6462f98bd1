/* SPDX-License-Identifier: BSD-3-Clause */

/* The commands of the telemetry socket: which there are, and when they are answered. */

#include "runtime/telemetry.h"

#include <pthread.h>
#include <rte_version.h>
#include <string.h>
#include <unistd.h>

#include "runtime/recording.h"
#include "runtime/tel.h"
#include "runtime/version.h"

static const struct command {
	const char *name;
	tel_command answer;
	const char *help;
} commands[] = {
	{ "/baro/", tel_help, "What there is to ask" },
	{ "/baro/version", tel_version, "Program, versions, process" },
	{ "/baro/tcp/sockets", tel_tcp_sockets, "TCP sockets. at=N, listening, connected, info" },
	{ "/baro/udp/sockets", tel_udp_sockets, "UDP sockets. at=N" },
	{ "/baro/arp", tel_arp, "Neighbours. at=N" },
	{ "/baro/routes", tel_routes, "Routes. at=N" },
	{ "/baro/interfaces", tel_interfaces, "Addresses. at=N" },
	{ "/baro/ports", tel_ports, "Ports: link, offloads, queues" },
	{ "/baro/counters", tel_counters, "Counters, summed. core=N; about: what they count" },
	{ "/baro/drops", tel_drops, "Drops by reason. core=N; about: what they mean" },
	{ "/baro/cores", tel_cores, "What each core did so far. at=N" },
	{ "/baro/memory", tel_memory, "Buffers and objects of each core. at=N" },
	{ "/baro/prometheus", tel_prometheus,
		"Prometheus's text, by items from at=0 on; \"\": no more" },
	{ "/baro/route/add", tel_route_add, "to=ADDR/LEN, via=ADDR, dev=NAME, metric=N" },
	{ "/baro/route/del", tel_route_del, "to=ADDR/LEN, via=ADDR, dev=NAME" },
	{ "/baro/addr/add", tel_addr_add, "addr=ADDR/LEN, dev=NAME" },
	{ "/baro/addr/del", tel_addr_del, "addr=ADDR, dev=NAME" },
	{ "/baro/capture", tel_capture, "The capture that runs, or the last one" },
	{ "/baro/capture/start", tel_capture_start,
		"file=PATH, count=N, snaplen=N, filter=PCAP-FILTER" },
	{ "/baro/capture/stop", tel_capture_stop, "Write what there is, and end" },
	{ "/baro/neigh/add", tel_neigh_add, "addr=ADDR, mac=MAC, dev=NAME" },
	{ "/baro/neigh/del", tel_neigh_del, "addr=ADDR, dev=NAME" },
	{ "/baro/trace", tel_trace, "Watch connections: all, ADDR:PORT, ADDR, :PORT,...; off" },
	{ "/baro/log", tel_log, "Log levels. type=PATTERN, level=NAME: set" },
};

/* DPDK's callbacks have no argument of ours, and cannot be taken back. */
static struct {
	pthread_mutex_t lock;
	const struct telemetry *of; /* NULL: the program has ended, or is beginning */
} served = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int
answer(const char *name, const char *params, struct rte_tel_data *d)
{
	int rc = -1;

	pthread_mutex_lock(&served.lock);
	for (size_t i = 0; served.of != NULL && i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			rc = commands[i].answer(served.of, params, d);
	pthread_mutex_unlock(&served.lock);
	return rc;
}

void
telemetry_start(const struct telemetry *t)
{
	pthread_mutex_lock(&served.lock);
	served.of = t;
	pthread_mutex_unlock(&served.lock);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		rte_telemetry_register_cmd(commands[i].name, answer, commands[i].help);
}

void
telemetry_stop(void)
{
	pthread_mutex_lock(&served.lock);
	served.of = NULL;
	recording_stop();
	pthread_mutex_unlock(&served.lock);
}

int
tel_help(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	(void)t;
	(void)params;
	rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);
	for (size_t i = 1; i < ARRAY_LEN(commands); i++) {
		char line[RTE_TEL_MAX_STRING_LEN];

		snprintf(line, sizeof(line), "%s: %s", commands[i].name, commands[i].help);
		rte_tel_data_add_array_string(d, line);
	}
	return 0;
}

int
tel_version(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	(void)params;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "program", t->app->name);
	rte_tel_data_add_dict_string(d, "baro", BARO_VERSION);
	rte_tel_data_add_dict_string(d, "dpdk", rte_version());
	rte_tel_data_add_dict_u64(d, "pid", (uint64_t)getpid());
	rte_tel_data_add_dict_u64(d, "cores", t->crew->n_cores);
	return 0;
}
