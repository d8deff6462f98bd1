# SPDX-License-Identifier: BSD-3-Clause
"""Results: values of a scenario in one mode of the machine, their median and spread; table, JSON, CSV."""
import csv
import json
import statistics

from job import WAIT_LIMIT


def row_of(name, unit, samples, is_less_better=False, curve=()):
    """
    @samples  a list of {'value', 'mode', 'waited', 'probes', 'details'}
    @return   a row for each mode that the machine was in: they are not compared with each other
    """
    rows = []
    for mode in sorted({s['mode'] for s in samples}):
        these = [s for s in samples if s['mode'] == mode]
        values = [s['value'] for s in these]
        middle = sorted(these, key=lambda s: s['value'])[(len(these) - 1) // 2]
        rows.append({
            'name': name, 'unit': unit, 'mode': mode, 'is_less_better': is_less_better, 'curve': list(curve),
            'values': values, 'median': statistics.median(values), 'min': min(values), 'max': max(values),
            'probes_ns': [s['probes'] for s in these],
            'waited': round(max(s['waited'] for s in these), 4),
            'is_marked': any(s['waited'] > WAIT_LIMIT for s in these) or mode == 'mixed',
            'latency_ns': middle['details'].get('latency_ns', {}),
            'more': {k: middle['details'][k] for k in ('again_percent', 'failed', 'lost', 'rss')
                     if k in middle['details']},
        })
    return rows


def number(n):
    """Three digits at least, and a factor from 10,000 on."""
    for factor, sign in ((1e6, 'M'), (1e3, 'k')):
        if abs(n) >= factor and abs(n) >= 10000:
            return f'{n / factor:.3g}{sign}' if abs(n) < 1000 * factor else f'{n / factor:.0f}{sign}'
    return f'{n:.3g}' if abs(n) < 100 else f'{n:.0f}'


def mark_of(row):
    marks = []
    if row['mode'] == 'mixed':
        marks.append('mode changed')
    if row['waited'] > WAIT_LIMIT:
        marks.append(f'waited {row["waited"]:.0%}')
    return ', '.join(marks)


def line(row):
    again = row['more'].get('again_percent')
    return (f'{row["name"]:58} {number(row["median"]):>7} {row["unit"]:14} '
            f'({number(row["min"])}-{number(row["max"])}) {row["mode"]:5} {mark_of(row)}'
            + (f'afterwards {again:.0f} %' if again is not None else '')).rstrip()


def save(result, folder):
    (folder / 'result.json').write_text(json.dumps(result, indent=1) + '\n')
    with open(folder / 'result.csv', 'w', newline='') as file:
        out = csv.writer(file)
        out.writerow(['name', 'unit', 'mode', 'median', 'min', 'max', 'runs', 'p50_ns', 'p99_ns', 'waited', 'marked'])
        for row in result['rows']:
            out.writerow([row['name'], row['unit'], row['mode'], row['median'], row['min'], row['max'],
                          len(row['values']), row['latency_ns'].get('p50', ''), row['latency_ns'].get('p99', ''),
                          row['waited'], int(row['is_marked'])])
    (folder / 'result.txt').write_text('\n'.join(line(row) for row in result['rows']) + '\n')


def load(path):
    result = json.loads(path.read_text())
    if 'rows' not in result:
        raise ValueError(f'{path} is no result of bench/run: it has no rows')
    return result
