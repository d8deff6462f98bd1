#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# app/run as it stands: a tap, pages, echo, ping, idle, a clean end.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need_root
need ip curl socat ping python3
[ -c /dev/net/tun ] || {
	skip "$tap_name" 'needs /dev/net/tun'
	exit 0
}
new_netns lab

run_profile net_tap
check 'page' http_answers
check 'ping' in_ns "$lab" ping -q -c 20 -i 0.01 -s 1400 -W 1 198.18.0.2
check '64 MiB are right' bytes_are_right 67108864
is 'TCP echo' "$(echo_of TCP)" hello
is 'UDP echo' "$(echo_of UDP)" hello
is 'last line says what to try' "$(grep -c '^curl http://198.18.0.2/' "$log")" 1
idles
ends_clean

# Offloads of the device are off by default there (lib/dev/ethdev_plan.c); they work, too.
run_profile net_tap -- --port0.checksum on
check '16 MiB by its checksums' bytes_are_right 16777216
ends_clean

run_profile net_tap -l "$(taskset -pc $$ | sed 's/.*: //')"
check 'on all cores: page' http_answers
check 'on all cores: 16 MiB' bytes_are_right 16777216
is 'on all cores: UDP echo' "$(echo_of UDP)" hello
idles
ends_clean
