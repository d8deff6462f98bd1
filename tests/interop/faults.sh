#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux's TCP against ours through a port that loses, reorders, duplicates and corrupts frames: it may
# take longer, nothing may be lost.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/../kit/octets.bash"
need_root
need curl socat sha256sum

octets=16777216
server=198.18.0.2

through() {
	local name=$1 sum crc
	shift
	new_netns lab
	start "$name" in_ns "$lab" "$BARO_BUILD/app/baro-http" -- \
		--config "$BARO_ROOT/drivers-config/net_tap.conf" --echo on "$@"
	if ! wait_for 10 in_ns "$lab" curl -s -m 5 -o "$tap_dir/page" "http://$server/"; then
		not_ok "$name" 'the server does not answer'
		return
	fi
	sum=$(in_ns "$lab" curl -s -m 60 "http://$server/bytes/$octets" | sum_of_stdin)
	is "$name: download is right" "$sum" "$want_sum"
	crc=$(in_ns "$lab" curl -s -m 60 -T "$tap_dir/upload" "http://$server/sink" |
		sed 's/.*"crc32":"\([0-9a-f]*\)".*/\1/')
	is "$name: upload is right" "$crc" "$want_crc"
	check "$name: echo is right" in_ns "$lab" timeout 60 bash -c \
		"socat -t20 - TCP:$server:7 <'$tap_dir/small' | cmp - '$tap_dir/small'"
	stop "$pid"
	is "$name: exit status" $? 0
}

head -c "$octets" /dev/urandom >"$tap_dir/upload"
head -c 1048576 /dev/urandom >"$tap_dir/small"
want_sum=$(pattern_sum "$octets")
want_crc=$(file_crc "$tap_dir/upload")

through loss --port0.fault.loss 1%
through reorder --port0.fault.reorder 2% --port0.fault.reorder_by 2ms
through duplicate --port0.fault.duplicate 2%
through corrupt --port0.fault.corrupt 1%
through 'all at once' --port0.fault.loss 0.5% --port0.fault.reorder 1% \
	--port0.fault.duplicate 1% --port0.fault.corrupt 0.5% --port0.fault.delay 2ms
