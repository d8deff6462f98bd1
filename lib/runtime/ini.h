/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_INI_H
#define BARO_RUNTIME_INI_H

/*
 * An INI file as a list of entries with their line numbers. rte_cfgfile reads the values;
 * it stops at the first fault and knows no lines, so a scan of our own goes first and finds
 * every fault.
 */

#include <rte_cfgfile.h>
#include <stdbool.h>

struct ini_entry {
	char section[CFG_NAME_LEN];
	char key[CFG_NAME_LEN]; /* "": the heading of a section */
	char value[CFG_VALUE_LEN];
	unsigned line;
};

struct ini {
	struct ini_entry *entry;
	unsigned n;
};

/** Receives a line that is no INI. */
typedef void (*ini_fault)(unsigned line, const char *problem, void *user);

/** @return 0, -EINVAL (there were faults), -errno of reading the file */
int
ini_read(const char *path, ini_fault fault, void *user, struct ini *out);

void
ini_free(struct ini *ini);

#endif
