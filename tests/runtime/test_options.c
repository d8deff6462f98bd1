/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/options.h"

#include "notes.h"

static struct options options;
static char *complaints;
static const char *root;
static int verbose;
static const char *count;
static const char *place[2];
static unsigned n_places;

static const char *
set_root(const char *value, void *user)
{
	(void)user;
	root = value;
	return strcmp(value, "/none") == 0 ? "there is no such folder; name another" : NULL;
}

static const char *
set_verbose(const char *value, void *user)
{
	(void)user;
	cr_assert_null(value);
	verbose++;
	return NULL;
}

static const char *
set_count(const char *value, void *user)
{
	(void)user;
	count = value;
	return NULL;
}

static const char *
set_place(const char *value, void *user)
{
	(void)user;
	if (n_places == 2)
		return "one too many";
	place[n_places++] = value;
	return NULL;
}

static const struct baro_app_option own[] = {
	{ "root", "DIR", "what to serve", set_root },
	{ "verbose", NULL, "say more", set_verbose },
	{ "c", "COUNT", "how often", set_count },
	{ "v", NULL, "say more", set_verbose },
	{ NULL, NULL, NULL, NULL },
};

static const struct baro_app_option with_places[] = {
	{ "c", "COUNT", "how often", set_count },
	{ "", "PLACE", "where", set_place },
	{ NULL, NULL, NULL, NULL },
};

static const struct baro_app app = { .name = "prog", .about = "a test", .options = own };

/* Read a command line, given as one string; complaints are left in complaints. */
static void
read_line(const char *line)
{
	static char copy[512];
	char *argv[32] = { (char *)(uintptr_t) "prog" };
	int argc = 1;
	size_t len;
	FILE *errors;

	free(complaints);
	errors = open_memstream(&complaints, &len);

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	options_read(&options, &app, argc, argv, errors);
	fclose(errors);
}

#define complains(expected) cr_assert_str_eq(complaints, expected, "said: %s", complaints)

Test(options, eal_stands_in_front)
{
	read_line("-l 1 --vdev=net_tap0 -- --tcp.msl 3s --root /srv --verbose");
	complains("");
	cr_assert_eq(options.eal.argc, 4);
	cr_assert_str_eq(options.eal.argv[3], "--vdev=net_tap0");
	cr_assert_eq(options.config.tcp.msl_ns, 3000000000);
	cr_assert_str_eq(root, "/srv");
	cr_assert_eq(verbose, 1);
}

Test(options, without_dashes_all_is_eals)
{
	read_line("--vdev=net_tap0 -l 0");
	complains("");
	cr_assert_eq(options.eal.argc, 4);
}

Test(options, without_dashes_all_is_ours_if_the_first_is)
{
	read_line("--tcp.msl=3s --check");
	complains("");
	cr_assert_eq(options.eal.argc, 1);
	cr_assert(options.wants_check);
	cr_assert_eq(options.config.tcp.msl_ns, 3000000000);
}

Test(options, help_in_both_forms)
{
	read_line("-h");
	cr_assert(options.wants_help);
	read_line("-- --help");
	cr_assert(options.wants_help);
	read_line("--version");
	cr_assert(options.wants_version);
}

Test(options, every_problem_is_told)
{
	read_line("-- --tcp.mls 3s --bogus x --root /none stray --check=yes --verbose=1 --root");
	complains(
		"prog: --tcp.mls: no such key; did you mean msl?\n"
		"prog: --bogus: is no option of ours; --help lists them, EAL's go in front of --\n"
		"prog: --root: there is no such folder; name another\n"
		"prog: stray: is no option; --help lists them, EAL's go in front of --\n"
		"prog: --check: takes no value\n"
		"prog: --verbose: takes no value\n"
		"prog: --root: needs a value\n");
	cr_assert_eq(options.n_problems, 7);
}

Test(options, a_value_may_look_like_an_option)
{
	read_line("-- --root --verbose");
	complains("");
	cr_assert_str_eq(root, "--verbose");
	cr_assert_eq(verbose, 0);
}

Test(options, command_line_goes_over_the_file)
{
	char path[] = "/tmp/baro-test-XXXXXX";
	char line[128];
	FILE *f = fdopen(mkstemp(path), "w");

	fputs("[eal]\nargs = --vdev=net_ring0\n[tcp]\nmsl = 1s\nbacklog = 7\n", f);
	fclose(f);
	snprintf(line, sizeof(line), "-l 2 -- --tcp.msl 3s --config %s", path);
	read_line(line);
	unlink(path);
	complains("");
	cr_assert_eq(options.config.tcp.msl_ns, 3000000000);
	cr_assert_eq(options.config.tcp.backlog, 7);
	cr_assert_eq(options.eal.argc, 4);
	cr_assert_str_eq(options.eal.argv[1], "--vdev=net_ring0");
	cr_assert_eq(options.eal.n_vdevs, 1);
}

Test(options, a_pci_device_of_the_configuration_is_allowed)
{
	read_line("-- --port0.device 0000:01:00.0 --port0.address 10.0.0.1/24");
	complains("");
	cr_assert_eq(options.eal.n_pci, 1);
	cr_assert_str_eq(options.eal.pci[0], "0000:01:00.0");
}

Test(options, help_names_all)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	options_help(&app, f);
	fclose(f);
	cr_assert_not_null(strstr(text, "--root DIR"));
	cr_assert_not_null(strstr(text, "--verbose "));
	cr_assert_not_null(strstr(text, "--config FILE"));
	cr_assert_not_null(strstr(text, "[port0]"));
	free(text);
}

Test(options, names_of_one_letter_bear_one_dash)
{
	read_line("-l 1 -- -c 5 -v --root /srv");
	complains("");
	cr_assert_str_eq(count, "5");
	cr_assert_eq(verbose, 1);
	cr_assert_eq(options.eal.argc, 3);
	/* in front of --, and where nothing of ours begins, they are EAL's */
	count = NULL;
	read_line("-l 1 -c 3");
	complains("");
	cr_assert_null(count);
	cr_assert_eq(options.eal.argc, 5);
	read_line("-- --c 5 -x -c");
	complains("prog: --c: is no option; --help lists them, EAL's go in front of --\n"
		  "prog: 5: is no option; --help lists them, EAL's go in front of --\n"
		  "prog: -x: is no option; --help lists them, EAL's go in front of --\n"
		  "prog: -c: needs a value\n");
}

Test(options, what_bears_no_dash_is_for_those_who_want_it)
{
	static const struct baro_app other = {
		.name = "prog", .about = "a test", .options = with_places
	};
	char *const argv[] = { "prog", "here", "-c", "2", "--tcp.msl=3s", "there", "beyond" };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	options_read(&options, &other, 7, (char **)(uintptr_t)argv, f);
	fflush(f);
	cr_expect_str_eq(text, "prog: beyond: one too many\n");
	cr_expect_eq(n_places, 2);
	cr_expect_str_eq(place[0], "here");
	cr_expect_str_eq(place[1], "there");
	cr_expect_str_eq(count, "2");
	cr_expect_eq(options.config.tcp.msl_ns, 3000000000);
	rewind(f);
	options_help(&other, f);
	fclose(f);
	cr_expect_not_null(strstr(text, "usage: prog [EAL options] -- [options] PLACE\n"));
	cr_expect_not_null(strstr(text, "\n  -c COUNT  "));
	cr_expect_not_null(strstr(text, "\n  PLACE  "));
	free(text);
}
