#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Two of our programs, as a virtual machine and its host: virtio-user has a port that cuts long frames (TSO),
# vhost gets them whole. Their memory is shared by file, so that it wants hugepages.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need_root
need python3

pages=/proc/sys/vm/nr_hugepages
before=$(cat "$pages")
echo $((before + 300)) >"$pages"
give_back() {
	local status=$?
	echo "$before" >"$pages"
	return $status
}
trap 'give_back; tap_end' EXIT
if [ "$(cat "$pages")" -lt $((before + 300)) ]; then
	skip 'virtio and vhost' 'no 300 hugepages are to be had'
	exit
fi

octets=33554432
socket=$tap_dir/vhost.sock
eal=(--in-memory --single-file-segments -m 256 --no-pci)
# The client makes the socket and waits for the server's answers; the server joins it.
start get "$BARO_BUILD/app/baro-get" "${eal[@]}" -l 0 --file-prefix=baro-vhost --no-telemetry \
	--vdev="net_vhost0,iface=$socket,queues=1,tso=1" -- --port0.address 198.18.0.1/24 --port0.mac 02:00:00:00:00:01 \
	--max-time 60 -f -s -o "$tap_dir/got" "http://198.18.0.2/bytes/$octets"
client=$pid
wait_for 10 [ -S "$socket" ]
start http "$BARO_BUILD/app/baro-http" "${eal[@]}" -l 1 --file-prefix=baro-virtio \
	--vdev="net_virtio_user0,path=$socket,queues=1,mac=02:00:00:00:00:02" -- --port0.address 198.18.0.2/24
server=$pid
wait "$client"
is 'the client ends' $? 0
check 'says that its port cuts frames' grep -q 'port0 .*TSO' "$log"
pattern_octets "$octets" >"$tap_dir/want"
check '32 MiB are right' cmp "$tap_dir/got" "$tap_dir/want"
"$BARO_BUILD/app/baro-stat" -f baro-virtio counters >"$tap_dir/counters"
count_of() {
	awk -v name="$1" '$2 == name { n = $1 } END { print n + 0 }' "$tap_dir/counters"
}
is_below 'frames are longer than segments: frames, a fourth of the segments at most' \
	"$(count_of TX_PACKETS)" $((octets / 1448 / 4))
is_below 'and of these most joined another: those that did not' \
	$(($(count_of TCP_OUT_SEGS) - $(count_of TCP_OUT_JOINED))) $((octets / 1448 / 4))
stop "$server"
is 'exit status' $? 0
