/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Contradictions in a configuration: numbers out of their limits, whoever set them, and
 * values that do not go together. Fields that are 0 count as their defaults.
 */

#include <baro/config.h>

#include <stdarg.h>
#include <string.h>

#include "base/check.h"
#include "runtime/trace.h"
#include "tcp/cc.h"
#include "tcp/fast_key.h"

#include "runtime/config_keys.h"

enum { MAX_TEXT = 256 };

struct findings {
	baro_config_complaint complain;
	void *user;
	unsigned n;
};

__attribute__((format(printf, 3, 4))) static void
found(struct findings *f, const char *where, const char *form, ...)
{
	char text[MAX_TEXT];
	va_list args;

	f->n++;
	if (f->complain == NULL)
		return;
	va_start(args, form);
	vsnprintf(text, sizeof(text), form, args);
	va_end(args);
	f->complain(where, text, f->user);
}

/* A number set by a program instead of the parser may be anything. */
static void
check_number(struct findings *f, const struct config_key *k, const void *base, const char *section)
{
	uint64_t number = value_load((const char *)base + k->offset, k->len);
	char where[64];
	char text[3][32];

	if (number >= k->min && number <= k->max)
		return;
	snprintf(where, sizeof(where), "%s.%s", section, k->name);
	found(f, where, "%s is out of range; %s to %s is allowed",
		value_format(number, k->type->units, text[0], sizeof(text[0])),
		value_format(k->min, k->type->units, text[1], sizeof(text[1])),
		value_format(k->max, k->type->units, text[2], sizeof(text[2])));
}

static void
check_section(struct findings *f, const char *table, const char *section, const void *base)
{
	const struct config_key *k;

	for (k = config_keys; k->section != NULL; k++)
		if (k->type->is_number && strcmp(k->section, table) == 0)
			check_number(f, k, base, section);
}

static void
check_congestion(struct findings *f, const char *name)
{
	const struct tcp_cc *cc;
	char known[MAX_TEXT / 2];
	size_t used = 0;
	unsigned i;

	if (tcp_cc_find(name) != NULL)
		return;
	known[0] = '\0';
	for (i = 0; (cc = tcp_cc_at(i)) != NULL && used < sizeof(known) - 1; i++) {
		snprintf(known + used, sizeof(known) - used, "%s%s", i == 0 ? "" : ", ", cc->name);
		used = strlen(known);
	}
	found(f, "tcp.congestion", "\"%s\" is not known; there are %s", name, known);
}

static void
check_fastopen_key(struct findings *f, const char *text)
{
	struct fast_keys keys;

	if (fast_keys_read(text, &keys) != 0)
		found(f, "tcp.fastopen_key",
			"does not read; keys are like 00112233-44556677-8899aabb-ccddeeff, "
			"one, or two with a comma between");
}

static void
check_trace(struct findings *f, const char *which)
{
	struct tcp_trace_filter filter[TCP_TRACE_FILTERS];

	if (which[0] != '\0' && trace_parse(which, filter) == 0)
		found(f, "tcp.trace",
			"\"%s\" does not read; write 198.18.0.1:5001, 198.18.0.1, :5001 or all, %d "
			"at most",
			which, TCP_TRACE_FILTERS);
}

static void
check_tcp(struct findings *f, const struct baro_tcp_config *tcp)
{
	if (tcp->rto_min_ns > tcp->rto_max_ns)
		found(f, "tcp.rto_min", "is above tcp.rto_max; lower it, or raise tcp.rto_max");
	if (tcp->rto_initial_ns < tcp->rto_min_ns || tcp->rto_initial_ns > tcp->rto_max_ns)
		found(f, "tcp.rto_initial", "is not between tcp.rto_min and tcp.rto_max");
	if (tcp->backlog > tcp->max_conns)
		found(f, "tcp.backlog", "%u is above tcp.max_conns, %u; lower it", tcp->backlog,
			tcp->max_conns);
	check_congestion(f, tcp->congestion);
	check_fastopen_key(f, tcp->fastopen_key);
	check_trace(f, tcp->trace);
	if (tcp->delayed_ack_ns >= tcp->rto_max_ns)
		found(f, "tcp.delayed_ack", "is not below tcp.rto_max");
}

static uint32_t
mask_of(uint8_t prefix_len)
{
	if (prefix_len == 0)
		return 0;
	return prefix_len < 32 ? UINT32_MAX << (32 - prefix_len) : UINT32_MAX;
}

/* RFC 1122 §3.2.1.3: an address that a host can have on this network. */
static const char *
why_no_host(uint32_t addr, uint8_t prefix_len)
{
	uint32_t host = addr & ~mask_of(prefix_len);

	if (addr == 0)
		return "is missing";
	if (addr >> 24 == 0 || addr >> 24 == 127)
		return "is of a network that hosts cannot have";
	if (addr >> 28 >= 0xe)
		return "is a group, reserved or broadcast address";
	if (prefix_len < 31 && (host == 0 || host == ~mask_of(prefix_len)))
		return "is the network's own or its broadcast address";
	return NULL;
}

static void
check_address(struct findings *f, const char *section, const struct baro_port_config *port)
{
	uint32_t addr = baro_addr_to_v4(&port->address);
	uint32_t gateway = baro_addr_to_v4(&port->gateway);
	uint32_t mask = mask_of(port->prefix_len);
	char where[64];
	const char *why;

	snprintf(where, sizeof(where), "%s.address", section);
	why = why_no_host(addr, port->prefix_len);
	if (why != NULL)
		found(f, where, "%s; write for example 198.18.0.2/24", why);
	else if (port->prefix_len < 1 || port->prefix_len > 32)
		found(f, where, "has a prefix length of %u; 1 to 32 is allowed", port->prefix_len);
	if (gateway == 0 || why != NULL)
		return;
	snprintf(where, sizeof(where), "%s.gateway", section);
	if (gateway == addr)
		found(f, where, "is our own address; name the router's");
	else if ((gateway & mask) != (addr & mask))
		found(f, where, "is not in the network of %s.address", section);
}

