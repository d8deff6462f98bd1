#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Frames from a file, answers into another: who-has, and a ping. Needs no privilege.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need python3

# Packets of a capture as hex, one a line, Ethernet header without the addresses.
packets() {
	python3 - "$1" <<-'PYTHON'
		import struct, sys
		data = open(sys.argv[1], "rb").read()[24:]
		while data:
		    n = struct.unpack("<4I", data[:16])[2]
		    print(data[16 + 12 : 16 + n].hex())
		    data = data[16 + n :]
	PYTHON
}

start net_pcap "$BARO_ROOT/app/run" net_pcap
check starts wait_for 120 grep -q '^core0' "$log"
out=$(sed -n 's/.*answers into //p' "$log")
idles
stop "$pid" TERM 5
is 'exit status' $? 0
is 'who-has is answered' "$(packets "$out" | grep -c '^08060001080006040002020000000002c6120002020000000009c6120009')" 1
is 'ping is answered' "$(packets "$out" | grep -c '^0800.*c6120002c612000900002b2d000100016261726f')" 1

cp "$(sed -n 's/.*frames from \(.*\), answers.*/\1/p' "$log")" "$tap_dir/mine.pcap"
start mine "$BARO_ROOT/app/run" net_pcap "$tap_dir/mine.pcap"
check 'starts with a file' wait_for 20 grep -q '^core0' "$log"
sleep 0.5
stop "$pid" TERM 5
is 'exit status with a file' $? 0
check 'answers stand beside the file' test -s "$tap_dir/mine.out.pcap"
