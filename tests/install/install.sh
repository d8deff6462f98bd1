#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What `meson install` lays down serves a program of somebody else: headers, both libraries, and
# libbaro.pc; and a function of that program's, named as one of ours, stays its own.
. "$(dirname "$0")/../kit/tap.sh"
need cc meson pkg-config

root=$tap_dir/root
check 'installs' meson install -C "$BARO_BUILD" --no-rebuild --destdir "$root" || exit 1
libdir=$(dirname "$(find "$root" -name libbaro.a)")
export PKG_CONFIG_PATH=$libdir/pkgconfig
# As if it had been configured with --prefix below $root.
sed -i "s|^prefix=|prefix=$root|" "$PKG_CONFIG_PATH/libbaro.pc"

cat >"$tap_dir/user.c" <<'USER'
#include <baro/baro.h>
#include <stdio.h>

int tcp_input(void);

int
tcp_input(void)
{
	return 42;
}

int
main(void)
{
	struct baro_addr addr;
	char text[BARO_ADDR_STRLEN];

	if (baro_addr_parse("198.18.0.2", &addr) < 0)
		return 1;
	printf("%s %d\n", baro_addr_format(&addr, text), tcp_input());
	return 0;
}
USER

# compile OUTPUT LIBRARY: with the flags that libbaro.pc gives
compile() {
	local flags
	flags=$(pkg-config --cflags --libs libbaro) || return
	# shellcheck disable=SC2086
	cc -Wall -Werror "$tap_dir/user.c" -o "$1" ${flags/-lbaro/$2} -lnuma -lpcap
}

check 'compiles against libbaro.so' compile "$tap_dir/shared" -lbaro
is 'runs with libbaro.so' "$(LD_LIBRARY_PATH=$libdir "$tap_dir/shared")" '198.18.0.2 42'
check 'compiles against libbaro.a' compile "$tap_dir/static" -l:libbaro.a
is 'runs with libbaro.a' "$("$tap_dir/static")" '198.18.0.2 42'
is 'libbaro.a needs no libbaro.so' "$(readelf -d "$tap_dir/static" | grep -c libbaro)" 0
for program in baro-echo baro-http; do
	check "$program is installed" test -x "$(find "$root" -path "*/bin/$program")"
done
