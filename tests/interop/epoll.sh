#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# app/epoll/: one source by epoll, built against the host's sockets and against ours. Both answer alike, to
# everyday clients and under load; ours ends within its time and leaves nothing behind.
. "$(dirname "$0")/../kit/tap.sh"
need_root
need curl socat wrk

server=198.18.0.2

hello() {
	in_ns "$lab" curl -sS -m 5 "http://$1/"
}

# Up to $3 octets, there and back.
echoes() {
	in_ns "$lab" bash -c "head -c $2 /dev/zero | timeout 20 socat -t5 - TCP:$1:7 | wc -c"
}

# wrk counts what was no good: there must be none of it.
bears_load() {
	local out
	out=$(in_ns "$lab" timeout 20 wrk -t1 -c"$2" -d3 "http://$1/") || return 1
	echo "$out"
	grep -q 'requests in' <<<"$out" && ! grep -qE 'Socket errors|Non-2xx' <<<"$out"
}

serves() {
	is "$1: hello" "$(hello "$2")" hello
	is "$1: two requests on a connection" \
		"$(in_ns "$lab" curl -sS -m 5 -o /dev/null -o /dev/null -w '%{num_connects}' \
			"http://$2/" "http://$2/")" 10
	is "$1: echo of 3 MB" "$(echoes "$2" 3000000)" 3000000
	check "$1: 50 connections under load" bears_load "$2" 50
	is "$1: hello afterwards" "$(hello "$2")" hello
}

new_netns lab

start linux in_ns "$lab" "$BARO_BUILD/app/epoll-linux" 7 80
linux=$pid
ip -n "$lab" addr add 198.18.1.1/32 dev lo
if wait_for 10 hello 198.18.1.1; then
	serves "the host's sockets" 198.18.1.1
else
	not_ok "the host's sockets" 'no answer'
fi
stop "$linux"

start baro in_ns "$lab" "$BARO_ROOT/app/run" --app epoll
if wait_for 120 hello "$server"; then
	serves 'our sockets' "$server"
	stop "$pid" TERM 5
	is 'our sockets: exit status' $? 0
else
	not_ok 'our sockets' 'no answer'
fi
