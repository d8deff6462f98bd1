# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Linux's TCP against baro's through one and the same bad wire: baro-http on a packet socket, whose
# port delays, loses and reorders both ways; the kernel of a namespace on the other end of a veth.
# A download has baro as the sender, an upload Linux. Sourced after tests/kit/tap.sh and octets.bash.
#
#	linux_tcp_open NAME ALGORITHM ARGUMENTS...   a namespace with both; 1 if baro does not start
#	linux_tcp_close                              and away with it; baro's exit status
#	linux_tcp_get OCTETS                         download: $seconds; 1 if an octet is wrong
#	linux_tcp_put OCTETS                         upload, the same
#	median NUMBERS...                            prints it
#
# Both sides have windows of 4 MiB from the start, which is where Linux's tuning of its send buffer
# ends (net.ipv4.tcp_wmem), and forget what they learned from connections before.

linux_tcp_server=198.18.0.2
linux_tcp_buffer=4MiB

linux_tcp_open() {
	local name=$1 algorithm=$2
	shift 2
	new_netns lab
	in_ns "$lab" ip link add baro0 type veth peer name baro1
	in_ns "$lab" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/baro1/disable_ipv6'
	in_ns "$lab" ip link set baro1 arp off up
	in_ns "$lab" ip addr add 198.18.0.1/24 dev baro0
	in_ns "$lab" ip link set baro0 up
	# frames as they would be on a wire: filled-in checksums, and none longer than the MTU
	in_ns "$lab" ethtool -K baro0 tx off tso off gso off gro off >/dev/null
	# half of a receive buffer is window; Linux would begin with 64 KiB and double it each round trip
	in_ns "$lab" sysctl -qw net.ipv4.tcp_no_metrics_save=1 \
		net.ipv4.tcp_rmem='4096 8388608 33554432'
	# by the route: a namespace may not choose by sysctl what its host has not allowed
	in_ns "$lab" ip route replace 198.18.0.0/24 dev baro0 src 198.18.0.1 \
		congctl "${algorithm#new}" || return 1 # Linux calls newreno reno
	start "$name" in_ns "$lab" "$BARO_BUILD/app/baro-http" --no-huge -m 1024 --no-pci \
		--file-prefix="$lab" --no-telemetry -l 0 \
		--vdev=net_af_packet0,iface=baro1,blocksz=65536,framesz=2048,framecnt=8192,qdisc_bypass=1 -- \
		--port0.device net_af_packet0 --port0.address "$linux_tcp_server/24" \
		--core.mbufs 65536 --tcp.congestion "$algorithm" \
		--tcp.snd_buf "$linux_tcp_buffer" --tcp.rcv_buf "$linux_tcp_buffer" "$@"
	wait_for 15 in_ns "$lab" curl -s -m 5 -o "$tap_dir/page" "http://$linux_tcp_server/"
}

linux_tcp_close() {
	local status
	stop "$pid"
	status=$?
	ip netns del "$lab"
	return $status
}

linux_tcp_get() {
	local want=$tap_dir/want-$1
	[ -e "$want" ] || pattern_octets "$1" >"$want"
	seconds=$(in_ns "$lab" curl -sS -m 900 -o "$tap_dir/got" -w '%{time_total}' \
		"http://$linux_tcp_server/bytes/$1") && cmp -s "$tap_dir/got" "$want"
}

linux_tcp_put() {
	local file=$tap_dir/put-$1 said
	[ -e "$file" ] || head -c "$1" /dev/urandom >"$file"
	[ -e "$file.crc" ] || file_crc "$file" >"$file.crc"
	said=$(in_ns "$lab" curl -sS -m 900 -H Expect: -T "$file" -w '\n%{time_total}' \
		"http://$linux_tcp_server/sink") || return 1
	seconds=${said##*$'\n'}
	[ "${said%%$'\n'*}" = "{\"octets\":$1,\"crc32\":\"$(<"$file.crc")\"}" ]
}

median() {
	printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}
