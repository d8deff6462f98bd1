#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Two cores on a tap of two queues: the kernel's side learns on which queue a flow is answered, so that of a
# connection only its first frames are handed over, whoever begins it.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need_root
need ip python3
[ -c /dev/net/tun ] || {
	skip "$tap_name" 'needs /dev/net/tun'
	exit 0
}
cpus=$(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0))[:2], sep=",")')
[[ $cpus == *,* ]] || {
	skip "$tap_name" 'needs two CPUs'
	exit 0
}
new_netns lab
prefix=barocores$$

# counter NAME: of both cores
counter() {
	timeout 20 "$BARO_BUILD/app/baro-stat" -f "$prefix" --json counters |
		python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# run PROGRAM [EAL OPTIONS...] -- [OPTIONS...]: $pid, $log
run() {
	local name=$1
	shift
	start "$name" in_ns "$lab" "$BARO_BUILD/app/$name" --no-huge --no-shconf --no-pci -m 256 -l "$cpus" \
		--file-prefix "$prefix" --vdev=net_tap0,iface=baro0 "$@" --port0.address 198.18.0.2/24 \
		--port0.host_address 198.18.0.1/24
	wait_for 60 grep -q '^core1' "$log" && return
	not_ok "$name starts" "$(tail -n 3 "$log" | tr '\n' ' ')"
	exit 1
}

# Twenty connections of the kernel's: a first round by all, then, when told, 1980 more.
rounds() {
	in_ns "$lab" python3 -u -c '
import socket
def round(s):
    s.sendall(b"hello")
    assert s.recv(5, socket.MSG_WAITALL) == b"hello"
all = [socket.create_connection(("198.18.0.2", 7), 10) for _ in range(20)]
for s in all:
    round(s)
print("begun")
input()
for _ in range(99):
    for s in all:
        round(s)
print("done")
'
}

serve() {
	local steered received to
	run baro-echo --
	is 'the start says how' "$(grep -c '^port0 .* 2 queues, steering learned,' "$log")" 1
	is 'baro-stat says how' "$("$BARO_BUILD/app/baro-stat" -f "$prefix" ports | awk '$1 == "steering" { print $2 }')" \
		learned
	coproc rounds
	to=${COPROC[1]}
	is 'connections of the kernel' "$(timeout 20 head -n 1 <&"${COPROC[0]}")" begun
	received=$(counter RX_PACKETS)
	steered=$(counter STEERED)
	echo >&"$to"
	is 'their further rounds' "$(timeout 60 head -n 1 <&"${COPROC[0]}")" 'done'
	received=$(($(counter RX_PACKETS) - received))
	is_below "handed over of $received frames, ARP among them" $(($(counter STEERED) - steered)) $((received / 100))
	stop "$pid"
	is 'exit status' $? 0
}

echo_server() {
	start server in_ns "$lab" python3 -c '
import asyncio
class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        self.transport.write(data)
async def serve():
    server = await asyncio.get_running_loop().create_server(Echo, None, 7, backlog=1024)
    await server.serve_forever()
asyncio.run(serve())'
}

has_opened() {
	[ "$(counter TCP_ACTIVE_OPENS)" -gt "$1" ]
}

# connect() takes a port whose answers come to its core. The kernel answers a SYN before it has learned from
# it, so one frame of some eight may still come to the wrong queue.
ask() {
	local begun
	echo_server
	run baro-load -- --to 198.18.0.1:7 --connections 8 --close fin --rate 400 --duration 60s --quiet
	check 'connections of ours' wait_for 20 has_opened 1000
	begun=$(counter TCP_ACTIVE_OPENS)
	is_below "handed over of $begun connections, $(counter RX_PACKETS) frames" "$(counter STEERED)" "$begun"
	stop "$pid"
	is 'exit status' $? 0
}

serve
ask
