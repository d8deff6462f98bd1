# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What a test script in tests/interop, tests/drivers or tests/install begins with:
#
#	#!/bin/bash
#	# SPDX-License-Identifier: BSD-3-Clause
#	. "$(dirname "$0")/../kit/tap.sh"
#	need_root
#	new_netns lab                                  # sets $lab; removed at the end
#	start echo in_ns "$lab" "$BARO_BUILD/app/baro-echo" --no-pci -- ...   # sets $pid and $log
#	wait_for 10 in_ns "$lab" ping -c1 -W1 198.18.0.2
#	check ping in_ns "$lab" ping -c100 -i0.01 198.18.0.2
#	stop "$pid"; is 'exit status' $? 0
#
# Results are lines of their own on standard output; tests/run counts them:
#
#	ok NAME                       it is so
#	not ok NAME: WHY              it is not; the script goes on, and exits 1 at its end
#	skip NAME: WHY                it cannot be told on this machine
#
#	ok NAME                       print the line
#	not_ok NAME WHY...
#	skip NAME WHY...
#	check NAME COMMAND...         ok if the command succeeds; its output is shown if not
#	is NAME HAVE WANT             ok if the two words are the same
#	need_root                     skip the whole script unless root
#	need COMMAND...               skip the whole script unless these programs are installed
#	new_netns VAR                 a network namespace of a random name, loopback up
#	in_ns NS COMMAND...           run a command inside it (exec: its pid is the program's)
#	start NAME COMMAND...         run in the background: $pid, and its output in $log
#	stop PID [SIGNAL [SECONDS]]   signal (TERM) it and wait (5 s); returns its exit status,
#	                              124 if it had to be killed
#	wait_for SECONDS COMMAND...   repeat the command until it succeeds; 1 if it never does
#
# $tap_dir is a temporary folder, $BARO_ROOT the repository, $BARO_BUILD the build folder. At the
# end, whatever way it comes, programs of start are stopped, namespaces and $tap_dir removed.
# Addresses are taken from 198.18.0.0/15 (RFC 2544) and nowhere else; processes are ended by pid
# and never by name.

set -u

BARO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BARO_BUILD=${BARO_BUILD:-$BARO_ROOT/build}
tap_name=$(basename "$0" .sh)
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/baro-$tap_name-XXXXXX")
tap_failed=0
tap_pids=()
tap_netns=()

ok() {
	echo "ok $1"
}

not_ok() {
	local name=$1
	shift
	tap_failed=$((tap_failed + 1))
	echo "not ok $name: $*"
}

skip() {
	local name=$1
	shift
	echo "skip $name: $*"
}

check() {
	local name=$1 status
	shift
	"$@" >"$tap_dir/check.out" 2>&1 </dev/null && status=0 || status=$?
	if [ "$status" -eq 0 ]; then
		ok "$name"
	else
		not_ok "$name" "exit status $status from: $*"
		tail -n 20 "$tap_dir/check.out" | sed 's/^/    /'
		return 1
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "is '$2', not '$3'"
		return 1
	fi
}

need_root() {
	[ "$(id -u)" -eq 0 ] && return
	skip "$tap_name" 'needs root'
	exit 0
}

need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null && continue
		skip "$tap_name" "needs $program"
		exit 0
	done
}

new_netns() {
	local name
	name=baro-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
	ip netns add "$name" || {
		skip "$tap_name" 'this machine makes no network namespaces'
		exit 0
	}
	tap_netns+=("$name")
	ip -n "$name" link set lo up
	printf -v "$1" %s "$name"
}

in_ns() {
	local ns=$1
	shift
	# exec when nothing follows, as in start: the pid is then the program's own.
	if [ -n "${tap_exec-}" ]; then
		exec ip netns exec "$ns" "$@"
	fi
	ip netns exec "$ns" "$@"
}

start() {
	local name=$1
	shift
	log=$tap_dir/$name.log
	(
		trap - EXIT INT TERM
		tap_exec=1
		if [ "$1" = in_ns ]; then
			"$@"
		fi
		exec "$@"
	) >"$log" 2>&1 </dev/null &
	pid=$!
	tap_pids+=("$pid")
}

# True when a process has ended; $2 is in tenths of a second.
tap_ends_within() {
	local left=$2
	while kill -0 "$1" 2>/dev/null; do
		[ "$left" -gt 0 ] || return 1
		left=$((left - 1))
		sleep 0.1
	done
}

stop() {
	local pid=$1 signal=${2:-TERM} seconds=${3:-5}
	kill "-$signal" "$pid" 2>/dev/null
	if ! tap_ends_within "$pid" $((seconds * 10)); then
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		return 124
	fi
	wait "$pid" 2>/dev/null
}

wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1 </dev/null; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

tap_end() {
	local status=$? pid ns file
	trap - EXIT INT TERM
	for pid in "${tap_pids[@]+"${tap_pids[@]}"}"; do
		kill -0 "$pid" 2>/dev/null && stop "$pid" TERM 3
	done
	for ns in "${tap_netns[@]+"${tap_netns[@]}"}"; do
		ip netns del "$ns" 2>/dev/null
	done
	if [ "$tap_failed" -gt 0 ] || [ "$status" -ne 0 ]; then
		for file in "$tap_dir"/*.log; do
			[ -s "$file" ] || continue
			echo "    last lines of $(basename "$file"):"
			tail -n 20 "$file" | sed 's/^/    | /'
		done
		[ "$status" -ne 0 ] || status=1
	fi
	rm -rf "$tap_dir"
	exit "$status"
}

trap tap_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
