/* SPDX-License-Identifier: BSD-3-Clause */

/* Lists in a configuration: addresses, VLANs, routes, neighbours; read, checked, and put to use. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "runtime/config_keys.h"
#include "runtime/core.h"

#include "notes.h"

static struct baro_config config;
static struct notes notes;

static void
setup(void)
{
	memset(&config, 0, sizeof(config));
	memset(&notes, 0, sizeof(notes));
}

TestSuite(config_lists, .init = setup);

static int
set(const char *key, const char *value)
{
	return baro_config_set(&config, key, value, note, &notes);
}

static bool
is_addr(const struct baro_addr *a, const char *text)
{
	char buf[BARO_ADDR_STRLEN];

	return strcmp(baro_addr_format(a, buf), text) == 0;
}

Test(config_lists, addresses_are_read)
{
	const struct baro_addr_list *l = &config.port[0].addresses;

	cr_assert_eq(set("port0.addresses", "198.18.0.3/24,  10.0.0.2/8"), 0);
	cr_assert_eq(l->n, 2);
	cr_expect(is_addr(&l->item[0].addr, "198.18.0.3"));
	cr_expect_eq(l->item[0].prefix_len, 24);
	cr_expect(is_addr(&l->item[1].addr, "10.0.0.2"));
	cr_expect_eq(l->item[1].prefix_len, 8);
	/* another list takes its place */
	cr_assert_eq(set("port0.addresses", "10.0.0.3/8"), 0);
	cr_assert_eq(l->n, 1);
}

Test(config_lists, vlans_are_read)
{
	const struct baro_vlan_list *l = &config.port[1].vlans;

	cr_assert_eq(
		set("port1.vlans", "100 198.19.0.2/24 mtu 1400 via 198.19.0.254, 7 10.0.0.2/8"), 0);
	cr_assert_eq(l->n, 2);
	cr_expect_eq(l->item[0].vlan, 100);
	cr_expect(is_addr(&l->item[0].address, "198.19.0.2"));
	cr_expect_eq(l->item[0].prefix_len, 24);
	cr_expect(is_addr(&l->item[0].gateway, "198.19.0.254"));
	cr_expect_eq(l->item[0].mtu, 1400);
	cr_expect_eq(l->item[1].vlan, 7);
	cr_expect_eq(l->item[1].mtu, 0);
}

Test(config_lists, routes_are_read)
{
	const struct baro_route *r = config.ip.routes.item;

	cr_assert_eq(
		set("ip.routes", "default via 198.18.0.254, 10.0.0.0/8 via 198.18.0.1 metric 5 "
				 "dev port0, 10.1.0.0/16 dev port0.100"),
		0);
	cr_assert_eq(config.ip.routes.n, 3);
	cr_expect_eq(r[0].prefix_len, 0);
	cr_expect(is_addr(&r[0].gateway, "198.18.0.254"));
	cr_expect(is_addr(&r[1].dest, "10.0.0.0"));
	cr_expect_eq(r[1].prefix_len, 8);
	cr_expect_eq(r[1].metric, 5);
	cr_expect_str_eq(r[1].iface, "port0");
	cr_expect_str_eq(r[2].iface, "port0.100");
	cr_expect_eq(baro_addr_to_v4(&r[2].gateway), 0);
}

Test(config_lists, neighbours_are_read)
{
	const struct baro_neigh_list *l = &config.neighbour.fixed;

	cr_assert_eq(set("neighbour.static", "198.18.0.9 02:00:00:00:00:09, 198.18.0.10 "
					     "02:00:00:00:00:0a dev port1"),
		0);
	cr_assert_eq(l->n, 2);
	cr_expect(is_addr(&l->item[0].addr, "198.18.0.9"));
	cr_expect_eq(l->item[0].mac[5], 9);
	cr_expect_str_eq(l->item[0].iface, "");
	cr_expect_eq(l->item[1].mac[5], 10);
	cr_expect_str_eq(l->item[1].iface, "port1");
}

Test(config_lists, what_cannot_be_read_is_told_and_nothing_of_it_is_taken)
{
	static const struct {
		const char *key, *value;
	} row[] = {
		{ "port0.addresses", "" },
		{ "port0.addresses", "198.18.0.3" },
		{ "port0.addresses", "198.18.0.3/33" },
		{ "port0.addresses", "198.18.0.3/24," },
		{ "port0.addresses", "198.18.0.3/24 198.18.0.4/24" },
		{ "port0.addresses",
			"1.0.0.1/8,1.0.0.2/8,1.0.0.3/8,1.0.0.4/8,1.0.0.5/8,1.0.0.6/8,"
			"1.0.0.7/8,1.0.0.8/8,1.0.0.9/8,1.0.0.10/8,1.0.0.11/8,1.0.0.12/8,"
			"1.0.0.13/8,1.0.0.14/8,1.0.0.15/8,1.0.0.16/8" },
		{ "port0.vlans", "100" },
		{ "port0.vlans", "4095 198.19.0.2/24" },
		{ "port0.vlans", "100 198.19.0.2" },
		{ "port0.vlans", "100 198.19.0.2/24 via" },
		{ "port0.vlans", "100 198.19.0.2/24 by 198.19.0.1" },
		{ "port0.vlans", "100 198.19.0.2/24 mtu 9001" },
		{ "ip.routes", "10.0.0.0/8" },
		{ "ip.routes", "10.0.0.0 via 198.18.0.1" },
		{ "ip.routes", "10.0.0.0/8 via nobody" },
		{ "ip.routes", "10.0.0.0/8 via 198.18.0.1 metric" },
		{ "ip.routes", "10.0.0.0/8 via 198.18.0.1 metric -1" },
		{ "ip.routes", "10.0.0.0/8 dev a-name-of-sixteen" },
		{ "ip.routes", "default via 1.0.0.1 dev a dev b dev c dev d" },
		{ "neighbour.static", "198.18.0.9" },
		{ "neighbour.static", "198.18.0.9 02:00:00:00:00" },
		{ "neighbour.static", "198.18.0.9 02:00:00:00:00:09 port0" },
		{ "neighbour.static", "198.18.0.9 02:00:00:00:00:09 on port0" },
	};
	static const struct baro_config untouched = { .port[0].is_used = true };

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		cr_expect_eq(set(row[i].key, row[i].value), -EINVAL, "%s = %s", row[i].key,
			row[i].value);
		config.port[0].is_used = true;
		cr_expect_eq(memcmp(&config, &untouched, sizeof(config)), 0, "%s = %s", row[i].key,
			row[i].value);
	}
	notes_have(&notes, "is not a list of up to 15 such as 198.18.0.3/24, 198.19.0.2/16");
}

