#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# bench/run measures and writes what it says; bench/compare calls differences as its rules are. What is measured
# here is no figure: a build with asserts, for a fifth of a second.
. "$(dirname "$0")/../kit/tap.sh"
need python3

out=$tap_dir/out
bench() {
	"$BARO_ROOT/bench/run" --build "$BARO_BUILD" --no-build --out "$out" --runs 1 --seconds 0.2 "$@"
}

# COLUMN of the row NAME in the CSV.
column() {
	python3 - "$out/result.csv" "$1" "$2" <<-'PYTHON'
		import csv, sys
		for row in csv.DictReader(open(sys.argv[1])):
		    if row['name'] == sys.argv[3]:
		        print(row[sys.argv[2]])
	PYTHON
}

one='ping-pong 64 B, server and load in 1 thread'
check 'one process, one thread' bench --only "$one"
check 'its rate is there' test "$(column median "$one" | cut -d. -f1)" -gt 100
check 'the table is there' grep -q "$one" "$out/result.txt"
if [ "$(nproc)" -ge 2 ]; then
	two='ping-pong 64 B, 1 connection'
	check 'two processes over shared memory' bench --only "$two"
	check 'its latency is there' test "$(column p50_ns "$two" | head -1)" -gt 100
	check 'the mode of the machine is there' grep -qE 'near|far|mixed' <(column mode "$two")
else
	skip 'two processes over shared memory' 'needs two CPUs'
fi
if [ "$(id -u)" -eq 0 ] && command -v wrk ip ethtool >/dev/null; then
	three='wrk, 64 connections, keep-alive: epoll on the kernel'
	check 'a server of the kernel, asked by wrk' bench --only "$three"
	check 'its rate is there, too' test "$(column median "$three" | head -1 | cut -d. -f1)" -gt 100
else
	skip 'a server of the kernel, asked by wrk' 'needs root, wrk, ip, ethtool'
fi
bench --only 'no such row' >"$tap_dir/said" 2>&1
is 'a name that is none is refused' $? 1
check 'and told' grep -q 'no row has no such row' "$tap_dir/said"

results=$BARO_ROOT/tests/bench/results
"$BARO_ROOT/bench/compare" "$results/a.json" "$results/b.json" >"$tap_dir/said"
while read -r row mode words; do
	check "compare: $row $mode: $words" grep -qE "^$row +$mode .*$words" "$tap_dir/said"
done <<'ROWS'
ping near B is better
bulk near B is WORSE
web near same
echo near not comparable: B waited 20%
udp near only in A
udp far only in B
gone near only in A
ROWS
check 'less is better where it is' grep -qE '^turn .* -19.9 % +B is better' "$tap_dir/said"
"$BARO_ROOT/bench/compare" --fail "$results/a.json" "$results/b.json" >/dev/null
is 'it fails when asked to, where B is worse' $? 1
check 'and not where it is not' "$BARO_ROOT/bench/compare" --fail "$results/a.json" "$results/a.json"
