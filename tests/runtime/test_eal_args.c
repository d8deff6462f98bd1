/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/eal.h"
#include "runtime/eal_args.h"

static struct eal_args args;
static const struct eal_means no_hugepages = {
	.hugepage_octets = 0,
	.wanted_huge_octets = 90 << 20,
	.wanted_octets = (100 << 20) + 1,
	.cpu = 3,
};

/* All arguments behind the program's name, in one line. */
static const char *
joined(void)
{
	static char line[2048];

	line[0] = '\0';
	for (int i = 1; i < args.argc; i++) {
		if (i > 1)
			strcat(line, " ");
		strcat(line, args.argv[i]);
	}
	return line;
}

static void
given(const char *line)
{
	eal_args_init(&args, "prog");
	eal_args_split(&args, line);
	eal_args_look(&args);
}

Test(eal_args, words_of_a_line)
{
	given("  --vdev=net_tap0   -l\t1,2 ");
	cr_assert_str_eq(joined(), "--vdev=net_tap0 -l 1,2");
	cr_assert_str_eq(args.argv[0], "prog");
	cr_assert_null(args.argv[args.argc]);
	given("");
	cr_assert_eq(args.argc, 1);
}

Test(eal_args, silent_ones_are_completed)
{
	given("--vdev=net_tap0");
	eal_args_complete(&args, &no_hugepages);
	cr_assert_str_eq(joined(),
		"--no-huge --no-shconf -m 101 --no-pci -l 3 --log-level=pmd.net.tap:emergency "
		"--log-level=*:error --vdev=net_tap0");
	cr_assert(args.is_no_huge);
	cr_assert_eq(args.memory_mb, 101);
	cr_assert_eq(args.n_vdevs, 1);
	cr_assert_str_eq(args.vdev[0], "net_tap0");
}

Test(eal_args, hugepages_are_used_when_they_suffice)
{
	struct eal_means means = no_hugepages;

	means.hugepage_octets = means.wanted_huge_octets;
	given("");
	eal_args_complete(&args, &means);
	cr_assert_not_null(strstr(joined(), "--in-memory"));
	cr_assert_null(strstr(joined(), "--no-huge"));
}

Test(eal_args, what_is_given_is_kept)
{
	static const char line[] = "--legacy-mem -m 512 -l 0-1 -a 0000:01:00.0 --log-level=debug";

	given(line);
	eal_args_complete(&args, &no_hugepages);
	cr_assert_str_eq(joined(), line);
	cr_assert_eq(args.memory_mb, 512);
	cr_assert_str_eq(args.lcores, "0-1");
	cr_assert(args.is_cpu_list);
	cr_assert_eq(args.n_pci, 1);
}

struct memory_row {
	const char *given;
	unsigned hugepages_mb;
	const char *added;
};

