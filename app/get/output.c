/* SPDX-License-Identifier: BSD-3-Clause */

#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { BAR_LEN = 30 };

uint64_t
output_file_len(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

int
output_open(struct output *o)
{
	if (o->path == NULL)
		o->file = stdout;
	else
		o->file = fopen(o->path, o->had != 0 ? "ab" : "wb");
	return o->file != NULL ? 0 : -errno;
}

int
output_write(struct output *o, const void *data, size_t len)
{
	if (fwrite(data, 1, len, o->file) != len)
		return -errno;
	o->written += len;
	return 0;
}

int
output_close(struct output *o)
{
	int err = 0;

	if (o->file == NULL)
		return 0;
	if ((o->path != NULL ? fclose(o->file) : fflush(o->file)) != 0)
		err = -errno;
	o->file = NULL;
	return err;
}

char *
output_size(uint64_t octets, char buf[16])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double size = (double)octets / 1024;
	unsigned unit = 0;

	while (size >= 1024 && unit < 3) {
		size /= 1024;
		unit++;
	}
	if (octets < 1024)
		snprintf(buf, 16, "%" PRIu64 " B", octets);
	else
		snprintf(buf, 16, "%.1f %s", size, units[unit]);
	return buf;
}

static void
draw_bar(const struct output *o)
{
	unsigned done = (unsigned)(BAR_LEN * o->written / (o->total != 0 ? o->total : 1));
	char bar[BAR_LEN + 1];

	memset(bar, ' ', BAR_LEN);
	memset(bar, '=', done < BAR_LEN ? done : BAR_LEN);
	bar[BAR_LEN] = '\0';
	fprintf(stderr, "\r%3" PRIu64 "%% [%s] ", 100 * o->written / (o->total != 0 ? o->total : 1),
		bar);
}

void
output_progress(const struct output *o, uint64_t now_ns, bool is_last)
{
	double seconds = (double)(now_ns - o->begun_ns) / 1e9;
	double rate = seconds > 0 ? (double)o->written / seconds : 0;
	char size[16], speed[16];

	if (!o->shows_progress)
		return;
	if (o->total != UINT64_MAX)
		draw_bar(o);
	else
		fputc('\r', stderr);
	fprintf(stderr, "%s  %s/s", output_size(o->written, size),
		output_size((uint64_t)rate, speed));
	if (is_last)
		fprintf(stderr, "  in %.1f s   \n", seconds);
	else if (o->total != UINT64_MAX && rate > 0)
		fprintf(stderr, "  eta %.0f s   ", (double)(o->total - o->written) / rate);
	fflush(stderr);
}
