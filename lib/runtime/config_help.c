/* SPDX-License-Identifier: BSD-3-Clause */

/* The help text, from the same table that the parser reads. */

#include <baro/config.h>

#include <string.h>

#include "runtime/config_keys.h"

void
baro_config_help(FILE *out)
{
	const struct config_key *k;
	const char *section = "";
	char name[64];

	fprintf(out,
		"Keys, in a file under [section] as key = value, here as --section.key VALUE:\n");
	for (k = config_keys; k->section != NULL; k++) {
		bool is_port = strcmp(k->section, "port") == 0;

		if (strcmp(section, k->section) != 0)
			fprintf(out, "\n[%s]%s\n", is_port ? "port0" : k->section,
				is_port ? " and so on to [port7]" : "");
		section = k->section;
		snprintf(name, sizeof(name), "%s %s", k->name, k->type->placeholder);
		fprintf(out, "  %-29s %s", name, k->help);
		if (k->fallback != NULL)
			fprintf(out, " (%s)", k->fallback);
		fprintf(out, "\n");
	}
}
