/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_CHECK_H
#define BARO_RUNTIME_CHECK_H

/*
 * --check: will this configuration run on this machine? Nothing is started, opened or
 * changed. Each item is a line; a problem comes with its mend.
 */

#include <baro/config.h>
#include <stdio.h>

#include "runtime/eal_args.h"

struct check {
	FILE *out;
	bool is_brief; /* problems only */
	unsigned n_problems;
};

/** "ok  object: fact" */
__attribute__((format(printf, 3, 4))) void
check_ok(struct check *c, const char *object, const char *form, ...);

/** "problem  object: fact; mend: mend" */
__attribute__((format(printf, 4, 5))) void
check_problem(struct check *c, const char *object, const char *mend, const char *form, ...);

/** Memory, cores and devices, for EAL's arguments as completed. */
void
check_machine(struct check *c, const struct eal_args *args, const struct eal_means *means);

/** A vdev as in "net_tap0,iface=baro0": capabilities, files, interfaces. */
void
check_vdev(struct check *c, const char *device);

/** A PCI device: present, bound to a driver for user space, near @args' cores. */
void
check_pci(struct check *c, const char *device, const struct eal_args *args);

#endif
