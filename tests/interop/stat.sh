#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# baro-stat, and what else reads a running process: telemetry, Prometheus, captures in tshark. And
# changes at run time, seen by the kernel's TCP on the other side.
. "$(dirname "$0")/../kit/tap.sh"
need_root
need curl dpdk-telemetry.py ping python3 tshark

server=198.18.0.2
prefix=barostat$$
socket=/var/run/dpdk/$prefix/dpdk_telemetry.v2

stat_() {
	timeout 20 "$BARO_BUILD/app/baro-stat" -f "$prefix" "$@"
}

get() {
	in_ns "$lab" curl -sS -m 10 "$@"
}

# What a column of a table has in the row that matches: column 'sockets -tan' ESTABLISHED 4
column() {
	# shellcheck disable=SC2086
	stat_ $1 | awk -v want="$2" -v n="$3" '$0 ~ want { print $n; exit }'
}

# telemetry COMMAND: what dpdk-telemetry.py shows
telemetry() {
	python3 - "$socket" "$1" <<'PY'
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
n = json.loads(s.recv(1024))['max_output_len']
s.send(sys.argv[2].encode())
print(json.dumps(json.loads(s.recv(n))[sys.argv[2].split(',')[0]]))
PY
}

# json PYTHON ARGUMENTS...: is the expression over d, the answer in JSON, true?
json() {
	local what=$1
	shift
	stat_ --json "$@" | python3 -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($what))"
}

sockets() {
	is 'a listener is on any address' "$(column 'sockets -tln' ':80 ' 2)" 0.0.0.0:80
	is 'its foreign address' "$(column 'sockets -tln' ':80 ' 3)" 0.0.0.0:0
	is 'its PID' "$(column 'sockets -tln' ':80 ' 5)" "$http"
	is 'UDP has no peer' "$(column 'sockets -uln' 'udp' 3)" '*:*'
	is 'ports have names without -n' "$(column 'sockets -tl' http 2)" 0.0.0.0:http
	is 'the program with -p' "$(column 'sockets -tlnp' ':80 ' 5)" "$http/baro-http"
	start slow in_ns "$lab" curl -s --limit-rate 100k -o /dev/null "http://$server/bytes/100000000"
	check 'a connection is seen' wait_for 5 \
		bash -c "'$BARO_BUILD/app/baro-stat' -f $prefix sockets -tn | grep -q ESTABLISHED"
	is 'with both addresses' "$(column 'sockets -tn' ESTABLISHED 2)" "$server:80"
	check 'TCP_INFO with -i' bash -c \
		"'$BARO_BUILD/app/baro-stat' -f $prefix sockets -tin | grep -q 'cc:cubic.*cwnd:[1-9].*bytes_acked:[1-9]'"
	check 'timers with -o' bash -c "'$BARO_BUILD/app/baro-stat' -f $prefix sockets -ton |
		grep -qE '(rexmt|probe|keepalive) [0-9]+\.[0-9]{3}s [0-9]+'"
	check 'listeners are not among the connected ones' bash -c \
		"! '$BARO_BUILD/app/baro-stat' -f $prefix sockets -tn | grep -q LISTEN"
	check 'sockets as JSON' json \
		"any(s['state'] == 'LISTEN' for s in d['tcp']) and any(s.get('cc') for s in d['tcp'])" sockets -ai
	stop "$pid"
	check 'TIME-WAIT or nothing is left' wait_for 5 bash -c \
		"! '$BARO_BUILD/app/baro-stat' -f $prefix sockets -tn | grep -q ESTABLISHED"
}

# 150 connections are three pages.
many_sockets() {
	start many in_ns "$lab" python3 -c "
import socket, time
s = [socket.create_connection(('$server', 80)) for i in range(150)]
time.sleep(30)"
	check 'a list of several pages is whole' wait_for 10 bash -c \
		"[ \$('$BARO_BUILD/app/baro-stat' -f $prefix sockets -tn | grep -c ESTABLISHED) = 150 ]"
	is 'no row comes twice' "$(stat_ sockets -tn | grep ESTABLISHED | sort -u | wc -l)" 150
	stop "$pid"
}