static void
check_host_address(struct findings *f, const char *section, const struct baro_port_config *port)
{
	uint32_t host = baro_addr_to_v4(&port->host_address);
	uint32_t addr = baro_addr_to_v4(&port->address);
	uint32_t mask = mask_of(port->prefix_len);
	char where[64];

	if (host == 0)
		return;
	snprintf(where, sizeof(where), "%s.host_address", section);
	if (host == addr)
		found(f, where, "is the stack's own address; the kernel needs another one");
	else if ((host & mask) != (addr & mask))
		found(f, where, "is not in the network of %s.address", section);
}

static void
check_lists(struct findings *f, const char *section, const struct baro_port_config *port)
{
	char where[64];
	char text[BARO_ADDR_STRLEN];
	const char *why;

	for (uint32_t i = 0; i < port->addresses.n; i++) {
		const struct baro_addr *addr = &port->addresses.item[i].addr;

		snprintf(where, sizeof(where), "%s.addresses", section);
		why = why_no_host(baro_addr_to_v4(addr), port->addresses.item[i].prefix_len);
		if (why != NULL || port->addresses.item[i].prefix_len < 1)
			found(f, where, "%s/%u %s", baro_addr_format(addr, text),
				port->addresses.item[i].prefix_len,
				why != NULL ? why : "has a prefix that cannot be");
	}
	for (uint32_t i = 0; i < port->vlans.n; i++) {
		const struct baro_vlan_opts *v = &port->vlans.item[i];

		snprintf(where, sizeof(where), "%s.vlans", section);
		why = why_no_host(baro_addr_to_v4(&v->address), v->prefix_len);
		if (why != NULL || v->prefix_len < 1)
			found(f, where, "%s/%u %s", baro_addr_format(&v->address, text),
				v->prefix_len, why != NULL ? why : "has a prefix that cannot be");
		if (v->vlan < 1 || v->vlan > 4094 || v->vlan == port->vlan)
			found(f, where, "%u is no other VLAN than %s.vlan, 1 to 4094", v->vlan,
				section);
		if (v->mtu != 0 && (v->mtu < 576 || v->mtu > port->mtu))
			found(f, where, "mtu %u is not between 576 and the port's, %u", v->mtu,
				port->mtu);
	}
}

static void
check_port(struct findings *f, const char *section, const struct baro_port_config *port)
{
	char where[64];

	check_section(f, "port", section, port);
	check_address(f, section, port);
	check_host_address(f, section, port);
	check_lists(f, section, port);
	if ((port->mac[0] & 1) != 0) {
		snprintf(where, sizeof(where), "%s.mac", section);
		found(f, where, "is a group address; make the first octet even, as in 02");
	}
	if (port->fault.rate_bps != 0 && port->fault.rate_bps < 8000) {
		snprintf(where, sizeof(where), "%s.fault.rate", section);
		found(f, where, "is below 8kbit; frames would wait for minutes");
	}
}

/* Two ports on one device, or with one address. */
static void
check_pair(struct findings *f, const struct baro_config *c, unsigned i, unsigned k)
{
	const struct baro_port_config *a = &c->port[i];
	const struct baro_port_config *b = &c->port[k];
	char where[64];

	if (a->device[0] != '\0' && strcmp(a->device, b->device) == 0) {
		snprintf(where, sizeof(where), "port%u.device", k);
		found(f, where, "%s is port%u's already", b->device, i);
	}
	if (baro_addr_to_v4(&a->address) != 0 &&
		memcmp(&a->address, &b->address, sizeof(a->address)) == 0) {
		snprintf(where, sizeof(where), "port%u.address", k);
		found(f, where, "is port%u's already; give every port its own", i);
	}
}

static void
check_ports(struct findings *f, const struct baro_config *c)
{
	char section[] = "port0";
	unsigned i, k;

	for (i = 0; i < BARO_MAX_PORTS; i++) {
		if (!c->port[i].is_used)
			continue;
		section[4] = (char)('0' + i);
		check_port(f, section, &c->port[i]);
		for (k = i + 1; k < BARO_MAX_PORTS; k++)
			if (c->port[k].is_used)
				check_pair(f, c, i, k);
	}
}

/* A receive ring takes its descriptors' worth of buffers for good. */
static void
check_mbufs(struct findings *f, const struct baro_config *c)
{
	uint64_t wanted = 0;
	unsigned i;

	for (i = 0; i < BARO_MAX_PORTS; i++)
		if (c->port[i].is_used)
			wanted += (uint64_t)c->port[i].rx_desc + c->core.burst;
	if (c->core.mbufs < wanted)
		found(f, "core.mbufs",
			"%u are fewer than the %llu that the ports' receive rings hold; "
			"raise it, or lower portN.rx_desc",
			c->core.mbufs, (unsigned long long)wanted);
}

unsigned
baro_config_check(const struct baro_config *config, baro_config_complaint complain, void *user)
{
	static const char *const sections[] = { "core", "tcp", "neighbour", "ip", "icmp",
		"resolve" };
	struct findings f = { .complain = complain, .user = user };
	struct baro_config filled = *config;
	unsigned i;

	config_fill(&filled);
	for (i = 0; i < ARRAY_LEN(sections); i++)
		check_section(&f, sections[i], sections[i], &filled);
	check_tcp(&f, &filled.tcp);
	check_ports(&f, &filled);
	check_mbufs(&f, &filled);
	return f.n;
}
