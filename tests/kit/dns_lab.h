/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_KIT_DNS_LAB_H
#define BARO_KIT_DNS_LAB_H

/*
 * A core that asks, and name servers that answer as the test's script says, joined by a simulated wire
 * on virtual time. The servers, 198.18.0.1 and 198.18.0.3, are sockets of another core; what they
 * are asked is written down.
 */

#include <baro/baro.h>

#include "wire/dns.h"

enum { DNS_SEEN_MAX = 256 };

/** A question that a server got. */
struct dns_seen {
	struct baro_endpoint from;
	struct baro_endpoint to;
	uint64_t at_ns;
	uint16_t id;
	uint16_t type;
	bool is_tcp;
	char name[BARO_NAME_STRLEN];
	struct baro_udp *udp; /* where it came */
	struct baro_conn *conn;
};

/** A message in the making. */
struct dns_said {
	uint32_t len;
	uint8_t b[65535];
};

struct dns_lab {
	struct baro_sim *sim;
	struct baro_core *core; /* 198.18.0.2: it asks */
	struct baro_core *servers;
	uint64_t now_ns;
	/** Answers, or does not. */
	void (*script)(struct dns_lab *l, const struct dns_seen *q);
	struct dns_seen seen[DNS_SEEN_MAX];
	unsigned n_seen;
	struct dns_said say; /* for scripts */
	struct baro_udp *udp[2];
	struct baro_listener *listener;

	/* what the application was told last */
	unsigned n_told;
	int err;
	struct baro_host host;
	char name[BARO_NAME_STRLEN]; /* the host's */
	unsigned n_records;
	struct baro_record record[8];
};

/** Servers in the configuration, resolv.conf and hosts off; @config may be NULL. */
void
dns_lab_open_with(struct dns_lab *l, const struct baro_config *config,
	void (*script)(struct dns_lab *l, const struct dns_seen *q));
/** With one server, 198.18.0.1, and the seed 1. */
void
dns_lab_open(struct dns_lab *l, void (*script)(struct dns_lab *l, const struct dns_seen *q));
/** Fails if something is still in use. */
void
dns_lab_close(struct dns_lab *l);

void
dns_lab_run_ms(struct dns_lab *l, uint64_t ms);
/** Until somebody was told, 100 s at most. */
void
dns_lab_await(struct dns_lab *l);

/** The counter named so, of the core that asks. */
uint64_t
dns_lab_count(const struct dns_lab *l, const char *name);

/* Lookups that tell the lab */

void
dns_lab_host(int err, const struct baro_host *host, void *l);
void
dns_lab_records(int err, struct baro_answer *answer, void *l);

/** Ask for a host and wait for the answer. @return the error */
int
dns_lab_ask(struct dns_lab *l, const char *name);
/** Ask for records and wait. */
int
dns_lab_ask_for(struct dns_lab *l, const char *name, uint16_t type);

/* What servers say */

/** A response to @q, empty yet. */
void
dns_say(struct dns_said *m, const struct dns_seen *q, uint8_t rcode);
void
dns_say_record(struct dns_said *m, enum baro_dns_section section, const char *name, uint16_t type,
	uint32_t ttl_s, const void *rdata, uint16_t len);
void
dns_say_a(struct dns_said *m, const char *name, uint32_t ttl_s, uint32_t addr);
/** A record that says a name: CNAME, NS, PTR. */
void
dns_say_name(
	struct dns_said *m, const char *name, uint16_t type, uint32_t ttl_s, const char *target);
void
dns_say_soa(struct dns_said *m, const char *zone, uint32_t ttl_s, uint32_t minimum_s);

/** Send it, by the way the question came. */
void
dns_send(const struct dns_seen *q, const struct dns_said *m);
void
dns_send_octets(const struct dns_seen *q, const void *octets, uint32_t len);

#endif
