/* SPDX-License-Identifier: BSD-3-Clause */

#include <baro/config.h>
#include <criterion/criterion.h>
#include <errno.h>

#include "runtime/config_keys.h"

#include "notes.h"

struct number_row {
	const struct config_type *type;
	const char *text;
	int err;
	uint64_t number;
};

static const struct number_row numbers[] = {
	{ &value_duration, "200ms", 0, 200000000 },
	{ &value_duration, "15s", 0, 15000000000 },
	{ &value_duration, "40us", 0, 40000 },
	{ &value_duration, "2min", 0, 120000000000 },
	{ &value_duration, "1h", 0, 3600000000000 },
	{ &value_duration, "7ns", 0, 7 },
	{ &value_duration, "1.5s", 0, 1500000000 },
	{ &value_duration, "0.000001s", 0, 1000 },
	{ &value_duration, "15 s", 0, 15000000000 },
	{ &value_duration, "0", 0, 0 },
	{ &value_duration, "15", -EINVAL, 0 },
	{ &value_duration, "15x", -EINVAL, 0 },
	{ &value_duration, "s", -EINVAL, 0 },
	{ &value_duration, "-1s", -EINVAL, 0 },
	{ &value_duration, "1.s", -EINVAL, 0 },
	{ &value_duration, "0.5ns", -EINVAL, 0 },
	{ &value_duration, "0.0000001s", -EINVAL, 0 },
	{ &value_duration, "99999999999999999999s", -ERANGE, 0 },
	{ &value_duration, "99999999999h", -ERANGE, 0 },
	{ &value_size, "1500", 0, 1500 },
	{ &value_size, "64k", 0, 65536 },
	{ &value_size, "64K", 0, 65536 },
	{ &value_size, "256KiB", 0, 262144 },
	{ &value_size, "1kB", -EINVAL, 0 },
	{ &value_size, "1MiB", 0, 1048576 },
	{ &value_size, "1.5k", 0, 1536 },
	{ &value_size, "2G", 0, 2147483648 },
	{ &value_size, "64kib", -EINVAL, 0 },
	{ &value_rate, "1Gbit", 0, 1000000000 },
	{ &value_rate, "100Mbit", 0, 100000000 },
	{ &value_rate, "2.5Gbit", 0, 2500000000 },
	{ &value_rate, "9600", 0, 9600 },
	{ &value_rate, "1GB", -EINVAL, 0 },
	{ &value_probability, "1%", 0, 10000 },
	{ &value_probability, "0.1%", 0, 1000 },
	{ &value_probability, "500ppm", 0, 500 },
	{ &value_probability, "100%", 0, 1000000 },
	{ &value_probability, "0", 0, 0 },
	{ &value_probability, "0.01", -EINVAL, 0 },
	{ &value_probability, "0.5ppm", -EINVAL, 0 },
	{ &value_number, "0", 0, 0 },
	{ &value_number, "18446744073709551615", 0, UINT64_MAX },
	{ &value_number, "18446744073709551616", -ERANGE, 0 },
	{ &value_number, "0x10", -EINVAL, 0 },
	{ &value_number, "", -EINVAL, 0 },
	{ &value_number, "1.5", -EINVAL, 0 },
};

Test(config_values, numbers_with_units)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct number_row *row = &numbers[i];
		uint64_t number = 0;

		cr_expect_eq(value_scale(row->text, row->type->units, &number), row->err,
			"\"%s\": wrong verdict", row->text);
		if (row->err == 0)
			cr_expect_eq(number, row->number, "\"%s\" became %lu", row->text, number);
	}
}

Test(config_values, format_reads_back)
{
	static const uint64_t numbers_to_write[] = { 0, 1, 999, 1000, 1024, 1500, 60000000000,
		1u << 20, 3600000000000, UINT64_MAX };
	const struct config_type *types[] = { &value_number, &value_duration, &value_size,
		&value_rate, &value_probability };
	char text[32];
	uint64_t back;

	for (size_t t = 0; t < 5; t++) {
		for (size_t i = 0; i < 10; i++) {
			value_format(numbers_to_write[i], types[t]->units, text, sizeof(text));
			cr_expect_eq(value_scale(text, types[t]->units, &back), 0, "%s", text);
			cr_expect_eq(back, numbers_to_write[i], "%s", text);
		}
	}
	cr_assert_str_eq(value_format(1500000000, value_duration.units, text, 32), "1500ms");
	cr_assert_str_eq(value_format(262144, value_size.units, text, 32), "256KiB");
	cr_assert_str_eq(value_format(10000, value_probability.units, text, 32), "1%");
}

static struct baro_config config;
static struct notes notes;

static int
set(const char *key, const char *value)
{
	return baro_config_set(&config, key, value, note, &notes);
}

Test(config_values, addresses_and_macs)
{
	static const uint8_t mac[6] = { 0x02, 0xab, 0, 0, 0, 0x0f };

	cr_assert_eq(set("port0.address", "198.18.0.2/24"), 0);
	cr_assert_eq(baro_addr_to_v4(&config.port[0].address), 0xc6120002);
	cr_assert_eq(config.port[0].prefix_len, 24);
	cr_assert_eq(set("port0.gateway", "198.18.0.1"), 0);
	cr_assert_eq(baro_addr_to_v4(&config.port[0].gateway), 0xc6120001);
	cr_assert_eq(set("port0.mac", "02:AB:00:00:00:0f"), 0);
	cr_assert_arr_eq(config.port[0].mac, mac, 6);
	cr_assert_eq(set("port7.host_address", "198.18.0.1/30"), 0);
	cr_assert_eq(config.port[7].host_prefix_len, 30);
	cr_assert(config.port[0].is_used);
	cr_assert(config.port[7].is_used);
	cr_assert_not(config.port[1].is_used);
}

Test(config_values, what_is_no_address_or_mac)
{
	static const char *const rows[][2] = {
		{ "port0.address", "198.18.0.2" },
		{ "port0.address", "198.18.0.2/0" },
		{ "port0.address", "198.18.0.2/33" },
		{ "port0.address", "198.18.0/24" },
		{ "port0.address", "/24" },
		{ "port0.address", "11111111111111111111111111111111111111111111111/24" },
		{ "port0.gateway", "198.18.0.1/24" },
		{ "port0.mac", "02:00:00:00:00" },
		{ "port0.mac", "02:00:00:00:00:0g" },
		{ "port0.mac", "02-00-00-00-00-01" },
		{ "port0.mac", "2:0:0:0:0:1" },
		{ "tcp.sack", "yes" },
		{ "core.idle", "never" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(set(rows[i][0], rows[i][1]), -EINVAL, "%s = %s was taken", rows[i][0],
			rows[i][1]);
	cr_assert_eq(notes.n, sizeof(rows) / sizeof(rows[0]));
	notes_have(&notes, "--port0.address: \"198.18.0.2\" is not an IPv4 address with its prefix "
			   "length, such as 198.18.0.2/24");
}

Test(config_values, words)
{
	cr_assert_eq(set("tcp.sack", "off"), 0);
	cr_assert_eq(config.tcp.sack, BARO_OFF);
	cr_assert_eq(set("tcp.sack", "auto"), 0);
	cr_assert_eq(config.tcp.sack, BARO_AUTO);
	cr_assert_eq(set("core.idle", "poll"), 0);
	cr_assert_eq(config.core.idle, BARO_IDLE_POLL);
}
