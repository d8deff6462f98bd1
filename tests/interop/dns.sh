#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# baro-dig, and the resolver under it, against dnsmasq behind a router.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/../kit/router.bash"
need_root
need dnsmasq ip ethtool sysctl tcpdump
make_networks

# dns NAME ADDRESS OPTIONS...: a dnsmasq of its own
dns() {
	local name=$1 address=$2
	shift 2
	start "$name" in_ns "$names" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts \
		--no-resolv --bind-interfaces --listen-address="$address" --pid-file= \
		--user=root --local-ttl=77 --local=/lab/ --auth-ttl=88 "$@"
}

big=()
for ((i = 0; i < 60; i++)); do
	big+=("--host-record=big.lab,198.18.9.$i")
done
dns dnsmasq 198.18.2.2 --host-record=www.lab,198.18.1.2 --cname=alias.lab,www.lab \
	--txt-record=text.lab,'hello world' --srv-host=_http._tcp.lab,www.lab,80,10,5 \
	--ptr-record=2.1.18.198.in-addr.arpa,www.lab --host-record=six.lab,198.18.1.6,2001:db8::6 \
	"${big[@]}"
wait_for 10 in_ns "$names" bash -c 'exec 3<>/dev/tcp/198.18.2.2/53'

dig() {
	run_tool dig --resolve.nameserver 198.18.2.2 "$@"
}

out=$tap_dir/out

# says NAME STATUS PATTERN ARGUMENTS...: exit status, and a pattern in what is printed
says() {
	local name=$1 want=$2 pattern=$3 status
	shift 3
	dig "$@" >"$out" 2>&1 && status=0 || status=$?
	if [ "$status" -ne "$want" ]; then
		not_ok "$name" "exit status $status, not $want; it said: $(tail -n 3 "$out" | tr '\n' ' ')"
	elif ! grep -qE -- "$pattern" "$out"; then
		not_ok "$name" "no '$pattern' in: $(tr '\n' '|' <"$out")"
	else
		ok "$name"
	fi
}

says 'an address' 0 '^www\.lab\. +77	IN	A	198\.18\.1\.2$' www.lab
check 'and the server is told' grep -q ';; SERVER: 198.18.2.2#53 (UDP)' "$out"
check 'nothing else is printed' bash -c "! grep -qE '^(port|core)' '$out'"
says 'in short' 0 '^198\.18\.1\.2$' www.lab +short
says 'CNAME' 0 '^alias\.lab\. .*CNAME	www\.lab\.$' alias.lab
says 'AAAA' 0 'AAAA	2001:db8::6$' six.lab AAAA
says 'TXT' 0 'TXT	"hello world"$' text.lab TXT
says 'SRV' 0 'SRV	10 5 80 www\.lab\.$' _http._tcp.lab SRV
says 'PTR' 0 'PTR	www\.lab\.$' -x 198.18.1.2
says 'NXDOMAIN' 0 'status: NXDOMAIN' nothing.lab
says 'NODATA' 0 'status: NOERROR.*' www.lab TXT
check 'NODATA has no answer' grep -q 'ANSWER: 0,' "$out"
says 'REFUSED: no server to ask further' 0 'status: REFUSED' www.elsewhere

# Q04
says 'truncated, so over TCP' 0 '\(TCP\)$' big.lab
is 'all 60 addresses' "$(grep -c 'IN	A	198.18.9' "$out")" 60
says 'TCP from the start' 0 '\(TCP\)$' www.lab +tcp

says 'a server by name' 0 'SERVER: 198\.18\.2\.2#53' @198.18.2.2 www.lab
says 'nobody answers' 9 'no server answered for www.lab' @198.18.2.3 www.lab --resolve.timeout 200ms
says 'a dead first server' 0 'SERVER: 198\.18\.2\.2#53' www.lab \
	--resolve.nameserver 198.18.2.9,198.18.2.2 --resolve.timeout 200ms
says 'search' 0 '^www\.lab\. ' www +search --resolve.search 'none.lab lab'
says 'no such type' 2 'neither a type nor the only name' www.lab XYZ

# Q01: every question from a port of its own
start ports in_ns "$names" tcpdump -lnn -i eth0 'src host 198.18.0.2 and udp dst port 53'
wait_for 10 grep -q listening "$log"
for _ in 1 2 3 4; do
	dig www.lab >/dev/null 2>&1
done
sleep 1
is 'four questions, four ports' "$(sed -n 's/.*IP 198\.18\.0\.2\.\([0-9]*\) .*/\1/p' "$log" | sort -u | grep -c .)" 4
