/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RESOLVE_H
#define BARO_RESOLVE_H

/*
 * Names to addresses, addresses to names, and any other record of the DNS, by questions over our own
 * UDP and TCP (RFC 1034, 1035). Each core has a resolver with a cache of its own. Servers, search
 * list and the like are the keys of [resolve]; what these leave open comes from resolv.conf.
 *
 * An answer arrives by callback in a later turn, never within the call that asks. Errors, here
 * and in the callbacks:
 *
 *	-ENOENT        there is no such name (NXDOMAIN)
 *	-ENODATA       the name exists, but has nothing of this type
 *	-EREMOTEIO     the servers failed (SERVFAIL)
 *	-EACCES        the servers refused (REFUSED)
 *	-EPROTO        the servers do not understand (FORMERR, NOTIMP), or answer what cannot be
 *	-ETIMEDOUT     no server answered
 *	-ECONNREFUSED  at no server's address anybody listens
 *	-ENETUNREACH   no server can be reached: no route
 *	-EDESTADDRREQ  no server is known: set resolve.nameserver
 *	-EINVAL        not a name: a label longer than 63 octets, or more than 255 in all
 *	-EAGAIN        too many lookups are under way
 *	-ENOMEM
 */

#include <baro/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;
struct hostent;

/** A question under way. Gone when its callback returns, or by baro_lookup_cancel(). */
struct baro_lookup;

/** Octets of a name as text, final NUL included: 255 octets, any of which may need "\255". */
#define BARO_NAME_STRLEN 1021

/** Addresses that a host is known by at most; more are left out. */
#define BARO_HOST_ADDRS 32

/** Who knew. */
enum baro_source {
	BARO_SOURCE_TEXT,  /* the name was an address already */
	BARO_SOURCE_HOSTS, /* /etc/hosts; localhost (RFC 6761 §6.3) */
	BARO_SOURCE_CACHE,
	BARO_SOURCE_SERVER,
};

/** "hosts" */
const char *
baro_source_name(enum baro_source source);

struct baro_resolve_opts {
	struct baro_endpoint
		server; /* ask this one alone, and not the cache; zero: the configured ones */
	bool wants_v6;  /* baro_getaddrinfo(): AAAA records, too; behind the IPv4 addresses */
	bool uses_tcp;  /* ask over TCP from the start */
	bool no_cache;  /* ask, even if the answer is known */
	bool no_hosts;  /* do not look into /etc/hosts */
	bool no_search; /* baro_getaddrinfo(): the name as it stands, without resolve.search */
	bool searches;  /* baro_resolve(): names of few dots with resolve.search, too */
};

/* Hosts: a name and its addresses */

struct baro_host {
	const char *name; /* the canonical one, behind all CNAMEs */
	unsigned n_addrs;
	struct baro_addr addr[BARO_HOST_ADDRS];
	uint32_t ttl_s; /* holds so long; 0: once, or for ever */
	enum baro_source source;
	struct baro_endpoint server; /* that answered; zero: none was asked */
};

/** @host  NULL with an error; valid during the call only */
typedef void (*baro_host_found)(int err, const struct baro_host *host, void *user);

/**
 * Find the addresses of @name: an address as text, an entry of /etc/hosts, or A records. A name with
 * fewer dots than resolve.ndots is tried within each domain of resolve.search first, unless it
 * ends in a dot.
 *
 * @opts  NULL: defaults
 * @out   to cancel it with; NULL: not wanted
 * @return 0, -EINVAL, -EDESTADDRREQ, -EAGAIN, -ENOMEM: there will be no callback
 */
int
baro_getaddrinfo(struct baro_core *core, const char *name, const struct baro_resolve_opts *opts,
	baro_host_found found, void *user, struct baro_lookup **out);

/** Find the name of an address: /etc/hosts, or PTR records. As baro_getaddrinfo(). */
int
baro_getnameinfo(struct baro_core *core, const struct baro_addr *addr,
	const struct baro_resolve_opts *opts, baro_host_found found, void *user,
	struct baro_lookup **out);

/** No callback follows. */
void
baro_lookup_cancel(struct baro_lookup *l);

/*
 * By descriptor, for programs with an epoll (socket.h): on the core that this thread is on. It can be watched
 * by baro_poll() and baro_epoll_ctl() and is to be closed by baro_sock_close().
 */

/**
 * As baro_getaddrinfo(). EPOLLIN comes with the outcome.
 *
 * @return a descriptor; -1: EXDEV (this thread is on no core), EMFILE, and what baro_getaddrinfo() returns
 */
int
baro_lookup_open(const char *name, const struct baro_resolve_opts *opts);

/**
 * The outcome, as often as it is asked for.
 *
 * @host  host->name lives until the descriptor is closed
 * @return 0; -1: EAGAIN (not known yet), one of the errors above, EBADF, EXDEV, EINVAL (no lookup)
 */
