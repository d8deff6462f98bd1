#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Includes go to the own folder or to layers on the left, and modules form no cycle."""
import re

import lint
from lint import RANK

SEES_DPDK = ('dev', 'runtime')
NEVER_DPDK = ('base', 'wire', 'baro')
LIBC = set('''arpa/inet.h assert.h ctype.h errno.h fcntl.h inttypes.h limits.h net/if.h
netinet/in.h poll.h pthread.h sched.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h
stdint.h stdio.h stdlib.h stdnoreturn.h string.h sys/epoll.h sys/ioctl.h sys/select.h sys/socket.h
sys/stat.h sys/time.h sys/types.h sys/uio.h time.h unistd.h'''.split())

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(tree, path):
    for line, text in tree.lines(path):
        match = INCLUDE.match(text)
        if match:
            yield line, match.group(1) == '"', match.group(2)


def is_glue(tree, path):
    """The comment before the first #include says so."""
    return 'DPDK glue' in re.split(r'^\s*#\s*include', tree.read(path), maxsplit=1, flags=re.M)[0]


def check_public(path, line, quoted, header):
    if header.startswith('baro/') or (not quoted and header in LIBC):
        return
    yield path, line, f'a public header includes {header}: only <baro/...> and libc may be seen'


def check_layer(tree, path, layer, line, quoted, header):
    folder = header.split('/')[0] if '/' in header else ''
    if header == 'netinet/tcp.h':
        yield path, line, 'netinet/tcp.h owns tcp_seq and TCP_ESTABLISHED: use wire/tcp.h'
    elif header.startswith('rte_'):
        if layer in NEVER_DPDK:
            yield path, line, f'{layer} is free of DPDK: move what needs {header} to dev or to a glue file'
        elif layer not in SEES_DPDK and not is_glue(tree, path):
            yield path, line, (f'{header} outside dev and runtime: move it there, or say '
                               '"DPDK glue" in the first comment of the file')
    elif quoted and folder in RANK:
        if folder != layer and RANK[folder] >= RANK[layer]:
            yield path, line, (f'{layer} includes {header}: {folder} is not below it; hand the '
                               'thing down as data or an argument')
    elif quoted and folder != 'baro':
        yield path, line, f'"{header}": write the path from lib/, as in "wire/tcp.h"'


def check_app(path, line, quoted, header):
    if header.startswith('rte_') or (quoted and header.split('/')[0] in RANK):
        yield path, line, f'an application includes {header}: it shows the public API, <baro/...>'


def shortest_way(uses, start, goal):
    """Modules from start to goal, both included, along includes; None if there is no way."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        for module in sorted(uses.get(way[-1], {}).keys() - seen):
            seen.add(module)
            ways.append(way + [module])
    return None


def check_cycles(tree, layer):
    """A module is x.c with x.h; inside a folder modules form no ring."""
    uses = {}
    for path in tree.files(f'lib/{layer}'):
        module = path[len('lib/'):].rsplit('.', 1)[0]
        for line, quoted, header in includes(tree, path):
            other = header.rsplit('.', 1)[0]
            if quoted and other != module and header.startswith(layer + '/'):
                uses.setdefault(module, {}).setdefault(other, (path, line))
    rings = set()
    for module, others in sorted(uses.items()):
        for other, where in sorted(others.items()):
            way = shortest_way(uses, other, module)
            if way and frozenset(way) not in rings:
                rings.add(frozenset(way))
                yield *where, (f'modules in a ring, {" > ".join([module] + way)}: move what '
                               'both sides need to a third file')


def check(tree):
    for path in tree.files('lib/baro'):
        for where in includes(tree, path):
            yield from check_public(path, *where)
    for layer in RANK:
        for path in tree.files(f'lib/{layer}'):
            for where in includes(tree, path):
                yield from check_layer(tree, path, layer, *where)
        yield from check_cycles(tree, layer)
    for path in tree.files('app'):
        for where in includes(tree, path):
            yield from check_app(path, *where)


BAD = {
    'lib/baro/conn.h': '#include <baro/addr.h>\n#include <stdint.h>\n#include "tcp/conn.h" /* WRONG */\n'
                       '#include <rte_mbuf.h> /* WRONG */\n',
    'lib/base/a.h': '#include "wire/eth.h" /* WRONG */\n#include <baro/addr.h>\n',
    'lib/wire/eth.h': '/* DPDK glue does not count here. */\n#include <rte_ether.h> /* WRONG */\n',
    'lib/dev/rx.c': '#include <rte_ethdev.h>\n#include "base/a.h"\n',
    'lib/ip/out.c': '/* Sends. */\n#include <rte_mbuf.h> /* WRONG */\n',
    'lib/udp/out.c': '#include "tcp/conn.h" /* WRONG */\n#include "../ip/ip.h" /* WRONG */\n'
                     '#include <netinet/tcp.h> /* WRONG */\n',
    'lib/tcp/rx.c': '/* DPDK glue: mbufs to segments. */\n#include <rte_mbuf.h>\n#include "tcp/conn.h"\n',
    'lib/tcp/conn.h': '#include "tcp/timer.h" /* WRONG: a ring */\n',
    'lib/tcp/timer.c': '#include "tcp/conn.h"\n',
    'lib/tcp/timer.h': '',
    'app/echo/main.c': '#include <baro/baro.h>\n#include "echo.h"\n#include "base/list.h" /* WRONG */\n',
}

lint.main(check, BAD)
