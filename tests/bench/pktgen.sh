#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# bench/pktgen: the scripts run, by a stand-in for Pktgen's library; the frames of the floods are what they are said
# to be; and one flood is sent, where there is dpdk-testpmd. bench/peers: what is recorded can be compared.
. "$(dirname "$0")/../kit/tap.sh"
need python3
cd "$BARO_ROOT" || exit 1

if command -v lua5.4 >/dev/null; then
	for script in bench/pktgen/*.lua; do
		check "$(basename "$script") runs" lua5.4 tests/bench/pktgen.lua "$script"
	done
	lua5.4 tests/bench/pktgen.lua bench/pktgen/udp_no_loss.lua >"$tap_dir/said"
	check 'what comes back whole at full rate is 100 %' grep -q '64 octets: all comes back at 100.0 %' "$tap_dir/said"
	check 'the server is asked' grep -q 'set_ipaddr(0 dst 198.18.0.2)' "$tap_dir/said"
else
	skip 'Lua scripts' 'needs lua5.4'
fi

if command -v tshark >/dev/null; then
	for row in 'syn tcp.flags==2&&tcp.dstport==80&&tcp.options.mss_val==1460&&tcp.checksum.status==1' \
		'udp udp.dstport==7&&udp.length==72&&udp.checksum.status==1' 'icmp icmp.type==8&&icmp.checksum.status==1'; do
		kind=${row%% *}
		bench/pktgen/frames "$kind" 300 >"$tap_dir/$kind.pcap"
		is "$kind: 300 frames, sound" "$(tshark -r "$tap_dir/$kind.pcap" -o ip.check_checksum:TRUE \
			-o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
			-Y "${row#* }&&ip.dst==198.18.0.2&&ip.checksum.status==1" 2>/dev/null | wc -l)" 300
	done
else
	skip frames 'needs tshark'
fi

if [ "$(nproc)" -ge 2 ] && command -v dpdk-testpmd taskset >/dev/null; then
	BARO_BUILD=$BARO_BUILD bench/pktgen/flood udp 1 100 >"$tap_dir/said" 2>&1
	check 'a flood of datagrams is answered' grep -qE 'UDP_[A-Z_]* +[0-9,]+' "$tap_dir/said"
else
	skip 'a flood of datagrams is answered' 'needs two CPUs and dpdk-testpmd'
fi

bench/peers/record "$tap_dir/peer.json" ping req/s near 1.5k 1600 1.55k --how 'a stack'
bench/peers/record "$tap_dir/peer.json" ping req/s near 100 110 120
check 'what was recorded is compared' grep -qE '^ping +near +110 -> +130 .*B is better' <(bench/compare "$tap_dir/peer.json" tests/bench/results/b.json)
