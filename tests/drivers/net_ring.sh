#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The wires that lead nowhere: all comes up, without privilege, idles, and ends.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"

for profile in net_ring net_null; do
	start "$profile" "$BARO_ROOT/app/run" "$profile"
	if wait_for 120 grep -q '^core0' "$log"; then
		ok "$profile starts"
		idles
	else
		not_ok "$profile starts" "$(tail -n 2 "$log")"
	fi
	stop "$pid" TERM 5
	is "$profile: exit status" $? 0
done
