#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The code is formatted as .clang-format says; clang-format 14, as others differ."""
import re
import shutil

import lint

REPORT = re.compile(r'(.+?):(\d+):\d+: error: ')


def clang_format():
    for name in ('clang-format-14', 'clang-format'):
        if shutil.which(name) and ' 14.' in lint.run(name, '--version').stdout:
            return name
    return None


def check(tree):
    tool = clang_format()
    paths = tree.files('lib', 'app', 'tests', 'bench')
    if not tool:
        yield '.clang-format', 1, 'clang-format 14 is missing: apt-get install clang-format-14'
    elif paths:
        done = lint.run(tool, '--dry-run', '-Werror', *paths, cwd=tree.root)
        for text in done.stderr.splitlines():
            match = REPORT.match(text)
            if match:
                path, line = match.group(1), int(match.group(2))
                yield path, line, f'not formatted: run {tool} -i {path}'


BAD = {
    '.clang-format': 'BasedOnStyle: LLVM\nUseTab: Always\nIndentWidth: 8\nTabWidth: 8\n',
    'lib/base/good.c': 'int a;\n',
    'lib/base/bad.c': 'int a;\nint  b; /* WRONG */\n',
}

lint.main(check, BAD)
