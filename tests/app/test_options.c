/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "../../app/http/options.h"

static struct http_options o;

static const char *
set(const char *name, const char *value)
{
	const struct baro_app_option *row = http_option_table;

	while (row->name != NULL && strcmp(row->name, name) != 0)
		row++;
	cr_assert_not_null(row->name, "%s", name);
	return row->set(value, &o);
}

Test(http_options, defaults)
{
	http_options_init(&o);
	cr_expect_eq(o.port, 80);
	cr_expect_eq(o.echo_port, 0);
	cr_expect_eq(o.root_fd, -1);
	cr_expect_eq(o.idle_timeout_ns, UINT64_C(60000000000));
	cr_expect_eq(o.header_timeout_ns, UINT64_C(10000000000));
	cr_expect_eq(o.limits.max_header, 16384);
	cr_expect_eq(o.limits.max_target, 8192);
}

Test(http_options, takes_values_with_units)
{
	http_options_init(&o);
	cr_expect_null(set("port", "8080"));
	cr_expect_null(set("echo", "on"));
	cr_expect_eq(o.echo_port, 7);
	cr_expect_null(set("echo", "77"));
	cr_expect_eq(o.echo_port, 77);
	cr_expect_null(set("echo", "off"));
	cr_expect_null(set("idle-timeout", "500ms"));
	cr_expect_null(set("header-timeout", "2min"));
	cr_expect_null(set("max-header", "1KiB"));
	cr_expect_null(set("max-uri", "100"));
	cr_expect_null(set("server-name", ""));
	cr_expect_eq(o.port, 8080);
	cr_expect_eq(o.echo_port, 0);
	cr_expect_eq(o.idle_timeout_ns, UINT64_C(500000000));
	cr_expect_eq(o.header_timeout_ns, UINT64_C(120000000000));
	cr_expect_eq(o.limits.max_header, 1024);
	cr_expect_eq(o.limits.max_target, 100);
	cr_expect_null(o.server_name);
}

Test(http_options, refuses_with_a_sentence)
{
	static const char *const rows[][2] = {
		{ "port", "0" },
		{ "port", "65536" },
		{ "port", "http" },
		{ "port", "" },
		{ "echo", "yes" },
		{ "idle-timeout", "60" },
		{ "idle-timeout", "0s" },
		{ "header-timeout", "9999999min" },
		{ "max-header", "1MiB" },
		{ "max-uri", "-1" },
		{ "server-name", "a\r\nb" },
		{ "root", "/nonexistent" },
		{ "root", "/etc/passwd" },
	};

	http_options_init(&o);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_not_null(
			set(rows[i][0], rows[i][1]), "--%s '%s'", rows[i][0], rows[i][1]);
}

Test(http_options, opens_the_root)
{
	http_options_init(&o);
	cr_expect_null(set("root", "/tmp"));
	cr_expect_geq(o.root_fd, 0);
	close(o.root_fd);
}
