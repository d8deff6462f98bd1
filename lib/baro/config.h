/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_CONFIG_H
#define BARO_CONFIG_H

/*
 * Configuration: one structure. Zeroed is valid and means defaults: a field that
 * is 0 takes the default named beside it. The keys of a configuration file and
 * the options of the command line come from one table over this structure.
 */

#include <baro/addr.h>
#include <baro/iface.h>
#include <baro/route.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BARO_MAX_PORTS 8
#define BARO_MAX_CORES 64

enum baro_switch {
	BARO_AUTO = 0, /* the default of the key */
	BARO_OFF,
	BARO_ON,
};

/** What a port does to frames on purpose, both ways, seeded. Zero: nothing. */
struct baro_fault_config {
	uint32_t loss_ppm; /* frames lost, per million */
	uint32_t duplicate_ppm;
	uint32_t reorder_ppm;  /* frames held back by reorder_ns */
	uint32_t corrupt_ppm;  /* frames with one bit flipped */
	uint64_t delay_ns;     /* added to every frame */
	uint64_t reorder_ns;   /* 0: 1 ms */
	uint64_t rate_bps;     /* bits a second; 0: unlimited */
	uint32_t max_frame;    /* octets; longer frames vanish without a word; 0: none does */
	uint32_t queue_frames; /* frames that wait for the rate; 0: 1000 */
	uint64_t seed;         /* 0: 1 */
};

/** Entries of the lists in a configuration; at run time there may be more. */
#define BARO_CONFIG_LIST 15

struct baro_addr_list {
	uint32_t n;
	struct {
		struct baro_addr addr;
		uint8_t prefix_len;
	} item[BARO_CONFIG_LIST];
};

struct baro_vlan_list {
	uint32_t n;
	struct baro_vlan_opts item[BARO_CONFIG_LIST];
};

struct baro_route_list {
	uint32_t n;
	struct baro_route item[BARO_CONFIG_LIST];
};

struct baro_neigh_list {
	uint32_t n;
	struct {
		struct baro_addr addr;
		uint8_t mac[6];
		char iface[BARO_IFACE_NAMELEN]; /* "": the one in whose network addr is */
	} item[BARO_CONFIG_LIST];
};

/** [portN] */
struct baro_port_config {
	bool is_used;    /* a [portN] section exists */
	char device[64]; /* DPDK name, e.g. "net_tap0" or "0000:01:00.0"; "": the Nth */
	struct baro_addr address;
	uint8_t prefix_len;              /* 1..32 */
	struct baro_addr gateway;        /* zero: none */
	struct baro_addr_list addresses; /* more of ours */
	struct baro_vlan_list vlans;     /* interfaces of their own: "port0.100" */
	uint8_t mac[6];                  /* zero: the device's */
	uint16_t mtu;                    /* 0: 1500 */
	uint16_t vlan;                   /* 0: untagged */
	uint16_t rx_desc;                /* descriptors a queue; 0: 1024 */
	uint16_t tx_desc;                /* 0: 1024 */
	enum baro_switch checksum;       /* offload: auto = what the port offers */
	enum baro_switch tso;            /* the port cuts long frames into segments; the same */
	enum baro_switch lro;            /* the port makes long frames of segments; the same */
	enum baro_switch promiscuous;    /* auto: on where our MAC is not the device's */
	struct baro_addr host_address; /* set on the kernel's side of a tap; zero: leave it alone */
	uint8_t host_prefix_len;
	struct baro_fault_config fault;
};

/** Explicit congestion notification, RFC 3168. */
enum baro_ecn {
	BARO_ECN_AUTO = 0, /* passive */
	BARO_ECN_OFF,
	BARO_ECN_PASSIVE, /* agreed to when the peer asks for it */
	BARO_ECN_ON,      /* and asked for by our connects */
};

