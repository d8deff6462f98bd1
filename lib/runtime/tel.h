/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_TEL_H
#define BARO_RUNTIME_TEL_H

/*
 * The commands of telemetry.c, and what their files share. A command has parameters behind its
 * first comma, "key=value" or "key", separated by commas; it answers by a dictionary. What is
 * refused is told in "error", where a negative return would only say null.
 *
 * Lists come by pages, as DPDK's answers are 16 KB at most: "next" is where the next page begins,
 * to be given back as "at"; on the last page there is none.
 */

#include <baro/app.h>
#include <rte_telemetry.h>

#include "dev/port.h"
#include "runtime/crew.h"

/** The program that is told about. */
struct telemetry {
	const struct baro_app *app;
	const struct baro_config *config;
	const struct dev_port *port; /* BARO_MAX_PORTS of them */
	struct crew *crew;
	unsigned cpu[BARO_MAX_CORES]; /* that each core runs on */
};

/** @params  NULL: none. @return 0 */
typedef int (*tel_command)(const struct telemetry *t, const char *params, struct rte_tel_data *d);

int
tel_help(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_version(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_tcp_sockets(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_udp_sockets(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_arp(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_routes(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_interfaces(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_ports(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_counters(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_drops(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_cores(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_memory(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_prometheus(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_route_add(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_route_del(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_addr_add(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_addr_del(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_capture(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_capture_start(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_capture_stop(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_neigh_add(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_neigh_del(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_trace(const struct telemetry *t, const char *params, struct rte_tel_data *d);
int
tel_log(const struct telemetry *t, const char *params, struct rte_tel_data *d);

/* tel.c */

/** The value of "@key=value", cut to @len. @return false: it is not there */
bool
tel_param(const char *params, const char *key, char *value, size_t len);

/** "@key" alone is there. */
bool
tel_flag(const char *params, const char *key);

/** "@key=number". @return false: it is there and is no number up to @max; else *n, or @otherwise */
bool
tel_number(const char *params, const char *key, uint64_t max, uint64_t otherwise, uint64_t *n);

/** The answer is why not. @return 0 */
int
tel_refuse(struct rte_tel_data *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * Rows, to be added to an answer by tel_add_rows(); NULL: no memory. A dictionary, whose keys are
 * their numbers: DPDK 22.11 has no arrays of dictionaries.
 */
struct rte_tel_data *
tel_rows(void);

/** Row @i of @rows: a dictionary. NULL: no memory */
struct rte_tel_data *
tel_row(struct rte_tel_data *rows, unsigned i);

/** @rows become the answer's "@name"; @next TABLE_END: that was all. @return 0 */
int
tel_add_rows(struct rte_tel_data *d, const char *name, struct rte_tel_data *rows, uint64_t next);

#endif
