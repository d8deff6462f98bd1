# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Senders to compare: each sends to the same receiver, Linux, through the same faults. Sourced after
# tests/kit/linux_tcp.bash.
#
#	linux_wire_open ALGORITHM OCTETS    namespaces and links; FAULTS (an array) are those of the wire
#	linux_wire_sender KIND              one takes the place of the one before: linux_tcp_get OCTETS. KIND:
#	                                    linux  nginx on Linux's TCP, behind bench-wire
#	                                    baro   baro-http, whose own port has the faults
#	                                    far    baro-http, behind bench-wire
#	linux_wire_close                    away with it all
#
# Core 0 has the port with the faults, and with it Linux's receiving, which runs in the system call that
# sends: bench-wire, or baro-http. nginx, a baro-http that is far and the receiving curl have core 1.
# Linux's TCP itself runs on both, for what the wire brings it is received in the wire's system calls.

linux_wire_open() {
	local algorithm=$1 octets=$2
	new_netns lab
	new_netns far
	kernel_end "$lab" 198.18.0.1 baro0 baro1 "$algorithm" &&
		kernel_end "$far" "$linux_tcp_server" far0 far1 "$algorithm" || return 1
	wire_algorithm=$algorithm wire_pids=()
	mkdir -p "$tap_dir/www/bytes"
	: >"$tap_dir/www/index.html"
	pattern_octets "$octets" >"$tap_dir/want-$octets"
	ln -sf "$tap_dir/want-$octets" "$tap_dir/www/bytes/$octets"
	cat >"$tap_dir/nginx.conf" <<-CONF
		daemon off; worker_processes 1; user root; pid $tap_dir/nginx.pid; error_log stderr;
		events { }
		http { access_log off; sendfile on; server { listen 80; root $tap_dir/www; } }
	CONF
}

linux_wire_clear() {
	local one
	for one in "${wire_pids[@]}"; do
		stop "$one"
	done
	wire_pids=()
	in_ns "$lab" ip neigh flush dev baro0
	in_ns "$far" ip addr flush dev far0
}

# The wire between the two namespaces, on core 0.
linux_wire_start() {
	on_socket wire "$lab" baro1 0 bench/bench-wire --vdev="net_af_packet1,iface=far1,$linux_tcp_socket" -- \
		--core.mbufs 65536 --port0.device net_af_packet0 --port0.address 198.18.1.1/24 \
		--port1.device net_af_packet1 --port1.address 198.18.2.1/24 "${FAULTS[@]}"
	wire_pids+=("$pid")
}

# linux_wire_sender KIND ARGUMENTS...: those of baro-http
linux_wire_sender() {
	local kind=$1
	shift
	linux_wire_clear
	[ "$kind" = baro ] || linux_wire_start
	case $kind in
	linux)
		in_ns "$far" ip link set far0 arp on
		in_ns "$far" ip addr add "$linux_tcp_server/24" dev far0
		kernel_route "$far" "$linux_tcp_server" far0 "$wire_algorithm"
		start nginx in_ns "$far" nginx -c "$tap_dir/nginx.conf" -p "$tap_dir" -e stderr
		;;
	baro) baro_end "$lab" baro1 0 "$wire_algorithm" "${FAULTS[@]}" "$@" ;;
	far)
		in_ns "$far" ip link set far0 arp off
		baro_end "$far" far0 1 "$wire_algorithm" --port0.mac 02:00:00:00:00:02 "$@"
		;;
	esac
	wire_pids+=("$pid")
	linux_tcp_answers
}

linux_wire_close() {
	linux_wire_clear
	ip netns del "$lab"
	ip netns del "$far"
}
