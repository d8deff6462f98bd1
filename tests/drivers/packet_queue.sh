#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A packet socket whose interface has a short queue: what it does not take at once stays in the
# socket's ring, and has to leave without anything new being sent.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need_root
need ip python3
new_netns lab

in_ns "$lab" ip tuntap add tap0 mode tap
in_ns "$lab" ip link set tap0 txqueuelen 16 up
in_ns "$lab" python3 "$BARO_ROOT/tests/drivers/slow_tap.py" tap0 198.18.0.2 200 >"$tap_dir/answers" &
peer=$!
start http in_ns "$lab" "$BARO_BUILD/app/baro-http" --no-huge -m 256 --no-pci --file-prefix="$lab" --no-telemetry -l 0 \
	--vdev=net_af_packet0,iface=tap0,blocksz=65536,framesz=2048,framecnt=1024,qdisc_bypass=1 -- \
	--port0.device net_af_packet0 --port0.address 198.18.0.2/24 --port0.mac 02:00:00:00:00:02 --echo on
check 'a peer that reads late' timeout 20 tail --pid="$peer" -f /dev/null
read -r answers took <"$tap_dir/answers"
is_below 'answers lost of 200' $((200 - ${answers:-0})) 100
is_below 'ms until the last' "${took:-9999}" 300
stop "$pid"
is 'exit status' $? 0
