#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""No layer calls a function, or uses a variable, that a layer not below it defines.

The objects tell, where includes do not: a public header may declare what runtime/ defines.
"""
import re

import lint

ARCHIVES = ('lib/libbaro_pure.a', 'lib/libbaro_dpdk.a')
OBJECT = re.compile(r'([a-z]+)_(\w+)\.c\.o\]?:$')


def symbols(tree):
    """(source file, symbol, is defined here) of every object; lib/ip_in4.c.o comes from ip/in4.c."""
    for archive in ARCHIVES:
        done = lint.run('nm', '-A', '-g', '--format=posix', tree.build / archive, check=True)
        for text in done.stdout.splitlines():
            where, name, kind = text.split()[:3]
            layer, file = OBJECT.search(where).groups()
            yield layer, f'lib/{layer}/{file}.c', name, kind != 'U'


def check(tree):
    if not (tree.build / ARCHIVES[0]).exists():
        yield ARCHIVES[0], 1, f'not in {tree.build}: build first, or name the folder with --build'
        return
    rows = list(symbols(tree))
    home = {name: (layer, path) for layer, path, name, defined in rows if defined}
    for layer, path, name, defined in rows:
        if defined or name not in home:
            continue
        other, place = home[name]
        if other != layer and lint.RANK[other] >= lint.RANK[layer]:
            yield path, 1, (f'{layer} uses {name} of {place}, which is not below it: move it down, '
                            'or hand the thing down as data or a function pointer')


def build_archives(tree):
    for archive, layers in zip(ARCHIVES, (('base',), ('dev', 'udp', 'tcp'))):
        objects = []
        for layer in layers:
            objects.append(tree.root / f'{layer}_a.c.o')
            lint.run('cc', '-c', '-o', objects[-1], tree.root / f'lib/{layer}/a.c', check=True)
        lint.run('ar', 'rcs', tree.build / archive, *objects, check=True)
    return set()


BAD = {
    'lib/base/a.c': 'int abs(int);\nint base_a(int n) { return abs(n); }\n',
    'lib/dev/a.c': '/* WRONG */ int base_a(int); int tcp_a(void);\n'
                   'int dev_a(void) { return base_a(1) + tcp_a(); }\n',
    'lib/tcp/a.c': 'int dev_a(void);\nint tcp_a(void) { return dev_a(); }\n',
    'lib/udp/a.c': '/* WRONG */ int tcp_a(void);\nint udp_a(void) { return tcp_a(); }\n',
}

lint.main(check, BAD, needs_build=True, prepare=build_archives)
