#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every item of the checklist has a test, and the COVERAGE.md files say which.

tests/checklist.txt lists the items; its head tells the format. A test names the items that it
proves in the comment right above it, /* G08, F10: the reason */, and a script in a line of its own,
# L17. `coverage.py --write` brings the COVERAGE.md files up to date, and takes out of
tests/uncovered.txt what has a test by now.
"""
import re
import sys

import lint

CHECKLIST = 'tests/checklist.txt'
UNCOVERED = 'tests/uncovered.txt'
ITEM = re.compile(r'([A-Z]\d\d) ([MSN])(?: ([^|\s][^|]*))? \| (.+?)(?: \| not applicable: (.+))?$')
GROUP = re.compile(r'([A-Z]) (.+)$')
NAMED = re.compile(r'\b[A-Z]\d\d\b')
TEST = re.compile(r'/\*((?:[^*]|\*(?!/))*)\*/\s*(?:Parameterized)?Test\(([^)]*)\)')
STRENGTH = {'M': 'must', 'S': 'should', 'N': 'needed'}


class Item:
    """One behaviour: where it stands in the checklist, what it says, which tests prove it."""

    def __init__(self, line, match):
        self.line, self.tests = line, []
        self.name, self.strength, self.where, self.text, self.not_applicable = match.groups()


def read_checklist(tree):
    """(outputs, faults): {output: [(group's title, its items)]}, and the lines that do not read."""
    outputs, faults, names = {}, [], set()
    groups = items = None
    for line, text in tree.lines(CHECKLIST):
        item, group = ITEM.match(text), GROUP.match(text)
        if not text or text[0] == '#':
            continue
        if text.endswith('.md') and ' ' not in text:
            groups = outputs.setdefault(text, [])
        elif item and items is not None and item.group(1) not in names:
            names.add(item.group(1))
            items.append(Item(line, item))
        elif group and groups is not None:
            items = []
            groups.append((f'{group.group(1)}. {group.group(2)}', items))
        else:
            faults.append((CHECKLIST, line, 'neither file, group nor new item: see the head'))
    return outputs, faults


def read_uncovered(tree):
    """'L08 why' a line -> {item: line number}"""
    if not (tree.root / UNCOVERED).exists():
        return {}
    return {text.split()[0]: line for line, text in tree.lines(UNCOVERED)
            if text and text[0] != '#'}


def tests_of_c(tree, path):
    """(line, test, the comment above it)"""
    text = tree.read(path)
    for match in TEST.finditer(text):
        words = [w.strip() for w in match.group(2).split(',')]
        suite, name = words[1:3] if '*' in words[0] else words[:2]
        yield text.count('\n', 0, match.start()) + 1, f'{suite}/{name}', match.group(1)


def claims(tree):
    """(path, line, test, item) for every item that a test names."""
    for path in tree.files('tests', suffixes=('.c',)):
        for line, test, comment in tests_of_c(tree, path):
            for name in NAMED.findall(comment):
                yield path, line, test, name
    for path in tree.files('tests', suffixes=('.sh',)):
        for line, text in tree.lines(path):
            if re.match(r'\s*# [A-Z]\d\d\b', text):
                for name in NAMED.findall(text):
                    yield path, line, path.removeprefix('tests/'), name


def collect(tree):
    """Give every item its tests; (outputs, faults)."""
    outputs, faults = read_checklist(tree)
    items = {i.name: i for groups in outputs.values() for _, of in groups for i in of}
    letters = {name[0] for name in items}
    for path, line, test, name in claims(tree):
        if name in items:
            if test not in items[name].tests:
                items[name].tests.append(test)
        elif name[0] in letters:
            faults.append((path, line, f'{name} is not in {CHECKLIST}'))
    return outputs, items, faults


def proof(item):
    """What stands below an item: one line a test, so that changes of several hands merge."""
    if item.not_applicable:
        return [f'- not applicable: {item.not_applicable}']
    return [f'- `{test}`' for test in item.tests] or ['- no test yet']


def page(groups):
    """The text of a COVERAGE.md."""
    every = [i for _, items in groups for i in items]
    out = ['# What is proven, and by which test', '',
           f'Made by `tests/lint/coverage.py --write` from `{CHECKLIST}` and from the comments',
           'above the tests. Left of the arrow is what happens, right of it what must be seen.']
    missing = [i.name for i in every if not i.tests and not i.not_applicable]
    if missing:
        out += ['', 'No test yet: ' + ', '.join(missing) + '.']
    for title, items in groups:
        out += ['', f'## {title}']
        for i in items:
            source = f', RFC {i.where}' if i.where else ''
            out += ['', f'**{i.name}** ({STRENGTH[i.strength]}{source}): {i.text}', ''] + proof(i)
    return '\n'.join(out) + '\n'


def check(tree):
    outputs, items, faults = collect(tree)
    yield from faults
    uncovered = read_uncovered(tree)
    for item in items.values():
        if item.tests and item.not_applicable:
            yield CHECKLIST, item.line, f'{item.name} is not applicable, yet {item.tests[0]} names it'
        elif not item.tests and not item.not_applicable and item.name not in uncovered:
            yield CHECKLIST, item.line, (f'no test names {item.name}: write one with /* {item.name} */ '
                                         'right above it')
    for name, line in uncovered.items():
        if name not in items or items[name].tests or items[name].not_applicable:
            yield UNCOVERED, line, f'{name} is proven: tests/lint/coverage.py --write takes it out'
    for path, groups in outputs.items():
        if not (tree.root / path).exists() or tree.read(path) != page(groups):
            yield path, 1, 'is out of date: run tests/lint/coverage.py --write'


def write(tree):
    """Bring everything that is made from the checklist up to date."""
    outputs, items, _ = collect(tree)
    for path, groups in outputs.items():
        (tree.root / path).write_text(page(groups), encoding='utf-8')
    done = {line for name, line in read_uncovered(tree).items()
            if name not in items or items[name].tests or items[name].not_applicable}
    if done:
        left = [text for line, text in tree.lines(UNCOVERED) if line not in done]
        (tree.root / UNCOVERED).write_text('\n'.join(left) + '\n', encoding='utf-8')


def prepare(tree):
    """Of the two pages one is up to date."""
    outputs, _, _ = collect(tree)
    (tree.root / 'tests/ip/COVERAGE.md').write_text(page(outputs['tests/ip/COVERAGE.md']))
    return {('tests/tcp/COVERAGE.md', 1)}


BAD = {
    CHECKLIST: '# head\ntests/ip/COVERAGE.md\nB Input (RFC 791)\nB01 M 791 §3.1 | one → two\n'
               'B02 S 791 | three → four | not applicable: we have none\n'
               'B03 M | WRONG: nobody tests this\nB04 M | to come\n'
               'B05 S | five | not applicable: WRONG: it has a test\n'
               'tests/tcp/COVERAGE.md\nF Segments\nF01 N | six → seven\nF02 N 793 | eight\n'
               'F02 N 793 | WRONG: twice\nF3 WRONG\n',
    UNCOVERED: '# head\nB04 is being built\nB01 WRONG: it is there\n',
    'tests/ip/test_in.c': '/* B01 */\nTest(in, one)\n{\n\t/* B03: inside */\n}\n'
                          '/* B01, F01: also\n * so */\nTest(in, two, .init = f)\n'
                          '/* B05 */\nParameterizedTest(const struct row *r, in, three)\n'
                          '/* B09: WRONG, there is none */\nTest(in, four)\n'
                          '/* C09: of a group that is not listed */\nTest(in, five)\n',
    'tests/interop/run.sh': '# F02\ncheck\n',
    'tests/tcp/COVERAGE.md': 'of yesterday\n',
}

if sys.argv[1:] == ['--write']:
    write(lint.Tree(lint.ROOT))
else:
    lint.main(check, BAD, prepare=prepare)
