/* SPDX-License-Identifier: BSD-3-Clause */

/* The table of configuration keys. To add a key: a field in baro/config.h and a row here. */

#include "runtime/config_keys.h"

#include "base/time.h"

#define GLOBAL(member)                                  \
	.offset = offsetof(struct baro_config, member), \
	.len = sizeof(((struct baro_config *)0)->member)
#define PORT(member)                                         \
	.offset = offsetof(struct baro_port_config, member), \
	.len = sizeof(((struct baro_port_config *)0)->member)
#define PORT_PREFIX(member) .prefix_offset = offsetof(struct baro_port_config, member)
#define RANGE(lo, hi)       .min = (lo), .max = (hi)

#define MS   NS_PER_MS
#define SEC  NS_PER_SEC
#define HOUR (3600 * NS_PER_SEC)
#define KIB  UINT64_C(1024)
#define MIB  (UINT64_C(1024) * 1024)

/* clang-format off */
const struct config_key config_keys[] = {
	{ "eal", "args", &value_text, GLOBAL(eal_args),
		.help = "EAL options, put before those of the command line" },

	{ "core", "mbufs", &value_number, GLOBAL(core.mbufs), RANGE(512, 1u << 22),
		.fallback = "16384", .help = "packet buffers a core, in each of its two pools" },
	{ "core", "burst", &value_number, GLOBAL(core.burst), RANGE(1, 64),
		.fallback = "32", .help = "packets a turn and queue" },
	{ "core", "idle", &value_idle, GLOBAL(core.idle),
		.fallback = "adaptive", .help = "adaptive: sleep when there is nothing to do; poll: never" },
	{ "core", "seed", &value_number, GLOBAL(core.seed), RANGE(0, UINT64_MAX),
		.help = "of everything random, for repeatable runs; 0: from the system" },

	{ "tcp", "max_conns", &value_number, GLOBAL(tcp.max_conns), RANGE(1, 100000000),
		.fallback = "1000000", .help = "connections a core" },
	{ "tcp", "max_embryos", &value_number, GLOBAL(tcp.max_embryos), RANGE(1, 100000000),
		.fallback = "65536", .help = "connections in SYN-RECEIVED a core, 64 octets each" },
	{ "tcp", "backlog", &value_number, GLOBAL(tcp.backlog), RANGE(1, 1000000),
		.fallback = "1024", .help = "connections of a listener in SYN-RECEIVED" },
	{ "tcp", "snd_buf", &value_size, GLOBAL(tcp.snd_buf), RANGE(4 * KIB, 1024 * MIB),
		.fallback = "256KiB", .help = "octets queued for sending, a connection" },
	{ "tcp", "rcv_buf", &value_size, GLOBAL(tcp.rcv_buf), RANGE(4 * KIB, 1024 * MIB),
		.fallback = "256KiB", .help = "octets received and unread, a connection" },
	{ "tcp", "rto_initial", &value_duration, GLOBAL(tcp.rto_initial_ns), RANGE(10 * MS, 60 * SEC),
		.fallback = "1s", .help = "first retransmission time-out (RFC 6298 §2.1)" },
	{ "tcp", "rto_min", &value_duration, GLOBAL(tcp.rto_min_ns), RANGE(1 * MS, 60 * SEC),
		.fallback = "200ms", .help = "least margin of the retransmission time-out above the round trip" },
	{ "tcp", "rto_max", &value_duration, GLOBAL(tcp.rto_max_ns), RANGE(100 * MS, HOUR),
		.fallback = "60s", .help = "longest retransmission time-out (RFC 6298 §2.5)" },
	{ "tcp", "delayed_ack", &value_duration, GLOBAL(tcp.delayed_ack_ns), RANGE(1, 499 * MS),
		.fallback = "40ms", .help = "an ACK waits so long for company (RFC 9293 §3.8.6.3: < 500ms)" },
	{ "tcp", "msl", &value_duration, GLOBAL(tcp.msl_ns), RANGE(1 * MS, HOUR),
		.fallback = "15s", .help = "maximum segment lifetime; TIME-WAIT lasts twice that" },
	{ "tcp", "fin_wait_2", &value_duration, GLOBAL(tcp.fin_wait_2_ns), RANGE(1 * MS, 24 * HOUR),
		.fallback = "60s", .help = "FIN-WAIT-2 with nobody left to read" },
	{ "tcp", "user_timeout", &value_duration, GLOBAL(tcp.user_timeout_ns), RANGE(100 * MS, 24 * HOUR),
		.fallback = "100s", .help = "text unacknowledged ends a connection, R2 (RFC 9293 §3.8.3)" },
	{ "tcp", "orphan_timeout", &value_duration, GLOBAL(tcp.orphan_timeout_ns), RANGE(100 * MS, 24 * HOUR),
		.fallback = "100s", .help = "the same, once the application has closed it" },
	{ "tcp", "keepalive", &value_switch, GLOBAL(tcp.keepalive),
		.fallback = "off", .help = "ask silent peers whether they are there (RFC 9293 §3.8.4)" },
	{ "tcp", "keepalive_idle", &value_duration, GLOBAL(tcp.keepalive_idle_ns), RANGE(1 * SEC, 720 * HOUR),
		.fallback = "2h", .help = "silence before the first probe" },
	{ "tcp", "keepalive_wait", &value_duration, GLOBAL(tcp.keepalive_wait_ns), RANGE(1 * SEC, 24 * HOUR),
		.fallback = "75s", .help = "between probes" },
	{ "tcp", "keepalive_count", &value_number, GLOBAL(tcp.keepalive_count), RANGE(1, 127),
		.fallback = "9", .help = "probes without an answer that end a connection" },
	{ "tcp", "connect_timeout", &value_duration, GLOBAL(tcp.connect_timeout_ns), RANGE(100 * MS, 24 * HOUR),
		.fallback = "180s", .help = "a connect gives up (RFC 9293 §3.8.3)" },
	{ "tcp", "syn_retries", &value_number, GLOBAL(tcp.syn_retries), RANGE(0, 100),
		.fallback = "0", .help = "SYN is sent again so often; 0: as connect_timeout allows" },
	{ "tcp", "syn_ack_retries", &value_number, GLOBAL(tcp.syn_ack_retries), RANGE(1, 15),
		.fallback = "5", .help = "SYN,ACK is sent again so often" },
	{ "tcp", "syncookies", &value_switch, GLOBAL(tcp.syncookies),
		.fallback = "auto", .help = "SYN cookies (RFC 4987); auto: when a backlog is full; on: always" },
	{ "tcp", "abort_on_overflow", &value_switch, GLOBAL(tcp.abort_on_overflow),
		.fallback = "off", .help = "RST, not silence, when a connection finds the accept queue full" },
	{ "tcp", "initial_window", &value_number, GLOBAL(tcp.initial_window), RANGE(1, 100),
		.fallback = "10", .help = "segments sent before the first ACK (RFC 6928)" },
	{ "tcp", "timestamps", &value_switch, GLOBAL(tcp.timestamps),
		.fallback = "on", .help = "timestamps and PAWS (RFC 7323)" },
	{ "tcp", "sack", &value_switch, GLOBAL(tcp.sack),
		.fallback = "on", .help = "selective acknowledgement (RFC 2018)" },
	{ "tcp", "wscale", &value_switch, GLOBAL(tcp.wscale),
		.fallback = "on", .help = "window scale (RFC 7323)" },
	{ "tcp", "nodelay", &value_switch, GLOBAL(tcp.nodelay),
		.fallback = "off", .help = "send small segments at once, without Nagle (RFC 9293 §3.7.4)" },
	{ "tcp", "pacing", &value_switch, GLOBAL(tcp.pacing),
		.fallback = "auto", .help = "spread segments over the round trip; auto: as congestion wants" },
	{ "tcp", "congestion", &value_text, GLOBAL(tcp.congestion),
		.fallback = "newreno", .help = "congestion control" },

	{ "neighbour", "max_entries", &value_number, GLOBAL(neighbour.max_entries), RANGE(1, 1u << 20),
		.fallback = "1024", .help = "neighbours a core" },
	{ "neighbour", "reachable", &value_duration, GLOBAL(neighbour.reachable_ns), RANGE(1 * MS, 24 * HOUR),
		.fallback = "30s", .help = "a confirmation holds so long" },
	{ "neighbour", "stale", &value_duration, GLOBAL(neighbour.stale_ns), RANGE(1 * MS, 24 * HOUR),
		.fallback = "20min", .help = "an entry is kept unused so long" },
	{ "neighbour", "retrans", &value_duration, GLOBAL(neighbour.retrans_ns), RANGE(1 * MS, 60 * SEC),
		.fallback = "1s", .help = "between ARP requests (RFC 1122 §2.3.2.1)" },
	{ "neighbour", "max_parked", &value_number, GLOBAL(neighbour.max_parked), RANGE(1, 4096),
		.fallback = "64", .help = "packets that wait for one neighbour's MAC" },

	{ "ip", "path_mtu.expiry", &value_duration, GLOBAL(ip.path_mtu_expiry_ns), RANGE(1 * SEC, 24 * HOUR),
		.fallback = "10min", .help = "a smaller path MTU that a router told holds so long (RFC 1191 §6.3)" },
	{ "ip", "path_mtu.min", &value_size, GLOBAL(ip.path_mtu_min), RANGE(256, 1280),
		.fallback = "552", .help = "no path is thought to carry less, whatever a router tells" },
	{ "ip", "reass.max_datagrams", &value_number, GLOBAL(ip.reass_max_datagrams), RANGE(1, 65536),
		.fallback = "256", .help = "datagrams a core that wait for fragments" },
	{ "ip", "reass.max_mem", &value_size, GLOBAL(ip.reass_mem), RANGE(64 * KIB, 1024 * MIB),
		.fallback = "4MiB", .help = "octets of buffers that these hold; never over a quarter of all" },
	{ "ip", "reass.timeout", &value_duration, GLOBAL(ip.reass_timeout_ns), RANGE(100 * MS, 120 * SEC),
		.fallback = "60s", .help = "for all fragments to come (RFC 1122 §3.3.2)" },

	{ "icmp", "error_rate", &value_number, GLOBAL(icmp.error_rate), RANGE(1, 100000000),
		.fallback = "1000", .help = "ICMP errors sent a second" },
	{ "icmp", "echo_rate", &value_number, GLOBAL(icmp.echo_rate), RANGE(1, 100000000),
		.fallback = "100000", .help = "echo replies sent a second" },

	{ "port", "device", &value_text, PORT(device),
		.help = "DPDK's name, net_tap0 or 0000:01:00.0; without: the Nth device" },
	{ "port", "address", &value_prefix, PORT(address), PORT_PREFIX(prefix_len),
		.help = "ours on this port, with the length of its network's prefix" },
	{ "port", "gateway", &value_address, PORT(gateway),
		.help = "where packets to other networks go" },
	{ "port", "mac", &value_mac, PORT(mac),
		.help = "ours; without: the device's, for a tap one made from it" },
	{ "port", "mtu", &value_size, PORT(mtu), RANGE(576, 9000),
		.fallback = "1500", .help = "octets of an IP packet" },
	{ "port", "vlan", &value_number, PORT(vlan), RANGE(0, 4094),
		.help = "802.1Q VLAN that the port lives in; 0: untagged" },
	{ "port", "rx_desc", &value_number, PORT(rx_desc), RANGE(32, 32768),
		.fallback = "1024", .help = "receive descriptors a queue" },
	{ "port", "tx_desc", &value_number, PORT(tx_desc), RANGE(32, 32768),
		.fallback = "1024", .help = "transmit descriptors a queue" },
	{ "port", "checksum", &value_switch, PORT(checksum),
		.fallback = "auto", .help = "checksums by the device; auto: what it offers; off: software" },
	{ "port", "promiscuous", &value_switch, PORT(promiscuous),
		.fallback = "auto", .help = "frames for every MAC; auto: only where our MAC needs it" },
	{ "port", "host_address", &value_prefix, PORT(host_address), PORT_PREFIX(host_prefix_len),
		.help = "given to the kernel's side of a tap" },
	{ "port", "fault.loss", &value_probability, PORT(fault.loss_ppm), RANGE(0, 1000000),
		.help = "frames lost on purpose, each way" },
	{ "port", "fault.duplicate", &value_probability, PORT(fault.duplicate_ppm), RANGE(0, 1000000),
		.help = "frames doubled" },
	{ "port", "fault.reorder", &value_probability, PORT(fault.reorder_ppm), RANGE(0, 1000000),
		.help = "frames held back by fault.reorder_by" },
	{ "port", "fault.corrupt", &value_probability, PORT(fault.corrupt_ppm), RANGE(0, 1000000),
		.help = "frames with one bit turned" },
	{ "port", "fault.delay", &value_duration, PORT(fault.delay_ns), RANGE(0, 60 * SEC),
		.help = "added to every frame" },
	{ "port", "fault.reorder_by", &value_duration, PORT(fault.reorder_ns), RANGE(1, 60 * SEC),
		.fallback = "1ms", .help = "how long a reordered frame is held back" },
	{ "port", "fault.rate", &value_rate, PORT(fault.rate_bps), RANGE(0, UINT64_C(1000000000000)),
		.help = "of the wire; 0: unlimited" },
	{ "port", "fault.queue", &value_number, PORT(fault.queue_frames), RANGE(1, 1000000),
		.fallback = "1000", .help = "frames that wait for fault.rate" },
	{ "port", "fault.seed", &value_number, PORT(fault.seed), RANGE(1, UINT64_MAX),
		.fallback = "1", .help = "which frames it hits" },
	{ .section = NULL },
};
/* clang-format on */
