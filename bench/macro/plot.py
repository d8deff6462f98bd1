#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""plot.py RESULT.json FOLDER: draws what is in a result of bench/run as SVG, one file a question."""
import json
import pathlib
import sys

try:
    import matplotlib
except ImportError:
    sys.exit('Matplotlib is missing: apt-get install python3-matplotlib')
matplotlib.use('svg')
from matplotlib import pyplot  # noqa: E402

# plot of Scenario.curve: title, x, y, logarithmic x
CURVES = {
    'connections': ('Ping-pong of 64 B by connections', 'connections', 'requests/s', True),
    'size': ('Ping-pong by size', 'octets', 'requests/s', True),
    'cost': ('A turn: receive, echo, send', 'octets', 'ns', False),
    'held': ('Requests on 128 of many open connections', 'open connections', 'requests/s', True),
    'memory': ('Memory of an idle connection', 'open connections', 'octets', True),
    'cores': ('Speed by cores', 'threads', 'requests/s', False),
}


def save(folder, name):
    path = folder / f'{name}.svg'
    pyplot.tight_layout()
    pyplot.savefig(path)
    pyplot.close()
    return path.name


def curves(rows, folder):
    for plot, (title, x, y, is_log) in CURVES.items():
        lines = {}
        for row in rows:
            if row['curve'] and row['curve'][0] == plot:
                label = ', '.join(filter(None, (row['curve'][1], row['mode'])))
                lines.setdefault(label, []).append((row['curve'][2], row['median'], row['min'], row['max']))
        if not lines:
            continue
        pyplot.figure(figsize=(6, 4))
        for label, points in lines.items():
            at, middle, low, high = zip(*sorted(points))
            pyplot.errorbar(at, middle, [[m - n for m, n in zip(middle, low)], [n - m for m, n in zip(middle, high)]],
                            marker='o', capsize=3, label=label)
        pyplot.title(title)
        pyplot.xlabel(x)
        pyplot.ylabel(y)
        if is_log:
            pyplot.xscale('log')
        pyplot.ylim(bottom=0)
        pyplot.grid(True, alpha=0.3)
        pyplot.legend()
        yield save(folder, plot)


def latencies(rows, folder):
    """Times by percentile, as far to the right as the nines go."""
    drawn = False
    pyplot.figure(figsize=(7, 4))
    for row in rows:
        if not row['name'].startswith('ping-pong 64 B') or 'one thread' in row['name']:
            continue
        points = sorted((float(name[1:]), ns / 1000) for name, ns in row['latency_ns'].items()
                        if name.startswith('p') and ns > 0)
        if len(points) > 3:
            pyplot.plot([1 / (1 - p / 100) for p, _ in points], [us for _, us in points], marker='.',
                        label=f'{row["name"]} {row["mode"]}')
            drawn = True
    if drawn:
        pyplot.xscale('log')
        pyplot.yscale('log')
        pyplot.xticks([1.01, 2, 10, 100, 1000, 10000, 100000], ['', '50', '90', '99', '99.9', '99.99', '99.999'])
        pyplot.title('Latency')
        pyplot.xlabel('percentile')
        pyplot.ylabel('us')
        pyplot.grid(True, alpha=0.3)
        pyplot.legend(fontsize='small')
        yield save(folder, 'latency')
    else:
        pyplot.close()


def bars(rows, folder):
    """Servers side by side, asked by wrk."""
    found = [row for row in rows if row['curve'] and row['curve'][0] == 'wrk']
    if not found:
        return
    pyplot.figure(figsize=(7, 0.5 * len(found) + 1.5))
    labels = [' '.join(filter(None, (row['curve'][2], f'({row["curve"][1]})', row['mode']))) for row in found]
    pyplot.barh(labels, [row['median'] for row in found],
                xerr=[[row['median'] - row['min'] for row in found], [row['max'] - row['median'] for row in found]], capsize=3)
    pyplot.gca().invert_yaxis()
    pyplot.title('wrk, 64 connections')
    pyplot.xlabel('requests/s')
    yield save(folder, 'servers')


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: plot.py RESULT.json FOLDER')
    rows = json.loads(pathlib.Path(sys.argv[1]).read_text())['rows']
    folder = pathlib.Path(sys.argv[2])
    names = [*curves(rows, folder), *latencies(rows, folder), *bars(rows, folder)]
    print(f'plots: {" ".join(names)}' if names else 'plots: nothing to draw')


main()
