#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws what bench-cwnd measured, a row per congestion control: plot.py FILE.csv >FILE.svg"""
import csv
import math
import statistics
import sys

WIDTH, HEIGHT = 620, 260            # of one picture
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 30, 36
SEGMENT = 1448                      # octets
COLOURS = {'cwnd': '#1f5fa8', 'flight': '#e08a1e', 'ssthresh': '#9a9a9a', 'rtt': '#7a3fa0',
           'goodput': '#2a8c4a', 'pacing': '#c23b3b'}


def nice_step(top):
    """A round number of which about five make up top."""
    raw = top / 5
    power = 10 ** math.floor(math.log10(raw))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= raw)


class Picture:
    """One diagram: its lines, axes and legend as SVG elements."""

    def __init__(self, x, y, title, x_top, y_top):
        self.x, self.y, self.x_top, self.y_top = x, y, x_top, y_top
        self.legend_x = x + WIDTH - RIGHT
        self.out = []
        self.text(x + LEFT, y + 18, title, weight='bold')
        self.axes()

    def at(self, x, y):
        inner_w, inner_h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return (self.x + LEFT + inner_w * x / self.x_top,
                self.y + TOP + inner_h * (1 - min(y, self.y_top) / self.y_top))

    def text(self, x, y, text, anchor='start', colour='#333', weight='normal'):
        self.out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
                        f'font-weight="{weight}">{text}</text>')

    def segment(self, a, b, colour, dash=''):
        self.out.append(f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" '
                        f'stroke="{colour}"{dash}/>')

    def axes(self):
        step = nice_step(self.y_top)
        for i in range(int(self.y_top / step) + 1):
            left, right = self.at(0, i * step), self.at(self.x_top, i * step)
            self.segment(left, right, '#e4e4e4')
            self.text(left[0] - 6, left[1] + 4, f'{i * step:g}', 'end')
        step = nice_step(self.x_top)
        for i in range(int(self.x_top / step) + 1):
            foot = self.at(i * step, 0)
            self.text(foot[0], foot[1] + 16, f'{i * step:g}', 'middle')
        foot = self.at(self.x_top, 0)
        self.text(foot[0], foot[1] + 30, 's', 'end')

    def legend(self, name, colour):
        self.text(self.legend_x, self.y + 18, name, 'end', colour)
        self.legend_x -= 9 * len(name) + 6

    def line(self, name, points):
        colour = COLOURS[name]
        path = ' '.join('%.1f,%.1f' % self.at(x, y) for x, y in points)
        self.out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" '
                        'stroke-width="1.2"/>')
        self.legend(name, colour)

    def level(self, y, label):
        left, right = self.at(0, y), self.at(self.x_top, y)
        self.segment(left, right, '#666', ' stroke-dasharray="5,4"')
        self.text(right[0] - 4, right[1] - 4, label, 'end', '#666')


def read(path):
    """{algorithm: rows of numbers by column}, in the file's order."""
    found = {}
    with open(path, newline='') as file:
        for row in csv.DictReader(file):
            name = row.pop('algorithm')
            found.setdefault(name, []).append({key: float(text) for key, text in row.items()})
    return found


def smoothed(rows, column, width=10):
    """Means of so many rows in a line: goodput jumps with each acknowledgement."""
    for i in range(0, len(rows) - width + 1, width):
        part = rows[i:i + width]
        yield part[-1]['s'], sum(row[column] for row in part) / width


def draw(name, rows, y, tops):
    """The two diagrams of one algorithm."""
    seconds = rows[-1]['s']
    last = rows[-1]
    window = Picture(0, y, f'{name}: segments ({last["retransmits"]:.0f} sent again, '
                     f'{last["timeouts"]:.0f} time-outs)', seconds, tops['window'])
    for column in ('ssthresh', 'flight', 'cwnd'):
        window.line(column, [(row['s'], row[column] / SEGMENT) for row in rows])
    window.level(last['wire'] / SEGMENT, 'wire full')
    window.level(last['full'] / SEGMENT, 'queue full')
    rtt = Picture(WIDTH, y, f'{name}: round trip, ms', seconds, tops['rtt'])
    rtt.line('rtt', [(row['s'], row['rtt']) for row in rows])
    rate = Picture(2 * WIDTH, y, f'{name}: Mbit/s', seconds, tops['rate'])
    if any(row['pacing'] for row in rows):
        rate.line('pacing', [(row['s'], row['pacing']) for row in rows])
    rate.line('goodput', list(smoothed(rows, 'goodput')))
    return window.out + rtt.out + rate.out


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: plot.py FILE.csv >FILE.svg')
    found = read(sys.argv[1])
    rows = [row for part in found.values() for row in part]
    tops = {'window': max(row['full'] for row in rows) / SEGMENT * 1.5,
            'rtt': max(row['rtt'] for row in rows) * 1.1,
            'rate': 2 * statistics.median(row['goodput'] for row in rows)}
    width, height = 3 * WIDTH, HEIGHT * len(found)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
          'font-family="sans-serif" font-size="12">')
    print(f'<rect width="{width}" height="{height}" fill="white"/>')
    for i, (name, part) in enumerate(found.items()):
        print('\n'.join(draw(name, part, i * HEIGHT, tops)))
    print('</svg>')


main()
