#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A packet socket on the veth pair that app/run makes and removes.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need_root
need ip ethtool curl socat ping python3
new_netns lab

run_profile net_af_packet
check 'page' http_answers
check 'ping' in_ns "$lab" ping -q -c 20 -i 0.01 -s 1400 -W 1 198.18.0.2
check '64 MiB are right' bytes_are_right 67108864
is 'TCP echo' "$(echo_of TCP)" hello
is 'UDP echo' "$(echo_of UDP)" hello
is 'the kernel has no address on our end' \
	"$(in_ns "$lab" ip -br addr show dev baro1 | grep -c '[0-9]\.[0-9]')" 0
idles
ends_clean

in_ns "$lab" ip link add baro0 type veth peer name other
in_ns "$lab" "$BARO_ROOT/app/run" net_af_packet >"$tap_dir/out" 2>&1
is 'an interface of that name is not touched: status' $? 1
check 'an interface of that name is not touched' grep -q 'baro0 exists already' "$tap_dir/out"
is 'and it is still there' "$(in_ns "$lab" ip -br link show baro0 | wc -l)" 1
