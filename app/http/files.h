/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_FILES_H
#define HTTP_FILES_H

/* Regular files below a root that nothing leads out of, and reads that do not wait. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct http_file {
	int fd;
	uint64_t size;
	time_t modified_s;
};

/** Open the directory that files are served from. @return its descriptor, -errno */
int
http_files_open_root(const char *path);

/**
 * Open a regular file.
 *
 * @path  decoded, begins with '/'
 * @return 0, -EISDIR (a directory), -ENOENT (nothing there, or nothing of ours to give),
 *         -EMFILE (no descriptor left)
 */
int
http_files_open(int root_fd, const char *path, struct http_file *file);

/**
 * Read at @offset what is in memory already; what is not is fetched in the background.
 *
 * @may_wait  wait for the disk after all
 * @return octets read; 0: the file ends here; -EAGAIN: come back soon; other -errno
 */
ssize_t
http_files_read(int fd, void *room, size_t len, uint64_t offset, bool may_wait);

#endif
