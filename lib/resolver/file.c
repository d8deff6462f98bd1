/* SPDX-License-Identifier: BSD-3-Clause */

/* Small text files; see the header. Read when a resolver begins, and never again. */

#include "resolver/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4 << 20 };

char *
file_read(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t len = 0, room = 0, n = 1;

	while (in != NULL && n != 0 && len < FILE_MAX) {
		if (room - len < 2) {
			char *more = realloc(text, room + 4096 + room / 2);

			if (more == NULL)
				break;
			text = more;
			room += 4096 + room / 2;
		}
		n = fread(text + len, 1, room - len - 1, in);
		len += n;
	}
	if (in != NULL)
		fclose(in);
	if (text != NULL)
		text[len] = '\0';
	return text;
}

const char *
file_of_key(const char *value, const char *fallback)
{
	if (value[0] == '\0')
		return fallback;
	return strcmp(value, "off") != 0 ? value : NULL;
}

char *
file_next_line(char **text)
{
	char *line = *text;

	if (*line == '\0')
		return NULL;
	*text += strcspn(line, "\n");
	if (**text != '\0')
		*(*text)++ = '\0';
	line[strcspn(line, "#;\r")] = '\0';
	return line;
}

char *
file_next_word(char **line)
{
	char *word = *line + strspn(*line, " \t");

	if (*word == '\0')
		return NULL;
	*line = word + strcspn(word, " \t");
	if (**line != '\0')
		*(*line)++ = '\0';
	return word;
}
