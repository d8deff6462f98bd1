/* SPDX-License-Identifier: BSD-3-Clause */

/* --check: the machine's part. Devices are looked at in check_device.c. */

#include "runtime/check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "runtime/machine.h"

static const char EAL[] = "EAL options";

static void
print(struct check *c, const char *verdict, const char *object, const char *form, va_list args)
{
	fprintf(c->out, "%-9s%s: ", verdict, object);
	vfprintf(c->out, form, args);
}

void
check_ok(struct check *c, const char *object, const char *form, ...)
{
	va_list args;

	if (c->is_brief)
		return;
	va_start(args, form);
	print(c, "ok", object, form, args);
	va_end(args);
	fputc('\n', c->out);
}

void
check_problem(struct check *c, const char *object, const char *mend, const char *form, ...)
{
	va_list args;

	c->n_problems++;
	va_start(args, form);
	print(c, "problem", object, form, args);
	va_end(args);
	fprintf(c->out, "; mend: %s\n", mend);
}

static unsigned
megabytes(uint64_t octets)
{
	return (unsigned)(octets >> 20);
}

static void
check_memory(struct check *c, const struct eal_args *args, const struct eal_means *means)
{
	uint64_t ram = machine_memory_octets();
	char mend[128];

	if (args->is_no_huge) {
		if (ram < means->wanted_octets)
			check_problem(c, "memory", "lower core.mbufs, or end other programs",
				"%u MB are wanted, %u MB are available",
				megabytes(means->wanted_octets), megabytes(ram));
		else if (args->memory_mb != 0 && args->memory_mb < megabytes(means->wanted_octets))
			check_problem(c, "memory", "raise -m, leave it out, or lower core.mbufs",
				"-m %u is less than the %u MB wanted", args->memory_mb,
				megabytes(means->wanted_octets));
		else
			check_ok(c, "memory",
				"%u MB of ordinary pages; hugepages: %u MB are wanted, %u MB free",
				megabytes(means->wanted_octets),
				megabytes(means->wanted_huge_octets),
				megabytes(means->hugepage_octets));
		return;
	}
	if (means->hugepage_octets < means->wanted_huge_octets) {
		snprintf(mend, sizeof(mend), "dpdk-hugepages.py --setup %uM, or --no-huge",
			(megabytes(means->wanted_huge_octets) + 1) & ~1u);
		check_problem(c, "memory", mend, "%u MB of hugepages are wanted, %u MB are free",
			megabytes(means->wanted_huge_octets), megabytes(means->hugepage_octets));
		return;
	}
	check_ok(c, "memory", "%u MB of hugepages are wanted, %u MB are free",
		megabytes(means->wanted_huge_octets), megabytes(means->hugepage_octets));
}

/* A number of a list like "0,2-3"; @text moves behind it. */
static unsigned
read_cpu(const char **text)
{
	char *end;
	unsigned cpu = (unsigned)strtoul(*text, &end, 10);

	*text = end;
	return cpu;
}

static void
check_cpus(struct check *c, const struct eal_args *args)
{
	const char *text = args->lcores;
	unsigned cpu, last;

	/* -c and --lcores say more than a list; EAL itself judges them */
	while (args->is_cpu_list && isdigit((unsigned char)*text)) {
		cpu = last = read_cpu(&text);
		if (*text == '-') {
			text++;
			last = read_cpu(&text);
		}
		for (; cpu <= last; cpu++) {
			if (machine_allows_cpu(cpu))
				continue;
			check_problem(c, "cores", "name others with -l; taskset -pc $$ lists them",
				"this process may not run on CPU %u", cpu);
			return;
		}
		text += *text == ',';
	}
	check_ok(c, "cores", "%s", args->lcores != NULL ? args->lcores : "all");
}

void
check_machine(struct check *c, const struct eal_args *args, const struct eal_means *means)
{
	unsigned i;

	if (args->is_overfull)
		check_problem(c, EAL, "give fewer", "more than %d, or longer than %d characters",
			EAL_ARGS_MAX, EAL_TEXT_MAX);
	check_memory(c, args, means);
	check_cpus(c, args);
	for (i = 0; i < args->n_vdevs; i++)
		check_vdev(c, args->vdev[i]);
	for (i = 0; i < args->n_pci; i++)
		check_pci(c, args->pci[i], args);
	if (args->n_vdevs == 0 && args->n_pci == 0)
		check_problem(c, "devices",
			"--vdev=net_tap0,iface=baro0, or -a 0000:01:00.0, before the --, or a "
			"profile "
			"of drivers-config/ with --config",
			"none is named");
}
