#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The libraries export what lib/baro/ declares and nothing else, and tests or programs use it."""
import re

import lint

SHARED, ARCHIVE = 'lib/libbaro.so', 'lib/libbaro.a'


def public_functions(tree):
    """{name: (path, line)} of every function declared in lib/baro/."""
    done = lint.run('ctags', '-x', '--language-force=C', '--kinds-C=p', '--_xformat=%N\t%F\t%n',
                    *tree.files('lib/baro', suffixes='.h'), cwd=tree.root, check=True)
    rows = (text.split('\t') for text in done.stdout.splitlines())
    return {name: (path, int(line)) for name, path, line in rows}


def exported(tree, library):
    """The global symbols that a library defines; the version's own name is not one."""
    which = ['-D'] if library == SHARED else ['-g']
    done = lint.run('nm', *which, '--defined-only', '--format=posix', tree.build / library, check=True)
    rows = [text.split() for text in done.stdout.splitlines() if ' ' in text]
    return {row[0].split('@')[0] for row in rows if row[1] != 'A'}


def check(tree):
    declared = public_functions(tree)
    for library in (SHARED, ARCHIVE):
        if not (tree.build / library).exists():
            yield library, 1, f'not in {tree.build}: build first, or name the folder with --build'
            return
        symbols = exported(tree, library)
        for name in symbols - declared.keys():
            yield library, 1, (f'exports {name}, which lib/baro/ does not declare: declare it, or '
                               'drop baro_ from the name')
        for name in declared.keys() - symbols:
            yield *declared[name], f'{name} is declared and {library} does not define it'
    code = ' '.join(tree.code(path) for path in tree.files('tests', 'app'))
    used = set(re.findall(r'\bbaro_\w+', code))
    for name in declared.keys() - used:
        yield *declared[name], f'{name} is used nowhere in tests/ or app/: add a test'


def build_libraries(tree):
    """A library and an archive of the wrong tree that hide nothing: both are to be reported."""
    source, object_file = tree.root / 'lib/a.c', tree.root / 'a.o'
    lint.run('cc', '-shared', '-fPIC', '-o', tree.build / SHARED, source, check=True)
    lint.run('cc', '-c', '-o', object_file, source, check=True)
    lint.run('ar', 'rcs', tree.build / ARCHIVE, object_file, check=True)
    return {(SHARED, 1), (ARCHIVE, 1)}


BAD = {
    'lib/baro/a.h': 'int baro_good(void);\nint\nbaro_absent(void); /* WRONG */\nint\n'
                    'baro_untested(int a, /* WRONG */\n\tint b);\n',
    'lib/a.c': 'int baro_good(void) { return 0; }\nint baro_untested(int a, int b) { return a + b; }\n'
               'int baro_secret(void) { return 0; }\nint tcp_input(void) { return 0; }\n',
    'app/echo/main.c': 'baro_good(); baro_absent(); /* baro_untested() */\n',
}

lint.main(check, BAD, needs_build=True, prepare=build_libraries)
