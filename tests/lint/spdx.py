#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every file that holds code names its licence in the first line, or after #!."""
import lint

LICENCE = 'SPDX-License-Identifier: BSD-3-Clause'
FOLDERS = ('lib', 'app', 'tests', 'bench', 'drivers-config', '.ci')
SUFFIXES = ('.c', '.h', '.def', '.map', '.py', '.sh', '.conf', 'meson.build')
AT_TOP = ('meson.build', 'meson_options.txt')


def is_script(tree, path):
    if '.' in path.rsplit('/', 1)[-1]:
        return False
    with open(tree.root / path, 'rb') as file:
        return file.read(2) == b'#!'


def check(tree):
    paths = set(tree.files(*FOLDERS, suffixes=SUFFIXES))
    paths |= {p for p in tree.files(*FOLDERS, suffixes='') if is_script(tree, p)}
    paths |= {p for p in AT_TOP if (tree.root / p).exists()}
    for path in paths:
        head = tree.read(path).splitlines()[:2] + ['', '']
        line = 2 if head[0].startswith('#!') else 1
        if LICENCE not in head[line - 1]:
            yield path, line, f'begin the file with a comment "{LICENCE}"'


BAD = {
    'lib/base/good.h': f'/* {LICENCE} */\n',
    'lib/base/bad.h': '#pragma once /* WRONG */\n',
    'tests/good': f'#!/bin/sh\n# {LICENCE}\n',
    'tests/bad': '#!/bin/sh\n# SPDX-License-Identifier: MIT WRONG\n',
    'meson.build': "project('x') # WRONG\n",
}

lint.main(check, BAD)
