#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What app/run says and does beside the usual: wrong words, lacking rights, every kind of end.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need_root
need ip curl setpriv python3
new_netns lab

run=$BARO_ROOT/app/run

said() {
	"$run" "$@" >"$tap_dir/out" 2>&1 </dev/null
	echo $?
}

# A client that takes its time: $curl. $pid stays what it was.
slow_reader() {
	local run_pid=$pid run_log=$log
	start "curl-$n_runs" in_ns "$lab" curl -s --limit-rate 1k -o /dev/null http://198.18.0.2/bytes/100000000
	curl=$pid pid=$run_pid log=$run_log
	wait_for 5 in_ns "$lab" bash -c 'ss -tn state established | grep -q 198.18.0.2:80'
}

is 'unknown profile: status' "$(said net_tup)" 1
check 'unknown profile: the others are named' grep -q 'there is no profile net_tup; there are.* net_tap' "$tap_dir/out"
is 'help: status' "$(said --help)" 0
check 'help names the profiles' grep -q net_memif "$tap_dir/out"
is 'wrong key: status' "$(said net_ring -- --tcp.mls 3s)" 2
check 'wrong key: what was meant' grep -q -e '--tcp.mls: no such key; did you mean msl?' "$tap_dir/out"
is 'all options of the application' "$(said -- --help)" 0

setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$run" >"$tap_dir/out" 2>&1 </dev/null
is 'without rights: status' $? 1
check 'without rights: which' grep -q 'needs CAP_NET_ADMIN CAP_NET_RAW: sudo' "$tap_dir/out"
check 'without rights: what works' grep -q 'app/run net_memif' "$tap_dir/out"

is 'check: status' "$(said -- --check)" 0
check 'check: the device' grep -q '^ok *net_tap0' "$tap_dir/out"
is 'check without interface: status' "$(said net_ring --vdev=net_af_packet0,iface=nonesuch -- --check)" 1
check 'check without interface: mend' grep -q 'no interface nonesuch; mend:' "$tap_dir/out"

# A connection that nobody ends: drained for a while, and no longer.
run_profile net_tap
slow_reader
ends_clean
stop "$curl"

# Ctrl-C: the terminal sends SIGINT to the whole group.
cat >"$tap_dir/terminal.py" <<'PYTHON'
import os, pty, signal, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said = b""
while b"core0" not in said:
    said += os.read(fd, 4096)
time.sleep(0.3)
os.write(fd, b"\x03")
begin = time.monotonic()
while True:
    try:
        if not os.read(fd, 4096):
            break
    except OSError:
        break
status = os.waitpid(pid, 0)[1]
print(os.waitstatus_to_exitcode(status), "quick" if time.monotonic() - begin < 2 else "slow")
PYTHON
for profile in net_tap net_af_packet; do
	is "$profile: Ctrl-C" "$(in_ns "$lab" timeout 60 python3 "$tap_dir/terminal.py" "$run" "$profile")" '0 quick'
	is "$profile: Ctrl-C leaves no interface" "$(in_ns "$lab" ip -br link | grep -vc '^lo')" 0
done

# The second signal does not wait for connections.
run_profile net_af_packet
slow_reader
begin=$EPOCHREALTIME
kill -TERM "$pid"
sleep 0.2
stop "$pid" TERM 5
is 'second signal: status' $? 0
is_below 'second signal: ms until the end' $(((${EPOCHREALTIME/./} - ${begin/./}) / 1000)) 1200
is 'second signal: no interface is left' "$(in_ns "$lab" ip -br link | grep -vc '^lo')" 0
stop "$curl"

begin=$SECONDS
run_profile net_tap
is_below 'seconds that a second run takes to start' $((SECONDS - begin)) 6
ends_clean