Test(eal_args, memory_by_what_is_given_and_there)
{
	static const struct memory_row rows[] = {
		{ "", 0, "--no-huge --no-shconf -m 101" },
		{ "", 90, "--in-memory" },
		{ "-m 64", 0, "--no-huge --no-shconf" },
		{ "-m 512", 90, "--no-huge --no-shconf" },
		{ "-m 512", 512, "--in-memory" },
		{ "--socket-mem=64", 0, "--in-memory" },
		{ "--no-huge", 0, "--no-shconf -m 101" },
		{ "--no-huge -m 64", 0, "--no-shconf" },
		{ "--no-huge --no-shconf -m 64", 0, "" },
		{ "--in-memory", 0, "" },
		{ "--huge-dir /x", 0, "" },
		{ "--file-prefix x", 0, "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct eal_means means = no_hugepages;
		char line[128];
		char expected[256];

		means.hugepage_octets = (uint64_t)rows[i].hugepages_mb << 20;
		snprintf(line, sizeof(line), "--no-pci -l 0 --log-level=x %s", rows[i].given);
		snprintf(expected, sizeof(expected), "%s%s--no-pci -l 0 --log-level=x%s%s",
			rows[i].added, rows[i].added[0] == '\0' ? "" : " ",
			rows[i].given[0] == '\0' ? "" : " ", rows[i].given);
		given(line);
		eal_args_complete(&args, &means);
		cr_expect_str_eq(joined(), expected, "row %zu: %s", i, joined());
	}
}

struct look_row {
	const char *line;
	bool has_mode, has_pci, has_lcores;
};

Test(eal_args, every_form_is_understood)
{
	static const struct look_row rows[] = {
		{ "-m64", false, false, false },
		{ "-m 64", false, false, false },
		{ "--socket-mem=64", false, false, false },
		{ "--socket-mem 64", false, false, false },
		{ "--in-memory", true, false, false },
		{ "--huge-dir /x", true, false, false },
		{ "-l0", false, false, true },
		{ "--lcores=0@1", false, false, true },
		{ "-c 0x3", false, false, true },
		{ "-a01:00.0", false, true, false },
		{ "--allow 01:00.0", false, true, false },
		{ "--no-pci", false, true, false },
		{ "-b 01:00.0", false, true, false },
		{ "--vdev -m", false, false, false },
		{ "--main-lcore 1 --trace=x", false, false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		given(rows[i].line);
		cr_expect_eq(args.has_memory_mode, rows[i].has_mode, "%s: mode", rows[i].line);
		cr_expect_eq(args.has_pci, rows[i].has_pci, "%s: pci", rows[i].line);
		cr_expect_eq(args.lcores != NULL, rows[i].has_lcores, "%s: lcores", rows[i].line);
	}
}

/* EAL takes masks with and without 0x */
Test(eal_args, memory_is_wanted_for_as_many_cores_as_are_named)
{
	static const struct {
		const char *line;
		unsigned n_cores;
	} rows[] = {
		{ "", 1 },
		{ "-l 0", 1 },
		{ "-l 0,2-3", 3 },
		{ "-c 3", 2 },
		{ "-c f", 4 },
		{ "-c 0xf", 4 },
		{ "-c 10", 1 },
	};
	static const struct baro_config config;
	uint64_t one;
	uint64_t two;

	given("-l 0");
	one = eal_means_find(&config, &args).wanted_octets;
	given("-l 0-1");
	two = eal_means_find(&config, &args).wanted_octets;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		given(rows[i].line);
		cr_expect_eq(eal_means_find(&config, &args).wanted_octets,
			one + (rows[i].n_cores - 1) * (two - one), "%s", rows[i].line);
	}
}

Test(eal_args, an_option_without_its_value_is_eals_business)
{
	given("-m");
	cr_assert_eq(args.memory_mb, 0);
	given("--vdev");
	cr_assert_str_eq(args.vdev[0], "");
}

Test(eal_args, too_many_are_noticed)
{
	eal_args_init(&args, "prog");
	for (int i = 0; i < 2 * EAL_ARGS_MAX; i++)
		eal_args_add(&args, "-x");
	cr_assert(args.is_overfull);
	cr_assert_eq(args.argc, EAL_ARGS_MAX);
	cr_assert_null(args.argv[EAL_ARGS_MAX]);
	eal_args_complete(&args, &no_hugepages);
	cr_assert(args.is_overfull);
}

Test(eal_args, pci_addresses)
{
	cr_assert(eal_is_pci("0000:01:00.0"));
	cr_assert(eal_is_pci("01:00.0"));
	cr_assert(eal_is_pci("0000:af:1f.7,mprq_en=1"));
	cr_assert_not(eal_is_pci("net_tap0"));
	cr_assert_not(eal_is_pci(""));
	cr_assert_not(eal_is_pci("0000:01:00"));
	cr_assert_not(eal_is_pci("01:00.0x"));
	cr_assert_not(eal_is_pci("0000:"));
}

Test(eal_args, options_of_a_device)
{
	char value[8];

	cr_assert(
		eal_device_option("net_tap0,mac=fixed,iface=baro0", "iface", value, sizeof(value)));
	cr_assert_str_eq(value, "baro0");
	cr_assert(eal_device_option("net_tap0,mac=fixed,iface=baro0", "mac", value, sizeof(value)));
	cr_assert_str_eq(value, "fixed");
	cr_assert_not(eal_device_option("net_tap0,myiface=x", "iface", value, sizeof(value)));
	cr_assert_not(eal_device_option("net_tap0", "iface", value, sizeof(value)));
	cr_assert_not(eal_device_option("net_tap0,iface=12345678", "iface", value, sizeof(value)));
}
