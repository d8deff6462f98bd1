# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Linux's TCP against baro's through one and the same bad wire: baro-http on a packet socket, whose
# port delays, loses and reorders both ways; the kernel of a namespace on the other end of a veth.
# A download has baro as the sender, an upload Linux. Sourced after tests/kit/tap.sh and octets.bash.
#
#	linux_tcp_open ALGORITHM ARGUMENTS...        a namespace with both; 1 if baro does not start
#	linux_tcp_close                              and away with it; baro's exit status
#	linux_tcp_get OCTETS                         download: $seconds; 1 if an octet is wrong
#	linux_tcp_put OCTETS                         upload, the same
#	median NUMBERS...                            prints it
#
# Both sides have windows of 4 MiB from the start, which is where Linux's tuning of its send buffer
# ends (net.ipv4.tcp_wmem), and forget what they learned from connections before. linux_wire.bash
# puts either of them at the far end of a wire.

linux_tcp_server=198.18.0.2
linux_tcp_buffer=4MiB
linux_tcp_socket=blocksz=65536,framesz=2048,framecnt=8192,qdisc_bypass=1

# kernel_end NS ADDRESS INTERFACE PEER ALGORITHM: an end that is Linux's; PEER, in $lab, a port's.
kernel_end() {
	local ns=$1 address=$2 interface=$3 peer=$4
	in_ns "$lab" ip link add "$peer" type veth peer name "$interface" netns "$ns"
	in_ns "$lab" sh -c "echo 1 >/proc/sys/net/ipv6/conf/$peer/disable_ipv6"
	in_ns "$lab" ip link set "$peer" arp off up
	in_ns "$ns" ip addr add "$address/24" dev "$interface"
	in_ns "$ns" ip link set "$interface" up
	# frames as they would be on a wire: filled-in checksums, and none longer than the MTU
	in_ns "$ns" ethtool -K "$interface" tx off tso off gso off gro off >/dev/null
	# half of a receive buffer is window; Linux would begin with 64 KiB and double it each round trip
	in_ns "$ns" sysctl -qw net.ipv4.tcp_no_metrics_save=1 net.ipv4.tcp_rmem='4096 8388608 33554432'
	kernel_route "$ns" "$address" "$interface" "$5"
}

# kernel_route NS ADDRESS INTERFACE ALGORITHM: a namespace may not choose by sysctl what its host has not allowed
kernel_route() {
	# Linux calls newreno reno
	in_ns "$1" ip route replace 198.18.0.0/24 dev "$3" src "$2" congctl "${4#new}"
}

# on_socket NAME NS INTERFACE LCORE PROGRAM ARGUMENTS...: a program on a packet socket there
on_socket() {
	local name=$1 ns=$2 interface=$3 lcore=$4 program=$5
	shift 5
	start "$name" in_ns "$ns" "$BARO_BUILD/$program" --no-huge -m 1024 --no-pci --file-prefix="$ns" \
		--no-telemetry -l "$lcore" --vdev="net_af_packet0,iface=$interface,$linux_tcp_socket" "$@"
}

# baro_end NS INTERFACE LCORE ALGORITHM ARGUMENTS...: an end that is baro's
baro_end() {
	local ns=$1 interface=$2 lcore=$3 algorithm=$4
	shift 4
	on_socket http "$ns" "$interface" "$lcore" app/baro-http -- \
		--port0.device net_af_packet0 --port0.address "$linux_tcp_server/24" \
		--core.mbufs 65536 --tcp.congestion "$algorithm" \
		--tcp.snd_buf "$linux_tcp_buffer" --tcp.rcv_buf "$linux_tcp_buffer" "$@"
}

linux_tcp_answers() {
	wait_for 15 in_ns "$lab" curl -s -m 5 -o "$tap_dir/page" "http://$linux_tcp_server/"
}

linux_tcp_open() {
	local algorithm=$1
	shift
	new_netns lab
	kernel_end "$lab" 198.18.0.1 baro0 baro1 "$algorithm" || return 1
	baro_end "$lab" baro1 0 "$algorithm" "$@"
	linux_tcp_answers
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
