#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What a packet costs, in instructions: no turn may become more than 3 % dearer unless it is said so.
. "$(dirname "$0")/../kit/tap.sh"
need python3 valgrind ninja meson

check 'turns cost what is stored' "$BARO_ROOT/bench/micro/count" --build "$BARO_BUILD" --check
sed -n 's/^skip: /skip counts: /p' "$tap_dir/check.out"

# and it tells: a turn that was said to cost a tenth less
awk '/^TCP turn, 64 octets  / { $NF *= 0.9 } { print }' "$BARO_ROOT/bench/micro/expected" >"$tap_dir/less"
if ! grep -q '^skip' "$tap_dir/check.out"; then
	"$BARO_ROOT/bench/micro/count" --build "$BARO_BUILD" --expected "$tap_dir/less" --check \
		>"$tap_dir/check.out" 2>&1
	is 'a dearer turn is found' $? 1
fi
