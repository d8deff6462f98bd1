# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What transfers are compared with; sourced after tests/kit/tap.sh.

# pattern_sum N: SHA-256 of /bytes/N, whose octet i is i mod 251.
pattern_sum() {
	python3 - "$1" <<-'PYTHON'
		import hashlib, sys
		n = int(sys.argv[1])
		block = bytes(i % 251 for i in range(251 * 4096))
		h = hashlib.sha256()
		while n > 0:
		    h.update(block[:n])
		    n -= min(n, len(block))
		print(h.hexdigest())
	PYTHON
}

# pattern_octets N: the octets themselves.
pattern_octets() {
	python3 - "$1" <<-'PYTHON'
		import sys
		n = int(sys.argv[1])
		block = bytes(i % 251 for i in range(251 * 4096))
		while n > 0:
		    sys.stdout.buffer.write(block[:n])
		    n -= min(n, len(block))
	PYTHON
}

# file_crc FILE: its CRC-32 as /sink prints it.
file_crc() {
	python3 - "$1" <<-'PYTHON'
		import sys, zlib
		crc = 0
		with open(sys.argv[1], 'rb') as file:
		    while data := file.read(1 << 20):
		        crc = zlib.crc32(data, crc)
		print('%08x' % crc)
	PYTHON
}

# sum_of_stdin: SHA-256 of what comes in, as pattern_sum prints it.
sum_of_stdin() {
	sha256sum | cut -d' ' -f1
}
