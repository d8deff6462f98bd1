#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every drop reason has a site in lib/ and a test; every counter is counted."""
import re

import lint

ENTRY = re.compile(r'(DROP|STAT)\((\w+), "(\w+)", "[^"]+"\)$')


def words(tree, folder):
    """Every DROP_ and STAT_ name in the code of a folder, .def files apart."""
    found = set()
    for path in tree.files(folder):
        found |= set(re.findall(r'\b(?:DROP|STAT)_\w+\b', tree.code(path)))
    return found


def entries(tree, path):
    """The entries of a list of names; what does not read as one is a finding."""
    for line, text in tree.code_lines(path):
        text = text.strip()
        if text:
            yield line, ENTRY.match(text)


def check(tree):
    in_lib, in_tests = words(tree, 'lib'), words(tree, 'tests')
    for path in ('lib/base/drop.def', 'lib/base/stat.def'):
        for line, entry in entries(tree, path):
            if not entry:
                yield path, line, 'write NAME("WORD", "layer", "sentence") as the other lines do'
                continue
            kind, name = entry.group(1), f'{entry.group(1)}_{entry.group(2)}'
            if name not in in_lib:
                yield path, line, f'{name} is used nowhere in lib/: add the site, or take it out'
            elif kind == 'DROP' and name not in in_tests:
                yield path, line, f'no test names {name}: provoke it in tests/'


BAD = {
    'lib/base/drop.def': '/* reasons */\nDROP(GOOD, "ip", "fine")\nDROP(UNUSED, "ip", "WRONG: no site")\n'
                         'DROP(UNTESTED, "ip", "WRONG: no test")\nDROP(ODD) WRONG\n',
    'lib/base/stat.def': 'STAT(IN, "ip", "fine")\nSTAT(OUT, "ip", "WRONG: only in a comment")\n',
    'lib/ip/in.c': 'return DROP_GOOD;\nreturn DROP_UNTESTED;\ncount(env, STAT_IN); /* STAT_OUT */\n',
    'tests/ip/test_in.c': 'COUNTS(DROP_GOOD, 1) COUNTS(DROP_UNUSED, 1)\n',
}

lint.main(check, BAD)
