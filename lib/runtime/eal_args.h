/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_EAL_ARGS_H
#define BARO_RUNTIME_EAL_ARGS_H

/*
 * The argument vector for rte_eal_init(): what was given in [eal] args and on the command
 * line, what that says about memory, cores and devices, and what we add where it says
 * nothing. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	EAL_ARGS_MAX = 96,
	EAL_TEXT_MAX = 8192,
	EAL_DEVICES_MAX = 16,
};

struct eal_args {
	int argc;
	char *argv[EAL_ARGS_MAX + 1]; /* [0] is the program; ends with NULL */
	bool is_overfull;

	/* found by eal_args_look() */
	bool has_memory_mode; /* an option that says which memory: --no-huge, --huge-dir ... */
	bool has_socket_mem;  /* so much on each node: hugepages, then */
	bool is_no_huge;
	bool has_no_shconf;
	uint32_t memory_mb; /* -m; 0: not given */
	bool has_pci;       /* -a, -b or --no-pci */
	bool has_log_level;
	const char *lcores; /* of -l, -c or --lcores; NULL: not given */
	bool is_core_mask;  /* lcores is hexadecimal, as in -c 3: with or without 0x */
	bool is_cpu_list;   /* lcores is a plain list as in -l 0,2-3 */
	const char *vdev[EAL_DEVICES_MAX]; /* "net_tap0,iface=baro0" */
	unsigned n_vdevs;
	const char *pci[EAL_DEVICES_MAX]; /* "0000:01:00.0" and its options */
	unsigned n_pci;

	size_t text_len;
	char text[EAL_TEXT_MAX];
};

/** What the machine has and the configuration needs. */
struct eal_means {
	uint64_t hugepage_octets; /* free */
	uint64_t wanted_huge_octets;
	uint64_t wanted_octets; /* without hugepages: more, as buffers do not cross a small page */
	unsigned cpu;           /* the first that we may run on */
};

void
eal_args_init(struct eal_args *a, const char *program);

/** Add one argument. Too many set is_overfull. */
void
eal_args_add(struct eal_args *a, const char *arg);

/** Add the words of @line. */
void
eal_args_split(struct eal_args *a, const char *line);

/** Find out what the arguments say. */
void
eal_args_look(struct eal_args *a);

/** Put the defaults in front of what was given, where it is silent; looks again. */
void
eal_args_complete(struct eal_args *a, const struct eal_means *means);

/** "0000:01:00.0" or "01:00.0", options may follow. */
bool
eal_is_pci(const char *device);

/** The value of "iface" in "net_tap0,iface=baro0". @return true if it is there and fits */
bool
eal_device_option(const char *device, const char *name, char *buf, size_t len);

#endif
