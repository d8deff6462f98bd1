/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-stat prometheus: the process's own text, item by item. */

#include <stdio.h>

#include "stat.h"

int
show_prometheus(const struct request *r)
{
	for (unsigned i = 0;; i++) {
		char question[64];
		const char *text;
		json_t *item;

		snprintf(question, sizeof(question), "/baro/prometheus,at=%u", i);
		item = client_ask(r->client, question);
		if (is_refused(item))
			return EXIT_REFUSED;
		text = json_string_value(item);
		if (text == NULL || text[0] == '\0') {
			json_decref(item);
			return EXIT_FINE;
		}
		fputs(text, stdout);
		json_decref(item);
	}
}
