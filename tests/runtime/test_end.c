/* SPDX-License-Identifier: BSD-3-Clause */

#include <baro/baro.h>
#include <criterion/criterion.h>

#include "runtime/stop.h"

Test(end, an_application_ends_its_program_and_lets_connections_finish)
{
	cr_assert_eq(stop_level(), STOP_NOT);
	baro_app_end(3);
	cr_expect_eq(stop_level(), STOP_DRAIN);
	baro_app_end(0);
	cr_expect_eq(stop_level(), STOP_DRAIN, "saying it twice is not a second signal");
}
