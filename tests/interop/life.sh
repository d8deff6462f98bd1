#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# app/run as a newcomer meets it: starts, answers, idles, ends, leaves nothing behind. And several
# cores: whatever queue the kernel chooses, every connection is answered.
. "$(dirname "$0")/../kit/tap.sh"
need_root
need curl ping

server=198.18.0.2

answers() {
	in_ns "$lab" curl -s -m 5 -o /dev/null "http://$server/"
}

cpu_ticks() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# One hundredth of a second is a tick: 5 % of a core are 25 in 5 s.
is_idle() {
	local before
	before=$(cpu_ticks "$1")
	sleep 5
	[ $(($(cpu_ticks "$1") - before)) -lt 25 ]
}

ends_in_time() {
	local begin status
	begin=$(date +%s%N)
	stop "$pid" "$1"
	status=$?
	is "$2: exit status" "$status" 0
	check "$2: within 2 s" test $((($(date +%s%N) - begin) / 1000000)) -lt 2000
	check "$2: interface is gone" bash -c "! ip -n $lab link show baro0"
}

new_netns lab
start run in_ns "$lab" "$BARO_ROOT/app/run"
check 'app/run answers' wait_for 120 answers
check 'it says what to try' grep -q 'curl http://198.18.0.2/' "$log"
check 'ping, 1400 octets' in_ns "$lab" ping -q -c 100 -i 0.01 -s 1400 "$server"
check 'idle below 5 % of a core' is_idle "$pid"
ends_in_time TERM 'app/run, SIGTERM'

start again in_ns "$lab" "$BARO_ROOT/app/run"
check 'a second run answers within 10 s' wait_for 10 answers
in_ns "$lab" curl -s --limit-rate 100k -o /dev/null "http://$server/bytes/100000000" &
sleep 0.5
ends_in_time INT 'app/run, SIGINT during a download'

start cores in_ns "$lab" "$BARO_ROOT/app/run" -l 0,1
if wait_for 10 answers; then
	check 'two cores: 200 connections' in_ns "$lab" bash -c \
		"for i in {1..200}; do curl -s -m 5 -o /dev/null http://$server/ || exit 1; done"
	check 'two cores: 10 MB' in_ns "$lab" bash -c \
		"[ \$(curl -s -m 20 http://$server/bytes/10000000 | wc -c) = 10000000 ]"
	ends_in_time TERM 'two cores, SIGTERM'
elif [ "$(nproc)" -lt 2 ]; then
	skip 'two cores' 'this machine has one'
else
	not_ok 'two cores' 'no answer'
fi