lists() {
	is 'a neighbour' "$(column arp "$lab_mac" 1)" 198.18.0.1
	is 'a connected route' "$(column routes 198.18.0.0/24 3)" port0
	is 'an address' "$(column interfaces "$server/24" 1)" port0
	check 'a port' bash -c "'$BARO_BUILD/app/baro-stat' --file-prefix=$prefix ports | grep -q 'driver *net_tap'"
	is 'its link' "$(stat_ ports | awk '$1 == "link" { print $2 }')" up
	check 'buffers' json "d[0]['text_mbufs'] >= d[0]['text_mbufs_used'] > 0" memory
	in_ns "$lab" bash -c "echo x >/dev/udp/$server/999"
	check 'a drop says its name and what it means' wait_for 3 bash -c "'$BARO_BUILD/app/baro-stat' \
		-f $prefix drops | grep -q 'UDP_NO_PORT *no socket on this UDP port'"
	check 'drops that never were are shown with -a only' bash -c \
		"! '$BARO_BUILD/app/baro-stat' -f $prefix drops | grep -q ' TCP_PAWS ' &&
		'$BARO_BUILD/app/baro-stat' -f $prefix drops -a | grep -q ' TCP_PAWS '"
	check 'top' json "d[0]['core'] == 0 and 0 <= d[0]['busy_percent'] <= 100" top -n 1 -s 0.2
	check 'every list is JSON' bash -c "for c in arp routes interfaces ports counters drops memory version log
		do '$BARO_BUILD/app/baro-stat' -f $prefix --json \$c | python3 -m json.tool >/dev/null || exit 1; done"
	in_ns "$lab" ping -q -i 0.002 -c 400 "$server" >/dev/null &
	check 'top under load is busy' json "d[0]['busy_percent'] > 0 and d[0]['rx_pps'] > 20" top -n 1 -s 0.5
	wait $!
}

raw() {
	check 'telemetry by itself' bash -c "[[ \$1 == *'\"local\": \"0.0.0.0:80\"'* ]]" - "$(telemetry /baro/tcp/sockets)"
	dpdk-telemetry.py -f "$prefix" <<<'/baro/tcp/sockets' >"$tap_dir/telemetry" 2>&1
	check 'and by dpdk-telemetry.py' grep -q '"local": "0.0.0.0:80"' "$tap_dir/telemetry"
	check 'telemetry tells what there is' bash -c "[[ \$1 == */baro/capture/start* ]]" - "$(telemetry /baro/)"
	check 'what it refuses it explains' bash -c "[[ \$1 == *error*via* ]]" - \
		"$(telemetry /baro/route/add,to=10.0.0.0/8,via=10.0.0.1)"
}

metrics() {
	get "http://$server/metrics" >"$tap_dir/metrics"
	stat_ prometheus >"$tap_dir/metrics2"
	check 'Prometheus text is well formed' python3 - "$tap_dir/metrics" "$tap_dir/metrics2" <<'PY'
import re, sys
LINE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.]+$')
for path in sys.argv[1:]:
    typed, seen = set(), set()
    for line in open(path):
        if line.startswith('# TYPE'):
            assert line.split()[2] not in typed, line
            typed.add(line.split()[2])
        elif not line.startswith('# HELP'):
            assert LINE.match(line), line
            name = re.split('[{ ]', line)[0]
            assert name in typed, line
            seen.add(name)
    assert seen == typed
    assert {'baro_rx_bytes_total', 'baro_drops_total', 'baro_busy_seconds_total'} <= seen
PY
	is 'metrics are off unless asked for' \
		"$(get -o /dev/null -w '%{http_code}' "http://$server/metrics/x")" 404
}

changes() {
	check 'an address is added' stat_ addr add 198.18.0.9/24 dev port0
	check 'and answers' get -o /dev/null http://198.18.0.9/
	check 'and goes' stat_ addr del 198.18.0.9 dev port0
	check 'a route is added' stat_ route add 198.18.5.0/24 via 198.18.0.1
	is 'it is there' "$(column routes 198.18.5.0/24 2)" 198.18.0.1
	check 'the same again is refused' bash -c "'$BARO_BUILD/app/baro-stat' -f $prefix route add \
		198.18.5.0/24 via 198.18.0.1 2>&1 | grep -q 'the same route is there'"
	check 'it goes' stat_ route del 198.18.5.0/24
	check 'a neighbour is added' stat_ neigh add 198.18.0.77 mac 02:00:00:00:00:77
	is 'it is static' "$(column arp 02:00:00:00:00:77 3)" STATIC
	check 'and goes' stat_ neigh del 198.18.0.77
	check 'a MAC that is none is refused' bash -c "'$BARO_BUILD/app/baro-stat' -f $prefix neigh add \
		198.18.0.77 mac x 2>&1 | grep -q 'is none like'"
	check 'connections are watched' stat_ trace all
	get -o /dev/null "http://$server/"
	check 'and lines told' wait_for 3 grep -q "$server:80 .* state .*to=ESTABLISHED" "$tap_dir/http.log"
	check 'until it is off' stat_ trace off
	check 'what does not read is refused' bash -c \
		"'$BARO_BUILD/app/baro-stat' -f $prefix trace nonsense 2>&1 | grep -q connections"
	check 'a log level' stat_ log 'lib.eal' debug
	is 'it is set' "$(column log '^lib.eal ' 2)" debug
	stat_ route add 10.0.0.0/8 via 10.0.0.1 2>/dev/null
	is 'a refusal has an exit status' $? 1
	stat_ route frob 2>/dev/null
	is 'so has what is not understood' $? 2
}

