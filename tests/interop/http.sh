#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# baro-http over tap with the kernel's TCP and everyday clients on the other side.
. "$(dirname "$0")/../kit/tap.sh"
need_root
need ab curl python3 sha256sum wrk

server=198.18.0.2
url=http://$server
gib=1073741824

# The pattern of /bytes/N: octet i is i mod 251.
pattern_sum() {
	python3 -c "
import hashlib, sys
n = int(sys.argv[1])
block = bytes(i % 251 for i in range(251 * 4096))
h = hashlib.sha256()
while n > 0:
    h.update(block[:n])
    n -= len(block)
print(h.hexdigest())" "$1"
}

file_crc() {
	python3 -c "
import sys, zlib
crc = 0
with open(sys.argv[1], 'rb') as f:
    while data := f.read(1 << 20):
        crc = zlib.crc32(data, crc)
print('%08x' % crc)" "$1"
}

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
	is '1 GiB download is right' \
		"$(get -m 60 "$url/bytes/$gib" | sha256sum | cut -d' ' -f1)" "$(pattern_sum "$gib")"
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

new_netns lab
start http in_ns "$lab" "$BARO_BUILD/app/baro-http" -- \
	--config "$BARO_ROOT/drivers-config/net_tap.conf" --root "$root" --header-timeout 2s
http=$pid
if ! wait_for 10 in_ns "$lab" curl -s -m 5 -o "$tap_dir/page" "$url/"; then
	not_ok http 'the server does not answer'
	exit 1
fi
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
is 'exit status' $? 0
