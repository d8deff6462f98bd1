/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_KIT_LAB_FAIL_H
#define BARO_KIT_LAB_FAIL_H

/* How a sentence of the lab fails: what was expected, and everything that was sent instead. */

struct lab;
struct lab_seg;

/** Fail the test. */
void
lab_fail(const struct lab *l, const char *file, unsigned line, const char *format, ...)
	__attribute__((format(printf, 4, 5), noreturn));

/** One line about a segment, in @buf. @return @buf */
char *
lab_describe(const struct lab_seg *s, char buf[256]);

#endif
