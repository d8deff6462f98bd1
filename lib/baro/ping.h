/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_PING_H
#define BARO_PING_H

/*
 * Ping: echo requests of ours, and what comes of each of them. Any number of pings may run on a core;
 * each has a random identifier of its own. Calls belong on the core that owns the object.
 */

#include <baro/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;
struct baro_ping;

/** The longest data of an echo request: a packet of 65,535 octets. */
#define BARO_PING_MAX 65507

/** Requests of one ping that may be under way: of more, the oldest ones count as unanswered. */
#define BARO_PING_FLIGHT 1024

enum baro_ping_what {
	BARO_PING_REPLY,
	BARO_PING_ERROR,   /* somebody on the way says that the request was not delivered */
	BARO_PING_TIMEOUT, /* no answer in time */
};

/** What has become of one request. */
struct baro_ping_news {
	enum baro_ping_what what;
	uint16_t seq; /* of the request, as baro_ping_send() returned it */
	struct baro_addr
		from;    /* who answers or complains; of a neighbour that is silent: we ourselves */
	uint64_t rtt_ns; /* from the request to this */
	/* of a reply */
	uint16_t len; /* octets of data */
	uint8_t ttl;
	bool is_duplicate; /* an answer to it has come before, or its time is over */
	bool is_damaged;   /* the data is not what was sent */
	/* of an error */
	uint8_t type; /* of the ICMP message: 3, 11, 12 */
	uint8_t code;
	uint16_t mtu; /* of the link that the request was too big for; 0: not told */
	int err;      /* -EHOSTUNREACH, -ENETUNREACH, -ECONNREFUSED, -EMSGSIZE, -EPROTO; else 0 */
};

typedef void (*baro_ping_heard)(struct baro_ping *p, const struct baro_ping_news *news);

struct baro_ping_opts {
	struct baro_addr to;
	struct baro_addr from; /* an address of ours; zero: the one that the route gives */
	uint16_t len;          /* octets of data, 0..BARO_PING_MAX */
	uint8_t ttl;           /* 0: 64 */
	uint8_t tos;
	bool df;               /* never in fragments: what is too long is refused (RFC 1191) */
	uint64_t timeout_ns;   /* for an answer; 0: 1 s */
	baro_ping_heard heard; /* called in a turn; must not be NULL */
	void *user;
};

/**
 * Be ready to ping; nothing is sent yet.
 *
 * @opts    copied
 * @return  0, -EINVAL (no callback, or too much data), -EADDRNOTAVAIL (@from is not ours, or no IPv4),
 *          -ENETUNREACH (@to is no IPv4 address), -ENOMEM
 */
int
baro_ping_open(struct baro_core *core, const struct baro_ping_opts *opts, struct baro_ping **out);

/**
 * Send one request.
 *
 * @return  its sequence number, 0, 1, ... 65535, 0, ...; what comes of it is told by heard(), once
 *          -ENETUNREACH   no route, or no host's address nor a group
 *          -EHOSTUNREACH  the neighbour does not answer
 *          -EMSGSIZE      longer than the way carries, and may not be cut
 *          -EADDRNOTAVAIL @from is of 127/8 and @to is another host, or it is ours no more
 *          -ENOBUFS       no buffer, or no room for the neighbour or for all fragments
 */
int
baro_ping_send(struct baro_ping *p);

/** @p is gone; allowed in its own callback, too. */
void
baro_ping_close(struct baro_ping *p);

/** What was given to baro_ping_open(). */
void *
baro_ping_user(const struct baro_ping *p);
struct baro_core *
baro_ping_core(const struct baro_ping *p);

#ifdef __cplusplus
}
#endif

#endif
