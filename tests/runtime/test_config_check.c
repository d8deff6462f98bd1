/* SPDX-License-Identifier: BSD-3-Clause */

#include <baro/config.h>
#include <criterion/criterion.h>

#include "notes.h"

static struct baro_config config;
static struct notes notes;

static void
set(const char *key, const char *value)
{
	cr_assert_eq(baro_config_set(&config, key, value, note, &notes), 0, "%s", notes.text);
}

static void
finds(const char *expected)
{
	unsigned n = baro_config_check(&config, note, &notes);

	notes_are(&notes, expected);
	cr_assert_eq(n, notes.n);
}

Test(config_check, zeroed_is_valid)
{
	finds("");
}

Test(config_check, a_port_needs_an_address)
{
	config.port[2].is_used = true;
	finds("port2.address: is missing; write for example 198.18.0.2/24\n");
}

Test(config_check, a_usual_port_is_valid)
{
	set("port0.address", "198.18.0.2/24");
	set("port0.gateway", "198.18.0.1");
	set("port0.host_address", "198.18.0.1/24");
	set("port0.mac", "02:00:00:00:00:02");
	finds("");
}

struct address_row {
	const char *address;
	const char *problem;
};

Test(config_check, addresses_that_no_host_can_have)
{
	static const struct address_row rows[] = {
		{ "198.18.0.0/24", "is the network's own or its broadcast address" },
		{ "198.18.0.255/24", "is the network's own or its broadcast address" },
		{ "224.0.0.1/24", "is a group, reserved or broadcast address" },
		{ "255.255.255.255/32", "is a group, reserved or broadcast address" },
		{ "127.0.0.1/8", "is of a network that hosts cannot have" },
		{ "0.0.0.1/8", "is of a network that hosts cannot have" },
		{ "0.0.0.0/8", "is missing" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		notes = (struct notes){ .n = 0 };
		set("port0.address", rows[i].address);
		cr_expect_eq(baro_config_check(&config, note, &notes), 1, "%s: %s", rows[i].address,
			notes.text);
		notes_have(&notes, rows[i].problem);
	}
}

Test(config_check, point_to_point_and_single_host_prefixes)
{
	set("port0.address", "198.18.0.2/31");
	set("port1.address", "198.18.1.2/32");
	finds("");
}

Test(config_check, addresses_that_do_not_go_together)
{
	set("port0.address", "198.18.0.2/24");
	set("port0.gateway", "198.18.1.1");
	set("port0.host_address", "198.18.0.2/24");
	set("port1.address", "198.18.1.2/24");
	set("port1.gateway", "198.18.1.2");
	set("port1.host_address", "198.18.0.9/24");
	finds("port0.gateway: is not in the network of port0.address\n"
	      "port0.host_address: is the stack's own address; the kernel needs another one\n"
	      "port1.gateway: is our own address; name the router's\n"
	      "port1.host_address: is not in the network of port1.address\n");
}

Test(config_check, two_ports_on_one_device_or_address)
{
	set("port0.address", "198.18.0.2/24");
	set("port0.device", "net_tap0");
	set("port1.address", "198.18.0.2/24");
	set("port1.device", "net_tap0");
	finds("port1.device: net_tap0 is port0's already\n"
	      "port1.address: is port0's already; give every port its own\n");
}

Test(config_check, a_group_mac)
{
	set("port0.address", "198.18.0.2/24");
	set("port0.mac", "03:00:00:00:00:02");
	finds("port0.mac: is a group address; make the first octet even, as in 02\n");
}

Test(config_check, timeouts_that_contradict)
{
	set("tcp.rto_min", "2s");
	finds("tcp.rto_initial: is not between tcp.rto_min and tcp.rto_max\n");
}

Test(config_check, timeouts_that_contradict_twice)
{
	set("tcp.rto_min", "20s");
	set("tcp.rto_max", "10s");
	set("tcp.rto_initial", "20s");
	finds("tcp.rto_min: is above tcp.rto_max; lower it, or raise tcp.rto_max\n"
	      "tcp.rto_initial: is not between tcp.rto_min and tcp.rto_max\n");
}

Test(config_check, limits_hold_for_programs_too)
{
	config.core.burst = 65;
	config.tcp.delayed_ack_ns = 500000000;
	config.port[0].is_used = true;
	config.port[0].address = baro_addr_from_v4(0xc6120002);
	config.port[0].prefix_len = 33;
	config.port[0].mtu = 9001;
	finds("core.burst: 65 is out of range; 1 to 64 is allowed\n"
	      "tcp.delayed_ack: 500ms is out of range; 1ns to 499ms is allowed\n"
	      "port0.mtu: 9001 is out of range; 576 to 9000 is allowed\n"
	      "port0.address: has a prefix length of 33; 1 to 32 is allowed\n");
}

Test(config_check, backlog_and_buffers)
{
	set("tcp.max_conns", "100");
	set("core.mbufs", "1024");
	set("port0.address", "198.18.0.2/24");
	finds("tcp.backlog: 1024 is above tcp.max_conns, 100; lower it\n"
	      "core.mbufs: 1024 are fewer than the 1056 that the ports' receive rings hold; "
	      "raise it, or lower portN.rx_desc\n");
}

Test(config_check, an_unknown_congestion_control)
{
	set("tcp.congestion", "reno");
	baro_config_check(&config, note, &notes);
	notes_have(&notes, "tcp.congestion: \"reno\" is not known; there are cubic, newreno, bbr");
}

Test(config_check, a_fastopen_key_that_does_not_read)
{
	set("tcp.fastopen_key", "00112233445566778899aabbccddeeff");
	baro_config_check(&config, note, &notes);
	notes_have(&notes, "tcp.fastopen_key: does not read");
}

Test(config_check, a_trace_that_does_not_read)
{
	set("tcp.trace", "198.18.0.300");
	baro_config_check(&config, note, &notes);
	notes_have(&notes, "tcp.trace: \"198.18.0.300\" does not read");
}

Test(config_check, complaints_are_optional)
{
	config.port[0].is_used = true;
	cr_assert_eq(baro_config_check(&config, NULL, NULL), 1);
}
