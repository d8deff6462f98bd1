/* SPDX-License-Identifier: BSD-3-Clause */

#include <baro/config.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/config_keys.h"

#include "notes.h"

static struct baro_config config;
static struct notes notes;
static char path[] = "/tmp/baro-test-XXXXXX";

/* Write @text to a file and load it. Complaints say t.conf for its name. */
static int
load(const char *text)
{
	char before[sizeof(path)];
	FILE *f;
	int err;

	snprintf(before, sizeof(before), "/tmp/baro-test-XXXXXX");
	memcpy(path, before, sizeof(path));
	f = fdopen(mkstemp(path), "w");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
	err = baro_config_load(&config, path, note, &notes);
	unlink(path);
	return err;
}

/* Complaints begin with the file's name, which differs from run to run. */
static void
complains(const char *expected)
{
	char *from = notes.text;
	char *to = notes.text;
	size_t len = strlen(path);

	while (*from != '\0') {
		if (strncmp(from, path, len) == 0) {
			memcpy(to, "t.conf", 6);
			from += len;
			to += 6;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	notes_are(&notes, expected);
}

Test(config, file_fills_the_structure)
{
	cr_assert_eq(load("# a comment\n"
			  "[eal]\n"
			  "args = --vdev=net_tap0,iface=baro0 # and why\n"
			  "[core]\nmbufs = 8192\nburst=64\n  idle = poll\n"
			  "[tcp]\nmsl = 1s\nsnd_buf = 64k\n"
			  "[neighbour]\nretrans = 500ms\n"
			  "[icmp]\nerror_rate = 10\n"
			  "\n"
			  "[port0]\naddress = 198.18.0.2/24\nfault.loss = 1%\nfault.rate = 1Gbit\n"
			  "[port3]\n"),
		0);
	complains("");
	cr_assert_str_eq(config.eal_args, "--vdev=net_tap0,iface=baro0");
	cr_assert_eq(config.core.mbufs, 8192);
	cr_assert_eq(config.core.burst, 64);
	cr_assert_eq(config.core.idle, BARO_IDLE_POLL);
	cr_assert_eq(config.tcp.msl_ns, 1000000000);
	cr_assert_eq(config.tcp.snd_buf, 65536);
	cr_assert_eq(config.neighbour.retrans_ns, 500000000);
	cr_assert_eq(config.icmp.error_rate, 10);
	cr_assert(config.port[0].is_used);
	cr_assert_eq(config.port[0].fault.loss_ppm, 10000);
	cr_assert_eq(config.port[0].fault.rate_bps, 1000000000);
	cr_assert(config.port[3].is_used, "a heading alone brings a port into use");
	cr_assert_not(config.port[1].is_used);
}

Test(config, file_goes_over_what_was_there)
{
	config.tcp.msl_ns = 5;
	config.tcp.backlog = 9;
	cr_assert_eq(load("[tcp]\nmsl = 2s\n"), 0);
	cr_assert_eq(config.tcp.msl_ns, 2000000000);
	cr_assert_eq(config.tcp.backlog, 9);
}

Test(config, all_problems_are_told_at_once)
{
	cr_assert_eq(load("[core]\nbursts = 32\nburst = 65\n"
			  "[tcp]\nmsl = 15\nmsl = 15s\nsack = maybe\n"
			  "[tpc]\nmsl = 15s\n"
			  "[icmp]\nmsl = 1s\nxyzzyplugh = 1\n"),
		-EINVAL);
	complains(
		"t.conf:2: [core] bursts: no such key; did you mean burst?\n"
		"t.conf:3: [core] burst: 65 is out of range; 1 to 64 is allowed\n"
		"t.conf:5: [tcp] msl: \"15\" is not a duration with its unit, such as 40us, 200ms, "
		"15s or 2min\n"
		"t.conf:6: [tcp] msl: set before on line 5; remove one of them\n"
		"t.conf:7: [tcp] sack: \"maybe\" is not on, off or auto\n"
		"t.conf:8: [tpc]: no such section; did you mean [tcp]?\n"
		"t.conf:11: [icmp] msl: no such key; msl belongs into [tcp]\n"
		"t.conf:12: [icmp] xyzzyplugh: no such key; [icmp] has error_rate, echo_rate, "
		"timestamp\n");
}

Test(config, lines_that_are_no_ini)
{
	cr_assert_eq(load("key = value\n"
			  "[core\n"
			  "[core] burst = 3\n"
			  "burst\n"
			  "[core]\n"
			  "burst =\n"
			  "= 3\n"
			  "burst = # nothing\n"
			  "   \n"),
		-EINVAL);
	complains("t.conf:1: key before the first [section]\n"
		  "t.conf:2: section without its closing bracket; write [name]\n"
		  "t.conf:3: text after a section's bracket; put it on a line of its own\n"
		  "t.conf:4: neither [section] nor key = value; comments begin with #\n"
		  "t.conf:6: key without a value; write key = value, or remove the line\n"
		  "t.conf:7: value without a key; write key = value\n"
		  "t.conf:8: key without a value; write key = value, or remove the line\n");
}

Test(config, lines_that_are_too_long)
{
	char text[2048];
	char x[512];

	memset(x, 'x', sizeof(x));
	snprintf(text, sizeof(text), "[eal]\nargs = %.300s\nargs = %.256s\n%.64s = 1\n[%.64s]\n", x,
		x, x, x);
	cr_assert_eq(load(text), -EINVAL);
	notes_have(&notes, ":3: value of more than 255 characters");
	notes_have(&notes, ":4: key of more than 63 characters");
	notes_have(&notes, ":5: section name of more than 63 characters");
	cr_assert_eq(notes.n, 4);

	notes = (struct notes){ .n = 0 };
	snprintf(text, sizeof(text), "[eal]\nargs = %.255s\n", x);
	cr_assert_eq(load(text), 0, "the longest value was refused: %s", notes.text);
	cr_assert_eq(strlen(config.eal_args), 255);

	snprintf(text, sizeof(text), "[eal]\n# %.400s\n", x);
	cr_assert_eq(load(text), -EINVAL);
	notes_have(&notes, ":2: line of more than 320 characters; break it up");
}

Test(config, longest_line_that_the_library_takes)
{
	char text[512];
	char x[512];

	memset(x, 'x', sizeof(x));
	for (int n = 300; n < 340; n++) {
		notes = (struct notes){ .n = 0 };
		snprintf(text, sizeof(text), "[eal]\nargs = a#%.*s\n", n, x);
		/* either read or refused by a line number, never a riddle */
		if (load(text) != 0)
			notes_have(&notes, ":2: line of more than 320 characters");
	}
}

Test(config, file_that_is_not_there)
{
	cr_assert_eq(baro_config_load(&config, "/nonexistent/x.conf", note, &notes), -ENOENT);
	notes_are(&notes, "/nonexistent/x.conf: cannot be read: No such file or directory\n");
	cr_assert_eq(baro_config_load(&config, "/tmp", NULL, NULL), -EISDIR);
}

Test(config, an_empty_file_is_fine)
{
	cr_assert_eq(load(""), 0);
	cr_assert_eq(load("\n# nothing\n"), 0);
}

Test(config, many_sections_and_entries)
{
	char text[4096] = "";

	for (unsigned i = 0; i < BARO_MAX_PORTS; i++) {
		char part[256];

		snprintf(part, sizeof(part),
			"[port%u]\naddress = 10.0.%u.1/24\nmtu = 1400\nvlan = %u\n", i, i, i + 1);
		strcat(text, part);
	}
	strcat(text, "[core]\nburst = 8\n[tcp]\nmsl = 1s\n[icmp]\nerror_rate = 5\n[neighbour]\n"
		     "stale = 1min\n[tcp]\nbacklog = 5\n");
	cr_assert_eq(load(text), 0, "%s", notes.text);
	for (unsigned i = 0; i < BARO_MAX_PORTS; i++)
		cr_assert_eq(config.port[i].vlan, i + 1);
	cr_assert_eq(config.tcp.backlog, 5, "a section may come twice");
}

Test(config, set_takes_the_same_names)
{
	cr_assert_eq(baro_config_set(&config, "tcp.msl", "15s", note, &notes), 0);
	cr_assert_eq(config.tcp.msl_ns, 15000000000);
	cr_assert_eq(baro_config_set(&config, "port1.fault.loss", "500ppm", note, &notes), 0);
	cr_assert_eq(config.port[1].fault.loss_ppm, 500);
	notes_are(&notes, "");
}

Test(config, set_refuses_what_is_no_key)
{
	cr_assert_eq(baro_config_set(&config, "tcp.mls", "15s", note, &notes), -ENOENT);
	cr_assert_eq(baro_config_set(&config, "msl", "15s", note, &notes), -ENOENT);
	cr_assert_eq(baro_config_set(&config, "port.mtu", "1500", note, &notes), -ENOENT);
	cr_assert_eq(baro_config_set(&config, "port8.mtu", "1500", note, &notes), -ENOENT);
	cr_assert_eq(baro_config_set(&config, "port00.mtu", "1500", note, &notes), -ENOENT);
	cr_assert_eq(baro_config_set(&config, "", "", NULL, NULL), -ENOENT);
	cr_assert_eq(baro_config_set(&config, "tcp.", "1", NULL, NULL), -ENOENT);
	notes_have(&notes, "--tcp.mls: no such key; did you mean msl?");
	notes_have(&notes, "--msl: no such key; keys are named section.key, as in tcp.msl");
	notes_have(&notes, "--port.mtu: no such key; did you mean [port0]?");
}

Test(config, text_that_does_not_fit)
{
	char name[65];

	memset(name, 'x', 64);
	name[64] = '\0';
	cr_assert_eq(baro_config_set(&config, "port0.device", name, note, &notes), -EINVAL);
	notes_have(&notes, "is too long; 63 characters are allowed");
	cr_assert_eq(config.port[0].device[0], '\0');
	cr_assert_eq(baro_config_set(&config, "port0.device", name + 1, note, &notes), 0);
}

Test(config, every_default_is_within_its_own_limits)
{
	for (const struct config_key *k = config_keys; k->section != NULL; k++) {
		const char *section = strcmp(k->section, "port") == 0 ? "port0" : k->section;
		char name[96];

		if (k->fallback == NULL)
			continue;
		snprintf(name, sizeof(name), "%s.%s", section, k->name);
		cr_expect_eq(baro_config_set(&config, name, k->fallback, note, &notes), 0,
			"%s = %s: %s", name, k->fallback, notes.text);
	}
}

Test(config, fill_puts_defaults_where_nothing_is)
{
	config.tcp.msl_ns = 7;
	config.tcp.sack = BARO_OFF;
	config_fill(&config);
	cr_assert_eq(config.tcp.msl_ns, 7);
	cr_assert_eq(config.tcp.sack, BARO_OFF);
	cr_assert_eq(config.tcp.timestamps, BARO_ON);
	cr_assert_eq(config.tcp.nodelay, BARO_OFF);
	cr_assert_eq(config.tcp.pacing, BARO_AUTO);
	cr_assert_eq(config.tcp.rto_min_ns, 200000000);
	cr_assert_eq(config.core.mbufs, 16384);
	cr_assert_eq(config.port[7].mtu, 1500);
	cr_assert_str_eq(config.tcp.congestion, "cubic");
	cr_assert_not(config.port[7].is_used);
}

Test(config, help_names_every_key_with_its_default)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	baro_config_help(f);
	fclose(f);
	for (const struct config_key *k = config_keys; k->section != NULL; k++) {
		char line[96];

		snprintf(line, sizeof(line), "\n  %s %s", k->name, k->type->placeholder);
		cr_expect_not_null(strstr(text, line), "help misses %s.%s", k->section, k->name);
	}
	cr_assert_not_null(strstr(text, "(60s)"));
	free(text);
}
