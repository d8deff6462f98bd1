#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Jumbo frames: wires that carry them, one that does not, and two of our programs at both ends of one.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need_root
new_netns lab

# with NAME PROGRAM VDEV OPTIONS...
with() {
	local name=$1 program=$2 vdev=$3
	shift 3
	start "$name" in_ns "$lab" "$BARO_BUILD/app/$program" --no-pci --no-huge -m 160 -l 0 \
		--file-prefix "$tap_name-$$-$name" --vdev="$vdev" -- "$@"
}

for wire in net_ring0 net_null0; do
	with "$wire" baro-http "$wire" --port0.address 198.18.0.2/24 --port0.mtu 9000
	wait_for 20 grep -q '^core0' "$log"
	check "$wire carries 9000 octets" grep -q 'MTU 9000, 1 queue' "$log"
	stop "$pid"
done

with tap baro-http net_tap0,iface=baro0 --port0.address 198.18.0.2/24 --port0.mtu 9000
wait_for 20 grep -q '^core0' "$log"
mtu=$(grep -oE 'MTU [0-9]+,' "$log" | tr -dc 0-9)
if [ "$mtu" != 9000 ]; then
	check 'what a device refuses is told' \
		grep -q 'MTU 9000 was asked for: the device carries no more' "$log"
else
	is 'the tap has the MTU too' "$(in_ns "$lab" cat /sys/class/net/baro0/mtu)" 9000
fi
stop "$pid"

socket=$tap_dir/memif
with server baro-http "net_memif0,role=server,socket=$socket,socket-abstract=no" \
	--port0.address 198.18.0.2/24 --port0.mtu 9000
server=$pid
wait_for 20 grep -q '^core0' "$log"
with client baro-ping "net_memif0,role=client,socket=$socket,socket-abstract=no" \
	--port0.address 198.18.0.3/24 --port0.mtu 9000 -c 3 -i 0.2 -s 8900 -M do 198.18.0.2
tap_ends_within "$pid" 200
wait "$pid"
is 'two programs of ours over shared memory: exit status' $? 0
check 'with 8,900 octets of data in one frame' \
	grep -q '^8908 bytes from 198.18.0.2: icmp_seq=3 ttl=64' "$log"
stop "$server"
is 'exit status' $? 0