/** [tcp] */
struct baro_tcp_config {
	uint32_t max_conns;       /* a core; 0: 1,000,000 */
	uint32_t max_embryos;     /* SYN-RECEIVED connections of a core's listeners; 0: 65,536 */
	uint32_t backlog;         /* SYN-RECEIVED connections of a listener; 0: 1024 */
	uint32_t snd_buf;         /* octets, at first; 0: 256 KiB */
	uint32_t snd_buf_max;     /* 0: 4 MiB, or snd_buf where that is set */
	uint32_t notsent_lowat;   /* of what is queued, octets that may be unsent; 0: 96 segments */
	uint32_t rcv_buf;         /* octets, at first; 0: 256 KiB */
	uint32_t rcv_buf_max;     /* 0: 4 MiB at most, or rcv_buf where that is set */
	uint64_t rto_initial_ns;  /* 0: 1 s (RFC 6298 §2.1) */
	uint64_t rto_min_ns;      /* margin above the round trip, at least; 0: 200 ms */
	uint64_t rto_max_ns;      /* 0: 60 s (RFC 6298 §2.5) */
	uint64_t delayed_ack_ns;  /* 0: 40 ms (RFC 9293 §3.8.6.3: below 500 ms) */
	uint64_t msl_ns;          /* 0: 15 s; TIME-WAIT lasts twice that */
	uint64_t rest_after_ns;   /* of silence, twice that at most, and it shrinks; 0: 10 s */
	uint32_t rest_beyond;     /* awake on a core; with more they rest at once; 0: 1024 */
	uint64_t fin_wait_2_ns;   /* with nobody left to read; 0: 60 s */
	uint64_t user_timeout_ns; /* R2: text unacknowledged; 0: 100 s (RFC 9293 §3.8.3) */
	uint64_t connect_timeout_ns; /* 0: 180 s (RFC 9293 §3.8.3) */
	uint32_t syn_retries;        /* of a connect; 0: as many as connect_timeout allows */
	uint64_t orphan_timeout_ns;  /* R2 after baro_conn_close(), if shorter; 0: 100 s */
	uint64_t keepalive_idle_ns;  /* silence before a probe; 0: 2 h (RFC 9293 §3.8.4) */
	uint64_t keepalive_wait_ns;  /* between probes; 0: 75 s */
	uint32_t keepalive_count;    /* probes without an answer; 0: 9 */
	uint32_t syn_ack_retries;    /* 0: 5 */
	uint32_t initial_window;     /* segments; 0: 10 (RFC 6928) */
	enum baro_switch
		fastopen; /* RFC 7413; auto: where the application asks; on: every listener */
	uint32_t fastopen_queue; /* with on: connections that wait for their third ACK; 0: 256 */
	uint32_t fastopen_cache; /* servers that connects know cookies of, a core; 0: 1024 */
	uint64_t fastopen_key_life_ns; /* of cookies that we give, and as long again; 0: 24 h */
	/* "X-X-X-X", X eight hexadecimal digits, or "X-X-X-X,X-X-X-X", in use and the one before: a key
	 * that hosts share; "": one of our own, that changes */
	char fastopen_key[72];
	uint64_t fastopen_hold_max_ns; /* at most so long without, where it has failed; 0: 1 h */
	enum baro_switch syncookies;   /* auto: when a backlog is full; on: for every SYN */
	enum baro_switch abort_on_overflow; /* RST when the accept queue is full; auto: off */
	enum baro_switch timestamps;        /* auto: on */
	enum baro_switch sack;              /* auto: on */
	enum baro_switch wscale;            /* auto: on */
	enum baro_switch nodelay;           /* auto: off, as RFC 9293 §3.7.4 has it */
	enum baro_switch keepalive;         /* auto: off, as RFC 9293 §3.8.4 has it */
	enum baro_switch pacing;            /* auto: as the congestion control wants */
	enum baro_ecn ecn;                  /* RFC 3168 */
	enum baro_switch hystart; /* auto: on; HyStart++ (RFC 9406), of cubic and newreno */
	enum baro_switch abe;     /* auto: off; a smaller reduction for ECN (RFC 8511) */
	char congestion[16];      /* "": "cubic" */
	char trace[128]; /* connections that are watched, as baro_trace_start() has it; "": none */
	enum baro_switch mtu_probing; /* auto: when large segments vanish (RFC 4821); on: always */
	uint16_t mtu_base;            /* octets of a packet that gets through anywhere; 0: 1024 */
	uint64_t mtu_again_ns;        /* what did not get through is tried again then; 0: 10 min */
	uint32_t quick_acks;          /* not delayed when a connection begins, 1..254; 0: 16 */
	uint32_t
		data_retries; /* time-outs in a row that end a connection; 0: user_timeout alone does */
};

/** [udp] */
struct baro_udp_config {
	uint32_t rcv_buf;       /* octets that wait in a socket; 0: 1 MiB */
	uint32_t rcv_datagrams; /* datagrams; 0: 512 */
};

/** [neighbour] */
struct baro_neigh_config {
	uint32_t max_entries;  /* a core; 0: 1024 */
	uint64_t reachable_ns; /* confirmed for so long; 0: 30 s */
	uint64_t stale_ns;     /* kept unused for so long; 0: 20 min */
	uint64_t retrans_ns;   /* between requests; 0: 1 s (RFC 1122 §2.3.2.1) */
	uint32_t max_parked;   /* packets waiting for one neighbour's MAC; 0: 64 */
	enum baro_switch acd;  /* ask whether anybody has an address before it is used; auto: off */
	struct baro_neigh_list fixed; /* neighbours that ARP is neither asked nor believed about */
	enum baro_switch give_up;     /* RFC 5227 §2.4 (b); off: (c); auto: on with acd */
};