Test(config_lists, contradictions_are_found)
{
	cr_assert_eq(set("port0.address", "198.18.0.2/24"), 0);
	cr_assert_eq(set("port0.mtu", "1400"), 0);
	cr_assert_eq(baro_config_check(&config, note, &notes), 0);
	set("port0.addresses", "198.18.0.255/24, 10.0.0.1/0");
	set("port0.vlans", "0 198.19.0.2/24, 5 224.0.0.1/24, 6 198.19.0.2/24 mtu 1500");
	cr_expect_eq(baro_config_check(&config, note, &notes), 5);
	notes_have(&notes,
		"port0.addresses: 198.18.0.255/24 is the network's own or its broadcast address");
	notes_have(&notes, "port0.vlans: 0 is no other VLAN than port0.vlan, 1 to 4094");
	notes_have(&notes, "port0.vlans: mtu 1500 is not between 576 and the port's, 1400");
}

static void
transmit(const struct iovec *frame, int n, void *user)
{
	(void)frame;
	(void)n;
	(void)user;
}

/** A core with the port that the configuration speaks of. */
static struct baro_core *
open_core(void)
{
	struct baro_port_opts opts = { .transmit = transmit };
	struct baro_core *core;
	struct baro_port *port;

	baro_addr_parse("198.18.0.2", &opts.address);
	set("port0.address", "198.18.0.2/24");
	cr_assert_eq(baro_core_create(&config, 0, &core), 0);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	return core;
}

Test(config_lists, lists_are_put_to_use)
{
	struct baro_iface_addr a;
	struct baro_neigh n;
	struct baro_route r;
	struct baro_core *core;
	char problem[96];
	uint32_t at = 0;
	unsigned n_static = 0;

	set("port0.addresses", "198.18.0.3/24");
	set("port0.vlans", "100 198.19.0.2/24 via 198.19.0.254");
	set("ip.routes", "10.0.0.0/8 via 198.18.0.1, 10.1.0.0/16 dev port0.100 metric 3");
	set("neighbour.static", "198.18.0.9 02:00:00:00:00:09, 198.19.0.9 02:00:00:00:00:09");
	core = open_core();
	cr_assert_eq(iface_configure(core, problem, sizeof(problem)), 0, "%s", problem);
	cr_expect_eq(baro_addr_read(core, 1, &a), 0);
	cr_expect(is_addr(&a.addr, "198.18.0.3"));
	cr_expect_eq(baro_addr_read(core, 2, &a), 0);
	cr_expect_str_eq(a.iface, "port0.100");
	for (unsigned i = 0; baro_route_read(core, i, &r) == 0; i++) {
		n_static += !r.is_connected;
		if (r.prefix_len == 16)
			cr_expect_str_eq(r.iface, "port0.100");
	}
	cr_expect_eq(n_static, 3);
	cr_expect_eq(baro_neigh_next(core, &at, &n), 0);
	cr_expect_eq(n.state, BARO_NEIGH_STATIC);
	cr_expect_eq(baro_neigh_next(core, &at, &n), 0);
	cr_expect_str_eq(n.iface, "port0.100");
	cr_expect_eq(baro_neigh_next(core, &at, &n), -ERANGE);
	baro_core_destroy(core);
}

Test(config_lists, what_cannot_be_done_is_named)
{
	static const struct {
		const char *key, *value, *problem;
		int err;
	} row[] = {
		{ "port0.addresses", "198.18.0.2/24", "cannot have address 198.18.0.2 on port0",
			-EEXIST },
		{ "port0.vlans", "9 198.18.0.2/24", "cannot take part in VLAN 9 of port0",
			-EEXIST },
		{ "ip.routes", "10.0.0.0/8 via 10.9.9.9",
			"cannot have the route to 10.0.0.0/8 of ip.routes", -ENETUNREACH },
		{ "neighbour.static", "10.0.0.1 02:00:00:00:00:09",
			"cannot have 10.0.0.1 of neighbour.static", -ENOENT },
	};
	char problem[96];

	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		struct baro_core *core;

		setup();
		cr_assert_eq(set(row[i].key, row[i].value), 0);
		core = open_core();
		cr_expect_eq(
			iface_configure(core, problem, sizeof(problem)), row[i].err, "row %u", i);
		cr_expect_str_eq(problem, row[i].problem);
		baro_core_destroy(core);
	}
}
