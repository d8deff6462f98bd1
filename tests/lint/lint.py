# SPDX-License-Identifier: BSD-3-Clause
"""What every lint shares.

A lint is a function check(tree) that yields findings, and a small wrong tree BAD that it must
find fault with. `NAME.py` looks at the repository; `NAME.py --self-test` lays BAD out in a
temporary folder and wants every line marked WRONG reported, and no other.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

CODE = ('.c', '.h')
ROOT = pathlib.Path(__file__).resolve().parents[2]

# The layers: each sees those of lower rank; udp and tcp, of one rank, do not see each other.
RANK = {'base': 0, 'wire': 1, 'dev': 2, 'link': 3, 'ip': 4, 'udp': 5, 'tcp': 5, 'socket': 6,
        'resolver': 7, 'runtime': 8}


class Tree:
    """A source tree; paths are relative to its root, with slashes."""

    def __init__(self, root, build=None):
        self.root = pathlib.Path(root)
        self.build = pathlib.Path(build) if build else None

    def files(self, *folders, suffixes=CODE):
        """Files below the folders whose names end so, sorted; hidden folders are not entered."""
        found = []
        for folder in folders:
            for top, below, names in os.walk(self.root / folder):
                below[:] = [b for b in below if b[0] != '.' and b not in ('build', '__pycache__')]
                rel = pathlib.Path(top).relative_to(self.root)
                found += [(rel / n).as_posix() for n in names if n.endswith(suffixes)]
        return sorted(found)

    def read(self, path):
        return (self.root / path).read_text(encoding='utf-8')

    def lines(self, path):
        """Numbered lines, from 1."""
        return enumerate(self.read(path).splitlines(), 1)

    def code(self, path):
        """The text of a C file with its comments blanked out; line numbers stay."""
        return re.sub(r'/\*.*?\*/|//[^\n]*', lambda m: re.sub(r'[^\n]', ' ', m.group()),
                      self.read(path), flags=re.S)

    def code_lines(self, path):
        return enumerate(self.code(path).splitlines(), 1)


def run(*command, **options):
    """Run a tool; its output is text."""
    return subprocess.run([str(c) for c in command], text=True, capture_output=True, **options)


def main(check, bad, needs_build=False, prepare=None):
    """Command line of a lint.

    prepare(tree), if given, completes the tree of the self-test, and returns the findings, as
    (path, line), that no mark WRONG can stand for.
    """
    parser = argparse.ArgumentParser(description=sys.modules['__main__'].__doc__)
    parser.add_argument('--self-test', action='store_true', help='prove that it finds what is wrong')
    if needs_build:
        parser.add_argument('--build', default='build', help='build folder (%(default)s)')
    args = parser.parse_args()
    if args.self_test:
        sys.exit(self_test(check, bad, prepare))
    findings = sorted(set(check(Tree(ROOT, getattr(args, 'build', None)))))
    for path, line, text in findings:
        print(f'{path}:{line}: {text}')
    sys.exit(1 if findings else 0)


def self_test(check, bad, prepare):
    """Compare the findings in BAD with its lines marked WRONG."""
    with tempfile.TemporaryDirectory(prefix='baro-lint-') as folder:
        tree = Tree(folder, folder)
        wanted = set()
        for path, text in bad.items():
            file = tree.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding='utf-8')
            wanted |= {(path, n) for n, line in tree.lines(path) if 'WRONG' in line}
        if prepare:
            wanted |= prepare(tree)
        findings = list(check(tree))
    found = {(path, line) for path, line, _ in findings}
    for path, line in sorted(wanted - found):
        print(f'{path}:{line}: self-test: marked WRONG, and not found: mend the lint')
    for path, line, text in sorted(findings):
        if (path, line) not in wanted:
            print(f'{path}:{line}: self-test: found though right: "{text}": mend the lint')
    if not wanted:
        print('self-test: no line is marked WRONG: add one')
        return 1
    return 0 if found == wanted else 1
