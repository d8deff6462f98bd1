# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# What the profiles' smoke tests share; sourced after tests/kit/tap.sh. Each starts app/run with
# its profile in a namespace of its own, uses it, and looks for what is left behind.
. "$(dirname "${BASH_SOURCE[0]}")/../kit/octets.bash"

# run_profile PROFILE [ARGUMENTS...]: app/run in $lab; $pid, $log. Fails the script if it does not start.
run_profile() {
	n_runs=$((${n_runs-0} + 1))
	start "$1-$n_runs" in_ns "$lab" "$BARO_ROOT/app/run" "$@"
	if ! wait_for 120 grep -q '^core0' "$log"; then
		not_ok starts "app/run $* said: $(tail -n 3 "$log" | tr '\n' ' ')"
		exit 1
	fi
	ok starts
}

http_answers() {
	in_ns "$lab" curl -sf -m 5 -o "$tap_dir/page" http://198.18.0.2/ && [ -s "$tap_dir/page" ]
}

# What comes back from the echo service: TCP or UDP.
echo_of() {
	printf 'hello' | timeout 5 ip netns exec "$lab" socat -t0.5 - "$1:198.18.0.2:7"
}

# N octets of /bytes, compared by their sum with what they must be.
bytes_are_right() {
	local want have
	want=$(pattern_sum "$1")
	have=$(in_ns "$lab" curl -sf -m 60 "http://198.18.0.2/bytes/$1" | sum_of_stdin)
	[ "$have" = "$want" ]
}

# CPU time of a process and its children, in ms.
cpu_ms() {
	local task sum=0
	for task in /proc/"$1"/task/*/schedstat; do
		sum=$((sum + $(cut -d' ' -f1 "$task")))
	done
	echo $((sum / 1000000))
}

# The process that runs the stack: $pid itself after exec, or its child.
program_pid() {
	local child
	child=$(cat "/proc/$pid/task/$pid/children")
	echo "${child%% *}" | grep . || echo "$pid"
}

# is_below NAME HAVE LIMIT
is_below() {
	if [ "$2" -lt "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "$2, not below $3"
	fi
}

# Idle, it uses less than 5 % of a core.
idles() {
	local program before
	program=$(program_pid)
	sleep 2 # connections of earlier checks end
	before=$(cpu_ms "$program")
	sleep 4
	is_below 'idle: ms of CPU time in 4 s' $(($(cpu_ms "$program") - before)) 200
}

# SIGTERM: it exits 0 within 2 s, and nothing is left of it.
ends_clean() {
	local begin=$EPOCHREALTIME status took
	stop "$pid" TERM 5
	status=$?
	took=$(((${EPOCHREALTIME/./} - ${begin/./}) / 1000))
	is 'exit status' "$status" 0
	is_below 'ends within 2 s' "$took" 2000
	is 'no interface is left' "$(in_ns "$lab" ip -br link | grep -vc '^lo')" 0
	# others that run DPDK at the same time have files of their own there
	if ! grep -qs librte_eal /proc/[0-9]*/maps; then
		is 'no file is left' "$(find /run/dpdk/rte /dev/hugepages -type f -o -type s 2>/dev/null)" ''
	fi
}
