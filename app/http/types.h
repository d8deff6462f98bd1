/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_TYPES_H
#define HTTP_TYPES_H

/** The media type that the name of a file suggests; "application/octet-stream" if none. */
const char *
http_type_of(const char *path);

#endif