# frames FILTER: how many of the last capture match
frames() {
	tshark -r "$tap_dir/t.pcapng" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
		-o udp.check_checksum:TRUE -Y "$1" 2>/dev/null | wc -l
}

# A capture of what the rest does; its frames are in $tap_dir/t.pcapng.
captured() {
	rm -f "$tap_dir/t.pcapng"
	start capture "$BARO_BUILD/app/baro-stat" -f "$prefix" capture "$tap_dir/t.pcapng" "$@"
	wait_for 5 test -s "$tap_dir/t.pcapng"
	in_ns "$lab" ping -q -c 5 -i 0.05 "$server" >/dev/null
	get -o /dev/null "http://$server/bytes/100000"
	in_ns "$lab" bash -c "echo x >/dev/udp/$server/999"
	sleep 0.3
	stop "$pid" INT
}

captures() {
	captured
	is 'capture: exit status' $? 0
	check 'pings both ways' test "$(frames icmp.type==8)" = 5 -a "$(frames icmp.type==0)" = 5
	check 'the page' test "$(frames 'http.response.code==200')" = 1
	is 'nothing malformed' "$(frames '_ws.malformed || tcp.checksum.status==0 || ip.checksum.status==0')" 0
	check 'a drop says why' test "$(frames 'frame.comment contains "UDP_NO_PORT"')" = 1
	is 'and only that' "$(frames frame.comment)" 1
	captured icmp
	is 'filter: pings alone' "$(frames 'icmp.type==8 || icmp.type==0') $(frames icmp)" "10 11"
	is 'and nothing else' "$(frames '!icmp')" 0
	captured -s 60 tcp 7
	is 'count' "$(frames tcp)" 7
	is 'snaplen' "$(frames 'frame.cap_len > 60')" 0
	check 'a wrong filter is refused' bash -c "'$BARO_BUILD/app/baro-stat' -f $prefix capture \
		'$tap_dir/x' nonsense 2>&1 | grep -q filter:"
	check 'a file that cannot be is refused' bash -c "'$BARO_BUILD/app/baro-stat' -f $prefix capture \
		/nowhere/x 2>&1 | grep -q 'No such file'"
}

nobody() {
	"$BARO_BUILD/app/baro-stat" -f "no$prefix" arp 2>"$tap_dir/nobody"
	is 'nobody there: exit status' $? 1
	check 'nobody there: said so' grep -q "no process on baro has the file prefix" "$tap_dir/nobody"
	is 'help needs nobody' "$("$BARO_BUILD/app/baro-stat" sockets --help | head -1)" \
		'usage: baro-stat [-f PREFIX] [--json] sockets [OPTIONS]'
}

serve() {
	start "$1" in_ns "$lab" "$BARO_BUILD/app/baro-http" --file-prefix "$prefix" --no-huge --no-shconf \
		-m "$3" -l "$2" --no-pci --vdev=net_tap0,iface=baro0 -- --port0.address "$server/24" \
		--port0.host_address 198.18.0.1/24 --echo on --metrics /metrics
	http=$pid
	wait_for 20 in_ns "$lab" curl -s -m 5 -o /dev/null "http://$server/"
}

new_netns lab
if serve http 0 200; then
	lab_mac=$(ip -n "$lab" -br link show baro0 | awk '{ print $3 }')
	sockets
	many_sockets
	lists
	raw
	metrics
	changes
	captures
	start endless "$BARO_BUILD/app/baro-stat" -f "$prefix" capture "$tap_dir/end.pcapng"
	wait_for 5 test -s "$tap_dir/end.pcapng"
	stop "$http"
	is 'a capture does not hold up the end' $? 0
else
	not_ok http 'the server does not answer'
fi
nobody

if [ "$(nproc)" -ge 2 ] && serve cores 0,1 400; then
	for i in 1 2 3 4 5 6 7 8; do get -o /dev/null "http://$server/bytes/1000"; done
	is 'two cores: one row for a listener' "$(stat_ sockets -tln | grep -c ':80 ')" 1
	check 'two cores: both are told of' json "[c['core'] for c in d] == [0, 1]" memory
	check 'two cores: an address on both' stat_ addr add 198.18.0.9/24 dev port0
	check 'and connections to it on both' bash -c \
		"for i in 1 2 3 4 5 6 7 8; do ip netns exec $lab curl -sS -m 5 -o /dev/null http://198.18.0.9/ || exit 1; done"
	captured
	is 'two cores: pings are there once' "$(frames icmp.type==8) $(frames icmp.type==0)" '5 5'
	is 'two cores: the drop says why' "$(frames 'frame.comment contains "UDP_NO_PORT"')" 1
	stop "$http"
fi