int
baro_lookup_host(int fd, struct baro_host *host);

/**
 * gethostbyname(3): waits, while the core's loop runs on.
 *
 * @return IPv4 addresses, valid until this thread calls it again; NULL: errno is one of the errors
 *         above, EXDEV, EINTR (the program is to end) or EAGAIN (in a callback nothing can wait)
 */
struct hostent *
baro_gethostbyname(const char *name);

/* Records: whatever the DNS holds */

enum baro_dns_type {
	BARO_DNS_A = 1,
	BARO_DNS_NS = 2,
	BARO_DNS_CNAME = 5,
	BARO_DNS_SOA = 6,
	BARO_DNS_PTR = 12,
	BARO_DNS_MX = 15,
	BARO_DNS_TXT = 16,
	BARO_DNS_AAAA = 28,
	BARO_DNS_SRV = 33,
	BARO_DNS_OPT = 41,
	BARO_DNS_ANY = 255,
};

/** "AAAA"; "TYPE65" for those without a name here (RFC 3597 §5). @return @buf, or a constant */
const char *
baro_dns_type_name(uint16_t type, char buf[16]);

/** "aaaa" or "TYPE28" to 28. @return 0, -EINVAL */
int
baro_dns_type_parse(const char *text, uint16_t *type);

enum baro_dns_section {
	BARO_DNS_ANSWER,
	BARO_DNS_AUTHORITY,
	BARO_DNS_ADDITIONAL,
};

/** A record. Names have no dot at their end; the root is ".". */
struct baro_record {
	enum baro_dns_section section;
	uint16_t type;
	uint16_t dns_class; /* 1: IN */
	uint32_t ttl_s;     /* less the time that it was in the cache */
	char name[BARO_NAME_STRLEN];
	/* what it says, by type */
	struct baro_addr addr;          /* A, AAAA */
	char target[BARO_NAME_STRLEN];  /* CNAME, NS, PTR, MX, SRV; SOA: the primary server */
	uint16_t priority;              /* MX, SRV: less is better */
	uint16_t weight;                /* SRV: of those of one priority */
	uint16_t port;                  /* SRV */
	char mailbox[BARO_NAME_STRLEN]; /* SOA: who is responsible */
	uint32_t soa[5];                /* SOA: serial, refresh, retry, expire, minimum */
	const uint8_t *
		data; /* as received: TXT's strings, each behind its length; valid in the callback */
	uint16_t len;
};

/** What a server said. */
struct baro_answer {
	uint16_t id;
	uint8_t rcode; /* 0: NOERROR, 2: SERVFAIL, 3: NXDOMAIN, 5: REFUSED, ... */
	bool is_authoritative;
	bool has_recursion;
	bool was_tcp;
	enum baro_source source;
	struct baro_endpoint server;
	uint64_t took_ns;      /* from the question to the answer; 0: from the cache */
	uint16_t len;          /* octets of the message */
	uint16_t n_records[3]; /* by section */
	void *priv;
};

/**
 * @answer  with 0, with what servers said no by (-ENOENT, -ENODATA, -EREMOTEIO, -EACCES, -EPROTO),
 *          else NULL; valid during the call only
 */
typedef void (*baro_records_found)(int err, struct baro_answer *answer, void *user);

/**
 * Ask for the records of @name. /etc/hosts is not looked at.
 *
 * @opts, @out, @return  as of baro_getaddrinfo()
 */
int
baro_resolve(struct baro_core *core, const char *name, uint16_t type,
	const struct baro_resolve_opts *opts, baro_records_found found, void *user,
	struct baro_lookup **out);

/**
 * The next record that answers the question: those of the type asked for, behind all CNAMEs. What a
 * server adds of its own accord is not among them.
 *
 * @return false: there are no more
 */
bool
baro_answer_next(struct baro_answer *answer, struct baro_record *out);

/** The next record of the message, whatever it says: to be shown, not to be believed. */
bool
baro_answer_next_of_all(struct baro_answer *answer, struct baro_record *out);

/** What @r says, as a zone file has it: "10 5 80 www.lab.". @return @buf, cut at @len */
char *
baro_record_format(const struct baro_record *r, char *buf, size_t len);

/** "4.0.18.198.in-addr.arpa", the name that PTR records of @addr have (RFC 1035 §3.5, 3596 §2.5). */
char *
baro_reverse_name(const struct baro_addr *addr, char buf[BARO_NAME_STRLEN]);

/* Servers */

/** The @i-th server that is asked. @return 0, -ERANGE (there are fewer) */
int
baro_nameserver_read(struct baro_core *core, unsigned i, struct baro_endpoint *out);

#ifdef __cplusplus
}
#endif

#endif
