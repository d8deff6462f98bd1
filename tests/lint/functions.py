#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""No function over 80 lines but for a reason in long-functions.txt; no file over 1000 lines."""
import lint

FUNCTION_MAX = 80
FILE_MAX = 1000
REASONS = 'tests/lint/long-functions.txt'


def read_reasons(tree):
    """'lib/tcp/input.c:tcp_input  why' a line -> {(path, function): line number}"""
    reasons = {}
    if (tree.root / REASONS).exists():
        for line, text in tree.lines(REASONS):
            if text.strip() and not text.startswith('#'):
                where, _, why = text.partition(' ')
                reasons[tuple(where.split(':', 1))] = (line, why.strip())
    return reasons


def functions(tree, paths):
    """(path, name, first line, last line) of every function."""
    if not paths:
        return
    done = lint.run('ctags', '-x', '--language-force=C', '--kinds-C=f',
                    '--_xformat=%F\t%N\t%n\t%{end}', *paths, cwd=tree.root, check=True)
    for text in done.stdout.splitlines():
        path, name, first, last = text.split('\t')
        yield path, name, int(first), int(last or first)


def check(tree):
    reasons = read_reasons(tree)
    long = set()
    for path, name, first, last in functions(tree, tree.files('lib', 'app')):
        if last - first + 1 <= FUNCTION_MAX:
            continue
        long.add((path, name))
        if (path, name) not in reasons:
            yield path, first, (f'{name} has {last - first + 1} lines: split it under '
                                f'{FUNCTION_MAX}, or give a reason in {REASONS}')
    for key, (line, why) in reasons.items():
        if key not in long:
            yield REASONS, line, f'{":".join(key)} is not over {FUNCTION_MAX} lines: take the line out'
        elif not why:
            yield REASONS, line, f'{":".join(key)}: add the reason'
    for path in tree.files('lib', 'app', 'tests', 'bench', suffixes=lint.CODE + ('.py', '.sh')):
        n = sum(1 for _ in tree.lines(path))
        if n > FILE_MAX:
            yield path, FILE_MAX + 1, f'{n} lines: split the file under {FILE_MAX}'


def function(name, lines, mark=''):
    return f'int\n{name}(void) {mark}\n{{\n' + '\t;\n' * (lines - 4) + '\treturn 0;\n}\n'


BAD = {
    'lib/ip/in.c': function('fits', 80) + function('is_long', 82, '/* WRONG */'),
    'lib/ip/out.c': function('is_listed', 90),
    'lib/ip/big.c': '\n' * FILE_MAX + '/* WRONG: line 1001 */\n',
    REASONS: '# comment\nlib/ip/out.c:is_listed a table in code\nlib/ip/in.c:fits WRONG: it is short\n',
}

lint.main(check, BAD)
