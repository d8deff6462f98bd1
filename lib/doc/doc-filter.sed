# SPDX-License-Identifier: BSD-3-Clause
# Our comments say "@len  octets"; Doxygen wants \param len octets.
# The comment at the head of a file is about the file.
s|^/\*$|/** \\file|
s/@return/\\return/g
s/^([[:space:]]*\*) @([a-z_]+), @([a-z_]+)  +/\1 \\param \2,\3 /
s/^([[:space:]]*\*) @([a-z_]+)  +/\1 \\param \2 /
s/@([a-z_]+)/\\p \1/g
