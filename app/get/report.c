/* SPDX-License-Identifier: BSD-3-Clause */

#include "report.h"

#include <inttypes.h>
#include <string.h>

static void
print_seconds(const struct fetch *f, uint64_t at_ns, FILE *out)
{
	uint64_t ns = at_ns != 0 ? at_ns - f->times.begun_ns : 0;

	fprintf(out, "%.6f", (double)ns / 1e9);
}

static void
print_addr(const struct baro_endpoint *ep, FILE *out)
{
	char text[BARO_ADDR_STRLEN];

	fputs(ep->port != 0 ? baro_addr_format(&ep->addr, text) : "", out);
}

static void
print_speed(const struct fetch *f, FILE *out)
{
	double seconds = (double)(f->times.done_ns - f->times.begun_ns) / 1e9;

	fprintf(out, "%.0f", seconds > 0 ? (double)f->output.written / seconds : 0);
}

static bool
print_time(const struct fetch *f, const char *name, FILE *out)
{
	const struct {
		const char *name;
		uint64_t at_ns;
	} rows[] = {
		{ "time_namelookup", f->times.named_ns },
		{ "time_connect", f->times.connected_ns },
		{ "time_starttransfer", f->times.first_ns },
		{ "time_total", f->times.done_ns },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0) {
			print_seconds(f, rows[i].at_ns, out);
			return true;
		}
	return false;
}

/* @return false: no such name */
static bool
print_fact(const struct fetch *f, const char *name, FILE *out)
{
	char url[URL_TEXT_MAX];

	if (strcmp(name, "http_code") == 0)
		fprintf(out, "%03u", f->response.status);
	else if (strcmp(name, "size_download") == 0)
		fprintf(out, "%" PRIu64, f->output.written);
	else if (strcmp(name, "speed_download") == 0)
		print_speed(f, out);
	else if (strcmp(name, "num_redirects") == 0)
		fprintf(out, "%u", f->n_redirects);
	else if (strcmp(name, "remote_ip") == 0)
		print_addr(&f->remote, out);
	else if (strcmp(name, "remote_port") == 0)
		fprintf(out, "%u", f->remote.port);
	else if (strcmp(name, "local_ip") == 0)
		print_addr(&f->local, out);
	else if (strcmp(name, "local_port") == 0)
		fprintf(out, "%u", f->local.port);
	else if (strcmp(name, "url_effective") == 0)
		fputs(url_format(&f->url, url), out);
	else if (strcmp(name, "exitcode") == 0)
		fprintf(out, "%d", f->status);
	else
		return print_time(f, name, out);
	return true;
}

/* "%{name}" at @p. @return behind it; @p: it is none */
static const char *
take_fact(const struct fetch *f, const char *p, FILE *out)
{
	const char *end = strchr(p, '}');
	char name[32];
	size_t len;

	if (p[1] != '{' || end == NULL || (len = (size_t)(end - p - 2)) >= sizeof(name))
		return p;
	memcpy(name, p + 2, len);
	name[len] = '\0';
	return print_fact(f, name, out) ? end + 1 : p;
}

void
report_print(const struct fetch *f, const char *format, FILE *out)
{
	for (const char *p = format; *p != '\0';) {
		const char *next = *p == '%' ? take_fact(f, p, out) : p;

		if (next != p) {
			p = next;
		} else if (p[0] == '\\' && (p[1] == 'n' || p[1] == 't')) {
			fputc(p[1] == 'n' ? '\n' : '\t', out);
			p += 2;
		} else {
			fputc(*p++, out);
		}
	}
	fflush(out);
}
