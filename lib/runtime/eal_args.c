/* SPDX-License-Identifier: BSD-3-Clause */

/* Arguments for rte_eal_init(): collect, understand, complete. */

#include "runtime/eal_args.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_kind {
	OPT_MEMORY_MODE,
	OPT_SOCKET_MEM,
	OPT_NO_SHCONF,
	OPT_NO_HUGE,
	OPT_MEMORY_MB,
	OPT_LCORES,
	OPT_CPU_LIST,
	OPT_CORE_MASK,
	OPT_ALLOW,
	OPT_PCI, /* another one about PCI */
	OPT_VDEV,
	OPT_LOG_LEVEL,
};

struct option {
	const char *name;
	enum option_kind kind;
	bool has_value;
};

/* Those of EAL's options that our defaults depend on. */
static const struct option options[] = {
	{ "-m", OPT_MEMORY_MB, true },
	{ "--socket-mem", OPT_SOCKET_MEM, true },
	{ "--socket-limit", OPT_SOCKET_MEM, true },
	{ "--numa-mem", OPT_SOCKET_MEM, true },
	{ "--no-huge", OPT_NO_HUGE, false },
	{ "--no-shconf", OPT_NO_SHCONF, false },
	{ "--in-memory", OPT_MEMORY_MODE, false },
	{ "--legacy-mem", OPT_MEMORY_MODE, false },
	{ "--huge-dir", OPT_MEMORY_MODE, true },
	{ "--huge-unlink", OPT_MEMORY_MODE, false },
	{ "--single-file-segments", OPT_MEMORY_MODE, false },
	{ "--proc-type", OPT_MEMORY_MODE, true },
	{ "--file-prefix", OPT_MEMORY_MODE, true },
	{ "-c", OPT_CORE_MASK, true },
	{ "-l", OPT_CPU_LIST, true },
	{ "--lcores", OPT_LCORES, true },
	{ "-S", OPT_LCORES, true },
	{ "-a", OPT_ALLOW, true },
	{ "--allow", OPT_ALLOW, true },
	{ "-b", OPT_PCI, true },
	{ "--block", OPT_PCI, true },
	{ "--no-pci", OPT_PCI, false },
	{ "--vdev", OPT_VDEV, true },
	{ "--log-level", OPT_LOG_LEVEL, true },
	{ NULL, OPT_MEMORY_MODE, false },
};

void
eal_args_init(struct eal_args *a, const char *program)
{
	memset(a, 0, offsetof(struct eal_args, text));
	eal_args_add(a, program);
}

void
eal_args_add(struct eal_args *a, const char *arg)
{
	size_t len = strlen(arg) + 1;

	if (a->argc == EAL_ARGS_MAX || len > sizeof(a->text) - a->text_len) {
		a->is_overfull = true;
		return;
	}
	a->argv[a->argc] = memcpy(a->text + a->text_len, arg, len);
	a->text_len += len;
	a->argv[++a->argc] = NULL;
}

void
eal_args_split(struct eal_args *a, const char *line)
{
	char word[512];
	size_t len;

	for (;;) {
		line += strspn(line, " \t");
		len = strcspn(line, " \t");
		if (len == 0)
			return;
		snprintf(word, sizeof(word), "%.*s", (int)len, line);
		eal_args_add(a, word);
		line += len;
	}
}

/* The option that @arg is, its value in it ("-l0", "--vdev=x") or NULL if that comes next. */
static const struct option *
find_option(const char *arg, const char **value)
{
	const struct option *o;
	size_t len;

	for (o = options; o->name != NULL; o++) {
		len = strlen(o->name);
		*value = NULL;
		if (strncmp(arg, o->name, len) != 0)
			continue;
		if (arg[len] == '\0')
			return o;
		*value = arg[len] == '=' ? arg + len + 1 : arg + len;
		/* one dash: the value may follow at once; two: only behind a '=' */
		if (o->has_value && (o->name[1] != '-' || arg[len] == '='))
			return o;
	}
	return NULL;
}

static void
take_option(struct eal_args *a, const struct option *o, const char *value)
{
	switch (o->kind) {
	case OPT_NO_HUGE:
		a->is_no_huge = true;
		a->has_memory_mode = true;
		break;
	case OPT_MEMORY_MODE:
		a->has_memory_mode = true;
		break;
	case OPT_MEMORY_MB:
		a->memory_mb = (uint32_t)strtoul(value, NULL, 10);
		break;
	case OPT_SOCKET_MEM:
		a->has_socket_mem = true;
		break;
	case OPT_NO_SHCONF:
		a->has_no_shconf = true;
		break;
	case OPT_LCORES:
	case OPT_CPU_LIST:
	case OPT_CORE_MASK:
		a->lcores = value;
		a->is_core_mask = o->kind == OPT_CORE_MASK;
		a->is_cpu_list = o->kind == OPT_CPU_LIST;
		break;
	case OPT_ALLOW:
		if (a->n_pci < EAL_DEVICES_MAX)
			a->pci[a->n_pci++] = value;
		a->has_pci = true;
		break;
	case OPT_PCI:
		a->has_pci = true;
		break;
	case OPT_VDEV:
		if (a->n_vdevs < EAL_DEVICES_MAX)
			a->vdev[a->n_vdevs++] = value;
		break;
	case OPT_LOG_LEVEL:
		a->has_log_level = true;
		break;
	}
}

