/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include "plan.h"

/** Defaults, before the command line. */
void
load_plan_init(struct load_plan *plan);

/** The command line's options over a struct load_plan. */
extern const struct baro_app_option load_option_table[];

/** All of it together. @return NULL, or what is wrong with it */
const char *
load_plan_check(struct load_plan *plan);

#endif
