#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The README shows app/echo/ whole: its first block of C is those files, an empty line between."""
import itertools

import lint

PAGE = 'README.md'
SHOWN = ('app/echo/echo.h', 'app/echo/echo.c', 'app/echo/main.c')


def block(tree):
    """Numbered lines of the first block of C; the last one is the fence that ends it."""
    lines = itertools.dropwhile(lambda row: row[1] != '```c', tree.lines(PAGE))
    for line, text in itertools.islice(lines, 1, None):
        yield line, text
        if text == '```':
            return


def source(tree):
    """(path, line, text) of what the block is to be."""
    for path in SHOWN:
        if path != SHOWN[0]:
            yield path, 1, ''
        for line, text in tree.lines(path):
            yield path, line, text
    yield SHOWN[-1], line, '```'


def check(tree):
    shown = list(block(tree))
    if not shown:
        yield PAGE, 1, f'no block of C: show {", ".join(SHOWN)}, an empty line between'
    for (line, text), (path, its_line, wanted) in zip(shown, source(tree)):
        if text != wanted:
            yield PAGE, line, f'differs from {path}:{its_line}, "{wanted}": copy the file anew'
            return


BAD = {
    PAGE: 'text\n\n```c\nint f(void);\n\nint a;\nint b; /* WRONG */\n\nint c;\n```\n```c\nint d;\n```\n',
    'app/echo/echo.h': 'int f(void);\n',
    'app/echo/echo.c': 'int a;\nint b;\n',
    'app/echo/main.c': 'int c;\n',
}

lint.main(check, BAD)
