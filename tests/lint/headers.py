#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every header compiles alone; the public ones also as C++."""
import concurrent.futures
import os
import shlex
import shutil

import lint

WARNINGS = ('-Wall', '-Wextra', '-Wshadow', '-Wundef', '-Wstrict-prototypes', '-Werror')
# These never see DPDK, so they get neither its folders nor GNU extensions.
PURE = ('lib/baro/', 'lib/base/', 'lib/wire/')


def dpdk_flags():
    flags = shlex.split(lint.run('pkg-config', '--cflags', 'libdpdk', check=True).stdout)
    return [f.replace('-I', '-isystem', 1) if f.startswith('-I') else f for f in flags]


def flags_for(path, dpdk):
    if path.startswith(PURE):
        return ['-std=c11', '-Wpedantic', '-D_DEFAULT_SOURCE']
    return ['-std=gnu11', '-D_GNU_SOURCE', '-isystem/usr/include/llhttp',
            '-isystem/usr/share/include/llhttp', *dpdk]


def compile_alone(tree, path, compiler, flags):
    """A finding, or None."""
    done = lint.run(*compiler, '-fsyntax-only', *flags, '-Ilib', '-Itests', '-',
                    input=f'#include "{tree.root / path}"\n', cwd=tree.root)
    if done.returncode == 0:
        return None
    why = next((t for t in done.stderr.splitlines() if 'error:' in t), done.stderr.strip())
    return path, 1, f'does not compile alone: include or declare what it needs ({why.strip()})'


def jobs(tree):
    cc = [*shlex.split(os.environ.get('CC', 'cc')), '-xc', *WARNINGS]
    dpdk = dpdk_flags()
    for path in tree.files('lib', 'app', 'tests/kit', suffixes='.h'):
        yield tree, path, cc, flags_for(path, dpdk)
    if shutil.which('c++'):
        for path in tree.files('lib/baro', suffixes='.h'):
            yield tree, path, ['c++', '-xc++', '-Wall', '-Wextra', '-Werror'], ['-std=c++17']


def check(tree):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for finding in pool.map(lambda job: compile_alone(*job), jobs(tree)):
            if finding:
                yield finding


BAD = {
    'lib/baro/good.h': '#include <stdint.h>\nuint8_t f(void);\n',
    'lib/baro/not_cpp.h': '/* WRONG */ int f(int class);\n',
    'lib/base/bad.h': '/* WRONG */ uint8_t f(void);\n',
    'lib/wire/bad.h': '/* WRONG */\n#include <rte_mbuf.h>\n',
    'lib/dev/good.h': '#include <rte_mbuf.h>\n#include "base/list.h"\n',
    'lib/base/list.h': 'struct list;\n',
}

lint.main(check, BAD)