/** [ip] */
struct baro_ip_config {
	struct baro_route_list routes; /* beside the ports' networks and gateways */
	uint64_t
		path_mtu_expiry_ns; /* what a router told of a way holds so long; 0: 10 min (RFC 1191 §6.3) */
	uint16_t path_mtu_min; /* octets; no way is thought to carry less, 256..1280; 0: 552 */
	uint32_t reass_max_datagrams; /* that wait for fragments, a core; 0: 256 */
	uint32_t reass_mem;           /* octets of buffers that these hold; 0: 4 MiB */
	uint64_t reass_timeout_ns;    /* 0: 60 s (RFC 1122 §3.3.2) */
	enum baro_switch redirects;   /* followed as RFC 1122 §3.2.2.2 says; auto: on */
	uint64_t redirect_expiry_ns;  /* 0: 10 min */
};

/** [icmp] */
struct baro_icmp_config {
	uint32_t error_rate; /* errors a second; 0: 1000 */
	uint32_t echo_rate;  /* echo and timestamp replies a second; 0: 100,000 */
	enum baro_switch
		timestamp; /* timestamp requests are answered (RFC 1122 §3.2.2.8); auto: off */
};

#define BARO_MAX_NAMESERVERS 4

/** [resolve] */
struct baro_resolve_config {
	struct baro_endpoint nameserver[BARO_MAX_NAMESERVERS]; /* none: those of resolv.conf */
	char search[256];      /* domains, a space between; "": those of resolv.conf */
	uint32_t ndots;        /* dots of a name that is tried as it stands first; 0: 1 */
	uint64_t timeout_ns;   /* of the first try; doubles each round; 0: 2 s */
	uint32_t tries;        /* rounds through all servers; 0: 3 */
	char hosts[128];       /* file; "off": none; "": /etc/hosts */
	char resolv_conf[128]; /* file; "off": none; "": /etc/resolv.conf */
	uint32_t cache;        /* octets of answers kept, a core; 0: 1 MiB */
	uint64_t max_ttl_ns;   /* an answer is kept so long at most; 0: 1 day */
};

enum baro_idle {
	BARO_IDLE_AUTO = 0, /* adaptive */
	BARO_IDLE_ADAPTIVE, /* poll, then pause, then sleep until a frame or a deadline */
	BARO_IDLE_POLL,     /* never sleep */
};

/** [core] */
struct baro_core_config {
	uint32_t mbufs; /* packet buffers a core, in each of its two pools; 0: 16384 */
	uint32_t burst; /* packets a turn and queue, 1..64; 0: 32 */
	enum baro_idle idle;
	uint64_t seed; /* of everything random, for repeatable runs; 0: from the system */
};

struct baro_config {
	char eal_args[512]; /* [eal] args: EAL options put before those of the command line */
	struct baro_core_config core;
	struct baro_tcp_config tcp;
	struct baro_udp_config udp;
	struct baro_neigh_config neighbour;
	struct baro_ip_config ip;
	struct baro_icmp_config icmp;
	struct baro_resolve_config resolve;
	struct baro_port_config port[BARO_MAX_PORTS];
};

/**
 * Receives one problem: where ("net_tap.conf:12: [tcp] msl", "--tcp.msl") and what to do about
 * it. Both texts are valid during the call only.
 */
typedef void (*baro_config_complaint)(const char *where, const char *problem, void *user);

/**
 * Read an INI file over what @config holds.
 *
 * @complain  called for each problem; NULL: nobody wants to know
 * @return    0, -EINVAL (there were problems; @config may be set in part), -errno of reading the
 *            file
 */
int
baro_config_load(
	struct baro_config *config, const char *path, baro_config_complaint complain, void *user);

/** Set one key, "tcp.msl" to "15s". @return 0, -ENOENT (no such key), -EINVAL (value) */
int
baro_config_set(struct baro_config *config, const char *key, const char *value,
	baro_config_complaint complain, void *user);

/** Find all contradictions. @return number of problems */
unsigned
baro_config_check(const struct baro_config *config, baro_config_complaint complain, void *user);

/** Print every key with its unit, default and meaning. */
void
baro_config_help(FILE *out);

#ifdef __cplusplus
}
#endif

#endif
