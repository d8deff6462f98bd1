/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

/* The target of a request (RFC 9112 §3.2) and the path in it. */

#include <stdbool.h>
#include <stddef.h>

/**
 * Turn "/a/%62?q" or "http://host/a/./b" into the path "/a/b", in place: decoded, without
 * "." and "..", without empty segments; it begins with '/'.
 *
 * @text  @len octets, and room for one more: the result ends with NUL
 * @return false: no such target, bad escape, %00 or another control character, fragment, or
 *         a ".." above the root
 */
bool
http_target_decode(char *text, size_t len);

/**
 * Escape a decoded path for a header field.
 *
 * @size   of @out
 * @return characters written, NUL not among them; 0: does not fit
 */
size_t
http_target_encode(const char *path, char *out, size_t size);

#endif
