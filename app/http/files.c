/* SPDX-License-Identifier: BSD-3-Clause */

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define READ_AHEAD_LEN (1 << 20)

/* The kernel keeps the walk below @root_fd, whatever ".." and symbolic links say. */
static int
open_beneath(int root_fd, const char *path)
{
	const struct open_how how = {
		/* O_NONBLOCK: a FIFO without a writer must not stop the core */
		.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int
http_files_open_root(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int probe;

	if (fd < 0)
		return -errno;
	probe = open_beneath(fd, ".");
	if (probe < 0) {
		close(fd);
		return probe;
	}
	close(probe);
	return fd;
}

static int
open_error(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM ? -EMFILE : -ENOENT;
}

/* @return 0, -EISDIR, -ENOENT */
static int
look_at(int fd, struct http_file *file)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -ENOENT;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	*file = (struct http_file){
		.fd = fd,
		.size = (uint64_t)st.st_size,
		.modified_s = st.st_mtime,
	};
	return S_ISREG(st.st_mode) ? 0 : -ENOENT;
}

int
http_files_open(int root_fd, const char *path, struct http_file *file)
{
	int fd = open_beneath(root_fd, path[1] == '\0' ? "." : path + 1);
	int err;

	if (fd < 0)
		return open_error(fd);
	err = look_at(fd, file);
	if (err != 0)
		close(fd);
	return err;
}

ssize_t
http_files_read(int fd, void *room, size_t len, uint64_t offset, bool may_wait)
{
	const struct iovec iov = { .iov_base = room, .iov_len = len };
	ssize_t n = preadv2(fd, &iov, 1, (off_t)offset, may_wait ? 0 : RWF_NOWAIT);

	if (n >= 0)
		return n;
	if (errno == EAGAIN) {
		posix_fadvise(fd, (off_t)offset, READ_AHEAD_LEN, POSIX_FADV_WILLNEED);
		return -EAGAIN;
	}
	if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR) /* not on this file system */
		n = pread(fd, room, len, (off_t)offset);
	return n < 0 ? -errno : n;
}
