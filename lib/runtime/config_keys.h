/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_CONFIG_KEYS_H
#define BARO_RUNTIME_CONFIG_KEYS_H

/*
 * The one table of configuration keys: files, the command line, the validator, the
 * defaults and the help text all read it.
 */

#include <baro/config.h>

#include "runtime/config_values.h"

/** Ends with a NULL section; sections stand together. */
extern const struct config_key config_keys[];

/** "port3" gives 3, any other section -1. */
int
config_port_index(const char *section);

/** The key of that section, "port3" included; NULL if there is none. */
const struct config_key *
config_key_find(const char *section, const char *name);

/** True if a section of this name exists. */
bool
config_has_section(const char *section);

/** The structure that the offsets of @section's keys count from. */
void *
config_base(struct baro_config *config, const char *section);

/** What may have been meant by an unknown name: a sentence part, "did you mean "msl"?". */
void
config_suggest(const char *section, const char *name, char *buf, size_t len);

/** Put the default into every field that is 0. */
void
config_fill(struct baro_config *config);

#endif