void
eal_args_look(struct eal_args *a)
{
	const struct option *o;
	const char *value;
	int i;

	a->has_memory_mode = a->has_socket_mem = false;
	a->is_no_huge = a->has_no_shconf = false;
	a->has_pci = a->is_cpu_list = a->has_log_level = false;
	a->memory_mb = 0;
	a->lcores = NULL;
	a->n_vdevs = a->n_pci = 0;
	for (i = 1; i < a->argc; i++) {
		o = find_option(a->argv[i], &value);
		if (o == NULL)
			continue;
		if (o->has_value && value == NULL)
			value = i + 1 < a->argc ? a->argv[++i] : "";
		take_option(a, o, value);
	}
}

/* Whichever way, no file is left behind, whatever happens. */
static void
add_memory(struct eal_args *a, const struct eal_args *given, const struct eal_means *means)
{
	uint64_t asked_octets = (uint64_t)given->memory_mb << 20;
	uint64_t huge_octets = means->wanted_huge_octets;
	char megabytes[16];

	if (asked_octets > huge_octets)
		huge_octets = asked_octets;
	if (!given->has_memory_mode &&
		(given->has_socket_mem || means->hugepage_octets >= huge_octets)) {
		eal_args_add(a, "--in-memory");
		return;
	}
	if (!given->has_memory_mode)
		eal_args_add(a, "--no-huge");
	if (!given->has_no_shconf && (given->is_no_huge || !given->has_memory_mode))
		eal_args_add(a, "--no-shconf");
	if (given->memory_mb == 0 && (given->is_no_huge || !given->has_memory_mode)) {
		snprintf(megabytes, sizeof(megabytes), "%u",
			(unsigned)((means->wanted_octets + (1u << 20) - 1) >> 20));
		eal_args_add(a, "-m");
		eal_args_add(a, megabytes);
	}
}

void
eal_args_complete(struct eal_args *a, const struct eal_means *means)
{
	struct eal_args given = *a;
	char cpu[16];
	int i;

	/* the copy's pointers lead into the original's text, which is about to be rewritten */
	for (i = 0; i < given.argc; i++)
		given.argv[i] = given.text + (a->argv[i] - a->text);
	eal_args_look(&given);

	eal_args_init(a, given.argv[0]);
	add_memory(a, &given, means);
	if (!given.has_pci)
		eal_args_add(a, "--no-pci");
	if (given.lcores == NULL) {
		snprintf(cpu, sizeof(cpu), "%u", means->cpu);
		eal_args_add(a, "-l");
		eal_args_add(a, cpu);
	}
	if (!given.has_log_level) {
		/* of two that match, EAL takes the first for a driver that it loads later */
		eal_args_add(
			a, "--log-level=pmd.net.tap:emergency"); /* shouts of a missing qdisc */
		eal_args_add(a, "--log-level=*:error");
	}
	for (i = 1; i < given.argc; i++)
		eal_args_add(a, given.argv[i]);
	a->is_overfull |= given.is_overfull;
	eal_args_look(a);
}

static bool
is_hex(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* "01:00.0" */
static bool
is_bus_address(const char *text)
{
	return is_hex(text, 2) && text[2] == ':' && is_hex(text + 3, 2) && text[5] == '.' &&
	       is_hex(text + 6, 1) && (text[7] == '\0' || text[7] == ',');
}

bool
eal_is_pci(const char *device)
{
	if (is_hex(device, 4) && device[4] == ':')
		device += 5;
	return is_bus_address(device);
}

bool
eal_device_option(const char *device, const char *name, char *buf, size_t len)
{
	size_t name_len = strlen(name);
	const char *at = device;
	size_t n;

	while ((at = strchr(at, ',')) != NULL) {
		at++;
		if (strncmp(at, name, name_len) != 0 || at[name_len] != '=')
			continue;
		at += name_len + 1;
		n = strcspn(at, ",");
		if (n >= len)
			return false;
		memcpy(buf, at, n);
		buf[n] = '\0';
		return true;
	}
	return false;
}
