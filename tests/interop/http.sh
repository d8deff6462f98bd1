#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# baro-http over a tap and over a packet socket, with the kernel's TCP and everyday clients on the
# other side.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/../kit/octets.bash"
need_root
need ab curl python3 sha256sum wrk

server=198.18.0.2
url=http://$server
gib=1073741824

get() {
	in_ns "$lab" curl -sS -m 30 "$@"
}

# status NAME WANT CURL-ARGUMENTS...
status() {
	local name=$1 want=$2
	shift 2
	is "$name" "$(get -o /dev/null -w '%{http_code}' "$@")" "$want"
}

client() {
	in_ns "$lab" timeout 90 python3 "$(dirname "$0")/http_client.py" "$1" "$server"
}

features() {
	status 'index.html' 200 "$url/"
	is 'small file is right' "$(get "$url/small.txt")" small
	is 'large file is right' "$(get "$url/large" | sha256sum)" "$(sha256sum <"$root/large")"
	is 'part of a file' "$(get -r 1000-1999 "$url/large" | sha256sum)" \
		"$(tail -c +1001 "$root/large" | head -c 1000 | sha256sum)"
	status 'part outside the file' 416 -r 99999999- "$url/large"
	status 'not modified' 304 -z "$root/small.txt" "$url/small.txt"
	status 'head' 200 -I "$url/bytes/1099511627776"
	status 'http/1.0' 200 -0 "$url/"
	status 'outside the root' 400 --path-as-is "$url/../etc/passwd"
	status 'outside the root, escaped' 400 --path-as-is "$url/%2e%2e/etc/passwd"
	status 'link out of the root' 404 "$url/out/passwd"
	status 'nothing there' 404 "$url/nothing"
	status 'method not allowed' 405 "$url/sink"
	status 'unknown method' 501 -X BREW "$url/"
	status 'long target' 414 "$url/$(printf '%09000d' 0)"
	status 'large header' 431 -H "A: $(printf '%020000d' 0)" "$url/"
	is 'two requests, one connection' \
		"$(get -o /dev/null -o /dev/null -w '%{num_connects}' "$url/" "$url/small.txt")" 10
	is 'chunked upload' "$(printf 123456789 | get -T - "$url/sink")" \
		'{"octets":9,"crc32":"cbf43926"}'
	check 'pipelining' client pipelines
	check 'half-closed client' client half_closed
	check 'slow head' client slow_head
}

bulk() {
	local want load
	want=$(pattern_sum "$gib")
	is '1 GiB download is right' "$(get -m 60 "$url/bytes/$gib" | sum_of_stdin)" "$want"
	in_ns "$lab" wrk -t1 -c64 -d10 "$url/" >"$tap_dir/wrk" 2>&1 &
	load=$!
	is 'and again while wrk runs' "$(get -m 60 "$url/bytes/$gib" | sum_of_stdin)" "$want"
	wait "$load"
	head -c 268435456 /dev/urandom >"$tap_dir/upload"
	is '256 MiB upload is right' "$(get -m 60 -T "$tap_dir/upload" "$url/sink")" \
		"{\"octets\":268435456,\"crc32\":\"$(file_crc "$tap_dir/upload")\"}"
}

# Nothing in the output of wrk speaks of an error.
load_wrk() {
	in_ns "$lab" wrk -t1 -c64 -d5 "$url/" >"$tap_dir/wrk" 2>&1
	check 'wrk has no errors' bash -c \
		"cat '$tap_dir/wrk'; grep -q Requests/sec '$tap_dir/wrk' &&
		! grep -qE 'Socket errors|Non-2xx' '$tap_dir/wrk'"
}

# load_ab NAME ARGUMENTS...
load_ab() {
	local name=$1
	shift
	in_ns "$lab" timeout 60 ab -q "$@" "$url/small.txt" >"$tap_dir/ab" 2>&1
	check "$name" bash -c "cat '$tap_dir/ab'; grep -q 'Failed requests: *0$' '$tap_dir/ab' &&
		! grep -q Non-2xx '$tap_dir/ab'"
}

killed_client() {
	start killed in_ns "$lab" curl -s -o /dev/null "$url/bytes/1099511627776"
	sleep 1
	stop "$pid" KILL 2>/dev/null
	status 'serves after a client was killed' 200 "$url/"
}

root=$tap_dir/root
mkdir -p "$root"
echo index >"$root/index.html"
echo small >"$root/small.txt"
head -c 20000000 /dev/urandom >"$root/large"
ln -s /etc "$root/out"
ulimit -n 4096

serve_over() {
	local http stalls
	new_netns lab
	start "$1" in_ns "$lab" "$BARO_ROOT/app/run" "$1" -- --root "$root" --header-timeout 2s
	http=$pid
	if ! wait_for 120 in_ns "$lab" curl -s -m 5 -o "$tap_dir/page" "$url/"; then
		not_ok "$1" 'the server does not answer'
		return
	fi
	ok "$1 answers"
	client stalls >"$tap_dir/stalls.log" 2>&1 &
	stalls=$!
	features
	killed_client
	load_wrk
	load_ab 'ab, connections kept' -k -n 20000 -c 50
	load_ab '10,000 short connections' -n 10000 -c 100
	check '1,000 connections at once' client thousand
	bulk
	wait "$stalls"
	is 'a reader stalls for 20 s' $? 0
	status 'still serves' 200 "$url/"
	stop "$http"
	is "$1: exit status" $? 0
}

serve_over net_tap
serve_over net_af_packet
