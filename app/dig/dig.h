/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DIG_H
#define DIG_H

#include <baro/app.h>
#include <baro/resolve.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** What is to be asked, as the command line says. */
struct dig {
	char name[BARO_NAME_STRLEN]; /* "": the root */
	uint16_t type;               /* 0: A */
	bool has_name;
	bool is_short; /* +short: the data of the answers alone */
	struct baro_resolve_opts opts;
};

/** Options; user is the struct dig. */
extern const struct baro_app_option dig_options[];

/** A word without a dash: @server, +flag, type or name. @return NULL, or what is wrong with it */
const char *
dig_take_word(const char *word, void *dig);

/** As dig(1) prints it. */
void
dig_print(const struct dig *d, struct baro_answer *answer, FILE *out);

#endif
