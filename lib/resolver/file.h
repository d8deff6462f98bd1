/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RESOLVER_FILE_H
#define BARO_RESOLVER_FILE_H

/* Small text files, whole, and their words. */

/** Read @path, 4 MiB at most. @return its text, to be freed; NULL: it cannot be read */
char *
file_read(const char *path);

/** The file that a key names: @value, @fallback if that is empty, NULL for "off". */
const char *
file_of_key(const char *value, const char *fallback);

/** The next line of *@text, which is cut at its end; '#' and ';' begin comments. NULL: no more */
char *
file_next_line(char **text);

/** The next word of *@line. NULL: no more */
char *
file_next_word(char **line);

#endif
