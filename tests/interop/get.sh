#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# baro-get by name through a router, from nginx and from Python's server; and from baro-http over shared memory.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/../kit/router.bash"
need_root
need dnsmasq ip ethtool nginx python3 sha256sum sysctl
make_networks

root=$tap_dir/root
mkdir -p "$root/bytes" "$tap_dir/logs"
head -c 1000000 /dev/urandom >"$root/bytes/1000000"
head -c 30000000 /dev/urandom >"$root/large"
echo index >"$root/index.html"
chmod -R a+rX "$tap_dir"

start dnsmasq in_ns "$names" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv \
	--bind-interfaces --listen-address=198.18.2.2 --pid-file= --user=root --local-ttl=77 \
	--local=/lab/ --host-record=files.lab,198.18.1.2
cat >"$tap_dir/nginx.conf" <<CONF
daemon off; master_process off; user root;
pid $tap_dir/nginx.pid; error_log $tap_dir/logs/error.log;
events {}
http {
	access_log off;
	server {
		listen 80; root $root;
		location = /moved { return 302 /bytes/1000000; }
		location = /round { return 302 /round; }
	}
}
CONF
start nginx in_ns "$files" nginx -c "$tap_dir/nginx.conf"
start python in_ns "$files" python3 -m http.server -d "$root" 8000
wait_for 10 in_ns "$files" bash -c 'exec 3<>/dev/tcp/198.18.1.2/80 4<>/dev/tcp/198.18.1.2/8000'

x=$tap_dir/x
get() {
	run_tool get --resolve.nameserver 198.18.2.2 "$@"
}

# exits NAME STATUS ARGUMENTS...
exits() {
	local name=$1 want=$2 status
	shift 2
	get "$@" >"$tap_dir/out" 2>"$tap_dir/err" && status=0 || status=$?
	[ "$status" = "$want" ] || tail -n 3 "$tap_dir/err"
	is "$name" "$status" "$want"
}

is_same() {
	is "$1" "$(sha256sum <"$2")" "$(sha256sum <"$3")"
}

exits 'by name, through a router' 0 -v http://files.lab/bytes/1000000 -o "$x"
is_same 'all octets are right' "$x" "$root/bytes/1000000"
for step in 'files.lab -> 198.18.1.2 \(by name server 198.18.2.2:53' \
	'route +0.0.0.0/0 by gateway 198.18.0.1 on port0, source address 198.18.0.2' \
	'SYN +->' 'ARP +198.18.0.1 is at' 'SYN,ACK +<-' 'ACK +->' 'request +->' '< HTTP/1.1 200 OK' 'segments +[0-9]+ in' \
	'FIN +->' 'FIN +<-' 'TIME-WAIT'; do
	check "the story tells: $step" grep -qE "$step" "$tap_dir/err"
done
exits 'to standard output' 0 http://files.lab/
is 'and nothing but the page' "$(cat "$tap_dir/out")" index
exits 'Python, which closes first' 0 http://files.lab:8000/large -o "$x"
is_same 'all of 30 MB' "$x" "$root/large"
head -c 10000000 "$root/large" >"$x"
exits 'resumed' 0 -C - http://files.lab/large -o "$x"
is_same 'whole again' "$x" "$root/large"
exits 'Python cannot resume' 33 -C - http://files.lab:8000/large -o "$x"
exits 'redirected' 0 -L http://files.lab/moved -o "$x"
is_same 'to the right place' "$x" "$root/bytes/1000000"
exits 'redirected in a ring' 47 -L http://files.lab/round -o "$x"
exits 'head' 0 -I http://files.lab/large
check 'is a head' grep -q '^Content-Length: 30000000' "$tap_dir/out"
exits 'facts' 0 -w '%{http_code} %{size_download}' -o "$x" http://files.lab/large
is 'are right' "$(cat "$tap_dir/out")" '200 30000000'
exits 'not found is a page' 0 http://files.lab/nothing -o "$x"
exits 'not found with -f' 22 -f http://files.lab/nothing -o "$x"
exits 'no such name' 6 http://nothing.lab/
exits 'refused' 7 http://files.lab:81/
exits 'another scheme' 1 https://files.lab/
exits 'no URL' 3 http://:80/
exits 'nobody there' 28 --max-time 1 http://198.18.1.99/
exits 'no route to a name server' 6 http://files.lab/ --resolve.nameserver 198.18.0.77 --resolve.tries 1

# shared memory: both ends are baro
memif=(--port0.device net_memif0 --port0.mac 02:00:00:00:00:09 --port0.address 198.18.0.9/24)
start server in_ns "$router" "$BARO_BUILD/app/baro-http" \
	--config "$BARO_ROOT/drivers-config/net_memif.conf" --root "$root"
wait_for 20 grep -q '^core0' "$log"
in_ns "$router" timeout 60 "$BARO_BUILD/app/baro-get" --no-pci --no-huge -m 256 --file-prefix="get$$" \
	--vdev=net_memif0,role=client,socket=/run/baro.memif,rsize=11 -- "${memif[@]}" \
	-o "$x" http://198.18.0.2/large 2>"$tap_dir/err"
is 'from baro to baro over shared memory' $? 0
is_same 'all octets are right there, too' "$x" "$root/large"
